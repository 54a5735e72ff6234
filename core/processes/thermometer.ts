/** The temperature of the processor, where Linux tells it. */
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const places = { zones: '/sys/class/thermal', sensors: '/sys/class/hwmon' }
/** Kinds of zones and names of sensors that mean the processor: Intel's and AMD's, and those of boards with one chip. */
const zoneKinds = /^(x86_pkg_temp|cpu.*thermal|soc.*thermal)$/
const sensorNames = /^(coretemp|k10temp|zenpower|cpu_thermal)$/

/** @returns what reads degrees Celsius; null where there is no sensor, or it does not answer. */
export function findThermometer({ zones, sensors } = places): () => Promise<number | null> {
  const file = findIn(zones, 'type', zoneKinds, 'temp') ?? findIn(sensors, 'name', sensorNames, 'temp1_input')
  if (file === null) return async () => null
  return async () => {
    const text = await readFile(file, 'utf8').catch(() => '')
    const celsius = Number(text) / 1000
    return text.trim() !== '' && Number.isFinite(celsius) ? celsius : null
  }
}

function findIn(folder: string, kindFile: string, kinds: RegExp, valueFile: string): string | null {
  const text = (path: string): string => {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      return ''
    }
  }
  try {
    const found = readdirSync(folder).find(name => kinds.test(text(join(folder, name, kindFile))))
    return found === undefined ? null : join(folder, found, valueFile)
  } catch {
    return null
  }
}
