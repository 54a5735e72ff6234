/** What checkpoints lie in a run's folder: read back when a trainer was not heard to the end. Every byte is checked by a worker only. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { NewCheckpoint } from '../../core/store/index.ts'

const Manifest = z.object({
  files: z.array(z.object({ name: z.string().regex(/^[\w.-]+$/), size: z.number() })).min(1),
})
const State = z.object({ step: z.number(), epoch: z.number(), metrics: z.record(z.string(), z.number()) })

/** `step-00012345`, or the same set aside as damaged. */
const namePattern = /^(damaged-)?step-(\d{8,})(-\d+)?$/

/** A saved folder while another of the same name takes its place; see core/checkpoints/checkpointFolder.ts. */
const replacedPrefix = '.replaced-'

function nameOf(entry: string): string {
  return entry.startsWith(replacedPrefix) ? entry.slice(replacedPrefix.length) : entry
}

/** @param folder the run's `checkpoints` folder; it need not exist. */
export async function readCheckpoints(folder: string): Promise<NewCheckpoint[]> {
  const names = await readdir(folder).catch((): string[] => [])
  // One that was being replaced when the trainer died gets its name back at the next resume.
  const aside = names.filter(name => name.startsWith(replacedPrefix) && !names.includes(nameOf(name)))
  return Promise.all(
    names
      .filter(name => namePattern.test(nameOf(name)))
      .filter(name => !name.startsWith(replacedPrefix) || aside.includes(name))
      .map(async name => ({
        ...(await readCheckpoint(join(folder, name), nameOf(name))),
        path: join(folder, nameOf(name)),
      })),
  )
}

async function readCheckpoint(path: string, name: string): Promise<NewCheckpoint> {
  const [, damaged, digits] = namePattern.exec(name) ?? []
  const createdAt = (await stat(path).catch(() => null))?.mtimeMs ?? Date.now()
  const common = { name, path, createdAt, step: Number(digits), epoch: 0, sizeBytes: 0, metrics: {} }
  try {
    const manifest = Manifest.parse(await readJson(join(path, 'manifest.json')))
    const state = State.parse(await readJson(join(path, 'state.json')))
    const sizes = await Promise.all(
      manifest.files.map(async file => (await stat(join(path, file.name))).size),
    )
    const isWhole = manifest.files.every((file, index) => file.size === sizes[index])
    const sizeBytes = sizes.reduce((sum, size) => sum + size, 0)
    const { step, epoch, metrics } = state
    return {
      ...common,
      step,
      epoch,
      metrics,
      sizeBytes,
      status: isWhole && damaged === undefined ? 'valid' : 'damaged',
    }
  } catch {
    return { ...common, status: 'damaged' }
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
