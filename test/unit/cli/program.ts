/** Runs the `multigrain` command as a user does, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const main = join(import.meta.dirname, '..', '..', '..', 'core', 'cli', 'main.ts')

export interface Answer {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The last line of standard output. */
  readonly json: Record<string, unknown>
}

/** @param onStart is given the process, to send it signals. */
export function multigrain(
  home: string,
  args: readonly string[],
  onStart: (child: ChildProcess) => void = () => {},
): Promise<Answer> {
  const env = { ...process.env, MULTIGRAIN_HOME: home }
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onStart(child)
  return new Promise(resolve => {
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString()))
    child.stderr.on('data', (part: Buffer) => (err += part.toString()))
    child.on('close', code => resolve({ code, out, err, json: lastObject(out) }))
  })
}

/** A data set of grey 8 × 8 pictures in IDX files: bright ones on the left or on the right. */
export function writePictures(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [split, count] of [
    ['train', 64],
    ['t10k', 32],
  ] as const) {
    const images = Buffer.alloc(16 + count * 64)
    const labels = Buffer.alloc(8 + count)
    for (const [at, value] of [0x803, count, 8, 8].entries()) images.writeUInt32BE(value, at * 4)
    for (const [at, value] of [0x801, count].entries()) labels.writeUInt32BE(value, at * 4)
    for (let i = 0; i < count; i++) {
      labels[8 + i] = i % 2
      for (let p = 0; p < 64; p++)
        images[16 + i * 64 + p] = p % 8 < 4 === (i % 2 === 0) ? 200 + ((i * 7 + p) % 50) : (i * 3 + p) % 40
    }
    writeFileSync(join(folder, `${split}-images-idx3-ubyte`), images)
    writeFileSync(join(folder, `${split}-labels-idx1-ubyte`), labels)
  }
}

/** A configuration that trains on them in seconds. */
export const tinyConfig = `model: cifar-resnet8
schedule: { name: constant, options: { learningRate: 0.05 } }
input: { size: 8, channels: 1, mean: [0.5], std: [0.5] }
transforms: { train: [resize-exact], eval: [resize-exact] }
data: { decodeThreads: 0 }
training: { epochs: 2, batchSize: 16, logEverySteps: 1 }
backend: wasm
`

function lastObject(out: string): Record<string, unknown> {
  const line = out.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {}
}
