/**
 * What the table of runs shows and how: query, status, order, columns, groups. The address has the last word, so that every view can be
 * linked to; order, columns and groups are remembered besides. A saved view is all of it under a name.
 */
import { computed, type WritableComputedRef } from 'vue'
import { refine, route } from '../../route.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { readColumns, type Column } from './columns.ts'
import type { RunOrder, StatusFilter } from './runRows.ts'

export interface SavedView {
  readonly name: string
  readonly query: string
  readonly status: StatusFilter
  readonly order: RunOrder
  readonly group: string
  /** Null: those of a new user. */
  readonly columns: readonly Column[] | null
}

const statuses: readonly StatusFilter[] = ['all', 'active', 'finished', 'resumable', 'failed']
/** No query where the view has one: an empty one is no part of an address. */
const nothing = ' '
const newestFirst: RunOrder = { column: 'created', isDescending: true }

export function useRunView() {
  const settings = useSettingsStore()
  const fromAddress = (name: string): string | undefined =>
    route.value.page === 'runs' ? route.value.query[name] : undefined
  const views = computed<readonly SavedView[]>(() => settings.view<readonly SavedView[]>('runs.views', []))
  const chosenName = computed(() => fromAddress('view') ?? '')
  const chosen = computed(() => views.value.find(view => view.name === chosenName.value) ?? null)

  const query = computed({
    get: () => {
      const asked = fromAddress('q') ?? chosen.value?.query ?? ''
      return asked === nothing ? '' : asked
    },
    set: next => {
      const ofView = chosen.value?.query ?? ''
      refine({ q: next === ofView ? '' : next || nothing })
    },
  })
  const status = computed<StatusFilter>({
    get: () => statuses.find(each => each === fromAddress('status')) ?? chosen.value?.status ?? 'all',
    set: next => refine({ status: next === (chosen.value?.status ?? 'all') ? '' : next }),
  })
  const order = computed<RunOrder>({
    get: () =>
      readOrder(fromAddress('sort')) ??
      chosen.value?.order ??
      settings.view<RunOrder>('runs.order', newestFirst),
    set: next => {
      refine({ sort: `${next.isDescending ? '-' : ''}${next.column}` })
      settings.setView('runs.order', next)
    },
  })
  const group = remembered('group', 'runs.group', () => chosen.value?.group)
  const columns = computed<readonly Column[] | null>({
    get: () =>
      readColumns(
        fromAddress('columns')
          ?.split(',')
          .filter(Boolean)
          .map(name => ({ name })),
      ) ??
      (chosen.value
        ? readColumns(chosen.value.columns)
        : readColumns(settings.view<unknown[]>('runs.columns', []))),
    set: next => {
      refine({ columns: '' })
      if (chosen.value) save({ ...chosen.value, columns: next })
      else settings.setView('runs.columns', next ?? [])
    },
  })

  function remembered(
    name: string,
    stored: string,
    ofView: () => string | undefined,
  ): WritableComputedRef<string> {
    return computed({
      get: () => {
        const asked = fromAddress(name)
        return asked === 'none' ? '' : (asked ?? ofView() ?? settings.view<string>(stored, ''))
      },
      set: next => {
        refine({ [name]: next === '' ? 'none' : next })
        settings.setView(stored, next)
      },
    })
  }

  const choose = (name: string): void =>
    refine({ view: name, q: '', status: '', sort: '', group: '', columns: '' })
  const save = (view: SavedView): void =>
    settings.setView(
      'runs.views',
      [...views.value.filter(each => each.name !== view.name), view].sort((a, b) =>
        a.name < b.name ? -1 : 1,
      ),
    )
  /** What is shown now, under a name. */
  const saveAs = (name: string): void => {
    save({
      ...{ name, query: query.value, status: status.value, order: order.value, group: group.value },
      columns: columns.value,
    })
    choose(name)
  }
  const remove = (name: string): void => {
    settings.setView(
      'runs.views',
      views.value.filter(each => each.name !== name),
    )
    if (chosenName.value === name) choose('')
  }
  const isChanged = computed(() => {
    const view = chosen.value
    if (!view) return false
    const isSame =
      view.query === query.value &&
      view.status === status.value &&
      view.group === group.value &&
      view.order.column === order.value.column &&
      view.order.isDescending === order.value.isDescending
    return !isSame
  })
  return { query, status, order, group, columns, views, chosen, isChanged, choose, save, saveAs, remove }
}

/** `-best` is best first descending; `name` ascending. */
function readOrder(text: string | undefined): RunOrder | null {
  if (text === undefined || text === '' || text === '-') return null
  const isDescending = text.startsWith('-')
  return { column: isDescending ? text.slice(1) : text, isDescending }
}
