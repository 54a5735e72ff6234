import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DatasetSummary } from '../../../core/contract/index.ts'
import { behaviours } from '../main/behaviours.ts'
import { startBench, waitFor } from '../main/fixture.ts'

test('a folder that is added is scanned, listed and browsed', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset('My Flowers')
  assert.equal(id, 'my-flowers')
  const dataset = await bench.call.datasets.get({ id })
  assert.deepEqual(
    [dataset.name, dataset.status, dataset.reader, dataset.classCount],
    ['My Flowers', 'ready', 'idx', 2],
  )
  assert.deepEqual(dataset.classCounts[1], { split: 'val', counts: [2, 2] })
  assert.deepEqual(await bench.call.datasets.problems({ id }), [{ file: 'a.png', problem: 'truncated' }])
  const page = await bench.call.datasets.browse({ id, split: 'train', offset: 0, limit: 10 })
  assert.deepEqual(page.items[1], {
    ...{ index: 1, label: 1, className: '1', name: 'b' },
    ...{ wasClassName: null, width: 8, height: 8, fileBytes: 0, tags: [], problem: null },
    thumbnailUrl: '/blobs/datasets/my-flowers/train/1/thumbnail',
    imageUrl: '/blobs/datasets/my-flowers/train/1/image',
  })
  await assert.rejects(bench.call.datasets.browse({ id, split: 'test', offset: 0, limit: 1 }), {
    code: 'not-found',
    message: /no split 'test'. It has: train, val/,
  })
})

test('adding the same folder twice gives the same data set; other folders of the same name get a number', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  const path = join(bench.folder, 'pictures', 'digits')
  assert.equal((await bench.call.datasets.add({ path: `${path}/` })).id, id)
  assert.equal((await bench.call.datasets.list({})).length, 1)
  const other = join(bench.folder, 'other', 'digits')
  mkdirSync(other, { recursive: true })
  assert.equal((await bench.call.datasets.add({ path: other })).id, 'digits-2')
  await assert.rejects(bench.call.datasets.add({ path, reader: 'image-folder' }), {
    code: 'conflict',
    message: /Remove it first/,
  })
})

test('a path that is wrong is named, with what is wrong', async t => {
  const bench = await startBench(t)
  await assert.rejects(bench.call.datasets.add({ path: '/nonexistent/flowers' }), {
    code: 'data-unreadable',
    message: /\/nonexistent\/flowers: this folder does not exist/,
  })
  await assert.rejects(bench.call.datasets.add({ path: 'flowers' }), {
    code: 'invalid-request',
    message: /absolute path, got 'flowers'/,
  })
  await assert.rejects(bench.call.datasets.add({ path: '/tmp/\0x' }), { code: 'invalid-request' })
  const path = bench.folder
  await assert.rejects(bench.call.datasets.add({ path, reader: 'nonsense' }), {
    code: 'unknown-name',
    message: /Known: .*image-folder/,
  })
})

test('a scan that fails leaves the data set with its error; adding it again tries again', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset('broken')
  const dataset = await bench.call.datasets.get({ id })
  assert.deepEqual([dataset.status, dataset.error?.message], ['failed', 'two classes are needed'])
  await assert.rejects(bench.addRun(id, 0), { code: 'conflict', message: /not ready/ })
  await bench.call.datasets.add({ path: dataset.path })
  await waitFor(async () => (await bench.call.datasets.get({ id })).status === 'failed')
})

test('a scan shows its progress and can be cancelled', async t => {
  const bench = await startBench(t)
  const path = join(bench.folder, 'slow')
  mkdirSync(path)
  const { id } = await bench.call.datasets.add({ path })
  await waitFor(async () => (await bench.call.datasets.get({ id })).progress?.phase === 'scan')
  await assert.rejects(bench.call.datasets.rescan({ id }), { code: 'conflict' })
  await bench.call.datasets.cancelScan({ id })
  await waitFor(async () => (await bench.call.datasets.get({ id })).status === 'failed')
  assert.equal((await bench.call.datasets.get({ id })).error?.code, 'cancelled')
  const pushed = bench.pushes
    .filter(each => each.push === 'datasets.onChanged')
    .map(each => each.payload as DatasetSummary)
  assert.deepEqual([pushed[0]?.status, pushed.at(-1)?.status], ['scanning', 'failed'])
})

