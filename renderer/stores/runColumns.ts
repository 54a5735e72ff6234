/**
 * Columns of the table of runs that the summaries do not hold: settings and figures of series. A column is fetched once, page by page,
 * when something asks for it; then only runs that changed are asked for again.
 */
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { ColumnValue } from '../../core/contract/index.ts'
import { thrownText } from '../format/errors.ts'
import { workbench } from '../workbench.ts'
import { useConnectionStore } from './connection.ts'

export interface KnownFields {
  readonly settings: readonly { readonly path: string; readonly varies: boolean }[]
  readonly series: readonly string[]
}

interface Page {
  readonly ids: readonly string[]
  readonly columns: Readonly<Record<string, readonly ColumnValue[]>>
}

const renewAfterMs = 2000
/** Changed runs that are asked for by name; of more, everything is fetched again. */
const mostNamed = 500

export const useRunColumnsStore = defineStore('run-columns', () => {
  const known = shallowRef<KnownFields>({ settings: [], series: [] })
  const columns = shallowRef<ReadonlyMap<string, ReadonlyMap<string, ColumnValue>>>(new Map())
  const isLoading = ref(false)
  const error = ref('')
  const wanted = new Set<string>()
  const changed = new Set<string>()
  let users = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let working: Promise<void> = Promise.resolve()

  /** Published once and whole: a column that is half there would sort and filter wrongly. */
  const publish = (fields: readonly string[], pages: readonly Page[], isNew: boolean): void => {
    const next = new Map(columns.value)
    for (const field of fields) {
      const column = new Map(isNew ? [] : columns.value.get(field))
      for (const { ids, columns: values } of pages)
        ids.forEach((id, index) => column.set(id, values[field]?.[index] ?? null))
      next.set(field, column)
    }
    columns.value = next
  }
  const fetchAll = async (fields: readonly string[]): Promise<void> => {
    const pages: Page[] = []
    let before: number | null = null
    do {
      const page: Page & { readonly next: number | null } = await workbench().runs.columns({
        fields: [...fields],
        before,
      })
      pages.push(page)
      before = page.next
    } while (before !== null)
    publish(fields, pages, true)
  }
  /** One thing after another, so that an old answer never stands over a new one. */
  const work = (task: () => Promise<void>): Promise<void> => {
    working = working.then(async () => {
      isLoading.value = true
      try {
        await task()
        error.value = ''
      } catch (thrown) {
        error.value = thrownText(thrown)
      } finally {
        isLoading.value = false
      }
    })
    return working
  }
  const loadKnown = (): Promise<void> =>
    work(async () => {
      known.value = await workbench().runs.fields({})
    })
  const want = (fields: readonly string[]): void => {
    const news = fields.filter(field => !wanted.has(field))
    for (const field of news) wanted.add(field)
    for (let first = 0; first < news.length; first += 10) {
      const part = news.slice(first, first + 10)
      void work(() => fetchAll(part)).then(() => {
        // Asked for again at the next occasion.
        if (error.value !== '') part.forEach(field => wanted.delete(field))
      })
    }
  }
  const renew = (): void => {
    timer = undefined
    const ids = [...changed]
    const fields = [...wanted]
    changed.clear()
    if (ids.length === 0) return
    void loadKnown()
    if (fields.length === 0) return
    if (ids.length > mostNamed) return void work(() => fetchAll(fields))
    void work(async () => {
      const page = await workbench().runs.columns({ fields: fields.slice(0, 40), ids })
      publish(fields.slice(0, 40), [page], false)
    })
  }
  const note = (id: string): void => {
    changed.add(id)
    if (users > 0) timer ??= setTimeout(renew, renewAfterMs)
  }
  let isListening = false
  const listen = (): void => {
    if (isListening) return
    isListening = true
    workbench().runs.onChanged(({ id }) => note(id))
    workbench().runs.onManyChanged(runs => runs.forEach(({ id }) => note(id)))
    workbench().checkpoints.onChanged(({ runId }) => note(runId))
  }
  /** To be called by what shows columns: they are kept up to date as long as it lives. */
  const use = (): void => {
    listen()
    users++
    onScopeDispose(() => users--)
    void loadKnown()
    if (changed.size > 0) renew()
    useConnectionStore().onReconnect(() => {
      void loadKnown()
      const fields = [...wanted]
      if (fields.length > 0) void work(() => fetchAll(fields))
    })
  }
  return { known, columns, isLoading, error, want, use }
})
