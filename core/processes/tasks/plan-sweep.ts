/** What a sweep would train, each run checked. */
import { sweepConfigs } from '../../experiment/index.ts'
import type { Task } from '../protocol.ts'

/** Settings that are shown. */
const shown = 200

export const planSweep: Task<'plan-sweep'> = {
  name: 'plan-sweep',
  run: async ({ config, sweep }) => {
    const { total, settings, issues, configs } = sweepConfigs(config, sweep)
    const shownSettings = settings.slice(0, shown).map(setting => [...setting])
    return {
      ...{ total, runs: settings.length, settings: shownSettings, issues: [...issues] },
      configs: issues.length === 0 ? configs : [],
    }
  },
}
