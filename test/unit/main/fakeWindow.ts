/** Electron's window as far as the shell uses it. */
import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron'

export class FakeWindow extends EventEmitter {
  static made: FakeWindow[] = []
  readonly options: BrowserWindowConstructorOptions
  readonly page = new EventEmitter()
  readonly webContents = Object.assign(this.page, { reload: () => void this.reloads++ })
  url = ''
  reloads = 0
  isShown = false
  isLarge = false
  isSmall = false

  constructor(options: BrowserWindowConstructorOptions) {
    super()
    this.options = options
    FakeWindow.made.push(this)
  }
  loadURL(url: string): Promise<void> {
    this.url = url
    return Promise.resolve()
  }
  show(): void {
    this.isShown = true
  }
  maximize(): void {
    this.isLarge = true
  }
  isMaximized(): boolean {
    return this.isLarge
  }
  isMinimized(): boolean {
    return this.isSmall
  }
  restore(): void {
    this.isSmall = false
  }
  focus(): void {}
  isFocused(): boolean {
    return false
  }
  isDestroyed(): boolean {
    return false
  }
  getNormalBounds(): Rectangle {
    const { x = 0, y = 0, width = 0, height = 0 } = this.options
    return { x, y, width, height }
  }
  /** As a user closes it. @returns whether it is gone. */
  close(): boolean {
    let isKept = false
    this.emit('close', { preventDefault: () => void (isKept = true) })
    if (!isKept) this.emit('closed')
    return !isKept
  }
}
