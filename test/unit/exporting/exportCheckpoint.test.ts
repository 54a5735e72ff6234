/** Exporting checkpoints into folders: what lies there, whose weights they are, and what is refused. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { startBackend } from '../../../core/backend/index.ts'
import { loadCheckpoint } from '../../../core/checkpoints/loadCheckpoint.ts'
import { parseSafetensors } from '../../../core/checkpoints/safetensors.ts'
import { AppError } from '../../../core/errors/index.ts'
import { openNetwork } from '../../../core/evaluation/network.ts'
import { exportCheckpoint, exportFormat, type ExportOrder } from '../../../core/exporting/index.ts'
import type { Preprocessing } from '../../../core/exporting/preprocessing.ts'
import { classes, logitsOf, savedCheckpoint, type SavedCheckpoint } from './checkpoint.ts'
import { difference, quiet } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'multigrain-export-'))
let checkpoint: SavedCheckpoint
let averaged: SavedCheckpoint

before(async () => {
  await startBackend('wasm')
  checkpoint = await savedCheckpoint(join(root, 'run'))
  averaged = await savedCheckpoint(join(root, 'averaged'), { average: true })
})
after(() => rmSync(root, { recursive: true }))

let count = 0
function order(changes: Partial<ExportOrder> = {}): ExportOrder {
  return {
    checkpointPath: checkpoint.path,
    folder: join(root, `export-${count++}`),
    format: 'onnx',
    outputs: null,
    fold: false,
    size: null,
    weights: null,
    power: null,
    withPreprocessing: false,
    normaliseEmbedding: false,
    force: false,
    ...changes,
  }
}

function preprocessing(folder: string): Preprocessing {
  return JSON.parse(readFileSync(join(folder, 'preprocessing.json'), 'utf8')) as Preprocessing
}

const refuses = (changes: Partial<ExportOrder>, code: string, pattern: RegExp): Promise<void> =>
  assert.rejects(exportCheckpoint(order(changes), quiet), (error: unknown) => {
    assert.ok(error instanceof AppError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, pattern)
    return true
  })

describe('exporting a checkpoint', () => {
  it('writes how to prepare images beside the model', async () => {
    const report = await exportCheckpoint(order({ fold: true }), quiet)
    assert.deepEqual(
      report.files.map(({ name }) => name),
      ['README.txt', 'model.onnx', 'preprocessing.json'],
    )
    const info = preprocessing(report.folder)
    assert.deepEqual(info.classes, classes)
    assert.deepEqual(info.resize, { shorterSide: 20, interpolation: 'bilinear', antialias: true })
    assert.deepEqual(info.crop, { kind: 'center', height: 16, width: 16 })
    assert.deepEqual(info.input.mean, [0.485, 0.456, 0.406])
    assert.equal(info.weights, 'raw')
    const readme = readFileSync(join(report.folder, 'README.txt'), 'utf8')
    assert.match(readme, /onnxruntime\.InferenceSession\("model\.onnx"\)/)
    assert.match(readme, /Resize the shorter side to 20 pixels/)
  })

  it('takes pixels as they are where the model normalises them', async () => {
    const { folder } = await exportCheckpoint(order({ withPreprocessing: true }), quiet)
    const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at * 37) % 256)
    const session = await InferenceSession.create(join(folder, 'model.onnx'))
    const { logits } = await session.run({ images: new Tensor('uint8', pixels, [1, 16, 16, 3]) })
    assert.ok(difference(logits!.data as Float32Array, logitsOf(checkpoint, pixels)) < 1e-4)
    assert.equal(preprocessing(folder).input.formula, null)
  })

  it('scales what is resized with the size of the input', async () => {
    const { folder } = await exportCheckpoint(order({ size: 32 }), quiet)
    const info = preprocessing(folder)
    assert.deepEqual(info.resize, { shorterSide: 40, interpolation: 'bilinear', antialias: true })
    assert.equal(info.input.height, 32)
  })

  it('says of a central crop which share it keeps, and of other steps what they are called', async () => {
    const described = async (evaluation: unknown[]): Promise<Preprocessing> => {
      const { path, executor } = await savedCheckpoint(join(root, `run-${count}`), { evaluation })
      executor.dispose()
      return preprocessing((await exportCheckpoint(order({ checkpointPath: path }), quiet)).folder)
    }
    const cut = await described(['central-crop'])
    assert.deepEqual(cut.crop, { kind: 'fraction', fraction: 0.875 })
    assert.deepEqual(cut.resize, { height: 16, width: 16, interpolation: 'bilinear', antialias: false })
    const other = await described(['grayscale', 'resize-exact'])
    assert.deepEqual([other.resize, other.crop, other.steps.length], [null, null, 2])
  })

  it('exports the moving average where the run keeps one', async () => {
    const weight = async (changes: Partial<ExportOrder>): Promise<number> => {
      const whole = order({ checkpointPath: averaged.path, format: 'safetensors', ...changes })
      const { folder, weights } = await exportCheckpoint(whole, quiet)
      assert.equal(weights, preprocessing(folder).weights)
      const { tensors } = parseSafetensors(readFileSync(join(folder, 'model.safetensors')), 'model')
      return Buffer.from(tensors.get('fc.bias')!.bytes).readFloatLE(0)
    }
    const raw = await weight({ weights: 'raw' })
    assert.notEqual(raw, 0)
    assert.equal(await weight({}), 2 * raw)
    assert.equal(await weight({ weights: 'ema' }), 2 * raw)
    await refuses({ weights: 'ema' }, 'invalid-request', /no moving average/)
  })

  it('exports another power of GeM pooling, and refuses one where nothing has it', async () => {
    const options = { width: 0.0625, pooling: 'gem', learnGemPower: true }
    const { path, executor } = await savedCheckpoint(join(root, 'gem'), {
      name: 'inception-v4',
      size: 107,
      options,
    })
    executor.dispose()
    const { folder } = await exportCheckpoint(
      order({ checkpointPath: path, power: 4, format: 'safetensors' }),
      quiet,
    )
    assert.deepEqual(
      ['pooling', 'gemPower', 'learnGemPower'].map(name => preprocessing(folder).network.options[name]),
      ['gem', 4, false],
    )
    await refuses({ power: 4 }, 'invalid-request', /no GeM pooling/)
  })

  it('gives back by a safetensors export what the checkpoint holds, for searches and embeddings', async () => {
    const options = { width: 0.0625 }
    const inception = await savedCheckpoint(join(root, 'inception'), {
      name: 'inception-v4',
      size: 107,
      options,
    })
    inception.executor.dispose()
    for (const { path } of [checkpoint, inception]) {
      const changes = { checkpointPath: path, format: 'safetensors' } as const
      const { folder } = await exportCheckpoint(order(changes), quiet)
      const network = await openNetwork(folder, { startBackend })
      const saved = await loadCheckpoint(path, { withOptimizer: false })
      assert.deepEqual(network.checkpoint.state.inputShape, saved.state.inputShape)
      assert.deepEqual(network.classes, classes)
      for (const [name, { bytes }] of network.checkpoint.model)
        assert.deepEqual(Buffer.from(bytes), Buffer.from(saved.model.get(name)!.bytes))
      network.dispose()
    }
  })

  it('replaces nothing but an earlier export, and that only when told', async () => {
    const folder = join(root, 'kept')
    await exportCheckpoint(order({ folder }), quiet)
    await refuses({ folder }, 'conflict', /an earlier export lies there\. .*--force/)
    await exportCheckpoint(order({ folder, format: 'tfjs', force: true }), quiet)
    assert.ok(existsSync(join(folder, 'model.json')) && !existsSync(join(folder, 'model.onnx')))
    const home = join(root, 'home')
    mkdirSync(home)
    writeFileSync(join(home, 'letter.txt'), 'dear')
    await refuses({ folder: home, force: true }, 'conflict', /holds no export/)
    assert.equal(readFileSync(join(home, 'letter.txt'), 'utf8'), 'dear')
  })

  it('leaves nothing behind when it is cancelled or fails', async () => {
    const before = readdirSync(root)
    const cancel = {
      progress: () => {},
      throwIfCancelled: () => {
        throw new AppError('cancelled', 'stopped')
      },
    }
    await assert.rejects(exportCheckpoint(order({ format: 'tfjs' }), cancel), /stopped/)
    await refuses(
      { outputs: ['probabilities'] },
      'invalid-request',
      /has no output 'probabilities'. Known: logits/,
    )
    await refuses({ size: 2 }, 'invalid-config', /input\.size/)
    await refuses({ format: 'safetensors', fold: true }, 'invalid-request', /holds weights alone/)
    await refuses({ checkpointPath: root }, 'checkpoint-damaged', /manifest/)
    assert.deepEqual(readdirSync(root), before)
  })

  it('says what to use instead of formats that are not written', () => {
    const instead = {
      air: /ATC/,
      MINDIR: /converter_lite/,
      pb: /TensorFlow 1/,
      'frozen-graph': /tfjs/,
      pth: /safetensors/,
    }
    for (const [name, pattern] of Object.entries(instead)) assert.throws(() => exportFormat(name), pattern)
    assert.throws(() => exportFormat('word'), /expected one of onnx, safetensors, tfjs, got 'word'$/)
    assert.equal(exportFormat('ONNX'), 'onnx')
  })
})
