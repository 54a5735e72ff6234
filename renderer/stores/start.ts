/** Connects every store to the host: first fetch, pushes, and all again after a lost connection. */
import { said } from '../language/said.ts'
import { workbench } from '../workbench.ts'
import { useAlertsStore } from './alerts.ts'
import { useCatalogStore } from './catalog.ts'
import { useConnectionStore } from './connection.ts'
import { useDatasetsStore } from './datasets.ts'
import { useRunsStore } from './runs.ts'
import { useSettingsStore } from './settings.ts'
import { useSystemStore } from './system.ts'
import { useToastsStore } from './toasts.ts'

export async function startStores(): Promise<void> {
  const settings = useSettingsStore()
  const listening = [useDatasetsStore(), useRunsStore(), useAlertsStore(), settings]
  for (const store of listening) store.listen()
  const toasts = useToastsStore()
  workbench().system.onNotice(notice => toasts.show(notice.level, said(notice.message)))
  const load = async (): Promise<void> => {
    const stores = [...listening, useSystemStore(), useCatalogStore()]
    const results = await Promise.allSettled(stores.map(store => store.load()))
    for (const result of results) {
      if (result.status === 'rejected') toasts.show('error', messageOf(result.reason))
    }
  }
  useConnectionStore().onReconnect(() => void load())
  await load()
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
