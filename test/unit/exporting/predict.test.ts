/** Predictions of single images by checkpoints and exports. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import sharp from 'sharp'
import { startBackend } from '../../../core/backend/index.ts'
import { exportCheckpoint, filesAsSplit, imageFiles, predict } from '../../../core/exporting/index.ts'
import type { Predictions } from '../../../core/exporting/index.ts'
import { classes, logitsOf, savedCheckpoint, type SavedCheckpoint } from './checkpoint.ts'
import { quiet } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'multigrain-predict-'))
const photos = join(root, 'photos')
/** 20 × 20, so that the resize leaves it and the crop takes its middle. */
const side = 20
const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (at * 53 + (at >> 3)) % 256)
let checkpoint: SavedCheckpoint

before(async () => {
  await startBackend('wasm')
  checkpoint = await savedCheckpoint(join(root, 'run'))
  mkdirSync(join(photos, 'deep'), { recursive: true })
  const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
  for (const name of ['b.png', 'a.PNG', 'deep/c.png']) writeFileSync(join(photos, name), png)
  writeFileSync(join(photos, 'broken.jpg'), 'not a picture')
  writeFileSync(join(photos, 'notes.txt'), 'no picture either')
})
after(() => rmSync(root, { recursive: true }))

function predicted(modelPath: string, paths: readonly string[], top = 3): Promise<Predictions> {
  const options = { size: null, weights: null, power: null, startBackend: () => startBackend('wasm') }
  return predict({ ...options, modelPath, images: filesAsSplit(paths), top }, quiet)
}

function middle(): Uint8Array {
  return Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => {
    const [row, column, channel] = [Math.floor(at / 48) + 2, Math.floor((at % 48) / 3) + 2, at % 3]
    return pixels[(row * side + column) * 3 + channel]!
  })
}

describe('predicting', () => {
  it('names the likeliest classes of each image and tells which cannot be read', async () => {
    const paths = imageFiles([photos])
    assert.deepEqual(
      paths.map(path => path.slice(photos.length + 1)),
      ['a.PNG', 'b.png', 'broken.jpg', join('deep', 'c.png')],
    )
    const { predictions, classCount } = await predicted(checkpoint.path, paths)
    assert.equal(classCount, classes.length)
    const logits = [...logitsOf(checkpoint, middle())]
    const sum = logits.reduce((total, value) => total + Math.exp(value), 0)
    const wanted = logits
      .map((value, index) => ({ name: classes[index], index, probability: Math.exp(value) / sum }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, 3)
    for (const { image, problem, classes: found } of predictions) {
      if (image.endsWith('broken.jpg')) {
        assert.match(problem!, /JPEG|image/)
        assert.deepEqual(found, [])
        continue
      }
      assert.equal(problem, null)
      found.forEach((each, at) => {
        assert.equal(each.name, wanted[at]!.name)
        assert.ok(Math.abs(each.probability - wanted[at]!.probability) < 1e-5)
      })
    }
  })

  it('gives the same by a safetensors and an ONNX export', async () => {
    const path = join(photos, 'b.png')
    const [wanted] = (await predicted(checkpoint.path, [path])).predictions
    for (const [format, withPreprocessing] of [
      ['safetensors', false],
      ['onnx', false],
      ['onnx', true],
    ] as const) {
      const folder = join(root, `${format}-${withPreprocessing}`)
      const order = {
        outputs: null,
        fold: format === 'onnx',
        size: null,
        weights: null,
        power: null,
        normaliseEmbedding: false,
        force: false,
      }
      await exportCheckpoint(
        { ...order, checkpointPath: checkpoint.path, folder, format, withPreprocessing },
        quiet,
      )
      const [found] = (await predicted(folder, [path])).predictions
      assert.deepEqual(
        found!.classes.map(({ name }) => name),
        wanted!.classes.map(({ name }) => name),
      )
      found!.classes.forEach((each, at) =>
        assert.ok(Math.abs(each.probability - wanted!.classes[at]!.probability) < 1e-5),
      )
    }
  })

  it('refuses what is no model, and images that are not there', async () => {
    await assert.rejects(predicted(photos, [join(photos, 'b.png')]), /expected the folder of a checkpoint/)
    assert.throws(() => imageFiles([join(root, 'nowhere.jpg')]), /no such file, folder or pattern/)
    mkdirSync(join(root, 'empty'))
    assert.throws(() => imageFiles([join(root, 'empty')]), /no images lie there/)
    assert.deepEqual(imageFiles([join(photos, '*.png')]), [join(photos, 'b.png')])
  })
})
