/** Summaries of all runs, trashed ones apart, kept up to date by pushes. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { RunSummary } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'
import { keyed } from './keyed.ts'

export const useRunsStore = defineStore('runs', () => {
  const { all, list: everything, refetch, put, drop } = keyed<RunSummary>((a, b) => b.createdAt - a.createdAt)
  const isLoaded = ref(false)
  const kept = computed(() => everything.value.filter(run => run.deletedAt === null))
  const list = computed(() => kept.value.filter(run => run.archivedAt === null))
  const archived = computed(() => kept.value.filter(run => run.archivedAt !== null))
  const trashed = computed(() => everything.value.filter(run => run.deletedAt !== null))
  const queue = computed(() =>
    list.value
      .filter(run => run.status === 'queued')
      .sort((a, b) => (a.queuePosition ?? Infinity) - (b.queuePosition ?? Infinity)),
  )
  const active = computed(() =>
    list.value.filter(run => ['starting', 'running', 'pausing', 'stopping'].includes(run.status)),
  )

  const load = async (): Promise<void> => {
    const isTaken = await refetch(async () => {
      const [present, deleted] = await Promise.all([
        workbench().runs.list({}),
        workbench().runs.list({ deleted: true }),
      ])
      return [...deleted, ...present]
    })
    if (isTaken) isLoaded.value = true
  }
  const listen = (): void => {
    workbench().runs.onChanged(put)
    workbench().runs.onManyChanged(changed => changed.forEach(put))
    workbench().runs.onRemoved(({ id }) => drop(id))
  }
  return { all, list, kept, archived, trashed, queue, active, isLoaded, load, listen }
})
