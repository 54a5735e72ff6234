/**
 * What a trainer or worker process and its host say to each other. Plain data, sent with structured clone over the
 * child's IPC channel. `core/training` and `core/evaluation` know the outside only through these.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { ErrorReply } from '../errors/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import type { SavingFs } from '../checkpoints/savingFs.ts'
import type { Storage } from '../experiment/index.ts'

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
  /** How often to report: as closely as somebody looks. */
  | { readonly type: 'pace'; readonly everyMs: number }

/** Trainer to host, in batches: ten a second at most. */
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

export interface BackendStart {
  readonly name: string
  readonly device: string
  readonly reason: string
  /** What the user should know before it computes for hours. */
  readonly cautions?: readonly string[]
}

/** The world as the training loop sees it. */
export interface TrainPorts {
  send(message: FromTrainer): void
  /** Milliseconds between two reports; a tenth of a second when left out. */
  reportEveryMs?(): number
  /** Polled between steps of training, evaluation and start-up. */
  interruption(): Interruption | null
  /**
   * Starts a compute backend by its name or `auto`, one that keeps tensors in these storages.
   * @throws AppError backend-unavailable; invalid-config when it cannot compute in so few bits.
   */
  startBackend(name: string, storages: readonly Storage[], device?: string): Promise<BackendStart>
  /** Meets the other ranks of the run, once the backend runs; left out or null where it trains alone. */
  collective?(): Promise<Collective | null>
  /** What to say while the other ranks are waited for; left out where they start together. */
  readonly waitingFor?: string
  /** Figures of the machine since the last time it was asked, as `system/cpuShare`; none where nothing is new, or left out. */
  machine?(): Readonly<Record<string, number>>
  /** Where checkpoints are written; the real file system when left out. */
  readonly fs?: SavingFs
}

/**
 * The ranks of a run: processes that train one network together, each on its part of every batch. All of them make the same calls in
 * the same order. When another one is gone, calls fail with AppError trainer-lost, which names it.
 */
export interface Collective {
  /** From 0; rank 0 reports and saves. */
  readonly rank: number
  readonly world: number
  /** How many of them run on this machine. */
  readonly localWorld: number
  /** What carries the tensors, and between which devices. */
  readonly transport: string
  /** Begins at once to average tensors of one type over all ranks. It disposes of those given; the caller owns the means. */
  mean(tensors: readonly Tensor[]): Promise<Tensor[]>
  /** The mean over all ranks of a small tensor, waited for; for what a pass needs at once. The caller owns both. */
  meanNow(tensor: Tensor): Tensor
  /** Sums over all ranks, in double precision. */
  sum(numbers: readonly number[]): Promise<number[]>
  /** Rank 0's values in a new tensor, for which the others give one of the same shape and type. */
  broadcast(tensor: Tensor): Promise<Tensor>
  /** Rank 0's text, for which the others give null. */
  share(text: string | null): Promise<string>
  /** Returns once every rank has come here. */
  barrier(): Promise<void>
  /** @param reason why this rank ends before the others do; they name it. */
  leave(reason: string | null): Promise<void>
}

export interface TrainOutcome {
  readonly outcome: 'finished' | 'stopped' | 'paused'
  readonly step: number
  readonly interruption: Interruption | null
}

/** How a trainer process ends: 0 finished, paused or stopped; 143/130 after SIGTERM/SIGINT with everything saved; 1 failed. */
export const exitCodes = { done: 0, failed: 1, interrupted: 130, terminated: 143 } as const
