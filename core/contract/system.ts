/** The host itself: what it is, what the machine offers, and how to end it. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { Empty } from './values.ts'

export const BackendReport = z.strictObject({
  name: z.string(),
  available: z.boolean(),
  /** Why it is not available, or what it runs on. */
  detail: z.string(),
  device: z.string(),
  chosen: z.boolean(),
  selfTest: z.strictObject({ kernels: z.number(), failed: z.array(z.string()) }).nullable(),
  gflops: z.number().nullable(),
  remedy: z.string(),
})
export type BackendReport = z.output<typeof BackendReport>

export const DoctorReport = z.strictObject({
  backends: z.array(BackendReport),
  chosen: z.string(),
  reason: z.string(),
  advice: z.array(z.string()),
  checks: z.array(
    z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string(), remedy: z.string() }),
  ),
})
export type DoctorReport = z.output<typeof DoctorReport>

export const SystemInfo = z.strictObject({
  version: z.string(),
  shell: z.enum(['electron', 'web', 'command-line']),
  node: z.string(),
  platform: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  dataFolder: z.string(),
  canChooseFolder: z.boolean(),
})
export type SystemInfo = z.output<typeof SystemInfo>

export const Notice = z.strictObject({ level: z.enum(['info', 'warning', 'error']), message: z.string() })
export type Notice = z.output<typeof Notice>

export const system = {
  info: call(Empty, SystemInfo),
  /** Tries every backend, with a self-test and a small speed measurement. Takes some seconds. */
  doctor: call(Empty, DoctorReport),
  /** Opens the native folder dialog (Electron only); null when the user cancels. */
  chooseFolder: call(z.strictObject({ title: z.string() }), z.strictObject({ path: z.string().nullable() })),
  onNotice: push(Notice),
} as const
