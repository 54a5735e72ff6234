/** What a window is, and everything that a page in it may not do. */
import { join } from 'node:path'
import type { App, BrowserWindowConstructorOptions, Session, WebContents } from 'electron'
import { shellRoot } from './paths.ts'

export const appScheme = 'multigrain'
/** Origin of the page. The slash after it is part of every check, so that no longer name passes for it. */
export const appOrigin = `${appScheme}://workbench`

/** Options of every window: its page is a plain web page in a sandbox. */
export function windowOptions(): BrowserWindowConstructorOptions {
  return {
    ...{
      width: 1440,
      height: 900,
      minWidth: 900,
      minHeight: 600,
      show: false,
      title: 'Multigrain Workbench',
    },
    backgroundColor: '#16181d',
    webPreferences: {
      preload: join(shellRoot(), 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  }
}

/** Holds for every page of the app, whatever opens it: no other address, no new window, no embedded page. */
export function confinePages(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, page: WebContents) => {
    const refuse = (event: { preventDefault(): void }): void => event.preventDefault()
    page.on('will-navigate', refuse)
    page.on('will-frame-navigate', refuse)
    page.on('will-redirect', refuse)
    page.on('will-attach-webview', refuse)
    page.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** No permission is granted, and nothing is loaded from anywhere but the app itself. */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_page, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, decide) => decide({}))
  session.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !isOwn(details.url) }))
  // What the page itself made, such as a chart as a picture, is saved where the user says in Electron's dialog; nothing else comes down.
  session.on('will-download', (event, item) => {
    if (!isOwn(item.getURL())) event.preventDefault()
  })
}

/** Our own pages, and Electron's developer tools. */
function isOwn(url: string): boolean {
  return url.startsWith(`${appOrigin}/`) || url.startsWith('devtools://') || /^(data|blob):/.test(url)
}
