import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { z } from 'zod'
import { client, contract, type Link, type WorkbenchContract } from '../../core/contract/index.ts'
import { behaviours } from '../unit/main/behaviours.ts'
import { startBench, waitFor, type Bench } from '../unit/main/fixture.ts'
import { linkKinds, openLink } from './links.ts'

/**
 * Every call of the contract over every link. The table below must name each call: one that is added to the contract without a line
 * here fails the first test.
 */

interface Ids {
  readonly dataset: string
  readonly otherDataset: string
  readonly run: string
  readonly trashed: string
  readonly alsoTrashed: string
  readonly queued: string
  readonly checkpoint: string
  readonly oldCheckpoint: string
  readonly evaluation: string
  readonly folder: string
}

const config = { model: { name: 'cifar-resnet8' }, training: { epochs: 2 } }

const galleryOf = (ids: Ids) => ({ checkpointId: ids.checkpoint, datasetId: ids.dataset, split: 'train' })

const sweep = { fields: [{ path: 'training.seed', values: [1, 2] }], search: 'grid' }

/** A valid input of each call; calls that must fail here say with which code. */
const inputs: Readonly<Record<string, (ids: Ids) => { input: unknown; fails?: string }>> = {
  'system.info': () => ({ input: {} }),
  'system.cost': () => ({ input: {} }),
  'system.doctor': () => ({ input: {} }),
  'system.chooseFolder': () => ({ input: { title: 'Choose' }, fails: 'conflict' }),
  'system.folderSizes': () => ({ input: {} }),
  'system.showFolder': () => ({ input: { which: 'data' }, fails: 'conflict' }),
  'system.crashReports': () => ({ input: {} }),
  'system.deleteCrashReports': () => ({ input: { ids: ['report.1.json'] } }),
  'system.components': () => ({ input: {} }),
  'libtorch.state': () => ({ input: {} }),
  'libtorch.candidates': () => ({ input: {} }),
  'libtorch.measure': () => ({ input: {} }),
  'libtorch.fetch': () => ({ input: {} }),
  'libtorch.use': () => ({ input: { id: 'c-1' } }),
  'libtorch.useFolder': () => ({ input: {}, fails: 'conflict' }),
  'libtorch.useAutomatic': () => ({ input: {} }),
  'libtorch.deleteFetched': () => ({ input: {} }),
  'datasets.list': () => ({ input: {} }),
  'datasets.get': ids => ({ input: { id: ids.dataset } }),
  'datasets.add': ids => ({ input: { path: ids.folder } }),
  'datasets.rename': ids => ({ input: { id: ids.dataset, name: 'renamed' } }),
  'datasets.rescan': ids => ({ input: { id: ids.otherDataset } }),
  'datasets.cancelScan': ids => ({ input: { id: ids.otherDataset } }),
  'datasets.browse': ids => ({ input: { id: ids.dataset, split: 'train', offset: 0, limit: 10 } }),
  'datasets.problems': ids => ({ input: { id: ids.dataset } }),
  'datasets.pack': ids => ({ input: { id: ids.dataset, out: '/proc/packed' } }),
  'datasets.duplicates': ids => ({ input: { id: ids.dataset } }),
  'datasets.foundDuplicates': ids => ({ input: { id: ids.dataset } }),
  'datasets.thumbnails': ids => ({ input: { id: ids.dataset, split: 'train', indices: [0, 1] } }),
  'datasets.matching': ids => ({ input: { id: ids.dataset, split: 'train', text: 'a' } }),
  'datasets.edit': ids => ({
    input: { id: ids.dataset, split: 'train', indices: [0], label: 1, addTags: ['odd'] },
  }),
  'datasets.restoreEdits': ids => ({
    input: { id: ids.dataset, split: 'train', images: [{ index: 0, label: null, tags: [] }] },
  }),
  'datasets.inspect': ids => ({ input: { id: ids.dataset } }),
  'datasets.statistics': ids => ({ input: { id: ids.dataset } }),
  'datasets.queries': ids => ({ input: { id: ids.dataset, offset: 0, limit: 10 } }),
  'datasets.answers': ids => ({ input: { id: ids.dataset, query: 0 } }),
  'datasets.lookIntoFolder': ids => ({ input: { path: ids.folder } }),
  'datasets.augmented': ids => ({ input: { datasetId: ids.dataset, split: 'train', index: 0, config } }),
  'datasets.remove': ids => ({ input: { id: ids.dataset }, fails: 'conflict' }),
  'catalog.list': () => ({ input: {} }),
  'catalog.plan': ids => ({ input: { config, datasetId: ids.dataset } }),
  'catalog.findLearningRate': ids => ({ input: { config, datasetId: ids.dataset } }),
  'jobs.list': () => ({ input: {} }),
  'jobs.get': () => ({ input: { id: 'j-00001' } }),
  'jobs.cancel': () => ({ input: { id: 'j-00001' } }),
  'runs.list': () => ({ input: {} }),
  'runs.get': ids => ({ input: { id: ids.run } }),
  'runs.create': ids => ({ input: { config, datasetId: ids.dataset, name: 'made' } }),
  'runs.pause': ids => ({ input: { id: ids.run }, fails: 'conflict' }),
  'runs.stop': ids => ({ input: { id: ids.run }, fails: 'conflict' }),
  'runs.resume': ids => ({ input: { id: ids.run }, fails: 'conflict' }),
  'runs.move': ids => ({ input: { id: ids.queued, position: 1 } }),
  'runs.rename': ids => ({ input: { id: ids.run, name: 'renamed' } }),
  'runs.annotate': ids => ({ input: { id: ids.run, notes: 'noted' } }),
  'runs.tag': ids => ({ input: { ids: [ids.run], add: ['kept'], remove: ['other'] } }),
  'runs.star': ids => ({ input: { ids: [ids.run], isStarred: true } }),
  'runs.archive': ids => ({ input: { ids: [ids.run], isArchived: false } }),
  'runs.removeAll': ids => ({ input: { ids: [ids.run] } }),
  'runs.restoreAll': ids => ({ input: { ids: [ids.run] } }),
  'runs.purgeAll': ids => ({ input: { ids: [ids.alsoTrashed] } }),
  'runs.fields': () => ({ input: {} }),
  'runs.columns': () => ({ input: { fields: ['training.epochs', 'best(val/top1)'] } }),
  'runs.remove': ids => ({ input: { id: ids.run } }),
  'runs.restore': ids => ({ input: { id: ids.run } }),
  'runs.purge': ids => ({ input: { id: ids.trashed } }),
  'runs.log': ids => ({ input: { id: ids.run } }),
  'alerts.rules': () => ({ input: {} }),
  'alerts.setRule': () => ({ input: { kind: 'above', metric: 'train/loss', limit: 5, isOn: true } }),
  'alerts.removeRule': () => ({ input: { id: 'rule-1' } }),
  'alerts.list': () => ({ input: {} }),
  'alerts.markSeen': () => ({ input: {} }),
  'runs.searchLog': ids => ({ input: { id: ids.run } }),
  'metrics.rows': ids => ({ input: { runId: ids.run, names: ['train/loss'] } }),
  'metrics.evidence': ids => ({ input: { runId: ids.run, step: 1 } }),
  'metrics.batch': ids => ({ input: { runId: ids.run, step: 1 } }),
  'metrics.series': ids => ({ input: { runId: ids.run } }),
  'metrics.read': ids => ({ input: { runId: ids.run } }),
  'checkpoints.list': ids => ({ input: { runId: ids.run } }),
  'checkpoints.get': ids => ({ input: { id: ids.checkpoint } }),
  'checkpoints.rename': ids => ({ input: { id: ids.checkpoint, label: 'the one to keep' } }),
  'checkpoints.pin': ids => ({ input: { id: ids.checkpoint, isPinned: true } }),
  'checkpoints.export': ids => ({ input: { id: ids.checkpoint, format: 'onnx' } }),
  'checkpoints.predict': ids => ({
    input: { id: ids.checkpoint, image: { datasetId: ids.dataset, split: 'train', index: 0 } },
  }),
  'checkpoints.activationMap': ids => ({
    input: { id: ids.checkpoint, image: { datasetId: ids.dataset, split: 'train', index: 0 } },
  }),
  'checkpoints.discard': ids => ({ input: { ids: [ids.oldCheckpoint] } }),
  'checkpoints.restore': ids => ({ input: { ids: [ids.oldCheckpoint] } }),
  'checkpoints.removed': () => ({ input: {} }),
  'checkpoints.purge': ids => ({ input: { ids: [ids.checkpoint] }, fails: 'conflict' }),
  'checkpoints.remove': ids => ({ input: { id: ids.oldCheckpoint } }),
  'checkpoints.usage': () => ({ input: {} }),
  'checkpoints.planKeeping': () => ({ input: { runIds: null, rule: {} } }),
  'checkpoints.import': ids => ({ input: { path: ids.folder, runId: ids.run } }),
  'checkpoints.verify': ids => ({ input: { id: ids.checkpoint } }),
  'evaluations.list': ids => ({ input: { runId: ids.run } }),
  'evaluations.recent': () => ({ input: {} }),
  'evaluations.get': ids => ({ input: { id: ids.evaluation } }),
  'evaluations.start': ids => ({ input: { checkpointId: ids.checkpoint } }),
  'evaluations.report': ids => ({ input: { id: ids.evaluation } }),
  'evaluations.again': ids => ({ input: { id: ids.evaluation } }),
  'evaluations.study': ids => ({ input: { id: ids.evaluation } }),
  'evaluations.curves': ids => ({ input: { id: ids.evaluation, labels: [0] } }),
  'evaluations.images': ids => ({ input: { id: ids.evaluation, limit: 10 } }),
  'evaluations.cancel': ids => ({ input: { id: ids.evaluation } }),
  'comparisons.checkpoints': () => ({ input: {} }),
  'comparisons.open': ids => ({ input: { checkpointIds: [ids.checkpoint], runIds: [ids.run] } }),
  'comparisons.predictions': ids => ({ input: { evaluationIds: [ids.evaluation, ids.evaluation] } }),
  'comparisons.images': ids => ({
    input: { evaluationIds: [ids.evaluation, ids.evaluation], group: 'all', offset: 0, limit: 10 },
  }),
  'comparisons.logits': ids => ({ input: { evaluationIds: [ids.evaluation, ids.evaluation], index: 0 } }),
  'comparisons.retrieval': ids => ({ input: { evaluationIds: [ids.evaluation, ids.evaluation] } }),
  'comparisons.weights': ids => ({ input: { checkpointIds: [ids.checkpoint, ids.checkpoint] } }),
  'comparisons.representations': ids => ({
    input: { checkpointIds: [ids.checkpoint, ids.checkpoint], datasetId: ids.dataset, images: 'train' },
  }),
  'retrieval.state': ids => ({ input: galleryOf(ids) }),
  'retrieval.open': ids => ({ input: galleryOf(ids) }),
  'retrieval.whiten': ids => ({ input: { gallery: galleryOf(ids) } }),
  'retrieval.query': ids => ({
    input: {
      ...{ gallery: galleryOf(ids), image: { datasetId: ids.dataset, split: 'train', index: 0 } },
      ...{ power: 'max', whitening: { components: 2, power: 0.5 } },
    },
  }),
  'retrieval.match': ids => ({
    input: { gallery: galleryOf(ids), image: { datasetId: ids.dataset, split: 'train', index: 0 }, hit: 1 },
  }),
  'retrieval.judge': ids => ({ input: { gallery: galleryOf(ids) } }),
  'retrieval.map': ids => ({ input: { gallery: galleryOf(ids), method: 'pca' } }),
  'retrieval.points': ids => ({ input: { gallery: galleryOf(ids), method: 'pca' } }),
  'experiments.readText': () => ({ input: { text: 'model: { name: cifar-resnet8 }' } }),
  'experiments.explain': () => ({ input: { config } }),
  'experiments.probe': ids => ({ input: { config, datasetId: ids.dataset } }),
  'experiments.machine': () => ({ input: {} }),
  'experiments.draft': () => ({ input: {} }),
  'experiments.changeDraft': () => ({
    input: { origin: 'here', patches: [{ path: 'config.training.epochs', value: 3 }, { path: 'name' }] },
  }),
  'experiments.planSweep': () => ({ input: { config, sweep } }),
  'experiments.createSweep': ids => ({ input: { config, datasetId: ids.dataset, name: 'rates', sweep } }),
  'experiments.sweeps': () => ({ input: {} }),
  'experiments.cancelSweep': () => ({ input: { groupId: 'no-such-sweep' }, fails: 'not-found' }),
  'experiments.chooseDevice': ids => ({ input: { id: ids.queued, device: 'cpu' } }),
  'experiments.restart': ids => ({ input: { id: ids.run } }),
  'evaluations.remove': ids => ({ input: { id: ids.evaluation } }),
  'evaluations.restore': ids => ({ input: { id: ids.evaluation } }),
  'settings.get': () => ({ input: {} }),
  'settings.set': () => ({ input: { theme: 'dark' } }),
}

