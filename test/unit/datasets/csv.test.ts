/** Images listed in CSV files. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { detectReader, openDataset } from '../../../core/data/index.ts'
import { readers } from '../../../core/datasets/index.ts'
import { parseCsv } from '../../../core/datasets/shared/csv.ts'
import { scanned, silent, temporaryFolder, writePictures } from '../data/datasetFixtures.ts'

const scan = (folder: string) => readers.create({ name: 'csv' }).scan(folder, silent)

async function folderWith(test: TestContext, lists: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(test)
  const names = ['a', 'b', 'c', 'd', 'odd, "name"', 'ümlaut']
  await writePictures(folder, Object.fromEntries(names.map(name => [`images/${name}.jpg`, 'rgb.jpg'])))
  for (const [name, text] of Object.entries(lists)) await writeFile(join(folder, name), text)
  return folder
}

describe('CSV', () => {
  const fields = (text: string) => parseCsv('list.csv', text).map(row => row.fields)

  it('has quotes, line breaks of all kinds, a byte order mark and several separators', () => {
    assert.deepEqual(fields('\ufeffa,b\r\n"c, ""d""", e \n\n"two\nlines",f'), [
      ['a', 'b'],
      ['c, "d"', 'e'],
      ['two\nlines', 'f'],
    ])
    assert.deepEqual(fields('a;b,c\n1;2'), [['a;b', 'c'], ['1;2']])
    assert.deepEqual(fields('a\tb\n1\t2\n'), [
      ['a', 'b'],
      ['1', '2'],
    ])
    assert.deepEqual(fields(''), [])
    assert.equal(parseCsv('list.csv', 'a\n"b\nb"\nc')[2]?.line, 4)
  })

  it('is refused by line where quotes are wrong', () => {
    assert.throws(() => fields('a,b\n"c,d\n'), { message: /list\.csv: line 2: a quote that is never closed/ })
    assert.throws(() => fields('"a"b,c'), {
      message: /line 1: expected ',' after a closing quote, found 'b'/,
    })
  })
})

describe('csv data sets', () => {
  it('are known as such with a mistake in a line, which the scan then names', async test => {
    const folder = await folderWith(test, {
      'all.csv': 'path,label,split\nimages/a.jpg,cat,train\nimages/b.jpg,,train\n',
    })
    assert.equal((await detectReader(folder)).reader, 'csv')
    await assert.rejects(scan(folder), { message: /all\.csv: line 3/ })
  })

  it('have a file for each split, with or without a header', async test => {
    const folder = await folderWith(test, {
      'train.csv': 'images/a.jpg,cat\r\n"images/odd, ""name"".jpg",dog\r\n./images/ümlaut.jpg,dog\r\n',
      'val.csv': '\ufefflabel,image_path\ncat,images/c.jpg\n',
    })
    assert.equal((await detectReader(folder)).reader, 'csv')
    const { scan: found, ref } = await scanned(folder, 'csv')
    assert.deepEqual(found.classes, ['cat', 'dog'])
    assert.deepEqual(found.splits, [
      { name: 'train', count: 3, classCounts: [1, 2] },
      { name: 'val', count: 1, classCounts: [1, 0] },
    ])
    assert.deepEqual(found.problems, [{ file: 'val', problem: 'no images of 1 class: dog' }])
    assert.deepEqual(found.imageSize, { width: 24, height: 16, channels: 3 })
    const { splits } = await openDataset(ref)
    assert.equal(splits.train!.name(2), 'images/ümlaut.jpg')
    assert.equal((await splits.train!.read(1)).kind, 'encoded')
  })

  it('may be one file with a column for the split; numbers are sorted by size', async test => {
    const folder = await folderWith(test, {
      'list.csv':
        'filename;class;split\nimages/a.jpg;10;train\nimages/b.jpg;9;train\nimages/c.jpg;9;validation\n',
    })
    const { classes, splits } = await scan(folder)
    assert.deepEqual(classes, ['9', '10'])
    assert.deepEqual(
      splits.map(({ name, count }) => [name, count]),
      [
        ['train', 2],
        ['val', 1],
      ],
    )
  })

  it('do not take the place of class folders that have a list beside them', async test => {
    const folder = await folderWith(test, { 'train.csv': 'path,label\ntrain/cat/1.jpg,cat\n' })
    await writePictures(folder, { 'train/cat/1.jpg': 'rgb.jpg', 'train/dog/1.jpg': 'rgb.jpg' })
    assert.equal((await detectReader(folder)).reader, 'image-folder')
  })

  it('name file, line and value of what is wrong', async test => {
    for (const [text, message] of [
      ['path,label\nimages/a.jpg,\n', /train\.csv: line 2: no label in 'images\/a\.jpg,'/],
      ['path,label\nimages/a.jpg,cat\n../b.jpg,dog\n', /train\.csv: line 3: '\.\.\/b\.jpg' is not below/],
      ['/etc/passwd,cat\n', /line 1: '\/etc\/passwd' is not below/],
      ['path,colour\nimages/a.jpg,red\n', /line 1: no column 'label' in the header 'path,colour'/],
      ['images/a.jpg,cat\nimages/b.jpg,cat\n', /expected two or more classes, found one class only, 'cat'/],
      ['', /train\.csv: it is empty/],
    ] as const) {
      await assert.rejects(scan(await folderWith(test, { 'train.csv': text })), {
        code: 'data-invalid',
        message,
      })
    }
    const unknown = await folderWith(test, {
      'train.csv': 'images/a.jpg,cat\nimages/b.jpg,dog\n',
      'val.csv': 'images/c.jpg,cow\n',
    })
    await assert.rejects(scan(unknown), {
      message: /val\.csv: line 1: class 'cow' has no images in train.*cat, dog/,
    })
    const split = await folderWith(test, { 'list.csv': 'path,label,split\nimages/a.jpg,cat,holdout\n' })
    await assert.rejects(scan(split), { message: /list\.csv: line 2: unknown split 'holdout'/ })
    const latin = await folderWith(test, {})
    await writeFile(join(latin, 'train.csv'), Buffer.from('images/\xfcmlaut.jpg,cat\n', 'latin1'))
    await assert.rejects(scan(latin), { message: /train\.csv: it is not UTF-8 text/ })
  })

  it('leave out what is not there, is no picture, or comes twice, and tell what two splits share', async test => {
    const folder = await folderWith(test, {
      'train.csv':
        'images/a.jpg,cat\nimages/none.jpg,cat\nimages/b.jpg,dog\nimages/a.jpg,dog\nnotes.txt,dog\n',
      'val.csv': 'images/b.jpg,dog\nimages/c.jpg,cat\n',
      'notes.txt': 'text',
    })
    await mkdir(join(folder, 'empty'))
    const { splits, problems } = await scan(folder)
    assert.deepEqual(
      splits.map(({ count }) => count),
      [2, 2],
    )
    assert.deepEqual(problems, [
      { file: 'notes.txt', problem: 'not an image; left out' },
      { file: 'train.csv', problem: 'line 2: there is no file images/none.jpg; left out' },
      {
        file: 'train.csv',
        problem: "line 4: images/a.jpg is in line 1 already, as 'cat' there and 'dog' here; left out",
      },
      { file: 'val.csv', problem: 'line 1: images/b.jpg of val is in train.csv, line 3, too' },
    ])
  })
})
