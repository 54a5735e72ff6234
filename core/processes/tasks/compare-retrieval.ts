/** Two retrieval evaluations from their reports, query by query. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { compareRetrieval as compared } from '../../evaluation/comparisonRetrieval.ts'
import { AppError } from '../../errors/index.ts'
import type { Task } from '../protocol.ts'

const Queries = z.array(
  z.object({
    name: z.string(),
    index: z.int().min(0).optional(),
    difficulty: z.enum(['easy', 'medium', 'hard']),
    averagePrecision: z.number().nullable(),
    firstRank: z.number().nullable(),
    relevantCount: z.number(),
    top: z.array(
      z.object({
        name: z.string(),
        index: z.int().min(0).optional(),
        score: z.number().nullable(),
        isRelevant: z.boolean(),
      }),
    ),
  }),
)
const Report = z.object({ kind: z.literal('retrieval'), queries: Queries })

export const compareRetrieval: Task<'compare-retrieval'> = {
  name: 'compare-retrieval',
  async run({ paths, difficulty, group, search, offset, limit }) {
    const [first, second] = await Promise.all(paths.map(reportAt))
    const { queries, ...figures } = compared(first!, second!, difficulty)
    const words = search.toLowerCase().split(/\s+/)
    const chosen = queries.filter(
      ({ name, change }) =>
        words.every(word => name.toLowerCase().includes(word)) &&
        (group === 'all' || group === (change > 0 ? 'won' : change < 0 ? 'lost' : 'tied')),
    )
    const page = chosen.slice(offset, offset + limit)
    return { ...figures, queryCount: queries.length, total: chosen.length, queries: page }
  },
}

async function reportAt(path: string) {
  const text = await readFile(path, 'utf8').catch(() => null)
  const found = text === null ? null : Report.safeParse(json(text))
  if (found?.success) return found.data.queries
  const message = `${path}: the report of this retrieval is missing or cannot be read. Evaluate again`
  throw new AppError('not-found', message, { file: path, remedy: 'Evaluate again' })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
