/** Size and place of the window, remembered from one start to the next. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const State = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(600).max(20_000),
  height: z.int().min(400).max(20_000),
  isMaximized: z.boolean(),
})
export type WindowState = z.output<typeof State>

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** So much of the title bar must be on a screen for a hand to take hold of it. */
const gripWidth = 120
const gripHeight = 20

/**
 * @param screens areas that windows may cover; one may have been unplugged since.
 * @returns null when nothing sensible is remembered, or no screen shows that place any more.
 */
export function readWindowState(path: string, screens: readonly Rectangle[]): WindowState | null {
  try {
    const state = State.parse(JSON.parse(readFileSync(path, 'utf8')))
    return screens.some(screen => canBeReached(state, screen)) ? state : null
  } catch {
    return null
  }
}

/** Never throws: a full disk only means that it is forgotten. */
export function writeWindowState(path: string, state: WindowState): void {
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, JSON.stringify(state), { mode: 0o600 })
    renameSync(temporary, path)
  } catch {
    try {
      rmSync(temporary, { force: true })
    } catch {
      // Nor does a leftover harm.
    }
  }
}

/** Where a further window opens: a little aside, so that both are seen. */
export function beside({ x, y, width, height }: Rectangle): Rectangle {
  return { x: x + 32, y: y + 32, width, height }
}

function canBeReached({ x, y, width }: WindowState, screen: Rectangle): boolean {
  const across = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x)
  const isTitleIn = y >= screen.y - gripHeight / 2 && y + gripHeight <= screen.y + screen.height
  return across >= gripWidth && isTitleIn
}
