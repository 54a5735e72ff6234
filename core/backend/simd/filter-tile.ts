/**
 * The inner loop of a convolution's filter gradient: a tile of rows × 8 sums over pixels, held in registers,
 * out[r][c] += Σ over pixels of x[r] · dy[c].
 */
import {
  countDown,
  defineFunction,
  f32,
  f32x4,
  get,
  i32,
  increase,
  integers,
  seq,
  set,
  v128,
} from './assembler.ts'
import type { WasmFunction } from './assembler.ts'

export const maxTileRows = 6

/**
 * One function per number of rows, `filterTile1` to `filterTile6`, of `(x, dy, out, outStride, images, lines, pixels, xStride,
 * xLineSkip, xImageSkip, dyStride)`. Strides and skips are in bytes; a skip is what is left to go after the last pixel or line.
 */
export const filterTiles: readonly WasmFunction[] = Array.from({ length: maxTileRows }, (_, index) =>
  filterTile(index + 1),
)

function filterTile(rows: number): WasmFunction {
  const parameters = integers(11)
  return defineFunction(`filterTile${rows}`, parameters, (scope, ...locals) => {
    const [x, dy, out, outStride, images, lines, pixels, ...strides] = locals
    const [xStride, xLineSkip, xImageSkip, dyStride] = strides
    const [line, pixel] = [scope.local('i32'), scope.local('i32')]
    const [low, high, value] = [scope.local('v128'), scope.local('v128'), scope.local('v128')]
    const sums = Array.from({ length: rows }, () => [scope.local('v128'), scope.local('v128')] as const)
    const addRow = (row: number): readonly number[] => {
      const [lowSum, highSum] = sums[row]!
      return seq(
        set(value, v128.loadSplat(get(x), 4 * row)),
        set(lowSum, f32x4.multiplyAdd(get(value), get(low), get(lowSum))),
        set(highSum, f32x4.multiplyAdd(get(value), get(high), get(highSum))),
      )
    }
    const addPixel = seq(
      set(low, v128.load(get(dy))),
      set(high, v128.load(get(dy), 16)),
      ...sums.map((_, row) => addRow(row)),
      increase(x, get(xStride)),
      increase(dy, get(dyStride)),
    )
    const addLine = seq(set(pixel, get(pixels)), countDown(pixel, addPixel), increase(x, get(xLineSkip)))
    const addImage = seq(set(line, get(lines)), countDown(line, addLine), increase(x, get(xImageSkip)))
    const storeRows = sums.map(([lowSum, highSum]) =>
      seq(
        v128.store(get(out), f32x4.add(v128.load(get(out)), get(lowSum))),
        v128.store(get(out), f32x4.add(v128.load(get(out), 16), get(highSum)), 16),
        increase(out, get(outStride)),
      ),
    )
    return seq(countDown(images, addImage), ...storeRows)
  })
}

/**
 * `packPatches1` to `packPatches6` of `(x, target, images, lines, pixels, xStride, xLineSkip, xImageSkip)`: the tile's floats of
 * every pixel, side by side.
 */
export const patchPackers: readonly WasmFunction[] = Array.from({ length: maxTileRows }, (_, index) =>
  patchPacker(index + 1),
)

function patchPacker(rows: number): WasmFunction {
  return defineFunction(
    `packPatches${rows}`,
    integers(8),
    (scope, x, target, images, lines, pixels, ...strides) => {
      const [xStride, xLineSkip, xImageSkip] = strides
      const [line, pixel] = [scope.local('i32'), scope.local('i32')]
      const vectors = Math.floor(rows / 4)
      const singles = Array.from({ length: rows - 4 * vectors }, (_, index) => 16 * vectors + 4 * index)
      const copyPixel = seq(
        vectors > 0 ? v128.store(get(target), v128.load(get(x))) : [],
        ...singles.map(offset => f32.store(get(target), f32.load(get(x), offset), offset)),
        increase(x, get(xStride)),
        increase(target, i32.const(4 * rows)),
      )
      const copyLine = seq(set(pixel, get(pixels)), countDown(pixel, copyPixel), increase(x, get(xLineSkip)))
      const copyImage = seq(set(line, get(lines)), countDown(line, copyLine), increase(x, get(xImageSkip)))
      return countDown(images, copyImage)
    },
  )
}
