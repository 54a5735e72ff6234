// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { add } from './add.ts'
import { avgPool } from './avg-pool.ts'
import { batchNorm } from './batch-norm.ts'
import { concat } from './concat.ts'
import { conv } from './conv.ts'
import { dense } from './dense.ts'
import { dropout } from './dropout.ts'
import { flatten } from './flatten.ts'
import { globalAvgPool } from './global-avg-pool.ts'
import { input } from './input.ts'
import { maxPool } from './max-pool.ts'
import { parameter } from './parameter.ts'
import { relu } from './relu.ts'
import { shortcutA } from './shortcut-a.ts'

export const ops = [add, avgPool, batchNorm, concat, conv, dense, dropout, flatten, globalAvgPool, input, maxPool, parameter, relu, shortcutA] as const
