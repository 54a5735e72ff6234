/** Images that the user brings: what is taken, where it is kept, and what is refused. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import sharp from 'sharp'
import { serveLoopback } from '../../../main/loopback.ts'
import { largestUpload } from '../../../main/uploads.ts'
import { startBench } from './fixture.ts'

const worker = join(import.meta.dirname, '..', '..', '..', 'core', 'processes', 'worker.ts')
const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 5, height: 3, channels: 3, background: '#ff8800' } })
    .png()
    .toBuffer()

interface Answered {
  readonly ok: boolean
  readonly value?: { readonly id: string; readonly width: number; readonly height: number }
  readonly error?: { readonly code: string; readonly message: string }
}

/** A web host with a real worker, and what a program sends to it. */
async function site(t: TestContext) {
  const { host } = await startBench(t, { workerEntry: worker })
  const web = await serveLoopback(host, { port: 0 })
  t.after(() => web.close())
  const headers = { authorization: `Bearer ${web.token}`, 'content-type': 'application/octet-stream' }
  const folder = join(host.folders.cache, 'uploads')
  return {
    host,
    folder,
    kept: () => readdirSync(folder).sort(),
    get: (path: string) => fetch(web.address + path, { headers }),
    async send(body: Uint8Array): Promise<Answered> {
      const options = { method: 'POST', headers, body: new Uint8Array(body) }
      return (await fetch(`${web.address}/uploads`, options)).json() as Promise<Answered>
    },
  }
}

test('an image is kept by its bytes and shown as it was decoded; what is no image leaves nothing', async t => {
  const { send, get, kept } = await site(t)
  const bytes = await picture()
  const { ok, value } = await send(bytes)
  assert.ok(ok)
  assert.match(value!.id, /^u-[0-9a-f]{32}$/)
  assert.deepEqual([value!.width, value!.height], [5, 3])
  assert.equal((await send(bytes)).value?.id, value!.id)
  const shown = await get(`/blobs/uploads/${value!.id}`)
  assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/png'])
  assert.equal((await sharp(await shown.arrayBuffer()).metadata()).width, 5)

  const refused = [
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', /The image: not a JPEG, PNG, WebP or GIF/],
    [bytes.subarray(0, 40), /The image: a PNG image that is cut short/],
    ['', /empty file/],
  ] as const
  for (const [body, message] of refused) {
    const answer = await send(Buffer.from(body))
    assert.ok(!answer.ok)
    assert.match(answer.error!.message, message)
  }
  assert.deepEqual(kept(), [value!.id])

  const strange = [
    '',
    'u-1',
    `${value!.id}0`,
    '../../store.sqlite',
    '%2e%2e%2fstore.sqlite',
    'u-..%2f..',
    value!.id.toUpperCase(),
  ]
  for (const id of strange) assert.equal((await get(`/blobs/uploads/${id}`)).status, 404, id)
  const gone = await get(`/blobs/uploads/u-${'0'.repeat(32)}`)
  assert.equal(gone.status, 404)
  assert.match(await gone.text(), /Choose it again/)
})

test('more than the limit is refused while it comes, and leaves nothing', async t => {
  const { host } = await startBench(t)
  const part = new Uint8Array(8 * 1024 * 1024)
  let sent = 0
  async function* endless() {
    for (;;) {
      sent += part.length
      yield part
    }
  }
  const reply = await host.upload(endless())
  assert.ok(!reply.ok)
  assert.match(reply.error.message, /larger than 64 MB/)
  assert.ok(sent <= largestUpload + 2 * part.length)
  assert.deepEqual(readdirSync(join(host.folders.cache, 'uploads')), [])
})

test('the oldest go when there are too many, and what an interrupted upload left', async t => {
  const { send, folder, kept } = await site(t)
  mkdirSync(folder, { recursive: true })
  const id = (number: number): string => `u-${String(number).padStart(32, '0')}`
  for (let number = 0; number < 505; number++) {
    writeFileSync(join(folder, id(number)), 'x')
    utimesSync(join(folder, id(number)), 1000 + number, 1000 + number)
  }
  writeFileSync(join(folder, '.old.part'), 'x')
  utimesSync(join(folder, '.old.part'), 1000, 1000)
  const { value } = await send(await picture())
  const left = kept()
  assert.equal(left.length, 500)
  assert.ok(left.includes(value!.id) && left.includes(id(504)) && !left.includes(id(0)))
  assert.ok(!left.includes('.old.part'))
})
