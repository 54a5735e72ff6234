import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { openStore } from '../../../core/store/index.ts'
import { migrations } from '../../../core/store/migrations/index.ts'
import { checkCopy } from '../../../main/maintenance.ts'
import { addRun, temporaryFolder, temporaryStore } from './fixture.ts'

const noProblem = async (): Promise<null> => null

const isError =
  (code: string, ...words: RegExp[]) =>
  (thrown: unknown) => {
    const error = thrown as { code: string; message: string }
    assert.equal(error.code, code)
    for (const word of words) assert.match(error.message, word)
    return true
  }

test('what is written is there after a restart', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  const first = openStore(path)
  first.settings.set('settings', { theme: 'dark' })
  first.close()
  const second = openStore(path)
  t.after(() => second.close())
  assert.deepEqual(second.settings.get('settings'), { theme: 'dark' })
})

test('every open sets the write-ahead log and strict tables', async t => {
  const store = await temporaryStore(t)
  const other = new Sqlite(store.path, { readonly: true })
  t.after(() => other.close())
  assert.equal(other.pragma('journal_mode', { simple: true }), 'wal')
  const tables = other
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .all()
  for (const { name, sql } of tables as { name: string; sql: string }[]) assert.match(sql, /STRICT/, name)
  assert.equal(other.pragma('user_version', { simple: true }), migrations.length)
})

test('migration names are numbered in order', () => {
  const numbers = migrations.map(({ name }) => Number(name.slice(0, 4)))
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
})

test('a store of every older version is migrated, with a backup of what it was', async t => {
  for (let version = 1; version < migrations.length; version++) {
    const path = join(await temporaryFolder(t), 'store.sqlite')
    openStoreAt(path, version)
    openStore(path).close()
    const backup = new Sqlite(`${path}.before-v${version}`, { readonly: true })
    assert.equal(backup.pragma('user_version', { simple: true }), version)
    assert.equal(backup.prepare('SELECT count(*) FROM datasets').pluck().get(), 1)
    backup.close()
    const migrated = new Sqlite(path, { readonly: true })
    assert.equal(migrated.pragma('user_version', { simple: true }), migrations.length)
    assert.equal(migrated.prepare('SELECT count(*) FROM datasets').pluck().get(), 1)
    migrated.close()
  }
})

test('a migration that fails leaves the store as it was', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  openStore(path).close()
  const broken = [...migrations, { name: '9999-broken', sql: 'CREATE TABLE extra (a); SELECT nonsense' }]
  assert.throws(() => openStore(path, { migrations: broken }))
  const database = new Sqlite(path, { readonly: true })
  assert.equal(database.pragma('user_version', { simple: true }), migrations.length)
  assert.equal(database.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").pluck().get(), 0)
  database.close()
  openStore(path).close()
})

test('SIGKILL in the middle of a migration leaves a store that opens', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  openStoreAt(path, 1)
  const script = `
    import { openStore } from ${JSON.stringify(new URL('../../../core/store/index.ts', import.meta.url).href)}
    import { migrations } from ${JSON.stringify(new URL('../../../core/store/migrations/index.ts', import.meta.url).href)}
    const killer = { name: '0004-killer', get sql() { process.kill(process.pid, 'SIGKILL'); for (;;); } }
    openStore(${JSON.stringify(path)}, { migrations: [...migrations, killer] })`
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  assert.equal(signal, 'SIGKILL')
  const database = new Sqlite(path)
  assert.equal(database.pragma('user_version', { simple: true }), 1)
  database.close()
  openStore(path).close()
})

test('a store of a newer workbench is refused and not touched', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  openStore(path).close()
  const newer = new Sqlite(path)
  newer.pragma('user_version = 99')
  newer.close()
  const before = readFileSync(path)
  assert.throws(() => openStore(path), isError('store-newer', /99/, /Update the workbench/, /store\.sqlite/))
  assert.deepEqual(readFileSync(path), before)
})

test('a damaged store is refused, naming file, backup and remedy, and is not touched', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'store.sqlite')
  const store = openStore(path)
  store.write(() => {
    for (let number = 0; number < 500; number++) store.settings.set(`name-${number}`, 'x'.repeat(200))
  })
  assert.equal(await store.backup(0, noProblem), true)
  store.close()
  overwrite(path, 8192, 4096)
  const damaged = readFileSync(path)
  assert.throws(
    () => openStore(path),
    isError('store-damaged', /store\.sqlite\.backup/, /Move .* away and copy/),
  )
  assert.deepEqual(readFileSync(path), damaged)
  copyFileSync(`${path}.backup`, path)
  const restored = openStore(path)
  assert.equal(restored.settings.get('name-7'), 'x'.repeat(200))
  restored.close()
})

test('a file that is no database is refused', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  writeFileSync(path, 'These are not the bytes of a database. '.repeat(500))
  assert.throws(() => openStore(path), isError('store-damaged', /store\.sqlite/, /Move .* away/))
})

