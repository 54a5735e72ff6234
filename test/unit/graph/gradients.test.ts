/** The gradients that losses are differentiated with, against those that tfjs itself has. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { registerLossGradients } from '../../../core/graph/gradients.ts'

type Expression = (a: Tensor, b: Tensor) => Tensor

/** Each ends in something that is not constant, so that dy differs from place to place. */
const expressions: Readonly<Record<string, Expression>> = {
  add: (a, b) => tf.add(a, tf.mul(b, b)),
  'add, broadcast': (a, b) => tf.square(tf.add(a, tf.slice(b, 0, 1))),
  sub: (a, b) => tf.square(tf.sub(a, b)),
  'sub, broadcast': (a, b) => tf.square(tf.sub(tf.sum(a, 1, true), b)),
  mul: (a, b) => tf.mul(a, b),
  'mul, broadcast': (a, b) => tf.mul(tf.mul(a, tf.mean(b, 0)), a),
  div: (a, b) => tf.div(a, b),
  'div, broadcast': (a, b) => tf.div(a, tf.sum(b, 0, true)),
  squaredDifference: (a, b) => tf.squaredDifference(a, b),
  maximum: (a, b) => tf.square(tf.maximum(a, b)),
  'maximum of equals': a => tf.square(tf.maximum(a, a)),
  minimum: (a, b) => tf.square(tf.minimum(a, b)),
  neg: a => tf.square(tf.neg(a)),
  exp: a => tf.exp(a),
  log: a => tf.log(a),
  square: a => tf.square(a),
  sqrt: a => tf.sqrt(a),
  rsqrt: a => tf.rsqrt(a),
  relu: (a, b) => tf.square(tf.relu(tf.sub(a, b))),
  abs: (a, b) => tf.square(tf.abs(tf.sub(a, b))),
  reshape: a => tf.square(tf.reshape(a, [6, 2])),
  expandDims: a => tf.square(tf.expandDims(a, 1)),
  cast: a => tf.square(tf.cast(a, 'float32')),
  clone: a => tf.square(tf.clone(a)),
  'sum of all': a => tf.square(tf.sum(a)),
  'sum of an axis': a => tf.square(tf.sum(a, 0)),
  'sum, kept': a => tf.square(tf.sum(a, -1, true)),
  'mean of all': a => tf.square(tf.mean(a)),
  'mean of an axis': a => tf.square(tf.mean(a, 1)),
  softmax: a => tf.square(tf.softmax(a)),
  logSoftmax: a => tf.square(tf.logSoftmax(a)),
  slice: a => tf.square(tf.slice(a, [1, 1], [2, -1])),
  transpose: (a, b) => tf.mul(tf.transpose(a), tf.reshape(b, [4, 3])),
  'a·b': (a, b) => tf.square(tf.matMul(a as Tensor2D, tf.reshape(b, [4, 3]) as Tensor2D)),
  'aᵀ·b': (a, b) => tf.square(tf.matMul(a as Tensor2D, b as Tensor2D, true)),
  'a·bᵀ': (a, b) => tf.square(tf.matMul(a as Tensor2D, b as Tensor2D, false, true)),
  'aᵀ·bᵀ': (a, b) => tf.square(tf.matMul(a as Tensor2D, tf.reshape(b, [4, 3]) as Tensor2D, true, true)),
}

const ours = new Map<string, number[]>()
const tfjs = new Map<string, number[]>()

before(async () => {
  await tf.setBackend('cpu')
  registerLossGradients()
  for (const [name, expression] of Object.entries(expressions)) ours.set(name, gradientsOf(expression))
  await import('../../parity/tfjs-gradients.ts')
  for (const [name, expression] of Object.entries(expressions)) tfjs.set(name, gradientsOf(expression))
})

for (const name of Object.keys(expressions)) {
  test(`the gradient of ${name} is tfjs's`, () => {
    assert.ok(ours.get(name)!.some(value => value !== 0))
    assert.equal(ours.get(name)!.length, tfjs.get(name)!.length)
    ours.get(name)!.forEach((value, i) => {
      const expected = tfjs.get(name)![i]!
      assert.ok(
        Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
        `${i}: ${value}, tfjs ${expected}`,
      )
    })
  })
}

test('registering twice changes nothing', () => {
  const before = tf.getGradient(tf.Add)
  registerLossGradients()
  assert.equal(tf.getGradient(tf.Add), before)
})

/** Gradients with respect to two positive matrices [3, 4]. */
function gradientsOf(expression: Expression): number[] {
  const a = tf.tensor2d([0.5, 1.5, 2, 0.7, 1.1, 0.3, 2.2, 1.7, 0.9, 1.3, 0.4, 1.9], [3, 4])
  const b = tf.tensor2d([1.2, 0.8, 0.6, 1.4, 0.5, 2.1, 1, 0.35, 1.6, 0.75, 1.8, 0.95], [3, 4])
  // Adding both inputs' sums lets expressions of one input pass.
  const loss = (x: Tensor, y: Tensor): Tensor =>
    tf.add(tf.sum(expression(x, y)), tf.add(tf.sum(x), tf.sum(y)))
  return tf
    .grads(loss)([a, b])
    .flatMap(gradient => [...gradient.dataSync()])
}
