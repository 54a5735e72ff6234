/** Compiles and links one addon: what has not changed is taken from the cache of objects, and a product appears whole or not at all. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { availableParallelism, freemem } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { flagsOf, hashOf, textWithHeaders } from './sources.mjs'

const compileLimitMs = 10 * 60_000
/** What compiling one file that includes libtorch's headers takes. */
const memoryBytesEach = 1.5 * 2 ** 30
const keptProducts = 4

/**
 * @typedef {object} Recipe
 * @property {string} name of the addon.
 * @property {string} build folder of its objects and products.
 * @property {string} key folder of the product within `build`, one for each libtorch.
 * @property {readonly string[]} sources
 * @property {readonly string[]} compileFlags
 * @property {string} [library] stands for the headers of libtorch, of which an object depends only when it includes them.
 * @property {readonly string[]} linkFlags
 *
 * @typedef {{ path: string, version: string }} Compiler
 */

/** Why a build failed, with all that the compiler said. */
export class BuildFailure extends Error {
  /**
   * @param {string} message
   * @param {string} log
   */
  constructor(message, log) {
    super(message)
    this.log = log
  }
}

/**
 * The C++ compiler of this machine, or null.
 * @param {import('../machine.mjs').Machine} machine
 * @returns {Promise<Compiler | null>}
 */
export async function findCompiler(machine) {
  for (const name of [machine.env['CXX'] ?? '', 'g++', 'c++', 'clang++']) {
    const path = name.startsWith('/') ? name : machine.which(name)
    if (name === '' || path === null) continue
    const { code, output } = await machine.run(path, ['--version'], { timeLimitMs: 20_000 })
    if (code === 0) return { path, version: output.split('\n')[0] ?? '' }
  }
  return null
}

/**
 * @param {import('../machine.mjs').Machine} machine
 * @param {Compiler} compiler
 * @param {Recipe} recipe
 * @returns {Promise<string>} path of the product.
 * @throws BuildFailure
 */
export async function compileAndLink(machine, compiler, recipe) {
  const objectFolder = join(recipe.build, 'objects')
  mkdirSync(objectFolder, { recursive: true })
  const wanted = recipe.sources.map(source => {
    const flags = [...recipe.compileFlags, ...flagsOf(source, machine.arch)]
    const text = textWithHeaders(source)
    const library = /#\s*include\s*<(torch|ATen|c10)\//.test(text) ? (recipe.library ?? '') : ''
    const hash = hashOf(compiler.path, compiler.version, flags.join(' '), library, text)
    return { source, flags, object: join(objectFolder, `${basename(source, '.cc')}-${hash.slice(0, 20)}.o`) }
  })
  const missing = wanted.filter(({ object }) => !machine.exists(object))
  const ready = wanted.length - missing.length
  machine.say(`Set-up: ${recipe.name}: ${missing.length} of ${wanted.length} files to compile`)
  const objects = wanted.map(({ object }) => object)
  const product = productPath(recipe, objects)
  if (ready === wanted.length && machine.exists(product)) return product
  await inParallel(missing, async ({ source, flags, object }) => {
    const shown = relative(machine.root, source)
    await produce(machine, object, shown, temporary => [
      compiler.path,
      ...flags,
      '-c',
      source,
      '-o',
      temporary,
    ])
    machine.say(`Set-up: ${recipe.name}: compiled ${shown}`)
  })
  mkdirSync(dirname(product), { recursive: true })
  await produce(machine, product, `${recipe.name}.node`, temporary => [
    compiler.path,
    '-shared',
    '-o',
    temporary,
    ...objects,
    ...recipe.linkFlags,
  ])
  for (const object of objects) utimesSync(object, new Date(), new Date())
  tidy(recipe, objects, product)
  return product
}

/** Its name says what is in it, so that a product is never changed while somebody loads it. */
function productPath(
  /** @type {Recipe} */ { name, build, key, linkFlags },
  /** @type {readonly string[]} */ objects,
) {
  const hash = hashOf(...objects.map(object => basename(object)), ...linkFlags)
  return join(build, key, `${name}-${hash.slice(0, 16)}.node`)
}

/**
 * Runs a command that writes a file, under another name until it is complete.
 * @param {import('../machine.mjs').Machine} machine
 * @param {string} path
 * @param {string} shown
 * @param {(temporary: string) => string[]} line
 */
async function produce(machine, path, shown, line) {
  const temporary = `${path}.${process.pid}.tmp`
  const [command = '', ...args] = line(temporary)
  const result = await machine.run(command, args, { timeLimitMs: compileLimitMs })
  if (result.code === 0 && !result.timedOut && machine.exists(temporary)) {
    renameSync(temporary, path)
    return
  }
  rmSync(temporary, { force: true })
  const why = result.timedOut ? 'took too long and was ended' : `failed${firstError(result.output)}`
  throw new BuildFailure(`${shown} ${why}`, `${[command, ...args].join(' ')}\n${result.output}`)
}

/** @param {string} output */
function firstError(output) {
  const line = output
    .split('\n')
    .find(each => /\berror\b|undefined reference|cannot find|Killed|terminate/i.test(each))
  return line === undefined ? '' : `: ${line.trim().slice(0, 400)}`
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<void>} work
 */
async function inParallel(items, work) {
  const byMemory = Math.floor(freemem() / memoryBytesEach)
  const width = Math.max(1, Math.min(availableParallelism(), byMemory, 8))
  const queue = [...items]
  /** @type {unknown[]} */
  const failures = []
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift()) {
      await work(item).catch(error => void failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  if (failures.length > 0) throw failures[0]
}

/** Removes what builds that were killed left behind, objects that nothing uses, and old products but the last few. */
function tidy(
  /** @type {Recipe} */ { build, key },
  /** @type {readonly string[]} */ objects,
  /** @type {string} */ product,
) {
  const dayAgo = Date.now() - 24 * 60 * 60_000
  const used = new Set(objects.map(object => basename(object)))
  const folder = join(build, 'objects')
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!used.has(name) && modified(path) < dayAgo) rmSync(path, { force: true })
  }
  const products = readdirSync(join(build, key))
    .map(name => join(build, key, name))
    .filter(path => path !== product)
    .sort((a, b) => modified(b) - modified(a))
  for (const [index, path] of products.entries()) {
    const isStale = path.endsWith('.tmp') ? modified(path) < dayAgo : index >= keptProducts - 1
    if (isStale) rmSync(path, { force: true })
  }
}

/** @param {string} path */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
