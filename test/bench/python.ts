/** Finds a Python that has torch and torchvision: the one whose libtorch the addon was built with, where there is one. */
import { spawnSync } from 'node:child_process'

/** Path of the interpreter, or null. BENCH_PYTHON names one that comes first. */
export function findPyTorch(): string | null {
  const candidates = [process.env['BENCH_PYTHON'], 'python3', '/usr/bin/python3', 'python']
  for (const python of candidates) {
    if (python === undefined || python === '') continue
    const { status } = spawnSync(python, ['-c', 'import torch, torchvision, numpy, PIL'], { stdio: 'ignore' })
    if (status === 0) return python
  }
  return null
}
