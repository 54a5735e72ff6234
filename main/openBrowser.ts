/** Opens an address in the user's browser. */
import { spawn } from 'node:child_process'

/** @param url of our own making; it goes to the opener as one argument, through no shell. */
export function openBrowser(url: string): void {
  const [command, ...args] = opener(url)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  // Without a browser the printed address remains.
  child.on('error', () => {})
  child.unref()
}

function opener(url: string): [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url]
  // `start` belongs to cmd, which would read & and ^ in the address; this hands it over as it is.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  return ['xdg-open', url]
}
