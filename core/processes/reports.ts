/** Reports of evaluations, as their files hold them: numbers that are not finite are null. */
import type { RetrievalFigures } from '../contract/index.ts'
import type { ClassificationReport } from '../evaluation/classificationReport.ts'
import type { RetrievalEvaluation } from '../retrieval/evaluateRetrieval.ts'

export function classificationReport(report: ClassificationReport, classes: readonly string[]) {
  const { top1, top5, loss, ece, bins, perClass, confusion } = report
  const classCount = classes.length
  return {
    format: 1,
    kind: 'classification',
    ...{ top1: finite(top1), top5: finite(top5), loss: finite(loss), calibrationError: finite(ece) },
    classes: perClass
      .map((each, label) => ({
        ...{ label, name: classes[label]!, imageCount: each.imageCount },
        top1: finite(each.top1),
      }))
      .sort((one, other) => (one.top1 ?? 2) - (other.top1 ?? 2) || one.label - other.label),
    confusions: confusions(confusion, classes),
    /** Row: true class, column: predicted class. */
    confusion: classes.map((_, label) => [
      ...confusion.subarray(label * classCount, (label + 1) * classCount),
    ]),
    calibration: bins.map(({ imageCount, confidence, accuracy }) => ({
      ...{ imageCount, confidence: finite(confidence), accuracy: finite(accuracy) },
    })),
    queries: [],
  }
}

export function retrievalReport(evaluation: RetrievalEvaluation) {
  const { queryNames, galleryNames, results, protocol, lostQueries } = evaluation
  return {
    format: 1,
    kind: 'retrieval',
    ...{ protocol, lostQueries, figures: retrievalFigures(evaluation) },
    ...{ classes: [], confusions: [], calibration: [] },
    queries: results
      .map(({ query, top, ...rest }) => ({
        name: queryNames[query] ?? String(query),
        index: query,
        ...rest,
        top: top.map(({ index, score, isRelevant }) => ({
          ...{ name: galleryNames[index] ?? String(index), index, score: finite(score), isRelevant },
        })),
      }))
      .sort((one, other) => (one.averagePrecision ?? 2) - (other.averagePrecision ?? 2)),
  }
}

export function retrievalFigures({ figures }: RetrievalEvaluation): RetrievalFigures[] {
  const list = Object.entries(figures).map(([difficulty, each]) => ({ difficulty, ...each }))
  // Counts and shares alike: whatever is no number has nothing to say.
  return JSON.parse(JSON.stringify(list)) as RetrievalFigures[]
}

/** Most frequent first. */
function confusions(confusion: Uint32Array, classes: readonly string[]) {
  const named = (label: number) => ({ label, name: classes[label]! })
  const pairs: { truth: number; predicted: number; count: number }[] = []
  confusion.forEach((count, at) => {
    const [truth, predicted] = [Math.floor(at / classes.length), at % classes.length]
    if (count > 0 && truth !== predicted) pairs.push({ truth, predicted, count })
  })
  return pairs
    .sort((one, other) => other.count - one.count)
    .slice(0, 1000)
    .map(({ truth, predicted, count }) => ({ truth: named(truth), predicted: named(predicted), count }))
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
