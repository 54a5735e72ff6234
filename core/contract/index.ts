/** Everything the interface may ask of the host, and everything the host may tell it. */
import { alerts } from './alerts.ts'
import { catalog } from './catalog.ts'
import { checkpoints } from './checkpoints.ts'
import { comparisons } from './comparisons.ts'
import { datasets } from './datasets.ts'
import { evaluations } from './evaluations.ts'
import { experiments } from './experiments.ts'
import { jobs } from './jobs.ts'
import { libtorch } from './libtorch.ts'
import { metrics } from './metrics.ts'
import { retrieval } from './retrieval.ts'
import { runs } from './runs.ts'
import { settings } from './settings.ts'
import { system } from './system.ts'

export const contract = {
  system,
  datasets,
  catalog,
  runs,
  metrics,
  checkpoints,
  evaluations,
  comparisons,
  retrieval,
  jobs,
  experiments,
  alerts,
  settings,
  libtorch,
} as const

export type WorkbenchContract = typeof contract

export * from './define.ts'
export { serve, emitter } from './serve.ts'
export { client } from './client.ts'
export type {
  BackendReport,
  Component,
  CrashReport,
  DoctorReport,
  FolderSizes,
  Notice,
  SystemInfo,
} from './system.ts'
export { Duplicates, Packed } from './datasets.ts'
export type {
  AugmentedImages,
  Dataset,
  DatasetItem,
  DatasetProblem,
  DatasetSummary,
  FolderLook,
  ImageEdit,
  ImageFilter,
  ImageStatistics,
  TruthAnswers,
  TruthImage,
  TruthQuery,
} from './datasets.ts'
export type { Catalog, ConfigIssue, EntryInfo, LearningRateSearch, Plan, PresetInfo } from './catalog.ts'
export type { Attempt, ColumnValue, LogLine, Run, RunStatus, RunSummary } from './runs.ts'
export { lowerIsBetter } from './series.ts'
export type { Curve, Evidence, SeriesInfo, SmoothingState, StepBatch, StepPoint } from './metrics.ts'
export type { Alert, AlertKind, AlertRule } from './alerts.ts'
export { ExportResult, ImportResult, KeepRule } from './checkpoints.ts'
export type {
  ActivationMap,
  Checkpoint,
  CheckpointUsage,
  KeepReason,
  PlannedCheckpoint,
  Prediction,
} from './checkpoints.ts'
export { EvaluationReport, EvaluationSettings } from './evaluations.ts'
export type {
  ClassCurves,
  Evaluation,
  EvaluationStudy,
  JudgedGroup,
  JudgedImage,
  JudgedOrder,
  Reliability,
  RetrievalFigures,
  StudiedClass,
} from './evaluations.ts'
export type {
  Draft,
  DraftPatch,
  Machine,
  SpeedProbe,
  Sweep,
  SweepInput,
  SweepPlan,
  SweptField,
  TextIssue,
} from './experiments.ts'
export { RepresentationDrift, WeightsDrift } from './comparisons.ts'
export type {
  ComparedCheckpoint,
  ComparedImage,
  ComparedImages,
  ComparedQuery,
  Comparison,
  ImageGroup,
  ImageOrder,
  PairFigures,
  PredictionsComparison,
  RetrievalComparison,
} from './comparisons.ts'
export { GalleryJudgement } from './retrieval.ts'
export type {
  Gallery,
  GalleryState,
  ImageRegion,
  MatchMap,
  SearchHit,
  SearchPower,
  SearchResult,
  SearchWhitening,
} from './retrieval.ts'
export type { Job } from './jobs.ts'
export type { FetchSize, LibtorchCandidate, LibtorchState } from './libtorch.ts'
export type { Settings } from './settings.ts'
export type { Failure, ImageRef, Progress, SplitName } from './values.ts'
