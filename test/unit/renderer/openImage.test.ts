/** The image that stands open over the grid stays the same while it is edited, whatever the filter takes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computed, effectScope, nextTick, ref } from 'vue'
import type { DatasetItem } from '../../../core/contract/index.ts'
import { useOpenImage } from '../../../renderer/panels/Data/useOpenImage.ts'

/** A split of five images under the filter “dog”, of which some are. */
function grid() {
  const labels = ref(['dog', 'cat', 'dog', 'dog', 'cat'])
  const itemOf = (index: number): DatasetItem =>
    ({ index, className: labels.value[index]! }) as unknown as DatasetItem
  const list = ref<number[]>([])
  const arrivals = ref(0)
  const version = ref(0)
  const place = ref<number | null>(null)
  const arrive = (): void => {
    list.value = labels.value.flatMap((name, index) => (name === 'dog' ? [index] : []))
    arrivals.value++
  }
  arrive()
  const at = (where: number): DatasetItem | undefined => {
    const index = list.value[where]
    return index === undefined ? undefined : itemOf(index)
  }
  const open = useOpenImage({
    found: { total: computed(() => list.value.length), at, arrivals, isChanging: ref(false) },
    place: () => place.value,
    move: to => (place.value = to),
    version: () => String(version.value),
    fetch: index => Promise.resolve(itemOf(index)),
  })
  const relabel = async (index: number, name: string): Promise<void> => {
    labels.value = labels.value.map((each, own) => (own === index ? name : each))
    version.value++
    await nextTick()
    arrive()
    await nextTick()
    await nextTick()
  }
  return { open, place, relabel, shown: () => `${open.item.value?.index} ${open.item.value?.className}` }
}

test('an image relabelled under a class filter stays open until the user moves on', async () => {
  const scope = effectScope()
  await scope.run(async () => {
    const { open, place, relabel, shown } = grid()
    place.value = 1
    assert.equal(shown(), '2 dog')
    await relabel(2, 'cat')
    assert.equal(shown(), '2 cat')
    assert.equal(open.fits.value, false)

    // Taken back, it fits again at its place.
    await relabel(2, 'dog')
    assert.equal(shown(), '2 dog')
    assert.equal(open.fits.value, true)

    // The next one stands where it stood.
    await relabel(2, 'cat')
    open.go(1)
    assert.equal(shown(), '3 dog')
    assert.equal(open.fits.value, true)
  })
  scope.stop()
})

test('an image keeps open where others before it come or go, and where none is left', async () => {
  const scope = effectScope()
  await scope.run(async () => {
    const { open, place, relabel, shown } = grid()
    place.value = 2
    assert.equal(shown(), '3 dog')
    await relabel(0, 'cat')
    assert.equal(place.value, 1)
    assert.equal(shown(), '3 dog')
    await relabel(2, 'cat')
    await relabel(3, 'cat')
    assert.equal(shown(), '3 cat')
    assert.equal(open.fits.value, false)
    assert.equal(open.isOpen.value, true)
    place.value = null
    assert.equal(open.isOpen.value, false)
    assert.equal(open.item.value, null)
  })
  scope.stop()
})
