/** Real trainer processes: signals at every phase of a run, calls that never return, and SIGKILL at any time. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listCheckpoints, verifyCheckpoint } from '../../core/checkpoints/index.ts'
import { exitCodes, train, type TrainOrder } from '../../core/training/index.ts'
import { isAlive, startTrainer } from './scenarios.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

let place: TinyPlace
before(async () => {
  place = await tinyPlace({ train: 22, val: 300 })
})
after(() => place.remove())

/** One image at a time, so that an evaluation is long enough to be met. */
const slowly = { 'training.evaluationBatchSize': 1 }

async function bytesOf(order: TrainOrder): Promise<Buffer> {
  return (await finalTensors(order.folder)).tensors
}

async function assertWhole(order: TrainOrder): Promise<string[]> {
  const checkpoints = join(order.folder, 'checkpoints')
  const names = await listCheckpoints(checkpoints)
  for (const name of names)
    assert.equal((await verifyCheckpoint(join(checkpoints, name))).status, 'valid', name)
  return names
}

describe('a signal', { concurrency: 2 }, () => {
  let reference: Buffer
  before(async () => {
    const order = tinyOrder(place, {}, { folder: join(place.folder, 'reference') })
    await train(order, recorder())
    reference = await bytesOf(order)
  })

  for (const phase of ['starting', 'loading', 'warming-up', 'evaluating', 'saving'] as const) {
    it(`while ${phase} ends the run in order, and it goes on to the same end`, async () => {
      const changes = { ...slowly, 'checkpoints.everySteps': phase === 'saving' ? 1 : 0 }
      const order = tinyOrder(place, changes, { folder: join(place.folder, phase) })
      const trainer = startTrainer(order)
      await trainer.untilPhase(phase)
      trainer.process.kill('SIGTERM')
      assert.equal(await trainer.ended, exitCodes.terminated)
      const last = trainer.messages.at(-1)
      assert.ok(last?.type === 'finished' && last.outcome === 'stopped', JSON.stringify(last))
      if (phase === 'evaluating') assert.equal(last.step, 5)
      const names = await assertWhole(order)
      assert.equal(names.length > 0, last.step > 0)
      if (names[0]) assert.ok(names[0].endsWith(String(last.step)))
      const left = await readdir(join(order.folder, 'checkpoints')).catch(() => [])
      assert.deepEqual(
        left.filter(name => !name.startsWith('step-')),
        [],
      )
      const outcome = await train({ ...order, resume: true, attempt: 2 }, recorder())
      assert.equal(outcome.outcome, 'finished')
      assert.ok((await bytesOf(order)).equals(reference))
    })
  }

  it('that comes twice at once counts once', async () => {
    const order = tinyOrder(place, slowly, { folder: join(place.folder, 'twice') })
    const trainer = startTrainer(order)
    await trainer.untilPhase('evaluating')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) {
      trainer.process.kill(signal)
      await delay(1)
    }
    assert.equal(await trainer.ended, exitCodes.interrupted)
    assert.equal(trainer.messages.at(-1)!.type, 'finished')
    assert.ok((await assertWhole(order)).length > 0)
  })

  it('makes a stop of a pause that was asked for before', async () => {
    const order = tinyOrder(place, slowly, { folder: join(place.folder, 'pause-then-stop') })
    const trainer = startTrainer(order)
    await trainer.untilPhase('warming-up')
    trainer.process.send({ type: 'stop', reason: 'pause' })
    trainer.process.send({ type: 'stop', reason: 'stop' })
    assert.equal(await trainer.ended, exitCodes.done)
    const last = trainer.messages.at(-1)
    assert.ok(last?.type === 'finished' && last.outcome === 'stopped')
  })
})

