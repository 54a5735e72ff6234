// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { config } from './config.ts'
import { datasets } from './datasets.ts'
import { doctor } from './doctor.ts'
import { duplicates } from './duplicates.ts'
import { evaluate } from './evaluate.ts'
import { exportModel } from './export-model.ts'
import { findRate } from './find-rate.ts'
import { open } from './open.ts'
import { pack } from './pack.ts'
import { predict } from './predict.ts'
import { presets } from './presets.ts'
import { resume } from './resume.ts'
import { runs } from './runs.ts'
import { setup } from './setup.ts'
import { train } from './train.ts'

export const commands = [config, datasets, doctor, duplicates, evaluate, exportModel, findRate, open, pack, predict, presets, resume, runs, setup, train] as const
