/** Writes a network as a tfjs graph model: `model.json` and weights in files of 4 MB, as browsers like to keep them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Network } from '../network.ts'
import type { OnnxOptions } from '../onnx/toOnnx.ts'
import type { OnnxText } from '../onnx/writeOnnx.ts'
import { writeParts, type ExportWatcher, type WritePart } from '../writeParts.ts'
import { shapeOf } from './graphDef.ts'
import { bytesIn, imagesName, toTfjs, type StoredConstant } from './toTfjs.ts'

const shardBytes = 4 << 20

/** @throws AppError cancelled, and what writing throws. */
export async function writeTfjs(
  folder: string,
  network: Network,
  options: OnnxOptions & OnnxText,
  watcher: ExportWatcher,
): Promise<void> {
  const { nodes, constants, input, outputs } = toTfjs(network, options)
  const shards = shardsOf(constants)
  const paths = shards.map((_, at) => `group1-shard${at + 1}of${shards.length}.bin`)
  const total = constants.reduce((sum, each) => sum + bytesIn(each), 0)
  let before = 0
  for (const [at, shard] of shards.entries()) {
    await writeParts(join(folder, paths[at]!), shard, {
      progress: (phase, done) => watcher.progress(phase, before + done, total),
      throwIfCancelled: () => watcher.throwIfCancelled(),
    })
    before += shard.reduce((sum, part) => sum + part.size, 0)
  }
  const tensor = (name: string, dtype: string, shape: readonly number[]): object => ({
    [name]: { name: `${name}:0`, dtype, tensorShape: shapeOf(shape) },
  })
  const model = {
    format: 'graph-model',
    generatedBy: `multigrain-workbench ${options.producerVersion}`,
    convertedBy: null,
    signature: {
      inputs: tensor(imagesName, input.dtype, input.shape),
      outputs: Object.assign(
        {},
        ...Object.entries(outputs).map(([role, shape]) => tensor(role, 'DT_FLOAT', shape)),
      ) as object,
    },
    modelTopology: { node: nodes, library: {}, versions: { producer: 987 } },
    weightsManifest: [
      { paths, weights: constants.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
    userDefinedMetadata: options.metadata,
  }
  await writeFile(join(folder, 'model.json'), JSON.stringify(model))
}

/** The constants one after the other, cut every 4 MB. */
function shardsOf(constants: readonly StoredConstant[]): WritePart[][] {
  const shards: WritePart[][] = []
  let free = 0
  for (const each of constants) {
    const size = bytesIn(each)
    for (let begin = 0; begin < size;) {
      if (free === 0) {
        shards.push([])
        free = shardBytes
      }
      const start = begin
      const end = Math.min(size, start + free)
      shards.at(-1)!.push({ size: end - start, read: () => each.read().subarray(start, end) })
      free -= end - start
      begin = end
    }
  }
  return shards
}
