/**
 * The desktop shell in real Electron, driven by Playwright: the runtime of the checkout, or the program that MULTIGRAIN_ELECTRON_APP
 * names (a package made with --for-tests). Without either it says that it was left out, and fails where MULTIGRAIN_ELECTRON=required.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { expectAccessible } from '../e2e/fixtures/axe.ts'
import { missingElectron, startElectron } from './fixture.ts'

const skip = missingElectron()
const home = mkdtempSync(join(tmpdir(), 'multigrain-electron-'))
let app: ElectronApplication
let page: Page

before(async () => {
  if (skip !== false) return
  app = await startElectron(_electron, home)
  page = await app.firstWindow()
  await page.locator('footer .connection.open').waitFor({ timeout: 60_000 })
})
after(async () => {
  if (skip === false) await app.evaluate(({ app: shell }) => shell.exit(0)).catch(() => {})
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

test('the page is ours, in a sandbox, without Node and without a way to Electron', { skip }, async () => {
  assert.equal(await page.evaluate('location.origin'), 'multigrain://workbench')
  const reached = await page.evaluate(
    `[typeof process, typeof require, typeof module, Object.keys(window.workbench).sort().join()]`,
  )
  assert.deepEqual(reached, ['undefined', 'undefined', 'undefined', 'pathForFile,send,subscribe'])
  const flags = await app.evaluate(({ BrowserWindow }) => {
    const page = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences?(): Record<string, unknown>
    }
    const preferences = page.getLastWebPreferences?.()
    if (preferences === undefined) return null
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = preferences
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag }
  })
  // Not every version of Electron tells.
  if (flags !== null) {
    assert.deepEqual(flags, {
      ...{ sandbox: true, contextIsolation: true, nodeIntegration: false },
      ...{ webSecurity: true, webviewTag: false },
    })
  }
})

test(
  'no inline script runs, nothing is fetched from elsewhere, and no page leads away',
  { skip },
  async () => {
    const ran = await page.evaluate(`(() => {
    const script = document.createElement('script')
    script.textContent = 'window.wasRun = true'
    document.head.append(script)
    return window.wasRun === true
  })()`)
    assert.equal(ran, false)
    for (const url of ['https://example.com/', 'http://127.0.0.1:1/', 'file:///etc/passwd'])
      assert.equal(await page.evaluate(`fetch('${url}').then(() => 'came', () => 'refused')`), 'refused', url)
    assert.equal(await page.evaluate(`window.open('https://example.com/') === null`), true)
    await page.evaluate(`location.href = 'https://example.com/'`)
    await new Promise(resolve => setTimeout(resolve, 500))
    assert.equal(await page.evaluate('location.origin'), 'multigrain://workbench')
    const permission = await page.evaluate(
      `navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'given', () => 'refused')`,
    )
    assert.equal(permission, 'refused')
  },
)

test('a run is trained from the page, with the figures on screen', { skip, timeout: 240_000 }, async () => {
  const created = (await page.evaluate(`(async () => {
    const call = (name, input) => window.workbench.send({ call: name, input })
    let sets = []
    for (let time = 0; time < 300 && !sets.some(set => set.status === 'ready'); time++) {
      await new Promise(resolve => setTimeout(resolve, 200))
      sets = (await call('datasets.list', {})).value
    }
    const config = { model: { name: 'cifar-resnet8' }, training: { maxSteps: 20 }, backend: 'wasm' }
    return call('runs.create', { datasetId: sets[0].id, config, name: 'in Electron' })
  })()`)) as { ok: boolean; value: { id: string } }
  assert.equal(created.ok, true, JSON.stringify(created))
  await page.evaluate(`location.hash = '#/run/${created.value.id}'`)
  await page.getByText('finished', { exact: true }).first().waitFor({ timeout: 200_000 })
})

test('the menu leads to places, and a second window has the same rules', { skip }, async () => {
  await app.evaluate(({ Menu }) => {
    const items = (menu: Electron.Menu | null | undefined): Electron.MenuItem[] =>
      menu?.items.flatMap(item => [item, ...items(item.submenu)]) ?? []
    items(Menu.getApplicationMenu())
      .find(item => item.accelerator === 'CmdOrCtrl+,')
      ?.click()
  })
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await expectAccessible(page)
  const opening = app.waitForEvent('window')
  await app.evaluate(({ Menu }) => {
    const items = (menu: Electron.Menu | null | undefined): Electron.MenuItem[] =>
      menu?.items.flatMap(item => [item, ...items(item.submenu)]) ?? []
    items(Menu.getApplicationMenu())
      .find(item => item.accelerator === 'CmdOrCtrl+Shift+N')
      ?.click()
  })
  const second = await opening
  await second.locator('footer .connection.open').waitFor()
  assert.equal(await second.evaluate('typeof require'), 'undefined')
  const closing = second.waitForEvent('close')
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  await Promise.race([closing, new Promise(resolve => setTimeout(resolve, 2000))])
})

test('quitting saves the window’s place and ends cleanly', { skip, timeout: 60_000 }, async () => {
  const ended = new Promise<void>(resolve => app.process().once('exit', () => resolve()))
  await app.evaluate(({ app: shell }) => setImmediate(() => shell.quit()))
  await ended
  const state = join(home, 'electron', 'window.json')
  if (existsSync(state)) assert.ok((JSON.parse(readFileSync(state, 'utf8')) as { width: number }).width > 0)
})
