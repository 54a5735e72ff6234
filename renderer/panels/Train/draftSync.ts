/**
 * Keeps the draft of this window and that of the host the same. What goes to the host are the values that changed, and what comes from
 * it is laid below those that it has not heard of yet: two windows that edit different fields both have their way, and of two that edit
 * one field the later.
 */
import type { Draft, DraftPatch } from '../../../core/contract/index.ts'
import { differences, isSame, setAt, type Config } from './paths.ts'
import type { SweepDraft } from './sweep.ts'

export interface DraftContent {
  readonly config: Config | null
  readonly base: Config
  readonly baseName: string
  readonly datasetId: string
  readonly name: string
  readonly sweep: SweepDraft
}

export interface DraftSyncOptions {
  /** The draft as this window has it now. */
  readonly content: () => DraftContent
  readonly take: (content: DraftContent) => void
  /** @returns the revision of the host's draft with these changes */
  readonly send: (input: { origin: string; patches: DraftPatch[] }) => Promise<{ revision: number }>
  /** Another window changed something: patches that would take it back. */
  readonly onForeign?: (back: readonly DraftPatch[]) => void
}

export interface DraftSync {
  /** Sends what the host has not heard of yet. */
  save(): Promise<void>
  /** Takes what the host has. */
  receive(draft: Draft): void
}

interface Sent {
  readonly patches: readonly DraftPatch[]
  /** Of the draft that holds them; null while the host has not answered. */
  revision: number | null
}

export function createDraftSync({ content, take, send, onForeign }: DraftSyncOptions): DraftSync {
  const origin = Math.random().toString(36).slice(2)
  const now = (): Config => content() as unknown as Config
  /** What the host was last heard to have; at first, what this window began with. */
  let known = now()
  /** What was sent and is not in `known` yet. A value that is put back meanwhile is a change again, though it is as known. */
  let sent: readonly Sent[] = []
  let revision = -1
  let isSending = false
  let isAgainDue = false

  const sentPatches = (): DraftPatch[] => sent.flatMap(({ patches }) => patches)
  const unsent = (): DraftPatch[] => patchesBetween(applied(known, sentPatches()), now())

  const save = async (): Promise<void> => {
    // One at a time, so that changes arrive in the order in which they were made.
    isAgainDue = isSending
    if (isSending) return
    const patches = unsent()
    if (patches.length === 0) return
    const own: Sent = { patches, revision: null }
    sent = [...sent, own]
    isSending = true
    try {
      own.revision = (await send({ origin, patches })).revision
      sent = sent.filter(each => each.revision === null || each.revision > revision)
    } catch (thrown) {
      sent = sent.filter(each => each !== own)
      throw thrown
    } finally {
      isSending = false
    }
    if (isAgainDue) await save()
  }
  return {
    save,
    receive(draft) {
      // An answer that was overtaken by a push.
      if (draft.revision < revision) return
      const isForeign = revision >= 0 && draft.origin !== origin && draft.origin !== ''
      const back = isForeign ? patchesBetween(draft.content, known) : []
      revision = draft.revision
      const later = unsent()
      // The push may come before the answer that says its revision.
      const isAnswer = draft.origin === origin && sent.every(each => each.revision !== revision)
      sent = sent.filter(each => (each.revision === null ? !isAnswer : each.revision > revision))
      const own = [...sentPatches(), ...later]
      known = draft.content
      if (draft.content['config'] === undefined) return
      const merged = applied(draft.content, own)
      if (!isSame(merged, now())) take(merged as unknown as DraftContent)
      // What this window has changed itself stays as it is here: there is nothing to take back.
      const lost = back.filter(({ path }) => !own.some(each => each.path === path))
      if (lost.length > 0) onForeign?.(lost)
    },
  }
}

function applied(content: Config, patches: readonly DraftPatch[]): Config {
  return patches.reduce<Config>((all, { path, value }) => setAt(all, path, value), content)
}

/** Single values, so that a change of one field leaves those beside it alone. */
export function patchesBetween(from: Config, to: Config): DraftPatch[] {
  return differences(from, to).map(({ path, to: value }) => ({ path, value }))
}
