/** Opens an address in the user's browser. */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { dataFolder } from './paths.ts'

/**
 * @param url of our own making, with a token. Arguments of a process are everyone's to read on this machine, so that the opener is
 * given a page that leads there, which is its user's alone.
 * @param folder for that page.
 */
export function openBrowser(url: string, folder: string = join(dataFolder(), 'cache')): void {
  const [command, ...args] = opener(url, folder)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  // Without a browser the printed address remains.
  child.on('error', () => {})
  child.unref()
}

/** What to start. `start` of Windows belongs to cmd, which would read & and ^ in the address; this hands it over as it is. */
export function opener(url: string, folder: string, platform = process.platform): [string, ...string[]] {
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  const page = leadingPage(url, folder)
  return [platform === 'darwin' ? 'open' : 'xdg-open', pathToFileURL(page).href]
}

/** One page for each data folder, as the token in an older one has ended with its host. */
function leadingPage(url: string, folder: string): string {
  const page = join(folder, 'open.html')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  rmSync(page, { force: true })
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const text =
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Multigrain Workbench</title>' +
    `<meta http-equiv="refresh" content="0;url=${address}"><p><a href="${address}">Open the workbench</a></p>`
  writeFileSync(page, text, { mode: 0o600, flag: 'wx' })
  return page
}
