/** Labels and tags of the user's, from the call that gives them to the batches of training; sizes, filters and ground truth. */
import assert from 'node:assert/strict'
import { mkdir, rename, truncate, writeFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ImageFilter } from '../../../core/contract/index.ts'
import { openLoader } from '../../../core/data/index.ts'
import { datasetEdits } from '../../../core/handlers/datasetEdits.ts'
import { datasetImages } from '../../../core/handlers/datasetImages.ts'
import { datasetRef, detailOf, indexPath } from '../../../core/handlers/datasetViews.ts'
import { frozenLabels } from '../../../core/handlers/frozenLabels.ts'
import type { Jobs } from '../../../core/handlers/jobs.ts'
import type { Workbench } from '../../../core/handlers/ports.ts'
import { tasks } from '../../../core/processes/tasks/index.ts'
import { openStore } from '../../../core/store/index.ts'
import { loaderOptions, scanned, silent, temporaryFolder, writePictures } from './datasetFixtures.ts'

const all: ImageFilter = {
  ...{ label: null, text: '', tag: '', leastSide: null, mostSide: null, state: 'all', order: 'index' },
}
const page = { id: 'pets', split: 'train' as const, offset: 0, limit: 100 }

/** A workbench over a real store whose tasks run here, with a data set of two classes. */
async function pets(t: TestContext) {
  const folder = await temporaryFolder(t)
  const data = join(folder, 'pets')
  await writePictures(data, {
    'train/cat/1.png': 'rgb.png',
    'train/cat/2.jpg': 'photo.jpg',
    'train/cat/3.jpg': 'photo.jpg',
    'train/dog/4.png': 'rgb.png',
    'train/dog/10.png': 'rgb.png',
    'train/dog/odd fur.jpg': 'photo.jpg',
  })
  const store = openStore(join(folder, 'store.sqlite'))
  t.after(() => store.close())
  const folders = { ...{ root: folder, logs: '', cache: '' }, datasets: folder, runs: join(folder, 'runs') }
  let job: Promise<unknown> = Promise.resolve()
  const workbench = {
    store,
    folders,
    emit: { datasets: { onChanged: () => {} } },
    supervisor: {
      runTask: async (name: string, input: never) =>
        structuredClone(await tasks.find(each => each.name === name)?.run(input, silent as never)),
    },
  } as unknown as Workbench
  const jobs = {
    start: (work: { run: (watch: unknown) => Promise<unknown> }) => ((job = work.run({})), { id: 'j' }),
  }
  await mkdir(join(folder, 'pets'), { recursive: true })
  store.datasets.create({
    ...{
      id: 'pets',
      name: 'pets',
      path: data,
      reader: 'image-folder',
      options: {},
      isSample: false,
      createdAt: 1,
    },
  })
  const scan = async (): Promise<void> => {
    const found = await scanned(data, 'image-folder')
    await rename(found.ref.indexPath, indexPath(folders, 'pets'))
    const { classes, splits } = found.scan
    store.datasets.change('pets', { status: 'ready', classes, splits })
  }
  await scan()
  const images = datasetImages(workbench, jobs as unknown as Jobs)
  const edits = datasetEdits(workbench)
  const names = async (filter: Partial<ImageFilter> = {}): Promise<string[]> =>
    (await images.browse({ ...page, ...all, ...filter })).items.map(({ name }) => name)
  return {
    ...{ data, store, folders, images, edits, names, scan },
    ref: () => datasetRef(folders, store.datasets.get('pets')),
    detail: () => detailOf(store.datasets.get('pets'), store.imageEdits.list('pets'), null, false),
    jobEnds: () => job,
  }
}

test('a label of the user’s is shown, counted, trained with and taken back', async t => {
  const { images, edits, names, ref, detail } = await pets(t)
  assert.deepEqual(detail().classCounts, [{ split: 'train', counts: [3, 3] }])
  const given = { id: 'pets', split: 'train' as const, indices: [1, 2], label: 1 }
  const { before } = await edits.edit({ ...given, addTags: ['blurred'], removeTags: [] })
  const { items } = await images.browse({ ...page, ...all })
  assert.deepEqual(
    items.map(({ label, wasClassName, tags }) => [label, wasClassName, tags]),
    [
      [0, null, []],
      [1, 'cat', ['blurred']],
      [1, 'cat', ['blurred']],
      [1, null, []],
      [1, null, []],
      [1, null, []],
    ],
  )
  assert.deepEqual(detail().classCounts, [{ split: 'train', counts: [1, 5] }])
  assert.deepEqual(detail().tags, [{ split: 'train', tag: 'blurred', count: 2 }])
  assert.equal(detail().relabelledCount, 2)
  assert.deepEqual(await names({ state: 'relabelled' }), ['train/cat/2.jpg', 'train/cat/3.jpg'])
  assert.deepEqual(await names({ label: 0 }), ['train/cat/1.png'])
  assert.equal((await names({ state: 'untagged' })).length, 4)

  const loader = await openLoader(loaderOptions(ref(), { order: 'sequential', batchSize: 6, epochs: 1 }))
  t.after(() => loader.close())
  const batch = await loader.next()
  assert.deepEqual([...(batch?.labels ?? [])], [0, 1, 1, 1, 1, 1])
  batch?.release()

  // The class that the scan found is no change; what is undone leaves nothing.
  await edits.edit({ id: 'pets', split: 'train', indices: [1], label: 0, addTags: [], removeTags: [] })
  assert.equal(detail().relabelledCount, 1)
  await edits.restoreEdits({ id: 'pets', split: 'train', images: before })
  assert.deepEqual(detail().classCounts, [{ split: 'train', counts: [3, 3] }])
  assert.equal(ref().labelsPath, undefined)
  assert.deepEqual(detail().tags, [])
})

