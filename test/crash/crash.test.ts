/** The short form of the crash harness (`harness.ts`): each kind of crash once or a few times. */
import assert from 'node:assert/strict'
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { listCheckpoints, verifyCheckpoint } from '../../core/checkpoints/index.ts'
import { exitCodes, train } from '../../core/training/index.ts'
import { readUnheard } from '../../core/training/unheard.ts'
import { failingFs, stages } from './faultyFs.ts'
import { damageAndLoad, killHost, killWhileSaving, startTrainer, undisturbed } from './scenarios.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

let place: TinyPlace
let reference: Buffer

before(async () => {
  place = await tinyPlace()
  reference = await undisturbed(place)
})
after(() => place.remove())

/** A run long enough to be met in the middle of it. */
const endless = {
  'training.epochs': 5000,
  'training.evaluateEveryEpochs': 3,
  'checkpoints.everySteps': 0,
  'checkpoints.everyEpochs': 1000,
}

describe('SIGKILL while saving', () => {
  for (const [index, stage] of stages.entries()) {
    it(stage, () => killWhileSaving(place, stage, 3 + (index % 2), reference))
  }
  it('before write, at the first save of all', () => killWhileSaving(place, 'before write', 1, reference))
})

describe('damage on the disk', () => {
  for (const file of ['model.safetensors', 'optimizer.safetensors', 'state.json', 'manifest.json']) {
    it(`in ${file} is noticed, and the checkpoint before is used`, async () => {
      const checkpoints = join(place.folder, 'undisturbed', 'checkpoints')
      for (const position of [0, 3, 100, 211, 1_000_003]) {
        await damageAndLoad(checkpoints, file, position, 'flip')
        await damageAndLoad(checkpoints, file, position, 'cut')
      }
    })
  }

  it('is told to the user, and the run goes on from the checkpoint before', async () => {
    const folder = join(place.folder, 'damaged')
    await train(tinyOrder(place, { 'training.epochs': 1 }, { folder }), recorder())
    const checkpoints = join(folder, 'checkpoints')
    await truncate(join(checkpoints, 'step-00000005', 'model.safetensors'), 10)
    const ports = recorder()
    await train(tinyOrder(place, { 'training.epochs': 1 }, { folder, resume: true, attempt: 2 }), ports)
    assert.deepEqual(
      ports.of('checkpoint-damaged').map(({ name }) => name),
      ['step-00000005'],
    )
    assert.equal(ports.of('ready')[0]!.fromStep, 4)
    assert.ok(
      ports.logs('warning').some(text => text.includes('step-00000005') && text.includes('set aside')),
    )
    assert.ok((await readdir(checkpoints)).includes('damaged-step-00000005'))
  })
})

describe('a full disk', () => {
  it('leaves older checkpoints as they were and the run going, whichever call it meets', async () => {
    const counting = failingFs('ENOSPC', Infinity)
    const once = { 'training.epochs': 1, 'checkpoints.everySteps': 0 }
    await train(
      tinyOrder(place, once, { folder: join(place.folder, 'counting') }),
      recorder(undefined, counting),
    )
    const callsOfOneSave = counting.calls()
    assert.ok(callsOfOneSave > 20)
    for (let failAt = 1; failAt < callsOfOneSave; failAt += 7) {
      const ports = recorder(undefined, failingFs('ENOSPC', failAt, failAt))
      const folder = join(place.folder, `full-${failAt}`)
      const changes = { 'training.epochs': 1, 'checkpoints.everySteps': 2 }
      const outcome = await train(tinyOrder(place, changes, { folder }), ports)
      assert.equal(outcome.outcome, 'finished')
      const checkpoints = join(folder, 'checkpoints')
      const names = await listCheckpoints(checkpoints)
      for (const name of names)
        assert.equal((await verifyCheckpoint(join(checkpoints, name))).status, 'valid')
      assert.deepEqual((await readdir(checkpoints)).sort(), [...names].sort(), 'nothing half-written is left')
      assert.equal(names[0], 'step-00000005')
      const [warning] = ports.logs('warning')
      assert.match(warning!, /the disk is full: the checkpoint needs \d+ bytes/)
    }
  })

  it('fails the run cleanly when the last checkpoint cannot be saved', async () => {
    const folder = join(place.folder, 'full-at-end')
    const ports = recorder(undefined, { ...failingFs('ENOSPC', 1e9), freeBytes: async () => 100 })
    await assert.rejects(train(tinyOrder(place, { 'training.epochs': 1 }, { folder }), ports), {
      code: 'disk-full',
    })
    const [failed] = ports.of('failed')
    assert.match(
      failed!.error.message,
      /step-00000005: the disk is full: the checkpoint needs \d+ bytes, 100 are free\. Free some space/,
    )
    assert.equal(failed!.error.details['freeBytes'], 100)
    assert.deepEqual(await readdir(join(folder, 'checkpoints')), [])
  })
})

describe('the trainer process', () => {
  it('saves and ends when its host is killed', async () => {
    const folder = join(place.folder, 'orphan')
    const { checkpoint } = await killHost(tinyOrder(place, endless, { folder }))
    assert.match(checkpoint, /step-\d{8}$/)
    // What the host may not have stored is left to the next one: every step up to the checkpoint.
    const unheard = readUnheard(folder)
    const steps = unheard?.points.filter(each => 'train/loss' in each.values).map(each => each.step) ?? []
    const last = Number(checkpoint.slice(-8))
    assert.deepEqual(
      steps.slice(-3),
      [last - 2, last - 1, last].filter(step => step > 0),
    )
  })

  for (const [signal, code] of [
    ['SIGTERM', exitCodes.terminated],
    ['SIGINT', exitCodes.interrupted],
  ] as const) {
    it(`saves and ends with ${code} after ${signal}`, async () => {
      const folder = join(place.folder, signal)
      const trainer = startTrainer(tinyOrder(place, endless, { folder }))
      await trainer.until('points')
      trainer.process.kill(signal)
      assert.equal(await trainer.ended, code)
      const { name } = await finalTensors(folder)
      const last = trainer.messages.at(-1)
      assert.ok(last?.type === 'finished' && last.outcome === 'stopped')
      assert.equal(name, `step-${String(last.step).padStart(8, '0')}`)
    })
  }

  it('fails with 1 and says why when the order makes no sense', async () => {
    const trainer = startTrainer({ ...tinyOrder(place), config: {} })
    await trainer.until('failed')
    assert.equal(await trainer.ended, exitCodes.failed)
    const failed = trainer.messages.find(message => message.type === 'failed')
    assert.equal(failed?.error.code, 'invalid-config')
  })

  it('saves and pauses when told to, and then ends with 0', async () => {
    const folder = join(place.folder, 'paused')
    const trainer = startTrainer(tinyOrder(place, endless, { folder }))
    await trainer.until('points')
    trainer.process.send({ type: 'stop', reason: 'pause' })
    assert.equal(await trainer.ended, exitCodes.done)
    const last = trainer.messages.at(-1)
    assert.ok(last?.type === 'finished' && last.outcome === 'paused')
    assert.ok(trainer.messages.some(({ type }) => type === 'heartbeat' || type === 'checkpoint'))
  })
})
