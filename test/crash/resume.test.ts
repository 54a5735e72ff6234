/** A run that ends anywhere and goes on must end in the same bytes as one that never stopped. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { train } from '../../core/training/index.ts'
import { deadFs } from './faultyFs.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

let place: TinyPlace
let reference: Buffer
let pollCount = 0

before(async () => {
  place = await tinyPlace()
  const ports = recorder(poll => {
    pollCount = poll
    return null
  })
  const order = tinyOrder(place)
  const outcome = await train(order, ports)
  assert.deepEqual(outcome, { outcome: 'finished', step: 10, interruption: null })
  reference = (await finalTensors(order.folder)).tensors
})
after(() => place.remove())

/** Runs until the loop polls for the given time, dies there without saving, goes on, and gives the final bytes. */
async function dieAndResume(poll: number, changes: Record<string, unknown>, steps = 10): Promise<Buffer> {
  const folder = join(place.folder, `run-${poll}-${JSON.stringify(changes).length}`)
  let isDead = false
  const killer = recorder(
    count => {
      isDead ||= count >= poll
      if (isDead) throw new Error('killed')
      return null
    },
    deadFs(() => isDead),
  )
  await assert.rejects(train(tinyOrder(place, changes, { folder }), killer), /killed/)
  const resumed = await train(tinyOrder(place, changes, { folder, resume: true, attempt: 2 }), recorder())
  assert.deepEqual(resumed, { outcome: 'finished', step: steps, interruption: null })
  const { tensors } = await finalTensors(folder)
  await rm(folder, { recursive: true })
  return tensors
}

describe('resuming after dying', () => {
  it('is bit-equal, wherever it died, with a checkpoint at every step', async () => {
    assert.ok(pollCount > 15)
    for (let poll = 1; poll <= pollCount; poll++) {
      assert.ok((await dieAndResume(poll, {})).equals(reference), `died at poll ${poll}`)
    }
  })

  it('is bit-equal with a checkpoint at every third step, so that steps are done again', async () => {
    for (let poll = 5; poll <= pollCount; poll += 2) {
      const tensors = await dieAndResume(poll, { 'checkpoints.everySteps': 3 })
      assert.ok(tensors.equals(reference), `died at poll ${poll}`)
    }
  })

  for (const [threads, poll] of [
    [1, 6],
    [4, 13],
  ] as const) {
    it(`is bit-equal with ${threads} decode ${threads === 1 ? 'thread' : 'threads'}`, async () => {
      const changes = { 'data.decodeThreads': threads, 'checkpoints.everySteps': 2 }
      assert.ok((await dieAndResume(poll, changes)).equals(reference))
    })
  }

  it('is bit-equal on wasm, with batches of another size', async () => {
    const changes = {
      backend: 'wasm',
      'training.batchSize': 7,
      'model.options': { width: 5 },
      'training.epochs': 4,
    }
    const folder = join(place.folder, 'run-wasm')
    await train(tinyOrder(place, changes, { folder }), recorder())
    const { tensors } = await finalTensors(folder)
    for (const poll of [5, 8, 18]) {
      const resumed = await dieAndResume(poll, { ...changes, 'checkpoints.everySteps': 2 }, 12)
      assert.ok(resumed.equals(tensors), `died at poll ${poll}`)
    }
  })

  it('is bit-equal over many deaths in a row', async () => {
    const folder = join(place.folder, 'run-many')
    let deaths = 0
    for (let isDone = false; !isDone;) {
      let isDead = false
      const ports = recorder(
        poll => {
          isDead ||= poll > 9
          if (isDead) throw new Error('killed')
          return null
        },
        deadFs(() => isDead),
      )
      const order = tinyOrder(place, {}, { folder, resume: deaths > 0, attempt: deaths + 1 })
      isDone = await train(order, ports).then(
        () => true,
        () => false,
      )
      if (!isDone) deaths++
      assert.ok(deaths < 20)
    }
    assert.ok(deaths >= 3)
    assert.ok((await finalTensors(folder)).tensors.equals(reference))
  })
})

describe('resuming after a stop', () => {
  it('is bit-equal when stopped at any poll, saving there', async () => {
    for (let poll = 1; poll <= pollCount; poll += 3) {
      const folder = join(place.folder, `run-stop-${poll}`)
      const changes = { 'checkpoints.everySteps': 0 }
      const stopped = await train(
        tinyOrder(place, changes, { folder }),
        recorder(count => (count >= poll ? 'pause' : null)),
      )
      assert.equal(stopped.outcome, 'paused')
      const resumed = await train(tinyOrder(place, changes, { folder, resume: true, attempt: 2 }), recorder())
      assert.equal(resumed.outcome, 'finished')
      assert.ok((await finalTensors(folder)).tensors.equals(reference), `stopped at poll ${poll}`)
    }
  })

  it('validates what it was stopped before validating, and keeps the figures', async () => {
    const folder = join(place.folder, 'run-validate')
    // The first evaluation begins after five steps; stop at its first batch.
    const ports = recorder((_poll, messages) =>
      messages.some(message => message.type === 'phase' && message.phase.phase === 'evaluating')
        ? 'stop'
        : null,
    )
    const stopped = await train(tinyOrder(place, {}, { folder }), ports)
    assert.deepEqual(stopped, { outcome: 'stopped', step: 5, interruption: 'stop' })
    const [saved] = ports.of('checkpoint').slice(-1)
    assert.equal(saved!.checkpoint.metrics['val/top1'], undefined)

    const again = recorder()
    await train(tinyOrder(place, {}, { folder, resume: true, attempt: 2 }), again)
    const validated = again
      .of('points')
      .flatMap(({ points }) => points.filter(point => 'val/top1' in point.values))
    assert.deepEqual(
      validated.map(({ step }) => step),
      [5, 10],
    )
    assert.ok((await finalTensors(folder)).tensors.equals(reference))
  })

  it('does nothing to a finished run but say so', async () => {
    const ports = recorder()
    const outcome = await train(tinyOrder(place, {}, { resume: true, attempt: 2 }), ports)
    assert.deepEqual(outcome, { outcome: 'finished', step: 10, interruption: null })
    assert.equal(ports.of('checkpoint').length, 0)
  })
})
