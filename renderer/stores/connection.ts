/** Whether the host can be heard, and what to fetch again once it can. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import type { LinkState, WatchedLink } from '../link.ts'
import { workbench } from '../workbench.ts'

const awayAfterMs = 700

export const useConnectionStore = defineStore('connection', () => {
  const state = ref<LinkState>('connecting')
  /** The host has not been heard for longer than a short gap: what the page shows may no longer be so. */
  const isAway = ref(false)
  let noting: ReturnType<typeof setTimeout> | undefined
  const refetchers = new Set<() => void>()

  /** Follows a link; everything registered with `onReconnect` runs when it comes back. */
  const follow = (link: Pick<WatchedLink, 'watch'>): void => {
    let wasOpen = false
    link.watch(next => {
      state.value = next
      clearTimeout(noting)
      if (next === 'open') isAway.value = false
      else noting = setTimeout(() => (isAway.value = true), awayAfterMs)
      if (next !== 'open') return
      if (wasOpen) for (const refetch of refetchers) refetch()
      wasOpen = true
    })
  }

  /** Runs the function after every reconnect until the calling component or store goes. */
  const onReconnect = (refetch: () => void): void => {
    refetchers.add(refetch)
    onScopeDispose(() => refetchers.delete(refetch))
  }

  /** Like `onReconnect`, and also when points and log lines were left out while nobody saw the page. */
  const onGap = (refetch: () => void): void => {
    onReconnect(refetch)
    onScopeDispose(workbench().system.onMissed(refetch))
  }

  return { state, isAway, follow, onReconnect, onGap }
})
