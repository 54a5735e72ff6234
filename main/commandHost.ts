/** The host of a command: for as long as the command takes, others of this machine may speak to it while it trains. */
import { createHost, type Host, type HostOptions } from './host.ts'
import { endOnDefects } from './lastResort.ts'
import { serveLoopback } from './loopback.ts'

export interface CommandHostOptions extends Pick<HostOptions, 'dataFolder' | 'withSample'> {
  /** Serve the interface and other commands, on a free port of the loopback. */
  readonly listens: boolean
}

/** @throws AppError as `createHost` does; a port that cannot be had is no failure. */
export async function createCommandHost({ listens, ...options }: CommandHostOptions): Promise<Host> {
  // Looking at the list of runs must not begin to train what an earlier host left in the queue.
  const host = await createHost({ ...options, shell: 'command-line', withQueue: false })
  endOnDefects(host)
  const loopback = listens ? await serveLoopback(host, { port: 0 }).catch(() => null) : null
  const close = async (): Promise<void> => {
    await loopback?.close()
    await host.close()
  }
  return { ...host, close }
}
