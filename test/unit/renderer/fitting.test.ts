/** The preset that is proposed for a data set, and the notice where a configuration does not fit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkConfig, listPresets, parseConfig } from '../../../core/experiment/index.ts'
import { fitBatch, fittingPreset, misfitOf, trainImages } from '../../../renderer/panels/Train/fitting.ts'
import { weightsTitle } from '../../../renderer/panels/Train/startWeights.ts'

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

test('a preset whose input was changed is not proposed in its own place', () => {
  const config = { ...configOf('imagenet-resnet18'), input: { size: 64, channels: 3 } }
  const misfit = misfitOf(size(500, 375, 3), config, presets, 'imagenet-resnet18')
  assert.equal(misfit?.isChosen, true)
  assert.match(misfit?.text ?? '', /as 64 × 64 colour.*takes 224 × 224 colour/)
  assert.equal(misfitOf(size(500, 375, 3), config, presets, 'sample')?.isChosen, false)
})

test('the weights that a run begins with are called by their run and step, or by their file', () => {
  const name = (id: string): string | undefined => (id === 'r-1' ? 'Digits' : undefined)
  assert.equal(weightsTitle('/home/runs/r-1/checkpoints/step-00000420', name), '“Digits”, step 420')
  assert.equal(weightsTitle('/home/runs/r-2/checkpoints/step-00000420', name), '“r-2”, step 420')
  assert.equal(weightsTitle('/tmp/resnet50.pth', name), 'resnet50.pth')
  assert.equal(weightsTitle('', name), '')
})

test('the batch of a preset goes by the images that there are, and the learning rate by the batch', () => {
  const few = fitBatch(configOf('imagenet-resnet18'), 85)
  const { batchSize, scaleLearningRate, referenceBatchSize } = parseConfig(few).training
  assert.deepEqual([batchSize, scaleLearningRate, referenceBatchSize], [16, 'linear', 256])
  assert.equal(fitBatch(configOf('imagenet-resnet18'), 100_000), configOf('imagenet-resnet18'))
  for (const { name, config } of presets) {
    for (const count of [3, 85, 1000]) {
      const fitted = fitBatch(config, count)
      const { batchSize } = parseConfig(fitted).training
      if (count > 8) assert.ok(batchSize <= count, `${name}: ${batchSize} of ${count} images`)
      assert.deepEqual(checkConfig(fitted).issues, [], `${name} with ${count} images`)
    }
  }
})

test('images are counted without those that validation takes from train', () => {
  const config = { data: { validationFraction: 0.1 } }
  const split = (name: 'train' | 'val', count: number) => ({ name, count })
  assert.equal(trainImages({ splits: [split('train', 100)] }, config), 90)
  assert.equal(trainImages({ splits: [split('train', 100), split('val', 5)] }, config), 100)
  assert.equal(trainImages({ splits: [split('val', 5)] }, config), 0)
})
