/** The command line from the outside: what it answers, and with which exit code. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { multigrain, tinyConfig, writePictures, type Answer } from './program.ts'

let folder: string
let trained: Answer
const run = (...args: string[]): Promise<Answer> => multigrain(join(folder, 'home'), args)
const pictures = (): string => join(folder, 'pictures')
const configFile = (): string => join(folder, 'tiny.yaml')

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'multigrain-cli-'))
  writePictures(pictures())
  writeFileSync(configFile(), tinyConfig)
  trained = await run('train', '--config', configFile(), '--data', pictures(), '--name', 'first', '--json')
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('train ends with one line of JSON: run, figures, checkpoint', () => {
  assert.equal(trained.code, 0, trained.err)
  assert.equal(trained.out.trim().split('\n').length, 1)
  const { ok, runId, top1, loss, checkpoint, step } = trained.json
  assert.deepEqual([ok, step], [true, 8])
  assert.match(String(runId), /^r-\d{8}-0001$/)
  assert.ok(typeof top1 === 'number' && top1 >= 0 && top1 <= 1)
  assert.ok(typeof loss === 'number' && loss > 0)
  assert.match(String(checkpoint), /checkpoints.step-00000008$/)
})

test('without a terminal the log comes as lines on standard error', () => {
  assert.match(trained.err, /^step: 8 epoch: 2\.0 FPS: [\d.]+ loss: [\d.]+ total_loss: [\d.]+ lr:0\.05000$/m)
})

test('evaluate repeats the figures of training, by run, by checkpoint, and from a copy elsewhere', async () => {
  const { runId, checkpoint, top1, top5, loss } = trained.json
  const copy = join(folder, 'copy')
  cpSync(String(checkpoint), copy, { recursive: true })
  for (const args of [[String(runId)], [String(checkpoint)], [copy, '--data', pictures()]]) {
    const { code, json, err } = await run('evaluate', ...args, '--json')
    assert.equal(code, 0, err)
    assert.deepEqual([json['top1'], json['top5'], json['loss'], json['imageCount']], [top1, top5, loss, 32])
  }
})

test('export writes a run for other programs, and predict names what is on images, by run and by export', async () => {
  const image = join(folder, 'left.png')
  const raw = { width: 8, height: 8, channels: 1 } as const
  const bright = Uint8Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? 225 : 20))
  await sharp(bright, { raw }).png().toFile(image)
  writeFileSync(join(folder, 'broken.png'), 'no picture')
  const out = join(folder, 'exported')
  const exported = await run('export', 'first', '--format', 'safetensors', '--out', out, '--json')
  assert.equal(exported.code, 0, exported.err)
  assert.equal(exported.json['folder'], out)
  assert.match(readFileSync(join(out, 'README.txt'), 'utf8'), /load_state_dict/)
  const args = [join(folder, 'broken.png'), image, '--json', '--model']
  const answers = [await run('predict', ...args, 'first'), await run('predict', ...args, out)]
  for (const { code, json, err } of answers) {
    assert.equal(code, 0, err)
    assert.match(err, /broken\.png: /)
    assert.deepEqual(json['predictions'], answers[0]!.json['predictions'])
  }
  const searched = await run('search', image, '--gallery', folder, '--model', out, '--json')
  assert.equal(searched.code, 0, searched.err)
  assert.match(JSON.stringify(searched.json['results']), /"isInGallery":true/)
  const again = await run('export', 'first', '--format', 'onnx', '--out', out)
  assert.equal(again.code, 1)
  assert.match(again.err, /an earlier export lies there.*--force/)
  const refused = await run('export', 'first', '--format', 'mindir', '--out', out)
  assert.equal(refused.code, 2)
  assert.match(refused.err, /use onnx/)
})

test('a signal saves and exits with its code, and resume goes on to the end', async () => {
  const args = [
    'train',
    '--config',
    configFile(),
    '--data',
    pictures(),
    '--epochs',
    '30',
    '--name',
    'second',
    '--json',
  ]
  let isSent = false
  const stopped = await multigrain(join(folder, 'home'), args, child => {
    child.stderr?.on('data', (part: Buffer) => {
      if (isSent || !/^step: \d/m.test(part.toString())) return
      isSent = true
      child.kill('SIGINT')
    })
  })
  assert.equal(stopped.code, 130, stopped.err)
  const { code, details } = stopped.json['error'] as { code: string; details: Record<string, unknown> }
  assert.equal(code, 'cancelled')
  assert.equal(details['status'], 'stopped')
  assert.match(String(details['checkpoint']), /step-\d{8}$/)
  const resumed = await run('resume', String(details['runId']), '--json')
  assert.deepEqual(
    [resumed.code, resumed.json['status'], resumed.json['step']],
    [0, 'finished', 120],
    resumed.err,
  )
})

test('while a command trains, other commands and the workbench find it', async () => {
  const seen: Promise<Answer>[] = []
  const args = ['--config', configFile(), '--data', pictures(), '--epochs', '200', '--name', 'third']
  const ended = await multigrain(join(folder, 'home'), ['train', ...args], child => {
    child.stderr?.on('data', (part: Buffer) => {
      if (seen.length > 0 || !/^step: \d/m.test(part.toString())) return
      seen.push(run('runs'), run('open'))
      void Promise.all(seen).then(() => child.kill('SIGINT'))
    })
  })
  const [list, open] = await Promise.all(seen)
  assert.match(list?.out ?? '', /third +running/, list?.err)
  assert.match(open?.out ?? '', /^http:\/\/127\.0\.0\.1:\d+\/\?token=/, open?.err)
  assert.equal(ended.code, 130)
})

test('the list of runs, one run, and its log', async () => {
  const list = await run('runs')
  assert.match(list.out, /^ID +NAME +STATUS +EPOCH/)
  assert.match(list.out, /first +finished +2\.0\/2/)
  const show = await run('runs', 'show', String(trained.json['runId']))
  assert.match(show.out, /step-00000008 +valid/)
  const log = await run('runs', 'log', String(trained.json['runId']))
  assert.match(log.out, /step: 8 epoch: 2\.0/)
})

test('remove and restore move a run to the trash and back', async () => {
  const id = String(trained.json['runId'])
  assert.equal((await run('runs', 'remove', id)).code, 0)
  assert.match((await run('runs', 'list', '--deleted')).out, new RegExp(id))
  assert.equal((await run('runs', 'restore', id)).code, 0)
})

test('data sets are listed, shown and forgotten', async () => {
  const other = join(folder, 'other')
  writePictures(other)
  const added = await run('datasets', 'add', other, '--name', 'Others', '--json')
  assert.equal((added.json['dataset'] as { id: string }).id, 'other')
  assert.match((await run('datasets')).out, /other +Others +ready +2 +train 64, (val|test) 32/)
  assert.match((await run('datasets', 'show', 'other')).out, /^0 +32 +16$/m)
  assert.match((await run('datasets', 'problems', 'other')).out, /No problems/)
  assert.equal((await run('datasets', 'remove', 'other')).code, 0)
  assert.doesNotMatch((await run('datasets')).out, /Others/)
})

test('a preset as YAML is a configuration that the check accepts', async () => {
  const file = join(folder, 'preset.yaml')
  writeFileSync(file, (await run('presets', 'show', 'cifar10-resnet20')).out)
  const { code, out } = await run('config', 'check', file)
  assert.deepEqual([code, out], [0, `${file}: no mistakes\n`])
})

test('mistakes in a file are told with line and column, all of them', async () => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'model: resnet51\ntraining:\n  epochs: 0\n  bogus: 1\n')
  const { code, err, json } = await run('config', 'check', file, '--json')
  assert.equal(code, 2)
  for (const place of [
    ':1:1: model.name: unknown model',
    ':3:3: training.epochs: expected',
    ':4:3: training.bogus: unknown name',
  ]) {
    assert.ok(err.includes(file + place), err)
  }
  const error = json['error'] as { code: string; details: { issues: unknown[] } }
  assert.deepEqual([json['ok'], error.code, error.details.issues.length], [false, 'invalid-config', 3])
})

test('mistakes of the caller end with 2 and name what there is', async () => {
  const expectations: [string[], RegExp][] = [
    [['tran'], /no command 'tran'\. Did you mean 'train'/],
    [['train', '--prset', 'x'], /no option --prset\. Did you mean 'preset'/],
    [['train'], /either --preset NAME or --config FILE/],
    [['train', '--preset', 'imagenet-resnet50'], /expected --data DIR/],
    [['runs', 'shw'], /no action 'shw'\. Did you mean 'show'/],
    [['evaluate'], /expected one argument, got none/],
  ]
  for (const [args, message] of expectations) {
    const { code, err } = await run(...args)
    assert.deepEqual([args, code], [args, 2])
    assert.match(err, message)
  }
})

test('asking for what is not there ends with 2 and names what is', async () => {
  const expectations: [string[], RegExp][] = [
    [['train', '--preset', 'samle'], /Unknown preset 'samle'\. Did you mean 'sample'/],
    [
      ['train', '--preset', 'sample', '--data', join(folder, 'nowhere')],
      /no such folder and no data set of that id/,
    ],
    [['evaluate', 'r-20200101-0001'], /there is no such run, and no checkpoint lies there/],
    [['resume', 'r-20200101-0001'], /There is no run 'r-20200101-0001'\. Did you mean 'r-20/],
    [['runs', 'show', 'mine'], /There is no run 'mine'/],
    [['config', 'check', join(folder, 'nowhere.yaml')], /nowhere\.yaml: there is no such file or folder/],
  ]
  for (const [args, message] of expectations) {
    const { code, err } = await run(...args)
    assert.deepEqual([args, code], [args, 2])
    assert.match(err, message)
  }
  const { code, err } = await run('open')
  assert.equal(code, 1)
  assert.match(err, /No workbench runs on .*npm start/)
})

test('help needs no host and ends with 0', async () => {
  for (const args of [[], ['--help'], ['train', '--help'], ['runs', '--help']]) {
    const { code, out } = await run(...args)
    assert.equal(code, 0)
    assert.match(out, /Usage: npm run -s multigrain --/)
  }
})