describe('a trainer that hangs in a call into the system', { concurrency: 2 }, () => {
  /** Opening a pipe that nobody writes to does not return, like a disk that has stopped answering. */
  function hangingOrder(name: string): TrainOrder {
    const indexPath = join(place.folder, `${name}.pipe`)
    execFileSync('mkfifo', [indexPath])
    const order = tinyOrder(place, {}, { folder: join(place.folder, name) })
    return { ...order, dataset: { ...order.dataset, indexPath } }
  }

  it('is ended by force after its limit when it gets a signal', async () => {
    const trainer = startTrainer(hangingOrder('hang-signal'), 500)
    await trainer.untilPhase('loading')
    await delay(100)
    const startedAt = Date.now()
    trainer.process.kill('SIGTERM')
    assert.equal(await trainer.ended, 'SIGKILL')
    assert.ok(Date.now() - startedAt >= 450)
  })

  it('ends at once at a second signal', async () => {
    const trainer = startTrainer(hangingOrder('hang-twice'))
    await trainer.untilPhase('loading')
    trainer.process.kill('SIGTERM')
    await delay(700)
    assert.ok(trainer.process.exitCode === null && trainer.process.signalCode === null)
    trainer.process.kill('SIGTERM')
    assert.equal(await trainer.ended, 'SIGTERM')
  })

  it('is ended by force after its limit when its host is gone', async () => {
    const fakeHost = fileURLToPath(new URL('fakeHost.ts', import.meta.url))
    const host = spawn(process.execPath, [fakeHost, JSON.stringify(hangingOrder('hang-orphan')), '500'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let pid = 0
    for await (const line of createInterface({ input: host.stdout })) {
      const message = JSON.parse(line) as { pid?: number; phase?: { phase: string } }
      pid ||= message.pid ?? 0
      if (message.phase?.phase === 'loading') break
    }
    assert.ok(isAlive(pid))
    host.kill('SIGKILL')
    await once(host, 'exit')
    const deadline = Date.now() + 20_000
    while (isAlive(pid) && Date.now() < deadline) await delay(20)
    assert.ok(!isAlive(pid), `the trainer ${pid} is an orphan`)
  })
})

describe('SIGKILL at any time, and resuming until the end', { concurrency: 3 }, () => {
  // Two checkpoints are kept, so that nearly every save deletes one; three epochs give room for several deaths.
  const changes = { 'training.epochs': 3, 'checkpoints.everySteps': 2, 'checkpoints.keepLast': 2 }
  let reference: Buffer
  before(async () => {
    const order = tinyOrder(place, changes, { folder: join(place.folder, 'undisturbed') })
    await train(order, recorder())
    reference = await modelOf(order)
  })

  async function modelOf(order: TrainOrder): Promise<Buffer> {
    const { name } = await finalTensors(order.folder)
    return readFile(join(order.folder, 'checkpoints', name, 'model.safetensors'))
  }

  for (const threads of [0, 1, 4]) {
    it(`ends in the same weights with ${threads} decode threads`, async () => {
      const all = { ...changes, 'data.decodeThreads': threads }
      const order = tinyOrder(place, all, { folder: join(place.folder, `killed-${threads}`) })
      const random = seeded(threads + 1)
      for (let attempt = 1; attempt <= 4; attempt++) {
        const trainer = startTrainer({ ...order, resume: attempt > 1, attempt })
        // In turn: in the midst of a save, and some milliseconds after the start of training.
        await trainer.untilPhase(attempt % 2 === 1 ? 'saving' : 'warming-up')
        await delay(attempt % 2 === 1 ? Math.floor(random() * 6) : Math.floor(random() * 60))
        trainer.process.kill('SIGKILL')
        await trainer.ended
        await assertWhole(order)
      }
      const last = startTrainer({ ...order, resume: true, attempt: 5 })
      assert.equal(await last.ended, exitCodes.done)
      const finished = last.messages.at(-1)
      assert.ok(finished?.type === 'finished' && finished.outcome === 'finished' && finished.step === 15)
      assert.ok((await modelOf(order)).equals(reference), 'the weights differ')
    })
  }
})

/** Numbers from 0 to 1 by a formula (mulberry32), so that a failing order of events can be tried again. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
