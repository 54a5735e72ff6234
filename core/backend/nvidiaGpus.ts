/** GPUs with their memory, as NVIDIA's driver lists them; asking it takes no memory of theirs. */
import { execFile } from 'node:child_process'

export interface GpuMemory {
  /** As a configuration names it: `cuda:0`. */
  readonly name: string
  readonly title: string
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
}

const query = ['--query-gpu=index,name,memory.total,memory.free', '--format=csv,noheader,nounits']
const timeoutMs = 5000

/** None where there is no driver. */
export function nvidiaGpus(): Promise<GpuMemory[]> {
  return new Promise(resolve => {
    execFile('nvidia-smi', query, { timeout: timeoutMs }, (error, stdout) => {
      resolve(error === null ? parseGpus(stdout) : [])
    })
  })
}

/** @param listed lines of index, name, total and free memory in MiB, separated by commas */
export function parseGpus(listed: string): GpuMemory[] {
  return listed.split('\n').flatMap(line => {
    const parts = line.split(',').map(part => part.trim())
    const [index = '', title = '', total = '', free = ''] = parts
    if (!/^\d+$/.test(index) || !(Number(total) > 0)) return []
    const [memoryBytes, freeMemoryBytes] = [Number(total) * 2 ** 20, Number(free) * 2 ** 20]
    return [{ name: `cuda:${index}`, title, memoryBytes, freeMemoryBytes }]
  })
}
