/** Which known name was meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from '../../../core/experiment/index.ts'

const known = ['epochs', 'batchSize', 'learningRate', 'seed']

test('typing mistakes, other ways of joining words, and swapped letters are recognised', () => {
  assert.equal(nearestName('epoch', known), 'epochs')
  assert.equal(nearestName('batch_size', known), 'batchSize')
  assert.equal(nearestName('batch-size', known), 'batchSize')
  assert.equal(nearestName('LEARNINGRATE', known), 'learningRate')
  assert.equal(nearestName('sede', known), 'seed')
})

test('something else entirely suggests nothing', () => {
  assert.equal(nearestName('dropout', known), null)
  assert.equal(nearestName('', known), null)
  assert.equal(nearestName('x', []), null)
})
