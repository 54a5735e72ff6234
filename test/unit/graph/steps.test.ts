/** What batch norm swallows, and what it must leave alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphBuilder, type Graph } from '../../../core/graph/index.ts'
import { stepsOf } from '../../../core/graph/steps.ts'
import { models } from '../../../core/models/index.ts'

/** `output < inputs`, with + and r for a fused addition and ReLU. */
function described(graph: Graph): string[] {
  return stepsOf(graph).map(({ node, inputs, output }) => {
    const tail = `${node.attributes['addend'] ? '+' : ''}${node.attributes['relu'] ? 'r' : ''}`
    return `${output}${tail === '' ? '' : ` ${tail}`} < ${inputs.join(', ')}`
  })
}

test('a residual block becomes its convolutions and one step per batch norm', () => {
  const graph = models.create({ name: 'resnet18' })({ height: 64, width: 64, channels: 3, classCount: 10 })
  const block = described(graph).filter(step => step.startsWith('layer2.0'))
  assert.deepEqual(block, [
    'layer2.0.conv1 < layer1.1.relu',
    'layer2.0.relu1 r < layer2.0.conv1',
    'layer2.0.conv2 < layer2.0.relu1',
    'layer2.0.downsample.0 < layer1.1.relu',
    'layer2.0.downsample.1 < layer2.0.downsample.0',
    'layer2.0.relu +r < layer2.0.conv2, layer2.0.downsample.1',
  ])
})

test('a value with a second reader, or one that is an output, stays', () => {
  const g = new GraphBuilder('net', [4, 4, 2])
  const read = g.batchNorm('read', g.input)
  g.relu('readOnce', read)
  const seen = g.batchNorm('seen', read)
  const graph = g.build({ logits: g.relu('end', seen), embedding: seen })
  assert.deepEqual(described(graph), ['read < input', 'readOnce < read', 'seen < read', 'end < seen'])
})

test('an addition of three, or of a value to itself, stays', () => {
  const g = new GraphBuilder('net', [4, 4, 2])
  const a = g.batchNorm('a', g.input)
  const b = g.batchNorm('b', g.input)
  const c = g.batchNorm('c', g.add('double', [b, b]))
  const graph = g.build({ logits: g.add('three', [a, c, g.input]) })
  assert.deepEqual(described(graph), [
    'a < input',
    'b < input',
    'double < b, b',
    'c < double',
    'three < a, c, input',
  ])
})

test('of two batch norms that are added, one swallows the addition', () => {
  const g = new GraphBuilder('net', [4, 4, 2])
  const graph = g.build({
    logits: g.relu('r', g.add('s', [g.batchNorm('a', g.input), g.batchNorm('b', g.input)])),
  })
  assert.deepEqual(described(graph), ['b < input', 'r +r < input, b'])
})
