/** A link to a host that already runs on a data folder, for the command line. */
import WebSocket from 'ws'
import { AppError } from '../core/errors/index.ts'
import type { Link, PushMessage, Reply, Request, SystemInfo } from '../core/contract/index.ts'
import { readHostFile, type HostFile } from './hostFile.ts'
import { homeFolder } from './paths.ts'

export interface RemoteLink extends Link {
  /** Address of the host with its token, to open in a browser. */
  readonly url: string
  readonly pid: number
  /** What kind of host it is. */
  readonly shell: SystemInfo['shell']
  /** Called once when the host is gone. */
  onLost(listener: () => void): void
  close(): void
}

/** @returns a link to the host that runs on the folder and listens; null when there is none. */
export async function connect(dataFolder: string): Promise<RemoteLink | null> {
  const found = readHostFile(homeFolder(dataFolder).hostFile)
  if (!found?.address || !found.token) return null
  const send = sender(found)
  const reply = await send({ call: 'system.info', input: {} }).catch(() => null)
  if (!reply?.ok) return null
  const pushes = await listen(found).catch(() => null)
  if (!pushes) return null
  return {
    send,
    ...pushes,
    pid: found.pid,
    shell: (reply.value as SystemInfo).shell,
    url: `${found.address}/?token=${found.token}`,
  }
}

function sender({ address, token }: HostFile): Link['send'] {
  return async (request: Request): Promise<Reply> => {
    try {
      const response = await fetch(`${address}/rpc`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ call: request.call, input: request.input ?? {} }),
      })
      return (await response.json()) as Reply
    } catch (thrown) {
      const message = `The workbench at ${address} does not answer. It may have been closed; what it trained is saved`
      throw new AppError('trainer-lost', message, { address }, thrown)
    }
  }
}

async function listen({
  address,
  token,
}: HostFile): Promise<Pick<RemoteLink, 'subscribe' | 'onLost' | 'close'>> {
  const socket = new WebSocket(`${address?.replace(/^http/, 'ws')}/push`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const listeners = new Set<(message: PushMessage) => void>()
  const lost = new Set<() => void>()
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  socket.on('error', () => socket.terminate())
  socket.on('message', data => {
    const message = JSON.parse(String(data)) as PushMessage
    for (const listener of listeners) listener(message)
  })
  let isClosed = false
  socket.on('close', () => {
    if (!isClosed) for (const listener of lost) listener()
  })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onLost: listener => void lost.add(listener),
    close() {
      isClosed = true
      socket.close()
    },
  }
}
