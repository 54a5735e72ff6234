/** Trains until it kills itself: `node killedChild.ts '{"order": …, "stage": "before fsync", "save": 3}'`. */
import { startBackend } from '../../core/backend/index.ts'
import { train, type TrainOrder } from '../../core/training/index.ts'
import { killingFs, type Stage } from './faultyFs.ts'

const { order, stage, save } = JSON.parse(process.argv[2]!) as {
  order: TrainOrder
  stage: Stage
  save: number
}
await train(order, { send: () => {}, interruption: () => null, startBackend, fs: killingFs(stage, save) })
