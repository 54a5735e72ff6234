// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'
import { ascendCosine } from './ascend-cosine.ts'
import { ascendInceptionCosine } from './ascend-inception-cosine.ts'
import { constant } from './constant.ts'
import { cosine } from './cosine.ts'
import { cosineRestarts } from './cosine-restarts.ts'
import { exponential } from './exponential.ts'
import { linear } from './linear.ts'
import { mindsporeCosine } from './mindspore-cosine.ts'
import { mindsporeLinear } from './mindspore-linear.ts'
import { mindsporePoly } from './mindspore-poly.ts'
import { mindsporeStep } from './mindspore-step.ts'
import { mindsporeSteps } from './mindspore-steps.ts'
import { mindsporeThor } from './mindspore-thor.ts'
import { mindsporeWarmupCosineAnnealing } from './mindspore-warmup-cosine-annealing.ts'
import { multiStep } from './multi-step.ts'
import { oneCycle } from './one-cycle.ts'
import { polynomial } from './polynomial.ts'
import { slimExponential } from './slim-exponential.ts'
import { step } from './step.ts'
import { tanh } from './tanh.ts'
import { timmCosine } from './timm-cosine.ts'

export const scheduleEntries = [ascendCosine, ascendInceptionCosine, constant, cosine, cosineRestarts, exponential, linear, mindsporeCosine, mindsporeLinear, mindsporePoly, mindsporeStep, mindsporeSteps, mindsporeThor, mindsporeWarmupCosineAnnealing, multiStep, oneCycle, polynomial, slimExponential, step, tanh, timmCosine] as const
export type ScheduleName = (typeof scheduleEntries)[number]['name']
export const schedules = registry<Schedule>('schedule', scheduleEntries)
