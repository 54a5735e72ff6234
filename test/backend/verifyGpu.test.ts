/** `npm run verify:gpu`: what it says without a GPU, and that its checks work, on the processor. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { withoutTorch } from './torchAddon.ts'

const script = join(import.meta.dirname, '..', 'verify', 'gpu.ts')

function verify(...args: string[]): { status: number | null; lines: string[]; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  })
  return { status, lines: stdout.trim().split('\n'), stderr }
}

test('without a GPU it says in one line what is missing, and fails', { skip: withoutTorch }, t => {
  if (loadAddon().version().cuda) return t.diagnostic('there is a GPU here')
  const { status, lines } = verify()
  assert.equal(status, 1)
  assert.equal(lines.length, 1)
  assert.match(
    lines[0]!,
    /^verify:gpu needs an NVIDIA GPU and a libtorch with CUDA: libtorch .+ has no CUDA\. Install .+ setup native$/,
  )
})

test('a check that passes is told, and one that is not there refused', { skip: withoutTorch }, () => {
  const { status, lines, stderr } = verify('--device', 'cpu', '--quick', '--only', 'memory,ranks')
  assert.equal(status, 0, `${lines.join('\n')}\n${stderr}`)
  assert.match(lines[0]!, /^cpu/)
  assert.match(lines[1]!, /^pass memory .+ GB used, flat over 3 steps/)
  assert.match(lines[2]!, /^pass ranks .+ left out/)
  assert.equal(lines[3], 'cpu passes')
  const failing = verify('--device', 'cpu', '--quick', '--only', 'nothing')
  assert.equal(failing.status, 1)
  assert.match(failing.stderr, /no check 'nothing'\. Known: conformance, /)
})
