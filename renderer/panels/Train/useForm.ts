/** What every field of the form shares: its value, its default, its issue, and how to change it. */
import {
  computed,
  inject,
  provide,
  shallowReactive,
  type ComputedRef,
  type InjectionKey,
  type Ref,
} from 'vue'
import type { ConfigIssue } from '../../../core/contract/index.ts'
import { getAt, isSame, setAt } from './paths.ts'
import { useDraft } from './useDraft.ts'

export interface Form {
  get(path: string): unknown
  set(path: string, value: unknown): void
  isChanged(path: string): boolean
  /** The value that `reset` would give back. */
  baseOf(path: string): unknown
  reset(path: string): void
  issueAt(path: string): string
  /** Issues at a path or below it. */
  countBelow(path: string): number
  /** A field reports what it can see by itself, before the host answers. */
  reportLocal(path: string, message: string): void
  readonly all: ComputedRef<readonly ConfigIssue[]>
}

const key: InjectionKey<Form> = Symbol('form')

export function provideForm(hostIssues: Ref<readonly ConfigIssue[]>): Form {
  const draft = useDraft()
  const local = shallowReactive(new Map<string, string>())
  const all = computed(() => {
    const own = [...local].map(([path, message]) => ({ path, message }))
    return [...own, ...hostIssues.value.filter(issue => !local.has(issue.path))]
  })
  const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`)
  const form: Form = {
    get: path => getAt(draft.config, path),
    set: (path, value) => {
      if (draft.config) draft.config = setAt(draft.config, path, value)
    },
    isChanged: path => !isSame(getAt(draft.config, path), getAt(draft.base, path)),
    baseOf: path => getAt(draft.base, path),
    reset: path => form.set(path, structuredClone(getAt(draft.base, path))),
    issueAt: path => all.value.find(issue => issue.path === path)?.message ?? '',
    countBelow: path => all.value.filter(issue => isBelow(issue.path, path)).length,
    reportLocal: (path, message) => {
      if (message === '') local.delete(path)
      else local.set(path, message)
    },
    all,
  }
  provide(key, form)
  return form
}

export function useForm(): Form {
  const form = inject(key)
  if (!form) throw new Error('A form field stands outside a form')
  return form
}
