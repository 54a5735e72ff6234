/** What the page writes: numbers, times, errors, YAML, the title of the window, addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { listPresets, parseConfig } from '../../../core/experiment/index.ts'
import { parseRoute, routeHash } from '../../../renderer/address.ts'
import { errorText, errorTitle, firstSentence } from '../../../renderer/format/errors.ts'
import { big, bytes, count, percent, plural, value } from '../../../renderer/format/numbers.ts'
import { ago, duration, timeLeft } from '../../../renderer/format/times.ts'
import { progressTitle } from '../../../renderer/format/title.ts'
import { toYaml } from '../../../renderer/format/yaml.ts'

test('numbers that are missing or not finite are never shown as null, undefined or an empty place', () => {
  for (const write of [count, big, percent, value, bytes]) {
    for (const odd of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      const text = write(odd)
      assert.notEqual(text, '')
      assert.doesNotMatch(text, /null|undefined/)
    }
  }
})

test('numbers read as people write them', () => {
  assert.equal(count(1_234_567), '1,234,567')
  assert.equal(big(25_557_032), '25.6 M')
  assert.equal(big(950), '950')
  assert.equal(percent(0.97312), '97.3 %')
  assert.equal(value(0.00001234), '1.23e-5')
  assert.equal(value(2.30258), '2.303')
  assert.equal(value(0), '0')
  assert.equal(bytes(102_760_448), '98.0 MiB')
  assert.equal(plural(1, 'image'), '1 image')
  assert.equal(plural(2000, 'image'), '2,000 images')
})

test('durations', () => {
  assert.equal(duration(900), '1 s')
  assert.equal(duration(125_000), '2 min 05 s')
  assert.equal(duration(5_025_000), '1 h 23 min')
  assert.equal(duration(200 * 3_600_000), '8 d 8 h')
  assert.equal(duration(null), '–')
  assert.equal(timeLeft(null), '')
  assert.equal(ago(1000, 2000), 'just now')
  assert.equal(ago(0, 7_300_000), '2 h ago')
  assert.equal(ago(0, 3 * 86_400_000), '3 d ago')
  assert.match(ago(0, 90 * 86_400_000), /1970$/)
})

test('the title of the window begins with the progress', () => {
  const run = { name: 'digits', step: 425, totalSteps: 1000 }
  assert.match(progressTitle([run], 0), /^42 % · digits ·/)
  assert.match(progressTitle([run, run], 0), /\(\+1\)/)
  assert.match(progressTitle([], 3), /^3 queued/)
  assert.match(progressTitle([{ ...run, totalSteps: 0 }], 0), /^digits/)
})

test('an error says its remedy once', () => {
  const details = { remedy: 'Check the path.' }
  assert.equal(errorText({ message: 'No such folder', details }), 'No such folder. Check the path.')
  assert.equal(
    errorText({ message: 'No such folder. Check the path.', details }),
    'No such folder. Check the path.',
  )
  assert.equal(
    errorText({ message: 'No such folder: check the path', details }),
    'No such folder: check the path',
  )
})

test('an error is named by its code, and cut after its first sentence', () => {
  assert.equal(errorTitle({ code: 'trainer-lost', message: '' }, 'Failed'), 'The trainer ended unexpectedly')
  assert.equal(errorTitle({ code: 'cancelled', message: '' }, 'Failed'), 'Failed')
  assert.deepEqual(firstSentence('/a/b.png holds 1.5 images. Add more. Then scan'), {
    first: '/a/b.png holds 1.5 images.',
    rest: 'Add more. Then scan',
  })
  assert.deepEqual(firstSentence('/a/b.png is empty'), { first: '/a/b.png is empty', rest: '' })
})

test('every preset as YAML reads back as itself with a YAML parser', () => {
  for (const preset of listPresets()) {
    const config = { ...parseConfig(preset.config) }
    assert.deepEqual(parse(toYaml(config)), JSON.parse(JSON.stringify(config)))
  }
})

test('awkward values as YAML read back as themselves', () => {
  const awkward = {
    yes: 'yes',
    number: '12',
    colon: 'a: b',
    text: 'line\nline',
    empty: '',
    none: null,
    list: [],
    section: {},
    steps: [{ name: 'flip' }, { name: 'crop', options: { padding: [1, 2], deep: [{ a: 1 }] } }],
    'odd key': true,
  }
  assert.deepEqual(parse(toYaml(awkward)), awkward)
})

test('an address names its place, and reads back', () => {
  const route = { page: 'run', id: 'run-12', tab: 'log', query: {} } as const
  assert.equal(routeHash(route), '#/run/run-12/log')
  assert.deepEqual(parseRoute(routeHash(route)), route)
  const filtered = { page: 'data', id: 'a/b', tab: '', query: { label: '3' } } as const
  assert.deepEqual(parseRoute(routeHash(filtered)), filtered)
})

test('no address is the list of runs, and one that leads nowhere is told apart', () => {
  for (const none of ['', '#', '#/', '#/%E0%A4%A', '?x']) assert.equal(parseRoute(none).page, 'runs')
  for (const odd of ['#/nowhere', '#/Runs', '#/unknown']) assert.equal(parseRoute(odd).page, 'unknown')
})
