/** Weights put into a network: by name, but for what is left out, and with a new classifier for other classes. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { safetensorsHeader } from '../../../core/checkpoints/index.ts'
import { torchShape, toTorchLayout } from '../../../core/checkpoints/torchLayout.ts'
import { createExecutor, type Executor } from '../../../core/graph/index.ts'
import { loadStartingWeights } from '../../../core/importing/index.ts'
import { models } from '../../../core/models/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-start-'))
const file = join(folder, 'weights.safetensors')
before(async () => {
  await startBackend('cpu')
  const executor = network(5, 1)
  write(file, executor, name => name)
  executor.dispose()
})
after(() => rmSync(folder, { recursive: true }))

const start = { weights: file, exclude: [] as string[], replaceHead: true, preferAverage: true }

describe('starting weights', () => {
  it('arrive as they were saved, in the layout of the network', async () => {
    const [source, target] = [network(5, 1), network(5, 2)]
    const report = await loadStartingWeights(target, start)
    assert.equal(report.source, 'safetensors')
    assert.deepEqual([report.skipped, report.missing, report.unexpected], [[], [], []])
    for (const name of source.parameters.names())
      assert.deepEqual(
        [...target.parameters.get(name).dataSync()],
        [...source.parameters.get(name).dataSync()],
      )
  })

  it('leave a classifier of other classes as it starts, and say so', async () => {
    const target = network(7, 2)
    const before = [...target.parameters.get('fc.weight').dataSync()]
    const { loaded, skipped } = await loadStartingWeights(target, start)
    assert.deepEqual(
      skipped.map(({ name }) => name),
      ['fc.weight', 'fc.bias'],
    )
    assert.match(skipped[0]!.why, /another number of classes: \[5, 8\] there, \[7, 8\] here/)
    assert.ok(loaded.includes('conv1.weight') && loaded.includes('bn1.running_mean'))
    assert.deepEqual([...target.parameters.get('fc.weight').dataSync()], before)
  })

  it('are refused for other classes where the classifier is to be kept', async () => {
    await assert.rejects(loadStartingWeights(network(7, 2), { ...start, replaceHead: false }), {
      code: 'checkpoint-mismatch',
      message: /fc\.weight: expected shape \[7, 8\], got \[5, 8\]\. Set start\.replaceHead/,
    })
  })

  it('leave out what patterns name, and refuse a pattern that names nothing', async () => {
    const { skipped } = await loadStartingWeights(network(5, 2), { ...start, exclude: ['layer3', 'conv1'] })
    assert.ok(skipped.every(({ name }) => /^(layer3\.|conv1\.)/.test(name)) && skipped.length > 4)
    const wrong = loadStartingWeights(network(5, 2), { ...start, exclude: ['layer9.*'] })
    await assert.rejects(wrong, {
      message: /start\.exclude: no parameter matches 'layer9\.\*'.*conv1\.weight/,
    })
  })

  it('are found behind the prefixes of wrappers, and reported where the file has more or less', async () => {
    const wrapped = join(folder, 'wrapped.safetensors')
    const source = network(5, 1)
    write(wrapped, source, name => (name.startsWith('layer3') ? `other.${name}` : `module.model.${name}`))
    const { loaded, missing, unexpected } = await loadStartingWeights(network(5, 2), {
      ...start,
      weights: wrapped,
    })
    assert.ok(loaded.includes('conv1.weight'))
    assert.ok(missing.every(name => name.startsWith('layer3')) && missing.length > 0)
    assert.equal(unexpected.length, missing.length)
  })

  it('of another network are refused with names of both sides', async () => {
    const target = models.create({ name: 'inception-v4', options: { width: 1 / 32 } })
    const executor = createExecutor(target({ height: 75, width: 75, channels: 3, classCount: 5 }), {
      seed: 1,
    })
    await assert.rejects(loadStartingWeights(executor, start), {
      code: 'checkpoint-mismatch',
      message:
        /none of its tensors fits the network\. It has conv1\.weight.*asks for features\.0\.conv\.weight/,
    })
  })
})

function network(classCount: number, seed: number): Executor {
  const model = models.create({ name: 'cifar-resnet8', options: { width: 2 } })
  return createExecutor(model({ height: 8, width: 8, channels: 1, classCount }), { seed })
}

function write(path: string, executor: Executor, rename: (name: string) => string): void {
  const parameters = executor.graph.nodes.flatMap(node => node.parameters)
  const buffers = executor.graph.nodes.flatMap(node => node.buffers)
  const tensors = [
    ...parameters.map(info => ({
      name: rename(info.name),
      shape: torchShape(info),
      values: toTorchLayout(info, executor.parameters.get(info.name).dataSync() as Float32Array),
    })),
    ...buffers.map(({ name, shape }) => ({
      name: rename(name),
      shape,
      values: executor.buffers.get(name).dataSync() as Float32Array,
    })),
  ]
  const header = safetensorsHeader(tensors, {})
  const bytes = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))
  writeFileSync(path, Buffer.concat([header, ...bytes]))
}
