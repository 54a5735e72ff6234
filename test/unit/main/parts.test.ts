import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../../core/errors/index.ts'
import { FileCache } from '../../../main/fileCache.ts'
import { readHostFile, writeHostFile } from '../../../main/hostFile.ts'
import { errorLog } from '../../../main/log.ts'
import { endOnDefects } from '../../../main/lastResort.ts'
import { nodePath } from '../../../main/nodePath.ts'
import { opener } from '../../../main/openBrowser.ts'
import { dataFolder } from '../../../main/paths.ts'
import { connect } from '../../../main/remote.ts'
import { Backlog } from '../../../main/supervision/backlog.ts'
import { ended, isAlive, markOf } from '../../../main/supervision/processMark.ts'
import { throttle } from '../../../main/supervision/throttle.ts'
import { Watchdog } from '../../../main/supervision/watchdog.ts'
import { defaultLimits } from '../../../main/supervision/limits.ts'
import { parseArguments } from '../../../main/web.ts'
import { startBench, temporaryFolder, waitFor } from './fixture.ts'

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

test('writes that a full disk refuses are done later, in order, and trouble is told', async () => {
  const done: number[] = []
  const told: string[] = []
  let isFull = true
  const backlog = new Backlog({ onTrouble: error => told.push(error.code), retryMs: 20 })
  const write = (number: number): void =>
    backlog.write(() => {
      if (isFull) throw new AppError('disk-full', 'no space left')
      done.push(number)
    })
  for (const number of [1, 2, 3]) write(number)
  assert.deepEqual([done, told], [[], ['disk-full']])
  isFull = false
  await waitFor(() => done.length === 3)
  write(4)
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('when too many figures wait the oldest are given up, which is told once; outcomes are kept', async () => {
  const done: string[] = []
  let [losses, reliefs, isFull] = [0, 0, true]
  const backlog = new Backlog({
    ...{ onTrouble: () => {}, onLoss: () => losses++, onRelief: () => reliefs++ },
    ...{ retryMs: 20, capacity: 2 },
  })
  const write = (what: string, isFigures: boolean): void =>
    backlog.write(
      () => {
        if (isFull) throw new AppError('disk-full', 'no space left')
        done.push(what)
      },
      { isFigures },
    )
  write('outcome', false)
  for (const what of ['a', 'b', 'c', 'd']) write(what, true)
  isFull = false
  await waitFor(() => done.length === 3)
  assert.deepEqual([done, losses, reliefs], [['outcome', 'c', 'd'], 1, 1])
})

test('a defect in a write is told and holds nothing up', () => {
  const done: number[] = []
  const told: string[] = []
  const backlog = new Backlog({ onTrouble: error => told.push(error.code) })
  backlog.write(() => {
    throw new TypeError('a defect')
  })
  backlog.write(() => done.push(2))
  assert.deepEqual([done, told], [[2], ['internal']])
})

test('a throttled function runs at once, then at intervals, and the last request is never lost', async () => {
  let count = 0
  const call = throttle(
    () => count++,
    () => 40,
  )
  for (let index = 0; index < 10; index++) call()
  assert.equal(count, 1)
  await pause(80)
  assert.equal(count, 2)
  await pause(80)
  assert.equal(count, 2)
  call()
  call()
  call.finish()
  assert.equal(count, 4)
  await pause(80)
  assert.equal(count, 4)
})

test('the watchdog allows a long start, then expects to hear more often', async () => {
  const silences: number[] = []
  const watchdog = new Watchdog({ ...defaultLimits, startingSilenceMs: 400, silenceMs: 60 }, ms =>
    silences.push(ms),
  )
  await pause(150)
  assert.equal(silences.length, 0)
  watchdog.heard()
  watchdog.hasStarted()
  await waitFor(() => silences.length === 1)
  await pause(100)
  assert.equal(silences.length, 1)
})

test('a process is told apart from a later one with its id', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  const mark = markOf(child.pid ?? 0)
  assert.ok(isAlive(mark))
  if (process.platform === 'linux') assert.ok(!isAlive({ ...mark, started: '1' }))
  let isGone = false
  void ended(mark, 10).then(() => (isGone = true))
  child.kill('SIGKILL')
  await waitFor(() => isGone)
  assert.ok(!isAlive(mark))
})

test('what has no process is not alive: a signal to 0 would find this very group', () => {
  for (const pid of [0, -1, NaN]) assert.equal(isAlive({ pid, started: '' }), false)
})

test('a child that cannot be started for want of files has no process, and says why', async () => {
  if (process.platform === 'win32') return
  const script = join(import.meta.dirname, 'noFilesLeft.ts')
  const child = spawn('sh', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, script])
  let text = ''
  child.stdout.on('data', data => (text += String(data)))
  await once(child, 'close')
  const { pid, message } = JSON.parse(text) as { pid: number | null; message: string }
  assert.equal(pid, null)
  assert.match(message, /The trainer could not be started: spawn .*EMFILE/)
})

test('the browser is led by a page of the user’s own: no token in arguments, which all may read', async t => {
  const folder = await temporaryFolder(t)
  const url = 'http://127.0.0.1:6460/?token=secret'
  for (const platform of ['linux', 'darwin'] as const) {
    const [command, ...args] = opener(url, folder, platform)
    assert.doesNotMatch([command, ...args].join(' '), /secret/)
    const page = fileURLToPath(args.at(-1) ?? '')
    assert.equal(statSync(page).mode & 0o777, 0o600)
    assert.ok(readFileSync(page, 'utf8').includes(`content="0;url=${url}"`))
  }
})

