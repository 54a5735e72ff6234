/** Configurations as YAML files: read strictly, written with an explanation beside every field. */
import { Document, isMap, isScalar, isSeq, LineCounter, parseDocument, type Pair, type Scalar } from 'yaml'
import type { z } from 'zod'
import { AppError } from '../errors/index.ts'
import { families } from './families.ts'
import { fieldAt, metaOf } from './fields.ts'
import { RunConfigInput, type ChoiceFamily } from './schema.ts'

const maxBytes = 1_000_000
const maxAliases = 100

/**
 * Reads YAML 1.2 with its core types alone: no tags of anyone's own, no repeated keys, few aliases, at most 1 MB.
 * @param fileName for messages, which begin with `file:line:column`.
 * @throws AppError invalid-config.
 */
export function parseYaml(text: string, fileName: string): unknown {
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > maxBytes) {
    const message = `${fileName}: expected at most ${maxBytes} bytes of YAML, got ${sizeBytes}`
    throw new AppError('invalid-config', message, { file: fileName, value: sizeBytes })
  }
  const lines = new LineCounter()
  const document = parse(text, lines)
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw new AppError('invalid-config', `${fileName}:${line}:${col}: ${problem.message}`, {
      file: fileName,
      line,
      column: col,
    })
  }
  try {
    return document.toJS({ maxAliasCount: maxAliases }) as unknown
  } catch (thrown) {
    throw new AppError('invalid-config', `${fileName}: ${String(thrown)}`, { file: fileName }, thrown)
  }
}

/** Line and column, counted from 1, of a field in a YAML text: that of the nearest part of the path that is there. */
export function locateYaml(
  text: string,
  path: string,
): { readonly line: number; readonly column: number } | null {
  const lines = new LineCounter()
  const document = parse(text, lines)
  let offset: number | null = null
  let node: unknown = document.contents
  for (const key of path.split('.')) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        item => isScalar(item.key) && String(item.key.value) === key,
      )
      if (!pair) break
      offset = (pair.key as Scalar).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = (node as Scalar | undefined)?.range?.[0] ?? offset
    } else break
  }
  if (offset === null) return null
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** A configuration as YAML; each field is explained in a comment. Reading it back gives the same values. */
export function toYaml(config: Readonly<Record<string, unknown>>): string {
  const document = new Document(config, { version: '1.2', schema: 'core', aliasDuplicateObjects: false })
  explain(document.contents, RunConfigInput)
  return document.toString({ lineWidth: 0 })
}

function parse(text: string, lines: LineCounter): Document.Parsed {
  return parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    resolveKnownTags: false,
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    stringKeys: true,
    lineCounter: lines,
    logLevel: 'error',
  })
}

function explain(node: unknown, schema: z.ZodType): void {
  if (isSeq(node)) {
    if (node.items.every(item => isScalar(item))) node.flow = true
    node.items.forEach((item, index) => {
      const element = fieldAt(schema, String(index))
      if (element) explain(item, element)
    })
  }
  if (!isMap(node)) return
  const options = optionsSchema(node.toJSON() as Record<string, unknown>, schema)
  for (const pair of node.items) {
    const key = String((pair.key as Scalar).value)
    const field = key === 'options' && options ? options : fieldAt(schema, key)
    if (!field) continue
    if (isScalar(pair.value) || (isSeq(pair.value) && pair.value.items.every(item => isScalar(item)))) {
      const comment = commentOf(field)
      if (comment !== '') pair.value.comment = ` ${comment}`
    }
    explain(pair.value, field)
  }
}

/** The schema of a choice's options, where the node is a choice of a known entry. */
function optionsSchema(value: Readonly<Record<string, unknown>>, schema: z.ZodType): z.ZodType | null {
  const { family } = metaOf(schema)
  if (family === undefined) return null
  const entry = families[family as ChoiceFamily].list().find(each => each.name === value['name'])
  return entry?.options ?? null
}

/** What the field is for, else its title; and its unit. */
function commentOf(field: z.ZodType): string {
  const { title = '', description = title, unit = '' } = metaOf(field)
  const text = description.replace(/\s+/g, ' ').replace(/\.$/, '')
  return unit === '' || text.toLowerCase().includes(unit.toLowerCase()) ? text : `${text} (${unit})`
}
