/**
 * A small assembler for WebAssembly with SIMD: expressions and statements are byte sequences, put together by functions that
 * bear the instructions' names. A function here is a loop nest of a kernel, unrolled by plain TypeScript.
 *
 * @source WebAssembly Core Specification 2.0, section 5 (binary format); relaxed SIMD proposal for fused multiply-add.
 */

/** Bytes of an expression or a statement. */
export type Code = readonly number[]
/** Types of values; `v128` is four floats or two doubles. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

/** A local variable of a function; its first ones are the parameters. */
export interface Local {
  readonly index: number
  readonly type: ValueType
}

/** A function of the module, assembled. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly locals: readonly ValueType[]
  readonly body: Code
}

/** What a function's author builds it with. */
export interface FunctionScope {
  /** A fresh local variable, zero at the start. */
  local(type: ValueType): Local
}

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }

/**
 * Defines an exported function without a result.
 *
 * @param build gets the parameters' locals in order and returns the body.
 */
export function defineFunction<const Parameters extends readonly ValueType[]>(
  name: string,
  parameters: Parameters,
  build: (scope: FunctionScope, ...parameters: { [Index in keyof Parameters]: Local }) => Code,
): WasmFunction {
  const locals: ValueType[] = []
  const scope: FunctionScope = {
    local: type => ({ index: parameters.length + locals.push(type) - 1, type }),
  }
  const own = parameters.map((type, index) => ({ index, type }))
  const body = build(scope, ...(own as unknown as { [Index in keyof Parameters]: Local }))
  return { name, parameters, locals, body }
}

type Integers<Length extends number, Made extends 'i32'[] = []> = Made['length'] extends Length
  ? Made
  : Integers<Length, [...Made, 'i32']>

/** The types of so many integer parameters. */
export function integers<const Length extends number>(length: Length): Integers<Length> {
  return new Array<'i32'>(length).fill('i32') as unknown as Integers<Length>
}

// Variables and control flow

/** The value of a local variable. */
export const get = (local: Local): Code => [0x20, ...unsigned(local.index)]
/** Gives a local variable a value. */
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local.index)]
/** local += value, for i32. */
export const increase = (local: Local, value: Code): Code => set(local, i32.add(get(local), value))
/** Statements one after the other. */
export const seq = (...statements: readonly Code[]): Code => statements.flat()

/** Runs the body while the condition holds. */
export const loopWhile = (condition: Code, body: Code): Code => [
  0x02,
  0x40,
  0x03,
  0x40,
  ...condition,
  0x45,
  0x0d,
  1,
  ...body,
  0x0c,
  0,
  0x0b,
  0x0b,
]

/** Runs the body `counter` times, counting it down to 0. */
export const countDown = (counter: Local, body: Code): Code =>
  loopWhile(get(counter), seq(body, set(counter, i32.sub(get(counter), i32.const(1)))))

/** Runs `then` where the condition is not 0, else `otherwise`. */
export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
]

// Instructions

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode]
const load =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [...address, opcode, 2, ...unsigned(offset)]
const store =
  (opcode: number) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, opcode, 2, ...unsigned(offset)]

/** Instructions on whole numbers and addresses. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  store: store(0x36),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  shiftRight: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0x76],
  shl: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0x74],
  eq: binary(0x46),
  lessThan: binary(0x48),
  greaterThan: binary(0x4a),
  atLeast: binary(0x4e),
} as const

/** Instructions on one float. */
export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)],
  load: load(0x2a),
  store: store(0x38),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  max: binary(0x97),
  greaterThan: binary(0x5e),
} as const

/** Whole stretches of memory; lengths in bytes. */
export const bulk = {
  copy: (target: Code, source: Code, length: Code): Code => [
    ...target,
    ...source,
    ...length,
    0xfc,
    0x0a,
    0,
    0,
  ],
  fill: (target: Code, value: Code, length: Code): Code => [...target, ...value, ...length, 0xfc, 0x0b, 0],
} as const

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)]
const simdBinary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(opcode)]
const simdUnary =
  (opcode: number) =>
  (a: Code): Code => [...a, ...simd(opcode)]
const simdLoad =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [...address, ...simd(opcode), 2, ...unsigned(offset)]

/** Instructions on vectors, whatever they hold. */
export const v128 = {
  load: simdLoad(0x00),
  /** Four copies of one float. */
  loadSplat: simdLoad(0x09),
  /** The float, then three zeros. */
  loadZero: simdLoad(0x5c),
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(0x0b),
    2,
    ...unsigned(offset),
  ],
  storeLane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(0x5a),
    2,
    ...unsigned(offset),
    lane,
  ],
  and: simdBinary(0x4e),
  /** Bits of `a` where the mask is not set. */
  andNot: simdBinary(0x4f),
  /** Bits of `a` where the mask is set, else of `b`. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)],
} as const

/** Instructions on four floats. */
export const f32x4 = {
  zero: [...simd(0x0c), ...new Array<number>(16).fill(0)] as Code,
  splat: simdUnary(0x13),
  add: simdBinary(0xe4),
  sub: simdBinary(0xe5),
  mul: simdBinary(0xe6),
  div: simdBinary(0xe7),
  max: simdBinary(0xe9),
  equal: simdBinary(0x41),
  greaterThan: simdBinary(0x44),
  /** a·b + c, fused where the processor can. */
  multiplyAdd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x105)],
} as const

/** Instructions on two doubles. */
export const f64x2 = {
  zero: f32x4.zero,
  /** The lower two floats as doubles. */
  promoteLow: simdUnary(0x5f),
  add: simdBinary(0xf0),
  mul: simdBinary(0xf2),
} as const

/** Four lanes out of the eight of a (0 to 3) and b (4 to 7). */
export const shuffle = (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
  ...a,
  ...b,
  ...simd(0x0d),
  ...lanes.flatMap(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
]

/** The upper two lanes of a vector moved to the lower ones. */
export const upperHalf = (a: Code): Code => shuffle(a, a, [2, 3, 0, 1])

/**
 * The bytes of a module that imports its memory as `host.memory` and exports all functions.
 */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(each => [0x60, ...vector(each.parameters.map(type => [typeCodes[type]])), 0])
  const memoryImport = [...text('host'), ...text('memory'), 0x02, 0x00, 0x00]
  const exported = functions.map((each, index) => [...text(each.name), 0x00, ...unsigned(index)])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([memoryImport])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exported)),
    ...section(10, vector(functions.map(functionCode))),
  ])
}

function functionCode({ locals, body }: WasmFunction): Code {
  const declarations = vector(locals.map(type => [1, typeCodes[type]]))
  return [...unsigned(declarations.length + body.length + 1), ...declarations, ...body, 0x0b]
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): Code {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest = Math.floor(rest / 128)
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}
