/** Finds a Python that has torch and torchvision, if possible the one whose libtorch the addon was built with. */
import { spawnSync } from 'node:child_process'
import { findAddon } from '../../core/backend/torch/load.ts'

const script =
  'import torch, torchvision, numpy, PIL; print(torch.__version__, torchvision.__version__, torch.__file__)'

/** Path of the interpreter, or null. BENCH_PYTHON names one that comes first. */
export function findPyTorch(): string | null {
  const named = process.env['BENCH_PYTHON']
  const candidates = [...(named ? [named] : []), 'python3', '/usr/bin/python3', 'python']
  const usable = candidates.filter(python => factsOf(python) !== null)
  if (named && usable[0] === named) return named
  return usable.find(sharesLibtorch) ?? usable[0] ?? null
}

/** Versions of torch and torchvision, and the libtorch of the addon. */
export function versionsOf(python: string): Record<string, string> {
  const [torch = '', torchvision = ''] = factsOf(python) ?? []
  const { addon } = findAddon()
  const libtorch = addon?.libtorch.version ?? 'none'
  return { torch, torchvision, libtorch, sameLibtorch: String(sharesLibtorch(python)) }
}

function factsOf(python: string): string[] | null {
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split(' ') : null
}

/** Whether a process of this Python maps the very file that the addon was linked with. */
function sharesLibtorch(python: string): boolean {
  const { addon } = findAddon()
  if (addon === null) return false
  const code = 'import torch; print(open("/proc/self/maps").read())'
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8', maxBuffer: 64 << 20 })
  return status === 0 && addon.libtorch.files.some(({ path }) => stdout.includes(path))
}
