/** Which presets are shown, and which fields. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listPresets } from '../../../core/experiment/index.ts'
import { filterPresets, systemOf, systems } from '../../../renderer/panels/Train/presetFilter.ts'
import { fieldsOf } from '../../../renderer/panels/Train/schema.ts'

const presets = listPresets().map(preset => ({ ...preset, config: preset.config as Record<string, unknown> }))

test('each system has presets, and together they are all', () => {
  const counts = systems.map(system => filterPresets(presets, system, '').length)
  assert.ok(counts.every(count => count > 0))
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    presets.length,
  )
  assert.ok(
    presets.filter(each => each.name.includes('inception')).every(each => systemOf(each) === 'Inception-v4'),
  )
})

test('words are looked for in any order, whatever their case', () => {
  const found = filterPresets(presets, 'all', '  A1 resnet-50 ').map(each => each.name)
  assert.ok(found.includes('imagenet-resnet50-a1'))
  assert.deepEqual(filterPresets(presets, 'Inception-v4', 'thor').length, 0)
})

test('a field says on which other it depends', () => {
  const properties = {
    mode: { enum: ['none', 'norm'], default: 'none' },
    limit: { type: 'number', when: { field: 'mode', not: ['none'] } },
  }
  const [mode, limit] = fieldsOf({ properties }, 'clip')
  assert.equal(mode?.when, null)
  assert.deepEqual(limit?.when, { field: 'mode', not: ['none'] })
})
