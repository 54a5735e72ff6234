/** The host a command talks to: the one that runs already, or one in this process for as long as the command takes. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCommandHost } from '../../main/commandHost.ts'
import { dataFolder } from '../../main/paths.ts'
import { connect } from '../../main/remote.ts'
import { AppError } from '../errors/index.ts'
import { client, contract, type Client, type Link, type WorkbenchContract } from '../contract/index.ts'

export interface SessionOptions {
  /** Prepare the sample data set if it is not there. */
  readonly withSample?: boolean
  /** A host of this process's own takes connections: the workbench and other commands may look on while it trains. */
  readonly listens?: boolean
}

export interface Session {
  readonly client: Client<WorkbenchContract>
  /** Address of the host, with its token, where it belongs to another process and goes on when the command ends; else null. */
  readonly url: string | null
  close(): Promise<void>
}

/** How long a command that takes no connections is waited for: most end within seconds. */
const patienceMs = 15_000
const retryMs = 300

/** @throws AppError store-in-use when another host runs that takes no connections, and goes on doing so. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const deadlineMs = performance.now() + patienceMs
  for (;;) {
    try {
      return await open(options)
    } catch (thrown) {
      const isBusy = thrown instanceof AppError && thrown.code === 'store-in-use'
      if (!isBusy || performance.now() > deadlineMs) throw thrown
      await sleep(retryMs)
    }
  }
}

async function open(options: SessionOptions): Promise<Session> {
  const folder = dataFolder()
  const remote = await connect(folder)
  if (remote !== null) return session(remote, remote.url, async () => remote.close())
  const { withSample = false, listens = false } = options
  const host = await createCommandHost({ dataFolder: folder, withSample, listens })
  return session(host.link, null, () => host.close())
}

function session(link: Link, url: string | null, close: () => Promise<void>): Session {
  return { client: client<typeof contract>(link), url, close }
}
