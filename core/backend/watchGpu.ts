/** Load, memory, temperature and power of one GPU, as NVIDIA's driver tells them again and again. */
import { spawn } from 'node:child_process'

const fields = 'utilization.gpu,memory.used,temperature.gpu,power.draw'

/**
 * Runs `nvidia-smi` beside this process until it is stopped, or its pipe breaks as this process ends.
 * @param device as libtorch names it: `cuda:1`
 * @returns what stops it. Where there is no such program nothing is told.
 */
export function watchGpu(
  device: string,
  everyMs: number,
  onFigures: (figures: Readonly<Record<string, number>>) => void,
): () => void {
  const args = [`--id=${driverId(device)}`, `--query-gpu=${fields}`, '--format=csv,noheader,nounits']
  const child = spawn('nvidia-smi', [...args, `--loop-ms=${everyMs}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  child.on('error', () => {})
  child.unref()
  let held = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (held + text).split('\n')
    held = lines.pop() ?? ''
    const figures = lines.map(gpuFigures).findLast(each => Object.keys(each).length > 0)
    if (figures) onFigures(figures)
  })
  // A pipe that is read would keep the process alive.
  ;(child.stdout as unknown as { unref?: () => void }).unref?.()
  const stop = (): void => void child.kill()
  process.once('exit', stop)
  return stop
}

/** @param line `37, 5120, 61, 182.33`; what a card does not tell reads `[N/A]` and is left out. */
export function gpuFigures(line: string): Readonly<Record<string, number>> {
  const [percent, mebibytes, celsius, watts] = line
    .split(',')
    .map(part => (part.trim() === '' ? NaN : Number(part)))
  const found = {
    'system/gpuShare': Number(percent) / 100,
    'system/gpuMemoryBytes': Number(mebibytes) * 2 ** 20,
    'system/gpuCelsius': Number(celsius),
    'system/gpuWatts': Number(watts),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => Number.isFinite(value)))
}

/** CUDA counts the devices that a process may see; the driver counts all, or takes an identifier. */
export function driverId(device: string, visible = process.env['CUDA_VISIBLE_DEVICES']): string {
  const index = Number(device.split(':')[1] ?? 0)
  return visible?.split(',')[index]?.trim() || String(index)
}
