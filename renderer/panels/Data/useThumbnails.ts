/**
 * Small pictures for the tiles in sight, many in one call. What has scrolled out of sight is not asked for any more, so that the
 * tiles one looks at never wait behind thousands that one has passed.
 */
import { onScopeDispose, ref, watch } from 'vue'
import type { SplitName } from '../../../core/contract/index.ts'
import { workbench } from '../../workbench.ts'

/** Pictures kept, the least recently seen go first: about 8 KB each. */
const mostKept = 3000
/** One that is under way holds up those wanted after a jump: no more than one, and a short one. */
const callsAtOnce = 1
/** Pictures of one call: as many as come back within about this time. */
const [wantedMs, least, most] = [45, 6, 96] as const
const retryMs = 1500

/** @param source whose pictures; another one forgets those of the last */
export function useThumbnails(source: () => { readonly id: string; readonly split: SplitName }) {
  /** Addresses by index; empty for an image that cannot be decoded. */
  const kept = new Map<number, string>()
  const asked = new Set<number>()
  const arrivals = ref(0)
  let wished: readonly number[] = []
  let calls = 0
  let atOnce = 16
  let age = 0
  let pausedUntil = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  const pump = (): void => {
    while (calls < callsAtOnce && performance.now() >= pausedUntil) {
      const next = wished.filter(index => !kept.has(index) && !asked.has(index)).slice(0, atOnce)
      if (next.length === 0) return
      void load(next)
    }
  }
  const load = async (indices: readonly number[]): Promise<void> => {
    calls++
    const [own, since] = [age, performance.now()]
    for (const index of indices) asked.add(index)
    try {
      const { images } = await workbench().datasets.thumbnails({ ...source(), indices: [...indices] })
      if (own !== age) return
      for (const { index, url } of images) kept.set(index, url ?? '')
      for (const index of kept.keys()) {
        if (kept.size <= mostKept) break
        kept.delete(index)
      }
      const pace = wantedMs / Math.max(1, performance.now() - since)
      const fits = Math.round(indices.length * Math.min(2, Math.max(0.5, pace)))
      if (pace < 1 || indices.length >= atOnce) atOnce = Math.min(most, Math.max(least, fits))
      arrivals.value++
    } catch {
      // The connection or the data set is away; the page says so elsewhere.
      pausedUntil = performance.now() + retryMs
      clearTimeout(retry)
      retry = setTimeout(pump, retryMs)
    } finally {
      calls--
      if (own === age) for (const index of indices) asked.delete(index)
      pump()
    }
  }
  /** @param indices those in sight first */
  const want = (indices: readonly number[]): void => {
    wished = indices
    for (const index of indices) {
      const url = kept.get(index)
      if (url === undefined) continue
      kept.delete(index)
      kept.set(index, url)
    }
    pump()
  }
  /** Undefined until it is here; empty where there is none. */
  const at = (index: number): string | undefined => {
    void arrivals.value
    return kept.get(index)
  }
  watch(
    () => JSON.stringify(source()),
    () => {
      age++
      kept.clear()
      asked.clear()
      wished = []
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => {
    age++
    wished = []
    clearTimeout(retry)
  })
  return { at, want }
}
