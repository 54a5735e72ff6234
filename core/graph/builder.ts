/** Builds a graph node by node, with its shapes; every mistake names the node, what was expected and what was found. */
import { AppError } from '../errors/index.ts'
import { operation } from './operation.ts'
import type { Attributes, Shape } from './ops/shared/op.ts'
import { explicitWindow, type WindowOptions } from './ops/shared/window.ts'
import type { Graph, GraphNode, Initializer } from './types.ts'

/** A value of the graph: the name of the node that makes it. */
export type Value = string

export interface ConvOptions extends WindowOptions {
  readonly filters: number
  /** Default false: batch norm follows. */
  readonly bias?: boolean
  /** Default Kaiming normal over the fan out, as torchvision does. */
  readonly initializer?: Initializer
}

export interface BatchNormOptions {
  /** Default 1e-5. */
  readonly epsilon?: number
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number
  /** Default ones; zeros make a residual branch start as nothing. */
  readonly gamma?: Initializer
  /** Whether there is a γ. Default true. */
  readonly scale?: boolean
}

export interface DenseOptions {
  readonly units: number
  /** Default true. */
  readonly bias?: boolean
  /** Default uniform on ±1/√in for weight and bias, as torch does. */
  readonly initializer?: Initializer
  readonly biasInitializer?: Initializer
}

export class GraphBuilder {
  /** The images. */
  readonly input: Value = 'input'
  private readonly name: string
  private readonly nodes = new Map<string, GraphNode>()

  /** @param inputShape [H, W, C]. @throws AppError invalid-config when a side is not a positive integer. */
  constructor(name: string, inputShape: readonly [number, number, number]) {
    this.name = name
    if (inputShape.some(side => !Number.isInteger(side) || side < 1)) {
      throw new AppError(
        'invalid-config',
        `${name}: expected an input [H, W, C] of positive integers, got [${inputShape.join(', ')}]`,
        {
          field: 'input.size',
          value: inputShape,
        },
      )
    }
    this.apply('input', this.input, [], { shape: inputShape })
  }

  conv(name: string, input: Value, options: ConvOptions): Value {
    const { filters, bias = false, initializer = { kind: 'kaiming-normal', fan: 'out' } } = options
    return this.apply('conv', name, [input], {
      ...explicitWindow(options, this.shapeOf(input)),
      filters,
      bias,
      initializer,
    })
  }

  batchNorm(name: string, input: Value, options: BatchNormOptions = {}): Value {
    const { epsilon = 1e-5, momentum = 0.1, gamma = { kind: 'ones' }, scale = true } = options
    return this.apply('batch_norm', name, [input], { epsilon, momentum, gammaInitializer: gamma, scale })
  }

  relu(name: string, input: Value): Value {
    return this.apply('relu', name, [input], {})
  }

  add(name: string, inputs: readonly Value[]): Value {
    return this.apply('add', name, inputs, {})
  }

  /** Joins along the channels. */
  concat(name: string, inputs: readonly Value[]): Value {
    return this.apply('concat', name, inputs, {})
  }

  maxPool(name: string, input: Value, window: WindowOptions): Value {
    return this.apply('max_pool', name, [input], { ...explicitWindow(window, this.shapeOf(input)) })
  }

  /** Padding is not counted in the mean. */
  avgPool(name: string, input: Value, window: WindowOptions): Value {
    return this.apply('avg_pool', name, [input], { ...explicitWindow(window, this.shapeOf(input)) })
  }

  globalAvgPool(name: string, input: Value): Value {
    return this.apply('global_avg_pool', name, [input], {})
  }

  /** Generalised mean. @param options.p above 0; 1 is the mean, Infinity the maximum. @param options.isLearned Default false. */
  gem(name: string, input: Value, options: { readonly p: number; readonly isLearned?: boolean }): Value {
    return this.apply('gem', name, [input], { isLearned: false, ...options })
  }

  /** Each channel of `input` [H, W, C] times its factor of `factors` [C]. */
  scale(name: string, input: Value, factors: Value): Value {
    return this.apply('scale', name, [input, factors], {})
  }

  sigmoid(name: string, input: Value): Value {
    return this.apply('sigmoid', name, [input], {})
  }

  dense(name: string, input: Value, options: DenseOptions): Value {
    const fanIn = Math.max(1, this.shapeOf(input)[0] ?? 1)
    const { units, bias = true, initializer = { kind: 'uniform-fan-in', gain: 1 } } = options
    // A bias [out] does not know the fan in of its layer; a gain of 1/in gives ±1/√in.
    const { biasInitializer = { kind: 'uniform-fan-in', gain: 1 / fanIn } } = options
    return this.apply('dense', name, [input], { units, bias, initializer, biasInitializer })
  }

  /** @param rate share of values set to zero in training, from [0, 1). */
  dropout(name: string, input: Value, rate: number): Value {
    return this.apply('dropout', name, [input], { rate })
  }

  /** @param rate share of the images that leave the branch out in training, from [0, 1). */
  dropPath(name: string, input: Value, rate: number): Value {
    return this.apply('drop_path', name, [input], { rate })
  }

  flatten(name: string, input: Value): Value {
    return this.apply('flatten', name, [input], {})
  }

  /** Every stride-th pixel, with zeros for the channels beyond the input's (He et al. 2015, option A). */
  shortcutA(
    name: string,
    input: Value,
    options: { readonly stride: number; readonly channels: number },
  ): Value {
    return this.apply('shortcut_a', name, [input], { ...options })
  }

  /** Shape of a value without the batch. @throws AppError internal for a value that is not of this graph. */
  shapeOf(value: Value): Shape {
    return this.nodeOf(value).shape
  }

  /**
   * @param outputs the value of each output by its role: `logits`, `embedding`, `auxLogits`
   * @param trainingOutputs roles that only training asks for
   */
  build(outputs: Readonly<Record<string, Value>>, trainingOutputs: readonly string[] = []): Graph {
    for (const value of Object.values(outputs)) this.nodeOf(value)
    const inputShape = this.shapeOf(this.input) as [number, number, number]
    const roles = trainingOutputs.length > 0 ? { trainingOutputs } : {}
    return { name: this.name, inputShape, nodes: [...this.nodes.values()], outputs, ...roles }
  }

  private apply(op: string, name: string, inputs: readonly Value[], attributes: Attributes): Value {
    if (name === '' || this.nodes.has(name)) {
      throw new AppError('internal', `${this.name}: two nodes are named '${name}', or one has no name`, {
        node: name,
      })
    }
    const shapes = inputs.map(input => this.shapeOf(input))
    const { shape: shapeAfter, state } = operation(op)
    const fail = (problem: string): never => {
      throw new AppError('invalid-config', `${this.name}: ${op} '${name}': ${problem}`, {
        node: name,
        op,
        shapes,
      })
    }
    const shape = shapeAfter(shapes, attributes, fail)
    const { parameters, buffers } = state?.(name, shapes, attributes) ?? { parameters: [], buffers: [] }
    this.nodes.set(name, { name, op, inputs, attributes, shape, parameters, buffers })
    return name
  }

  private nodeOf(value: Value): GraphNode {
    const node = this.nodes.get(value)
    if (node) return node
    const known = [...this.nodes.keys()]
    throw new AppError('internal', `${this.name}: no node '${value}'. Known: ${known.join(', ')}`, {
      node: value,
    })
  }
}
