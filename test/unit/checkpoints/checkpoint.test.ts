/** Saving, checking and reading back of checkpoints, without a network. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  cleanFolder,
  listCheckpoints,
  newestValid,
  type SetAside,
} from '../../../core/checkpoints/checkpointFolder.ts'
import { checkClasses, loadCheckpoint } from '../../../core/checkpoints/loadCheckpoint.ts'
import { readingError, verifyCheckpoint } from '../../../core/checkpoints/manifest.ts'
import { applyRetention } from '../../../core/checkpoints/retention.ts'
import { configHash, type RunState } from '../../../core/checkpoints/runState.ts'
import {
  checkpointSize,
  saveCheckpoint,
  type CheckpointContents,
} from '../../../core/checkpoints/saveCheckpoint.ts'
import { nodeFs, parentsOf, type SavingFs } from '../../../core/checkpoints/savingFs.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multigrain-checkpoint-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const files = ['model.safetensors', 'optimizer.safetensors', 'state.json', 'manifest.json']

function contents(step: number, top1 = 0.5): CheckpointContents {
  const tensor = (name: string, values: number[]) => ({
    name,
    shape: [values.length],
    read: async () => Float32Array.from(values),
  })
  const state: RunState = {
    format: 1,
    runId: 'run',
    step,
    epoch: step / 10,
    cursor: step,
    stepsPerEpoch: 10,
    trainImageCount: 40,
    patience: null,
    seed: 1,
    indexHash: '',
    evaluatedStep: step,
    best: { top1, step },
    metrics: { 'val/top1': top1 },
    nonFinite: { inARow: 0, rollBacks: 0 },
    lossScale: { scale: 1, cleanSteps: 0, overflows: 0 },
    elapsedMs: 5,
    config: { model: { name: 'cifar-resnet8' } },
    configHash: configHash({}),
    codeVersion: '0.0.0',
    classes: ['a', 'b'],
    inputShape: [8, 8, 1],
  }
  return {
    model: [tensor('fc.weight', [step, 1.5]), tensor('fc.bias', [2])],
    optimizer: [tensor('momentum:fc.weight', [0.25, -step])],
    state,
  }
}

describe('checkpoints', () => {
  it('read back as they were saved', async () => {
    const saved = await saveCheckpoint(folder, contents(12))
    assert.equal(saved.name, 'step-00000012')
    assert.deepEqual((await readdir(saved.path)).sort(), [...files].sort())
    const sizes = await Promise.all(files.map(async file => (await stat(join(saved.path, file))).size))
    assert.equal(
      saved.sizeBytes,
      sizes.reduce((sum, size) => sum + size),
    )
    assert.ok(Math.abs(checkpointSize(contents(12)) - saved.sizeBytes) < 2048)
    const loaded = await loadCheckpoint(saved.path, { withOptimizer: true })
    assert.deepEqual(loaded.state, contents(12).state)
    const { bytes } = loaded.model.get('fc.weight')!
    assert.deepEqual([...new Float32Array(new Uint8Array(bytes).buffer)], [12, 1.5])
    assert.deepEqual([...loaded.optimizer.keys()], ['momentum:fc.weight'])
    assert.equal((await loadCheckpoint(saved.path, { withOptimizer: false })).optimizer.size, 0)
  })

  it('replace an older one of the same step', async () => {
    await saveCheckpoint(folder, contents(12, 0.1))
    await saveCheckpoint(folder, contents(12, 0.7))
    assert.deepEqual(await readdir(folder), ['step-00000012'])
    const { state } = await loadCheckpoint(join(folder, 'step-00000012'), { withOptimizer: true })
    assert.equal(state.metrics['val/top1'], 0.7)
  })

  it('keep their pin when they are saved again', async () => {
    const { path } = await saveCheckpoint(folder, contents(12, 0.1))
    await writeFile(join(path, 'pinned'), '')
    await saveCheckpoint(folder, contents(12, 0.7))
    assert.ok((await readdir(path)).includes('pinned'))
    await saveCheckpoint(folder, contents(13, 0.9))
    const { removed } = await applyRetention(folder, { keepLast: 1, keepBest: 0, keepEveryEpochs: 0 })
    assert.deepEqual(removed, [])
    const { state } = await loadCheckpoint(path, { withOptimizer: true })
    assert.equal(state.metrics['val/top1'], 0.7)
  })

  it('stay as they were, pin included, when the one that replaces them cannot take their place', async () => {
    const { path } = await saveCheckpoint(folder, contents(12, 0.1))
    await writeFile(join(path, 'pinned'), '')
    const failing: SavingFs = {
      ...nodeFs,
      rename: async (from, to) => {
        if (from.includes('.saving-')) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
        await nodeFs.rename(from, to)
      },
    }
    await assert.rejects(saveCheckpoint(folder, contents(12, 0.7), failing), { code: 'data-unreadable' })
    assert.deepEqual(await readdir(folder), ['step-00000012'])
    assert.ok((await readdir(path)).includes('pinned'))
    const { state } = await loadCheckpoint(path, { withOptimizer: true })
    assert.equal(state.metrics['val/top1'], 0.1)
  })

  it('count as saved when what they replaced cannot be deleted', async () => {
    await saveCheckpoint(folder, contents(12, 0.1))
    const failing: SavingFs = {
      ...nodeFs,
      remove: async path => {
        const isReplaced =
          path.includes('.replaced-') && (await readdir(folder)).some(name => /^step/.test(name))
        const isOld = isReplaced && (await readdir(path).catch(() => [])).length > 0
        if (isOld) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
        await nodeFs.remove(path)
      },
    }
    const { path } = await saveCheckpoint(folder, contents(12, 0.7), failing)
    assert.equal((await verifyCheckpoint(path)).status, 'valid')
    await cleanFolder(folder)
    assert.deepEqual(await readdir(folder), ['step-00000012'])
  })

  it('are not set aside, nor passed over, when the newest cannot be read now', async () => {
    await saveCheckpoint(folder, contents(11))
    const { path } = await saveCheckpoint(folder, contents(12))
    // A socket is in its place and size, and cannot be opened: an error of the system that is not about a missing file.
    const file = join(path, 'manifest.json')
    await rm(file)
    const server = createServer().listen(file)
    await once(server, 'listening')
    try {
      const damaged: SetAside[] = []
      await assert.rejects(
        newestValid(folder, found => damaged.push(found)),
        { code: 'data-unreadable' },
      )
      assert.deepEqual(damaged, [])
      assert.deepEqual(await listCheckpoints(folder), ['step-00000012', 'step-00000011'])
    } finally {
      server.close()
    }
  })

  for (const code of ['EIO', 'EACCES', 'EMFILE']) {
    it(`are not set aside because of ${code}`, async () => {
      const { path } = await saveCheckpoint(folder, contents(12))
      const refused = (file: string): Error =>
        Object.assign(new Error(`${code}: injected, open '${file}'`), { code })
      const model = join(path, 'model.safetensors')
      const error = readingError(model, refused(model))
      assert.equal(error.code, 'data-unreadable')
      assert.match(error.message, /model\.safetensors: it cannot be read now .*left as it is\. .*try again/)
    })
  }

  it('are not damaged because the process has no more files to open', async () => {
    const { path } = await saveCheckpoint(folder, contents(12))
    const script = fileURLToPath(new URL('outOfFiles.ts', import.meta.url))
    // The limit of open files is a process's own, so another one has to run into it.
    const command = ['-c', 'ulimit -n 64; exec "$0" "$1" "$2"', process.execPath, script, path]
    const said = execFileSync('sh', command, { encoding: 'utf8' })
    assert.deepEqual(JSON.parse(said), { code: 'data-unreadable', errno: 'EMFILE' })
  })

  for (const file of files) {
    const damages: Record<string, (path: string) => Promise<void>> = {
      'is missing': path => rm(path),
      'is empty': path => truncate(path, 0),
      'lacks its last byte': async path => truncate(path, (await stat(path)).size - 1),
      'has a byte too many': path => appendFile(path, ' '),
      'has one bit flipped': async path => {
        const bytes = await readFile(path)
        const middle = bytes.indexOf('sha256') + 12 // in the manifest: a digit of a hash
        bytes[Math.max(middle, bytes.length >> 1)]! ^= 1
        await writeFile(path, bytes)
      },
    }
    for (const [what, damage] of Object.entries(damages)) {
      // White space after the manifest's JSON changes nothing that it says.
      if (file === 'manifest.json' && ['has a byte too many', 'lacks its last byte'].includes(what)) continue
      it(`are found out when ${file} ${what}`, async () => {
        await saveCheckpoint(folder, contents(1))
        const { path } = await saveCheckpoint(folder, contents(2))
        await damage(join(path, file))
        const verification = await verifyCheckpoint(path)
        assert.equal(verification.status, 'damaged')
        assert.ok('detail' in verification)
        // A changed hash or size in the manifest is told as a change of the file that it is of.
        const isOtherFile = file === 'manifest.json' && what.includes('bit')
        if (!isOtherFile) assert.ok(verification.detail.includes(file), verification.detail)
        await assert.rejects(loadCheckpoint(path, { withOptimizer: true }), { code: 'checkpoint-damaged' })

        const damaged: SetAside[] = []
        assert.equal(await newestValid(folder, found => damaged.push(found)), join(folder, 'step-00000001'))
        assert.deepEqual(
          damaged.map(({ name }) => name),
          ['step-00000002'],
        )
        assert.deepEqual((await readdir(folder)).sort(), ['damaged-step-00000002', 'step-00000001'])
      })
    }
  }

  it('set aside twice under different names', async () => {
    for (let round = 0; round < 2; round++) {
      const { path } = await saveCheckpoint(folder, contents(3))
      await rm(join(path, 'manifest.json'))
      assert.equal(await newestValid(folder), null)
    }
    assert.deepEqual((await readdir(folder)).sort(), ['damaged-step-00000003', 'damaged-step-00000003-2'])
  })

  it('are missing, not damaged, when the folder is gone', async () => {
    const { status } = await verifyCheckpoint(join(folder, 'step-00000009'))
    assert.equal(status, 'missing')
    assert.equal(await newestValid(join(folder, 'none')), null)
  })

  it('do not let a manifest lead out of the folder', async () => {
    const { path } = await saveCheckpoint(folder, contents(1))
    const manifest = join(path, 'manifest.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"state.json"', '"../state.json"'))
    assert.equal((await verifyCheckpoint(path)).status, 'damaged')
  })

  it('ignore folders with other names', async () => {
    for (const name of ['step-12', '.saving-step-00000005', 'step-00000004x', 'damaged-step-00000003']) {
      await mkdir(join(folder, name))
    }
    await saveCheckpoint(folder, contents(123_456_789))
    await saveCheckpoint(folder, contents(2))
    assert.deepEqual(await listCheckpoints(folder), ['step-123456789', 'step-00000002'])
  })
})

describe('what an interrupted save leaves', () => {
  it('is removed, and a replaced checkpoint comes back when its successor did not arrive', async () => {
    const { path } = await saveCheckpoint(folder, contents(1))
    await rename(path, join(folder, '.replaced-step-00000001'))
    await mkdir(join(folder, '.saving-step-00000001'))
    await mkdir(join(folder, '.deleting-step-00000000'))
    await cleanFolder(folder)
    assert.deepEqual(await readdir(folder), ['step-00000001'])
    assert.equal((await verifyCheckpoint(path)).status, 'valid')
  })

  it('goes when its successor did arrive', async () => {
    const { path } = await saveCheckpoint(folder, contents(1))
    await mkdir(join(folder, '.replaced-step-00000001'))
    await cleanFolder(folder)
    assert.deepEqual(await readdir(folder), ['step-00000001'])
    assert.equal((await verifyCheckpoint(path)).status, 'valid')
  })
})

describe('applying retention', () => {
  const rule = { keepLast: 1, keepBest: 1, keepEveryEpochs: 0 }

  it('deletes what the rule does not keep', async () => {
    for (const [step, top1] of [
      [10, 0.9],
      [20, 0.2],
      [30, 0.3],
    ] as const)
      await saveCheckpoint(folder, contents(step, top1))
    await writeFile(join(folder, 'step-00000020', 'pinned'), '')
    assert.deepEqual(await applyRetention(folder, { ...rule, keepBest: 0 }), {
      removed: ['step-00000010'],
      problem: null,
      failure: null,
    })
    assert.deepEqual(await listCheckpoints(folder), ['step-00000030', 'step-00000020'])
    assert.equal((await verifyCheckpoint(join(folder, 'step-00000020'))).status, 'valid')
  })

  it('tells which could not be deleted, and goes on', async () => {
    for (const step of [10, 20, 30]) await saveCheckpoint(folder, contents(step))
    const failing: SavingFs = {
      ...nodeFs,
      rename: async (from, to) => {
        if (from.endsWith('step-00000020'))
          throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' })
        await nodeFs.rename(from, to)
      },
    }
    const { removed, problem, failure } = await applyRetention(folder, { ...rule, keepBest: 0 }, failing)
    assert.deepEqual([removed, problem], [['step-00000010'], null])
    assert.match(failure!.message, /step-00000020: /)
  })

  it('deletes nothing while the newest does not read back', async () => {
    for (const step of [10, 20, 30]) await saveCheckpoint(folder, contents(step))
    await truncate(join(folder, 'step-00000030', 'model.safetensors'), 20)
    const { removed, problem } = await applyRetention(folder, rule)
    assert.deepEqual(removed, [])
    assert.match(problem!, /model\.safetensors: expected \d+ bytes, got 20/)
    assert.equal((await listCheckpoints(folder)).length, 3)
  })
})

describe('classes', () => {
  it('are compared by name and order, and the first that differs is named', async () => {
    const { path } = await saveCheckpoint(folder, contents(1)) // classes a, b
    const checkpoint = await loadCheckpoint(path, { withOptimizer: false })
    const check = (classes: string[]) => (): void => checkClasses(checkpoint, classes)
    assert.doesNotThrow(check(['a', 'b']))
    assert.throws(check(['b', 'a']), {
      code: 'checkpoint-mismatch',
      message:
        /the same classes in another order: class 0 was 'a' in training and is 'b' now\. Use the data set/,
    })
    assert.throws(check(['a', 'c']), { message: /other classes: class 1 was 'b' in training and is 'c' now/ })
    assert.throws(check(['a']), { message: /the checkpoint has 2 classes, the data set 1/ })
  })
})

describe('new folders', () => {
  it('have the names of all the folders made on the way written to disk', () => {
    assert.deepEqual(parentsOf('/a/b/c/d', '/a/b'), ['/a/b/c', '/a/b', '/a'])
    assert.deepEqual(parentsOf('/a/b', '/a/b'), ['/a'])
    assert.deepEqual(parentsOf('/a', '/a'), ['/'])
  })
})

describe('configuration hash', () => {
  it('does not depend on the order of keys but on every value', () => {
    assert.equal(
      configHash({ a: 1, b: { c: [1, 2], d: null } }),
      configHash({ b: { d: null, c: [1, 2] }, a: 1 }),
    )
    assert.notEqual(configHash({ a: [1, 2] }), configHash({ a: [2, 1] }))
  })
})
