/** What every field of the form shares: its value, its default, its issue, whether it is shown, varied, and how to change it. */
import {
  computed,
  inject,
  provide,
  ref,
  shallowReactive,
  type ComputedRef,
  type InjectionKey,
  type Ref,
} from 'vue'
import type { ConfigIssue } from '../../../core/contract/index.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { fieldMatcher, fieldsBelow, isChangedItself } from './formSearch.ts'
import { getAt, isSame, setAt } from './paths.ts'
import type { Field } from './schema.ts'
import type { SweptDraft } from './sweep.ts'
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
  /** What is looked for. */
  readonly text: Ref<string>
  readonly changedOnly: Ref<boolean>
  /** Whether some fields are left out. */
  readonly isFiltered: ComputedRef<boolean>
  isShown(field: Field): boolean
  /** How many fields at or below one are shown while some are left out. */
  shownBelow(field: Field): number
  /** How a field is varied; undefined when it is not. */
  sweptAt(path: string): SweptDraft | undefined
  /** Varies a field, changes how, or no longer. */
  setSwept(path: string, swept: SweptDraft | null): void
}

const key: InjectionKey<Form> = Symbol('form')

export function provideForm(hostIssues: Ref<readonly ConfigIssue[]>): Form {
  const draft = useDraft()
  const catalog = useCatalogStore()
  const local = shallowReactive(new Map<string, string>())
  const all = computed(() => {
    const own = [...local].map(([path, message]) => ({ path, message }))
    return [...own, ...hostIssues.value.filter(issue => !local.has(issue.path))]
  })
  const text = ref('')
  const changedOnly = ref(false)
  const matches = computed(() => fieldMatcher(text.value))
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
    text,
    changedOnly,
    isFiltered: computed(() => text.value.trim() !== '' || changedOnly.value),
    isShown: field =>
      matches.value(field) && (!changedOnly.value || isChangedItself(field, draft.config, draft.base)),
    shownBelow: field =>
      fieldsBelow(field, draft.config, family => catalog.entries(family)).filter(form.isShown).length,
    sweptAt: path => draft.sweep.fields.find(each => each.path === path),
    setSwept: (path, swept) => {
      const others = draft.sweep.fields.filter(each => each.path !== path)
      const fields = draft.sweep.fields.map(each => (each.path === path && swept ? swept : each))
      const isNew = swept !== null && others.length === fields.length
      draft.sweep = { ...draft.sweep, fields: swept === null ? others : isNew ? [...others, swept] : fields }
    },
  }
  provide(key, form)
  return form
}

export function useForm(): Form {
  const form = inject(key)
  if (!form) throw new Error('A form field stands outside a form')
  return form
}
