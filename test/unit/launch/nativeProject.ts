/**
 * A project of its own with two small C++ sources, and a libtorch that is none: libraries of the right names with a few of the
 * right symbols. Real compilers build real addons from them in a second or two.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { thisMachine } from '../../../main/setup/machine.mjs'
import type { Machine } from '../../../main/setup/machine.mjs'

/** What the addon of the project exports. */
const addonSource = `#include "answer.h"
#include <ATen/ATen.h>
#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value value;
  napi_create_int32(env, answer() + at::one(), &value);
  napi_set_named_property(env, exports, "answer", value);
  return exports;
}
`

export interface NativeProject {
  readonly root: string
  readonly libtorch: string
  readonly build: string
  readonly machine: Machine & { readonly said: string[] }
  /** Of each compilation and link, its last source or product. */
  compiled(): string[]
  write(path: string, text: string): void
}

/** Whether this machine can build at all; with CI=true it must. */
export function canBuild(): boolean {
  if (process.platform !== 'linux') return false
  const isThere = spawnSync('g++', ['--version']).status === 0
  if (!isThere && process.env['CI'] === 'true')
    throw new Error('CI=true asks for every test, and g++ is missing')
  return isThere
}

export function nativeProject(
  t: { after(done: () => void): void },
  { cxx11Abi = true, env = {} }: { cxx11Abi?: boolean; env?: NodeJS.ProcessEnv } = {},
): NativeProject {
  const root = mkdtempSync(join(tmpdir(), 'multigrain-native-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('core/backend/native/src/addon.cc', addonSource)
  write('core/backend/native/src/answer.cc', '#include "answer.h"\nint answer() { return 41; }\n')
  write('core/backend/native/src/answer.h', '#pragma once\nint answer();\n')
  const libtorch = join(root, 'libtorch')
  makeLibtorch(libtorch, cxx11Abi)
  const log = join(root, 'compiled.log')
  write('compiler', `#!/bin/sh\necho "$@" >> '${log}'\n[ -z "$SLOW" ] || sleep "$SLOW"\nexec g++ "$@"\n`)
  chmodSync(join(root, 'compiler'), 0o755)
  const said: string[] = []
  const machine = {
    ...thisMachine(root),
    env: { ...process.env, LIBTORCH: libtorch, CXX: join(root, 'compiler'), ...env },
    say: (line: string) => void said.push(line),
    said,
  }
  const compiled = (): string[] => {
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    return lines
      .filter(line => line !== '--version' && line !== '')
      .map(line => (/-shared/.test(line) ? 'link' : (/([^/ ]+\.cc) -o/.exec(line)?.[1] ?? line)))
      .sort()
  }
  return { root, libtorch, build: join(root, 'core/backend/native/build'), machine, compiled, write }
}

/** @param cxx11Abi how its constructor of c10::Error is spelt. */
export function makeLibtorch(folder: string, cxx11Abi: boolean): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  put('include/ATen/ATen.h', '#pragma once\nnamespace at { int one(); }\n')
  put(
    'include/torch/csrc/api/include/torch/version.h',
    '#define TORCH_VERSION_MAJOR 9\n#define TORCH_VERSION_MINOR 8\n#define TORCH_VERSION_PATCH 7\n',
  )
  put(
    'c10.cc',
    '#include <string>\nnamespace c10 { struct SourceLocation { int line; };\nstruct Error { Error(SourceLocation, std::string); };\nError::Error(SourceLocation, std::string) {} }\n',
  )
  put('torch_cpu.cc', 'namespace at { int one() { return 1; } }\n')
  put('torch.cc', '')
  mkdirSync(join(folder, 'lib'), { recursive: true })
  for (const name of ['c10', 'torch_cpu', 'torch'])
    compile(join(folder, `${name}.cc`), join(folder, 'lib', `lib${name}.so`), [
      `-D_GLIBCXX_USE_CXX11_ABI=${cxx11Abi ? 1 : 0}`,
      `-Wl,-soname,lib${name}.so`,
    ])
}

/** A shared library from one source. */
export function compile(source: string, product: string, flags: readonly string[] = []): void {
  const args = ['-std=c++17', '-shared', '-fPIC', '-o', product, source, ...flags]
  const { status, stderr } = spawnSync('g++', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`g++ ${args.join(' ')}: ${stderr}`)
}
