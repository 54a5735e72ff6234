/** Entry of the web shell: `node main/web.ts [--port N] [--no-open]`. */
import { parseArgs } from 'node:util'
import { AppError } from '../core/errors/index.ts'
import { createHost, type Host } from './host.ts'
import { endOnDefects } from './lastResort.ts'
import { serveLoopback, type Loopback } from './loopback.ts'
import { openBrowser } from './openBrowser.ts'
import { dataFolder } from './paths.ts'
import { connect } from './remote.ts'

interface Arguments {
  readonly port: number | undefined
  readonly open: boolean
}

/** Time within which signals count as one. */
const sameSignalMs = 500

const loopbackNames = ['127.0.0.1', 'localhost', '::1']

/** @throws AppError invalid-request naming the argument. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parse(args)
  const { host } = values
  if (host !== undefined && !loopbackNames.includes(host)) {
    const message =
      `--host: the workbench listens on this machine only, got '${host}'. ` +
      'To use it from another machine, forward the port: ssh -L 6460:127.0.0.1:6460 THIS-MACHINE'
    throw new AppError('invalid-request', message, { field: 'host', value: host })
  }
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new AppError('invalid-request', `--port: expected a number from 0 to 65535, got '${values.port}'`, {
      field: 'port',
    })
  }
  return { port, open: values['no-open'] !== true }
}

function parse(args: readonly string[]) {
  try {
    const options = {
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      host: { type: 'string' },
    } as const
    return parseArgs({ args: [...args], options, allowPositionals: false })
  } catch (thrown) {
    const usage = 'Usage: web.ts [--port N] [--no-open]'
    throw new AppError(
      'invalid-request',
      `${thrown instanceof Error ? thrown.message : String(thrown)}. ${usage}`,
    )
  }
}

async function main(): Promise<void> {
  const { port, open } = parseArguments(process.argv.slice(2))
  const host = await createHost({ dataFolder: dataFolder(), shell: 'web' }).catch((thrown: unknown) => {
    return showRunning(AppError.from(thrown), open)
  })
  if (!host) return
  try {
    const web = await serveLoopback(host, port === undefined ? {} : { port })
    endOnSignals(host, web)
    endOnDefects(host)
    console.log(`Multigrain Workbench: ${web.url}`)
    console.log('Press Ctrl-C to end. Training saves first.')
    if (open) openBrowser(web.url)
  } catch (thrown) {
    await host.close()
    throw thrown
  }
}

/** A second start shows the workbench that is there. @throws AppError when there is none to show. */
async function showRunning(error: AppError, open: boolean): Promise<null> {
  const running = error.code === 'store-in-use' ? await connect(dataFolder()) : null
  if (!running) throw error
  console.log(`The workbench is running already (process ${running.pid}): ${running.url}`)
  if (running.shell === 'command-line')
    console.log('It belongs to a multigrain command that trains, and ends with it.')
  if (open) openBrowser(running.url)
  running.close()
  return null
}

/** The first signal lets trainers save; a second one does not wait. A closing terminal may send several at once, which count as one. */
function endOnSignals(host: Host, web: Loopback): void {
  let endingSinceMs: number | null = null
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  for (const [signal, code] of Object.entries(codes)) {
    process.on(signal, () => {
      if (endingSinceMs !== null) {
        if (performance.now() - endingSinceMs > sameSignalMs) process.exit(code)
        return
      }
      endingSinceMs = performance.now()
      console.log('Saving and ending. Press Ctrl-C again to end at once.')
      void web
        .close()
        .then(() => host.close())
        .then(() => process.exit(0))
    })
  }
}

if (import.meta.main) {
  main().catch((thrown: unknown) => {
    console.error(AppError.from(thrown).message)
    process.exitCode = 1
  })
}
