/** Moves of floats between layouts. Strides are in bytes. */
import {
  bulk,
  countDown,
  defineFunction,
  f32,
  get,
  i32,
  increase,
  integers,
  seq,
  set,
  shuffle,
  v128,
  when,
} from './assembler.ts'
import type { Code, WasmFunction } from './assembler.ts'

/** Longer lines are left to the engine's own copy, which costs a call. */
const longestShortLine = 1024

/** `copyLines(source, target, lines, bytes, sourceStride, targetStride)`; the bytes are a multiple of 4. */
const copyLines = defineFunction(
  'copyLines',
  integers(6),
  (scope, source, target, lines, bytes, ...strides) => {
    const [sourceStride, targetStride] = strides
    const [from, to, count] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
    const eachLine = (copy: Code): Code =>
      countDown(lines, seq(copy, increase(source, get(sourceStride)), increase(target, get(targetStride))))
    const move = (load: typeof v128.load, store: (address: Code, value: Code) => Code, step: number): Code =>
      countDown(
        count,
        seq(store(get(to), load(get(from))), increase(from, i32.const(step)), increase(to, i32.const(step))),
      )
    const copyShort = seq(
      set(from, get(source)),
      set(to, get(target)),
      set(count, i32.shiftRight(get(bytes), 4)),
      move(v128.load, v128.store, 16),
      set(count, i32.and(i32.shiftRight(get(bytes), 2), i32.const(3))),
      move(f32.load, f32.store, 4),
    )
    return when(
      i32.greaterThan(get(bytes), i32.const(longestShortLine)),
      eachLine(bulk.copy(get(target), get(source), get(bytes))),
      eachLine(copyShort),
    )
  },
)

/**
 * `gather(source, target, rows, columns, rowStride, columnStride, targetStride)`:
 * target[r][c] = source[r·rowStride + c·columnStride], the target's columns side by side.
 */
const gather = defineFunction('gather', integers(7), (scope, ...locals) => {
  const [source, target, rows, columns, rowStride, columnStride, targetStride] = locals
  const [from, to, column] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
  const copyColumn = seq(
    f32.store(get(to), f32.load(get(from))),
    increase(from, get(columnStride)),
    increase(to, i32.const(4)),
  )
  const copyRow = seq(
    set(from, get(source)),
    set(to, get(target)),
    set(column, get(columns)),
    countDown(column, copyColumn),
    increase(source, get(rowStride)),
    increase(target, get(targetStride)),
  )
  return countDown(rows, copyRow)
})

/** `packRows(source, target, rows, rowStride)`: eight floats of each row, side by side. */
const packRows = defineFunction('packRows', integers(4), (_, source, target, rows, rowStride) =>
  countDown(
    rows,
    seq(
      v128.store(get(target), v128.load(get(source))),
      v128.store(get(target), v128.load(get(source), 16), 16),
      increase(source, get(rowStride)),
      increase(target, i32.const(32)),
    ),
  ),
)

/**
 * `packTransposed(source, target, quads, columnStride)`: target [4·quads, 8] from a source whose eight columns lie
 * `columnStride` apart, each of them side by side; transposes blocks of 4×4 in registers.
 */
const packTransposed = defineFunction(
  'packTransposed',
  integers(4),
  (scope, source, target, quads, columnStride) => {
    const column = scope.local('i32')
    const half = (at: number): Code => {
      const loaded = Array.from({ length: 4 }, () => scope.local('v128'))
      const mixed = Array.from({ length: 4 }, () => scope.local('v128'))
      const [a, b, c, d] = loaded.map(get) as [Code, Code, Code, Code]
      const [ab, cd, abUpper, cdUpper] = mixed.map(get) as [Code, Code, Code, Code]
      const rows = [
        shuffle(ab, cd, [0, 1, 4, 5]),
        shuffle(ab, cd, [2, 3, 6, 7]),
        shuffle(abUpper, cdUpper, [0, 1, 4, 5]),
        shuffle(abUpper, cdUpper, [2, 3, 6, 7]),
      ]
      return seq(
        ...loaded.map(each => seq(set(each, v128.load(get(column))), increase(column, get(columnStride)))),
        set(mixed[0]!, shuffle(a, b, [0, 4, 1, 5])),
        set(mixed[1]!, shuffle(c, d, [0, 4, 1, 5])),
        set(mixed[2]!, shuffle(a, b, [2, 6, 3, 7])),
        set(mixed[3]!, shuffle(c, d, [2, 6, 3, 7])),
        ...rows.map((row, index) => v128.store(get(target), row, 32 * index + at)),
      )
    }
    const eachQuad = seq(
      set(column, get(source)),
      half(0),
      half(16),
      increase(source, i32.const(16)),
      increase(target, i32.const(128)),
    )
    return countDown(quads, eachQuad)
  },
)

/** The functions of this file, for the module. */
export const copies: readonly WasmFunction[] = [copyLines, gather, packRows, packTransposed]
