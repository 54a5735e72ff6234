/** evaluate, search and embed from the outside. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import type { Invocation } from '../../../core/cli/commands/shared/command.ts'
import { settingsOf } from '../../../core/cli/evaluationOptions.ts'
import { multigrain, tinyConfig, writePictures, type Answer } from './program.ts'

let folder: string
let runId: string
let checkpoint: string
const run = (...args: string[]): Promise<Answer> => multigrain(join(folder, 'home'), [...args, '--json'])

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'multigrain-cli-'))
  writePictures(join(folder, 'pictures'))
  const gem = tinyConfig.replace('cifar-resnet8', '{ name: cifar-resnet8, options: { pooling: gem } }')
  writeFileSync(join(folder, 'tiny.yaml'), gem)
  const args = ['--config', join(folder, 'tiny.yaml'), '--data', join(folder, 'pictures'), '--epochs', '1']
  const { json, code, err } = await run('train', ...args)
  assert.equal(code, 0, err)
  runId = String(json['runId'])
  checkpoint = String(json['checkpoint'])
  await writePhotos(join(folder, 'photos'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('retrieval is measured with its settings, and its report has every query, worst first', async () => {
  const report = join(folder, 'queries.json')
  const view = ['--size', '12', '--resize', 'rect', '--p', '4', '--whiten', 'train']
  const { code, json, err } = await run('evaluate', runId, '--retrieval', ...view, '--report', report)
  assert.equal(code, 0, err)
  const [medium] = json['retrieval'] as { map: number; queryCount: number; difficulty: string }[]
  assert.deepEqual(
    [medium!.queryCount, medium!.difficulty, json['top1'], json['imageCount']],
    [32, 'medium', null, 32],
  )
  assert.ok(medium!.map > 0 && medium!.map <= 1)
  const { queries } = JSON.parse(readFileSync(report, 'utf8')) as { queries: { averagePrecision: number }[] }
  assert.equal(queries.length, 32)
  assert.ok(
    queries.every(
      ({ averagePrecision }, at) => at === 0 || averagePrecision >= queries[at - 1]!.averagePrecision,
    ),
  )
  assert.ok(
    existsSync(String(join(folder, 'home', 'runs', runId, 'evaluations', 'e-000001.whitening.safetensors'))),
  )
})

test('p is tuned, and a copy elsewhere is measured as the run is', async () => {
  const copy = join(folder, 'copy')
  cpSync(checkpoint, copy, { recursive: true })
  const tuned = await run('evaluate', copy, '--data', join(folder, 'pictures'), '--p', 'tune', '--size', '12')
  assert.equal(tuned.code, 0, tuned.err)
  assert.ok(typeof tuned.json['power'] === 'number' && tuned.json['power'] !== 3)
  const crops = await run('evaluate', runId, '--crops', '5')
  assert.equal(crops.code, 0, crops.err)
  assert.equal(crops.json['imageCount'], 32)
  assert.ok(typeof crops.json['calibrationError'] === 'number')
})

test('options that make no sense are refused by name', async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ size: '3' }, /^--size: .*8.*got '3'/],
    [{ resize: 'round' }, /^--resize: .*square.*got 'round'/],
    [{ p: '0' }, /^--p: expected a number above 0, max, tune or grid, got '0'/],
    [{ p: 'much' }, /^--p: .*got 'much'/],
    [{ weights: 'new' }, /^--weights: .*got 'new'/],
  ]
  for (const [options, message] of cases)
    assert.throws(() => settingsOf({ text: option => options[option] } as Invocation), { message })
  const { code, err } = await run('evaluate', checkpoint, '--whiten', 'train')
  assert.notEqual(code, 0)
  assert.match(err, /--whiten goes with --retrieval/)
})

test('search ranks a folder and leaves the query out', async () => {
  const photos = join(folder, 'photos')
  const query = join(photos, 'left-0.png')
  const { code, json, err } = await run('search', query, '--gallery', photos, '--model', checkpoint)
  assert.equal(code, 0, err)
  const [found] = json['results'] as { isInGallery: boolean; hits: { name: string }[] }[]
  assert.deepEqual([found!.isInGallery, found!.hits.length, json['galleryCount']], [true, 5, 6])
  assert.ok(!found!.hits.some(({ name }) => name === query))
  assert.match(err, /broken\.png/)
})

test('embed writes rows that add up to what it says', async () => {
  const out = join(folder, 'embedded')
  const { code, json, err } = await run('embed', runId, '--data', join(folder, 'pictures'), '--out', out)
  assert.equal(code, 0, err)
  assert.deepEqual([json['count'], json['width'], json['split']], [32, 64, 'test'])
  const rows = readFileSync(join(out, 'embeddings.f32'))
  assert.equal(rows.length, 32 * 64 * 4)
  const { indices } = JSON.parse(readFileSync(join(out, 'embeddings.json'), 'utf8')) as { indices: number[] }
  assert.equal(indices.length, 32)
})

/** Grey photographs, bright on one side; one file that is none. */
async function writePhotos(place: string): Promise<void> {
  mkdirSync(place)
  for (let at = 0; at < 6; at++) await writePhoto(join(place, `${at % 2 ? 'right' : 'left'}-${at}.png`), at)
  writeFileSync(join(place, 'broken.png'), 'nothing')
}

async function writePhoto(path: string, number: number): Promise<void> {
  const data = Buffer.from(
    Array.from(
      { length: 12 * 10 },
      (_, p) => (p % 12 < 6 === (number % 2 === 0) ? 200 : 20) + ((p * 7 + number * 13) % 40),
    ),
  )
  await sharp(data, { raw: { width: 12, height: 10, channels: 1 } })
    .png()
    .toFile(path)
}
