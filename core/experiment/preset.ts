/** Ready configurations by name. */
import { AppError } from '../errors/index.ts'
import { suggestion } from './nearest.ts'
import { presets } from './presets/index.ts'
import type { Preset } from './presets/shared/preset.ts'

/** All presets, the sample first. */
export function listPresets(): readonly Preset[] {
  const all: readonly Preset[] = presets
  return [...all].sort((a, b) => Number(b.name === 'sample') - Number(a.name === 'sample'))
}

/** @throws AppError unknown-name, listing the known presets. */
export function getPreset(name: string): Preset {
  const found = listPresets().find(preset => preset.name === name)
  if (found) return found
  const known = listPresets().map(preset => preset.name)
  throw new AppError('unknown-name', `Unknown preset '${name}'.${suggestion(name, known)}`, {
    field: 'preset',
    value: name,
    known,
  })
}