test('what is held out stays held out, and a run keeps the labels that it began with', async t => {
  const { edits, ref, folders } = await pets(t)
  const members = async (): Promise<number[]> => {
    const heldOut = { fraction: 0.34, seed: 0, use: 'held-out' as const }
    const loader = await openLoader(
      loaderOptions(ref(), { order: 'sequential', batchSize: 2, epochs: 1, dropLast: false, heldOut }),
    )
    const batch = await loader.next()
    const indices = [...(batch?.indices ?? [])]
    batch?.release()
    await loader.close()
    return indices
  }
  const relabel = (indices: number[], label: number) =>
    edits.edit({ id: 'pets', split: 'train', indices, label, addTags: [], removeTags: [] })
  const before = await members()
  await relabel([0, 1], 1)
  assert.deepEqual(await members(), before)

  const first = frozenLabels(folders, 'run-1', ref(), false)
  await relabel([0, 1, 2], 0)
  assert.equal(ref().labelsPath, undefined)
  assert.deepEqual(frozenLabels(folders, 'run-1', ref(), true), first)
  assert.ok(first.labelsPath?.startsWith(join(folders.runs, 'run-1')))
  // A run from before anything was relabelled goes on with the labels of the scan.
  await relabel([0], 1)
  assert.equal(frozenLabels(folders, 'run-0', ref(), true).labelsPath, undefined)
})

test('labels and tags stay with their image when a new scan counts otherwise', async t => {
  const { data, edits, images, scan } = await pets(t)
  await edits.edit({
    ...{ id: 'pets', split: 'train', indices: [4] },
    ...{ label: 0, addTags: ['keep'], removeTags: [] },
  })
  await writePictures(data, { 'train/cat/0.png': 'rgb.png' })
  await scan()
  const { items } = await images.browse({ ...page, ...all, tag: 'keep' })
  assert.deepEqual(
    items.map(({ name, index, className, wasClassName }) => [name, index, className, wasClassName]),
    [['train/dog/4.png', 5, 'cat', 'dog']],
  )
})

test('images are found by words, size and state, and ordered', async t => {
  const { data, images, names, jobEnds } = await pets(t)
  assert.deepEqual(await names({ text: 'FUR dog' }), ['train/dog/odd fur.jpg'])
  assert.deepEqual(await names({ text: 'cat png' }), ['train/cat/1.png'])
  assert.deepEqual(await names({ leastSide: 1 }), [])
  assert.deepEqual((await names({ order: 'name', label: 1 })).slice(0, 2), [
    'train/dog/4.png',
    'train/dog/10.png',
  ])

  assert.equal(await images.statistics({ id: 'pets' }), null)
  const broken = join(data, 'train/cat/2.jpg')
  await truncate(broken, Math.floor((await stat(broken)).size * 0.6))
  await writeFile(join(data, 'train/dog/4.png'), 'no picture')
  await images.inspect({ id: 'pets', decodes: true })
  await jobEnds()
  const statistics = await images.statistics({ id: 'pets' })
  assert.deepEqual(
    statistics?.broken.map(({ name }) => name),
    ['train/cat/2.jpg', 'train/dog/4.png'],
  )
  assert.match(statistics?.broken[0]?.problem ?? '', /2\.jpg/)
  assert.deepEqual(await names({ state: 'broken' }), ['train/cat/2.jpg', 'train/dog/4.png'])
  const [small, large] = [
    (await images.browse({ ...page, ...all, order: 'smallest' })).items.find(({ width }) => width > 0),
    (await images.browse({ ...page, ...all, order: 'largest' })).items[0],
  ]
  assert.ok(small && large && small.width * small.height < large.width * large.height)
  const side = Math.min(large.width, large.height)
  assert.ok((await names({ leastSide: side })).every(name => name.endsWith('.jpg')))
  const train = statistics?.splits[0]
  assert.equal(
    train?.shorterSides.counts.reduce((sum, count) => sum + count, 0),
    train?.count,
  )
  assert.equal(train?.width.most, large.width)
})

test('the queries of a retrieval set come with the images that answer them', async t => {
  const folder = await temporaryFolder(t)
  await writePictures(folder, {
    'q.png': 'rgb.png',
    'a.png': 'rgb.png',
    'b.png': 'rgb.png',
    'c.png': 'rgb.png',
  })
  await writeFile(join(folder, 'queries.csv'), 'path,instance\nq.png,tower\n')
  await writeFile(
    join(folder, 'gallery.csv'),
    'path,instance,junk\na.png,tower,0\nb.png,tower,1\nc.png,bridge,0\n',
  )
  const { ref } = await scanned(folder, 'query-gallery')
  const task = tasks.find(({ name }) => name === 'retrieval-truth')
  const ask = (input: object) =>
    task?.run(
      { dataset: ref, text: '', offset: 0, limit: 10, query: null, ...input } as never,
      silent as never,
    )
  const found = (await ask({ query: 0 })) as unknown as {
    queries: { className: string; easyCount: number; junkCount: number }[]
    answers: { easy: { name: string }[]; junk: { name: string }[] }
  }
  assert.deepEqual(
    found.queries.map(({ className, easyCount, junkCount }) => [className, easyCount, junkCount]),
    [['tower', 1, 1]],
  )
  assert.deepEqual([found.answers.easy[0]?.name, found.answers.junk[0]?.name], ['a.png', 'b.png'])
  assert.equal(((await ask({ text: 'bridge' })) as unknown as { total: number }).total, 0)
})
