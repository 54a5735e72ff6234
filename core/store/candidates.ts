/** Checkpoints of all runs, found by words. */
import type { Database } from './engine.ts'

export interface CandidateStore {
  /**
   * Newest first, of runs that are not in the trash.
   * @param words each is in the name of the run, its id, the checkpoint, the model or the data set
   * @param runId of this run alone; null for all
   */
  search(
    words: readonly string[],
    runId: string | null,
    limit: number,
  ): { readonly total: number; readonly found: readonly { readonly id: string; readonly runId: string }[] }
}

/** Words of a search that are looked at. */
const mostWords = 6

export function candidateStore(database: Database): CandidateStore {
  const text = "r.name || ' ' || r.id || ' ' || c.name || ' ' || r.model || ' ' || r.dataset_name"
  const condition = `r.deleted_at IS NULL AND (@run IS NULL OR r.id = @run)
    ${Array.from({ length: mostWords }, (_, at) => `AND (@w${at} = '' OR instr(lower(${text}), @w${at}) > 0)`).join(' ')}`
  const from = 'FROM checkpoints c JOIN runs r ON r.number = c.run'
  const count = database.prepare(`SELECT count(*) ${from} WHERE ${condition}`).pluck()
  const list = database.prepare(
    `SELECT c.id, r.id AS runId ${from} WHERE ${condition} ORDER BY c.created_at DESC, c.step DESC LIMIT @limit`,
  )
  return {
    search(words, run, limit) {
      const chosen = Object.fromEntries(
        Array.from({ length: mostWords }, (_, at) => [`w${at}`, (words[at] ?? '').toLowerCase()]),
      )
      const found = list.all({ ...chosen, run, limit }) as { id: string; runId: string }[]
      return { total: count.get({ ...chosen, run }) as number, found }
    },
  }
}
