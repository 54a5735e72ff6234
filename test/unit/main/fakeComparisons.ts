/** What the fake worker says of two checkpoints that are held against each other: made-up values of the right form. */
const pair = {
  ...{ first: 0, second: 1, gained: 1, lost: 0, bothRight: 2, bothWrong: 1, disagree: 1 },
  ...{ difference: { estimate: 0.25, low: -0.1, high: 0.6 }, p: 1, adjusted: 1 },
}

const side = { isRight: true, top: [{ label: 0, probability: 0.9 }], truth: 0.9 }

export const fakeComparisons: Readonly<Record<string, unknown>> = {
  'compare-predictions': {
    ...{ imageCount: 4, mismatch: null, pair, pairs: [pair], cochran: null, agreement: [1, 1, 2] },
    sides: [
      { top1: 0.5, top5: 1, loss: 0.7 },
      { top1: 0.75, top5: 1, loss: 0.6 },
    ],
    classes: [{ label: 0, imageCount: 4, right: [2, 3], gained: 1, lost: 0, p: 1, adjusted: 1 }],
  },
  'compare-images': { total: 1, items: [{ index: 0, label: 0, name: 'a', sides: [side, side] }] },
  'compare-logits': { classes: [{ label: 0, logits: [1.5, null] }] },
  'compare-retrieval': {
    ...{ difficulties: [], queryCount: 0, unmatchedCount: 0, map: [0.5, 0.5], won: 0, lost: 0, tied: 0 },
    ...{ signP: 1, wilcoxon: { p: 1, isExact: true, count: 0 }, histogram: [], total: 0, queries: [] },
  },
}
