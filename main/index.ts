/** Entry of the desktop shell: the life cycle of the Electron app, and nothing else. */
import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerSaveBlocker,
  protocol,
  session,
} from 'electron'
import { AppError } from '../core/errors/index.ts'
import { createHost, type Host } from './host.ts'
import { endOnDefects } from './lastResort.ts'
import { serveWindow } from './link.ts'
import { serveLoopback, type Loopback } from './loopback.ts'
import { menuTemplate } from './menu.ts'
import { openBrowser } from './openBrowser.ts'
import { dataFolder, projectRoot } from './paths.ts'
import { connect } from './remote.ts'
import { folderChooser, followRuns, registerScheme, serveProtocol } from './shell.ts'
import { confinePages, confineSession, openWindow } from './window.ts'

let window: BrowserWindow | null = null

app.enableSandbox()
app.setPath('userData', join(dataFolder(), 'electron'))
registerScheme(protocol)
confinePages(app)

if (!app.requestSingleInstanceLock()) app.quit()
else void app.whenReady().then(start).catch(fail)

app.on('second-instance', () => {
  if (window?.isMinimized()) window.restore()
  window?.focus()
})

async function start(): Promise<void> {
  confineSession(session.defaultSession)
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform)))
  const chooseFolder = folderChooser(dialog, () => window)
  const host = await createHost({ dataFolder: dataFolder(), shell: 'electron', chooseFolder })
  // The command line talks to the workbench through this port; the window works without it.
  const loopback = await serveLoopback(host, { port: 0 }).catch(() => null)
  serveProtocol(protocol, host, join(projectRoot(), 'out', 'renderer'))
  const runs = followRuns(host.link, { Notification, powerSaveBlocker, window: () => window })
  window = openWindow(BrowserWindow)
  serveWindow(ipcMain, window.webContents, host.link)
  // Closing the window is quitting: the window goes once trainers have saved.
  window.on('close', event => {
    event.preventDefault()
    app.quit()
  })
  endOnDefects(host, code => app.exit(code))
  endWithHost(host, loopback, () => runs.training() === 0 || confirmsQuit(window, runs.training()))
}

function confirmsQuit(parent: BrowserWindow | null, count: number): boolean {
  const options = {
    type: 'question' as const,
    message: count === 1 ? 'A run is training' : `${count} runs are training`,
    detail: 'Quitting saves and pauses training. It can be resumed from there.',
    buttons: ['Keep training', 'Save and quit'],
    defaultId: 0,
    cancelId: 0,
  }
  return (parent ? dialog.showMessageBoxSync(parent, options) : dialog.showMessageBoxSync(options)) === 1
}

/** However the app is ended, trainers save first. A second signal does not wait; several at once count as one. */
function endWithHost(host: Host, loopback: Loopback | null, mayQuit: () => boolean): void {
  let endingSinceMs: number | null = null
  const end = (): void => {
    if (endingSinceMs !== null) return
    endingSinceMs = performance.now()
    window?.hide()
    void Promise.resolve(loopback?.close())
      .then(() => host.close())
      .finally(() => app.exit(0))
  }
  app.on('before-quit', event => {
    event.preventDefault()
    if (endingSinceMs === null && mayQuit()) end()
  })
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => {
      if (endingSinceMs === null) end()
      else if (performance.now() - endingSinceMs > 500) app.exit(code)
    })
  }
}

async function fail(thrown: unknown): Promise<void> {
  const error = AppError.from(thrown)
  const running = error.code === 'store-in-use' ? await connect(dataFolder()).catch(() => null) : null
  if (running) {
    openBrowser(running.url)
    return app.exit(0)
  }
  dialog.showErrorBox('Multigrain Workbench cannot start', error.message)
  app.exit(1)
}
