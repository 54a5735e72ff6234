/** The watchdog's thread: waits to be armed, or for the parent process to be gone, and kills the process after the limit. */
import { parentPort, workerData } from 'node:worker_threads'
import type { ToWatchdog, WatchdogOptions } from './watchdog.ts'

const { limitMs, askParentMs } = workerData as WatchdogOptions
const parent = process.ppid
let isArmed = false

parentPort!.on('message', (_message: ToWatchdog) => arm())
setInterval(() => {
  if (!isAlive()) arm()
}, askParentMs)

function arm(): void {
  if (isArmed) return
  isArmed = true
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), limitMs)
}

/** Who outlives its parent gets another one, but not on Windows. */
function isAlive(): boolean {
  if (process.ppid !== parent) return false
  try {
    process.kill(parent, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
