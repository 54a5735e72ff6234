/** The user's settings. */
import type { Handlers, Settings, WorkbenchContract } from '../contract/index.ts'
import { Settings as SettingsSchema } from '../contract/settings.ts'
import type { Store } from '../store/index.ts'
import type { Workbench } from './ports.ts'

/** The stored settings; values of another version that no longer fit give way to the defaults. */
export function readSettings(store: Store): Settings {
  const stored = SettingsSchema.safeParse(store.settings.get('settings') ?? {})
  return stored.success ? stored.data : SettingsSchema.parse({})
}

export function settingHandlers({
  store,
  supervisor,
  emit,
}: Workbench): Handlers<WorkbenchContract>['settings'] {
  return {
    get: () => readSettings(store),
    set(change) {
      const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      const settings = SettingsSchema.parse({ ...readSettings(store), ...named })
      store.settings.set('settings', settings)
      emit.settings.onChanged(settings)
      if (change.concurrentRuns !== undefined) supervisor.startQueued()
      return settings
    },
  }
}
