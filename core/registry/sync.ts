/**
 * Writes the index of every registry folder from the files in it: `node core/registry/sync.ts`.
 * With `--check` it writes nothing and fails, naming the stale indexes.
 *
 * A file `cosine.ts` in `core/schedules` must export one entry, named after the file in camel case (`cosine`;
 * `multi-step.ts` exports `multiStep`). Sub-folders hold what entries share and are not registered.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Family {
  readonly folder: string
  readonly write: (names: readonly string[]) => string
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const banner = '// Written by core/registry/sync.ts from the files of this folder. Do not edit.\n'

const families: readonly Family[] = [
  registered('core/models', 'model', 'models', "import type { Model } from './shared/model.ts'", 'Model'),
  registered('core/losses', 'loss', 'losses', "import type { Loss } from './shared/loss.ts'", 'Loss'),
  registered(
    'core/optimizers',
    'optimizer',
    'optimizers',
    "import type { Optimizer } from './shared/optimizer.ts'",
    'Optimizer',
  ),
  registered(
    'core/schedules',
    'schedule',
    'schedules',
    "import type { Schedule } from './shared/schedule.ts'",
    'Schedule',
  ),
  registered(
    'core/samplers',
    'sampler',
    'samplers',
    "import type { Sampler } from './shared/sampler.ts'",
    'Sampler',
  ),
  registered(
    'core/transforms',
    'transform',
    'transforms',
    "import type { Transform } from './shared/transform.ts'",
    'Transform',
  ),
  registered(
    'core/datasets',
    'reader',
    'readers',
    "import type { Reader } from './shared/reader.ts'",
    'Reader',
  ),
  registered(
    'core/metrics',
    'metric',
    'metrics',
    "import type { Metric } from './shared/metric.ts'",
    'Metric',
  ),
  plain('core/backend/backends', 'backends'),
  plain('core/graph/ops', 'ops'),
  plain('core/backend/kernels', 'kernels'),
  plain('core/backend/torch/kernels', 'torchKernels'),
  plain('core/store/migrations', 'migrations'),
  plain('core/experiment/presets', 'presets'),
  plain('core/cli/commands', 'commands'),
  plain('core/processes/tasks', 'tasks'),
]

/** The text of every index, by its path relative to the project. */
export function indexes(): Map<string, string> {
  const texts = new Map<string, string>()
  for (const family of families) {
    const folder = join(root, family.folder)
    if (!existsSync(folder)) continue
    const files = readdirSync(folder).filter(file => file.endsWith('.ts') && file !== 'index.ts')
    const names = files.map(file => file.slice(0, -'.ts'.length)).sort()
    texts.set(join(family.folder, 'index.ts'), family.write(names))
  }
  return texts
}

/** The indexes whose file differs from what the folder asks for. */
export function staleIndexes(): string[] {
  return [...indexes()].filter(([path, text]) => readText(path) !== text).map(([path]) => path)
}

function registered(
  folder: string,
  family: string,
  plural: string,
  typeImport: string,
  made: string,
): Family {
  return {
    folder,
    write: names =>
      [
        banner,
        "import { registry } from '../registry/registry.ts'\n",
        `${typeImport}\n`,
        ...names.map(name => `import { ${camel(name)} } from './${name}.ts'\n`),
        `\nexport const ${family}Entries = [${names.map(camel).join(', ')}] as const\n`,
        `export type ${capital(family)}Name = (typeof ${family}Entries)[number]['name']\n`,
        `export const ${plural} = registry<${made}>('${family}', ${family}Entries)\n`,
      ].join(''),
  }
}

function plain(folder: string, plural: string): Family {
  return {
    folder,
    write: names =>
      [
        banner,
        ...names.map(name => `import { ${camel(name)} } from './${name}.ts'\n`),
        `\nexport const ${plural} = [${names.map(camel).join(', ')}] as const\n`,
      ].join(''),
  }
}

/** `multi-step` → `multiStep`; `0001-runs` → `runs0001`, as a name may not begin with a digit. */
function camel(name: string): string {
  const numbered = /^(\d+)-(.*)$/.exec(name)
  const plainName = numbered ? `${numbered[2]}${numbered[1]}` : name
  return plainName.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function readText(path: string): string {
  const absolute = join(root, path)
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : ''
}

function main(): void {
  const stale = staleIndexes()
  if (process.argv.includes('--check')) {
    if (stale.length > 0) console.error(`Stale: ${stale.join(', ')}. Run: npm run sync`)
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  const texts = indexes()
  for (const path of stale) writeFileSync(join(root, path), texts.get(path) ?? '')
  console.log(
    stale.length === 0
      ? 'All indexes are up to date'
      : `Wrote ${stale.map(path => relative('.', path)).join(', ')}`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
