/** The preset that is proposed for a data set, and the notice where a configuration does not fit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listPresets, parseConfig } from '../../../core/experiment/index.ts'
import { fittingPreset, misfitOf } from '../../../renderer/panels/Train/fitting.ts'

const presets = listPresets().map(preset => ({ ...preset, config: { ...parseConfig(preset.config) } }))
const size = (width: number, height: number, channels: number) => ({ width, height, channels })
const configOf = (name: string) => presets.find(preset => preset.name === name)?.config ?? {}

test('each kind of image gets the preset that is made for it', () => {
  assert.equal(fittingPreset(size(28, 28, 1), presets)?.name, 'sample')
  for (const edge of [28, 32, 64]) {
    assert.equal(fittingPreset(size(edge, edge, 3), presets)?.name, 'cifar10-resnet20')
  }
  assert.equal(fittingPreset(size(500, 375, 3), presets)?.name, 'imagenet-resnet18')
  assert.equal(fittingPreset(size(4000, 3000, 3), presets)?.name, 'imagenet-resnet18')
  assert.equal(fittingPreset(null, presets), undefined)
})

test('a configuration for other images is named together with one that fits', () => {
  const colourToGrey = misfitOf(size(32, 32, 3), configOf('sample'), presets)
  assert.equal(colourToGrey?.preset.name, 'cifar10-resnet20')
  assert.match(colourToGrey?.text ?? '', /32 × 32 colour.*28 × 28 grey/)
  assert.equal(misfitOf(size(28, 28, 1), configOf('imagenet-resnet50'), presets)?.preset.name, 'sample')
  assert.equal(
    misfitOf(size(500, 375, 3), configOf('cifar10-resnet56'), presets)?.preset.name,
    'imagenet-resnet18',
  )
})

test('nothing is said where nothing fits better', () => {
  assert.equal(misfitOf(size(4000, 3000, 3), configOf('imagenet-resnet50'), presets), null)
  assert.equal(misfitOf(size(40, 30, 3), configOf('cifar10-resnet56'), presets), null)
  assert.equal(misfitOf(null, configOf('sample'), presets), null)
})
