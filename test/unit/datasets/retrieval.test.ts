/** Data sets made for retrieval: who answers whom, in each layout. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { detectReader, openDataset } from '../../../core/data/index.ts'
import { readers } from '../../../core/datasets/index.ts'
import { readPickle } from '../../../core/datasets/shared/pickle.ts'
import type { OpenDataset } from '../../../core/datasets/shared/reader.ts'
import { scanned, silent, temporaryFolder, writePictures } from '../data/datasetFixtures.ts'

const fixture = JSON.parse(
  await readFile(join(import.meta.dirname, '../../fixtures/retrieval/pickles.json'), 'utf8'),
)
const pickled = (name: string): Buffer => Buffer.from(fixture.pickles[name], 'hex')
const scan = (name: string, folder: string) => readers.create({ name }).scan(folder, silent)
const images = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, 'rgb.jpg']))

/** The truth by names: query → what it should find. */
function answers({ splits, retrieval }: OpenDataset, kind: 'easy' | 'hard' | 'junk' = 'easy') {
  const gallery = splits.gallery!
  return Object.fromEntries(
    retrieval!.queries.map(each => [
      splits.query!.name(each.query),
      [...each[kind]].map(at => gallery.name(at)),
    ]),
  )
}

describe('holidays', () => {
  it('has queries divisible by 100, which are left out of their own ranking', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(
      folder,
      images(['100000', '100001', '100002', '100100', '100101', '100200'].map(n => `jpg/${n}.jpg`)),
    )
    assert.equal((await detectReader(folder)).reader, 'holidays')
    const { scan: found, ref } = await scanned(folder, 'holidays')
    assert.deepEqual(
      found.splits.map(({ name, count }) => [name, count]),
      [
        ['query', 3],
        ['gallery', 6],
      ],
    )
    const told = found.problems.map(({ problem }) => problem)
    assert.match(told[0]!, /6 of 1491 images/)
    assert.match(told[1]!, /a query without a relevant image/)
    const dataset = await openDataset(ref)
    assert.deepEqual(answers(dataset), {
      'jpg/100000.jpg': ['jpg/100001.jpg', 'jpg/100002.jpg'],
      'jpg/100100.jpg': ['jpg/100101.jpg'],
      'jpg/100200.jpg': [],
    })
    assert.deepEqual(
      dataset.retrieval!.queries.map(({ self }) => self),
      [0, 3, 5],
    )
    assert.equal(dataset.retrieval!.protocol, 'holidays')
    assert.equal((await dataset.splits.query!.read(1)).kind, 'encoded')
  })
})

describe('ukbench', () => {
  it('has groups of four, and each query counts itself', async test => {
    const folder = await temporaryFolder(test)
    const names = [0, 1, 2, 3, 4, 5, 6, 7].map(n => `full/ukbench0000${n}.jpg`)
    await writePictures(folder, images(names))
    assert.equal((await detectReader(folder)).reader, 'ukbench')
    const { scan: found, ref } = await scanned(folder, 'ukbench')
    assert.deepEqual(found.problems, [])
    assert.deepEqual(found.classes, ['0000', '0001'])
    const dataset = await openDataset(ref)
    assert.equal(dataset.retrieval!.protocol, 'ukbench')
    assert.equal(dataset.retrieval!.queries.length, 8)
    assert.deepEqual(answers(dataset)[names[6]!], names.slice(4))
    assert.ok(dataset.retrieval!.queries.every(({ self }) => self === null))
  })

  it('tells of incomplete groups', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images([0, 1, 2, 3, 4, 5].map(n => `ukbench0000${n}.jpg`)))
    const { problems } = await scan('ukbench', folder)
    assert.match(problems[0]!.problem, /1 groups have fewer than four images \(group 1\)/)
  })
})

