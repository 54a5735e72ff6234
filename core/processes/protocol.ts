/**
 * What the host and its worker processes say to each other, over the child's IPC channel with structured clone
 * (`serialization: 'advanced'`, so that pixels and non-finite numbers travel as they are).
 *
 * A worker runs one task at a time and stays alive between tasks, so that what it has opened stays open. A dropped channel ends
 * it. The trainer's messages stand in `core/training/ports.ts`.
 */
import type {
  DoctorReport,
  Evaluation,
  EvaluationSettings,
  LearningRateSearch,
  Machine,
  Plan,
  SpeedProbe,
  SweepInput,
  SweepPlan,
} from '../contract/index.ts'
import type { StepBatchTask } from './stepBatchTask.ts'
import type { DuplicateOptions, DuplicateReport, PackOptions, PackReport, Picture } from '../data/index.ts'
import type { DatasetRef, Scan, SplitName } from '../datasets/shared/reader.ts'
import type { ErrorReply } from '../errors/index.ts'
import type { ImageChoice } from '../evaluation/comparisonImages.ts'
import type { PredictionsComparison } from '../evaluation/comparisonPredictions.ts'
import type { RepresentationDrift } from '../evaluation/comparisonRepresentations.ts'
import type { ComparedQuery, RetrievalComparison } from '../evaluation/comparisonRetrieval.ts'
import type { WeightsDrift } from '../evaluation/comparisonWeights.ts'
import type { ImageLook } from '../evaluation/lookAtImage.ts'
import type { DatasetTasks } from './datasetTasks.ts'
import type { FolderTasks } from './folderTasks.ts'
import type { GalleryTasks } from './galleryTasks.ts'
import type { ExportOrder, ExportReport, Predictions, WeightsKind } from '../exporting/index.ts'
import type { StudyTasks } from './studyTasks.ts'

/** What an evaluation measured; fractions from 0 to 1, null where it was not asked for or could not be measured. */
export interface EvaluationFigures extends Pick<
  Evaluation,
  'split' | 'top1' | 'top5' | 'calibrationError' | 'retrieval' | 'power' | 'imageCount' | 'skippedCount'
> {
  /** Mean cross-entropy without label smoothing. */
  readonly loss: number | null
}

export interface ImageSearchValue {
  readonly results: readonly {
    readonly image: string
    /** Why the image cannot be used; null when it can. */
    readonly problem: string | null
    readonly isInGallery: boolean
    /** Best first; cosines from -1 to 1. */
    readonly hits: readonly { readonly name: string; readonly score: number }[]
  }[]
  readonly galleryCount: number
  /** Whether the gallery was embedded by an earlier search. */
  readonly isGalleryKnown: boolean
  /** Images of the gallery that cannot be used. */
  readonly bad: readonly { readonly name: string; readonly problem: string }[]
}

export interface Thumbnail {
  readonly index: number
  /** Null when the image cannot be decoded. */
  readonly bytes: Uint8Array | null
  /** Media type of the bytes, such as `image/webp`. */
  readonly type: string
  readonly problem: string
}

