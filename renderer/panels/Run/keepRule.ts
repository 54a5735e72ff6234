/** The keep rule that a run was started with. */
import { KeepRule } from '../../../core/contract/index.ts'

/** Null where the configuration holds none that can be read. */
export function ownRule(config: Readonly<Record<string, unknown>>): KeepRule | null {
  const section = config['checkpoints']
  if (typeof section !== 'object' || section === null) return null
  const { keepLast, keepBest, bestBy, keepEveryEpochs } = section as Partial<Record<keyof KeepRule, unknown>>
  return KeepRule.safeParse({ keepLast, keepBest, bestBy, keepEveryEpochs }).data ?? null
}