describe('copydays', () => {
  const files = images([
    ...[
      'original/200000.jpg',
      'original/200100.jpg',
      'strong/200001.jpg',
      'strong/200002.jpg',
      'strong/200101.jpg',
    ],
    ...['crops/50/200000.jpg', 'distractors/a/1.jpg'],
  ])

  it('looks for the original of a copy, among distractors too', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, files)
    assert.equal((await detectReader(folder)).reader, 'copydays')
    const { scan: found, ref } = await scanned(folder, 'copydays')
    assert.deepEqual(
      found.splits.map(({ count }) => count),
      [3, 3],
    )
    const dataset = await openDataset(ref)
    assert.deepEqual(answers(dataset), {
      'strong/200001.jpg': ['original/200000.jpg'],
      'strong/200002.jpg': ['original/200000.jpg'],
      'strong/200101.jpg': ['original/200100.jpg'],
    })
    const all = await scanned(folder, 'copydays', { copies: 'all' })
    assert.equal(all.scan.splits[0]?.count, 4)
  })

  it('needs copies', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images(['original/200000.jpg']))
    await assert.rejects(scan('copydays', folder), { message: /expected copies such as strong\/200001\.jpg/ })
  })
})

describe('revisited', () => {
  const names = [...fixture.truth.imlist, ...fixture.truth.qimlist].map((name: string) => `jpg/${name}.jpg`)

  it('has easy, hard and junk images and a box, from a pickle or from JSON', async test => {
    for (const [file, bytes] of [
      ['gnd_roxford5k.pkl', pickled('plain-3')],
      ['gnd_roxford5k.pkl', pickled('arrays-4')],
      ['gnd_rparis6k.json', Buffer.from(JSON.stringify(fixture.truth))],
    ] as const) {
      const folder = await temporaryFolder(test)
      await writePictures(folder, images(names))
      await writeFile(join(folder, file), bytes)
      assert.equal((await detectReader(folder)).reader, 'revisited')
      const { scan: found, ref } = await scanned(folder, 'revisited')
      assert.deepEqual(found.problems, [])
      assert.deepEqual(found.classes, ['all_souls', 'distractor', 'hertford'])
      const dataset = await openDataset(ref)
      const [soul, hertford] = ['jpg/all_souls_000013.jpg', 'jpg/hertford_000015.jpg']
      assert.deepEqual(answers(dataset, 'easy'), { [soul]: ['jpg/all_souls_000000.jpg'], [hertford]: [] })
      assert.deepEqual(answers(dataset, 'hard')[hertford], ['jpg/hertford_000002.jpg'])
      assert.deepEqual(answers(dataset, 'junk')[soul], [
        'jpg/hertford_000002.jpg',
        'jpg/radcliffe_000004.jpg',
      ])
      const { box, self } = dataset.retrieval!.queries[0]!
      assert.deepEqual(
        box?.map(value => Number(value.toFixed(3))),
        fixture.truth.gnd[0].bbx,
      )
      assert.equal(self, null)
    }
  })

  it('leaves out what is not there, and moves the places of the rest', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images(names.filter(name => !name.includes('all_souls_000000'))))
    await writeFile(join(folder, 'gnd_roxford5k.pkl'), pickled('plain-4'))
    const { scan: found, ref } = await scanned(folder, 'revisited')
    assert.deepEqual(found.problems, [
      { file: 'jpg/all_souls_000000.jpg', problem: 'it is not there; left out of the ground truth' },
    ])
    const dataset = await openDataset(ref)
    assert.deepEqual(answers(dataset, 'hard')['jpg/all_souls_000013.jpg'], ['jpg/all_souls_000001.jpg'])
  })

  it('refuses ground truth that is not its own', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images(names))
    const { truth } = fixture
    for (const [changed, message] of [
      [{ ...truth, gnd: truth.gnd.slice(1) }, /'gnd' to have an entry for each of 2 queries/],
      [{ ...truth, imlist: ['../../etc/passwd'] }, /'imlist' to be a list of names/],
      [
        { ...truth, gnd: [{ ...truth.gnd[0], easy: [9] }, truth.gnd[1]] },
        /query 0: expected 'easy' to be places from 0 to 4/,
      ],
      [
        { ...truth, gnd: [{ ...truth.gnd[0], bbx: [1, 2] }, truth.gnd[1]] },
        /query 0: expected 'bbx' to be four numbers/,
      ],
      [{ imlist: truth.imlist }, /expected a dictionary with 'qimlist', found none/],
    ] as const) {
      await writeFile(join(folder, 'gnd_roxford5k.json'), JSON.stringify(changed))
      await assert.rejects(scan('revisited', folder), { code: 'data-invalid', message })
    }
  })
})

