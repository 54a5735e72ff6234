/** Exported safetensors have the names, shapes and types of torchvision's state dicts (test/fixtures/exporting/torchvision_names.py). */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parseSafetensors } from '../../../core/checkpoints/safetensors.ts'
import { networkOf } from '../../../core/exporting/network.ts'
import { writeSafetensors } from '../../../core/exporting/writeSafetensors.ts'
import { model, numbered, quiet } from './sample.ts'

const fixture = new URL('../../fixtures/exporting/torchvision_names.json', import.meta.url)
const torchvision = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, Record<string, unknown[]>>
const folder = mkdtempSync(join(tmpdir(), 'multigrain-safetensors-'))

after(() => rmSync(folder, { recursive: true }))

describe('safetensors export', () => {
  for (const [name, wanted] of Object.entries(torchvision))
    it(`has what torchvision's ${name} loads strictly`, async () => {
      const graph = model(name, 32)
      const tensors = numbered(graph)
      const path = join(folder, name)
      const options = { batches: 12, metadata: { network: name } }
      await writeSafetensors(path, networkOf(graph, tensors), options, quiet)
      const file = parseSafetensors(readFileSync(path), path)
      const found = [...file.tensors].map(
        ([tensor, { dtype, shape }]) => [tensor, [dtype, ...shape]] as const,
      )
      assert.deepEqual(Object.fromEntries(found), wanted)
      assert.equal(file.metadata.get('network'), name)
      for (const [tensor, { bytes, dtype }] of file.tensors) {
        if (dtype === 'I64') assert.equal(Buffer.from(bytes).readBigInt64LE(), 12n)
        else assert.deepEqual(Buffer.from(bytes), Buffer.from(tensors.get(tensor)!.bytes))
      }
    })
})
