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
  /** Whether folders can be shown in the file manager of this machine. */
  canShowFolder: z.boolean(),
  /** An installed package; otherwise a checkout. */
  isPackaged: z.boolean(),
})
export type SystemInfo = z.output<typeof SystemInfo>

/** What lies in the data folder. */
export const FolderSizes = z.strictObject({
  parts: z.array(
    z.strictObject({
      name: z.enum(['runs', 'datasets', 'cache', 'logs', 'exports', 'libtorch', 'store']),
      bytes: z.number(),
      files: z.number(),
    }),
  ),
  /** Room on its disk for this user; null where the system does not say. */
  freeBytes: z.number().nullable(),
})
export type FolderSizes = z.output<typeof FolderSizes>

/** What a program left behind when it crashed or hung. It stays on this machine. */
export const CrashReport = z.strictObject({
  id: z.string(),
  /** `window`: of Electron's processes; `training`: of a process that trains or computes. */
  kind: z.enum(['window', 'training']),
  at: z.number(),
  bytes: z.number(),
})
export type CrashReport = z.output<typeof CrashReport>

/** Software of others that the workbench is made with. */
export const Component = z.strictObject({ name: z.string(), version: z.string(), licence: z.string() })
export type Component = z.output<typeof Component>

export const Notice = z.strictObject({ level: z.enum(['info', 'warning', 'error']), message: z.string() })
export type Notice = z.output<typeof Notice>

export const system = {
  info: call(Empty, SystemInfo),
  /** Tries every backend, with a self-test and a small speed measurement. Takes some seconds. */
  doctor: call(Empty, DoctorReport),
  /** Processor time that the host itself takes, in cores, over the last seconds. */
  cost: call(Empty, z.strictObject({ hostCores: z.number() })),
  /** Opens the native folder dialog (Electron only); null when the user cancels. */
  chooseFolder: call(z.strictObject({ title: z.string() }), z.strictObject({ path: z.string().nullable() })),
  /** Measures the data folder; reads the size of every file in it. */
  folderSizes: call(Empty, FolderSizes),
  /** Shows a folder of the workbench in the file manager (Electron only). */
  showFolder: call(z.strictObject({ which: z.enum(['data', 'logs', 'crashes']) }), Empty),
  /** Newest first. */
  crashReports: call(Empty, z.array(CrashReport)),
  deleteCrashReports: call(z.strictObject({ ids: z.array(z.string()).max(1000) }), Empty),
  components: call(Empty, z.array(Component)),
  onNotice: push(Notice),
  /** The shell's menu, or a notification that was clicked, leads a window to a place such as `#/runs` (Electron only). */
  onGo: push(z.strictObject({ hash: z.string() })),
  /** To a page that nobody saw for a while: points and log lines have been left out, and are to be read anew. */
  onMissed: push(Empty),
} as const
