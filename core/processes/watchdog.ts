/**
 * Ends this process by force when it does not end by itself, even while its event loop is blocked or a call into the system does not
 * return, as on a disk that has stopped answering. `process.exit` waits for such calls; SIGKILL does not.
 */
import { Worker } from 'node:worker_threads'

export interface WatchdogOptions {
  /** Time from `arm`, or from when the parent process is found gone, to the end by force. */
  readonly limitMs: number
  /** How often it looks for the parent process. A process whose event loop is blocked does not hear of its end. */
  readonly askParentMs: number
}

/** Messages to the watchdog's thread. */
export type ToWatchdog = 'arm'

export interface Watchdog {
  /** Starts the limit; further calls change nothing. Ending the process in time is the only way out. */
  arm(): void
}

/** Starts the watchdog's thread, which does not keep the process alive. */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./watchdogThread.${extension}`, import.meta.url), {
    workerData: options,
    execArgv: [], // whatever the process was started with is not for the thread
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  })
  thread.unref()
  // Without it the process is only less well guarded.
  thread.on('error', error => console.error('The watchdog cannot run:', error))
  return { arm: () => thread.postMessage('arm' satisfies ToWatchdog) }
}
