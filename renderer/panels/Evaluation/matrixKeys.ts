/** What keys do in a confusion matrix. */
import type { MatrixModel } from './matrixModel.ts'

type Cell = { readonly row: number; readonly column: number }

export interface MatrixWish {
  readonly cell?: Cell | null
  readonly zoom?: number
  readonly isReset?: boolean
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** @param isFar with Shift: on to the next cell that holds mistakes. @returns null for keys that mean nothing here. */
export function matrixKey(
  key: string,
  chosen: Cell | null,
  model: MatrixModel,
  isFar: boolean,
): MatrixWish | null {
  const size = model.labels.length
  if (size === 0) return null
  if (key === '+' || key === '=') return { zoom: 1.6 }
  if (key === '-') return { zoom: 1 / 1.6 }
  if (key === '0') return { isReset: true }
  if (key === 'Escape' && chosen !== null) return { cell: null }
  if (key === 'Home') return { cell: { row: 0, column: 0 } }
  if (key === 'End') return { cell: { row: size - 1, column: size - 1 } }
  const step = steps[key]
  if (step === undefined) return null
  if (chosen === null) return { cell: { row: 0, column: 0 } }
  if (isFar) return { cell: nextMistake(model, chosen, step) ?? chosen }
  const within = (place: number): number => Math.min(size - 1, Math.max(0, place))
  return { cell: { row: within(chosen.row + step[0]), column: within(chosen.column + step[1]) } }
}

/** The first cell with mistakes in a direction, in the same row or column. */
function nextMistake(
  model: MatrixModel,
  { row, column }: Cell,
  [down, right]: readonly [number, number],
): Cell | null {
  const size = model.labels.length
  for (
    let r = row + down, c = column + right;
    r >= 0 && c >= 0 && r < size && c < size;
    r += down, c += right
  )
    if (r !== c && model.at(r, c) > 0) return { row: r, column: c }
  return null
}
