/** Entry of the desktop shell: the life cycle of the Electron app, and nothing else. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerSaveBlocker,
  protocol,
  screen,
  session,
  shell,
} from 'electron'
import { AppError } from '../core/errors/index.ts'
import { keepCrashReports } from './crashes.ts'
import { followAlerts } from './followAlerts.ts'
import { followRuns } from './followRuns.ts'
import { followSettings } from './followSettings.ts'
import { createHost, type Host } from './host.ts'
import { endOnDefects } from './lastResort.ts'
import { serveWindows } from './link.ts'
import { serveLoopback, type Loopback } from './loopback.ts'
import { menuTemplate } from './menu.ts'
import { openBrowser } from './openBrowser.ts'
import { dataFolder, shellRoot } from './paths.ts'
import { connect } from './remote.ts'
import { folderChooser, registerScheme, serveProtocol } from './shell.ts'
import { confinePages, confineSession } from './window.ts'
import { createWindows, type Windows } from './windows.ts'
import { words, type Say } from './words.ts'

let windows: Windows | null = null
let say: Say = words('system', '')

app.enableSandbox()
app.setAppUserModelId('multigrain.workbench')
app.setPath('userData', join(dataFolder(), 'electron'))
keepCrashReports(app, crashReporter, dataFolder())
registerScheme(protocol)
confinePages(app)

if (!app.requestSingleInstanceLock()) app.quit()
else void app.whenReady().then(start).catch(fail)

app.on('second-instance', () => {
  const window = windows?.current()
  if (window?.isMinimized()) window.restore()
  window?.focus()
})

async function start(): Promise<void> {
  confineSession(session.defaultSession)
  const host = await createHost({
    dataFolder: dataFolder(),
    shell: 'electron',
    chooseFolder: folderChooser(dialog, () => windows?.current() ?? null),
    showFolder,
  })
  // The command line talks to the workbench through this port; the window works without it.
  const loopback = await serveLoopback(host, { port: 0 }).catch(() => null)
  serveProtocol(protocol, host, join(shellRoot(), 'out', 'renderer'))
  const report = (what: string): void => host.report(new AppError('internal', what))
  const opened = createWindows({
    ...{ Window: BrowserWindow, links: serveWindows(ipcMain, host), dialog, report },
    statePath: join(dataFolder(), 'electron', 'window.json'),
    screens: () => screen.getAllDisplays().map(display => display.workArea),
    say: () => say,
    // Closing the last window is quitting: it goes once trainers have saved.
    onLast: () => app.quit(),
  })
  windows = opened
  const settings = await followSettings(host, ({ language }) => {
    say = words(language, app.getLocale())
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuOf(opened)))
  })
  const desktop = {
    ...{ Notification, powerSaveBlocker, windows: opened.all, go: opened.go, say: () => say },
    notifications: () => settings().notifications,
    setBadge: (count: number) => void app.setBadgeCount(count),
  }
  const runs = followRuns(host.overhear, desktop)
  followAlerts(host.overhear, desktop)
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit')
      report(`Electron's process '${type}' ended: ${reason}, exit code ${exitCode}`)
  })
  opened.open()
  endOnDefects(host, code => app.exit(code))
  endWithHost(host, loopback, () => runs.training() === 0 || confirmsQuit(runs.training()))
}

function menuOf({ open, go }: Windows): ReturnType<typeof menuTemplate> {
  return menuTemplate(process.platform, say, {
    newWindow: () => void open(),
    go,
    showDataFolder: () => void showFolder(dataFolder()),
  })
}

/** Folders of the workbench alone; one that is not there yet is made, so that there is something to show. */
async function showFolder(path: string): Promise<void> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const problem = await shell.openPath(path)
  if (problem !== '') throw new AppError('data-unreadable', `${path} cannot be shown: ${problem}`)
}

function confirmsQuit(count: number): boolean {
  const parent = windows?.current() ?? null
  const options = {
    type: 'question' as const,
    message: count === 1 ? say('A run is training') : say('{count} runs are training', { count }),
    detail: say('Quitting saves and pauses training. It can be resumed from there.'),
    buttons: [say('Keep training'), say('Save and quit')],
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
    for (const window of windows?.all() ?? []) window.hide()
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
