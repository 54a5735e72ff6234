/** Which rank this process is, and where the ranks of its run meet. */

export interface RankPlace {
  /** From 0. */
  readonly rank: number
  readonly world: number
  /** Ranks of this machine. */
  readonly localWorld: number
  readonly meeting: Meeting
  /** Time for all ranks to come. */
  readonly rendezvousMs: number
  /** Time for each collective operation: no rank may be later than others by more. */
  readonly collectiveMs: number
}

/** A file that all ranks see, for those of one machine; or a port of the machine where rank 0 runs. */
export type Meeting =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'tcp'
      readonly host: string
      readonly port: number
      /** Somebody else, such as torchrun, serves the store there already. */
      readonly isServed: boolean
      /** Begins the names of all keys, where a store outlives an attempt. */
      readonly prefix: string
    }

export function meetingWords(meeting: Meeting): string {
  return meeting.kind === 'file' ? meeting.path : `${meeting.host}:${meeting.port}`
}

export function waitingWords({ rank, world, meeting, rendezvousMs }: RankPlace): string {
  const limit = `at most ${rendezvousMs / 1000} s`
  return `Rank ${rank} of ${world}: waiting for the others at ${meetingWords(meeting)}, ${limit}`
}
