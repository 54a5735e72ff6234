/** Counts images that cannot be used, and says when they are too many. */
import { AppError } from '../errors/index.ts'

export interface BadImage {
  readonly index: number
  readonly name: string
  readonly problem: string
}

/** How many are named in the message. */
const namedInMessage = 3
/** How many are listed in the details. */
const listed = 100

export class BadImages {
  /** Different bad images allowed. */
  readonly limit: number
  readonly #sampleCount: number
  readonly #maxFraction: number
  readonly #seen = new Map<number, BadImage>()

  /** @param maxFraction 0 to 1. Of fewer images than make it one, one may still be bad, unless it is 0. */
  constructor(sampleCount: number, maxFraction: number) {
    const allowed = Math.max(Math.floor(sampleCount * maxFraction), maxFraction > 0 ? 1 : 0)
    this.limit = Math.min(allowed, sampleCount - 1)
    this.#sampleCount = sampleCount
    this.#maxFraction = maxFraction
  }

  /** @returns the error once there are too many, else null */
  add(bad: readonly BadImage[]): AppError | null {
    for (const each of bad) this.#seen.set(each.index, each)
    return this.#seen.size > this.limit ? this.#tooMany() : null
  }

  #tooMany(): AppError {
    const all = [...this.#seen.values()]
    const named = all.slice(0, namedInMessage).map(({ name, problem }) => `${name} (${problem})`)
    const more = all.length > namedInMessage ? `, and ${all.length - namedInMessage} more` : ''
    const share = `${all.length} of ${this.#sampleCount} images (${percent(all.length / this.#sampleCount)})`
    const message =
      `Too many bad images: ${share} could not be used, data.maxBadFraction allows ${percent(this.#maxFraction)}. ` +
      `Repair or remove them, or raise data.maxBadFraction: ${named.join(', ')}${more}`
    const details = {
      field: 'data.maxBadFraction',
      value: this.#maxFraction,
      badCount: all.length,
      bad: all.slice(0, listed),
    }
    return new AppError('data-invalid', message, details)
  }
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`
}
