import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { BrowserWindow, Dialog, MenuItemConstructorOptions } from 'electron'
import type { Link, PushMessage, RunSummary, Settings } from '../../../core/contract/index.ts'
import { keepCrashReports } from '../../../main/crashes.ts'
import { followAlerts } from '../../../main/followAlerts.ts'
import { followRuns, type Desktop } from '../../../main/followRuns.ts'
import { followSettings } from '../../../main/followSettings.ts'
import type { Host } from '../../../main/host.ts'
import type { WindowLinks } from '../../../main/link.ts'
import { menuTemplate, type MenuActions } from '../../../main/menu.ts'
import { appOrigin, windowOptions } from '../../../main/window.ts'
import { createWindows } from '../../../main/windows.ts'
import { readWindowState, writeWindowState, type WindowState } from '../../../main/windowState.ts'
import { translated, words } from '../../../main/words.ts'
import { FakeWindow } from './fakeWindow.ts'

/** What makes the shell a desktop program, against fakes of Electron. */

const english = words('en', 'en-US')
const screens = [{ x: 0, y: 0, width: 1920, height: 1040 }]

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-desktop-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function desk(t: TestContext, answers: readonly number[] = []) {
  FakeWindow.made = []
  const seen: unknown[] = []
  const waiting = [...answers]
  const links = {
    add: () => void seen.push('add'),
    remove: () => void seen.push('remove'),
    tell: (_page: unknown, message: PushMessage) => void seen.push(message.payload),
    end: () => {},
  } as unknown as WindowLinks
  const dialog = {
    showMessageBox: async (_window: unknown, { message }: { message: string }) => {
      seen.push(message)
      return { response: waiting.shift() ?? 1 }
    },
  } as unknown as Dialog
  const statePath = join(folderFor(t), 'window.json')
  const windows = createWindows({
    Window: FakeWindow as unknown as new () => BrowserWindow,
    ...{ links, dialog, statePath, screens: () => screens, say: () => english },
    onLast: () => void seen.push('last'),
    report: what => void seen.push(what),
  })
  return { windows, seen, statePath }
}

test('every window is hardened, shows our page, and appears when it is ready', t => {
  const { windows, seen } = desk(t)
  for (const hash of ['', '#/runs']) windows.open(hash)
  assert.deepEqual(
    FakeWindow.made.map(({ url }) => url),
    [`${appOrigin}/`, `${appOrigin}/#/runs`],
  )
  for (const made of FakeWindow.made) {
    assert.deepEqual(made.options.webPreferences, windowOptions().webPreferences)
    assert.equal(made.options.show, false)
    made.emit('ready-to-show')
    assert.ok(made.isShown)
  }
  assert.deepEqual(seen, ['add', 'add'])
})

test('a window opens where the last one was, unless that screen is gone', t => {
  const { windows, statePath } = desk(t)
  writeWindowState(statePath, { x: 100, y: 50, width: 1200, height: 800, isMaximized: true })
  windows.open()
  const [first] = FakeWindow.made
  const { x, y, width, height } = first!.options
  assert.deepEqual([x, y, width, height], [100, 50, 1200, 800])
  first!.emit('ready-to-show')
  assert.ok(first!.isMaximized())
  windows.open()
  assert.deepEqual([FakeWindow.made[1]!.options.x, FakeWindow.made[1]!.options.y], [132, 82])

  const state: WindowState = { x: 5000, y: 50, width: 1200, height: 800, isMaximized: false }
  writeWindowState(statePath, state)
  assert.equal(readWindowState(statePath, screens), null)
  assert.deepEqual(readWindowState(statePath, [{ x: 4000, y: 0, width: 2000, height: 1000 }]), state)
  for (const text of ['', '{', '{"x":0}', '{"x":0,"y":0,"width":1e9,"height":5,"isMaximized":false}', '[]']) {
    writeFileSync(statePath, text)
    assert.equal(readWindowState(statePath, screens), null, text)
  }
  writeWindowState(join(statePath, 'no', 'folder'), state)
})

test('closing the last window is quitting; others just close', t => {
  const { windows, seen, statePath } = desk(t)
  windows.open()
  windows.open()
  const [first, second] = FakeWindow.made
  assert.equal(second!.close(), true)
  assert.deepEqual(windows.all().length, 1)
  assert.equal(first!.close(), false, 'it stays until training has saved')
  assert.deepEqual(seen, ['add', 'add', 'remove', 'last'])
  assert.equal((JSON.parse(readFileSync(statePath, 'utf8')) as WindowState).width, 1440)
})

