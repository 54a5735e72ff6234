/** The form that is made from the schemas of the configuration and of every registry entry. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { EntryInfo } from '../../../core/contract/index.ts'
import { configJsonSchema, listPresets, parseConfig } from '../../../core/experiment/index.ts'
import { families } from '../../../core/experiment/families.ts'
import { carriedOptions } from '../../../renderer/panels/Train/choices.ts'
import { fieldsBelow, isChangedItself } from '../../../renderer/panels/Train/formSearch.ts'
import { differences, getAt, isSame, setAt } from '../../../renderer/panels/Train/paths.ts'
import {
  fieldsOf,
  localIssue,
  parseTyped,
  rangeText,
  showTyped,
  type Field,
  type JsonSchema,
} from '../../../renderer/panels/Train/schema.ts'
import { summaryOf } from '../../../renderer/panels/Train/summary.ts'

function fieldOf(schema: z.ZodType): Field {
  const json = z.toJSONSchema(z.strictObject({ it: schema }), { io: 'input' }) as JsonSchema
  const [field] = fieldsOf(json)
  assert.ok(field)
  return field
}

const allFields = (): Field[] => {
  const flatten = (fields: readonly Field[]): Field[] =>
    fields.flatMap(field => [field, ...flatten(field.fields)])
  const entries = Object.values(families).flatMap(registry => registry.list())
  const options = entries.flatMap(entry =>
    fieldsOf(z.toJSONSchema(entry.options, { io: 'input' }) as JsonSchema),
  )
  return [...flatten(fieldsOf(configJsonSchema())), ...flatten(options)]
}

test('every field of the configuration and of every entry has a title, an explanation and a control of its kind', () => {
  for (const field of allFields()) {
    assert.notEqual(field.title, '', field.path)
    assert.notEqual(field.kind, 'json', `${field.path} has no control`)
    if (field.kind !== 'section') assert.notEqual(field.description, '', `${field.path} is not explained`)
  }
})

test('every value of every preset passes the checks of its field, and is typed as it is shown', () => {
  const leaves = (fields: readonly Field[]): Field[] =>
    fields.flatMap(field => (field.kind === 'section' ? leaves(field.fields) : [field]))
  for (const preset of listPresets()) {
    const config = parseConfig(preset.config)
    for (const field of leaves(fieldsOf(configJsonSchema()))) {
      if (['choice', 'choices', 'rows'].includes(field.kind)) continue
      const value = getAt(config, field.path)
      assert.equal(localIssue(field, value), '', `${preset.name}: ${field.path}`)
      if (field.kind === 'enum' || field.kind === 'boolean' || value === undefined) continue
      assert.deepEqual(parseTyped(field, showTyped(field, value)), value, field.path)
    }
  }
})

test('kinds, ranges and units come from the schema', () => {
  const batch = fieldOf(z.int().min(1).max(4096).default(32).meta({ title: 'Batch size', unit: 'images' }))
  assert.equal(batch.kind, 'integer')
  assert.equal(batch.unit, 'images')
  assert.equal(batch.fallback, 32)
  assert.equal(rangeText(batch), '1 to 4,096')
  assert.equal(rangeText(fieldOf(z.number().positive())), 'above 0')
  assert.equal(rangeText(fieldOf(z.number().gt(0).lt(1))), 'above 0, below 1')
  assert.equal(rangeText(fieldOf(z.int())), '')
  assert.equal(fieldOf(z.array(z.number())).kind, 'numbers')
  assert.equal(fieldOf(z.array(z.string())).kind, 'texts')
  const rows = fieldOf(z.array(z.strictObject({ match: z.string().meta({ title: 'Match' }) })))
  assert.deepEqual([rows.kind, rows.fields.map(({ path }) => path)], ['rows', ['match']])
  assert.equal(fieldOf(z.tuple([z.number(), z.number()])).kind, 'numbers')
  assert.deepEqual(fieldOf(z.union([z.literal(1), z.literal(3)])).values, [1, 3])
  assert.deepEqual(fieldOf(z.enum(['stop', 'skip'])).values, ['stop', 'skip'])
  assert.equal(fieldOf(z.number().nullable()).kind, 'number')
  assert.equal(fieldOf(z.number().nullable()).isOptional, true)
})

test('what is typed wrong is said at once, and agrees with the schema', () => {
  const schema = z.int().min(1).max(10).meta({ title: 'Epochs' })
  const field = fieldOf(schema)
  for (const typed of ['0', '11', '2.5', 'soon', '', '1e99', '5', '1', '10', ' 7 ']) {
    const value = parseTyped(field, typed)
    const isRight = z.strictObject({ it: schema }).safeParse({ it: value }).success
    assert.equal(localIssue(field, value) === '', isRight, `'${typed}'`)
  }
  const numbers = fieldOf(z.array(z.number()))
  assert.deepEqual(parseTyped(numbers, '0.485, 0.456 0.406'), [0.485, 0.456, 0.406])
  assert.notEqual(localIssue(numbers, parseTyped(numbers, '0.5, a')), '')
})

test('values are changed by path without touching what was there', () => {
  const before = { a: { b: [{ c: 1 }, { c: 2 }] }, d: 3 }
  const after = setAt(before, 'a.b.1.c', 9)
  assert.deepEqual(after, { a: { b: [{ c: 1 }, { c: 9 }] }, d: 3 })
  assert.deepEqual(before.a.b[1], { c: 2 })
  assert.equal(after.a.b[0], before.a.b[0])
  assert.ok(Array.isArray(after.a.b))
  assert.equal(getAt(after, 'a.b.1.c'), 9)
  assert.equal(getAt(after, 'a.x.y'), undefined)
  assert.deepEqual(setAt(before, 'd', undefined), { a: before.a })
  assert.deepEqual(setAt({}, 'x.y', 1), { x: { y: 1 } })
})

test('only what differs is listed, whatever the order of the keys', () => {
  assert.ok(isSame({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }))
  assert.ok(isSame({ a: 1, b: undefined }, { a: 1 }))
  assert.ok(!isSame([1, 2], [2, 1]))
  assert.deepEqual(differences({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: 1, c: 3 }, d: [1, 2] }), [
    { path: 'a.c', from: 2, to: 3 },
    { path: 'd', from: [1], to: [1, 2] },
  ])
})

test('a newly chosen schedule keeps the learning rate that was set', () => {
  const schedules = families.schedule.list()
  const info = (name: string): EntryInfo => {
    const entry = schedules.find(each => each.name === name)
    assert.ok(entry)
    const options = z.toJSONSchema(entry.options, { io: 'input' }) as Record<string, unknown>
    return { name, title: '', summary: '', source: '', version: entry.version, options }
  }
  const options = carriedOptions(info('step'), { learningRate: 0.37, finalLearningRate: 0.1 })
  assert.equal(options['learningRate'], 0.37)
  assert.ok(!('finalLearningRate' in options))
  assert.doesNotThrow(() => families.schedule.resolve({ name: 'step', options }))
})

test('the defaults that the form gives every entry satisfy that entry', () => {
  for (const [family, registry] of Object.entries(families)) {
    for (const entry of registry.list()) {
      const options = z.toJSONSchema(entry.options, { io: 'input' }) as Record<string, unknown>
      const info = { name: entry.name, title: '', summary: '', source: '', version: entry.version, options }
      const chosen = { name: entry.name, options: carriedOptions(info, {}) }
      assert.doesNotThrow(() => registry.resolve(chosen), `${family} ${entry.name}`)
    }
  }
})

test('a part of the configuration in one line', () => {
  const choice = { name: 'sgd', version: 1, options: { momentum: 0.9, nesterov: true } }
  assert.equal(summaryOf(choice), 'sgd (momentum 0.9 · nesterov true)')
  assert.equal(summaryOf({ size: 28, mean: [0.1, 0.2] }), 'size 28 · mean 0.1, 0.2')
})

test('a choice whose option was changed is not counted beside the option', () => {
  const base = { ...parseConfig({ model: { name: 'cifar-resnet8' } }) }
  const config = setAt(base, 'schedule.options.learningRate', 0.5)
  const entriesOf = (family: string): EntryInfo[] =>
    (families[family as keyof typeof families]?.list() ?? []).map(
      entry => ({ ...entry, options: z.toJSONSchema(entry.options, { io: 'input' }) }) as EntryInfo,
    )
  const changed = fieldsOf(configJsonSchema())
    .flatMap(field => fieldsBelow(field, config, entriesOf))
    .filter(field => isChangedItself(field, config, base))
  assert.deepEqual(
    changed.map(({ path }) => path),
    ['schedule.options.learningRate'],
  )
})
