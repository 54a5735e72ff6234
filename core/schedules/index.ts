// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'
import { ascendCosine } from './ascend-cosine.ts'
import { constant } from './constant.ts'
import { cosine } from './cosine.ts'
import { linear } from './linear.ts'
import { mindsporeCosine } from './mindspore-cosine.ts'
import { mindsporeLinear } from './mindspore-linear.ts'
import { mindsporePoly } from './mindspore-poly.ts'
import { mindsporeStep } from './mindspore-step.ts'
import { mindsporeSteps } from './mindspore-steps.ts'
import { multiStep } from './multi-step.ts'
import { polynomial } from './polynomial.ts'
import { step } from './step.ts'

export const scheduleEntries = [ascendCosine, constant, cosine, linear, mindsporeCosine, mindsporeLinear, mindsporePoly, mindsporeStep, mindsporeSteps, multiStep, polynomial, step] as const
export type ScheduleName = (typeof scheduleEntries)[number]['name']
export const schedules = registry<Schedule>('schedule', scheduleEntries)
