/** Finds and loads the JPEG addon that set-up has built. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JpegBinding } from './binding.ts'

/** The addon, or why it is not there and what would help. */
export type LoadedJpeg =
  | { readonly binding: JpegBinding; readonly problem: null }
  | { readonly binding: null; readonly problem: string }

/** What set-up writes down about a build (main/setup/native/current.mjs), as far as it matters here. */
interface Current {
  readonly product: { readonly path: string } | null
  readonly failure: { readonly message: string; readonly remedy: string } | null
}

const buildFolder = fileURLToPath(new URL('../native/build/', import.meta.url))
const remedy = 'Run `npm run setup native`'
let loaded: LoadedJpeg | null = null

/** Loads it once per thread. Never throws: without it, sharp decodes everything. */
export function loadJpeg(): LoadedJpeg {
  return (loaded ??= loadFrom(buildFolder))
}

/** @param build folder of the addon's products */
export function loadFrom(build: string): LoadedJpeg {
  const path = join(build, 'current.json')
  try {
    const { product, failure } = JSON.parse(readFileSync(path, 'utf8')) as Current
    if (failure) return missing(`${failure.message}. ${failure.remedy}`)
    if (!product) return missing(`${path} names no addon. ${remedy}`)
    return load(join(dirname(path), product.path))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
      return missing(`it has not been built. ${remedy}`)
    return missing(`${path}: ${(thrown as Error).message}. ${remedy}`)
  }
}

function load(path: string): LoadedJpeg {
  const made: { exports: Partial<JpegBinding> } = { exports: {} }
  try {
    process.dlopen(made, path)
  } catch (thrown) {
    const kind = `${process.platform} ${process.arch}, Node-API ${process.versions['napi']}`
    return missing(`${path} does not load (${kind}): ${(thrown as Error).message}. ${remedy}`)
  }
  const { make, library, resamplers } = made.exports
  if (typeof make !== 'function' || typeof library !== 'string' || !Array.isArray(resamplers))
    return missing(`${path} is not the JPEG addon of this version. ${remedy}`)
  return { binding: made.exports as JpegBinding, problem: null }
}

function missing(problem: string): LoadedJpeg {
  return { binding: null, problem }
}
