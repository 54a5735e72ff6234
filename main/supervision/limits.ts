/** How long the host waits for its children, in milliseconds, and how often it starts one again. */
export interface Limits {
  /** Silence of a trainer while it starts and compiles, after which it counts as hanging. */
  readonly startingSilenceMs: number
  /**
   * Silence of a training process likewise; a single step of a large network on a slow device may take minutes. Where longer
   * gaps have been normal, ten times the longest counts.
   */
  readonly silenceMs: number
  /**
   * Time a trainer has to save and end when it is asked to, before SIGTERM. Twice the longest time that it was not heard comes on top,
   * as it listens between two steps only.
   */
  readonly saveDeadlineMs: number
  /** Time from SIGTERM to SIGKILL. */
  readonly terminateGraceMs: number
  /** Time that other ranks have to end by themselves after the one that saves has. */
  readonly strayRankMs: number
  /** Times a hanging trainer is started again from its newest checkpoint. */
  readonly maxRestarts: number
  /** Time an idle worker is kept. */
  readonly idleWorkerMs: number
  /** Time a worker has to notice that its task was cancelled. */
  readonly cancelGraceMs: number
  /** Longest time of a task that someone waits for on the screen. */
  readonly interactiveMs: number
  /** Time after which a write is tried again that a full disk refused. */
  readonly diskRetryMs: number
  /** Time between two pushes of one kind for one run, and between two transactions of its figures, instead of what the audience wants. */
  readonly pushMs: number | null
}

export const defaultLimits: Limits = {
  startingSilenceMs: 15 * 60_000,
  silenceMs: 5 * 60_000,
  saveDeadlineMs: 60_000,
  terminateGraceMs: 15_000,
  strayRankMs: 10_000,
  maxRestarts: 2,
  idleWorkerMs: 60_000,
  cancelGraceMs: 10_000,
  interactiveMs: 120_000,
  diskRetryMs: 5000,
  pushMs: null,
}
