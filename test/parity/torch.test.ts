/**
 * The comparisons with PyTorch in float64 on the backend torch: as it runs on a processor, and with nothing but compositions of
 * libtorch's operators, which is what a GPU runs.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { withoutTorch } from '../backend/torchAddon.ts'

const files = ['layers', 'resnet50-eval', 'resnet50-train']
const ways = {
  'our own passes': {},
  'compositions of libtorch’s operators': { MULTIGRAIN_TORCH_COMPOSITION: '1' },
}

for (const [way, environment] of Object.entries(ways))
  for (const file of files)
    test(`${file} on torch with ${way}`, { skip: withoutTorch }, () => {
      const path = join(import.meta.dirname, `${file}.test.ts`)
      // A test that runs within another's process group reports to it, unless it is told that it stands alone.
      const { NODE_TEST_CONTEXT: _, ...outer } = process.env
      const env = { ...outer, ...environment, PARITY_BACKEND: 'torch' }
      const { status, stdout } = spawnSync(process.execPath, ['--test-reporter=tap', path], {
        encoding: 'utf8',
        env,
      })
      assert.equal(status, 0, stdout.slice(-4000))
      assert.match(stdout, /^# pass [1-9]/m)
      assert.match(stdout, /^# skipped 0$/m)
    })
