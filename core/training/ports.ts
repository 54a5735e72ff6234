/**
 * What a trainer or worker process and its host say to each other. Plain data, sent with structured clone over the
 * child's IPC channel. `core/training` and `core/evaluation` know the outside only through these.
 */
import type { ErrorReply } from '../errors/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import type { SavingFs } from '../checkpoints/savingFs.ts'

/** Everything a trainer needs; it reads nothing from the store. */
export interface TrainOrder {
  readonly runId: string
  readonly attempt: number
  /** Complete configuration, checked again by the trainer. */
  readonly config: Readonly<Record<string, unknown>>
  readonly dataset: DatasetRef
  /** Folder of the run; checkpoints lie in `checkpoints/step-…` below it. */
  readonly folder: string
  /** Continue from the newest valid checkpoint in the folder; without one the run starts at step 0. */
  readonly resume: boolean
}

export interface Phase {
  readonly phase: 'starting' | 'warming-up' | 'training' | 'evaluating' | 'saving' | 'loading'
  readonly done: number
  readonly total: number
  readonly etaMs: number | null
}

/** Values of one step by `split/name`; a non-finite number is sent as it is (structured clone keeps it). */
export interface Point {
  readonly step: number
  readonly epoch: number
  readonly wallMs: number
  readonly values: Readonly<Record<string, number>>
}

export interface SavedCheckpoint {
  readonly step: number
  readonly epoch: number
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
  readonly metrics: Readonly<Record<string, number>>
}

/** Host to trainer. A dropped channel means that the host died: the trainer saves and exits. */
export type ToTrainer =
  | { readonly type: 'train'; readonly order: TrainOrder }
  | { readonly type: 'stop'; readonly reason: 'stop' | 'pause' }

/** Trainer to host, in batches of about ten a second. */
export type FromTrainer =
  | {
      readonly type: 'ready'
      readonly backend: string
      readonly device: string
      readonly fromStep: number
      readonly totalSteps: number
      readonly stepsPerEpoch: number
    }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'phase'; readonly phase: Phase }
  | { readonly type: 'points'; readonly points: readonly Point[]; readonly imagesPerSecond: number | null }
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warning' | 'error'
      readonly text: string
      readonly wallMs: number
    }
  | { readonly type: 'checkpoint'; readonly checkpoint: SavedCheckpoint }
  | { readonly type: 'checkpoint-removed'; readonly name: string }
  /** A checkpoint that failed its check was set aside. */
  | { readonly type: 'checkpoint-damaged'; readonly name: string; readonly problem: string }
  /** `reason` is there when the run stopped of itself: a loss that is not finite. */
  | {
      readonly type: 'finished'
      readonly outcome: 'finished' | 'stopped' | 'paused'
      readonly step: number
      readonly reason?: string
    }
  | { readonly type: 'failed'; readonly error: ErrorReply }

/** Why a trainer should save and end: told to, by a signal, or because its host is gone. */
export type Interruption = 'stop' | 'pause' | 'terminate' | 'interrupt' | 'host-lost'

/** The world as the training loop sees it. */
export interface TrainPorts {
  send(message: FromTrainer): void
  /** Polled between steps of training, evaluation and start-up. */
  interruption(): Interruption | null
  /** Starts a compute backend by its name or `auto`. @throws AppError backend-unavailable. */
  startBackend(
    name: string,
  ): Promise<{ readonly name: string; readonly device: string; readonly reason: string }>
  /** Where checkpoints are written; the real file system when left out. */
  readonly fs?: SavingFs
}

export interface TrainOutcome {
  readonly outcome: 'finished' | 'stopped' | 'paused'
  readonly step: number
  readonly interruption: Interruption | null
}

/** How a trainer process ends: 0 finished, paused or stopped; 143/130 after SIGTERM/SIGINT with everything saved; 1 failed. */
export const exitCodes = { done: 0, failed: 1, interrupted: 130, terminated: 143 } as const
