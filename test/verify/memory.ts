/** Memory of a device while a network trains, and after more was asked for than there is. */
import { withScratch } from '../bench/scratch.ts'
import { openOurs } from '../bench/side.ts'
import { writeSetting } from '../bench/stepSetting.ts'
import type { Place } from './checks.ts'

interface Figures {
  readonly tensors: number
  readonly heldBytes: number
  readonly usedBytes: number
}

/** Of what is used after the first steps: fragments of the allocator. */
const growthTolerance = 0.03

export function checkMemory({ device, setting, steps }: Place): Promise<string> {
  const ours = openOurs('oursSteps.ts')
  return withScratch(async folder => {
    writeSetting(folder, setting)
    await ours.ask('prepare', { folder, mode: 'train', backend: 'torch', device, precision: 'bf16' })
    const measure = async (): Promise<Figures> => {
      await ours.ask('step', { count: steps })
      return ours.ask<Figures>('memory')
    }
    const before = await measure()
    const after = await measure()
    if (after.tensors !== before.tensors || after.heldBytes !== before.heldBytes)
      throw new Error(
        `tensors: ${before.tensors} (${before.heldBytes} bytes) before, ${after.tensors} (${after.heldBytes} bytes) after ${steps} steps`,
      )
    const limit = before.usedBytes * (1 + growthTolerance)
    if (after.usedBytes > limit)
      throw new Error(
        `the device holds ${after.usedBytes} bytes after ${steps} steps, ${before.usedBytes} before`,
      )
    const code = await ours.ask<string>('exhaust')
    if (code !== 'out-of-memory')
      throw new Error(`asking for too much memory: expected the code out-of-memory, got '${code}'`)
    const { loss } = await ours.ask<{ loss: number }>('step', { count: 1 })
    if (!Number.isFinite(loss)) throw new Error(`the step after it has the loss ${loss}`)
    return `${(after.usedBytes / 1e9).toFixed(2)} GB used, flat over ${steps} steps; training goes on after too much was asked for`
  }).finally(() => ours.close())
}