test('a store that was closed in order is not read through again; one that was not, or that changed since, is', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  const store = openStore(path)
  store.write(() => {
    for (let number = 0; number < 500; number++) store.settings.set(`name-${number}`, 'x'.repeat(200))
  })
  store.close()
  const { atime, mtimeNs } = statSync(path, { bigint: true })
  overwrite(path, 8192, 4096)
  const isRefused = isError('store-damaged', /Move .* away/)
  const note = readFileSync(`${path}.closed`, 'utf8')
  assert.throws(() => openStore(path), isRefused)
  assert.ok(!existsSync(`${path}.closed`), 'the note holds for one start')
  assert.throws(() => openStore(path), isRefused)
  // As if the damage had come without a change that the file system knows of.
  utimesSync(path, atime, Number(mtimeNs / 1_000_000n) / 1000)
  const { size, mtimeNs: after } = statSync(path, { bigint: true })
  writeFileSync(
    `${path}.closed`,
    note.replace(/\d+ bytes, changed at \d+/, `${size} bytes, changed at ${after}`),
  )
  const opened = openStore(path)
  await assert.rejects(opened.backup(0, checkCopy), isRefused, 'the copy of each day is read through')
  opened.close()
  assert.ok(!existsSync(`${path}.backup`) && !existsSync(`${path}.backup.part`))
})

test('a copy that is damaged does not take the place of a good one', async t => {
  const store = await temporaryStore(t)
  store.settings.set('name', 'good')
  assert.equal(await store.backup(0, checkCopy), true)
  store.settings.set('name', 'later')
  const found = async (): Promise<string> => 'row 3 missing from index'
  await assert.rejects(
    store.backup(0, found),
    isError('store-damaged', /row 3 missing/, /store\.sqlite\.backup/),
  )
  const copy = openStore(`${store.path}.backup`)
  assert.equal(copy.settings.get('name'), 'good')
  copy.close()
})

test('a copy is made beside other work, and holds what was written meanwhile or before', async t => {
  const store = await temporaryStore(t)
  store.write(() => {
    for (let number = 0; number < 20_000; number++) store.settings.set(`name-${number}`, 'x'.repeat(400))
  })
  const copying = store.backup(0, checkCopy)
  let turns = 0
  const timer = setInterval(() => store.settings.set('turn', ++turns), 1)
  await copying
  clearInterval(timer)
  assert.ok(turns > 0, 'nothing else had its turn')
  const copy = openStore(`${store.path}.backup`)
  assert.equal(copy.settings.get('name-19999'), 'x'.repeat(400))
  copy.close()
})

test('a copy is renewed only when it is old', async t => {
  const store = await temporaryStore(t)
  assert.equal(await store.backup(60_000, noProblem), true)
  assert.equal(await store.backup(60_000, noProblem), false)
  assert.ok(!existsSync(`${store.path}.backup.part`))
})

test('a transaction that fails undoes everything, and later writes find their series', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  const point = { step: 1, epoch: 0, wallMs: 0, values: { 'train/loss': 1 } }
  assert.throws(() =>
    store.write(() => {
      store.metrics.append(run, 1, [point])
      throw new Error('stop')
    }),
  )
  assert.deepEqual(store.metrics.series(run), [])
  assert.equal(store.metrics.append(run, 1, [point]), 1)
  assert.equal(store.metrics.series(run)[0]?.pointCount, 1)
})

test('a full disk is named as such', async t => {
  const store = await temporaryStore(t)
  const database = new Sqlite(store.path)
  const pages = Number(database.pragma('page_count', { simple: true }))
  database.close()
  const limited = new Sqlite(store.path)
  limited.pragma(`max_page_count = ${pages + 1}`)
  t.after(() => limited.close())
  const full = (): void => {
    for (let number = 0; number < 2000; number++) {
      limited.prepare('INSERT INTO settings VALUES (?, ?)').run(`n${number}`, 'x'.repeat(500))
    }
  }
  assert.throws(full, { code: 'SQLITE_FULL' })
  assert.throws(
    () => store.write(() => limitedFailure()),
    isError('disk-full', /no space left/i, /Free some space/),
  )
})

/** What the driver throws when SQLite finds the disk full. */
function limitedFailure(): never {
  throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
}

test('an old Node is told before it loads the driver, which it would crash in', () => {
  const script = `
    Object.defineProperty(process.versions, 'napi', { value: '9' })
    const { openStore } = await import(${JSON.stringify(new URL('../../../core/store/index.ts', import.meta.url).href)})
    try { openStore('/nonexistent/store.sqlite') } catch (error) { console.log(error.code, error.message) }`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.match(stdout, /needs Node 22\.12 or newer/)
})

function openStoreAt(path: string, version: number): void {
  const store = new Sqlite(path)
  for (const { sql } of migrations.slice(0, version)) store.exec(sql)
  store.pragma(`user_version = ${version}`)
  store.exec(
    "INSERT INTO datasets (id, name, path, reader, options, status, created_at) VALUES ('d', 'd', '/d', 'idx', '{}', 'ready', 1)",
  )
  store.close()
}

function overwrite(path: string, offset: number, length: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(length, 0x5a), 0, length, offset)
  closeSync(file)
}
