/** Notices that offer a way back: how many stand, and that none offers what was taken back already. */
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { createPinia, setActivePinia } from 'pinia'
import { useUndo } from '../../../renderer/composables/useUndo.ts'
import { useToastsStore } from '../../../renderer/stores/toasts.ts'

test('a notice goes with its change, and older ones give way but can still be taken back', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  setActivePinia(createPinia())
  const toasts = useToastsStore()
  const standing = (): string[] => toasts.toasts.map(each => each.message)
  const undo = useUndo()
  const taken: string[] = []
  for (const name of ['one', 'two', 'three']) undo.offer(name, () => taken.push(name))
  assert.deepEqual(standing(), ['two', 'three'])

  await undo.undoNewest()
  assert.deepEqual(standing(), ['two', 'Undone: three'])
  await undo.undoNewest()
  assert.deepEqual(standing(), ['Undone: three', 'Undone: two'])
  await undo.undoNewest()
  assert.deepEqual(taken, ['three', 'two', 'one'])
  assert.deepEqual(standing(), ['Undone: two', 'Undone: one'])

  // By the way back that was handed out, once.
  const takeBack = undo.offer('four', () => taken.push('four'))
  await takeBack()
  await takeBack()
  assert.deepEqual(taken.slice(3), ['four'])
  assert.deepEqual(standing(), ['Undone: one', 'Undone: four'])
  mock.timers.reset()
})
