/** What the rules about running training have found; told at once in the corner, and by the system where nobody looks. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Alert, AlertRule, RunSummary } from '../../core/contract/index.ts'
import { alertText } from '../format/alerts.ts'
import { t } from '../language/index.ts'
import { go } from '../route.ts'
import { workbench } from '../workbench.ts'
import { useSettingsStore } from './settings.ts'
import { tellSystem } from './systemNotice.ts'
import { useToastsStore } from './toasts.ts'

const listed = 100

export const useAlertsStore = defineStore('alerts', () => {
  const list = shallowRef<readonly Alert[]>([])
  const rules = shallowRef<readonly AlertRule[]>([])
  const unseen = computed(() => list.value.filter(alert => !alert.isSeen).length)
  const active = new Set<string>()

  const load = async (): Promise<void> => {
    const [found, set] = await Promise.all([
      workbench().alerts.list({ limit: listed }),
      workbench().alerts.rules({}),
    ])
    list.value = found
    rules.value = set
  }
  const show = ({ runId, step }: Alert): void => {
    go({ page: 'run', id: runId, query: { step: String(step) } })
  }
  const markSeen = async (): Promise<void> => {
    if (unseen.value === 0) return
    list.value = list.value.map(alert => ({ ...alert, isSeen: true }))
    await workbench().alerts.markSeen({})
  }
  const arrived = (alert: Alert): void => {
    list.value = [alert, ...list.value].slice(0, listed)
    const text = `${alert.runName}: ${alertText(alert)}`
    useToastsStore().show('warning', text, { label: t('Show'), run: () => show(alert) })
    if (useSettingsStore().settings.notifications !== 'none')
      tellSystem(alert.runName, alertText(alert), () => show(alert))
  }
  /** The end of a run is told where nobody looks; whoever looks sees it. */
  const changed = (run: RunSummary): void => {
    if (['starting', 'running', 'pausing', 'stopping'].includes(run.status)) active.add(run.id)
    else if (active.delete(run.id) && isTold(run)) {
      const open = (): void => go({ page: 'run', id: run.id })
      tellSystem(run.name, run.error?.message ?? t(run.status), open)
    }
  }
  const isTold = ({ status }: RunSummary): boolean => {
    const { notifications } = useSettingsStore().settings
    return (
      notifications === 'all' || (notifications === 'failures' && ['failed', 'interrupted'].includes(status))
    )
  }
  const listen = (): void => {
    workbench().alerts.onAlert(arrived)
    workbench().alerts.onRulesChanged(() => void load())
    workbench().runs.onChanged(changed)
  }
  return { list, rules, unseen, load, listen, markSeen, show }
})
