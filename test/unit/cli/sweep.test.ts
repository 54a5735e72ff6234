/** `multigrain sweep`: how fields are written, and a small sweep from the outside. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sweptField } from '../../../core/cli/sweptFields.ts'
import { multigrain, tinyConfig, writePictures } from './program.ts'

test('fields are varied over values, ranges and logarithmic ranges', () => {
  assert.deepEqual(sweptField('optimizer=sgd,adamw'), {
    path: 'optimizer',
    values: ['sgd', 'adamw'],
    range: null,
  })
  assert.deepEqual(sweptField('a.b = 0, 1e-4, true').values, [0, 0.0001, true])
  assert.deepEqual(sweptField('training.batchSize=16..64').range, {
    ...{ from: 16, to: 64, scale: 'linear', isInteger: true, count: 3 },
  })
  assert.deepEqual(sweptField('schedule.learningRate=log:1e-3..1.0:5').range, {
    ...{ from: 0.001, to: 1, scale: 'log', isInteger: false, count: 5 },
  })
  for (const wrong of ['', 'x', '=1', 'x=', 'x=e..5'])
    assert.throws(() => sweptField(wrong), { code: 'invalid-request' }, wrong)
})

test('a grid is listed, trained, and told best first', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-sweep-'))
  try {
    writePictures(folder)
    writeFileSync(join(folder, 'tiny.yaml'), tinyConfig)
    const run = (...args: string[]) =>
      multigrain(join(folder, 'home'), ['sweep', '--config', join(folder, 'tiny.yaml'), ...args, '--json'])
    const vary = ['--vary', 'schedule.learningRate=0.05,1e-9', '--vary', 'training.epochs=1..2:2']
    const dry = await run(...vary, '--dry-run')
    assert.deepEqual(dry.json['settings'], [
      [0.05, 1],
      [0.05, 2],
      [1e-9, 1],
      [1e-9, 2],
    ])
    const done = await run('--vary', 'schedule.learningRate=1e-9,0.05', '--data', folder, '--name', 'rates')
    assert.equal(done.code, 0, done.err)
    assert.match(String(done.json['groupId']), /^g-\d{8}-001$/)
    const runs = done.json['runs'] as { setting: number[]; status: string; top1: number; name: string }[]
    assert.deepEqual(
      runs.map(each => [each.setting[0], each.status, each.name]),
      [
        [0.05, 'finished', 'rates: learningRate 0.05'],
        [1e-9, 'finished', 'rates: learningRate 1e-9'],
      ],
    )
    assert.ok(runs[0]!.top1 >= runs[1]!.top1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
