/** Electron's side of the Link: one channel for calls, one for pushes, and only our own pages' main frames may speak. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import { AppError } from '../core/errors/index.ts'
import type { Link, PushMessage, Reply, Request } from '../core/contract/index.ts'
import { appOrigin } from './window.ts'

export const callChannel = 'link'
export const pushChannel = 'push'

export interface WindowLinks {
  /** From now on the page may call, and hears pushes. */
  add(page: WebContents): void
  /** For a page that is gone. */
  remove(page: WebContents): void
  /** Says something to one page alone. */
  tell(page: WebContents, message: PushMessage): void
  end(): void
}

/** Serves the host's link to every window that is added. */
export function serveWindows(ipc: Pick<IpcMain, 'handle' | 'removeHandler'>, link: Link): WindowLinks {
  const pages = new Set<WebContents>()
  ipc.handle(callChannel, (event, request: unknown): Promise<Reply> => {
    if (isOurs(event, pages)) return link.send(request as Request)
    const error = new AppError('forbidden', 'Only the workbench page itself may call the host')
    return Promise.resolve({ ok: false, error: error.toReply() })
  })
  const tell = (page: WebContents, message: PushMessage): void => {
    if (!page.isDestroyed()) page.send(pushChannel, message)
  }
  const unsubscribe = link.subscribe(message => {
    for (const page of pages) tell(page, message)
  })
  return {
    add: page => void pages.add(page),
    remove: page => void pages.delete(page),
    tell,
    end() {
      unsubscribe()
      pages.clear()
      ipc.removeHandler(callChannel)
    },
  }
}

/** The main frame of a window of ours, showing our own page: no frame within it, no other page, none that it was led to. */
function isOurs({ sender, senderFrame }: IpcMainInvokeEvent, pages: ReadonlySet<WebContents>): boolean {
  return (
    pages.has(sender) &&
    senderFrame !== null &&
    senderFrame === sender.mainFrame &&
    senderFrame.url.startsWith(`${appOrigin}/`)
  )
}
