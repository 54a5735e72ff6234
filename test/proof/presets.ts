/**
 * Every preset trains for two steps and is validated on real images, through the command line, with batches and images made small:
 * `node test/proof/presets.ts --data FOLDER`. What is made small is said in the table; everything else is the preset's own.
 *
 * --data FOLDER   photographs: train/ and test/, or class folders, of which each has two or more
 * --only NAME     presets whose names contain it
 * --out test-output/presets
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { listPresets, parseConfig } from '../../core/experiment/index.ts'
import { multigrain } from './commands.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-output', 'presets') },
  },
})
if (values.data === undefined) throw new Error('--data names a folder of photographs')
const data = resolve(values.data)
const setting = { home: resolve(values.out), threads: 2 }
mkdirSync(setting.home, { recursive: true })
let failed = 0
console.log('| preset | image | batch | loss | s |\n|---|---|---|---|---|')
for (const { name, config: written } of listPresets()) {
  if (name === 'sample' || !name.includes(values.only)) continue
  const config = parseConfig(written)
  const least = config.model.name === 'inception-v4' ? 75 : 64
  const size = config.input.size > 64 ? least : config.input.size
  const batch = 12
  const started = performance.now()
  try {
    const done = await multigrain(
      setting,
      ...[
        'train',
        '--preset',
        name,
        '--data',
        data,
        '--set',
        'training.maxSteps=2',
        '--set',
        `input.size=${size}`,
      ],
      ...[
        '--set',
        `training.batchSize=${batch}`,
        '--set',
        'training.evaluationBatchSize=12',
        '--set',
        'data.decodeThreads=1',
      ],
      ...['--set', 'training.logEverySteps=1', '--set', 'checkpoints.everyEpochs=1000'],
    )
    const loss = done['loss'] as number | null
    console.log(
      `| ${name} | ${size} | ${batch} | ${loss?.toFixed(2) ?? 'not finite'} | ${seconds(started)} |`,
    )
  } catch (thrown) {
    failed++
    console.log(
      `| ${name} | ${size} | ${batch} | FAILED | ${seconds(started)} |\n${(thrown as Error).message}`,
    )
  }
}
console.log(failed === 0 ? 'Every preset trains' : `${failed} presets FAILED`)
process.exitCode = failed === 0 ? 0 : 1

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0)
}
