/**
 * The inner loops of a convolution: tiles of rows × 8 outputs, held in registers, over lines of pixels.
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

/** One function per number of pixels in a tile: `convTile1` to `convTile6`. Strides are in bytes. */
export const convTiles: readonly WasmFunction[] = Array.from({ length: maxTileRows }, (_, index) =>
  convTile(index + 1),
)

function convTile(rows: number): WasmFunction {
  return defineFunction(`convTile${rows}`, integers(12), (scope, ...locals) => {
    const [source, panel, out, tiles, lines, pixelStride, lineStride, ...others] = locals
    const [outPixelStride, outLineStride, tapLines, run, tapLineStride] = others
    const [b, tile, tapLine, count] = [
      scope.local('i32'),
      scope.local('i32'),
      scope.local('i32'),
      scope.local('i32'),
    ]
    const [tileSource, tileOut, tapStart] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
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
      set(patch, row === 0 ? get(tapStart) : i32.add(get(patches[row - 1]!), get(pixelStride))),
    )
    const addTapLine = seq(...startPatches, addRun, increase(tapStart, get(tapLineStride)))
    const store = sums.map(([lowSum, highSum]) =>
      seq(
        v128.store(get(tileOut), get(lowSum)),
        v128.store(get(tileOut), get(highSum), 16),
        increase(tileOut, get(outPixelStride)),
      ),
    )
    const computeTile = seq(
      set(b, get(panel)),
      set(tapStart, get(tileSource)),
      ...sums.flat().map(sum => set(sum, f32x4.zero)),
      set(tapLine, get(tapLines)),
      countDown(tapLine, addTapLine),
      ...store,
      increase(tileSource, i32.mul(get(pixelStride), i32.const(rows))),
    )
    const computeLine = seq(
      set(tile, get(tiles)),
      set(tileSource, get(source)),
      set(tileOut, get(out)),
      countDown(tile, computeTile),
      increase(source, get(lineStride)),
      increase(out, get(outLineStride)),
    )
    return countDown(lines, computeLine)
  })
}
