/** Moves of floats between layouts. Strides are in bytes. */
import { bulk, countDown, defineFunction, f32, get, i32, increase, seq, set, integers } from './assembler.ts'
import type { WasmFunction } from './assembler.ts'

/** `copyLines(source, target, lines, bytes, sourceStride, targetStride)`. */
const copyLines = defineFunction('copyLines', integers(6), (_, ...locals) => {
  const [source, target, lines, bytes, sourceStride, targetStride] = locals
  return countDown(
    lines,
    seq(
      bulk.copy(get(target), get(source), get(bytes)),
      increase(source, get(sourceStride)),
      increase(target, get(targetStride)),
    ),
  )
})

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

export const copies: readonly WasmFunction[] = [copyLines, gather]
