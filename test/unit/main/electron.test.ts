import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { App, Dialog, Protocol, Session } from 'electron'
import type { Link } from '../../../core/contract/index.ts'
import { fakeElectron } from '../../contract/links.ts'
import { contentSecurityPolicy } from '../../../main/contentSecurity.ts'
import { serveWindows } from '../../../main/link.ts'
import { folderChooser, registerScheme, serveProtocol } from '../../../main/shell.ts'
import { appOrigin, confinePages, confineSession, windowOptions } from '../../../main/window.ts'

/** The desktop shell against fakes of Electron: what it asks of Electron is what keeps the page in its sandbox. */

const root = join(import.meta.dirname, '..', '..', '..')

test('the window keeps its page in the sandbox, without Node', () => {
  const preferences = windowOptions().webPreferences ?? {}
  const { preload, ...flags } = preferences
  assert.deepEqual(flags, {
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  })
  assert.match(preload ?? '', /out[\\/]preload[\\/]index\.cjs$/)
})

test('no source of the shell weakens it', () => {
  const names = ['index', 'window', 'windows', 'menu', 'shell', 'link', 'followRuns', 'crashes']
  const files = names.map(name => join(root, 'main', `${name}.ts`))
  const sources = [...files, join(root, 'preload', 'index.ts')]
    .map(path => readFileSync(path, 'utf8'))
    .join('\n')
  const forbidden = [
    ...[
      'no-sandbox',
      'disable-web-security',
      'appendSwitch',
      'openExternal',
      'remote-debugging',
      'enableBlinkFeatures',
    ],
    ...[
      'executeJavaScript',
      'file://',
      'insertCSS',
      'setCertificateVerifyProc',
      'certificate-error',
      'enableRemoteModule',
    ],
    ...[
      'affinity',
      'unsafe-eval',
      'unsafe-inline',
      'ELECTRON_DISABLE_SECURITY_WARNINGS',
      'registerFileProtocol',
    ],
  ]
  for (const word of forbidden) assert.ok(!sources.includes(word), word)
  assert.match(sources, /app\.enableSandbox\(\)/)
  assert.match(sources, /requestSingleInstanceLock/)
})

