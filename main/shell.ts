/** What only a desktop shell can do: dialogs, notifications, progress on the taskbar, keeping the machine awake, our own protocol. */
import { readFile } from 'node:fs/promises'
import type { BrowserWindow, Dialog, Notification, PowerSaveBlocker, Protocol } from 'electron'
import type { Link, PushMessage, RunSummary } from '../core/contract/index.ts'
import { securityHeaders } from './contentSecurity.ts'
import type { Host } from './host.ts'
import { uploadPathname, uploadType } from './uploads.ts'
import { listFiles } from './web/files.ts'
import { appOrigin, appScheme } from './window.ts'

/** To be called before the app is ready: makes our addresses behave like those of a secure site. */
export function registerScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges }])
}

/** Serves the interface's files, listed at start, and the host's images; takes images that the user brings. */
export function serveProtocol(
  protocol: Pick<Protocol, 'handle'>,
  host: Pick<Host, 'blob' | 'upload'>,
  folder: string,
): void {
  const files = listFiles(folder)
  protocol.handle(appScheme, async request => {
    if (isUpload(request)) {
      const reply = await host.upload(request.body as unknown as AsyncIterable<Uint8Array>)
      return answer(200, 'application/json', JSON.stringify(reply))
    }
    if (request.method !== 'GET' || !request.url.startsWith(`${appOrigin}/`))
      return answer(403, 'text/plain', 'Forbidden')
    const path = new URL(request.url).pathname
    if (path.startsWith('/blobs/')) {
      const { status, type, body } = await host.blob(path.slice('/blobs/'.length))
      return answer(status, type, body)
    }
    const file = files.get(path)
    return file
      ? answer(200, file.type, await readFile(file.path))
      : answer(404, 'text/plain', 'There is nothing here')
  })
}

/** Bytes that our own page sends; no page of another origin is ever loaded, and one would be refused here too. */
function isUpload({ method, url, headers, body }: Request): boolean {
  if (method !== 'POST' || url !== `${appOrigin}${uploadPathname}` || body === null) return false
  const origin = headers.get('origin')
  return headers.get('content-type') === uploadType && (origin === null || origin === appOrigin)
}

function answer(status: number, type: string, body: Uint8Array | string): Response {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body)
  return new Response(bytes, { status, headers: { ...securityHeaders, 'content-type': type } })
}

/** The native folder dialog. */
export function folderChooser(dialog: Pick<Dialog, 'showOpenDialog'>, window: () => BrowserWindow | null) {
  return async (title: string): Promise<string | null> => {
    const options = { title, properties: ['openDirectory' as const] }
    const parent = window()
    const { filePaths } = await (parent
      ? dialog.showOpenDialog(parent, options)
      : dialog.showOpenDialog(options))
    return filePaths[0] ?? null
  }
}

export interface Desktop {
  readonly Notification: new (options: { title: string; body: string }) => Pick<Notification, 'show'>
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>
  readonly window: () => Pick<BrowserWindow, 'setProgressBar' | 'isFocused' | 'isDestroyed'> | null
}

/**
 * Follows the runs: progress on the taskbar, a notification when one ends while the window is not looked at, and no sleep while one
 * trains.
 * @returns how many runs train now, and the end of it.
 */
export function followRuns(link: Link, desktop: Desktop): { training(): number; end(): void } {
  const active = new Map<string, RunSummary>()
  let awake: number | null = null
  const unsubscribe = link.subscribe((message: PushMessage) => {
    if (message.push !== 'runs.onChanged') return
    const run = message.payload as RunSummary
    const wasActive = active.has(run.id)
    if (isActive(run)) active.set(run.id, run)
    else active.delete(run.id)
    if (active.size > 0) awake ??= desktop.powerSaveBlocker.start('prevent-app-suspension')
    else if (awake !== null) {
      desktop.powerSaveBlocker.stop(awake)
      awake = null
    }
    const window = desktop.window()
    if (window && !window.isDestroyed()) window.setProgressBar(fraction([...active.values()]))
    if (wasActive && !isActive(run) && !window?.isFocused()) tell(run, desktop)
  })
  return { training: () => active.size, end: unsubscribe }
}

function isActive(run: RunSummary): boolean {
  return ['starting', 'running', 'pausing', 'stopping'].includes(run.status)
}

/** Share of all steps that are done; -1 takes the bar away, 2 shows one without an end. */
function fraction(runs: readonly RunSummary[]): number {
  if (runs.length === 0) return -1
  const total = runs.reduce((sum, run) => sum + run.totalSteps, 0)
  return total === 0 ? 2 : runs.reduce((sum, run) => sum + run.step, 0) / total
}

function tell(run: RunSummary, { Notification: Made }: Desktop): void {
  const top1 = run.top1 === null ? '' : `top-1 ${(100 * run.top1).toFixed(1)} %`
  new Made({ title: `${run.name}: ${run.status}`, body: run.error?.message ?? top1 }).show()
}