const members = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, member]) => ({ address: `${group}.${name}`, member })),
)
const calls = members.flatMap(({ address, member }) =>
  member.kind === 'call' ? [{ address, output: member.output as z.ZodType }] : [],
)
const pushes = new Map(
  members.flatMap(({ address, member }) =>
    member.kind === 'push' ? [[address, member.payload as z.ZodType]] : [],
  ),
)

test('the table of inputs names every call of the contract', () => {
  assert.deepEqual(Object.keys(inputs).sort(), calls.map(each => each.address).sort())
})

for (const kind of linkKinds) {
  test(`every call answers as the contract says, ${kind}`, async t => {
    const bench = await startBench(t)
    const link = await openLink(t, kind, bench.host)
    const heard: { push: string; payload: unknown }[] = []
    link.subscribe(message => heard.push(message))
    const ids = await prepare(bench)
    for (const { address, output } of calls) await checkCall(link, address, output, ids)
    for (const { push, payload } of heard) {
      assert.doesNotThrow(() => pushes.get(push)?.parse(payload), `push ${push}`)
      assert.ok(pushes.has(push), push)
    }
    assert.ok(heard.length > 10)
  })

  test(`a wrong message is answered with an error that says where, ${kind}`, async t => {
    await checkWrong(t, kind)
  })
}

