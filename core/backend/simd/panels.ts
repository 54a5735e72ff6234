/** A filter, seen as a matrix, packed into panels of 8 columns, as the inner loops read it. */
import type { SimdModule } from './module.ts'

/** Output channels of a panel: two vectors of four floats. */
export const panelColumns = 8

/** Address of the panel that begins with a column; the last panel is filled up with zeros. */
export type PanelAt = (column: number) => number

/** Bytes of the panels of a filter with so many rows and columns. */
export function panelsBytes(rows: number, columns: number): number {
  return 4 * rows * Math.ceil(columns / panelColumns) * panelColumns
}

/** Rows of the matrix that a filter is; strides are in bytes. */
export interface FilterRows {
  readonly address: number
  readonly rows: number
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * A filter as panels. Each is packed when it is first asked for, so that a large filter's are still in the cache then.
 *
 * @param address of working memory of `panelsBytes`.
 * @param parts the filter's rows, part after part.
 */
export function packedPanels(
  simd: SimdModule,
  address: number,
  parts: readonly FilterRows[],
  columns: number,
): PanelAt {
  const totalRows = parts.reduce((total, { rows }) => total + rows, 0)
  let packedColumns = 0
  return column => {
    const panel = address + 4 * totalRows * column
    if (column < packedColumns) return panel
    packedColumns = column + panelColumns
    const used = Math.min(panelColumns, columns - column)
    if (used < panelColumns) simd.zero(panel, 4 * panelColumns * totalRows)
    let target = panel
    for (const part of parts) {
      packPanel(simd, target, { ...part, address: part.address + column * part.columnStride }, used)
      target += 4 * panelColumns * part.rows
    }
    return panel
  }
}

function packPanel(simd: SimdModule, panel: number, source: FilterRows, columns: number): void {
  const { address, rows, rowStride, columnStride } = source
  const isWhole = columns === panelColumns
  if (isWhole && columnStride === 4) return simd.call('packRows', address, panel, rows, rowStride)
  const quads = isWhole && rowStride === 4 ? Math.floor(rows / 4) : 0
  if (quads > 0) simd.call('packTransposed', address, panel, quads, columnStride)
  const [from, to] = [address + 4 * quads * rowStride, panel + 16 * quads * panelColumns]
  simd.call('gather', from, to, rows - 4 * quads, columns, rowStride, columnStride, 4 * panelColumns)
}
