/** What NVIDIA's driver says of its GPUs. */
import { execFile } from 'node:child_process'

/** An NVIDIA GPU as its driver names it. */
export interface NvidiaGpu {
  readonly name: string
  /** 8.9 is Ada, 9.0 is Hopper. */
  readonly computeCapability: number
}

/** The first GPU that the driver lists. */
export function nvidiaGpu(): Promise<NvidiaGpu | null> {
  const query = ['--query-gpu=name,compute_cap', '--format=csv,noheader']
  return new Promise(resolve => {
    execFile('nvidia-smi', query, { timeout: 10_000 }, (error, stdout) => {
      const [name = '', capability = ''] = stdout
        .split('\n')[0]!
        .split(',')
        .map(part => part.trim())
      resolve(error !== null || name === '' ? null : { name, computeCapability: Number(capability) })
    })
  })
}
