/** What a run saves when something goes wrong, and what it says of it. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it, mock } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { listCheckpoints, nodeFs, type SavingFs } from '../../../core/checkpoints/index.ts'
import { crossEntropy } from '../../../core/losses/cross-entropy.ts'
import { sgd } from '../../../core/optimizers/sgd.ts'
import { train } from '../../../core/training/index.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
let checkpoints = ''
before(async () => {
  place = await tinyPlace()
  checkpoints = join(place.folder, 'run', 'checkpoints')
})
after(() => place.remove())
afterEach(async () => {
  mock.restoreAll()
  await rm(join(place.folder, 'run'), { recursive: true, force: true })
})

const rarely = { 'checkpoints.everySteps': 0 }

/** Final bytes of a run that nothing happens to. */
async function reference(): Promise<Buffer> {
  const folder = join(place.folder, 'reference')
  await train(tinyOrder(place, rarely, { folder }), recorder())
  return (await finalTensors(folder)).tensors
}

describe('a run that fails', () => {
  it('saves what it has learned first, from before the step that failed', async () => {
    const { create } = crossEntropy
    mock.method(crossEntropy, 'create', (options: Parameters<typeof create>[0]) => {
      const loss = create(options)
      let step = 0
      const of: typeof loss.of = (outputs, targets) => {
        if (++step === 9) throw new Error('the device is lost')
        return loss.of(outputs, targets)
      }
      return { ...loss, of }
    })
    const ports = recorder()
    await assert.rejects(
      train(tinyOrder(place, { ...rarely, 'checkpoints.keepLast': 1 }), ports),
      /device is lost/,
    )
    // Nothing older goes, whatever the rule says.
    assert.deepEqual(await listCheckpoints(checkpoints), ['step-00000008', 'step-00000005'])
    assert.deepEqual(
      ports.of('checkpoint').map(({ checkpoint }) => checkpoint.step),
      [5, 8],
    )
    assert.equal(ports.messages.at(-1)!.type, 'failed')
    mock.restoreAll()
    await train(tinyOrder(place, rarely, { resume: true, attempt: 2 }), recorder())
    assert.ok((await finalTensors(join(place.folder, 'run'))).tensors.equals(await reference()))
  })

  it('saves nothing when it failed in the midst of an update', async () => {
    const { create } = sgd
    mock.method(sgd, 'create', (options: Parameters<typeof create>[0]) => {
      const optimizer = create(options)
      const update: typeof optimizer.update = (parameters, setting) => {
        const updated = optimizer.update(parameters, setting)
        if (setting.step === 7) throw new Error('out of memory')
        return updated
      }
      return { ...optimizer, update }
    })
    const ports = recorder()
    await assert.rejects(train(tinyOrder(place, rarely), ports), /out of memory/)
    assert.deepEqual(await listCheckpoints(checkpoints), ['step-00000005'])
    assert.ok(ports.logs('warning').some(text => text.includes('in the midst of an update')))
  })

  it('fails with the first error when saving fails too', async () => {
    let isTraining = true
    const ports = recorder(
      (_poll, messages) => {
        isTraining = !messages.some(({ type }) => type === 'points')
        if (!isTraining) throw new Error('the data went away')
        return null
      },
      {
        ...nodeFs,
        makeFolder: async path => {
          if (!isTraining) throw Object.assign(new Error('EROFS: injected'), { code: 'EROFS' })
          await nodeFs.makeFolder(path)
        },
      },
    )
    await assert.rejects(train(tinyOrder(place, rarely), ports), /the data went away/)
    assert.ok(
      ports.logs('warning').some(text => text.startsWith('The state before the failure was not saved.')),
    )
  })

  it('frees what the failed step held', async () => {
    await train(tinyOrder(place, { ...rarely, 'training.epochs': 1 }), recorder())
    const held = tf.memory().numTensors
    const of = (): never => {
      throw new Error('the device is lost')
    }
    mock.method(crossEntropy, 'create', () => ({ needs: [], parameters: [], of }))
    await assert.rejects(train(tinyOrder(place, rarely), recorder()), /device is lost/)
    assert.ok(tf.memory().numTensors - held <= 4, `${tf.memory().numTensors - held} tensors are left`)
  })
})

describe('retention that fails', () => {
  it('does not make a saved checkpoint an unsaved one', async () => {
    const fs: SavingFs = {
      ...nodeFs,
      rename: async (from, to) => {
        if (to.includes('.deleting-')) throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' })
        await nodeFs.rename(from, to)
      },
    }
    const ports = recorder(undefined, fs)
    const rule = { 'checkpoints.keepLast': 1, 'checkpoints.keepBest': 0 }
    const outcome = await train(tinyOrder(place, rule), ports)
    assert.equal(outcome.outcome, 'finished')
    assert.equal(ports.of('checkpoint').length, 10)
    assert.equal(ports.of('checkpoint-removed').length, 0)
    const warnings = ports.logs('warning')
    assert.equal(warnings.length, 9)
    for (const text of warnings)
      assert.match(text, /^step-\d+ was saved, but older ones could not go\. Deleting /)
  })
})

describe('a checkpoint pinned while its run is stopped', () => {
  it('keeps its pin when the resumed run saves the same step again, with its figures', async () => {
    const isEvaluating = recorder((_poll, messages) =>
      messages.some(message => message.type === 'phase' && message.phase.phase === 'evaluating')
        ? 'stop'
        : null,
    )
    const rule = { ...rarely, 'checkpoints.keepLast': 1, 'checkpoints.keepBest': 0 }
    await train(tinyOrder(place, rule), isEvaluating)
    assert.deepEqual(await listCheckpoints(checkpoints), ['step-00000005'])
    await writeFile(join(checkpoints, 'step-00000005', 'pinned'), '')
    await train(tinyOrder(place, rule, { resume: true, attempt: 2 }), recorder())
    assert.deepEqual(await listCheckpoints(checkpoints), ['step-00000010', 'step-00000005'])
  })
})

describe('a stop that comes while a pause is being saved for', () => {
  it('makes the run a stopped one', async () => {
    const ports = recorder((_poll, messages) => {
      if (messages.some(({ type }) => type === 'checkpoint')) return 'stop'
      return messages.some(({ type }) => type === 'points') ? 'pause' : null
    })
    const outcome = await train(tinyOrder(place, rarely), ports)
    assert.equal(outcome.outcome, 'stopped')
    const last = ports.messages.at(-1)
    assert.ok(last?.type === 'finished' && last.outcome === 'stopped')
  })
})
