/**
 * A WebAssembly module of two functions over rows of float32, written out byte by byte as there is no compiler for it here:
 *
 *     product(rows, vector, out, count, bytes)                        out[r] = Σ rows[r]·vector
 *     weighted(rows, vector, weights, out, lengths, count, bytes)     and lengths[r] = Σ rows[r]²·weights
 *
 * All are addresses, `bytes` the length of a row, a multiple of 64.
 * @source The opcodes are those of the WebAssembly Core Specification 2.0, sections 5.4 and 5.4.9 (vector instructions).
 */

/** As far as it is used here: the types of the DOM, which core goes without, have it otherwise. */
interface Assembly {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Instance: new (module: object, imports: unknown) => { readonly exports: unknown }
}
export const assembly = (globalThis as unknown as { readonly WebAssembly: Assembly }).WebAssembly

type Code = readonly (number | readonly number[])[]

const [i32, v128] = [0x7f, 0x7b]
const none = 0x40
const get = (local: number): number[] => [0x20, local]
const set = (local: number): number[] => [0x21, local]
const constant = (value: number): number[] => [0x41, ...signed(value)]
const addI32 = 0x6a
const subI32 = 0x6b
const isLess = 0x49
const loop = [0x03, none]
const end = 0x0b
const repeatIf = [0x0d, 0]
const load = (offset: number): number[] => [0xfd, 0x00, 4, ...unsigned(offset)]
const addF = [0xfd, 0xe4, 0x01]
const mulF = [0xfd, 0xe6, 0x01]
const zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
const lane = (at: number): number[] => [0xfd, 0x1f, at]
const addF32 = 0x92
const storeF32 = [0x38, 2, 0]
/** Four vectors of four values: one round of the inner loop. */
const rounds = [0, 16, 32, 48]

let module: object | null = null

export function productModule(): object {
  return (module ??= new assembly.Module(Uint8Array.from(assembled())))
}

function assembled(): number[] {
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [
      [0x60, 5, i32, i32, i32, i32, i32, 0],
      [0x60, 7, i32, i32, i32, i32, i32, i32, i32, 0],
    ]), // types
    ...section(2, [[...text('host'), ...text('memory'), 0x02, 0x00, 0]]), // import, of at least no pages
    ...section(3, [[0], [1]]), // functions, by type
    ...section(7, [
      [...text('product'), 0x00, 0],
      [...text('weighted'), 0x00, 1],
    ]), // exports
    ...section(10, [body([1, 4], product()), body([2, 8], weighted())]), // code
  ]
}

/** Parameters 0 to 4; local 5 walks along the vector, 6 to 9 are sums. */
function product(): Code {
  const [rows, vector, out, count, bytes, at, sum] = [0, 1, 2, 3, 4, 5, 6]
  return [
    loop,
    ...rounds.flatMap((_, k) => [zero, set(sum + k)]),
    [...get(vector), ...set(at)],
    loop,
    ...rounds.flatMap((offset, k) => [
      get(sum + k),
      [...get(rows), ...load(offset), ...get(at), ...load(offset)],
      [...mulF, ...addF, ...set(sum + k)],
    ]),
    advance(rows, 64),
    advance(at, 64),
    [...get(at), ...get(vector), ...get(bytes), addI32, isLess, ...repeatIf],
    end,
    stored(out, sum),
    advance(out, 4),
    nextRow(count),
    end,
  ]
}

/** Parameters 0 to 6; locals 7 and 8 walk along vector and weights, 9 to 12 and 13 to 16 are sums. */
function weighted(): Code {
  const [rows, vector, weights, out, lengths, count, bytes, at, atWeights, sum, length] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13,
  ]
  return [
    loop,
    ...rounds.flatMap((_, k) => [zero, set(sum + k), zero, set(length + k)]),
    [...get(vector), ...set(at), ...get(weights), ...set(atWeights)],
    loop,
    ...rounds.flatMap((offset, k) => [
      [...get(sum + k), ...get(rows), ...load(offset), ...get(at), ...load(offset)],
      [...mulF, ...addF, ...set(sum + k)],
      [...get(length + k), ...get(rows), ...load(offset), ...get(rows), ...load(offset), ...mulF],
      [...get(atWeights), ...load(offset), ...mulF, ...addF, ...set(length + k)],
    ]),
    advance(rows, 64),
    advance(at, 64),
    advance(atWeights, 64),
    [...get(at), ...get(vector), ...get(bytes), addI32, isLess, ...repeatIf],
    end,
    stored(out, sum),
    stored(lengths, length),
    advance(out, 4),
    advance(lengths, 4),
    nextRow(count),
    end,
  ]
}

/** Stores the sum of four vectors' values. */
function stored(out: number, sum: number): number[] {
  const whole = [
    ...[...get(sum), ...get(sum + 1), ...addF],
    ...[...get(sum + 2), ...get(sum + 3), ...addF, ...addF, ...set(sum)],
  ]
  const lanes = [0, 1, 2, 3].flatMap(at => [...get(sum), ...lane(at), ...(at === 0 ? [] : [addF32])])
  return [...whole, ...get(out), ...lanes, ...storeF32]
}

function advance(local: number, bytes: number): number[] {
  return [...get(local), ...constant(bytes), addI32, ...set(local)]
}

/** Goes on with the loop while rows are left. */
function nextRow(count: number): number[] {
  return [...get(count), ...constant(1), subI32, 0x22, count, ...repeatIf]
}

/** @param locals how many i32 and how many v128 the function has beside its parameters */
function body([integers, vectors]: readonly [number, number], code: Code): number[] {
  const inner = [2, integers, i32, vectors, v128, ...code.flat(), end]
  return [...unsigned(inner.length), ...inner]
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...unsigned(entries.length), ...entries.flat()]
  return [id, ...unsigned(content.length), ...content]
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)]
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >> 7)]
}
