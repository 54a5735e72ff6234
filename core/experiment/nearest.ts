/** Which known name a mistyped one was probably meant to be. */

/**
 * @param name what was written.
 * @param known the names that exist.
 * @returns the nearest known name within a third of its length in edits, or null.
 */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = plain(name)
  let best: string | null = null
  let bestDistance = Infinity
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    const limit = Math.max(1, Math.floor(candidate.length / 3))
    if (distance <= limit && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` Did you mean 'x'?` or nothing, followed by the known names. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const hint = nearest === null ? '' : ` Did you mean '${nearest}'?`
  return `${hint} Known: ${known.length === 0 ? '(none)' : known.join(', ')}`
}

/** `batch_size`, `batch-size` and `batchSize` are the same to a reader. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}

/** Levenshtein's distance with adjacent transpositions counted as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + cost,
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? Infinity
}
