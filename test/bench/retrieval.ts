/**
 * How long one query takes on 100,000 embeddings of 2,048 values that a worker keeps: scores of all of them, and the first page of the
 * ranking with its average precision. Beside it the same in numpy (matrix times vector, argpartition), turn by turn, in the same run:
 * `node test/bench/retrieval.ts`. The last line is JSON.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { rankedPage } from '../../core/retrieval/gallery/index.ts'
import { RowBlocks } from '../../core/retrieval/gallery/rowBlocks.ts'

const [count, width, turns] = [100_000, 2048, 15]
const script = `
import sys, time, numpy as np
g = np.random.default_rng(1).random((${count}, ${width}), dtype=np.float32)
print("ready", flush=True)
for _ in sys.stdin:
    q = g[5].copy()
    start = time.perf_counter()
    s = g @ q
    best = np.argpartition(-s, 60)[:60]
    best = best[np.argsort(-s[best])]
    print((time.perf_counter() - start) * 1000, flush=True)
`
const python = spawn(process.env['BENCH_PYTHON'] ?? '/usr/bin/python3', ['-c', script], {
  stdio: ['pipe', 'pipe', 'ignore'],
})
const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
const before = process.memoryUsage().rss
const rows = new RowBlocks(count, width)
const some = new Float32Array(width * 500)
for (let from = 0; from < count; from += 500) {
  for (let at = 0; at < some.length; at++) some[at] = Math.random()
  rows.set(from, some)
}
const memory = process.memoryUsage().rss - before
const hasNumpy = (await lines.next()).value === 'ready'
const relevant = Int32Array.from({ length: 100 }, (_, at) => at * 997)
const weights = new Float32Array(width).fill(1)

const times = { ours: [] as number[], whitened: [] as number[], numpy: [] as number[] }
for (let turn = 0; turn < turns; turn++) {
  const query = rows.row(turn)
  times.ours.push(timed(() => page(rows.product(query))))
  times.whitened.push(timed(() => page(rows.weighted(query, weights))))
  if (hasNumpy) {
    python.stdin.write('\n')
    times.numpy.push(Number((await lines.next()).value))
  }
}
python.stdin.end()
const [ours, whitened, numpy] = [median(times.ours), median(times.whitened), median(times.numpy)]
console.log(`One query on ${count} × ${width}, ranked, ${turns} turns:`)
console.log(`  plain     ${ours.toFixed(1)} ms`)
console.log(`  whitened  ${whitened.toFixed(1)} ms`)
console.log(`  numpy     ${hasNumpy ? `${numpy.toFixed(1)} ms` : 'not here'}`)
console.log(`  memory    ${(memory / 1e6).toFixed(0)} MB, of which rows ${(rows.bytes / 1e6).toFixed(0)} MB`)
const figures = { ours, whitened, numpy: hasNumpy ? numpy : null, ratio: hasNumpy ? numpy / ours : null }
console.log(JSON.stringify({ ...figures, memoryMegabytes: memory / 1e6 }))

function page(scores: Float32Array): void {
  rankedPage(scores, { relevant, ignored: new Int32Array(0) }, 5, { offset: 0, limit: 60 })
}

function timed(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
