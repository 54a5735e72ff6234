/** What a launch file is made from. */
import type { RunConfig } from '../../experiment/index.ts'

export interface LaunchPlan {
  readonly config: RunConfig
  /** Arguments of `multigrain train` that give this configuration, data and name. */
  readonly args: readonly string[]
  readonly name: string
  readonly ranks: number
  readonly nodes: number
  /** One GPU for each rank. */
  readonly gpus: boolean
  /** Folder of this program. */
  readonly root: string
  readonly port: number
}

/** A word for a POSIX shell that means nothing but itself. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}
