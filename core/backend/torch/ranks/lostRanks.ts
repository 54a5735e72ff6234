/**
 * Finds out who is gone when a collective operation fails. A rank that ends before the others leaves a note why; all others, as soon
 * as they notice, leave a sign of life. Who leaves neither is named.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../errors/index.ts'
import type { RankPlace } from './place.ts'
import type { RankStore } from './store.ts'

const watchMs = 1000
const pollMs = 100
/** Time for signs of life: a rank gives one between two pieces of computation. */
const graceMs = 5000

export class LostRanks {
  private readonly store: RankStore
  private readonly place: RankPlace
  private explanation: Promise<AppError> | null = null

  constructor(store: RankStore, place: RankPlace) {
    this.store = store
    this.place = place
  }

  /** Waits for an operation, and no longer than until another rank is known to be gone. @throws AppError trainer-lost */
  async guard<Value>(operation: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined
    const trouble = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        this.store
          .get('trouble')
          .then(found => (found === null ? undefined : reject(new Error('another rank has failed'))))
          .catch(reject)
      }, watchMs)
    })
    operation.catch(() => {}) // nobody listens any more once trouble came first
    try {
      return await Promise.race([operation, trouble])
    } catch (thrown) {
      throw await (this.explanation ??= this.explain(thrown))
    } finally {
      clearInterval(timer)
    }
  }

  /** A note for the others, before this rank ends. */
  async leave(reason: string): Promise<void> {
    await this.store.set(`left/${this.place.rank}`, reason)
    await this.store.set('trouble', '')
  }

  private async explain(cause: unknown): Promise<AppError> {
    const { rank, world } = this.place
    const why = cause instanceof Error ? cause.message : String(cause)
    const others = Array.from({ length: world }, (_, other) => other).filter(other => other !== rank)
    try {
      await this.store.set(`alive/${rank}`, '')
      await this.store.set('trouble', '')
      const deadlineMs = performance.now() + graceMs
      for (;;) {
        const notes = await this.read('left', others)
        const first = notes.find(([, note]) => note !== null)
        if (first) return failed(first[0], world, first[1]!)
        const silent = (await this.read('alive', others)).filter(([, sign]) => sign === null)
        if (silent.length === 0) return disturbed(why)
        if (performance.now() > deadlineMs)
          return gone(
            silent.map(([other]) => other),
            world,
            why,
          )
        await delay(pollMs)
      }
    } catch {
      return gone([0], world, `its store does not answer; ${why}`)
    }
  }

  private read(key: string, ranks: readonly number[]): Promise<[number, string | null][]> {
    return Promise.all(
      ranks.map(async (rank): Promise<[number, string | null]> => [
        rank,
        await this.store.get(`${key}/${rank}`),
      ]),
    )
  }
}

function failed(rank: number, world: number, reason: string): AppError {
  return new AppError('trainer-lost', `Rank ${rank} of ${world} failed: ${reason}`, { ranks: [rank], world })
}

function gone(ranks: readonly number[], world: number, why: string): AppError {
  const [which, are] = ranks.length === 1 ? ['Rank', 'is'] : ['Ranks', 'are']
  const message = `${which} ${ranks.join(', ')} of ${world} ${are} gone or ${ranks.length === 1 ? 'hangs' : 'hang'}: no answer (${why}). Resume the run to go on from its newest checkpoint`
  return new AppError('trainer-lost', message, { ranks, world })
}

function disturbed(why: string): AppError {
  const message = `The connection between ranks broke, though all of them are there (${why}). Resume the run to go on from its newest checkpoint`
  return new AppError('trainer-lost', message, { ranks: [] })
}
