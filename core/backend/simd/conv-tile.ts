/**
 * The inner loops of a convolution: tiles of rows × 8 outputs, held in registers. Where each output's patch begins and where it is
 * written stands in two tables, so that a tile may hold pixels of several lines or images.
 * An output is the product of a patch (tapLines pieces of `run` floats each) and a panel [tapLines·run, 8] of the filter.
 */
import {
  countDown,
  defineFunction,
  f32x4,
  get,
  i32,
  increase,
  seq,
  set,
  v128,
  integers,
} from './assembler.ts'
import type { Code, WasmFunction } from './assembler.ts'
import { maxTileRows } from './filter-tile.ts'

/** Steps of the inner loop that are written out one after the other. */
const unrolled = 4

/**
 * One function per number of outputs in a tile, `convTile1` to `convTile6`, of `(source, panel, out, tiles, sourceOffsets, outOffsets,
 * tapLines, run, tapLineStride)`. The tables hold bytes from `source` and `out`.
 */
export const convTiles: readonly WasmFunction[] = Array.from({ length: maxTileRows }, (_, index) =>
  convTile(index + 1),
)

function convTile(rows: number): WasmFunction {
  return defineFunction(`convTile${rows}`, integers(9), (scope, ...locals) => {
    const [source, panel, out, tiles, sourceOffsets, outOffsets, tapLines, run, tapLineStride] = locals
    const [b, tapLine, count] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
    const [tapStart, target] = [scope.local('i32'), scope.local('i32')]
    const patches = Array.from({ length: rows }, () => scope.local('i32'))
    const [low, high, value] = [scope.local('v128'), scope.local('v128'), scope.local('v128')]
    const sums = patches.map(() => [scope.local('v128'), scope.local('v128')] as const)

    const addProduct = (step: number): Code =>
      seq(
        set(low, v128.load(get(b), 32 * step)),
        set(high, v128.load(get(b), 32 * step + 16)),
        ...sums.map(([lowSum, highSum], row) =>
          seq(
            set(value, v128.loadSplat(get(patches[row]!), 4 * step)),
            set(lowSum, f32x4.multiplyAdd(get(value), get(low), get(lowSum))),
            set(highSum, f32x4.multiplyAdd(get(value), get(high), get(highSum))),
          ),
        ),
      )
    const advance = (steps: number): Code =>
      seq(increase(b, i32.const(32 * steps)), ...patches.map(patch => increase(patch, i32.const(4 * steps))))
    const steps = Array.from({ length: unrolled }, (_, step) => addProduct(step))
    const addRun = seq(
      set(count, i32.shiftRight(get(run), 2)),
      countDown(count, seq(...steps, advance(unrolled))),
      set(count, i32.and(get(run), i32.const(unrolled - 1))),
      countDown(count, seq(addProduct(0), advance(1))),
    )
    const startPatches = patches.map((patch, row) =>
      set(patch, i32.add(get(tapStart), i32.load(get(sourceOffsets), 4 * row))),
    )
    const addTapLine = seq(...startPatches, addRun, increase(tapStart, get(tapLineStride)))
    const store = sums.map(([lowSum, highSum], row) =>
      seq(
        set(target, i32.add(get(out), i32.load(get(outOffsets), 4 * row))),
        v128.store(get(target), get(lowSum)),
        v128.store(get(target), get(highSum), 16),
      ),
    )
    const computeTile = seq(
      set(b, get(panel)),
      set(tapStart, get(source)),
      ...sums.flat().map(sum => set(sum, f32x4.zero)),
      set(tapLine, get(tapLines)),
      countDown(tapLine, addTapLine),
      ...store,
      increase(sourceOffsets, i32.const(4 * rows)),
      increase(outOffsets, i32.const(4 * rows)),
    )
    return countDown(tiles, computeTile)
  })
}
