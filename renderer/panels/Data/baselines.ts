/** How often it is right to name the same class always: what a network must surpass. */

export interface Baseline {
  readonly split: string
  /** Class named most. */
  readonly label: number
  readonly share: number
}

/** One for each split with images, by the largest class of that split alone. */
export function baselines(
  classCounts: readonly { readonly split: string; readonly counts: readonly number[] }[],
): Baseline[] {
  return classCounts.flatMap(({ split, counts }) => {
    const all = counts.reduce((sum, each) => sum + each, 0)
    if (all === 0) return []
    const largest = counts.reduce((best, each, label) => (each > counts[best]! ? label : best), 0)
    return [{ split, label: largest, share: counts[largest]! / all }]
  })
}
