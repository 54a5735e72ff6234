/** The network of a checkpoint with its weights, for images of any size. */
import { loadCheckpoint, restoreModel, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig, type RunConfig } from '../experiment/index.ts'
import {
  createExecutor,
  withLossParameters,
  type Executor,
  type Graph,
  type GraphPrecision,
  type ParameterInfo,
} from '../graph/index.ts'
import { losses } from '../losses/index.ts'
import { models } from '../models/index.ts'
import { startWithPrecision, type StartBackend } from './startForRun.ts'

/** Which of a checkpoint's weights: those of the last step, or their moving average. */
export type WeightsChoice = 'raw' | 'ema'

export interface NetworkOptions {
  readonly startBackend: StartBackend
  /** Those that the run validates when left out. */
  readonly weights?: WeightsChoice | undefined
  /** Power of GeM pooling instead of the checkpoint's, above 0; Infinity takes the maximum. */
  readonly power?: number | undefined
  /** Powers that are fixed become parameters, so that they can be trained. */
  readonly learnsPower?: boolean | undefined
}

export interface Network {
  readonly checkpoint: LoadedCheckpoint
  readonly config: RunConfig
  readonly classes: readonly string[]
  readonly precision: GraphPrecision
  /**
   * The network for images of a size; sizes share the weights, and it stays the network's.
   * @throws AppError invalid-config when the images are too small for it.
   */
  at(height: number, width: number): Executor
  /** Gives every GeM pooling another power. */
  setPower(power: number): void
  dispose(): void
}

/** Shapes whose graphs are kept; pictures come in many. */
const keptShapes = 200

/**
 * Opens the network of a checkpoint on a backend that is started for it. The caller disposes of it.
 * @throws AppError checkpoint-damaged, checkpoint-mismatch; invalid-request for weights or a power that it does not have.
 */
export async function openNetwork(path: string, options: NetworkOptions): Promise<Network> {
  const checkpoint = await loadCheckpoint(path, { withOptimizer: false })
  const config = parseConfig(checkpoint.state.config)
  const tensors = chosenTensors(checkpoint, options.weights ?? validatedWeights(config, checkpoint))
  const precision = await startWithPrecision(options.startBackend, config)
  const [height, width] = checkpoint.state.inputShape
  let power = options.power
  const plain = graphMaker(config, checkpoint)
  const made = options.learnsPower ? (h: number, w: number) => learnedPowers(plain(h, w)) : plain
  const own = createExecutor(made(height, width), { seed: config.training.seed, precision })
  const shapes = new Map<string, Executor>()
  const network: Network = {
    checkpoint,
    config,
    classes: checkpoint.state.classes,
    precision,
    at(h, w) {
      const key = `${h}x${w}`
      const known = shapes.get(key)
      const executor =
        known ?? createExecutor(withPower(made(h, w), power), { seed: 0, precision, share: own })
      shapes.delete(key) // the newest stand last
      shapes.set(key, executor)
      if (shapes.size > keptShapes) shapes.delete(shapes.keys().next().value!)
      return executor
    },
    setPower(next) {
      power = checkPower(next)
      shapes.clear()
      withPower(own.graph, next)
    },
    dispose: () => own.dispose(),
  }
  try {
    restoreModel(own, checkpoint, withPowers(own.graph, tensors))
    if (power !== undefined) network.setPower(power)
    return network
  } catch (thrown) {
    own.dispose()
    throw thrown
  }
}

/** The nodes that pool with a power. */
export function powerNodes({ nodes }: Graph): Graph['nodes'] {
  return nodes.filter(({ op }) => op === 'gem')
}

/** The graph with the powers of its GeM poolings as parameters. */
export function learnedPowers(graph: Graph): Graph {
  const pools = powerNodes(graph)
  const learned = (node: Graph['nodes'][number]): Graph['nodes'][number] => {
    if (!pools.includes(node) || node.parameters.length > 0) return node
    const value = Number(node.attributes['p'])
    const power: ParameterInfo = {
      name: `${node.name}.p`,
      shape: [1],
      kind: 'scalar',
      initializer: { kind: 'constant', value },
      decays: false,
    }
    return { ...node, attributes: { ...node.attributes, isLearned: true }, parameters: [power] }
  }
  return { ...graph, nodes: graph.nodes.map(learned) }
}

/** A checkpoint of fixed powers holds none: those of the graph are added. */
function withPowers(graph: Graph, tensors: LoadedCheckpoint['model']): LoadedCheckpoint['model'] {
  const missing = powerNodes(graph).filter(({ parameters: [power] }) => power && !tensors.has(power.name))
  if (missing.length === 0) return tensors
  const added = missing.map(({ name, attributes }) => {
    const value = Float32Array.of(Number(attributes['p']))
    return [`${name}.p`, { dtype: 'F32', shape: [1], bytes: new Uint8Array(value.buffer) }] as const
  })
  return new Map([...tensors, ...added])
}

/** The graph of a checkpoint's model for images of a size, with what its loss learns and an output `embedding`. */
export function graphMaker(
  config: RunConfig,
  { state }: LoadedCheckpoint,
): (height: number, width: number) => Graph {
  const model = models.create(config.model, 'model')
  const { parameters } = losses.create(config.loss, 'loss')
  const channels = state.inputShape[2]
  return (height, width) => {
    const graph = model({ height, width, channels, classCount: state.classes.length })
    return withLossParameters(withEmbedding(graph), parameters)
  }
}

/** What the classifier reads is the embedding, where a model does not name one. */
function withEmbedding(graph: Graph): Graph {
  if ('embedding' in graph.outputs) return graph
  const classifier = graph.nodes.find(({ name }) => name === graph.outputs['logits'])
  const embedding = classifier?.inputs[0]
  return embedding === undefined ? graph : { ...graph, outputs: { ...graph.outputs, embedding } }
}

/** @throws AppError invalid-request when nothing in the graph has a power. */
function withPower(graph: Graph, power: number | undefined): Graph {
  if (power === undefined) return graph
  checkPower(power)
  const pools = powerNodes(graph)
  if (pools.length === 0) {
    const message = `p: ${graph.name} has no GeM pooling whose power could be set. Use a model with GeM pooling`
    throw new AppError('invalid-request', message, { field: 'p', value: power })
  }
  const changed = (node: Graph['nodes'][number]): Graph['nodes'][number] =>
    pools.includes(node)
      ? { ...node, attributes: { ...node.attributes, p: power, isLearned: false }, parameters: [] }
      : node
  return { ...graph, nodes: graph.nodes.map(changed) }
}

function checkPower(power: number): number {
  if (power > 0) return power
  throw new AppError('invalid-request', `p: expected a number above 0, got ${power}`, {
    field: 'p',
    value: power,
  })
}

/** A run may validate the average of its weights. */
function validatedWeights({ training }: RunConfig, { average }: LoadedCheckpoint): WeightsChoice {
  return training.ema.evaluate && average ? 'ema' : 'raw'
}

function chosenTensors(checkpoint: LoadedCheckpoint, weights: WeightsChoice): LoadedCheckpoint['model'] {
  if (weights === 'raw') return checkpoint.model
  if (checkpoint.average) return checkpoint.average
  const message = `${checkpoint.path}: it holds no moving average of the weights. Leave out weights, or train with training.ema`
  throw new AppError('invalid-request', message, { field: 'weights', value: weights })
}
