/**
 * Gradients of the tfjs kernels that loss functions are composed of, for tfjs's tape. The build of tfjs-core that Node loads
 * registers none of its own, and those it has lie in files that Node cannot import. One that is registered already stays.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { GradConfig, GradFunc, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'

/** Registers what is missing; calling it again changes nothing. */
export function registerLossGradients(): void {
  for (const config of gradients) if (!tf.getGradient(config.kernelName)) tf.registerGradient(config)
}

type NamedGradientMap = ReturnType<GradFunc>
type Saved = readonly Tensor[]

const gradients: readonly GradConfig[] = [
  binary(tf.Add, {
    a: dy => dy,
    b: dy => dy,
  }),
  binary(tf.Sub, {
    a: dy => dy,
    b: dy => tf.neg(dy),
  }),
  binary(tf.Multiply, {
    a: (dy, [, b]) => tf.mul(dy, b!),
    b: (dy, [a]) => tf.mul(dy, a!),
  }),
  binary(tf.RealDiv, {
    a: (dy, [, b]) => tf.div(dy, b!),
    b: (dy, [a, b]) => tf.neg(tf.div(tf.mul(dy, a!), tf.square(b!))),
  }),
  binary(tf.SquaredDifference, {
    a: (dy, [a, b]) => tf.mul(dy, tf.mul(2, tf.sub(a!, b!))),
    b: (dy, [a, b]) => tf.mul(dy, tf.mul(2, tf.sub(b!, a!))),
  }),
  // On a tie the first one wins, as in tfjs.
  binary(tf.Maximum, {
    a: (dy, [a, b]) => tf.mul(dy, tf.cast(tf.greaterEqual(a!, b!), 'float32')),
    b: (dy, [a, b]) => tf.mul(dy, tf.cast(tf.less(a!, b!), 'float32')),
  }),
  binary(tf.Minimum, {
    a: (dy, [a, b]) => tf.mul(dy, tf.cast(tf.lessEqual(a!, b!), 'float32')),
    b: (dy, [a, b]) => tf.mul(dy, tf.cast(tf.greater(a!, b!), 'float32')),
  }),
  unary(tf.Identity, 'nothing', dy => tf.clone(dy)),
  unary(tf.Cast, 'nothing', dy => tf.clone(dy)),
  unary(tf.Neg, 'nothing', dy => tf.neg(dy)),
  unary(tf.Exp, 'output', (dy, y) => tf.mul(dy, y)),
  unary(tf.Log, 'input', (dy, x) => tf.div(dy, x)),
  unary(tf.Square, 'input', (dy, x) => tf.mul(dy, tf.mul(2, x))),
  unary(tf.Sqrt, 'output', (dy, y) => tf.div(dy, tf.mul(2, y))),
  unary(tf.Rsqrt, 'output', (dy, y) => tf.mul(dy, tf.mul(-0.5, tf.pow(y, 3)))),
  unary(tf.Relu, 'output', (dy, y) => tf.mul(dy, tf.step(y))),
  unary(tf.Abs, 'input', (dy, x) => tf.mul(dy, tf.sign(x))),
  unary(tf.Reshape, 'input', (dy, x) => tf.reshape(dy, x.shape)),
  {
    kernelName: tf.ExpandDims,
    inputsToSave: ['input'],
    gradFunc: (dy, [x]) => ({ input: () => tf.reshape(dy as Tensor, x!.shape) }),
  },
  { kernelName: tf.Sum, inputsToSave: ['x'], gradFunc: spreadOver(() => 1) },
  {
    kernelName: tf.Mean,
    inputsToSave: ['x'],
    gradFunc: spreadOver((x, axes) => axes.reduce((count, axis) => count * x.shape[axis]!, 1)),
  },
  { kernelName: tf.Slice, inputsToSave: ['x'], gradFunc: sliceGradient },
  { kernelName: tf.Softmax, outputsToSave: [true], gradFunc: softmaxGradient },
  {
    kernelName: tf.Transpose,
    gradFunc: (dy, _saved, attrs) => ({
      x: () => tf.transpose(dy as Tensor, inverse(attrs['perm'] as unknown as number[])),
    }),
  },
  { kernelName: tf.BatchMatMul, inputsToSave: ['a', 'b'], gradFunc: matMulGradient },
]

/** Two inputs that broadcast; each gradient is summed back to its input's shape. */
function binary(
  kernelName: string,
  of: { a: (dy: Tensor, saved: Saved) => Tensor; b: (dy: Tensor, saved: Saved) => Tensor },
): GradConfig {
  return {
    kernelName,
    // Even where the values do not matter, the shapes do.
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => ({
      a: () => sumTo(of.a(dy as Tensor, saved), saved[0]!.shape),
      b: () => sumTo(of.b(dy as Tensor, saved), saved[1]!.shape),
    }),
  }
}

/** One input `x`. */
function unary(
  kernelName: string,
  saves: 'nothing' | 'input' | 'output',
  of: (dy: Tensor, saved: Tensor) => Tensor,
): GradConfig {
  const inputToSave = saves === 'input' ? { inputsToSave: ['x'] } : {}
  const outputToSave = saves === 'output' ? { outputsToSave: [true] } : {}
  return {
    kernelName,
    ...inputToSave,
    ...outputToSave,
    gradFunc: (dy, saved) => ({ x: () => of(dy as Tensor, saved[0]!) }),
  }
}

function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape)
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), shape)
}

/** Gradient of a reduction: dy over the reduced axes, divided by `divisor`. */
function spreadOver(divisor: (x: Tensor, axes: number[]) => number): GradFunc {
  return (dy, [x], attrs) => {
    const axes = tf.util.parseAxisParam((attrs['axis'] ?? null) as unknown as number[], x!.shape)
    const kept = x!.shape.map((side, axis) => (axes.includes(axis) ? 1 : side))
    const share = (): Tensor => tf.div(tf.reshape(dy as Tensor, kept), divisor(x!, axes))
    return { x: () => tf.mul(share(), tf.onesLike(x!)) }
  }
}

function softmaxGradient(dy: Tensor | Tensor[], [y]: Tensor[], attrs: NamedAttrMap): NamedGradientMap {
  return {
    logits: () => {
      const weighted = tf.mul(dy as Tensor, y!)
      return tf.sub(weighted, tf.mul(tf.sum(weighted, attrs['dim'] as number, true), y!))
    },
  }
}

function sliceGradient(dy: Tensor | Tensor[], [x]: Tensor[], attrs: NamedAttrMap): NamedGradientMap {
  // One number stands for all axes, and a size of -1 for the rest.
  const [begin = []] = tf.slice_util.parseSliceParams(
    x!,
    attrs['begin'] as number[],
    attrs['size'] as number[],
  )
  const taken = (dy as Tensor).shape
  const around = x!.shape.map((side, axis): [number, number] => [
    begin[axis]!,
    side - begin[axis]! - taken[axis]!,
  ])
  return { x: () => tf.pad(dy as Tensor, around) }
}

function matMulGradient(dy: Tensor | Tensor[], [a, b]: Tensor[], attrs: NamedAttrMap): NamedGradientMap {
  const g = dy as Tensor
  const transposesA = attrs['transposeA'] === true
  const transposesB = attrs['transposeB'] === true
  return {
    a: () => (transposesA ? tf.matMul(b!, g, transposesB, true) : tf.matMul(g, b!, false, !transposesB)),
    b: () => (transposesB ? tf.matMul(g, a!, true, transposesA) : tf.matMul(a!, g, !transposesA, false)),
  }
}

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis))
}
