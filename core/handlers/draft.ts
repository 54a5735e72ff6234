/** The run that is being prepared: one draft, kept over restarts, that every window sees and may change. */
import type { Draft, DraftPatch, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Workbench } from './ports.ts'

type DraftHandlers = Pick<Handlers<WorkbenchContract>['experiments'], 'draft' | 'changeDraft'>
type Content = Draft['content']

const setting = 'draft'
const mostBytes = 500_000

/** Changes are of single values, so that two windows that edit different fields both have their way. */
export function draftHandlers({ store, emit }: Pick<Workbench, 'store' | 'emit'>): DraftHandlers {
  const read = (): Draft => {
    const stored = store.settings.get(setting) as Partial<Draft> | undefined
    return { revision: stored?.revision ?? 0, origin: '', content: stored?.content ?? {} }
  }
  let draft: Draft | null = null
  return {
    draft: () => (draft ??= read()),
    changeDraft({ origin, patches }) {
      const before = (draft ??= read())
      const content = patches.reduce(patched, before.content)
      const next = { revision: before.revision + 1, origin, content }
      if (JSON.stringify(content).length > mostBytes)
        throw new AppError('invalid-request', `patches: a draft holds at most ${mostBytes} bytes`)
      draft = next
      store.settings.set(setting, next)
      emit.experiments.onDraft(next)
      return { revision: next.revision }
    },
  }
}

/** A copy with one value changed; a patch without a value removes it. */
function patched(content: Content, { path, value }: DraftPatch): Content {
  const [key = '', ...rest] = path.split('.')
  if (['__proto__', 'constructor', 'prototype'].includes(key)) return content
  const copy = (Array.isArray(content) ? [...(content as unknown[])] : { ...content }) as Content
  if (rest.length > 0) {
    const below = copy[key]
    const inner = typeof below === 'object' && below !== null ? (below as Content) : {}
    copy[key] = patched(inner, { path: rest.join('.'), value })
  } else if (value === undefined) delete copy[key]
  else copy[key] = value
  return copy
}
