/** Who may import whom: the architecture as a table, held against every import of the source. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '..')

const registries = [
  'models',
  'losses',
  'optimizers',
  'schedules',
  'samplers',
  'transforms',
  'datasets',
  'metrics',
].map(name => `core/${name}`)
const tfjs = '@tensorflow/tfjs-core'
const computing = [
  'core/errors',
  'core/registry',
  'core/graph',
  ...registries,
  'core/experiment',
  'core/data',
  tfjs,
]

/** Import of a package or layer, also for its types alone where the entry begins with `type `. `node:*` stands for Node's own modules. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'core/errors': [],
  'core/contract': ['core/errors', 'zod'],
  'core/registry': ['core/errors', 'zod', 'node:*'],
  'core/graph': ['core/errors', tfjs],
  'core/models': ['core/registry', 'core/errors', 'core/graph', tfjs, 'zod'],
  'core/losses': ['core/registry', 'core/errors', 'core/graph', tfjs, 'zod'],
  'core/optimizers': ['core/registry', 'core/errors', 'core/graph', tfjs, 'zod'],
  'core/schedules': ['core/registry', 'core/errors', 'zod'],
  'core/samplers': ['core/registry', 'core/errors', 'zod'],
  'core/transforms': ['core/registry', 'core/errors', 'zod', 'sharp', 'node:*'],
  'core/datasets': ['core/registry', 'core/errors', 'zod', 'sharp', 'type core/transforms', 'node:*'],
  'core/metrics': ['core/registry', 'core/errors', 'core/graph', tfjs, 'zod'],
  'core/experiment': ['core/registry', ...registries, 'core/errors', 'zod', 'yaml', 'node:*'],
  'core/data': [
    'core/datasets',
    'core/samplers',
    'core/transforms',
    'core/registry',
    'core/errors',
    'sharp',
    'mnist',
    'node:*',
  ],
  'core/checkpoints': ['core/errors', 'core/graph', tfjs, 'zod', 'node:*'],
  'core/evaluation': [...computing, 'core/checkpoints', 'node:*'],
  'core/retrieval': [...computing, 'core/checkpoints', 'core/evaluation', 'umap-js', 'node:*'],
  'core/exporting': [
    ...computing,
    'core/checkpoints',
    'core/evaluation',
    'package.json',
    'onnxruntime-node',
    'zod',
    'node:*',
  ],
  'core/importing': [...computing, 'core/checkpoints', 'node:*'],
  'core/training': [
    ...computing,
    'core/checkpoints',
    'core/importing',
    'core/evaluation',
    'package.json',
    'node:*',
  ],
  'core/backend': ['core/errors', 'type core/contract', '@tensorflow/*', 'webgpu', 'node:*'],
  'core/store': ['type core/contract', 'core/errors', 'better-sqlite3', 'node:*'],
  'core/handlers': [
    'core/contract',
    'core/store',
    'core/experiment',
    'core/registry',
    ...registries,
    'core/errors',
    'type core/training',
    'type core/data',
    'type core/processes',
    'zod',
    'node:*',
  ],
  'core/processes': [
    ...computing,
    'core/checkpoints',
    'core/evaluation',
    'core/retrieval',
    'core/exporting',
    'core/importing',
    'core/training',
    'core/backend',
    'type core/contract',
    'zod',
    'node:*',
  ],
  'core/cli': [
    'core/*',
    'main/commandHost.ts',
    'main/remote.ts',
    'main/paths.ts',
    'main/openBrowser.ts',
    'node:*',
  ],
  main: [
    // The file that a trainer leaves to the next host: a few lines that both must agree on.
    'core/training/unheard.ts',
    'core/handlers',
    'core/store',
    'core/contract',
    'core/errors',
    'type core/*',
    'main',
    'ws',
    'zod',
    'node:*',
    'electron',
  ],
  preload: ['type core/contract', 'electron'],
  renderer: ['core/contract', 'core/errors', 'renderer', 'vue', 'pinia', 'echarts', 'vue-echarts'],
}

const electronFiles = [
  'main/index.ts',
  'main/window.ts',
  'main/windows.ts',
  'main/followRuns.ts',
  'main/crashes.ts',
  'main/menu.ts',
  'main/shell.ts',
  'main/link.ts',
  'preload/index.ts',
]
const topLevelFolders = ['core', 'main', 'preload', 'renderer', 'test']
const ignoredFolders = ['node_modules', 'out', 'test-output', 'shared']

interface Import {
  readonly file: string
  /** Path below the project, or the name of a package or Node module. */
  readonly target: string
  readonly isType: boolean
}

