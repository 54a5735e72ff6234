/** How fast a run goes and how long it will still take. */

/** Seconds over which speed is averaged. */
const windowMs = 5000

export interface Pace {
  step(imageCount: number, elapsedMs: number): void
  evaluation(elapsedMs: number): void
  save(elapsedMs: number): void
  /** Of the steps since `mark`, time for evaluation and saving left out; null before the first. */
  sinceMark(): number | null
  mark(): void
  /** A step waited so long for its images. */
  waitedForData(ms: number): void
  /** Mean wait of the steps since `mark`, in milliseconds. */
  dataWaitMs(): number
  /** Over the last seconds; null before the first step. */
  imagesPerSecond(): number | null
  /** For what is left; null before the first step. */
  etaMs(left: { readonly steps: number; readonly evaluations: number; readonly saves: number }): number | null
}

interface Span {
  readonly imageCount: number
  readonly elapsedMs: number
}

export function createPace(): Pace {
  const recent: Span[] = []
  let marked: Span = { imageCount: 0, elapsedMs: 0 }
  let waits = { count: 0, ms: 0 }
  let evaluationMs = 0
  let saveMs = 0
  const rate = ({ imageCount, elapsedMs }: Span): number | null =>
    elapsedMs > 0 ? (imageCount / elapsedMs) * 1000 : null
  return {
    step: (imageCount, elapsedMs) => {
      recent.push({ imageCount, elapsedMs })
      let total = sum(recent).elapsedMs
      while (recent.length > 1 && total - recent[0]!.elapsedMs >= windowMs) total -= recent.shift()!.elapsedMs
      marked = sum([marked, { imageCount, elapsedMs }])
    },
    evaluation: elapsedMs => {
      evaluationMs = elapsedMs
    },
    save: elapsedMs => {
      saveMs = elapsedMs
    },
    sinceMark: () => rate(marked),
    mark: () => {
      marked = { imageCount: 0, elapsedMs: 0 }
      waits = { count: 0, ms: 0 }
    },
    waitedForData: ms => {
      waits = { count: waits.count + 1, ms: waits.ms + ms }
    },
    dataWaitMs: () => (waits.count > 0 ? waits.ms / waits.count : 0),
    imagesPerSecond: () => rate(sum(recent)),
    etaMs: left => {
      if (recent.length === 0) return null
      const stepMs = sum(recent).elapsedMs / recent.length
      return Math.round(left.steps * stepMs + left.evaluations * evaluationMs + left.saves * saveMs)
    },
  }
}

function sum(spans: readonly Span[]): Span {
  return spans.reduce(
    (total, { imageCount, elapsedMs }) => ({
      imageCount: total.imageCount + imageCount,
      elapsedMs: total.elapsedMs + elapsedMs,
    }),
    { imageCount: 0, elapsedMs: 0 },
  )
}
