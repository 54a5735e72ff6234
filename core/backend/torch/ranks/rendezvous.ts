/** The ranks of a run wait for each other; when the time is over, each of them can say which one is missing. */
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../errors/index.ts'
import { meetingWords, type RankPlace } from './place.ts'
import type { RankStore } from './store.ts'

const pollMs = 50
/** For the last word of rank 0 to arrive, which waits as long as the others do. */
const lastWordMs = 5000
const everybody = 'all'

/**
 * Returns once every rank is there.
 * @param goOn throws to end the wait
 * @throws AppError trainer-lost that names the missing ranks; conflict when two processes claim to be the same one
 */
export async function meet(store: RankStore, place: RankPlace, goOn: () => void): Promise<void> {
  const { rank, world, rendezvousMs } = place
  const self = `${hostname()} process ${process.pid}`
  const other = await store.get(`rank/${rank}`)
  if (other !== null) throw claimedTwice(place, other)
  await store.set(`rank/${rank}`, self)
  const deadlineMs = performance.now() + rendezvousMs + (rank === 0 ? 0 : lastWordMs)
  let missing: readonly number[] = Array.from({ length: world }, (_, other) => other)
  for (;;) {
    goOn()
    const word = rank === 0 ? null : await store.get(everybody)
    if (word === '') return
    if (word !== null) throw neverCame(place, JSON.parse(word) as number[])
    if (rank === 0 || performance.now() > deadlineMs) missing = await absent(store, missing)
    if (rank === 0 && missing.length === 0) return store.set(everybody, '')
    if (performance.now() > deadlineMs) {
      if (rank === 0) await store.set(everybody, JSON.stringify(missing))
      throw neverCame(place, missing)
    }
    await delay(pollMs)
  }
}

async function absent(store: RankStore, ranks: readonly number[]): Promise<number[]> {
  const marks = await Promise.all(ranks.map(rank => store.get(`rank/${rank}`)))
  return ranks.filter((_, at) => marks[at] === null)
}

function neverCame(place: RankPlace, ranks: readonly number[]): AppError {
  const seconds = Math.round(place.rendezvousMs / 1000)
  const which = ranks.length === 0 ? 'A rank' : `${ranks.length === 1 ? 'Rank' : 'Ranks'} ${ranks.join(', ')}`
  const message = `${which} of ${place.world} did not come to ${meetingWords(place.meeting)} within ${seconds} s. Start every rank, or train with fewer; see what the missing ones wrote`
  return new AppError('trainer-lost', message, { ranks, world: place.world })
}

function claimedTwice({ rank, world, meeting }: RankPlace, other: string): AppError {
  const message = `Two processes claim to be rank ${rank} of ${world} at ${meetingWords(meeting)}: the other is ${other}. Give each its own RANK, or each run its own MASTER_PORT`
  return new AppError('conflict', message, { rank, world })
}
