/** What only a desktop shell can do: our own protocol, and the folder dialog. */
import { readFile } from 'node:fs/promises'
import type { BrowserWindow, Dialog, Protocol } from 'electron'
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
