/** What is said before the start about images that are known to be broken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BadImages } from '../../../core/data/badImages.ts'
import { failedProbe } from '../../../renderer/panels/Train/preflight.ts'
import { imagesFinding, toleratedImages } from '../../../renderer/panels/Train/imagesFinding.ts'

const config = (maxBadFraction: number) => ({ data: { maxBadFraction } })
const splits = (train: number, val: number) => ({
  splits: [
    { name: 'train' as const, count: train },
    { name: 'val' as const, count: val },
  ],
})
const broken = (train: number, val: number, isDecoded = true) => ({
  ...{ isDecoded, splits: [] },
  broken: [...Array<'train'>(train).fill('train'), ...Array<'val'>(val).fill('val')].map((split, index) => {
    return { split, index, name: `${index}.jpg`, problem: 'cut short' }
  }),
})

test('as many bad images are tolerated here as by the loader; a single one in a small set, none at 0', () => {
  for (const fraction of [0, 0.001, 0.01, 0.1, 0.5, 1]) {
    for (const count of [1, 2, 3, 10, 85, 199, 200, 12_345]) {
      assert.equal(
        toleratedImages(count, fraction),
        new BadImages(count, fraction).limit,
        `${count} ${fraction}`,
      )
    }
  }
  assert.equal(toleratedImages(85, 0.01), 1)
  assert.equal(toleratedImages(85, 0), 0)
  assert.equal(toleratedImages(250, 0.01), 2)
})

test('more broken images than are tolerated are a certain failure, with the share, the field and a value that suffices', () => {
  const found = imagesFinding(config(0.01), splits(85, 20), broken(2, 0), null)
  assert.equal(found.verdict, 'fails')
  assert.match(found.text, /2 of 85 images of train \(2\.35 %\).*1 % is tolerated/)
  assert.match(found.advice, /“Tolerated bad images”/)
  assert.equal(found.field, 'data.maxBadFraction')
  assert.ok(toleratedImages(85, Number(found.remedy?.value)) >= 2)
  assert.equal(
    imagesFinding(config(Number(found.remedy?.value)), splits(85, 20), broken(2, 0), null).verdict,
    'fits',
  )
  assert.match(imagesFinding(config(0), splits(85, 20), broken(0, 1), null).text, /1 of 20 images of val/)
})

test('one that is tolerated is named, and nothing is claimed of images that nobody decoded', () => {
  const one = imagesFinding(config(0.01), splits(85, 20), broken(1, 0), null)
  assert.deepEqual([one.verdict, one.text], ['fits', '1 image cannot be decoded and is left out'])
  assert.equal(imagesFinding(config(0.01), splits(85, 20), null, null).verdict, 'unknown')
  assert.equal(imagesFinding(config(0.01), splits(85, 20), broken(0, 0, false), null).verdict, 'unknown')
  assert.equal(imagesFinding(config(0.01), splits(85, 20), broken(3, 0, false), null).verdict, 'fails')
})

test('where validation takes its images from train, both parts may have what they tolerate', () => {
  const needs = { trainCount: 90, validationCount: 10 } as Parameters<typeof imagesFinding>[3]
  const dataset = { splits: [{ name: 'train' as const, count: 100 }] }
  assert.equal(imagesFinding(config(0.01), dataset, broken(2, 0), needs).verdict, 'fits')
  assert.equal(imagesFinding(config(0.01), dataset, broken(3, 0), needs).verdict, 'fails')
})

test('a measurement that failed is a finding that names fields as the form does', () => {
  const found = failedProbe(
    {
      code: 'data-invalid',
      message: 'Too many: raise data.maxBadFraction',
      details: { field: 'data.maxBadFraction' },
    },
    new Map([
      ['data', 'Data'],
      ['data.maxBadFraction', 'Data · Tolerated bad images'],
    ]),
  )
  assert.equal(found.verdict, 'fails')
  assert.equal(found.text, 'Too many: raise “Data · Tolerated bad images”')
  assert.equal(found.field, 'data.maxBadFraction')
})
