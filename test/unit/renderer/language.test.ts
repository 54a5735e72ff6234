/** Everything that the interface says is said in every language. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { datasetTitle } from '../../../renderer/format/datasetNames.ts'
import { preferredLanguage, speak, t, tn } from '../../../renderer/language/index.ts'
import { areas, zh } from '../../../renderer/language/zh/index.ts'
import { askedTexts, rawTexts } from './visibleText.ts'

const renderer = join(import.meta.dirname, '..', '..', '..', 'renderer')
const files = globSync('**/*.{vue,ts}', { cwd: renderer })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => !file.startsWith('language/'))
const textOf = (file: string): string => readFileSync(join(renderer, file), 'utf8')

test('no component shows words that cannot be translated', () => {
  const raw = files
    .filter(file => file.endsWith('.vue'))
    .flatMap(file => rawTexts(textOf(file)).map(text => `${file}, ${text}`))
  assert.deepEqual(raw, [])
})

test('every text that is asked for has its Chinese', () => {
  const missing = files.flatMap(file =>
    askedTexts(textOf(file))
      .filter(text => !Object.hasOwn(zh, text))
      .map(text => `${file}: ${text}`),
  )
  assert.deepEqual(missing, [])
})

test('a translation keeps the values of its text', () => {
  const names = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort()
  for (const [english, chinese] of Object.entries(zh))
    assert.deepEqual(names(chinese), names(english), english)
})

test('no text is translated twice in different ways', () => {
  const seen = new Map<string, string>()
  for (const area of Object.values(areas)) {
    for (const [english, chinese] of Object.entries(area.zh)) {
      assert.equal(seen.get(english) ?? chinese, chinese, english)
      seen.set(english, chinese)
    }
  }
})

test('texts are filled, counted, and follow the language', async () => {
  assert.equal(tn(1, '{count} run', '{count} runs'), '1 run')
  assert.equal(tn(1234, '{count} run', '{count} runs'), '1,234 runs')
  assert.equal(t('{a} of {b} and {c}', { a: 1200, b: 0.5 }), '1,200 of 0.5 and {c}')
  await speak('zh-CN', [])
  assert.equal(t('Undo'), '撤销')
  assert.equal(t('not translated'), 'not translated')
  assert.equal(datasetTitle('Sample: MNIST digits'), '示例：MNIST 手写数字')
  assert.equal(datasetTitle('My photos'), 'My photos')
  await speak('en', [])
  assert.equal(t('Undo'), 'Undo')
  assert.equal(preferredLanguage(['fr', 'zh-TW', 'en']), 'zh-CN')
  assert.equal(preferredLanguage(['de']), 'en')
})
