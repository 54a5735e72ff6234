/** Electron's side of the Link: channels for calls, for pushes and for how closely a page looks, and only our own pages' main frames may speak. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import { AppError } from '../core/errors/index.ts'
import type { PushMessage, Reply, Request } from '../core/contract/index.ts'
import { checkedPace, type Listener } from './audience.ts'
import type { Host } from './host.ts'
import { appOrigin } from './window.ts'

export const callChannel = 'link'
export const pushChannel = 'push'
export const paceChannel = 'pace'

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
export function serveWindows(
  ipc: Pick<IpcMain, 'handle' | 'removeHandler'>,
  { link, attach }: Pick<Host, 'link' | 'attach'>,
): WindowLinks {
  const pages = new Map<WebContents, Listener>()
  ipc.handle(callChannel, (event, request: unknown): Promise<Reply> => {
    if (isOurs(event, pages)) return link.send(request as Request)
    const error = new AppError('forbidden', 'Only the workbench page itself may call the host')
    return Promise.resolve({ ok: false, error: error.toReply() })
  })
  const tell = (page: WebContents, message: PushMessage): void => {
    if (!page.isDestroyed()) page.send(pushChannel, message)
  }
  ipc.handle(paceChannel, (event, pace: unknown): void => {
    if (isOurs(event, pages)) pages.get(event.sender)?.attend(checkedPace(pace))
  })
  const remove = (page: WebContents): void => {
    pages.get(page)?.end()
    pages.delete(page)
  }
  return {
    add: page =>
      void pages.set(
        page,
        attach(message => tell(page, message)),
      ),
    remove,
    tell,
    end() {
      for (const page of [...pages.keys()]) remove(page)
      ipc.removeHandler(callChannel)
      ipc.removeHandler(paceChannel)
    },
  }
}

/** The main frame of a window of ours, showing our own page: no frame within it, no other page, none that it was led to. */
function isOurs(
  { sender, senderFrame }: IpcMainInvokeEvent,
  pages: ReadonlyMap<WebContents, unknown>,
): boolean {
  return (
    pages.has(sender) &&
    senderFrame !== null &&
    senderFrame === sender.mainFrame &&
    senderFrame.url.startsWith(`${appOrigin}/`)
  )
}