async function checkCall(link: Link, address: string, output: z.ZodType, ids: Ids): Promise<void> {
  const { input, fails } = inputs[address]?.(ids) ?? { input: {} }
  const reply = await link.send({ call: address, input })
  if (fails !== undefined) {
    assert.ok(!reply.ok, `${address} was expected to fail`)
    assert.equal(reply.error.code, fails, `${address}: ${reply.error.message}`)
    return
  }
  assert.ok(reply.ok, `${address}: ${reply.ok ? '' : reply.error.message}`)
  assert.deepEqual(output.parse(reply.value), reply.value, address)
}

/** A bench with one of everything: a finished run that ids name, one in the trash, one queued behind one that trains. */
async function prepare(bench: Bench): Promise<Ids> {
  const dataset = await bench.addDataset()
  const otherDataset = await bench.addDataset('letters')
  const [run, trashed, alsoTrashed] = [
    await bench.addRun(dataset, behaviours.finish),
    await bench.addRun(dataset, behaviours.finish),
    await bench.addRun(dataset, behaviours.finish),
  ]
  for (const id of [run, trashed, alsoTrashed]) await bench.until(id, 'finished')
  await bench.call.runs.removeAll({ ids: [trashed, alsoTrashed] })
  const blocking = await bench.addRun(dataset, behaviours.untilStopped)
  await bench.until(blocking, 'running')
  const queued = await bench.addRun(dataset, behaviours.finish)
  const [newest, old] = await bench.call.checkpoints.list({ runId: run })
  const { id: evaluation } = await bench.call.evaluations.start({ checkpointId: newest?.id ?? '' })
  await waitFor(async () => (await bench.call.evaluations.get({ id: evaluation })).status === 'finished')
  return {
    ...{ dataset, otherDataset, run, trashed, alsoTrashed, queued, evaluation, folder: bench.folder },
    ...{ checkpoint: newest?.id ?? '', oldCheckpoint: old?.id ?? '' },
  }
}