/** Input and value of every task, by its name. */
export interface Tasks extends DatasetTasks, FolderTasks, GalleryTasks, StudyTasks {
  /** `split` null: the images that the run validates on. */
  readonly evaluate: {
    readonly input: {
      readonly checkpointPath: string
      readonly dataset: DatasetRef
      readonly split: SplitName | null
      /** Backend to use; left out: that of the run's configuration. */
      readonly backend?: string
      readonly batchSize?: number
      /** As in the run's validation when left out. */
      readonly settings?: EvaluationSettings
      /** File for everything in detail; what belongs to it lies beside it. Nothing is written when left out. */
      readonly reportPath?: string
    }
    readonly value: EvaluationFigures
  }
  /** Embeds a split into a folder: embeddings.f32, rows of float32, and embeddings.json, which says whose they are. */
  readonly embed: {
    readonly input: {
      readonly checkpointPath: string
      readonly dataset: DatasetRef
      readonly split: SplitName | null
      readonly folder: string
      readonly settings: Pick<EvaluationSettings, 'size' | 'resize' | 'weights' | 'power'>
    }
    readonly value: {
      readonly split: SplitName
      readonly count: number
      readonly width: number
      readonly skippedCount: number
    }
  }
  /** The images of a gallery that are most like some others. */
  readonly search: {
    readonly input: {
      readonly checkpointPath: string
      /** Image files to search with. */
      readonly paths: readonly string[]
      readonly gallery:
        { readonly paths: readonly string[] } | { readonly dataset: DatasetRef; readonly split: SplitName }
      readonly settings: Pick<EvaluationSettings, 'size' | 'resize' | 'weights' | 'power'>
      readonly top: number
      /** Whether an image that is in the gallery finds itself. */
      readonly includesSelf: boolean
      /** Where embeddings of galleries are kept; they may be deleted at any time. */
      readonly cacheFolder: string
    }
    readonly value: ImageSearchValue
  }
  /** Scans a folder and writes the index file. `reader` 'auto' recognises the format. */
  readonly scan: {
    readonly input: {
      readonly path: string
      readonly reader: string
      readonly options: Readonly<Record<string, unknown>>
      readonly indexPath: string
    }
    readonly value: Omit<Scan, 'index'> & {
      readonly reader: string
      readonly options: Readonly<Record<string, unknown>>
    }
  }
  readonly thumbnail: {
    readonly input: {
      readonly dataset: DatasetRef
      readonly split: SplitName
      readonly indices: readonly number[]
      /** Longer side in pixels. */
      readonly size: number
    }
    readonly value: readonly Thumbnail[]
  }
  /** The images that a step trains on: the order is a function of seed and epoch. */
  readonly batch: StepBatchTask
  /** One picture as it is decoded for training, as PNG. */
  readonly image: {
    readonly input: { readonly dataset: DatasetRef; readonly split: SplitName; readonly index: number }
    readonly value: { readonly bytes: Uint8Array; readonly type: string }
  }
  /** An image that someone brought, as PNG. */
  readonly 'uploaded-image': {
    readonly input: { readonly path: string }
    readonly value: {
      readonly bytes: Uint8Array
      readonly type: string
      readonly width: number
      readonly height: number
    }
  }
  /** One image as training would draw it, once for each draw, and as validation prepares it. */
  readonly augmented: {
    readonly input: {
      readonly dataset: DatasetRef
      readonly split: SplitName
      readonly index: number
      /** Complete and valid. */
      readonly config: Readonly<Record<string, unknown>>
      readonly draws: readonly { readonly epoch: number; readonly copy: number }[]
    }
    readonly value: {
      /** Side of the network's input in pixels. */
      readonly size: number
      readonly train: readonly Picture[]
      readonly validation: readonly Picture[]
    }
  }
  /** A short run whose learning rate grows with every step; nothing of it is kept. */
  readonly 'find-learning-rate': {
    readonly input: { readonly config: Readonly<Record<string, unknown>>; readonly dataset: DatasetRef }
    readonly value: LearningRateSearch
  }
  /** A few steps to see how long they take; nothing of them is kept. */
  readonly 'probe-speed': {
    readonly input: { readonly config: Readonly<Record<string, unknown>>; readonly dataset: DatasetRef }
    readonly value: SpeedProbe
  }
  /** The GPUs that a driver lists. */
  readonly gpus: { readonly input: Readonly<Record<string, never>>; readonly value: Machine['gpus'] }
  /** The runs of a sweep, checked: their complete configurations, none where one cannot be trained. */
  readonly 'plan-sweep': {
    readonly input: { readonly config: Readonly<Record<string, unknown>>; readonly sweep: SweepInput }
    readonly value: SweepPlan & { readonly configs: readonly Readonly<Record<string, unknown>>[] }
  }
  /** Writes a data set as TFRecord files; goes on with what an interrupted task has written. */
  readonly pack: {
    readonly input: { readonly dataset: DatasetRef; readonly out: string; readonly options: PackOptions }
    readonly value: PackReport
  }
  /** Images that are there twice, or nearly so. */
  readonly duplicates: {
    readonly input: { readonly dataset: DatasetRef; readonly options: DuplicateOptions }
    readonly value: DuplicateReport
  }
  readonly doctor: { readonly input: { readonly preferred?: string }; readonly value: DoctorReport }
  /** Prepares the sample data set in a folder; does nothing when it lies there already. */
  readonly 'prepare-sample': {
    readonly input: { readonly folder: string }
    readonly value: { readonly path: string; readonly reader: string }
  }
  /** Reads every byte of a checkpoint and compares the hashes. */
  readonly 'verify-checkpoint': {
    readonly input: { readonly path: string }
    readonly value: { readonly status: 'valid' | 'damaged' | 'missing'; readonly detail: string }
  }
  readonly 'export-checkpoint': { readonly input: ExportOrder; readonly value: ExportReport }
  /** What a checkpoint or an export sees on files, or on images of a data set. */
  readonly predict: {
    readonly input: {
      /** Folder of the checkpoint or the export. */
      readonly modelPath: string
      readonly images:
        | { readonly paths: readonly string[] }
        | {
            readonly dataset: DatasetRef
            readonly split: SplitName
            readonly indices: readonly number[]
          }
      /** How many classes to name for each image. */
      readonly top: number
      /** Null: the moving average where the run keeps one. */
      readonly weights: WeightsKind | null
      /** Height and width in pixels; null: as in training. */
      readonly size: number | null
      /** Power of GeM pooling instead of the own; null: as it is. */
      readonly power: number | null
      /** Left out: the fastest of this machine. */
      readonly backend?: string
    }
    readonly value: Predictions
  }
  /** How far weights have moved between the checkpoints in two folders. */
  readonly 'compare-weights': {
    readonly input: { readonly paths: readonly [string, string] }
    readonly value: WeightsDrift
  }
  /** How alike two checkpoints see a sample of images. */
  readonly 'compare-representations': {
    readonly input: {
      readonly checkpointPaths: readonly [string, string]
      readonly dataset: DatasetRef
      readonly split: SplitName
      /** Predictions whose images are sampled; null: all images of the split. */
      readonly predictionsPath: string | null
      /** At most so many images, spread evenly. */
      readonly imageCount: number
    }
    readonly value: RepresentationDrift
  }
  /** What checkpoints said of the same images, from their files of predictions; and for two of them by place. */
  readonly 'compare-predictions': {
    readonly input: { readonly paths: readonly string[]; readonly pair: readonly [number, number] }
    readonly value: PredictionsComparison
  }
  /** One page of the images of a comparison. */
  readonly 'compare-images': {
    readonly input: ImageChoice & {
      readonly paths: readonly string[]
      readonly dataset: DatasetRef
      readonly split: SplitName
      readonly offset: number
      readonly limit: number
    }
    readonly value: {
      readonly total: number
      readonly items: readonly {
        readonly index: number
        readonly label: number
        readonly name: string
        readonly sides: readonly {
          readonly isRight: boolean
          /** Likeliest first. */
          readonly top: readonly { readonly label: number; readonly probability: number }[]
          /** Probability of the true class. */
          readonly truth: number
        }[]
      }[]
    }
  }
  /** Logits of each side for the true class and those that any side names. */
  readonly 'compare-logits': {
    readonly input: { readonly paths: readonly string[]; readonly index: number }
    readonly value: {
      readonly classes: readonly { readonly label: number; readonly logits: readonly (number | null)[] }[]
    }
  }
  /** Two retrieval evaluations from their reports, with one page of their queries. */
  readonly 'compare-retrieval': {
    readonly input: {
      readonly paths: readonly [string, string]
      readonly difficulty: 'easy' | 'medium' | 'hard' | null
      readonly group: 'all' | 'won' | 'lost' | 'tied'
      readonly search: string
      readonly offset: number
      readonly limit: number
    }
    readonly value: Omit<RetrievalComparison, 'queries'> & {
      readonly queryCount: number
      readonly total: number
      readonly queries: readonly ComparedQuery[]
    }
  }
  /** What a checkpoint sees on one image, answered at once: the network stays open. */
  readonly 'look-at-image': {
    readonly input: {
      readonly checkpointPath: string
      readonly image: ImagePlace
      /** How many classes to name. */
      readonly top: number
      /** Class whose activation map is made; null: the likeliest; left out: none. */
      readonly label?: number | null
    }
    readonly value: ImageLook & { readonly name: string }
  }
  /** What a configuration means for a data set. Never fails on a bad configuration: see `issues`. */
  readonly plan: {
    readonly input: {
      readonly config: Readonly<Record<string, unknown>>
      readonly dataset: PlanDataset | null
    }
    readonly value: Plan
  }
}

