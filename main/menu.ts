/** The menu: what every desktop program has, and ways to the pages. Everything else is in the page. */
import type { MenuItemConstructorOptions } from 'electron'
import type { Say } from './words.ts'

export interface MenuActions {
  newWindow(): void
  /** Shows a place of the interface, such as `#/runs`, in the window that is looked at. */
  go(hash: string): void
  showDataFolder(): void
}

type Items = MenuItemConstructorOptions[]

const line = { type: 'separator' } as const

export function menuTemplate(platform: NodeJS.Platform, say: Say, actions: MenuActions): Items {
  const isMac = platform === 'darwin'
  const to = (label: string, hash: string, accelerator?: string): MenuItemConstructorOptions => ({
    label: say(label),
    click: () => actions.go(hash),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  const settings = to('Settings…', '#/system', 'CmdOrCtrl+,')
  const file: Items = [
    { label: say('New window'), accelerator: 'CmdOrCtrl+Shift+N', click: () => actions.newWindow() },
    line,
    to('Add data…', '#/data'),
    to('New run', '#/train', 'CmdOrCtrl+N'),
    ...(isMac ? [] : [line, settings]),
    line,
    { role: 'close', label: say('Close window') },
    ...(isMac ? [] : [{ role: 'quit', label: say('Quit') } as const]),
  ]
  const help: Items = [
    to('Getting started', '#/start'),
    { label: say('Open the data folder'), click: () => actions.showDataFolder() },
    to('About', '#/system?section=about'),
  ]
  return [
    ...(isMac ? [macMenu(settings, say)] : []),
    { label: say('File'), submenu: file },
    { label: say('Edit'), submenu: editItems(say) },
    { label: say('View'), submenu: viewItems(say) },
    { label: say('Go'), submenu: pages.map(([label, hash]) => to(label, hash)) },
    { label: say('Window'), role: 'window', submenu: [{ role: 'minimize', label: say('Minimise') }] },
    { label: say('Help'), role: 'help', submenu: help },
  ]
}

const pages = [
  ['Data', '#/data'],
  ['Train', '#/train'],
  ['Runs', '#/runs'],
  ['Compare', '#/compare'],
  ['Retrieval', '#/retrieval'],
] as const

/** The first menu of macOS bears the program's name. */
function macMenu(settings: MenuItemConstructorOptions, say: Say): MenuItemConstructorOptions {
  const hide: Items = [{ role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }]
  const submenu: Items = [
    settings,
    line,
    { role: 'services' },
    line,
    ...hide,
    line,
    { role: 'quit', label: say('Quit') },
  ]
  return { label: 'Multigrain Workbench', submenu }
}

function editItems(say: Say): Items {
  return [
    { role: 'undo', label: say('Undo') },
    { role: 'redo', label: say('Redo') },
    line,
    { role: 'cut', label: say('Cut') },
    { role: 'copy', label: say('Copy') },
    { role: 'paste', label: say('Paste') },
    { role: 'selectAll', label: say('Select all') },
  ]
}

function viewItems(say: Say): Items {
  return [
    { role: 'resetZoom', label: say('Actual size') },
    { role: 'zoomIn', label: say('Zoom in') },
    { role: 'zoomOut', label: say('Zoom out') },
    line,
    { role: 'togglefullscreen', label: say('Full screen') },
    { role: 'toggleDevTools', label: say('Developer tools') },
  ]
}
