/** What a folder is told that no format fits. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { detectReader } from '../../../core/data/index.ts'

test('images without class folders are counted, and the way out is named', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-detect-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const name of ['a.jpg', 'b.JPEG', 'c.png', 'notes.txt']) await writeFile(join(folder, name), '')
  await assert.rejects(detectReader(folder), {
    code: 'data-invalid',
    message: `${folder}: 3 images lie directly in this folder, and nothing says of which class. Put the images of each class into a folder of its own, named after the class, and choose the folder that holds those folders`,
  })
})

test('the folder above the right one is told the right one', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-detect-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const name of ['roses', 'tulips']) {
    await mkdir(join(folder, 'flower_photos', name), { recursive: true })
    await writeFile(join(folder, 'flower_photos', name, '1.jpg'), '')
  }
  await writeFile(join(folder, 'LICENSE.txt'), '')
  await assert.rejects(detectReader(folder), {
    code: 'data-invalid',
    message: `${folder}: no known data set format, but its folder flower_photos is one: found 2 folders, one a class. Choose ${join(folder, 'flower_photos')}`,
  })
})