/** One image: of a data set, or a file. */
export type ImagePlace =
  | { readonly dataset: DatasetRef; readonly split: SplitName; readonly index: number }
  | { readonly path: string }

/** What `plan` needs to know of a data set. */
export interface PlanDataset {
  readonly classCount: number
  readonly splits: readonly {
    readonly name: SplitName
    readonly count: number
    /** Images of each class; taken as one class when left out. */
    readonly classCounts?: readonly number[]
  }[]
}

export type TaskName = keyof Tasks
export type TaskInput<Name extends TaskName> = Tasks[Name]['input']
export type TaskValue<Name extends TaskName> = Tasks[Name]['value']

/** Host to worker. A task that arrives while another runs waits for it. */
export type ToWorker =
  | { readonly type: 'task'; readonly id: string; readonly task: TaskName; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: string }

/** How far a task is. `total` 0 and `etaMs` null mean not yet known. */
export interface TaskProgress {
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly etaMs: number | null
}

/** Worker to host. Progress comes at most ten times a second. */
export type FromWorker =
  | { readonly type: 'progress'; readonly id: string; readonly progress: TaskProgress }
  | { readonly type: 'done'; readonly id: string; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: string; readonly error: ErrorReply }

/** What a task may tell and ask while it runs. The shape is that of a data set scan's watcher. */
export interface TaskWatcher {
  progress(phase: string, done: number, total: number): void
  /** @throws AppError cancelled once the host has cancelled the task. */
  throwIfCancelled(): void
}

/** One kind of work of a worker. */
export interface Task<Name extends TaskName> {
  readonly name: Name
  run(input: TaskInput<Name>, watcher: TaskWatcher): Promise<TaskValue<Name>>
}
