/** The link and what lives on it: reconnecting, stores, live curves. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope, ref, shallowRef } from 'vue'
import { WebSocketServer } from 'ws'
import type { Job } from '../../../core/contract/index.ts'
import { jobNow } from '../../../renderer/composables/jobNow.ts'
import type { XAxis } from '../../../renderer/charts/curves.ts'
import type { Range } from '../../../renderer/charts/scale.ts'
import { useCurves } from '../../../renderer/composables/useCurves.ts'
import { bridgeLink, webLink, type LinkState, type WatchedLink } from '../../../renderer/link.ts'
import { useConnectionStore } from '../../../renderer/stores/connection.ts'
import { useDatasetsStore } from '../../../renderer/stores/datasets.ts'
import { useRunsStore } from '../../../renderer/stores/runs.ts'
import { connectWorkbench } from '../../../renderer/workbench.ts'
import { fakeHost, type FakeHost } from '../../e2e/fixtures/fakeHost.ts'
import { fakeServer } from '../../e2e/fixtures/fakeServer.ts'
import { fakeRun } from '../../e2e/fixtures/fakeThings.ts'

const sizes = { runs: 6, classes: 3, images: 10 }

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 8000
  while (!isSo()) {
    assert.ok(Date.now() < deadline, `never: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 15))
  }
}

function stateOf(link: WatchedLink): { now: LinkState } {
  const seen = { now: 'connecting' as LinkState }
  link.watch(state => (seen.now = state))
  return seen
}

test('a web link calls, hears pushes, loses the host, and finds it again by itself', async () => {
  const host = fakeHost(sizes)
  const first = await fakeServer(host, tmpdir())
  const port = Number(new URL(first.url).port)
  const link = webLink(first.url.replace(/\/$/, ''))
  const state = stateOf(link)
  const pushes: string[] = []
  link.subscribe(message => pushes.push(message.push))
  await until(() => state.now === 'open', 'open')
  assert.equal((await link.send({ call: 'system.info', input: {} })).ok, true)
  host.emit.system.onNotice({ level: 'info', message: 'hello' })
  await until(() => pushes.includes('system.onNotice'), 'the push')

  await first.close()
  await until(() => state.now === 'lost', 'lost')
  const reply = await link.send({ call: 'system.info', input: {} })
  assert.equal(reply.ok, false)
  assert.match(reply.ok ? '' : reply.error.message, /does not answer/)

  const second = await fakeServer(host, tmpdir(), port)
  await until(() => state.now === 'open', 'open again')
  link.close()
  await second.close()
})

test('a host that does not know the page is told apart from one that is gone', async () => {
  const server = createServer((_, response) => response.writeHead(403).end('{}'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const link = webLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const state = stateOf(link)
  await until(() => state.now === 'refused', 'refused')
  link.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('a request crosses to Electron as plain data', async () => {
  let sent: unknown
  const bridge = {
    send: (request: unknown) => {
      sent = structuredClone(request)
      return Promise.resolve({ ok: true, value: null })
    },
    subscribe: () => () => {},
    attend: () => Promise.resolve(),
  }
  const input = new Proxy({ name: 'a', nested: new Proxy({ b: 1 }, {}) }, {})
  await bridgeLink(bridge).send({ call: 'runs.rename', input })
  assert.deepEqual(sent, { call: 'runs.rename', input: { name: 'a', nested: { b: 1 } } })
})

/** Stores over a fake host whose connection the test opens and closes. */
function stores(host: FakeHost) {
  setActivePinia(createPinia())
  connectWorkbench(host.link)
  let tell: (state: LinkState) => void = () => {}
  useConnectionStore().follow({
    watch: listener => {
      tell = listener
      listener('open')
      return () => {}
    },
  })
  return { reconnect: () => (tell('lost'), tell('open')) }
}

test('the store of runs follows pushes, tells trash from present, and knows the queue', async () => {
  const host = fakeHost(sizes)
  stores(host)
  const runs = useRunsStore()
  runs.listen()
  await runs.load()
  assert.equal(runs.list.length, sizes.runs)
  assert.deepEqual(
    runs.queue.map(run => run.id),
    ['run-1', 'run-2'],
  )
  assert.deepEqual(
    runs.active.map(run => run.id),
    ['run-0'],
  )
  const { config, attempts, notes, ...summary } = fakeRun(3)
  void [config, attempts, notes]
  host.emit.runs.onChanged({ ...summary, deletedAt: 5 })
  host.emit.runs.onRemoved({ id: 'run-4' })
  await until(() => runs.list.length === sizes.runs - 2, 'the changes')
  assert.deepEqual(
    runs.trashed.map(run => run.id),
    ['run-3'],
  )
})