test('a place is shown in the window that is looked at', t => {
  const { windows, seen } = desk(t)
  windows.go('#/runs')
  assert.equal(FakeWindow.made[0]?.url, `${appOrigin}/#/runs`)
  FakeWindow.made[0]!.isSmall = true
  windows.go('#/data')
  assert.equal(FakeWindow.made[0]!.isSmall, false)
  assert.deepEqual(seen.at(-1), { hash: '#/data' })
})

test('a page that crashes is loaded anew on request, and not for ever', async t => {
  const { windows, seen } = desk(t, [0, 1, 0, 0, 0])
  windows.open()
  const [window] = FakeWindow.made
  const crash = async (reason = 'crashed'): Promise<void> => {
    window!.page.emit('render-process-gone', {}, { reason, exitCode: 5 })
    await new Promise(resolve => setImmediate(resolve))
  }
  await crash('clean-exit')
  assert.deepEqual(seen, ['add'])
  await crash()
  assert.deepEqual(seen.slice(1), ["The window's page ended: crashed, exit code 5", 'The window crashed'])
  assert.equal(window!.reloads, 1)
  await crash()
  assert.equal(window!.reloads, 1, 'the user did not want it')
  for (let time = 0; time < 5; time++) await crash('oom')
  assert.equal(window!.reloads, 2)
  window!.emit('unresponsive')
  assert.equal(seen.at(-1), 'The window does not answer')
})

const actions: MenuActions = { newWindow: () => {}, go: () => {}, showDataFolder: () => {} }

test('the menu has what every program has, in the language of the settings, and no way to reload by accident', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const items = flat(menuTemplate(platform, english, actions))
    const roles = items.map(({ role }) => role).filter(role => role !== undefined)
    for (const role of ['undo', 'copy', 'paste', 'selectAll', 'quit', 'close', 'togglefullscreen'])
      assert.ok(roles.includes(role as never), `${platform} ${role}`)
    assert.ok(!roles.includes('reload') && !roles.includes('forceReload'))
    const keys = items.map(({ accelerator }) => accelerator).filter(key => key !== undefined)
    assert.equal(new Set(keys).size, keys.length, 'one key, one thing')
  }
  const went: string[] = []
  const menu = flat(
    menuTemplate('linux', words('zh-CN', ''), { ...actions, go: hash => void went.push(hash) }),
  )
  menu.find(({ label }) => label === '设置…')?.click?.({} as never, undefined, {} as never)
  assert.deepEqual(went, ['#/system'])
})

function flat(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap(item => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])])
}

test('what the shell says is said in Chinese too', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'main')
  const source = ['index', 'menu', 'windows', 'followRuns'].map(name =>
    readFileSync(join(folder, `${name}.ts`), 'utf8'),
  )
  const asked = [...source.join('\n').matchAll(/(?:\bsay|\btext)\(\s*'([^']+)'/g)].map(match => match[1]!)
  assert.ok(asked.length > 20)
  const labels = flat(menuTemplate('linux', text => (asked.push(text), text), actions))
  assert.ok(labels.length > 30)
  assert.deepEqual(
    asked.filter(text => !translated.includes(text)),
    [],
  )
  assert.equal(words('system', 'zh-CN')('Quit'), '退出')
  assert.equal(words('en', 'zh-CN')('Quit'), 'Quit')
  assert.equal(words('system', 'de')('{count} runs are training', { count: 3 }), '3 runs are training')
})

test('crash reports stay in the data folder', () => {
  const seen: unknown[] = []
  keepCrashReports(
    { setPath: (name, path) => void seen.push(name, path) },
    { start: options => void seen.push(options?.uploadToServer) },
    join('/data', 'home'),
  )
  assert.deepEqual(seen, ['crashDumps', join('/data', 'home', 'crashes'), false])
})

test('the settings are followed', async () => {
  let push: (message: PushMessage) => void = () => {}
  const stored = { theme: 'dark', language: 'zh-CN', notifications: 'none' }
  const overhear: Host['overhear'] = listener => ((push = listener), () => {})
  const link: Link = { send: async () => ({ ok: true, value: stored }), subscribe: () => () => {} }
  const seen: string[] = []
  const settings = await followSettings({ link, overhear }, ({ language }) => void seen.push(language))
  assert.equal(settings().notifications, 'none')
  push({ push: 'settings.onChanged', payload: { ...stored, language: 'en' } })
  assert.deepEqual(seen, ['zh-CN', 'en'])
})