async function checkWrong(t: TestContext, kind: (typeof linkKinds)[number]): Promise<void> {
  const bench = await startBench(t)
  const link = await openLink(t, kind, bench.host)
  const codeOf = async (message: unknown): Promise<string> => {
    const reply = await link.send(message as { call: string; input: unknown })
    assert.ok(!reply.ok)
    assert.ok(!reply.error.message.includes('.ts:'), 'no stack leaves the host')
    return reply.error.code
  }
  for (const name of [
    'runs.nothing',
    'constructor',
    '__proto__',
    'runs.__proto__',
    'runs.toString',
    'runs',
    '',
    'x'.repeat(200),
  ]) {
    assert.equal(await codeOf({ call: name, input: {} }), 'invalid-request', name)
  }
  assert.equal(await codeOf({ call: 'runs.get', input: { id: '../../etc' } }), 'invalid-request')
  assert.equal(
    await codeOf({ call: 'runs.get', input: { id: 'r-1', path: '/etc/passwd' } }),
    'invalid-request',
  )
  assert.equal(await codeOf({ call: 'runs.get', input: { id: 'r-1' } }), 'not-found')
  const call = client<WorkbenchContract>(link)
  await assert.rejects(call.runs.get({ id: 'r-1' }), {
    name: 'AppError',
    code: 'not-found',
    message: /'r-1'/,
  })
}