test('what nobody caught: a full disk is survived, after a defect training saves and the process ends', async () => {
  const source = new EventEmitter() as unknown as NodeJS.Process
  const [reported, exits]: [string[], number[]] = [[], []]
  let closed = 0
  const host = {
    report: (error: AppError) => void reported.push(error.code),
    close: async () => void closed++,
  }
  endOnDefects(host, code => exits.push(code), source)
  source.emit('unhandledRejection', new AppError('disk-full', 'no space left'), Promise.resolve())
  source.emit('uncaughtException', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  assert.deepEqual([closed, exits], [0, []])
  source.emit('uncaughtException', new TypeError('a defect'))
  source.emit('unhandledRejection', new TypeError('another'), Promise.resolve())
  await waitFor(() => exits.length > 0)
  assert.deepEqual([closed, exits, reported.length], [1, [1], 4])
})

test('children run on a Node that is new enough', () => {
  assert.ok(existsSync(nodePath()))
})

test('the data folder is the chosen one, else the platform’s own', () => {
  assert.equal(dataFolder({ MULTIGRAIN_HOME: '/tmp/x/../y' }), '/tmp/y')
  assert.match(dataFolder({}), /multigrain-workbench$/)
  if (process.platform === 'linux')
    assert.equal(dataFolder({ XDG_DATA_HOME: '/data' }), '/data/multigrain-workbench')
})

test('a cache keeps files within its size, the newest first', async t => {
  const folder = await temporaryFolder(t)
  const cache = new FileCache(join(folder, 'cache'), 1000)
  for (let number = 0; number < 12; number++) {
    await cache.write(`key${number}`, Buffer.alloc(100, number))
    await pause(5)
  }
  assert.equal(await cache.read('key0'), null)
  assert.deepEqual(await cache.read('key11'), Buffer.alloc(100, 11))
  const kept = readdirSync(join(folder, 'cache'), { recursive: true, withFileTypes: true }).filter(each =>
    each.isFile(),
  )
  assert.ok(kept.length <= 10)
})

test('a cache that cannot be written is no failure', async t => {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'cache'), 'a file in the way')
  const cache = new FileCache(join(folder, 'cache'), 1000)
  await cache.write('key', Buffer.from('x'))
  assert.equal(await cache.read('key'), null)
})

test('the log names an error, its stack and its cause', async t => {
  const folder = await temporaryFolder(t)
  errorLog(folder)(new AppError('internal', 'outer', {}, new Error('inner')))
  assert.match(
    readFileSync(join(folder, 'host.log'), 'utf8'),
    /internal AppError: outer[\s\S]*caused by Error: inner/,
  )
  assert.doesNotThrow(() => errorLog('/nonexistent')(new AppError('internal', 'x')))
})

test('the host file is written whole, and nonsense in it means no host', async t => {
  const path = join(await temporaryFolder(t), 'host.json')
  assert.equal(readHostFile(path), null)
  writeHostFile(path, { pid: 1, startedAt: 2, address: null, token: null })
  assert.equal(readHostFile(path)?.pid, 1)
  writeFileSync(path, '{"pid": "x"}')
  assert.equal(readHostFile(path), null)
})

test('there is no link to a host that is not there', async t => {
  const folder = await temporaryFolder(t)
  assert.equal(await connect(folder), null)
  writeHostFile(join(folder, 'host.json'), {
    pid: 1,
    startedAt: 2,
    address: 'http://127.0.0.1:1',
    token: 'x',
  })
  assert.equal(await connect(folder), null)
})

test('a second host on the same folder is refused, and the first goes on', async t => {
  const bench = await startBench(t)
  await assert.rejects(startBench(t, { dataFolder: bench.folder }), {
    code: 'store-in-use',
    message: new RegExp(`process ${process.pid} already uses this experiment store.*MULTIGRAIN_HOME`),
  })
  assert.equal((await bench.call.system.info({})).dataFolder, bench.folder)
})

test('arguments of the web shell', () => {
  assert.deepEqual(parseArguments(['--port', '7000', '--no-open']), { port: 7000, open: false })
  assert.deepEqual(parseArguments(['--host', 'localhost']), { port: undefined, open: true })
  const refused = (args: string[], message: RegExp): void =>
    assert.throws(() => parseArguments(args), { code: 'invalid-request', message })
  refused(['--host', '0.0.0.0'], /this machine only, got '0\.0\.0\.0'.*ssh -L/)
  refused(['--port', '70000'], /0 to 65535, got '70000'/)
  refused(['--nonsense'], /--nonsense.*Usage/)
})

test('an image is served by its address, kept, and one that cannot be decoded says so', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  const url = (index: number, kind = 'thumbnail'): string => `datasets/${id}/train/${index}/${kind}`
  const many = await Promise.all(Array.from({ length: 10 }, (_, index) => bench.host.blob(url(index))))
  for (const { status, type } of many) assert.deepEqual([status, type], [200, 'image/png'])
  const kept = readdirSync(join(bench.folder, 'cache'), { recursive: true, withFileTypes: true }).filter(
    each => each.isFile(),
  )
  assert.equal(kept.length, 10)
  assert.equal((await bench.host.blob(url(0))).status, 200)
  assert.equal((await bench.host.blob(url(1, 'image'))).type, 'image/png')
  const bad = await bench.host.blob(url(13))
  assert.deepEqual([bad.status, Buffer.from(bad.body).toString()], [422, 'truncated'])
  for (const path of [
    '',
    'x',
    `datasets/nothing/train/0/image`,
    `${url(0)}/..`,
    url(-1),
    url(1).replace('train', 'all'),
    `../${url(0)}`,
  ]) {
    assert.equal((await bench.host.blob(path)).status, 404, path)
  }
})
