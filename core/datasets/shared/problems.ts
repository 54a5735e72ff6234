/** Gathers what a scan finds wrong, without end to the counting but with one to the list. */
import type { Problem } from './reader.ts'
import { shownName } from './fileName.ts'

/** Problems listed one by one; the rest is one line. */
const mostListed = 10_000

export class Problems {
  readonly #listed: Problem[] = []
  #more = 0

  /** @param file path below the root, as bytes or as text to show */
  add(file: Uint8Array | string, problem: string): void {
    if (this.#listed.length >= mostListed) this.#more++
    else this.#listed.push({ file: typeof file === 'string' ? file : shownName(file), problem })
  }

  /** All of them, sorted by file. */
  list(): Problem[] {
    const sorted = this.#listed.toSorted((one, other) =>
      one.file < other.file ? -1 : one.file > other.file ? 1 : 0,
    )
    return this.#more === 0 ? sorted : [...sorted, { file: '', problem: `and ${this.#more} more` }]
  }
}
