/**
 * From JPEG files to 224² random-resized-crops, mirrored at random, one thread each, in turns: the addon, sharp, and torchvision
 * with Pillow. `node test/bench/jpeg.ts FOLDER [--pairs 7]`; the folder holds photographs, at any depth.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findPyTorch } from './python.ts'
import { openOurs, openPyTorch } from './side.ts'
import { short, spreadOf } from './statistics.ts'

export interface JpegBench {
  /** Lines of a table. */
  readonly rows: readonly string[]
  /** How many times as many images a second ours makes as torchvision; nothing without a Python that has it. */
  readonly keys: Readonly<
    Partial<
      Record<'loader.jpeg.ratio', { readonly median: number; readonly q1: number; readonly q3: number }>
    >
  >
}

/** @param images folder of JPEG files */
export async function benchJpeg({ images, pairs }: { images: string; pairs: number }): Promise<JpegBench> {
  const paths = jpegsBelow(images)
  if (paths.length === 0) throw new Error(`${images}: no JPEG files`)
  const python = findPyTorch()
  const ours = openOurs('oursJpeg.ts')
  const peer = python === null ? null : openPyTorch(python, 'jpeg.py')
  const times: Record<'native' | 'sharp' | 'torchvision', number[]> = {
    native: [],
    sharp: [],
    torchvision: [],
  }
  const ratios: number[] = []
  try {
    await Promise.all([ours, peer].map(side => side?.ask('prepare', { paths })))
    // The first turn warms files and code up, and is not counted.
    for (let turn = -1; turn < pairs; turn++) {
      const epoch = turn + 1
      const native = await ours.ask<number>('pass', { decoder: 'native', epoch })
      const torchvision = (await peer?.ask<number>('pass', { seed: epoch })) ?? NaN
      // sharp only for the table: fewer turns will do.
      const sharp = turn < 2 ? await ours.ask<number>('pass', { decoder: 'sharp', epoch }) : NaN
      if (turn < 0) continue
      times.native.push(native / paths.length)
      if (!Number.isNaN(sharp)) times.sharp.push(sharp / paths.length)
      if (!peer) continue
      times.torchvision.push(torchvision / paths.length)
      ratios.push(torchvision / native)
    }
  } finally {
    await Promise.all([ours.close(), peer?.close()])
  }
  const { median, lower: q1, upper: q3 } = spreadOf(ratios)
  const rows = [
    `JPEG to 224², one thread, ${paths.length} files, ${pairs} turns:`,
    row('ours, addon', times.native),
    row('ours, sharp', times.sharp),
    ...(peer
      ? [
          row('torchvision, Pillow', times.torchvision),
          `  ratio ${short(median)} [${short(q1)}, ${short(q3)}]`,
        ]
      : ['  no Python with torch and torchvision here (BENCH_PYTHON names one): ours alone']),
  ]
  return { rows, keys: peer ? { 'loader.jpeg.ratio': { median, q1, q3 } } : {} }
}

function row(name: string, values: readonly number[]): string {
  const { lower, median, upper } = spreadOf(values)
  const rate = `${Math.round(1000 / median)} images/s`
  return `  ${name.padEnd(22)} ${short(median)} ms an image [${short(lower)}, ${short(upper)}]   ${rate}`
}

function jpegsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.jpe?g$/i.test(name))
    .sort()
    .map(name => join(folder, name))
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { pairs: { type: 'string', default: '7' } },
  })
  const [images] = positionals
  if (images === undefined) throw new Error('Name a folder of photographs: node test/bench/jpeg.ts FOLDER')
  const { rows, keys } = await benchJpeg({ images, pairs: Number(values.pairs) })
  console.log(rows.join('\n'))
  console.log(JSON.stringify(keys))
}
