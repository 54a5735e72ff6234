// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'

export const scheduleEntries = [] as const
export type ScheduleName = (typeof scheduleEntries)[number]['name']
export const schedules = registry<Schedule>('schedule', scheduleEntries)
