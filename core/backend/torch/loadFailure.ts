/** What the dynamic linker's words mean when the addon does not load, and what to do about it. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { BuiltAddon } from './load.ts'

export interface LoadFailure {
  readonly reason: string
  readonly remedy: string
}

const rebuild = 'Run: npm run -s multigrain -- setup native'

/** @param error what `process.dlopen` threw. */
export function explainFailure(error: unknown, addon: BuiltAddon): LoadFailure {
  const words = error instanceof Error ? error.message.trim() : String(error)
  const otherMachine = foreignArchitecture(addon.path)
  if (otherMachine !== null)
    return { reason: `it is made for ${otherMachine}, and this Node for ${process.arch}`, remedy: rebuild }
  const symbol = /undefined symbol: ([^\s,]+)/.exec(words)?.[1]
  if (symbol !== undefined) return missingSymbol(symbol, addon)
  const library = /(\S+): cannot open shared object file/.exec(words)?.[1]
  if (library !== undefined) return missingLibrary(library)
  if (/file too short|ELF|cannot read file data/.test(words))
    return { reason: `the file is damaged (${words})`, remedy: rebuild }
  if (/version [`'](GLIBC|GLIBCXX|CXXABI|GOMP)\S* not found/.test(words))
    return { reason: `it was built on a newer system than this (${words})`, remedy: rebuild }
  if (/did not self-register/.test(words))
    return { reason: 'the file is no complete Node addon', remedy: rebuild }
  return { reason: words, remedy: rebuild }
}

/** GCC spells a symbol with std::string in it in two ways; the addon's spelling and the library's must be the same. */
function missingSymbol(symbol: string, { libtorch }: BuiltAddon): LoadFailure {
  const where = `libtorch ${libtorch.version} in ${libtorch.path}`
  const wanted = symbol.includes('__cxx11') ? 1 : mentionsOldString.test(symbol) ? 0 : null
  const offered = libtorch.cxx11Abi ? 1 : 0
  if (wanted !== null && wanted !== offered) {
    const reason = `it is compiled with _GLIBCXX_USE_CXX11_ABI=${wanted}, and ${where} with ${offered} (undefined symbol ${symbol})`
    return { reason, remedy: rebuild }
  }
  const reason = `${where} lacks the symbol ${symbol}: it is another version or build than the addon was made for`
  return { reason, remedy: rebuild }
}

/** The old std::string, as mangled names abbreviate it: `Ss` where a type may begin. */
const mentionsOldString = /(^|[EKRPvijlmbfd])Ss/

function missingLibrary(library: string): LoadFailure {
  const reason = `the library ${library} is not there`
  const isTorch = /^lib(torch|c10)/.test(library)
  const cure = isTorch ? 'Install libtorch again' : `Install the package that holds ${library}`
  return { reason, remedy: `${cure}, then run: npm run -s multigrain -- setup native` }
}

const machines: Readonly<Record<number, string>> = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' }

/** The architecture of an ELF file where it is not this one; the linker calls such a file missing. */
function foreignArchitecture(path: string): string | null {
  const header = Buffer.alloc(20)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, header, 0, 20, 0)
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
  if (header.readUInt32BE(0) !== 0x7f454c46) return null
  const machine = header.readUInt16LE(18)
  const name = machines[machine] ?? `ELF machine ${machine}`
  return name === process.arch ? null : name
}
