/** Whatever a run trains with, dying and going on ends in the same bytes as never having stopped. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { train } from '../../core/training/index.ts'
import { deadFs } from './faultyFs.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

let place: TinyPlace
before(async () => {
  place = await tinyPlace()
})
after(() => place.remove())

const optimizer = (name: string, options: Record<string, unknown> = {}): Record<string, unknown> => ({
  optimizer: { name, options },
})

const cases: Readonly<Record<string, Record<string, unknown>>> = {
  'an average of the weights': { 'training.ema': { decay: 0.9, everySteps: 2 } },
  'accumulated gradients': { 'training.accumulate': 2 },
  'gradients clipped by norm': { 'training.clip': { mode: 'norm', limit: 0.1 } },
  'gradients clipped by unit': { 'training.clip': { mode: 'agc', limit: 0.01 } },
  'frozen layers': { 'training.freeze': ['conv1', 'layer1.*'] },
  'rate groups': {
    'training.groups': [{ match: 'fc', learningRateFactor: 10 }],
    'training.layerDecay': 0.8,
  },
  'a schedule by epochs': { 'training.scheduleUnit': 'epoch', 'training.scaleLearningRate': 'linear' },
  'mixed images': { mixing: { mixupAlpha: 0.4, cutmixAlpha: 1, erasing: { probability: 0.5 } } },
  'repeated augmentation and the margin loss': {
    sampler: { name: 'repeated-augmentation', options: { repeats: 2 } },
    loss: { name: 'multigrain' },
  },
  'm images of each class': { sampler: { name: 'm-per-class', options: { imagesPerClass: 2 } } },
  RMSProp: optimizer('rmsprop'),
  "TensorFlow's RMSProp": optimizer('rmsprop-tf'),
  AdamW: optimizer('adamw'),
  LAMB: optimizer('lamb'),
  THOR: optimizer('thor', { frequency: 3 }),
}

describe('resuming after dying is bit-equal with', () => {
  for (const [name, changes] of Object.entries(cases))
    it(name, async () => {
      const folder = join(place.folder, 'whole')
      await train(tinyOrder(place, changes, { folder }), recorder())
      const whole = await lastBytes(folder)
      // A checkpoint at every second step: some steps are done again.
      const again = join(place.folder, 'again')
      const order = { 'checkpoints.everySteps': 2, ...changes }
      let isDead = false
      const killer = recorder(
        poll => {
          isDead ||= poll >= 9
          if (isDead) throw new Error('killed')
          return null
        },
        deadFs(() => isDead),
      )
      await assert.rejects(train(tinyOrder(place, order, { folder: again }), killer), /killed/)
      const ports = recorder()
      await train(tinyOrder(place, order, { folder: again, resume: true, attempt: 2 }), ports)
      assert.ok((ports.of('ready')[0]?.fromStep ?? 0) > 0, 'it went on from a checkpoint')
      assert.ok((await lastBytes(again)).equals(whole))
      await Promise.all([folder, again].map(each => rm(each, { recursive: true })))
    })
})

/** All tensors of the newest checkpoint, with the average where there is one. */
async function lastBytes(folder: string): Promise<Buffer> {
  const { name, tensors } = await finalTensors(folder)
  const average = join(folder, 'checkpoints', name, 'ema.safetensors')
  return existsSync(average) ? Buffer.concat([tensors, await readFile(average)]) : tensors
}
