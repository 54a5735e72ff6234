/** What a shared library says of itself, read from its bytes: nothing is loaded. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** The machines of ELF files as Node names them. */
const machines = /** @type {Record<number, string>} */ ({ 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' })

/**
 * The architecture that a library is made for, in Node's words, or null when the file is no ELF library.
 * @param {string} path
 */
export function architectureOf(path) {
  const header = Buffer.alloc(20)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, header, 0, 20, 0) < 20) return null
  } finally {
    closeSync(file)
  }
  if (header.readUInt32BE(0) !== 0x7f454c46) return null
  const machine = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)
  return machines[machine] ?? `ELF machine ${machine}`
}

/**
 * Which of GCC's two layouts of std::string a libtorch is compiled with: the constructor of c10::Error takes one, and
 * its mangled name says which.
 * @param {string} path of libc10.so.
 * @returns {boolean | null} whether `_GLIBCXX_USE_CXX11_ABI` is 1; null when the name is not found.
 */
export function usesCxx11Abi(path) {
  const bytes = readFileSync(path)
  const prefix = '_ZN3c105ErrorC2ENS_14SourceLocationE'
  if (bytes.includes(`${prefix}NSt7__cxx11`)) return true
  if (bytes.includes(`${prefix}Ss`)) return false
  return null
}
