/** An alert in words, for what the desktop shows outside the window. */
import type { Alert } from '../core/contract/index.ts'

type Words = Readonly<Record<Alert['kind'], string>>

const english: Words = {
  above: '{metric} is {value}, above {limit}, at step {step}',
  below: '{metric} is {value}, below {limit}, at step {step}',
  'not-finite': '{metric} is {value} at step {step}',
  'no-progress': 'No progress for {limit} minutes, at step {step}',
  'no-improvement': '{metric} has not improved for {limit} steps; the best is {value}',
}
const chinese: Words = {
  above: '第 {step} 步：{metric} 为 {value}，高于 {limit}',
  below: '第 {step} 步：{metric} 为 {value}，低于 {limit}',
  'not-finite': '第 {step} 步：{metric} 为 {value}',
  'no-progress': '已有 {limit} 分钟没有进展，停在第 {step} 步',
  'no-improvement': '{metric} 已有 {limit} 步没有改善，最佳值为 {value}',
}

/** @param language a tag such as `zh-CN`; whatever is not Chinese reads English. */
export function alertWords(
  { kind, metric, value, limit, step }: Pick<Alert, 'kind' | 'metric' | 'value' | 'limit' | 'step'>,
  language: string,
): string {
  const shown = typeof value === 'number' ? Number(value.toPrecision(4)) : (value ?? '–')
  const filled: Readonly<Record<string, unknown>> = { metric, value: shown, limit, step }
  const words = (language.startsWith('zh') ? chinese : english)[kind]
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(filled[name]))
}