test('curves grow with live points, are fetched in detail for a zoom, and again after a lost connection', async () => {
  const host = fakeHost(sizes)
  const connection = stores(host)
  const axis = ref<XAxis>('step')
  const zoom = shallowRef<Range | null>(null)
  const scope = effectScope()
  const { curves, isLoaded } = scope.run(() => useCurves('run-0', axis, zoom))!
  await until(() => isLoaded.value, 'the first fetch')
  const loss = () => curves.value.find(curve => curve.key === 'train/loss' && curve.attempt === 2)
  const before = loss()?.step.length ?? 0
  const point = { step: 60_000, epoch: 120, wallMs: 1_800_000_000_000, values: { 'train/loss': 0.5 } }
  host.emit.metrics.onPoints({ runId: 'run-0', attempt: 2, points: [point] })
  host.emit.metrics.onPoints({ runId: 'run-1', attempt: 2, points: [{ ...point, step: 70_000 }] })
  await until(() => loss()?.step.at(-1) === 60_000, 'the live point')
  assert.equal(loss()?.step.length, before + 1)

  zoom.value = { min: 30_000, max: 32_000 }
  const shown = (): number => (loss()?.step ?? []).filter(step => step >= 30_000 && step <= 32_000).length
  await until(() => shown() === 101, 'every point of the part that is shown')
  // What lies beside it stays, so that moving the picture shows no gap.
  assert.ok((loss()?.step[0] ?? Infinity) < 21_000)
  const asked = host.calls.filter(call => call.call === 'metrics.read').at(-1)?.input as {
    fromStep: number
    toStep: number
  }
  assert.ok(asked.fromStep <= 30_000 && asked.toStep >= 32_000)
  // New data does not end the zoom.
  host.emit.metrics.onPoints({ runId: 'run-0', attempt: 2, points: [{ ...point, step: 60_020 }] })
  await new Promise(resolve => setTimeout(resolve, 300))
  assert.deepEqual(zoom.value, { min: 30_000, max: 32_000 })
  assert.equal(shown(), 101)
  assert.equal(loss()?.step.at(-1), 60_020)
  zoom.value = null
  await until(() => shown() < 101, 'the whole again')

  const reads = host.calls.filter(call => call.call === 'metrics.read').length
  connection.reconnect()
  await until(
    () => host.calls.filter(call => call.call === 'metrics.read').length > reads,
    'the fetch after reconnecting',
  )
  scope.stop()
})

test('a page that was not seen reads anew what was left out, when it is told so', async () => {
  const host = fakeHost(sizes)
  stores(host)
  const scope = effectScope()
  const { isLoaded } = scope.run(() =>
    useCurves('run-0', ref<XAxis>('step'), shallowRef<Range | null>(null)),
  )!
  await until(() => isLoaded.value, 'the first fetch')
  const reads = (): number => host.calls.filter(call => call.call === 'metrics.read').length
  const before = reads()
  host.emit.system.onMissed({})
  await until(() => reads() > before, 'another fetch')
  scope.stop()
  const after = reads()
  host.emit.system.onMissed({})
  await new Promise(resolve => setTimeout(resolve, 50))
  assert.equal(reads(), after)
})

test('a web link says how closely the page looks, once connected and again after a lost connection', async () => {
  const heard: string[] = []
  const server = createServer((_, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => socket.on('message', data => heard.push(String(data))))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const link = webLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const state = stateOf(link)
  link.attend(250)
  await until(() => state.now === 'open', 'open')
  link.attend(null)
  await until(() => heard.length === 2, 'both')
  assert.deepEqual(heard, ['{"paceMs":250}', '{"paceMs":null}'])
  for (const socket of sockets.clients) socket.terminate()
  await until(() => heard.length === 3, 'the pace again')
  assert.equal(heard[2], '{"paceMs":null}')
  link.close()
  sockets.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('a list that was fetched before a push arrived does not hide what the push said', async () => {
  const host = fakeHost(sizes)
  const answers: (() => void)[] = []
  const link = {
    ...host.link,
    send: async (request: Parameters<typeof host.link.send>[0]) => {
      const answer = await host.link.send(request)
      if (request.call === 'datasets.list') await new Promise<void>(resolve => answers.push(resolve))
      return answer
    },
  }
  setActivePinia(createPinia())
  connectWorkbench(link)
  const datasets = useDatasetsStore()
  datasets.listen()
  const first = datasets.load()
  await until(() => answers.length === 1, 'the first question')
  answers[0]!()
  await first
  const [one] = datasets.list
  const second = datasets.load()
  await until(() => answers.length === 2, 'the second question')
  host.emit.datasets.onChanged({ ...one!, status: 'scanning', name: 'Renamed' })
  answers[1]!()
  await second
  assert.equal(datasets.all.get(one!.id)?.name, 'Renamed')
  const third = datasets.load()
  await until(() => answers.length === 3, 'the third question')
  answers[2]!()
  await third
  assert.equal(datasets.all.get(one!.id)?.name, one!.name, 'a later list is the newest word')
  const fourth = datasets.load()
  await until(() => answers.length === 4, 'the fourth question')
  host.emit.datasets.onRemoved({ id: one!.id })
  answers[3]!()
  await fourth
  assert.ok(!datasets.all.has(one!.id))
})

test('a job that ends while it is asked for is not taken for one that runs', async () => {
  const host = fakeHost(sizes)
  const about = { id: 'j-1', kind: 'export', title: '', progress: null, result: null, error: null }
  const job: Job = { ...about, status: 'running', createdAt: 1, endedAt: null }
  const link = {
    ...host.link,
    send: async () => {
      host.emit.jobs.onChanged({ ...job, status: 'finished' })
      return { ok: true as const, value: job }
    },
  }
  connectWorkbench(link)
  assert.equal((await jobNow('j-1')).status, 'finished')
})
