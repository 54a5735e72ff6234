/** The native addons of a package, and the libtorch that they come with. Built in the package's own folder, on Linux. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fetchLibtorch } from '../libtorch/fetch.ts'
import { pinnedForCpu, pinnedForGpu, type PinnedLibtorch } from '../libtorch/pins.ts'
import { nodeApi } from '../setup/native/addons.mjs'

export interface NativeOrder {
  /** Where the package is laid out. */
  readonly folder: string
  /** Kept between builds: what is downloaded lies here. */
  readonly cache: string
  readonly node: string
  /** A libtorch that is here already, instead of the pinned one. */
  readonly libtorch: string | null
  /** Whether to build for a libtorch with CUDA too, which has to be fetched for its headers. */
  readonly withCuda: boolean
}

const torchBuild = join('workbench', 'core', 'backend', 'native', 'build')
/** From the addon in `<torchBuild>/<key>/` to the package's libtorch. */
const toLibtorch = '../../../../../../libtorch/lib'
/** Of Python's torch; nothing of it is needed. */
const unneeded = /libtorch_python|libshm|libcaffe2_(observers|detectron)|_test/

interface Current {
  readonly product: { readonly path: string; readonly sizeBytes: number } | null
  readonly libtorch: { readonly version: string; readonly path: string } | null
  readonly failure: { readonly message: string } | null
}

export async function stageNative(order: NativeOrder): Promise<void> {
  const { folder, withCuda, libtorch } = order
  const { platform, arch } = process
  const build = join(folder, torchBuild)
  const prebuilt = join(folder, 'workbench', 'prebuilt')
  mkdirSync(prebuilt, { recursive: true })
  const plain = libtorch ?? (await fetched(pinnedForCpu(platform, arch), order))
  const cuda = withCuda ? await fetched(pinnedForGpu(platform, arch), order) : null
  if (cuda !== null) take(compile(order, cuda, null), build, join(prebuilt, 'torch-cuda.node'))
  take(compile(order, plain, null), build, join(prebuilt, 'torch-cpu.node'))
  copyLibraries(compile(order, plain, null).libtorch?.path ?? '', join(folder, 'libtorch', 'lib'))
  const current = compile(order, plain, `$ORIGIN/${toLibtorch}`)
  record(build, current)
  writeFileSync(
    join(prebuilt, 'prebuilt.json'),
    JSON.stringify({
      ...{ version: current.libtorch?.version, nodeApi, arch },
      addons: { cpu: 'torch-cpu.node', cuda: cuda === null ? null : 'torch-cuda.node' },
    }),
  )
  bringLibjpeg(join(folder, 'workbench', 'core', 'data', 'native', 'build'))
}

async function fetched(pinned: PinnedLibtorch | null, { cache }: NativeOrder): Promise<string> {
  if (pinned === null)
    throw new Error(`No libtorch is pinned for ${process.platform} on ${process.arch}: give --libtorch PATH`)
  const place = join(cache, `${pinned.version}-${pinned.build}`)
  if (existsSync(place)) return place
  console.log(`Fetching ${pinned.url}`)
  const signal = new AbortController().signal
  return fetchLibtorch({ pinned, folder: cache, signal, onProgress: () => {} })
}

/** @param rpath null for an addon that is told by the environment where its libtorch lies. */
function compile({ folder, node }: NativeOrder, libtorch: string, rpath: string | null): Current {
  const build = join(folder, torchBuild)
  const path = existsSync(join(libtorch, 'lib')) ? join(libtorch, 'lib') : libtorch
  const loader = rpath === null ? { LD_LIBRARY_PATH: path } : {}
  const env = { ...process.env, ...loader, LIBTORCH: libtorch, MULTIGRAIN_ADDON_RPATH: rpath ?? '' }
  const script = join(folder, 'workbench', 'main', 'setup', 'native.mjs')
  const { status } = spawnSync(node, [script], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  const current = JSON.parse(readFileSync(join(build, 'current.json'), 'utf8')) as Current
  if (status !== 0 || current.product === null)
    throw new Error(`The native addons were not built: ${current.failure?.message ?? `exit code ${status}`}`)
  return current
}

function take({ product }: Current, build: string, to: string): void {
  copyFileSync(join(build, product?.path ?? ''), to)
}

function copyLibraries(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const names = readdirSync(from).filter(name => /\.so(\.|$)/.test(name) && !unneeded.test(name))
  // Debian's folder of libraries holds everything; ours holds libtorch alone.
  const wanted = names.length > 200 ? names.filter(name => /^lib(torch|c10)/.test(name)) : names
  for (const name of wanted) {
    const isLink = lstatSync(join(from, name)).isSymbolicLink()
    const target = isLink ? basename(realpathSync(join(from, name))) : name
    // Names of one file: of it alone there is one.
    if (target !== name && wanted.includes(target)) symlinkSync(target, join(to, name))
    else copyFileSync(join(from, name), join(to, name))
  }
}

/** Says where libtorch lies from the addon's own folder, and drops what was only needed for building. */
function record(build: string, { product, libtorch, ...rest }: Current): void {
  const kept = basename(dirname(product?.path ?? ''))
  for (const name of readdirSync(build))
    if (name !== kept && name !== 'current.json') rmSync(join(build, name), { recursive: true, force: true })
  for (const name of readdirSync(join(build, kept)))
    if (name !== basename(product?.path ?? '')) rmSync(join(build, kept, name))
  const path = join('..', '..', '..', '..', '..', 'libtorch', 'lib')
  const packed = { ...libtorch, path, include: '', origin: 'this package', files: [] }
  writeFileSync(join(build, 'current.json'), JSON.stringify({ ...rest, product, libtorch: packed }))
}

/** Each distribution has another libjpeg: ours comes along. */
function bringLibjpeg(build: string): void {
  const current = JSON.parse(readFileSync(join(build, 'current.json'), 'utf8')) as Current
  if (current.product === null) return
  const product = join(build, current.product.path)
  const listed = execFileSync('ldd', [product], { encoding: 'utf8' })
  const [, name = '', path = ''] = /(libjpeg\S*) => (\S+)/.exec(listed) ?? []
  if (path !== '') copyFileSync(path, join(dirname(product), name))
  rmSync(join(build, 'objects'), { recursive: true, force: true })
}
