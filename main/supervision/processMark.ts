/** Tells a process apart from a later one with the same id, so that no stranger is waited for or killed. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { ProcessMark } from '../../core/store/index.ts'

export function markOf(pid: number): ProcessMark {
  return { pid, started: startOf(pid) }
}

/** Whether the very process of a mark still runs. */
export function isAlive(mark: ProcessMark): boolean {
  // Signals to 0 and below reach whole groups of processes, and always find some.
  if (!(mark.pid > 0)) return false
  try {
    process.kill(mark.pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM' && sameStart(mark)
  }
  return sameStart(mark) && !isZombie(mark.pid)
}

/** Resolves when the process has ended. */
export async function ended(mark: ProcessMark, pollMs = 250): Promise<void> {
  while (isAlive(mark)) await new Promise(resolve => setTimeout(resolve, pollMs).unref())
}

function sameStart(mark: ProcessMark): boolean {
  return mark.started === '' || mark.started === startOf(mark.pid)
}

/** When a process started, in the system's own words; empty when that cannot be known. */
function startOf(pid: number): string {
  try {
    if (process.platform === 'linux') return statFields(pid)[19] ?? ''
    if (process.platform === 'darwin') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    }
  } catch {
    // It has ended.
  }
  return ''
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return statFields(pid)[0] === 'Z'
  } catch {
    return false
  }
}

/** Fields of /proc/PID/stat from the state on; the name before it may hold spaces and brackets. */
function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
