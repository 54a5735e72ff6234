/** Activation maps against PyTorch's gradients (fixtures/evaluation/activationMap.py), and on whole networks. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { startBackend } from '../../../core/backend/index.ts'
import { activationMap, asHeat, sharesOf } from '../../../core/evaluation/activationMap.ts'
import { seenPart } from '../../../core/evaluation/seenPart.ts'
import { parseConfig } from '../../../core/experiment/index.ts'
import { keptNetwork } from '../../../core/processes/openNetworks.ts'
import { lookAtImage } from '../../../core/processes/tasks/look-at-image.ts'
import { classes, savedCheckpoint } from '../exporting/checkpoint.ts'
import { model, varied } from '../exporting/sample.ts'

const file = new URL('../../fixtures/evaluation/activationMap.json', import.meta.url)
const torch = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly shape: readonly [number, number, number]
  readonly map: number[]
  readonly weights: number[]
  readonly shares: Record<string, number[]>
  readonly logits: Record<string, number>
}
const root = mkdtempSync(join(tmpdir(), 'multigrain-map-'))
const quiet = { progress: () => {}, throwIfCancelled: () => {} }
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

function close(
  found: Readonly<Record<string, number>> | object,
  expected: Readonly<Record<string, number>>,
): void {
  for (const [side, value] of Object.entries(expected))
    assert.ok(Math.abs((found as Record<string, number>)[side]! - value) < 1e-9, side)
}

before(() => startBackend('wasm'))
after(() => rmSync(root, { recursive: true }))

describe('the shares of places in a logit', () => {
  for (const [name, expected] of Object.entries(torch.shares)) {
    it(`are PyTorch's for p = ${name}, and add up to the logit`, () => {
      const power = Number(name)
      const pooling = { power, floor: power === 1 ? 0 : 1e-6 }
      const map = Float32Array.from(torch.map)
      const shares = sharesOf(map, torch.shape[0] * torch.shape[1], Float32Array.from(torch.weights), pooling)
      shares.forEach((share, at) =>
        assert.ok(Math.abs(share - expected[at]!) < 1e-6, `${share} ${expected[at]}`),
      )
      assert.ok(Math.abs(sum(shares) - torch.logits[name]!) < 1e-4)
    })
  }

  it('are heat from 0 to 1 without what speaks against the class', () => {
    assert.deepEqual([...asHeat(Float32Array.of(-1, 2, 1))], [0, 1, 0.5])
    assert.deepEqual([...asHeat(Float32Array.of(-1, 0))], [0, 0])
  })
})

describe('a network', () => {
  const heads = [
    { pooling: 'average' },
    { pooling: 'gem', learnGemPower: true, dropout: 0.1 },
    { pooling: 'gem', gemPower: 2 },
    { pooling: 'max' },
  ]
  for (const options of heads) {
    it(`with ${JSON.stringify(options)}: its shares and the bias are the logit of any class`, async () => {
      const executor = varied(model('cifar-resnet8', 16, options))
      const images = tf.randomUniform<tf.Rank.R4>([1, 16, 16, 3], -1, 1, 'float32', 3) as tf.Tensor4D
      const classifier = executor.graph.nodes.at(-1)!.name
      const bias = await executor.parameters.get(`${classifier}.bias`).data()
      for (const label of [null, 0, 4]) {
        const found = await activationMap(executor, images, label)
        assert.deepEqual([found.height, found.width], [4, 4])
        if (label === null) assert.equal(found.label, found.logits.indexOf(Math.max(...found.logits)))
        const logit = sum(found.shares) + bias[found.label]!
        assert.ok(Math.abs(logit - found.logits[found.label]!) < 1e-3, `${logit}`)
      }
      await assert.rejects(activationMap(executor, images, 99), { code: 'invalid-request' })
      tf.dispose(images)
      executor.dispose()
    })
  }

  it('of a checkpoint is kept, names the classes of a file, and says which part it saw', async () => {
    const { path } = await savedCheckpoint(join(root, 'run'))
    const png = join(root, 'wide.png')
    const picture = { width: 40, height: 20, channels: 3, background: '#4080c0' } as const
    writeFileSync(png, await sharp({ create: picture }).png().toBuffer())
    const order = { checkpointPath: path, image: { path: png }, top: 3 }
    const seen = await lookAtImage.run({ ...order, label: null }, quiet)
    assert.equal(seen.map?.label, seen.classes[0]!.index)
    assert.equal(seen.map?.className, classes[seen.map.label])
    assert.ok(Math.abs(seen.map.probability - seen.classes[0]!.probability) < 1e-6)
    // 40 × 20 stays so, and the middle 16 × 16 are seen.
    close(seen.map.region, { x: 0.3, y: 0.1, width: 0.4, height: 0.8 })
    assert.equal((await lookAtImage.run(order, quiet)).map, null)
    assert.equal(await keptNetwork(path), await keptNetwork(path))
    writeFileSync(png, 'no picture')
    await assert.rejects(lookAtImage.run(order, quiet), {
      code: 'data-invalid',
      message: /^The image: not a/,
    })
    const gone = { ...order, checkpointPath: join(root, 'nowhere') }
    await assert.rejects(lookAtImage.run(gone, quiet), { code: 'checkpoint-damaged' })
  })
})

it('the part that is seen follows resizing and cutting', () => {
  const config = (steps: unknown) =>
    parseConfig({ model: 'resnet18', input: { size: 224 }, transforms: { eval: steps } })
  const usual = config([{ name: 'resize', options: { shorterSide: 256 } }, 'center-crop'])
  close(seenPart({ width: 512, height: 256 }, usual), {
    ...{ x: 144 / 512, y: 16 / 256 },
    ...{ width: 224 / 512, height: 224 / 256 },
  })
  close(seenPart({ width: 100, height: 50 }, config(['resize-exact'])), {
    ...{ x: 0, y: 0, width: 1, height: 1 },
  })
  const slim = seenPart({ width: 1000, height: 800 }, config(['central-crop']))
  assert.ok(Math.abs(slim.width - 0.875) < 0.01 && Math.abs(slim.y - 0.0625) < 0.01)
})
