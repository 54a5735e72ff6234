/** Folders that go when their work is done, or with the process, however it ends short of SIGKILL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()

/** Runs some work in a folder of its own. */
export async function withScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  if (folders.size === 0) watch()
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-bench-'))
  folders.add(folder)
  try {
    return await work(folder)
  } finally {
    folders.delete(folder)
    rmSync(folder, { recursive: true, force: true })
  }
}

let isWatched = false

function watch(): void {
  if (isWatched) return
  isWatched = true
  process.once('exit', () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  // As a shell counts them.
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}
