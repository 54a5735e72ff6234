/**
 * Looks into an unpacked package and tries it: `node test/packages/check.ts FOLDER [--backend torch]`, such as out/packages/linux-unpacked.
 * What it computes with, its fuses, what it must hold and what it must not; then its own Node trains the sample for some steps.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { expectedFuses, readFuses } from './fuses.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: '' },
    'without-electron': { type: 'boolean', default: false },
  },
})
const folder = resolve(positionals[0] ?? '')
const resources = findResources()
const workbench = join(resources, 'workbench')
const node = join(resources, 'node', process.platform === 'win32' ? 'node.exe' : join('bin', 'node'))

function findResources(): string {
  const [app] = globSync('*.app', { cwd: folder })
  const place = app === undefined ? join(folder, 'resources') : join(folder, app, 'Contents', 'Resources')
  assert.ok(existsSync(place), `${place} is not there`)
  return place
}

/** Electron's program, in which the fuses are. */
function program(): string {
  if (process.platform === 'darwin') {
    const frameworks = join(resources, '..', 'Frameworks', 'Electron Framework.framework')
    return join(frameworks, 'Electron Framework')
  }
  const name = process.platform === 'win32' ? 'Multigrain Workbench.exe' : 'multigrain-workbench'
  return join(folder, name)
}

function run(home: string, ...args: string[]): string {
  const script = join(workbench, 'core', 'cli', 'main.ts')
  return execFileSync(node, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, MULTIGRAIN_HOME: home },
  })
}

function checkContents(): void {
  for (const path of [
    'workbench/package.json',
    'workbench/components.json',
    'workbench/LICENSE',
    'workbench/out/renderer/index.html',
  ])
    assert.ok(existsSync(join(resources, path)), path)
  const components = JSON.parse(readFileSync(join(workbench, 'components.json'), 'utf8')) as {
    licence: string
  }[]
  assert.ok(components.length > 40)
  assert.deepEqual(
    components.filter(({ licence }) => licence === 'unknown'),
    [],
    'every component names its licence',
  )
  const modules = readdirSync(join(resources, 'node_modules'))
  for (const name of ['electron', 'vite', 'typescript', 'playwright', 'eslint'])
    assert.ok(!modules.includes(name), `${name} is for developers`)
  const others = globSync('node_modules/**/*.node', { cwd: resources }).filter(path => {
    const named = /(linux|darwin|win32)(musl)?-(x64|arm64|universal)/.exec(path)?.[0]
    return named !== undefined && !named.startsWith(process.platform)
  })
  assert.deepEqual(others, [], 'no binaries of other systems')
}

function checkTraining(): void {
  const home = mkdtempSync(join(tmpdir(), 'multigrain-package-'))
  try {
    const report = run(home, 'doctor')
    console.log(report)
    if (values.backend !== '') assert.match(report, new RegExp(`^${values.backend} +\\*? *available`, 'm'))
    const backend = values.backend === '' ? [] : ['--set', `backend=${values.backend}`]
    const text = run(
      home,
      'train',
      '--preset',
      'sample',
      '--set',
      'training.maxSteps=20',
      ...backend,
      '--json',
    )
    const result = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { ok: boolean }
    assert.equal(result.ok, true)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

if (!values['without-electron']) {
  assert.ok(existsSync(join(resources, 'app.asar')), 'code lies in an archive')
  assert.ok(!existsSync(join(resources, 'app')), 'and nowhere else')
  assert.deepEqual(readFuses(program()), expectedFuses)
}
checkContents()
checkTraining()
console.log(`${folder}: as it should be`)
