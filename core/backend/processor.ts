/** What the processor computes by instructions of its own, as Linux tells it. */
import { readFileSync } from 'node:fs'
import type { Storage } from './backends/shared/backend.ts'

/** Any one of a list is enough. The last of each are ARM's. */
const instructions: Readonly<Record<Exclude<Storage, 'float32'>, readonly string[]>> = {
  bfloat16: ['avx512_bf16', 'amx_bf16', 'bf16'],
  float16: ['avx512_fp16', 'amx_fp16', 'asimdhp'],
}

/**
 * What to say of storages that this processor has no instructions for: they work there, by conversion to float32 and back. Empty
 * where all is well, and where the processor's abilities are not known.
 * @param cpuinfo the text of /proc/cpuinfo; null where there is none.
 */
export function slowStorages(
  storages: readonly Storage[],
  cpuinfo: string | null = readCpuinfo(),
): readonly string[] {
  const flags = flagsOf(cpuinfo)
  if (flags === null) return []
  return storages.flatMap(storage => {
    if (storage === 'float32' || instructions[storage].some(name => flags.has(name))) return []
    const names = instructions[storage].slice(0, 2).join(' nor ')
    const isBfloat16Fast = storage === 'float16' && instructions.bfloat16.some(name => flags.has(name))
    const faster = isBfloat16Fast
      ? 'bfloat16, which it has, is fast'
      : 'float32 (precision.level O0) is likely faster'
    return `${storage} works on this processor but is slow, as it has no instructions for it (neither ${names}); ${faster}`
  })
}

/** Null when the text does not tell. */
function flagsOf(cpuinfo: string | null): ReadonlySet<string> | null {
  const [, flags] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo ?? '') ?? []
  return flags === undefined ? null : new Set(flags.split(/\s+/))
}

function readCpuinfo(): string | null {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return null
  }
}