const files = globSync(['core/**/*.ts', 'main/**/*.{ts,mjs}', 'preload/**/*.ts', 'renderer/**/*.{ts,vue}'], {
  cwd: root,
})
const imports = files.flatMap(importsOf)

test('every import is one that its layer may have', () => {
  const breaches = imports
    .filter(each => !isAllowed(each))
    .map(({ file, target, isType }) => {
      const layer = layerOf(file)
      const allowed = mayImport[layer] ?? []
      return `${file} may not import ${target}${isType ? ' (type)' : ''}; ${layer} may import: ${allowed.join(', ') || 'nothing'}`
    })
  assert.deepEqual(breaches, [])
})

test('a planted breach is caught', () => {
  assert.equal(isAllowed({ file: 'core/contract/runs.ts', target: 'node:fs', isType: false }), false)
  assert.equal(isAllowed({ file: 'renderer/main.ts', target: 'core/store/open.ts', isType: true }), false)
  assert.equal(
    isAllowed({ file: 'core/store/open.ts', target: 'core/contract/index.ts', isType: false }),
    false,
  )
  assert.equal(
    isAllowed({ file: 'core/store/open.ts', target: 'core/contract/index.ts', isType: true }),
    true,
  )
})

test('only the shell imports electron', () => {
  const outside = imports.filter(
    ({ file, target }) => target === 'electron' && !electronFiles.includes(file.replaceAll('\\', '/')),
  )
  assert.deepEqual(
    outside.map(({ file }) => file),
    [],
  )
})

test('no module imports itself by way of others', () => {
  const graph = new Map<string, string[]>()
  for (const { file, target, isType } of imports) {
    if (!isType && /\.(ts|mjs|vue)$/.test(target)) graph.set(file, [...(graph.get(file) ?? []), target])
  }
  assert.deepEqual(findCycles(graph), [])
})

test('the top-level folders are the fixed ones', () => {
  const found = readdirSync(root, { withFileTypes: true })
    .filter(each => each.isDirectory() && !each.name.startsWith('.') && !ignoredFolders.includes(each.name))
    .map(each => each.name)
  assert.deepEqual(found.sort(), topLevelFolders)
})

function isAllowed({ file, target, isType }: Import): boolean {
  const layer = layerOf(file)
  if (layerOf(target) === layer) return true
  return (mayImport[layer] ?? []).some(entry => {
    if (entry.startsWith('type ')) return isType && matches(entry.slice('type '.length), target)
    return matches(entry, target)
  })
}

function matches(entry: string, target: string): boolean {
  if (entry.endsWith('*')) return target.startsWith(entry.slice(0, -1))
  return target === entry || target.startsWith(`${entry}/`)
}

/** `core/graph` of `core/graph/ops/conv.ts`; `main` of `main/host.ts`. */
function layerOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'core' ? `core/${second}` : top
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const source = file.endsWith('.vue')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(match => match[1]).join('\n')
    : text
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (specifier: ts.Expression | undefined, isType: boolean): void => {
    if (specifier && ts.isStringLiteral(specifier))
      found.push({ file: slashed(file), target: targetOf(file, specifier.text), isType })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node))
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal as ts.Expression, true)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return found
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  if (importClause.isTypeOnly) return true
  const { namedBindings, name } = importClause
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every(each => each.isTypeOnly)
  )
}

function targetOf(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return slashed(relative(root, join(root, dirname(file), specifier)))
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/')
}

/** Each cycle once, as `a → b → a`. Imports that run later, when a function is called, count as well. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) cycles.push([...path.slice(at), file].join(' → '))
    if (at >= 0 || done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}
