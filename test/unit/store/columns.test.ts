/** Columns of the table of runs: settings by path, figures of series, and what migration 0006 makes of an older store. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../../../core/store/engine.ts'
import { openStore } from '../../../core/store/index.ts'
import { migrate } from '../../../core/store/migrate.ts'
import { flatSettings } from '../../../core/store/flatSettings.ts'
import { migrations } from '../../../core/store/migrations/index.ts'
import { addRun, temporaryFolder, temporaryStore } from './fixture.ts'

const config = {
  model: { name: 'resnet18', options: {} },
  input: { mean: [0.4, 0.5], size: 32 },
  transforms: { train: [{ name: 'resize', options: { size: 40 } }, { name: 'crop' }], eval: [] },
  training: { epochs: 3, amp: true, odd: null },
}
const flat = [
  ['model.name', 'resnet18'],
  ['input.mean', '[0.4,0.5]'],
  ['input.size', 32],
  ['transforms.train.0.name', 'resize'],
  ['transforms.train.0.options.size', 40],
  ['transforms.train.1.name', 'crop'],
  ['transforms.eval', '[]'],
  ['training.epochs', 3],
  ['training.amp', 'true'],
]

test('a configuration is flat values by path', () => {
  assert.deepEqual(flatSettings(config), flat)
})

test('figures of a series are its last, lowest and highest finite value over all batches', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  const point = (step: number, loss: number) => ({
    step,
    epoch: 0,
    wallMs: 1,
    values: { 'train/loss': loss },
  })
  store.metrics.append(run, 1, [point(1, 3), point(2, NaN), point(3, 1)])
  store.metrics.append(run, 1, [point(4, Infinity), point(5, 2)])
  store.metrics.append(run, 1, [point(6, NaN)])
  const fields = [
    'last(train/loss)',
    'min(train/loss)',
    'max(train/loss)',
    'min(val/loss)',
    'training.epochs',
  ]
  assert.deepEqual(store.columns.of(fields, ['r-1', 'r-9']), {
    ids: ['r-1'],
    columns: {
      'last(train/loss)': [2],
      'min(train/loss)': [1],
      'max(train/loss)': [3],
      'min(val/loss)': [null],
      'training.epochs': [3],
    },
  })
  assert.deepEqual(store.columns.fields().series, ['train/loss'])
})

test('pages hold every run once, and a setting varies once two runs differ', async t => {
  const store = await temporaryStore(t)
  for (let index = 1; index <= 7; index++) addRun(store, `r-${index}`)
  assert.deepEqual(store.columns.fields().settings, [{ path: 'training.epochs', varies: false }])
  store.runs.create({
    ...{ id: 'r-8', name: 'x', datasetId: 'digits', datasetName: 'digits', model: 'm', backend: 'auto' },
    ...{ totalEpochs: 3, createdAt: 1, config: { training: { epochs: 5 } }, tags: ['a'], groupId: 's-1' },
  })
  assert.equal(store.columns.fields().settings[0]?.varies, true)
  assert.deepEqual([store.runs.get('r-8').tags, store.runs.get('r-8').groupId], [['a'], 's-1'])
  const seen: (readonly [string, unknown])[] = []
  let before: number | null = null
  do {
    const page = store.columns.page(['training.epochs'], before, 3)
    seen.push(...page.ids.map((id, index) => [id, page.columns['training.epochs']?.[index]] as const))
    before = page.next
  } while (before !== null)
  assert.deepEqual(seen.map(([id]) => id).join(), 'r-8,r-7,r-6,r-5,r-4,r-3,r-2,r-1')
  assert.deepEqual(
    seen.map(([, value]) => value),
    [5, 3, 3, 3, 3, 3, 3, 3],
  )
  store.runs.purge('r-8')
  assert.equal(store.columns.page(['training.epochs'], null, 100).ids.length, 7)
})

test('an older store gets its columns from its configurations and points', async t => {
  const path = join(await temporaryFolder(t), 'store.sqlite')
  const place = migrations.findIndex(each => each.name === '0006-run-table')
  const database = openDatabase(path)
  migrate(database, { path, migrations: migrations.slice(0, place) })
  database.exec(`
    INSERT INTO datasets (id, name, path, reader, options, status, created_at) VALUES ('d', 'd', '/d', 'idx', '{}', 'ready', 1);
    INSERT INTO runs (id, name, status, dataset_id, dataset_name, model, backend, created_at)
      VALUES ('r-1', 'a', 'finished', 'd', 'd', 'm', 'cpu', 1), ('r-2', 'b', 'finished', 'd', 'd', 'm', 'cpu', 2);
    INSERT INTO series (run, name) VALUES (1, 'val/top1');
    INSERT INTO points VALUES (1, 1, 10, 0.5), (1, 1, 20, 0.9), (1, 2, 15, 0.7), (1, 2, 16, NULL);`)
  const details = database.prepare('INSERT INTO run_details (run, config) VALUES (?, ?)')
  details.run(1, JSON.stringify(config))
  details.run(2, JSON.stringify({ ...config, training: { ...config.training, epochs: 4 } }))
  database.close()
  const store = openStore(path)
  t.after(() => store.close())
  const paths = flat.map(([name]) => String(name))
  const { columns } = store.columns.of([...paths, 'min(val/top1)', 'max(val/top1)'], ['r-1'])
  for (const [name, value] of flat) assert.deepEqual(columns[String(name)], [value], String(name))
  assert.deepEqual([columns['min(val/top1)'], columns['max(val/top1)']], [[0.5], [0.9]])
  const varying = store.columns.fields().settings.filter(({ varies }) => varies)
  assert.deepEqual(
    varying.map(each => each.path),
    ['training.epochs'],
  )
  assert.deepEqual(store.runs.get('r-1').tags, [])
})