test('runs show on the taskbar, keep the machine awake, and are told when they end unseen', () => {
  let push: (message: PushMessage) => void = () => {}
  const overhear: Host['overhear'] = listener => ((push = listener), () => {})
  const seen: unknown[] = []
  let isFocused = false
  let which: Settings['notifications'] = 'all'
  let click: () => void = () => {}
  class FakeNotification {
    constructor(options: { title: string; body: string }) {
      seen.push(options.title)
    }
    on(_event: string, listener: () => void): void {
      click = listener
    }
    show(): void {}
  }
  const window = {
    setProgressBar: (value: number) => void seen.push(value),
    isFocused: () => isFocused,
    isDestroyed: () => false,
  }
  const desktop: Desktop = {
    Notification: FakeNotification,
    powerSaveBlocker: {
      start: () => (seen.push('awake'), 7),
      stop: (id: number) => (seen.push(`asleep ${id}`), true),
    },
    windows: () => [window],
    say: () => english,
    notifications: () => which,
    go: hash => void seen.push(hash),
    setBadge: count => void seen.push(`badge ${count}`),
  }
  const runs = followRuns(overhear, desktop)
  const change = (run: Partial<RunSummary>): void =>
    push({
      push: 'runs.onChanged',
      payload: { id: 'r-1', name: 'my run', totalSteps: 0, step: 0, top1: null, error: null, ...run },
    })
  const told = (status: RunSummary['status']): boolean => {
    change({ status: 'running', totalSteps: 100 })
    change({ status })
    return seen.at(-1) === `my run: ${status}`
  }
  change({ status: 'starting' })
  change({ status: 'running', totalSteps: 100, step: 25 })
  assert.equal(runs.training(), 1)
  change({ status: 'finished', totalSteps: 100, step: 100 })
  const expected = ['awake', 2, 'badge 1', 0.25, 'badge 1', 'asleep 7', -1, 'badge 0', 'my run: finished']
  assert.deepEqual(seen, expected)
  click()
  assert.equal(seen.at(-1), '#/run/r-1')
  which = 'failures'
  assert.deepEqual([told('finished'), told('failed'), told('interrupted')], [false, true, true])
  which = 'none'
  assert.equal(told('failed'), false)
  which = 'all'
  isFocused = true
  assert.equal(told('stopped'), false)
  change({ status: 'queued' })
  assert.equal(runs.training(), 0)
})

test('an alert is told while no window is looked at, in the language of the settings, and leads to its step', () => {
  let push: (message: PushMessage) => void = () => {}
  const seen: string[] = []
  let [isFocused, say, which] = [false, english, 'all' as Settings['notifications']]
  let click: () => void = () => {}
  class FakeNotification {
    constructor({ title, body }: { title: string; body: string }) {
      seen.push(`${title}: ${body}`)
    }
    on(_event: string, listener: () => void): void {
      click = listener
    }
    show(): void {}
  }
  const end = followAlerts(listener => ((push = listener), () => (push = () => {})), {
    Notification: FakeNotification,
    windows: () => [{ setProgressBar: () => {}, isFocused: () => isFocused, isDestroyed: () => false }],
    say: () => say,
    notifications: () => which,
    go: hash => void seen.push(hash),
  })
  const alert = (changes: object): void => {
    const about = {
      runId: 'r/1',
      runName: 'my run',
      metric: 'train/loss',
      value: 12.34567,
      limit: 10,
      step: 40,
    }
    push({ push: 'alerts.onAlert', payload: { ...about, ...changes } })
  }
  alert({ kind: 'above' })
  click()
  alert({ kind: 'not-finite', value: 'NaN' })
  alert({ kind: 'no-progress', limit: 5 })
  alert({ kind: 'no-improvement', value: 0.5, limit: 100 })
  assert.deepEqual(seen.splice(0), [
    'my run: train/loss is 12.35, above 10, at step 40',
    '#/run/r%2F1?step=40',
    'my run: train/loss is NaN at step 40',
    'my run: No progress for 5 minutes, at step 40',
    'my run: train/loss has not improved for 100 steps; the best is 0.5',
  ])
  say = words('zh-CN', 'en')
  alert({ kind: 'below' })
  assert.match(seen.splice(0)[0] ?? '', /^my run: .*[\u4e00-\u9fff]/)
  isFocused = true
  alert({ kind: 'above' })
  isFocused = false
  which = 'none'
  alert({ kind: 'above' })
  which = 'all'
  push({ push: 'runs.onChanged', payload: {} })
  end()
  alert({ kind: 'above' })
  assert.deepEqual(seen, [])
})
