/** Exported tfjs models, loaded by tfjs-converter, give what our executor gives. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type * as converter from '@tensorflow/tfjs-converter'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { folded } from '../../../core/exporting/fold.ts'
import { networkOf } from '../../../core/exporting/network.ts'
import { writeTfjs } from '../../../core/exporting/tfjs/writeTfjs.ts'
import type { Graph } from '../../../core/graph/index.ts'
import { difference, everyOperation, expected, images, model, quiet, stored, varied } from './sample.ts'

// The CommonJS build, which takes the tfjs-core that is loaded already.
const { loadGraphModel } = createRequire(import.meta.url)('@tensorflow/tfjs-converter') as typeof converter

const folder = mkdtempSync(join(tmpdir(), 'multigrain-tfjs-'))
const options = { normalisesEmbedding: false, description: '', metadata: {}, producerVersion: '0' }

before(() => startBackend('wasm'))
after(() => rmSync(folder, { recursive: true }))

const graphs: Record<string, () => Graph> = {
  'a CIFAR ResNet': () => model('cifar-resnet8', 16),
  'Inception-v4, an eighth as wide': () => model('inception-v4', 139, { width: 0.125 }),
  'every operation': everyOperation,
}

describe('tfjs export', () => {
  for (const [name, make] of Object.entries(graphs))
    it(`gives the outputs of ${name}`, async () => {
      const executor = varied(make())
      const network = networkOf(executor.graph, stored(executor))
      for (const each of [network, folded(network)]) {
        const path = join(folder, `${name}-${String(each === network)}`)
        mkdirSync(path)
        await writeTfjs(path, each, options, quiet)
        const loaded = await load(path)
        const pixels = images(executor.graph, 2)
        const input = tf.tensor4d(pixels, [2, ...executor.graph.inputShape])
        for (const [role, values] of Object.entries(expected(executor, pixels, 2))) {
          const output = loaded.execute(input, role) as tf.Tensor
          const apart = difference(output.dataSync() as Float32Array, values)
          assert.ok(apart < 1e-4, `${role}: ${apart}`)
        }
      }
      executor.dispose()
    })
})

async function load(path: string): Promise<converter.GraphModel> {
  const json = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as tf.io.ModelJSON
  const [group] = json.weightsManifest as tf.io.WeightsManifestConfig
  const { paths, weights } = group!
  const data = Buffer.concat(paths.map(name => readFileSync(join(path, name))))
  const { modelTopology, signature } = json
  const artifacts = {
    modelTopology,
    signature,
    weightSpecs: weights,
    weightData: new Uint8Array(data).buffer,
  }
  return loadGraphModel({ load: async () => artifacts as tf.io.ModelArtifacts })
}