test('a scan that a closing host broke off goes on with the next', async t => {
  const bench = await startBench(t)
  const path = join(bench.folder, 'slow')
  mkdirSync(path)
  const { id } = await bench.call.datasets.add({ path })
  await waitFor(async () => (await bench.call.datasets.get({ id })).progress?.phase === 'scan')
  await bench.host.close()
  const next = await startBench(t, { dataFolder: bench.folder, withSample: true })
  const dataset = await next.call.datasets.get({ id })
  assert.equal(dataset.status, 'scanning')
})

test('a data set is not scanned again under a run or an evaluation, whose labels would change', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  const run = await bench.addRun(id, behaviours.untilStopped)
  const inUse = { code: 'conflict', message: /Run '.*' trains on this data set\. Stop it first/ }
  await assert.rejects(bench.call.datasets.rescan({ id }), inUse)
  await bench.call.runs.stop({ id: run })
  await bench.until(run, 'stopped')
  await bench.call.datasets.rescan({ id })
  await waitFor(async () => (await bench.call.datasets.get({ id })).status === 'ready')
})

test('a folder that is gone is shown as missing, and is ready when it is back', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  const { path } = await bench.call.datasets.get({ id })
  rmSync(path, { recursive: true })
  assert.equal((await bench.call.datasets.list({}))[0]?.status, 'missing')
  mkdirSync(path)
  assert.equal((await bench.call.datasets.get({ id })).status, 'ready')
})

test('removing forgets the data set and never touches the files', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  const { path } = await bench.call.datasets.get({ id })
  writeFileSync(join(path, 'picture.png'), 'x')
  const run = await bench.addRun(id, behaviours.untilStopped)
  await assert.rejects(bench.call.datasets.remove({ id }), { code: 'conflict', message: /Stop it first/ })
  await bench.call.runs.stop({ id: run })
  await bench.until(run, 'stopped')
  await bench.call.datasets.remove({ id })
  assert.deepEqual(await bench.call.datasets.list({}), [])
  assert.ok(existsSync(join(path, 'picture.png')))
  assert.equal((await bench.call.runs.get({ id: run })).datasetName, 'digits')
  assert.equal((await bench.call.datasets.add({ path })).id, id, 'the same folder is the same data set again')
})

test('the sample is prepared at the first start, and stays away once removed', async t => {
  const bench = await startBench(t, { withSample: true })
  await waitFor(async () => (await bench.call.datasets.list({}))[0]?.status === 'ready')
  const [sample] = await bench.call.datasets.list({})
  assert.deepEqual([sample?.id, sample?.isSample, sample?.reader], ['sample-mnist', true, 'idx'])
  await bench.call.datasets.remove({ id: 'sample-mnist' })
  await bench.host.close()
  const next = await startBench(t, { dataFolder: bench.folder, withSample: true })
  assert.deepEqual(await next.call.datasets.list({}), [])
})

test('what a search for duplicates found is known to all and after a restart, until the data set is scanned again', async t => {
  const bench = await startBench(t)
  const id = await bench.addDataset()
  assert.equal(await bench.call.datasets.foundDuplicates({ id }), null)
  const search = async (splits?: 'train'[]): Promise<void> => {
    const input = { id, betweenOnly: true, ...(splits ? { splits } : {}) }
    const job = await bench.call.datasets.duplicates(input)
    await waitFor(async () => (await bench.call.jobs.get({ id: job.id })).status === 'finished')
  }
  await search(['train'])
  assert.equal(await bench.call.datasets.foundDuplicates({ id }), null, 'a search in one split')
  await search()
  const known = await bench.call.datasets.foundDuplicates({ id })
  assert.equal(known?.betweenOnly, true)
  assert.equal(known?.found.pairs[0]?.second.thumbnailUrl, `/blobs/datasets/${id}/val/0/thumbnail`)
  await bench.host.close()
  const next = await startBench(t, { dataFolder: bench.folder })
  assert.deepEqual(await next.call.datasets.foundDuplicates({ id }), known)
  await next.call.datasets.rescan({ id })
  await waitFor(async () => (await next.call.datasets.get({ id })).status === 'ready')
  assert.equal(await next.call.datasets.foundDuplicates({ id }), null)
})
