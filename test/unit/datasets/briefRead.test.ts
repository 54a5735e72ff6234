/** Files read into the same memory: each whole, whatever came before it. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { briefReader } from '../../../core/datasets/shared/briefRead.ts'
import { temporaryFolder } from '../data/datasetFixtures.ts'

it('reads files of any size one after the other', async test => {
  const folder = await temporaryFolder(test)
  const read = briefReader()
  for (const size of [10, 0, 262_144, 262_145, 3, 1_000_000, 20_000_000, 7]) {
    const path = join(folder, String(size))
    const content = Buffer.alloc(size, `${size} bytes`)
    await writeFile(path, content)
    assert.ok(content.equals(read(Buffer.from(path))), `${size} bytes`)
  }
  assert.throws(() => read(Buffer.from(join(folder, 'gone'))), { code: 'ENOENT' })
})
