/** Every registered model: it builds at any size, channel and class count, and counts and names are the published ones. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { summarise, type Graph } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'

/** Parameters with 1000 classes, as torchvision publishes them. */
const torchvisionCounts = {
  resnet18: 11_689_512,
  resnet34: 21_797_672,
  resnet50: 25_557_032,
  resnet101: 44_549_160,
  resnet152: 60_192_808,
}
/** Parameters with 10 classes: 0.27, 0.46, 0.66, 0.85 and 1.7 million in He et al. 2015, table 6. */
const cifarCounts = {
  'cifar-resnet20': 269_722,
  'cifar-resnet32': 464_154,
  'cifar-resnet44': 658_586,
  'cifar-resnet56': 853_018,
  'cifar-resnet110': 1_727_962,
}

interface Size {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly classCount: number
}

function build(name: string, size: Partial<Size> = {}, options = {}): Graph {
  return models.create({ name, options })({ height: 32, width: 32, channels: 3, classCount: 10, ...size })
}

for (const { name, title, summary, source } of models.list()) {
  test(`${name} builds for odd sizes, grey images and any class count`, () => {
    const [least, side] = name === 'inception-v4' ? [77, 75] : [28, 32]
    for (const size of [
      { height: side + 5, width: side + 21 },
      { height: least, width: least, channels: 1 },
      { height: side, width: side, classCount: 2 },
    ]) {
      const graph = build(name, size)
      const wanted = { channels: 3, classCount: 10, ...size }
      assert.deepEqual(graph.inputShape, [wanted.height, wanted.width, wanted.channels])
      const logits = graph.nodes.find(node => node.name === graph.outputs['logits'])
      assert.deepEqual(logits?.shape, [wanted.classCount])
    }
    assert.ok(title && summary && source)
  })

  test(`${name} refuses an image that is too small, naming the least that works`, () => {
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof AppError && error.code === 'invalid-config')
      assert.equal(error.details['field'], 'input.size')
      const least = error.details['least'] as number
      assert.doesNotThrow(() => build(name, { height: least, width: least }))
      assert.throws(() => build(name, { height: 80, width: least - 1 }), AppError)
      return true
    }
    assert.throws(() => build(name, { height: 2, width: 2 }), refused)
  })

  test(`${name} gives an embedding in front of its classifier`, () => {
    const { nodes, outputs } = build(name, { height: 80, width: 80 })
    const embedding = nodes.find(node => node.name === outputs['embedding'])
    assert.equal(embedding?.shape.length, 1)
  })

  if (name === 'inception-v4') continue
  test(`${name} starts the last gamma of every branch at zero only when asked`, () => {
    const zeros = (options: object): number =>
      build(name, {}, options)
        .nodes.flatMap(n => n.parameters)
        .filter(p => p.kind === 'gamma' && p.initializer.kind === 'zeros').length
    const blocks = build(name).nodes.filter(node => node.op === 'add').length
    assert.equal(zeros({}), 0)
    assert.equal(zeros({ zeroInitLastGamma: true }), blocks)
  })
}

for (const { name } of models.list()) {
  test(`${name} refuses an unknown option`, () => {
    assert.throws(
      () => build(name, {}, { depth: 3 }),
      (error: unknown) => error instanceof AppError && error.code === 'invalid-config',
    )
  })
}

for (const [name, count] of Object.entries(torchvisionCounts)) {
  test(`${name} has torchvision's parameter count, names and shapes`, () => {
    const graph = build(name, { height: 224, width: 224, classCount: 1000 })
    assert.equal(summarise(graph).parameterCount, count)
    const url = new URL('../../parity/fixtures/torchvision-names.json', import.meta.url)
    const expected = (JSON.parse(readFileSync(url, 'utf8')) as Record<string, Record<string, number[]>>)[name]
    const ours = graph.nodes
      .flatMap(node => [...node.parameters, ...node.buffers])
      .map(info => [info.name, inTorch(info.shape)])
    assert.deepEqual(Object.fromEntries(ours), expected)
  })
}

for (const [name, count] of Object.entries(cifarCounts)) {
  test(`${name} has the published parameter count`, () =>
    assert.equal(summarise(build(name)).parameterCount, count))
}

test('ResNet-50 with 1001 classes has 25,559,081 parameters', () => {
  assert.equal(summarise(build('resnet50', { classCount: 1001 })).parameterCount, 25_559_081)
})

test('the other networks have the counts of their sources', () => {
  const counts = (name: string, options = {}, classCount = 1000): number =>
    summarise(build(name, { height: 224, width: 224, classCount }, options)).parameterCount
  assert.equal(counts('se-resnet50'), 28_088_024) // timm's seresnet50
  assert.ok(Math.abs(counts('se-resnet50-mindspore', {}, 1001) - 28.2e6) < 0.05e6)
  assert.equal(counts('inception-v4', { auxiliaryHead: false }), 42_679_816) // timm's inception_v4
  assert.equal(counts('multigrain'), 25_557_032) // ResNet-50's: GeM with a fixed power has no parameter
  assert.equal(counts('multigrain', { learnGemPower: true }), 25_557_033)
})

