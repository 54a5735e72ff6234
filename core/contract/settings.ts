/** What the user set for the whole workbench. */
import { z } from 'zod'
import { call, push } from './define.ts'

export const Settings = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', 'en', 'zh-CN']).default('system'),
  /** Runs that may train at the same time. */
  concurrentRuns: z.int().min(1).max(16).default(1),
  /** Of which ends of runs the operating system tells while the page is not looked at. */
  notifications: z.enum(['all', 'failures', 'none']).default('all'),
  /** Bytes that checkpoints may take before the interface says so; null for no limit. */
  checkpointBudgetBytes: z.number().min(0).nullable().default(null),
  /** What a run whose configuration leaves the backend open computes with; `auto`: the best of this machine. */
  backend: z.string().max(40).default('auto'),
  /** State of the interface that should survive a restart: chosen axes, smoothing, columns. */
  view: z.record(z.string(), z.unknown()).default({}),
})
export type Settings = z.output<typeof Settings>

const SettingsChange = z.strictObject({
  theme: Settings.shape.theme.unwrap().optional(),
  language: Settings.shape.language.unwrap().optional(),
  concurrentRuns: Settings.shape.concurrentRuns.unwrap().optional(),
  notifications: Settings.shape.notifications.unwrap().optional(),
  checkpointBudgetBytes: Settings.shape.checkpointBudgetBytes.unwrap().optional(),
  backend: Settings.shape.backend.unwrap().optional(),
  view: Settings.shape.view.unwrap().optional(),
})

export const settings = {
  get: call(z.strictObject({}), Settings),
  /** Changes the named fields and leaves the others. */
  set: call(SettingsChange, Settings),
  onChanged: push(Settings),
} as const
