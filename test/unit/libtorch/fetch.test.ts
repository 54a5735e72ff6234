import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fetchLibtorch, folderOf, measure, partBytes, type FetchOrder } from '../../../main/libtorch/fetch.ts'
import { pinnedForCpu, pinnedForGpu, type PinnedLibtorch } from '../../../main/libtorch/pins.ts'
import { zip, type Part } from './zip.ts'

/** Fetching a libtorch, from a server of our own that is slow, broken, dishonest or gone. */

const library = 'ELF '.repeat(20_000)
const good: readonly Part[] = [
  { name: 'libtorch/lib/libtorch_cpu.so', text: library },
  { name: 'libtorch/lib/libc10.so', text: 'c10', isStored: true },
  { name: 'libtorch/lib/libwide.so', text: 'wide', isWide: true },
  { name: 'libtorch/lib/libempty.so', text: '', isStored: true },
  { name: 'libtorch/include/ATen/ATen.h', text: '#pragma once' },
  { name: 'libtorch/lib/libleftout.a', text: 'static' },
  { name: 'libtorch/share/cmake/x.cmake', text: 'cmake' },
  { name: 'other/evil.so', text: 'x' },
]
const archive = zip(good)
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/libtorch.zip`
}

/** Gives the file, and parts of it to those who ask. */
function file(bytes: Buffer): RequestListener {
  return ({ method, headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    if (start >= bytes.length) return void response.writeHead(416).end()
    const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}
    const rest = bytes.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, ...range })
    response.end(method === 'HEAD' ? undefined : rest)
  }
}

async function orderOf(
  t: TestContext,
  url: string,
  hash: string | null = sha256(archive),
  rest: Partial<FetchOrder> = {},
): Promise<FetchOrder> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-libtorch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const pinned: PinnedLibtorch = { version: '9.9.9', build: 'cu1', url, sha256: hash, inner: 'libtorch' }
  return {
    ...{ pinned, folder, signal: new AbortController().signal, onProgress: () => {} },
    freeBytes: async () => 1e12,
    tries: { silenceMs: 300, retries: 2, retryAfterMs: 10 },
    ...rest,
  }
}

test('what is pinned has a hash, and an address of PyTorch', () => {
  const pins = [
    pinnedForGpu('linux', 'x64'),
    pinnedForGpu('win32', 'x64'),
    ...['x64', 'arm64'].map(arch => pinnedForCpu('linux', arch)),
    pinnedForCpu('darwin', 'arm64'),
  ]
  for (const pin of pins) {
    assert.match(pin?.sha256 ?? '', /^[0-9a-f]{64}$/)
    assert.match(pin?.url ?? '', /^https:\/\/download\.pytorch\.org\//)
  }
  assert.equal(pinnedForGpu('darwin', 'arm64'), null)
})

test('a libtorch is fetched, checked and unpacked: libraries and headers, nothing else', async t => {
  const seen = new Set<string>()
  const order = await orderOf(t, await serve(t, file(archive)), undefined, {
    onProgress: (phase, done, total) => {
      assert.ok(done <= total)
      seen.add(phase)
    },
  })
  const size = await measure(order.pinned, order.folder, order.signal)
  assert.equal(size.bytes, archive.length)
  const made = await fetchLibtorch(order)
  assert.equal(made, folderOf(order.folder, order.pinned))
  assert.equal(await readFile(join(made, 'lib', 'libtorch_cpu.so'), 'utf8'), library)
  assert.equal(await readFile(join(made, 'lib', 'libwide.so'), 'utf8'), 'wide')
  assert.deepEqual((await readdir(join(made, 'lib'))).sort(), [
    'libc10.so',
    'libempty.so',
    'libtorch_cpu.so',
    'libwide.so',
  ])
  assert.deepEqual((await readdir(made)).sort(), ['include', 'lib'])
  assert.deepEqual(await readdir(order.folder), ['9.9.9-cu1'], 'the archive is gone')
  assert.deepEqual([...seen], ['downloading', 'unpacking'])
})

test('a lost connection is taken up where it broke off', async t => {
  const asked: (string | undefined)[] = []
  const order = await orderOf(
    t,
    await serve(t, (request, response) => {
      if (request.method === 'HEAD') return file(archive)(request, response)
      asked.push(request.headers.range)
      if (asked.length > 1) return file(archive)(request, response)
      response.writeHead(200, { 'content-length': archive.length })
      response.write(archive.subarray(0, 200), () => setTimeout(() => response.destroy(), 30))
    }),
  )
  await fetchLibtorch(order)
  assert.deepEqual(asked, [undefined, 'bytes=200-'])
})

test('a server that falls silent is given up, and what has come is kept', async t => {
  const order = await orderOf(
    t,
    await serve(t, (request, response) => {
      if (request.method === 'HEAD') return file(archive)(request, response)
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const range =
        start > 0 ? { 'content-range': `bytes ${start}-${archive.length - 1}/${archive.length}` } : {}
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': archive.length - start, ...range })
      response.write(archive.subarray(start, start + 10))
    }),
  )
  await assert.rejects(fetchLibtorch(order), { code: 'data-unreadable', message: /cannot be reached.*kept/ })
  assert.equal(await partBytes(order.pinned, order.folder), 30)
})

test('cancelling keeps what has come; the next one goes on from there', async t => {
  const stop = new AbortController()
  const order = await orderOf(
    t,
    await serve(t, (request, response) => {
      if (request.method === 'HEAD' || request.headers.range !== undefined)
        return file(archive)(request, response)
      response.writeHead(200, { 'content-length': archive.length }).write(archive.subarray(0, 100))
    }),
    undefined,
    { signal: stop.signal, onProgress: () => stop.abort() },
  )
  await assert.rejects(fetchLibtorch(order), { code: 'cancelled' })
  assert.equal(await partBytes(order.pinned, order.folder), 100)
  const phases = new Set<string>()
  const again = {
    ...order,
    signal: new AbortController().signal,
    onProgress: (phase: string) => void phases.add(phase),
  }
  await fetchLibtorch(again)
  assert.deepEqual([...phases], ['checking', 'downloading', 'unpacking'])
})

test('another file than the pinned one is deleted unopened', async t => {
  const order = await orderOf(t, await serve(t, file(zip([{ name: 'libtorch/lib/x.so', text: 'evil' }]))))
  await assert.rejects(fetchLibtorch(order), {
    code: 'data-invalid',
    message: /expected a file with the SHA-256/,
  })
  assert.deepEqual(await readdir(order.folder), [])
})

test('refusals say why: no hash, no room, no such file', async t => {
  const url = await serve(t, file(archive))
  await assert.rejects(fetchLibtorch(await orderOf(t, url, null)), {
    code: 'conflict',
    message: /no SHA-256/,
  })
  const full = await orderOf(t, url, undefined, { freeBytes: async () => 2 ** 30 })
  await assert.rejects(fetchLibtorch(full), { code: 'disk-full', message: /to spare/ })
  let tries = 0
  const gone = await serve(t, (_request, response) => {
    tries += 1
    response.writeHead(404).end()
  })
  await assert.rejects(fetchLibtorch(await orderOf(t, gone)), {
    code: 'data-unreadable',
    message: /answered 404/,
  })
  assert.equal(tries, 1, 'what is not there will not be there in two seconds')
})

const wrong: Readonly<Record<string, readonly Part[]>> = {
  'a name that leads out': [{ name: 'libtorch/lib/../../../evil.so', text: 'x' }],
  'a name of another system': [{ name: 'libtorch/include/..\\..\\evil.h', text: 'x' }],
  'a drive': [{ name: 'libtorch/include/C:evil.h', text: 'x' }],
  'a symbolic link': [
    { name: 'libtorch/lib/libc10.so', text: '/etc/passwd', mode: 0o120777, isStored: true },
  ],
  'a device': [{ name: 'libtorch/lib/libc10.so', text: '', mode: 0o020666, isStored: true }],
  'a bomb': [{ name: 'libtorch/lib/libc10.so', text: 'x', claimedSize: 2 ** 31 }],
  'more than it claims': [{ name: 'libtorch/lib/libc10.so', text: 'x'.repeat(1000), claimedSize: 10 }],
  'another content': [{ name: 'libtorch/lib/libc10.so', text: 'x', claimedCrc: 1 }],
  'one file twice': [good[1]!, good[1]!],
  'nothing of use': [{ name: 'other/lib/x.so', text: 'x' }],
}
for (const [what, parts] of Object.entries(wrong)) {
  test(`an archive with ${what} is refused, and leaves nothing`, async t => {
    const bytes = zip(parts)
    const order = await orderOf(t, await serve(t, file(bytes)), sha256(bytes))
    await assert.rejects(fetchLibtorch(order), { code: 'data-invalid' })
    assert.ok(!existsSync(folderOf(order.folder, order.pinned)))
    assert.deepEqual(
      (await readdir(order.folder)).filter(name => !name.endsWith('.zip')),
      [],
    )
    assert.ok(!existsSync(join(order.folder, '..', 'evil.so')))
  })
}

test('what is no archive is refused', async t => {
  for (const bytes of [Buffer.from('<html>'), archive.subarray(0, -30), Buffer.alloc(100)]) {
    const order = await orderOf(t, await serve(t, file(bytes)), sha256(bytes))
    await assert.rejects(fetchLibtorch(order), { code: 'data-invalid' })
  }
})

test('a former half-unpacked folder does not stand in the way', async t => {
  const order = await orderOf(t, await serve(t, file(archive)))
  await mkdir(join(order.folder, '9.9.9-cu1.unpacking'), { recursive: true })
  await writeFile(join(order.folder, '9.9.9-cu1.unpacking', 'junk'), 'x')
  const made = await fetchLibtorch(order)
  assert.deepEqual((await readdir(made)).sort(), ['include', 'lib'])
})
