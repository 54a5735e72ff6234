/** From what the view asks for to the rows of the table. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { RunSummary } from '../../../core/contract/index.ts'
import { useRunColumnsStore } from '../../stores/runColumns.ts'
import type { Column } from './columns.ts'
import { fieldOf } from './fields.ts'
import { compileQuery, type Compiled } from './query/evaluate.ts'
import { QueryError } from './query/tokens.ts'
import { filterRuns, groupRows, sortRuns, type RunOrder, type StatusFilter } from './runRows.ts'

export interface RowsOrder {
  readonly runs: () => readonly RunSummary[]
  readonly query: Ref<string>
  readonly status: Ref<StatusFilter>
  readonly order: Ref<RunOrder>
  readonly group: Ref<string>
  readonly columns: () => readonly Column[]
  /** Narrows further, such as ranges brushed in a chart. */
  readonly also: () => ((run: RunSummary) => boolean) | null
}

const everything: Compiled = { test: () => true, needs: [] }

export function useRunRows({ runs, query, status, order, group, columns, also }: RowsOrder) {
  const store = useRunColumnsStore()
  store.use()
  const error = shallowRef<QueryError | null>(null)
  /** The last query that could be read: what is shown stays while one types. */
  const compiled = shallowRef<Compiled>(everything)
  watch(
    [query, () => store.known],
    () => {
      try {
        compiled.value = compileQuery(query.value, store.known)
        error.value = null
      } catch (thrown) {
        if (!(thrown instanceof QueryError)) throw thrown
        error.value = thrown
      }
    },
    { immediate: true },
  )
  const needs = computed(() => {
    const named = [...columns().map(each => each.name), order.value.column, group.value].filter(
      name => name !== '',
    )
    return [...new Set([...compiled.value.needs, ...named.filter(name => fieldOf(name).of === null)])]
  })
  watch(needs, store.want, { immediate: true })

  /** Before `also` narrows them. */
  const matching = computed(() => filterRuns(runs(), compiled.value.test, status.value, store.columns))
  const found = computed(() => {
    const narrow = also()
    return narrow === null ? matching.value : matching.value.filter(narrow)
  })
  const sorted = computed(() => sortRuns(found.value, order.value, store.columns))
  const open = ref<ReadonlySet<string>>(new Set())
  const rows = computed(() => groupRows(sorted.value, group.value, open.value, store.columns))
  const toggleGroup = (key: string): void => {
    const next = new Set(open.value)
    if (!next.delete(key)) next.add(key)
    open.value = next
  }
  watch(group, () => (open.value = new Set()))
  const isWaiting = computed(() => needs.value.some(field => !store.columns.has(field)))
  return { store, error, matching, sorted, rows, toggleGroup, isWaiting }
}
