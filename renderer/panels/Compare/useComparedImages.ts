/** One page of the images of a comparison, chosen by the address, and the one that is looked at. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComparedImage, ImageGroup, ImageOrder } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { refine, route } from '../../route.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import type { PredictionsView } from './usePredictions.ts'

export const pageSize = 60
const groups: readonly ImageGroup[] = [
  ...(['all', 'gained', 'lost', 'both-right', 'both-wrong', 'disagree', 'all-right', 'all-wrong'] as const),
]
const orders: readonly ImageOrder[] = ['change', 'loss-first', 'loss-second', 'index']

export function useComparedImages({ request, predictions }: PredictionsView) {
  const query = computed(() => route.value.query)
  const number = (name: string): number | null => {
    const text = query.value[name] ?? ''
    return /^\d{1,9}$/.test(text) ? Number(text) : null
  }
  const group = computed(() => groups.find(each => each === query.value['group']) ?? 'gained')
  const order = computed(() => orders.find(each => each === query.value['order']) ?? 'change')
  const label = computed(() => number('label'))
  const predicted = computed(() => number('predicted'))
  /** From 1. */
  const page = computed(() => Math.max(1, number('page') ?? 1))
  const image = computed(() => number('image'))

  const items = shallowRef<readonly ComparedImage[]>([])
  const total = ref<number | null>(null)
  const error = ref('')
  const isLoading = ref(false)
  const asked = computed(() => {
    // Predictions first: they are joined once, for both.
    if (!request.value || !predictions.value) return null
    return {
      ...request.value,
      ...{ group: group.value, order: order.value, label: label.value, predicted: predicted.value },
      ...{ offset: (page.value - 1) * pageSize, limit: pageSize },
    }
  })
  const key = computed(() => JSON.stringify(asked.value))
  const load = async (): Promise<void> => {
    const wanted = key.value
    if (!asked.value) {
      items.value = []
      total.value = null
      return
    }
    isLoading.value = true
    try {
      const found = await workbench().comparisons.images(asked.value)
      if (wanted !== key.value) return
      items.value = found.items
      total.value = found.total
      error.value = ''
    } catch (failure) {
      if (wanted === key.value) error.value = thrownText(failure)
    } finally {
      if (wanted === key.value) isLoading.value = false
    }
  }
  watch(key, () => void load(), { immediate: true })
  useConnectionStore().onReconnect(() => void load())

  /** The image of the address, wherever it stands. */
  const open = shallowRef<ComparedImage | null>(null)
  const openError = ref('')
  watch(
    [image, items, request],
    async ([index]) => {
      openError.value = ''
      if (index === null || !asked.value || !request.value) {
        open.value = null
        return
      }
      const here = items.value.find(each => each.index === index)
      if (here) {
        open.value = here
        return
      }
      if (isLoading.value) return
      try {
        const input = { ...request.value, group: 'all' as const, index, offset: 0, limit: 1 }
        const found = await workbench().comparisons.images(input)
        if (index !== image.value) return
        open.value = found.items[0] ?? null
        if (found.items.length === 0) openError.value = 'missing'
      } catch (failure) {
        openError.value = thrownText(failure)
      }
    },
    { immediate: true },
  )
  const pages = computed(() => Math.max(1, Math.ceil((total.value ?? 0) / pageSize)))
  const turn = (to: number): void => refine({ page: to <= 1 ? '' : String(Math.min(to, pages.value)) })
  /** Goes to the image so many places on, across pages. */
  const step = async (by: number): Promise<void> => {
    const at = items.value.findIndex(each => each.index === image.value)
    const next = (page.value - 1) * pageSize + at + by
    if (at < 0 || next < 0 || next >= (total.value ?? 0)) return
    const wanted = Math.floor(next / pageSize) + 1
    if (wanted !== page.value) {
      turn(wanted)
      await load()
    }
    const found = items.value[next % pageSize]
    if (found) refine({ image: String(found.index) })
  }
  return {
    ...{ group, order, label, predicted, page, pages, image, items, total, error, isLoading },
    ...{ open, openError, turn, step },
  }
}
