/** The library behind the `torch` backend: which one is in use, and how to get one that computes on this machine's GPU. */
import { z } from 'zod'
import { call } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Id } from './values.ts'

const Version = z.strictObject({
  version: z.string(),
  path: z.string(),
  origin: z.string(),
  cuda: z.boolean(),
})

export const LibtorchState = z.strictObject({
  /** Null without one that works. */
  current: Version.nullable(),
  /** Why there is none, and what helps; empty when there is. */
  problem: z.string(),
  /** `automatic`: whatever set-up found or the package brought. */
  choice: z.enum(['automatic', 'fetched', 'folder']),
  /** What the button fetches; null where there is nothing for this system. */
  pinned: z
    .strictObject({ version: z.string(), build: z.string(), url: z.string(), sha256: z.string().nullable() })
    .nullable(),
  /** Of an interrupted download. */
  partBytes: z.number(),
  /** The pinned one is here, whether it is in use or not. */
  isFetched: z.boolean(),
  /** A checkout compiles its addon for another libtorch; a package brings one for a single version. */
  compiles: z.boolean(),
  /** Whether the shell has a dialog for choosing a folder. */
  canChooseFolder: z.boolean(),
})
export type LibtorchState = z.output<typeof LibtorchState>

export const LibtorchCandidate = z.strictObject({
  id: Id,
  origin: z.string(),
  path: z.string(),
  version: z.string(),
  cuda: z.boolean(),
  /** Why it cannot be used; empty when it can. */
  problem: z.string(),
})
export type LibtorchCandidate = z.output<typeof LibtorchCandidate>

export const FetchSize = z.strictObject({
  bytes: z.number(),
  presentBytes: z.number(),
  neededBytes: z.number(),
  freeBytes: z.number(),
})
export type FetchSize = z.output<typeof FetchSize>

export const libtorch = {
  state: call(Empty, LibtorchState),
  /** Those of this machine's Pythons and of the system. Starts each Python for a moment. */
  candidates: call(Empty, z.array(LibtorchCandidate)),
  /** Asks the server of the pinned one for its size: this contacts it. */
  measure: call(Empty, FetchSize),
  /** Fetches the pinned one and takes it into use. */
  fetch: call(Empty, StartedJob),
  use: call(z.strictObject({ id: Id }), StartedJob),
  /** Opens the shell's dialog for a folder; null when the user cancels. */
  useFolder: call(Empty, StartedJob.nullable()),
  /** Back to whatever set-up finds or the package brought. */
  useAutomatic: call(Empty, StartedJob),
  /** Deletes what was fetched, or half fetched. */
  deleteFetched: call(Empty, Empty),
} as const