test('the preload script exposes four functions and imports electron alone', () => {
  const source = readFileSync(join(root, 'preload', 'index.ts'), 'utf8')
  const imports = [...source.matchAll(/^import (?!type).* from '(.*)'/gm)].map(match => match[1])
  assert.deepEqual(imports, ['electron'])
  assert.deepEqual(
    [...source.matchAll(/^ {2}(\w+)[:(]/gm)].map(match => match[1]),
    ['send', 'subscribe', 'attend', 'pathForFile'],
  )
  assert.deepEqual(readdirSync(join(root, 'preload')), ['index.ts'])
})

test('no page navigates, redirects, embeds or opens a window', () => {
  let created: ((event: unknown, page: unknown) => void) | undefined
  confinePages({ on: (_event: string, listener: never) => void (created = listener) } as unknown as App)
  const listeners = new Map<string, (event: { preventDefault(): void }) => void>()
  let opening: (() => unknown) | undefined
  created?.(null, {
    on: (event: string, listener: never) => void listeners.set(event, listener),
    setWindowOpenHandler: (handler: () => unknown) => void (opening = handler),
  })
  assert.deepEqual([...listeners.keys()].sort(), [
    'will-attach-webview',
    'will-frame-navigate',
    'will-navigate',
    'will-redirect',
  ])
  for (const listener of listeners.values()) {
    let prevented = false
    listener({ preventDefault: () => void (prevented = true) })
    assert.ok(prevented)
  }
  assert.deepEqual(opening?.(), { action: 'deny' })
})

test('no permission is granted and nothing is loaded from elsewhere', () => {
  const set: Record<string, (...args: never[]) => unknown> = {}
  const keep = (name: string) => (handler: (...args: never[]) => unknown) => void (set[name] = handler)
  confineSession({
    setPermissionRequestHandler: keep('request'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('display'),
    webRequest: { onBeforeRequest: keep('load') },
    on: (event: string, listener: never) => keep(event)(listener),
  } as unknown as Session)
  const decisions: unknown[] = []
  const decide = (value: unknown): void => void decisions.push(value)
  set['request']?.(null as never, 'media' as never, decide as never)
  set['display']?.(null as never, decide as never)
  assert.deepEqual([set['check']?.(), set['device']?.(), ...decisions], [false, false, false, {}])
  const isLoaded = (url: string): boolean => {
    let cancel = true
    set['load']?.({ url } as never, ((answer: { cancel: boolean }) => void (cancel = answer.cancel)) as never)
    return !cancel
  }
  for (const url of [
    `${appOrigin}/`,
    `${appOrigin}/assets/a.js`,
    'devtools://devtools/x',
    'blob:x',
    'data:image/png,x',
  ])
    assert.ok(isLoaded(url), url)
  const others = [
    'https://evil.test/',
    'http://127.0.0.1/',
    'file:///etc/passwd',
    `${appOrigin}.evil.test/`,
    `${appOrigin}evil/`,
    'ws://x/',
    'ftp://x/',
  ]
  for (const url of others) assert.ok(!isLoaded(url), url)
  const isSaved = (url: string): boolean => {
    let isRefused = false
    const event = { preventDefault: () => void (isRefused = true) }
    set['will-download']?.(event as never, { getURL: () => url } as never)
    return !isRefused
  }
  for (const url of ['blob:x', 'data:image/png,x', `${appOrigin}/blobs/x`]) assert.ok(isSaved(url), url)
  for (const url of others) assert.ok(!isSaved(url), url)
})

test('only the main frames of our own windows may call', async t => {
  const { ipc, page, mainFrame, invoke, invokeFromPage } = fakeElectron()
  const link: Link = { send: async request => ({ ok: true, value: request.call }), subscribe: () => () => {} }
  const paces: (number | null)[] = []
  const attach = () => ({ attend: (pace: number | null) => void paces.push(pace), end: () => {} })
  const links = serveWindows(ipc, { link, attach })
  t.after(() => links.end())
  const request = { call: 'settings.get', input: {} }
  assert.equal((await invokeFromPage(request)).ok, false, 'a page that was not added')
  links.add(page)
  assert.deepEqual(await invokeFromPage(request), { ok: true, value: 'settings.get' })
  const strangers = [
    { sender: {}, senderFrame: mainFrame },
    { sender: page, senderFrame: null },
    { sender: page, senderFrame: { url: `${appOrigin}/` } },
  ]
  for (const event of strangers) assert.equal((await invoke(event, request)).ok, false)
  for (const url of ['about:blank', '', 'https://evil.test/', `${appOrigin}.evil.test/`, 'file:///x']) {
    mainFrame.url = url
    const reply = await invokeFromPage(request)
    assert.ok(!reply.ok && reply.error.code === 'forbidden', url)
  }
  const attend = (pace: unknown, sender: unknown = page): Promise<unknown> =>
    invoke({ sender, senderFrame: mainFrame }, pace, 'pace')
  await attend(100)
  assert.deepEqual(paces, [], 'a page that was led elsewhere')
  mainFrame.url = `${appOrigin}/`
  await attend(100)
  await attend(null)
  await attend(500, {})
  assert.deepEqual(paces, [100, null])
  await assert.rejects(attend('fast'), TypeError)
  links.remove(page)
  assert.equal((await invokeFromPage(request)).ok, false, 'a window that is gone')
})

test('the protocol serves the listed files and the images, with the policy, and nothing else', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-protocol-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'index.html'), 'page')
  let handle: ((request: Request) => Promise<Response>) | undefined
  const protocol = {
    handle: (_scheme: string, handler: never) => void (handle = handler),
  } as unknown as Protocol
  const blob = async (path: string) => ({ status: 200, type: 'image/png', body: Buffer.from(path) })
  const upload = async (body: AsyncIterable<Uint8Array>) => {
    let size = 0
    for await (const part of body) size += part.length
    return { ok: true as const, value: { id: 'u-0', size } }
  }
  serveProtocol(protocol, { blob, upload }, folder)
  const get = (path: string, method = 'GET'): Promise<Response> => {
    const request = { url: path.includes('://') ? path : `${appOrigin}${path}`, method }
    return (handle as (request: Request) => Promise<Response>)(request as Request)
  }
  const send = (path: string, headers: Record<string, string>): Promise<Response> => {
    const body = new Response('abc').body
    const request = { url: `${appOrigin}${path}`, method: 'POST', headers: new Headers(headers), body }
    return (handle as (request: Request) => Promise<Response>)(request as Request)
  }
  const page = await get('/')
  assert.equal(await page.text(), 'page')
  assert.equal(page.headers.get('content-security-policy'), contentSecurityPolicy)
  assert.equal(await (await get('/blobs/datasets/d/train/0/image')).text(), 'datasets/d/train/0/image')
  for (const path of ['/../x', '/%2e%2e/etc/passwd', '/index.html.', '//x'])
    assert.equal((await get(path)).status, 404, path)
  assert.equal((await get('multigrain://other/')).status, 403)
  for (const path of ['/', '/uploads/x', '/blobs/uploads/u-0']) {
    const refused = await send(path, { 'content-type': 'application/octet-stream' })
    assert.equal(refused.status, 403, path)
  }
  const image = { 'content-type': 'application/octet-stream', origin: appOrigin }
  assert.deepEqual(await (await send('/uploads', image)).json(), { ok: true, value: { id: 'u-0', size: 3 } })
  for (const headers of [{ 'content-type': 'text/plain' }, { ...image, origin: 'https://evil.test' }])
    assert.equal((await send('/uploads', headers)).status, 403)
})

test('our scheme is a secure one of its own', () => {
  let registered: unknown
  registerScheme({
    registerSchemesAsPrivileged: (schemes: unknown) => void (registered = schemes),
  } as unknown as Protocol)
  assert.deepEqual(registered, [
    {
      scheme: 'multigrain',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
    },
  ])
})

test('the folder dialog gives a folder, or null when it is closed', async () => {
  const dialog = (filePaths: string[]) =>
    ({ showOpenDialog: async () => ({ filePaths }) }) as unknown as Dialog
  assert.equal(await folderChooser(dialog(['/data/flowers']), () => null)('Choose'), '/data/flowers')
  assert.equal(await folderChooser(dialog([]), () => null)('Choose'), null)
})
