/** A step that does not fit into memory ends the run with the batch size that would. */
import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { estimateMemory } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'
import { crossEntropy } from '../../../core/losses/cross-entropy.ts'
import { train } from '../../../core/training/index.ts'
import { explainStepError } from '../../../core/training/outOfMemory.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

const graph = models.create({ name: 'resnet50' })({ height: 224, width: 224, channels: 3, classCount: 1000 })
const precision = { compute: 'float32', storage: 'float32', weights: 'float32' } as const
const size = { graph, precision, slotValues: 1, batchSize: 256, rankCount: 1 }
const { fixedBytes, bytesPerImage } = estimateMemory(graph, { precision, slotValues: 1 })

/** As a backend that has so many bytes reports it. */
function refusal(limitBytes: number): AppError {
  return new AppError('out-of-memory', 'no memory', { limitBytes })
}

function explained(thrown: unknown, of = size): AppError {
  const error = explainStepError(thrown, of)
  assert.ok(error instanceof AppError)
  return error
}

describe('a step without memory', () => {
  before(() => startBackend('cpu'))

  it('is told with what it needs, what there is, and the batch size that fits', () => {
    const error = explained(refusal((fixedBytes + 100 * bytesPerImage) / 0.9))
    assert.equal(error.code, 'out-of-memory')
    assert.match(
      error.message,
      /^training\.batchSize: out of memory: a step of 256 images of 224 × 224 needs about 1\d\.\d GB, of \d\.\d GB there are\. Set training\.batchSize to (96|100) or less/,
    )
    assert.equal(error.details['field'], 'training.batchSize')
    assert.equal(error.details['fittingBatchSize'], 96)
  })

  it('is never told to try what has just failed, nor more', () => {
    assert.equal(explained(refusal(2 ** 50)).details['fittingBatchSize'], 128)
  })

  it('counts the whole batch where ranks share it', () => {
    const shared = explained(refusal((fixedBytes + 16 * bytesPerImage) / 0.9), {
      ...size,
      batchSize: 64,
      rankCount: 4,
    })
    assert.equal(shared.details['fittingBatchSize'], 64)
    assert.match(shared.message, /on each of 4 ranks/)
  })

  it('is told plainly when nothing fits', () => {
    assert.match(explained(refusal(fixedBytes)).message, /Not even one image fits: lower input\.size/)
  })

  it('is recognised by the words of each allocator; other errors stay as they are', () => {
    for (const words of [
      "[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes",
      'CUDA out of memory. Tried to allocate 20.00 MiB',
      'std::bad_alloc',
    ])
      assert.equal(explained(new Error(words)).code, 'out-of-memory')
    assert.equal(explained(Object.assign(new Error('…'), { code: 'out-of-memory' })).code, 'out-of-memory')
    const other = new Error('a shape does not fit')
    assert.equal(explainStepError(other, size), other)
  })
})

describe('a run without memory', () => {
  let place: TinyPlace
  before(async () => {
    place = await tinyPlace()
  })
  after(() => place.remove())

  it('fails with that message, after what it has learned was saved', async () => {
    const { create } = crossEntropy
    mock.method(crossEntropy, 'create', (options: Parameters<typeof create>[0]) => {
      const loss = create(options)
      let step = 0
      const of: typeof loss.of = (outputs, targets) => {
        if (++step === 4) throw new Error("DefaultCPUAllocator: can't allocate memory")
        return loss.of(outputs, targets)
      }
      return { ...loss, of }
    })
    const ports = recorder()
    await assert.rejects(train(tinyOrder(place, { 'checkpoints.everySteps': 0 }), ports), {
      code: 'out-of-memory',
      message: /a step of 4 images of 8 × 8 .* Set training\.batchSize to 2 or less/,
    })
    assert.equal(ports.of('checkpoint').at(-1)!.checkpoint.step, 3)
    assert.equal(ports.of('failed').length, 1)
  })
})
