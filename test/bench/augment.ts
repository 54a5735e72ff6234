/**
 * Automatic augmentation of 224² images in one thread, in turns: ours, and torchvision on Pillow images.
 * `node test/bench/augment.ts [--pairs 5] [--operations]`; with --operations each operation by itself as well.
 */
import { parseArgs } from 'node:util'
import { findPyTorch } from './python.ts'
import { openOurs, openPyTorch } from './side.ts'
import { short, spreadOf } from './statistics.ts'

const entries = ['trivial-augment', 'rand-augment', 'auto-augment', 'color-jitter'] as const
const operations = [
  ...['shear-x', 'translate-x', 'rotate', 'brightness', 'colour', 'contrast', 'sharpness', 'posterize'],
  ...['solarize', 'auto-contrast', 'equalize', 'invert', 'rotate bilinear'],
]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { pairs: { type: 'string', default: '5' }, operations: { type: 'boolean', default: false } },
  })
  const python = findPyTorch()
  if (python === null) throw new Error('No Python with torch and torchvision here; BENCH_PYTHON names one')
  const sides = [openOurs('oursAugment.ts'), openPyTorch(python, 'augment.py')] as const
  const keys: Record<string, number> = {}
  try {
    console.log('224² images, one thread, ms an image: ours, torchvision on Pillow, ratio')
    for (const name of [...entries, ...(values.operations ? operations : [])]) {
      const times: [number[], number[]] = [[], []]
      for (let turn = -1; turn < Number(values.pairs); turn++) {
        for (const [at, side] of sides.entries()) {
          const time = await side.ask<number>('pass', { name, seed: turn + 1 })
          if (turn >= 0) times[at]!.push(time)
        }
      }
      const ratios = times[0].map((time, at) => times[1][at]! / time)
      const [ours, theirs, ratio] = [...times, ratios].map(each => spreadOf(each).median)
      console.log(`  ${name.padEnd(18)} ${ours!.toFixed(3)}  ${theirs!.toFixed(3)}  ${short(ratio!)}`)
      keys[`augment.${name}.ratio`] = ratio!
    }
  } finally {
    await Promise.all(sides.map(side => side.close()))
  }
  console.log(JSON.stringify(keys))
}

await main()
