/** Settings of runs, each fetched once. */
import { shallowReactive, watch, type ComputedRef } from 'vue'
import type { Run } from '../../../core/contract/index.ts'
import { workbench } from '../../workbench.ts'

export function useConfigs(runIds: ComputedRef<readonly string[]>): ReadonlyMap<string, Run['config']> {
  const configs = shallowReactive(new Map<string, Run['config']>())
  const asked = new Set<string>()
  watch(
    runIds,
    ids => {
      for (const id of ids) {
        if (asked.has(id)) continue
        asked.add(id)
        workbench()
          .runs.get({ id })
          .then(run => configs.set(id, run.config))
          .catch(() => asked.delete(id))
      }
    },
    { immediate: true },
  )
  return configs
}
