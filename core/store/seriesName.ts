/** Names of series: `split/name`. */
import type { SeriesInfo } from '../contract/index.ts'

/** `train/loss` → its split and name; a name without a known split belongs to the system. */
export function splitName(fullName: string): { split: SeriesInfo['split']; name: string } {
  const [, split, name] = /^(train|val|system)\/(.+)$/.exec(fullName) ?? []
  return { split: (split as SeriesInfo['split'] | undefined) ?? 'system', name: name ?? fullName }
}
