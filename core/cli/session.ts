/** The host a command talks to: the one that runs already, or one in this process for as long as the command takes. */
import { createHost } from '../../main/host.ts'
import { dataFolder } from '../../main/paths.ts'
import { connect } from '../../main/remote.ts'
import { client, contract, type Client, type Link, type WorkbenchContract } from '../contract/index.ts'

export interface SessionOptions {
  /** Prepare the sample data set if it is not there. */
  readonly withSample?: boolean
}

export interface Session {
  readonly client: Client<WorkbenchContract>
  /** Address of the host, with its token, where it belongs to another process and goes on when the command ends; else null. */
  readonly url: string | null
  close(): Promise<void>
}

/** @throws AppError store-in-use when another host runs that takes no connections. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const folder = dataFolder()
  const remote = await connect(folder)
  if (remote !== null) return session(remote, remote.url, async () => remote.close())
  const host = await createHost({
    dataFolder: folder,
    shell: 'command-line',
    withSample: options.withSample ?? false,
    // Looking at the list of runs must not begin to train what an earlier host left in the queue.
    withQueue: false,
  })
  return session(host.link, null, () => host.close())
}

function session(link: Link, url: string | null, close: () => Promise<void>): Session {
  return { client: client<typeof contract>(link), url, close }
}
