/** The file by which other processes of the same user find a running host: its address and token. */
import { chmodSync, closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { z } from 'zod'

const HostFile = z.object({
  pid: z.int(),
  startedAt: z.number(),
  /** `http://127.0.0.1:6460`; null while the host listens nowhere. */
  address: z.string().nullable(),
  token: z.string().nullable(),
})
export type HostFile = z.output<typeof HostFile>

/** Written under another name first and readable by its user alone from the first byte on. */
export function writeHostFile(path: string, content: HostFile): void {
  const temporary = `${path}.${process.pid}`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, JSON.stringify(content))
  } finally {
    closeSync(file)
  }
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
}

/** Null when there is none or it makes no sense. */
export function readHostFile(path: string): HostFile | null {
  try {
    return HostFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

export function removeHostFile(path: string): void {
  rmSync(path, { force: true })
}
