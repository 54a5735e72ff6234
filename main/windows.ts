/** The windows of the app: opened, remembered in their size and place, and helped up when their page crashes or hangs. */
import type { BrowserWindow, BrowserWindowConstructorOptions, Dialog } from 'electron'
import type { WindowLinks } from './link.ts'
import { appOrigin, windowOptions } from './window.ts'
import { beside, readWindowState, writeWindowState, type Rectangle } from './windowState.ts'
import type { Say } from './words.ts'

export interface WindowsOptions {
  readonly Window: new (options: BrowserWindowConstructorOptions) => BrowserWindow
  readonly links: WindowLinks
  readonly dialog: Pick<Dialog, 'showMessageBox'>
  /** File of the remembered size and place. */
  readonly statePath: string
  readonly screens: () => readonly Rectangle[]
  readonly say: () => Say
  /** Told when the last one is to be closed; it stays until the app ends it. */
  readonly onLast: () => void
  readonly report: (what: string) => void
}

export interface Windows {
  open(hash?: string): BrowserWindow
  /** The one that is looked at, else the newest; null without any. */
  current(): BrowserWindow | null
  all(): readonly BrowserWindow[]
  /** Shows a place of the interface, and the window with it. */
  go(hash: string): void
}

/** A page that crashes again and again is not loaded for ever. */
const mostReloads = 3
const reloadsWithinMs = 60_000

export function createWindows(options: WindowsOptions): Windows {
  const { Window, links, statePath, screens, onLast } = options
  const windows: BrowserWindow[] = []
  const current = (): BrowserWindow | null => windows.find(each => each.isFocused()) ?? windows.at(-1) ?? null

  const open = (hash = ''): BrowserWindow => {
    const before = current()
    const state = before === null ? readWindowState(statePath, screens()) : null
    const place = before === null ? state : beside(before.getNormalBounds())
    const { x, y, width, height } = place ?? {}
    const window = new Window({ ...windowOptions(), ...(place === null ? {} : { x, y, width, height }) })
    windows.push(window)
    const page = window.webContents
    links.add(page)
    window.once('ready-to-show', () => {
      if (state?.isMaximized) window.maximize()
      window.show()
    })
    window.on('close', event => {
      writeWindowState(statePath, { ...window.getNormalBounds(), isMaximized: window.isMaximized() })
      if (windows.length > 1) return
      event.preventDefault()
      onLast()
    })
    window.on('closed', () => {
      links.remove(page)
      windows.splice(windows.indexOf(window), 1)
    })
    helpUp(window, options)
    void window.loadURL(`${appOrigin}/${hash}`)
    return window
  }
  return {
    open,
    current,
    all: () => windows,
    go(hash) {
      const window = current()
      if (window === null) return void open(hash)
      if (window.isMinimized()) window.restore()
      window.focus()
      links.tell(window.webContents, { push: 'system.onGo', payload: { hash } })
    },
  }
}

/** Training lives in other processes, so that a page can be loaded anew at any time. */
function helpUp(window: BrowserWindow, { dialog, say, report }: WindowsOptions): void {
  const reloads: number[] = []
  let isAsking = false
  const ask = async (title: string, detail: string, others: readonly string[]): Promise<void> => {
    if (isAsking || window.isDestroyed()) return
    isAsking = true
    const text = say()
    const buttons = [text('Load anew'), ...others.map(each => text(each))]
    const content = { type: 'warning' as const, message: text(title), detail: text(detail), buttons }
    const { response } = await dialog.showMessageBox(window, { ...content, defaultId: 0, cancelId: 1 })
    isAsking = false
    if (response === 0 && !window.isDestroyed()) window.webContents.reload()
  }
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    report(`The window's page ended: ${reason}, exit code ${exitCode}`)
    const now = Date.now()
    reloads.push(now)
    if (reloads.filter(at => now - at < reloadsWithinMs).length > mostReloads) return
    const detail =
      'Training goes on, and nothing is lost. A report was left in the data folder; it is sent to nobody.'
    void ask('The window crashed', detail, ['Close window'])
  })
  window.on('unresponsive', () => {
    report('The window does not answer')
    const detail = 'Training goes on, and nothing is lost. You can wait, or load the page anew.'
    void ask('The window does not answer', detail, ['Wait'])
  })
}
