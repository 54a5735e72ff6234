/** Small files by key, within a size: the least recently written go first. Losing any of it is harmless. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export class FileCache {
  private readonly folder: string
  private readonly mostBytes: number
  private sizeBytes: number | null = null
  private isTrimming = false

  /** @param mostBytes size of all files together, beyond which the oldest half goes. */
  constructor(folder: string, mostBytes: number) {
    this.folder = folder
    this.mostBytes = mostBytes
  }

  /** @param key letters and digits. */
  async read(key: string): Promise<Uint8Array | null> {
    return readFile(this.pathOf(key)).catch(() => null)
  }

  /** A full disk only means that it is not kept. */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(key)
    try {
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(`${path}.part`, bytes)
      await rename(`${path}.part`, path)
    } catch {
      await rm(`${path}.part`, { force: true }).catch(() => {})
      return
    }
    this.sizeBytes = (this.sizeBytes ?? (await this.measure())) + bytes.length
    if (this.sizeBytes > this.mostBytes) await this.trim()
  }

  private pathOf(key: string): string {
    return join(this.folder, key.slice(0, 2), key)
  }

  private async measure(): Promise<number> {
    return (await this.files()).reduce((sum, file) => sum + file.size, 0)
  }

  private async trim(): Promise<void> {
    if (this.isTrimming) return
    this.isTrimming = true
    const files = (await this.files()).sort((a, b) => a.mtimeMs - b.mtimeMs)
    let left = files.reduce((sum, file) => sum + file.size, 0)
    for (const file of files) {
      if (left <= this.mostBytes / 2) break
      await rm(file.path, { force: true })
      left -= file.size
    }
    this.sizeBytes = left
    this.isTrimming = false
  }

  private async files(): Promise<{ path: string; size: number; mtimeMs: number }[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    const found = await Promise.all(
      paths.map(async path => ({ path, info: await stat(path).catch(() => null) })),
    )
    return found.flatMap(({ path, info }) => (info ? [{ path, size: info.size, mtimeMs: info.mtimeMs }] : []))
  }
}