describe('pickles', () => {
  const plain = (name: string) => readPickle('gnd.pkl', pickled(name))

  it('are read as Python wrote them, in every protocol, with arrays as lists', () => {
    const asMap = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(asMap)
      if (typeof value !== 'object' || value === null) return value
      return new Map(Object.entries(value).map(([key, each]) => [key, asMap(each)]))
    }
    for (const protocol of [2, 3, 4, 5]) assert.deepEqual(plain(`plain-${protocol}`), asMap(fixture.truth))
    const rounded = structuredClone(fixture.truth)
    rounded.gnd[1].bbx = rounded.gnd[1].bbx.map(Math.fround)
    for (const protocol of [2, 3, 4]) assert.deepEqual(plain(`arrays-${protocol}`), asMap(rounded))
    assert.deepEqual(plain('numbers'), [0, 255, 256, 65536, -1, -(2 ** 40), 1.5, true, false, null, 'ü'])
  })

  it('that would call anything are refused, with the way to convert them', () => {
    assert.throws(() => plain('harm'), {
      code: 'data-invalid',
      message: /gnd\.pkl: .*'posix\.system', which is no plain data\. Convert it where you trust it: python3/,
    })
    assert.throws(() => plain('harm-4'), { message: /'posix\.system'/ })
    assert.throws(() => plain('counter'), { message: /'collections\.OrderedDict'/ })
  })

  it('that are cut off or damaged are refused', () => {
    const whole = pickled('arrays-4')
    for (let length = 0; length < whole.length; length += 7)
      assert.throws(() => readPickle('gnd.pkl', whole.subarray(0, length)), { code: 'data-invalid' })
    // Any flipped byte gives data or a clear error, never anything else.
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole)
      damaged[at]! ^= 0x55
      try {
        readPickle('gnd.pkl', damaged)
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, 'data-invalid')
      }
    }
  })
})

describe('query-gallery', () => {
  it('finds images of the same instance; junk does not count, and a query does not find itself', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']))
    await writeFile(join(folder, 'queries.csv'), 'path,instance\na.jpg,shoe\nd.jpg,hat\n')
    await writeFile(
      join(folder, 'gallery.csv'),
      'path,instance,junk\na.jpg,shoe,\nb.jpg,shoe,0\nc.jpg,shoe,1\ne.jpg,hat,\n',
    )
    assert.equal((await detectReader(folder)).reader, 'query-gallery')
    const { scan: found, ref } = await scanned(folder, 'query-gallery')
    assert.deepEqual(found.problems, [
      { file: 'gallery.csv', problem: 'it contains 1 of the queries; each is left out of its own ranking' },
    ])
    assert.deepEqual(found.classes, ['hat', 'shoe'])
    const dataset = await openDataset(ref)
    assert.deepEqual(answers(dataset), { 'a.jpg': ['b.jpg'], 'd.jpg': ['e.jpg'] })
    assert.deepEqual(answers(dataset, 'junk'), { 'a.jpg': ['c.jpg'], 'd.jpg': [] })
    assert.deepEqual(
      dataset.retrieval!.queries.map(({ self }) => self),
      [0, null],
    )
  })

  it('names line and value of what is wrong, and needs an answer', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, images(['a.jpg', 'b.jpg']))
    await writeFile(join(folder, 'queries.csv'), 'a.jpg,shoe\n')
    await writeFile(join(folder, 'gallery.csv'), 'path,instance,junk\nb.jpg,shoe,maybe\n')
    await assert.rejects(scan('query-gallery', folder), { message: /gallery\.csv: line 2: junk is 'maybe'/ })
    await writeFile(join(folder, 'gallery.csv'), 'b.jpg,hat\n')
    await assert.rejects(scan('query-gallery', folder), {
      message: /1 queries and 1 images in the gallery, and no query has a relevant image/,
    })
    await writeFile(join(folder, 'gallery.csv'), 'none.jpg,hat\n')
    await assert.rejects(scan('query-gallery', folder), {
      message: /gallery\.csv: none of its images can be used/,
    })
  })
})
