/** Builds single passes over tensors: per element, or per channel (the last dimension) with sums. */
import {
  countDown,
  defineFunction,
  f32x4,
  f64x2,
  get,
  i32,
  increase,
  seq,
  set,
  upperHalf,
  v128,
} from './assembler.ts'
import type { Code, FunctionScope, Local, ValueType, WasmFunction } from './assembler.ts'

/** What a pass computes from one vector of each input. */
export interface PassBody {
  /** One vector for each output tensor. */
  readonly outputs: readonly Code[]
  /** One addend for each sum. */
  readonly addends: readonly Code[]
  /** Statements that run before. */
  readonly before?: Code
}

/** A pass over [rows, C] tensors; channels come in groups of 4·width. */
export interface ChannelPass {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  /** How many [C] vectors it reads. */
  readonly vectors: number
  /** How many sums per channel it makes. */
  readonly sums: number
  readonly body: (inputs: readonly Code[], vectors: readonly Code[], scope: FunctionScope) => PassBody
}

/** Groups of 16 channels use whole cache lines; groups of 4 serve every other multiple of 4. */
export const groupWidths = [4, 1] as const

/** Bytes of a vector of four floats. */
const vectorBytes = 16

/**
 * `name` + group width: a function of the inputs' addresses, the outputs', the vectors', then
 * (sums, sumStride, rows, groups, rowBytes). `sums` are doubles, one array of C for each sum, `sumStride` bytes apart; the pass
 * adds the single-precision sum over its rows to them.
 */
export function channelPasses(pass: ChannelPass): WasmFunction[] {
  return groupWidths.map(width => channelPass(pass, width))
}

function channelPass(pass: ChannelPass, width: number): WasmFunction {
  const pointers = pass.inputs + pass.outputs + pass.vectors
  const parameters = new Array<ValueType>(pointers + 5).fill('i32')
  return defineFunction(`${pass.name}${width}`, parameters, (scope, ...locals: Local[]) => {
    const tensors = locals.slice(0, pass.inputs + pass.outputs)
    const vectors = locals.slice(pass.inputs + pass.outputs, pointers)
    const [sums, sumStride, rows, groups, rowBytes] = locals.slice(pointers) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ]
    const rowPointers = tensors.map(() => scope.local('i32'))
    const [row, sumPointer] = [scope.local('i32'), scope.local('i32')]
    const lanes = Array.from({ length: width }, () => laneOf(pass, scope))

    const startGroup = seq(
      ...tensors.map((tensor, index) => set(rowPointers[index]!, get(tensor))),
      ...lanes.flatMap((lane, at) =>
        lane.vectors.map((each, index) => set(each, v128.load(get(vectors[index]!), vectorBytes * at))),
      ),
      ...lanes.flatMap(lane => lane.sums.map(sum => set(sum, f32x4.zero))),
      set(row, get(rows)),
    )
    const eachRow = seq(
      ...lanes.map((lane, at) => computeLane(pass, lane, rowPointers, vectorBytes * at)),
      ...rowPointers.map(pointer => increase(pointer, get(rowBytes))),
    )
    const addSums = Array.from({ length: pass.sums }, (_, sum) =>
      seq(
        set(sumPointer, i32.add(get(sums), i32.mul(get(sumStride), i32.const(sum)))),
        ...lanes.map((lane, at) => addToDoubles(sumPointer, 2 * vectorBytes * at, lane.sums[sum]!)),
      ),
    )
    const nextGroup = seq(
      ...[...tensors, ...vectors].map(pointer => increase(pointer, i32.const(vectorBytes * width))),
      increase(sums, i32.const(2 * vectorBytes * width)),
    )
    return countDown(groups, seq(startGroup, countDown(row, eachRow), ...addSums, nextGroup))
  })
}

/** The locals of one of the vectors that a group of channels is made of. */
interface Lane {
  readonly inputs: readonly Local[]
  readonly vectors: readonly Local[]
  readonly sums: readonly Local[]
  readonly body: PassBody
}

function laneOf(pass: ChannelPass, scope: FunctionScope): Lane {
  const make = (count: number): Local[] => Array.from({ length: count }, () => scope.local('v128'))
  const [inputs, vectors, sums] = [make(pass.inputs), make(pass.vectors), make(pass.sums)]
  return { inputs, vectors, sums, body: pass.body(inputs.map(get), vectors.map(get), scope) }
}

function computeLane(pass: ChannelPass, lane: Lane, pointers: readonly Local[], offset: number): Code {
  const outputs = pointers.slice(pass.inputs)
  return seq(
    ...lane.inputs.map((input, index) => set(input, v128.load(get(pointers[index]!), offset))),
    lane.body.before ?? [],
    ...lane.body.outputs.map((value, index) => v128.store(get(outputs[index]!), value, offset)),
    ...lane.body.addends.map((addend, index) =>
      set(lane.sums[index]!, f32x4.add(get(lane.sums[index]!), addend)),
    ),
  )
}

/** Adds a vector of four floats to four doubles in memory. */
function addToDoubles(address: Local, offset: number, value: Local): Code {
  const add = (part: Code, at: number): Code =>
    v128.store(get(address), f64x2.add(v128.load(get(address), at), f64x2.promoteLow(part)), at)
  return seq(add(get(value), offset), add(upperHalf(get(value)), offset + vectorBytes))
}

/** A pass over flat arrays, with scalars that are the same for all elements. */
export interface ElementPass {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly scalars: number
  readonly body: (
    inputs: readonly Code[],
    scalars: readonly Code[],
    scope: FunctionScope,
  ) => Omit<PassBody, 'addends'>
}

/** A function of the inputs' addresses, the outputs', the number of elements, then the scalars (floats). */
export function elementPass(pass: ElementPass): WasmFunction {
  const pointerCount = pass.inputs + pass.outputs
  const parameters: ValueType[] = [
    ...new Array<ValueType>(pointerCount + 1).fill('i32'),
    ...new Array<ValueType>(pass.scalars).fill('f32'),
  ]
  return defineFunction(pass.name, parameters, (scope, ...locals: Local[]) => {
    const pointers = locals.slice(0, pointerCount)
    const elements = locals[pointerCount]!
    const scalars = locals.slice(pointerCount + 1)
    const count = scope.local('i32')
    const splats = scalars.map(() => scope.local('v128'))
    const inputs = Array.from({ length: pass.inputs }, () => scope.local('v128'))
    const { before = [], outputs } = pass.body(inputs.map(get), splats.map(get), scope)
    const step = (load: typeof v128.load, store: (address: Code, value: Code) => Code, bytes: number): Code =>
      seq(
        ...inputs.map((input, index) => set(input, load(get(pointers[index]!)))),
        before,
        ...outputs.map((value, index) => store(get(pointers[pass.inputs + index]!), value)),
        ...pointers.map(pointer => increase(pointer, i32.const(bytes))),
      )
    return seq(
      ...scalars.map((scalar, index) => set(splats[index]!, f32x4.splat(get(scalar)))),
      set(count, i32.shiftRight(get(elements), 2)),
      countDown(count, step(v128.load, v128.store, vectorBytes)),
      set(count, i32.and(get(elements), i32.const(3))),
      countDown(
        count,
        step(v128.loadZero, (address, value) => v128.storeLane(address, value, 0), 4),
      ),
    )
  })
}
