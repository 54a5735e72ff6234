/**
 * The inner loops of a convolution's filter gradient: tiles of rows × 8 sums over pixels, held in registers,
 * out[r][c] += Σ over pixels of x[r] · dy[c], panel after panel of 8 columns.
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
import type { Code, Local, WasmFunction } from './assembler.ts'

/** Most outputs of a tile: more do not fit into the sixteen registers. */
export const maxTileRows = 6

/**
 * Two functions per number of rows, of `(x, dy, out, outStride, images, lines, pixels, xStride, xLineSkip, xImageSkip, dyStride,
 * panels, dyPanelStride)`: `addFilterTile1` to `6` add to what is in `out`, `setFilterTile1` to `6` write over it. Strides and skips
 * are in bytes; a skip is what is left to go after the last pixel or line.
 */
export const filterTiles: readonly WasmFunction[] = (['add', 'set'] as const).flatMap(mode =>
  Array.from({ length: maxTileRows }, (_, index) => filterTile(mode, index + 1)),
)

function filterTile(mode: 'add' | 'set', rows: number): WasmFunction {
  const parameters = integers(13)
  return defineFunction(`${mode}FilterTile${rows}`, parameters, (scope, ...locals) => {
    const [firstX, firstDy, firstOut, outStride, images, lines, pixels, ...strides] = locals
    const [xStride, xLineSkip, xImageSkip, dyStride, panels, dyPanelStride] = strides
    const [x, dy, out] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
    const [image, line, pixel] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
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
    const withOld = (sum: Local, offset: number): Code =>
      mode === 'set' ? get(sum) : f32x4.add(v128.load(get(out), offset), get(sum))
    const storeRows = sums.map(([lowSum, highSum]) =>
      seq(
        v128.store(get(out), withOld(lowSum, 0)),
        v128.store(get(out), withOld(highSum, 16), 16),
        increase(out, get(outStride)),
      ),
    )
    const addPanel = seq(
      set(x, get(firstX)),
      set(dy, get(firstDy)),
      set(out, get(firstOut)),
      set(image, get(images)),
      ...sums.flat().map(sum => set(sum, f32x4.zero)),
      countDown(image, addImage),
      ...storeRows,
      increase(firstDy, get(dyPanelStride)),
      increase(firstOut, i32.const(32)),
    )
    return countDown(panels, addPanel)
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
