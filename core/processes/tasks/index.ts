// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { browse } from './browse.ts'
import { doctor } from './doctor.ts'
import { duplicates } from './duplicates.ts'
import { embed } from './embed.ts'
import { evaluate } from './evaluate.ts'
import { exportCheckpoint } from './export-checkpoint.ts'
import { findLearningRate } from './find-learning-rate.ts'
import { image } from './image.ts'
import { pack } from './pack.ts'
import { plan } from './plan.ts'
import { predict } from './predict.ts'
import { prepareSample } from './prepare-sample.ts'
import { scan } from './scan.ts'
import { search } from './search.ts'
import { thumbnail } from './thumbnail.ts'
import { verifyCheckpoint } from './verify-checkpoint.ts'

export const tasks = [browse, doctor, duplicates, embed, evaluate, exportCheckpoint, findLearningRate, image, pack, plan, predict, prepareSample, scan, search, thumbnail, verifyCheckpoint] as const
