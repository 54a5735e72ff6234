/** The form is made from schemas: their words are no texts of the code, and have their Chinese all the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogHandlers } from '../../../core/handlers/catalog.ts'
import { zh } from '../../../renderer/language/zh/index.ts'

/** Every title, description and unit of a JSON schema. */
function wordsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => {
    const isSpoken = ['title', 'description', 'unit'].includes(key) && typeof value === 'string'
    if (isSpoken) return [value]
    return key === 'default' || key === 'enum' ? [] : wordsOf(value)
  })
}

test('every field, entry and preset that can be chosen has its Chinese', async () => {
  const { list } = catalogHandlers({} as never, {} as never)
  const { config, families, presets } = await list({})
  const entries = Object.values(families).flat()
  const words = [
    ...wordsOf(config),
    ...entries.flatMap(({ title, summary, options }) => [title, summary, ...wordsOf(options)]),
    ...presets.flatMap(({ title, summary }) => [title, summary]),
  ]
  const missing = [...new Set(words)].filter(text => text !== '' && !Object.hasOwn(zh, text))
  assert.ok(words.length > 600)
  assert.deepEqual(missing, [])
})
