/** Which presets stand on the page: those of one system whose words hold what was typed. */
import type { PresetInfo } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'

export const systems = ['ResNet', 'Inception-v4', 'MultiGrain'] as const
export type System = (typeof systems)[number]

export function systemOf(preset: PresetInfo): System {
  const model = (preset.config['model'] as { name?: unknown } | undefined)?.name
  const words = `${preset.name} ${String(model)}`
  if (words.includes('multigrain')) return 'MultiGrain'
  return words.includes('inception') ? 'Inception-v4' : 'ResNet'
}

/** @param text words in any order, each of which has to be there. */
export function filterPresets(
  presets: readonly PresetInfo[],
  system: System | 'all',
  text: string,
): PresetInfo[] {
  const words = text.toLowerCase().split(/\s+/)
  return presets.filter(preset => {
    if (system !== 'all' && systemOf(preset) !== system) return false
    const { name, title, summary, source } = preset
    const spoken = [name, title, summary, source, t(title), t(summary)].join(' ').toLowerCase()
    return words.every(word => spoken.includes(word))
  })
}
