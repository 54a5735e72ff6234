/** Electron's side of the Link: one channel for calls, one for pushes, and only our own page's main frame may speak. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import { AppError } from '../core/errors/index.ts'
import type { Link, Reply, Request } from '../core/contract/index.ts'
import { appOrigin } from './window.ts'

export const callChannel = 'link'
export const pushChannel = 'push'

/**
 * Serves the host's link to one window.
 * @returns a function that ends it.
 */
export function serveWindow(
  ipc: Pick<IpcMain, 'handle' | 'removeHandler'>,
  page: WebContents,
  link: Link,
): () => void {
  ipc.handle(callChannel, (event, request: unknown): Promise<Reply> => {
    if (isOurs(event, page)) return link.send(request as Request)
    const error = new AppError('forbidden', 'Only the workbench page itself may call the host')
    return Promise.resolve({ ok: false, error: error.toReply() })
  })
  const unsubscribe = link.subscribe(message => {
    if (!page.isDestroyed()) page.send(pushChannel, message)
  })
  return () => {
    unsubscribe()
    ipc.removeHandler(callChannel)
  }
}

/** The main frame of our window, showing our own page: no frame within it, no other window, no page it was led to. */
function isOurs(event: IpcMainInvokeEvent, page: WebContents): boolean {
  const frame = event.senderFrame
  return (
    event.sender === page &&
    frame !== null &&
    frame === page.mainFrame &&
    frame.url.startsWith(`${appOrigin}/`)
  )
}
