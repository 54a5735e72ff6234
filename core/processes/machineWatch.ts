/**
 * What the machine does while a network trains: processor, memory, temperature, and the GPU where one computes. Looked at every two
 * seconds, which costs about a tenth of a millisecond; the GPU is looked at by NVIDIA's own program, which runs beside the trainer and
 * ends with it.
 */
import { cpus, freemem, totalmem } from 'node:os'
import { performance } from 'node:perf_hooks'
import { backend } from '@tensorflow/tfjs-core'
import { watchGpu } from '../backend/index.ts'
import { findThermometer } from './thermometer.ts'

export interface MachineWatch {
  /** What is new since the last time, by the names of the series; shares lie from 0 to 1. */
  take(): Readonly<Record<string, number>>
  stop(): void
}

const everyMs = 2000

/** To be called once the backend runs. */
export function watchMachine(): MachineWatch {
  let fresh: Record<string, number> = {}
  const note = (figures: Readonly<Record<string, number>>): void => void Object.assign(fresh, figures)
  const processor = processorLoad()
  const readCelsius = findThermometer()
  const timer = setInterval(() => {
    note({ ...processor(), ...memoryFigures() })
    void readCelsius().then(celsius => {
      if (celsius !== null) note({ 'system/cpuCelsius': celsius })
    })
  }, everyMs)
  timer.unref()
  const { device } = backend() as { readonly device?: unknown }
  const stopGpu =
    typeof device === 'string' && device.startsWith('cuda') ? watchGpu(device, everyMs, note) : () => {}
  return {
    take: () => {
      const taken = fresh
      fresh = {}
      return taken
    },
    stop: () => {
      clearInterval(timer)
      stopGpu()
    },
  }
}

function memoryFigures(): Readonly<Record<string, number>> {
  return {
    'system/memoryBytes': totalmem() - freemem(),
    'system/trainerMemoryBytes': process.memoryUsage.rss(),
  }
}

/** Load since the last call: of the whole machine as a share, of this process in cores. */
function processorLoad(): () => Readonly<Record<string, number>> {
  let before = { machine: machineTimes(), own: process.cpuUsage(), atMs: performance.now() }
  return () => {
    const now = { machine: machineTimes(), own: process.cpuUsage(), atMs: performance.now() }
    const total = now.machine.total - before.machine.total
    const idle = now.machine.idle - before.machine.idle
    const ownMs = (now.own.user + now.own.system - before.own.user - before.own.system) / 1000
    const cores = ownMs / Math.max(1, now.atMs - before.atMs)
    before = now
    return { ...(total > 0 ? { 'system/cpuShare': 1 - idle / total } : {}), 'system/trainerCores': cores }
  }
}

function machineTimes(): { readonly total: number; readonly idle: number } {
  let [total, idle] = [0, 0]
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.irq + times.idle
    idle += times.idle
  }
  return { total, idle }
}
