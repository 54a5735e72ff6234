/** Exported ONNX models, run in onnxruntime, give what our executor gives. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { startBackend } from '../../../core/backend/index.ts'
import { torchShape } from '../../../core/checkpoints/torchLayout.ts'
import { folded } from '../../../core/exporting/fold.ts'
import { networkOf } from '../../../core/exporting/network.ts'
import type { OnnxOptions } from '../../../core/exporting/onnx/toOnnx.ts'
import { writeOnnx } from '../../../core/exporting/onnx/writeOnnx.ts'
import { GraphBuilder, type Graph } from '../../../core/graph/index.ts'
import {
  channelsFirst,
  difference,
  everyOperation,
  expected,
  images,
  model,
  quiet,
  stored,
  varied,
} from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-onnx-'))
const plain = { normalisesEmbedding: false, description: '', metadata: {}, producerVersion: '0' }

before(() => startBackend('wasm'))
after(() => rmSync(folder, { recursive: true }))

const graphs: Record<string, () => Graph> = {
  'a CIFAR ResNet': () => model('cifar-resnet20', 32),
  'ResNet-18': () => model('resnet18', 64),
  'ResNet-50': () => model('resnet50', 48),
  "SE-ResNet-50 in MindSpore's form": () => model('se-resnet50-mindspore', 48, { dropPath: 0.2 }),
  'Inception-v4, slim, an eighth as wide': () => model('inception-v4', 139, { form: 'slim', width: 0.125 }),
  'MultiGrain with a learned power': () =>
    model('multigrain', 48, { backbone: 'resnet18', learnGemPower: true }),
  'every operation': everyOperation,
}

describe('ONNX export', () => {
  for (const [name, make] of Object.entries(graphs))
    it(`gives the outputs of ${name} for one image and for three`, async () => {
      const executor = varied(make())
      const network = networkOf(executor.graph, stored(executor))
      const sessions = [await exported(network), await exported(folded(network))]
      const [height, width, channels] = executor.graph.inputShape
      for (const count of [1, 3]) {
        const pixels = images(executor.graph, count)
        const wanted = expected(executor, pixels, count)
        const input = channelsFirst(pixels, executor.graph.inputShape)
        for (const session of sessions) {
          const outputs = await session.run({
            images: new Tensor('float32', input, [count, channels, height, width]),
          })
          assert.deepEqual(Object.keys(outputs).sort(), Object.keys(wanted).sort())
          for (const [role, values] of Object.entries(wanted)) {
            assert.equal(outputs[role]!.dims[0], count)
            const apart = difference(outputs[role]!.data as Float32Array, values)
            assert.ok(apart < 1e-4, `${role}, ${count} images: ${apart}`)
          }
        }
      }
      executor.dispose()
    })

  it('writes the embedding alone, at length one, without the classifier', async () => {
    const executor = varied(model('cifar-resnet8', 16))
    const pixels = images(executor.graph, 2)
    const { embedding } = expected(executor, pixels, 2)
    const network = networkOf(executor.graph, stored(executor), ['embedding'])
    executor.dispose()
    assert.ok(![...network.weights.keys()].some(name => name.startsWith('fc')))
    const session = await exported(network, { normalisesEmbedding: true })
    const input = new Tensor('float32', channelsFirst(pixels, network.graph.inputShape), [2, 3, 16, 16])
    const outputs = await session.run({ images: input })
    assert.deepEqual(Object.keys(outputs), ['embedding'])
    const width = embedding!.length / 2
    const lengths = [0, 1].map(at => Math.hypot(...embedding!.subarray(at * width, (at + 1) * width)))
    const wanted = embedding!.map((value, at) => value / lengths[Math.floor(at / width)]!)
    assert.ok(difference(outputs['embedding']!.data as Float32Array, wanted) < 1e-5)
  })

  it('refuses a network of more than 2 GB before it writes anything', async () => {
    const g = new GraphBuilder('huge', [8, 8, 3])
    const wide = g.dense('wide', g.globalAvgPool('pool', g.input), { units: 30_000 })
    const graph = g.build({ logits: g.dense('fc', wide, { units: 20_000 }) })
    const shapes = graph.nodes.flatMap(node => node.parameters)
    const read = (): never => assert.fail('nothing is read')
    const weights = new Map(shapes.map(info => [info.name, { shape: torchShape(info), read }]))
    await assert.rejects(exported({ graph, weights }), /at most 2 GB, and huge takes 2\.4 GB/)
  })
})

let fileCount = 0

async function exported(
  network: ReturnType<typeof networkOf>,
  options: Partial<OnnxOptions> = {},
): Promise<InferenceSession> {
  const path = join(folder, `${fileCount++}.onnx`)
  await writeOnnx(path, network, { ...plain, ...options }, quiet)
  return InferenceSession.create(path, { intraOpNumThreads: 1 })
}
