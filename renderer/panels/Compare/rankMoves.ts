/** Where the images of one ranked list stand in another. */

export interface RankMove {
  /** From 1. */
  readonly rank: number
  /** In the other list; null where it is not among what that list shows. */
  readonly other: number | null
  /** Places it rose from the other list to this one; null where it was not there. */
  readonly rise: number | null
}

/** @param own, other names of images, best first. */
export function rankMoves(own: readonly string[], other: readonly string[]): RankMove[] {
  const places = new Map(other.map((name, at) => [name, at + 1]))
  return own.map((name, at) => {
    const before = places.get(name) ?? null
    return { rank: at + 1, other: before, rise: before === null ? null : before - (at + 1) }
  })
}

/** Share of the first k that both lists have. */
export function overlap(one: readonly string[], other: readonly string[], k: number): number {
  const first = new Set(one.slice(0, k))
  const most = Math.min(k, Math.max(one.length, other.length))
  return most === 0 ? 0 : other.slice(0, k).filter(name => first.has(name)).length / most
}
