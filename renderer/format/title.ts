/** The title of the window: progress first, so that it can be read on a narrow tab. */
import type { RunSummary } from '../../core/contract/index.ts'
import { t } from '../language/index.ts'

export const appName = 'Multigrain Workbench'

type Active = Pick<RunSummary, 'name' | 'step' | 'totalSteps'>

export function progressTitle(active: readonly Active[], queued: number): string {
  const first = active[0]
  if (!first) return queued > 0 ? `${t('{count} queued', { count: queued })} · ${appName}` : appName
  const progress = first.totalSteps > 0 ? `${Math.floor((first.step / first.totalSteps) * 100)} % · ` : ''
  const others = active.length > 1 ? ` (+${active.length - 1})` : ''
  return `${progress}${first.name}${others} · ${appName}`
}