test('Inception-v4 at 299 pixels has 149 convolutions and 12.25 billion multiply-accumulates, and slim’s counts', () => {
  const size = { height: 299, width: 299, classCount: 1001 }
  const plain = build('inception-v4', size, { form: 'slim', auxiliaryHead: false })
  assert.equal(plain.nodes.filter(node => node.op === 'conv').length, 149)
  assert.equal((summarise(plain).macs / 1e9).toFixed(2), '12.25')
  assert.equal(summarise(plain).parameterCount, 42_649_769)
  const whole = build('inception-v4', size, { form: 'slim' })
  assert.equal(summarise(whole).parameterCount - 42_649_769, 3_359_337)
  assert.deepEqual(whole.trainingOutputs, ['auxLogits'])
  const shapeAt = (name: string): readonly number[] | undefined =>
    plain.nodes.find(node => node.name === name)?.shape
  assert.deepEqual(shapeAt('features.5'), [35, 35, 384])
  assert.deepEqual(shapeAt('features.10'), [17, 17, 1024])
  assert.deepEqual(shapeAt('features.18'), [8, 8, 1536])
})

test('ResNet-50 at 224 pixels takes 4.09 billion multiply-accumulates, as torchvision publishes', () => {
  const { macs } = summarise(build('resnet50', { height: 224, width: 224, classCount: 1000 }))
  assert.equal((macs / 1e9).toFixed(2), '4.09')
})

test('the width of a CIFAR ResNet scales its stages', () => {
  const channels = build('cifar-resnet8', {}, { width: 5 })
    .nodes.filter(node => node.op === 'conv')
    .map(node => node.shape[2])
  assert.deepEqual(channels, [5, 5, 5, 10, 10, 20, 20])
})

function inTorch(shape: readonly number[]): number[] {
  if (shape.length === 2) return [shape[1]!, shape[0]!]
  return shape.length === 4 ? [shape[3]!, shape[2]!, shape[0]!, shape[1]!] : [...shape]
}

test('MindSpore’s form pads bottleneck networks as TensorFlow does, and has its own eps and momentum', () => {
  const attributesOf = (name: string, at: string): Readonly<Record<string, unknown>> =>
    build(name, { height: 64, width: 64 }, { form: 'mindspore' }).nodes.find(node => node.name === at)!
      .attributes
  // 64 pixels, 7 x 7 with stride 2: five of padding, the larger part behind.
  assert.deepEqual(attributesOf('resnet50', 'conv1')['padding'], [2, 3, 2, 3])
  assert.deepEqual(attributesOf('resnet18', 'conv1')['padding'], [3, 3, 3, 3])
  assert.equal(attributesOf('resnet50', 'bn1')['epsilon'], 1e-4)
  const { epsilon, momentum } = attributesOf('resnet18', 'bn1')
  assert.deepEqual([epsilon, momentum], [1e-5, 0.9])
  assert.equal(attributesOf('resnet18', 'layer1.0.bn1')['epsilon'], 1e-4)
})

test('MindSpore’s SE-ResNet-50 excites the last blocks of the last two stages alone', () => {
  const at = (name: string): string[] =>
    build(name)
      .nodes.filter(node => node.op === 'scale')
      .map(node => node.name)
  assert.deepEqual(at('se-resnet50-mindspore'), ['layer3.5.se.scale', 'layer4.2.se.scale'])
  assert.equal(at('se-resnet50').length, 16)
})

test('the deep stem, first weights and drop path of a ResNet are what is asked for', () => {
  const options = { stem: 'deep', convInit: 'he-uniform', denseInit: 'normal', dropPath: 0.3 }
  const { nodes } = build('resnet18', { height: 64, width: 64 }, options)
  const stem = nodes.filter(node => node.op === 'conv').slice(0, 3)
  assert.deepEqual(
    stem.map(node => node.shape),
    [
      [32, 32, 32],
      [32, 32, 32],
      [32, 32, 64],
    ],
  )
  const kindOf = (name: string): string | undefined =>
    nodes.flatMap(node => node.parameters).find(info => info.name === name)?.initializer.kind
  assert.equal(kindOf('layer1.0.conv1.weight'), 'he-uniform')
  assert.equal(kindOf('fc.weight'), 'normal')
  const rates = nodes.filter(node => node.op === 'drop_path').map(node => node.attributes['rate'] as number)
  assert.equal(rates.length, 7) // the first block keeps its branch
  assert.ok(rates.every((rate, i) => i === 0 || rate > rates[i - 1]!) && rates.at(-1) === 0.3)
})

test('squeeze and excitation in a CIFAR ResNet has at least four hidden units', () => {
  const { nodes } = build('cifar-resnet20', {}, { squeezeExcitation: true })
  const hidden = nodes.filter(node => node.name.endsWith('.se.fc1')).map(node => node.shape[0])
  assert.deepEqual(hidden, new Array(9).fill(4))
})

test('the width of Inception-v4 scales its convolutions and keeps at least one channel', () => {
  const { nodes, outputs } = build('inception-v4', { height: 75, width: 75 }, { width: 1 / 32 })
  const channels = nodes.filter(node => node.op === 'conv').map(node => node.shape[2]!)
  assert.deepEqual(channels.slice(0, 3), [1, 1, 2])
  assert.equal(nodes.find(node => node.name === outputs['embedding'])!.shape[0], 48)
})

test('MultiGrain stands on any of the networks, with their defaults and one head', () => {
  for (const backbone of ['resnet18', 'se-resnet50-mindspore', 'cifar-resnet20', 'inception-v4']) {
    const { nodes, outputs } = build('multigrain', { height: 75, width: 75 }, { backbone })
    const pool = nodes.find(node => node.name === outputs['embedding'])!
    assert.equal(pool.op, 'gem')
    assert.deepEqual(pool.attributes, { p: 3, isLearned: false })
    assert.deepEqual(Object.keys(outputs).sort(), ['embedding', 'logits'])
  }
  assert.throws(() => build('multigrain', {}, { backbone: 'vgg' }), AppError)
})
