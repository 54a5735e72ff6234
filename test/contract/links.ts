/** The three ways a contract travels: within one process, over HTTP and a WebSocket, and over Electron's IPC. */
import type { TestContext } from 'node:test'
import type { IpcMain, WebContents } from 'electron'
import type { Link, PushMessage, Reply } from '../../core/contract/index.ts'
import { serveWindows } from '../../main/link.ts'
import { serveLoopback } from '../../main/loopback.ts'
import { connect } from '../../main/remote.ts'
import type { Host } from '../../main/host.ts'
import { appOrigin } from '../../main/window.ts'

export const linkKinds = ['in-process', 'loopback', 'electron'] as const
export type LinkKind = (typeof linkKinds)[number]

/** Opens a link of a kind to a host; it closes after the test. */
export async function openLink(t: TestContext, kind: LinkKind, host: Host): Promise<Link> {
  if (kind === 'in-process') return host.link
  if (kind === 'electron') return electronLink(t, host)
  const web = await serveLoopback(host, { port: 0 })
  const link = await connect(host.folders.root)
  if (!link) throw new Error('no link')
  t.after(async () => {
    link.close()
    await web.close()
  })
  return link
}

type Listener = (event: unknown, request: unknown) => Promise<Reply>

/** Electron's two channels as far as the link uses them; what crosses is cloned, as there. */
export function fakeElectron(url = `${appOrigin}/`) {
  const handlers = new Map<string, Listener>()
  const listeners = new Set<(message: PushMessage) => void>()
  const mainFrame = { url }
  const page = {
    mainFrame,
    isDestroyed: () => false,
    send: (_channel: string, message: PushMessage) => {
      for (const listener of listeners) listener(structuredClone(message))
    },
  }
  const ipc = {
    handle: (channel: string, listener: Listener) => void handlers.set(channel, listener),
    removeHandler: (channel: string) => void handlers.delete(channel),
  }
  const invoke = async (event: unknown, request: unknown, channel = 'link'): Promise<Reply> => {
    const handler = handlers.get(channel)
    if (!handler) throw new Error('No handler registered')
    return structuredClone(await handler(event, structuredClone(request)))
  }
  return {
    ipc: ipc as unknown as IpcMain,
    page: page as unknown as WebContents,
    listeners,
    mainFrame,
    invoke,
    invokeFromPage: (request: unknown) => invoke({ sender: page, senderFrame: mainFrame }, request),
  }
}

function electronLink(t: TestContext, host: Host): Link {
  const { ipc, page, listeners, invokeFromPage } = fakeElectron()
  const links = serveWindows(ipc, host)
  links.add(page)
  t.after(() => links.end())
  return {
    send: request => invokeFromPage(request),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
