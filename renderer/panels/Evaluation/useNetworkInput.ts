/** What a checkpoint's network is given: size and channels of the images that it was trained on; null until known. */
import { shallowRef, watch } from 'vue'
import { workbench } from '../../workbench.ts'

export interface NetworkInput {
  readonly size: number
  readonly isGrey: boolean
}

export function useNetworkInput(checkpointId: () => string) {
  const input = shallowRef<NetworkInput | null>(null)
  watch(
    checkpointId,
    async id => {
      input.value = null
      try {
        const { runId } = await workbench().checkpoints.get({ id })
        const { config } = await workbench().runs.get({ id: runId })
        if (id === checkpointId()) input.value = readInput(config)
      } catch {
        // The answer stands without it; what is wrong with the checkpoint is told elsewhere.
      }
    },
    { immediate: true },
  )
  return input
}

export function readInput(config: Readonly<Record<string, unknown>>): NetworkInput | null {
  const input = config['input'] as { readonly size?: unknown; readonly channels?: unknown } | undefined
  return typeof input?.size === 'number' ? { size: input.size, isGrey: input.channels === 1 } : null
}
