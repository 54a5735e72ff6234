/** The harness of benchmarks: order statistics, and processes that answer, fail or end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSide } from '../../bench/side.ts'
import { spreadOf } from '../../bench/statistics.ts'

test('median and quartiles are those of numpy.percentile', () => {
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { lower: 1.75, median: 2.5, upper: 3.25 })
  assert.deepEqual(spreadOf([7]), { lower: 7, median: 7, upper: 7 })
  assert.deepEqual(spreadOf([3, 1, 2]), { lower: 1.5, median: 2, upper: 2.5 })
})

/** Answers what it is asked; `fail` with an error, `end` by ending. */
const script = `
const lines = require('readline').createInterface({ input: process.stdin })
lines.on('line', line => {
  const { do: what, value } = JSON.parse(line)
  if (what === 'end') { console.error('no more'); process.exit(3) }
  console.log(JSON.stringify(what === 'fail' ? { error: 'it failed' } : { value: { value, threads: process.env.OMP_NUM_THREADS } }))
})`

test('a side answers in order, with all cores unless told otherwise', async () => {
  const side = openSide('ours', [process.execPath, '-e', script], { OMP_NUM_THREADS: '3' })
  assert.deepEqual(await side.ask('echo', { value: 1 }), { value: 1, threads: '3' })
  assert.deepEqual(await side.ask('echo', { value: 2 }), { value: 2, threads: '3' })
  await assert.rejects(side.ask('fail'), /ours: fail: it failed/)
  assert.deepEqual(await side.ask('echo', { value: 3 }), { value: 3, threads: '3' })
  await side.close()
})

test('a side that ends, or was never there, is an error that says why', async () => {
  const ending = openSide('ours', [process.execPath, '-e', script])
  await assert.rejects(ending.ask('end'), /ours: end: ended with exit code 3\nno more/)
  await ending.close()
  const missing = openSide('PyTorch', ['/nonexistent/python'])
  await assert.rejects(missing.ask('prepare'), /PyTorch: prepare: .*ENOENT/)
  await missing.close()
})
