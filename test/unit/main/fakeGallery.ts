/** What the fake worker says of galleries: made-up values of the right form. */
const state = {
  ...{ isReady: true, count: 2, width: 4, skippedCount: 0, ownPower: 3, powers: [1, Infinity] },
  whitened: ['own'],
}
const side = {
  ...{ height: 1, width: 2, shares: [0.5, 0.25], rest: 0 },
  region: { x: 0, y: 0, width: 1, height: 1 },
}
const hit = { index: 1, label: 0, name: 'b', score: 0.9, mark: 'right', rank: 1 }
const bytes = (length: number): string => Buffer.alloc(length).toString('base64')

export function fakeGallery(task: string, input: Record<string, unknown>): unknown {
  if (task === 'gallery-state') {
    const states = (input['places'] as unknown[]).map(() => state)
    return { states, pace: { msPerImage: 2, size: null } }
  }
  if (task === 'gallery-embed') return state
  if (task === 'gallery-query')
    return {
      ...{ total: 1, galleryCount: 2, hits: [hit], averagePrecision: 1, relevantCount: 1, rightRanks: [1] },
      ...{ query: { name: 'a', label: 0 }, region: null, difficulties: [], searchMs: 1, bytes: 32 },
    }
  if (task === 'gallery-match') return { score: 0.75, query: side, hit: side, partners: null, power: 3 }
  if (task === 'gallery-judge') return { figures: {}, curves: {}, queries: [], queryCount: 0 }
  if (task === 'gallery-points')
    return { count: 2, positions: bytes(16), indices: bytes(8), labels: bytes(8), predicted: null }
  return {}
}
