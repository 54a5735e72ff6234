/** Evaluation of networks and checkpoints. */
export { classify } from './classification.ts'
export type { ClassificationFigures, EvaluationWatcher } from './classification.ts'
export { evaluate } from './evaluate.ts'
export type { EvaluationOrder } from './evaluate.ts'
