/** The single passes of batch norm, ReLU and the optimizer. */
import { f32x4, get, set, v128 } from './assembler.ts'
import type { Code, FunctionScope, WasmFunction } from './assembler.ts'
import { channelPasses, elementPass } from './pass-builder.ts'
import type { ChannelPass } from './pass-builder.ts'

const zero = f32x4.zero
const relu = (value: Code): Code => f32x4.max(value, zero)
/** `value` where y > 0, else 0. */
const masked = (value: Code, y: Code): Code => v128.and(value, f32x4.greaterThan(y, zero))

/** Σ x per channel. */
const sumRows: ChannelPass = {
  name: 'sumRows',
  inputs: 1,
  outputs: 0,
  vectors: 0,
  sums: 1,
  body: ([x]) => ({ outputs: [], addends: [x!] }),
}

/** Σ (x − mean)² per channel. */
const sumSquares: ChannelPass = {
  name: 'sumSquares',
  inputs: 1,
  outputs: 0,
  vectors: 1,
  sums: 1,
  body: ([x], [mean], scope) => {
    const difference = scope.local('v128')
    return {
      before: set(difference, f32x4.sub(x!, mean!)),
      outputs: [],
      addends: [f32x4.mul(get(difference), get(difference))],
    }
  },
}

/** y = x·scale + shift [+ addend], with or without ReLU; the name says which. */
function scaleShift(hasAddend: boolean, hasRelu: boolean): ChannelPass {
  return {
    name: `scaleShift${hasAddend ? 'Add' : ''}${hasRelu ? 'Relu' : ''}`,
    inputs: hasAddend ? 2 : 1,
    outputs: 1,
    vectors: 2,
    sums: 0,
    body: ([x, addend], [scale, shift]) => {
      const scaled = f32x4.multiplyAdd(x!, scale!, shift!)
      const sum = hasAddend ? f32x4.add(scaled, addend!) : scaled
      return { outputs: [hasRelu ? relu(sum) : sum], addends: [] }
    },
  }
}

/** Σ dz and Σ dz·(x − mean) per channel, for inputs dy, x and, where dz is dy behind a ReLU, y. */
function sumProducts(hasRelu: boolean): ChannelPass {
  return {
    name: hasRelu ? 'sumProductsRelu' : 'sumProducts',
    inputs: hasRelu ? 3 : 2,
    outputs: 0,
    vectors: 1,
    sums: 2,
    body: ([dy, x, y], [mean], scope) => {
      const dz = scope.local('v128')
      const centred = f32x4.sub(x!, mean!)
      return {
        before: set(dz, hasRelu ? masked(dy!, y!) : dy!),
        outputs: [],
        addends: [get(dz), f32x4.mul(get(dz), centred)],
      }
    },
  }
}

/** dx = dz·scale + (x − mean)·slope + offset; with `keep`, dz is a second output. */
function inputOfNorm(hasRelu: boolean, keep: boolean): ChannelPass {
  return {
    name: `inputOfNorm${hasRelu ? 'Relu' : ''}${keep ? 'Keep' : ''}`,
    inputs: hasRelu ? 3 : 2,
    outputs: keep ? 2 : 1,
    vectors: 4,
    sums: 0,
    body: ([dy, x, y], [mean, scale, slope, offset], scope) => {
      const dz = scope.local('v128')
      const projected = f32x4.multiplyAdd(f32x4.sub(x!, mean!), slope!, offset!)
      const dx = f32x4.multiplyAdd(get(dz), scale!, projected)
      return {
        before: set(dz, hasRelu ? masked(dy!, y!) : dy!),
        outputs: keep ? [dx, get(dz)] : [dx],
        addends: [],
      }
    },
  }
}

const reluGradient = elementPass({
  name: 'reluGradient',
  inputs: 2,
  outputs: 1,
  scalars: 0,
  body: ([dy, y]) => ({ outputs: [masked(dy!, y!)] }),
})

/** Inputs value, gradient, velocity; scalars learning rate, momentum, weight decay. */
function sgdStep(nesterov: boolean): WasmFunction {
  return elementPass({
    name: nesterov ? 'sgdNesterov' : 'sgd',
    inputs: 3,
    outputs: 2,
    scalars: 3,
    body: ([value, gradient, velocity], [learningRate, momentum, weightDecay], scope: FunctionScope) => {
      const [g, v] = [scope.local('v128'), scope.local('v128')]
      const direction = nesterov ? f32x4.multiplyAdd(momentum!, get(v), get(g)) : get(v)
      return {
        before: [
          ...set(g, f32x4.multiplyAdd(weightDecay!, value!, gradient!)),
          ...set(v, f32x4.multiplyAdd(momentum!, velocity!, get(g))),
        ],
        outputs: [f32x4.sub(value!, f32x4.mul(learningRate!, direction)), get(v)],
      }
    },
  })
}

/** All passes over rows of channels and over plain arrays. */
export const passes: readonly WasmFunction[] = [
  ...[sumRows, sumSquares, sumProducts(false), sumProducts(true)].flatMap(channelPasses),
  ...[
    scaleShift(false, false),
    scaleShift(false, true),
    scaleShift(true, false),
    scaleShift(true, true),
  ].flatMap(channelPasses),
  ...[inputOfNorm(false, false), inputOfNorm(true, false), inputOfNorm(true, true)].flatMap(channelPasses),
  reluGradient,
  sgdStep(false),
  sgdStep(true),
]
