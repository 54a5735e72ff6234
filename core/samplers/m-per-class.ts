/** Batches of some classes, with the same number of images of each. */
import { z } from 'zod'
import { AppError } from '../errors/index.ts'
import { entry } from '../registry/registry.ts'
import { refusal } from './shared/refusal.ts'
import type { Draws, Random, Sampler, SamplingSource } from './shared/sampler.ts'

export const mPerClass = entry({
  name: 'm-per-class',
  title: 'Some of each class',
  summary:
    'Each batch takes some classes at random, and of each the same number of images, as losses on pairs need it.',
  source: 'pytorch-metric-learning, samplers.MPerClassSampler with a batch size',
  options: z.strictObject({
    imagesPerClass: z.int().min(2).max(1024).default(4).meta({
      title: 'Images per class',
      description: 'How many images of a class come in a row. The batch must be a multiple of it.',
      unit: 'images',
    }),
    epochFactor: z.number().min(0.01).max(64).default(1).meta({
      title: 'Epoch length',
      description: 'Images drawn in an epoch as a multiple of the number of images; whole batches only.',
    }),
    repeatFew: z.boolean().default(false).meta({
      title: 'Repeat where there are few',
      description:
        'Draw images more than once, augmented differently, where a class has fewer than asked. Otherwise such a class is refused.',
    }),
  }),
  create: ({ imagesPerClass, epochFactor, repeatFew }): Sampler => ({
    plan: source => {
      const { count, batchSize, labels } = source
      const classes = membersByClass(labels)
      checkBatch(source, imagesPerClass, classes.length)
      if (!repeatFew) checkMembers(classes, labels, imagesPerClass)
      const batches = Math.max(Math.floor((count * epochFactor) / batchSize), 1)
      return {
        draws: batches * batchSize,
        copies: batches * imagesPerClass,
        draw: ({ stream }) =>
          counted(drawBatches(classes, stream(), batches, batchSize / imagesPerClass, imagesPerClass), count),
      }
    },
  }),
})

/** Images of each class that has any, classes in the order of their numbers. */
function membersByClass(labels: Int32Array): Int32Array[] {
  const members = new Map<number, number[]>()
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!
    const known = members.get(label)
    if (known) known.push(index)
    else members.set(label, [index])
  }
  return [...members].sort(([one], [other]) => one - other).map(([, indices]) => Int32Array.from(indices))
}

function checkBatch({ batchSize, ranks }: SamplingSource, perClass: number, classCount: number): void {
  const part = batchSize / ranks
  if (part % perClass !== 0) {
    const message = `expected a divisor of training.batchSize${ranks > 1 ? ' for each rank' : ''}, which is ${part}, so that each class is complete in its batch, got ${perClass}`
    throw refusal('imagesPerClass', perClass, message)
  }
  const wanted = batchSize / perClass
  if (wanted <= classCount) return
  const message = `training.batchSize ${batchSize} asks for ${wanted} classes of ${perClass} images, there are ${classCount}. Use a batch of at most ${classCount * perClass}, or more images per class`
  throw refusal('imagesPerClass', perClass, message)
}

/** @throws AppError data-invalid for a class that has fewer images than come in a row. */
function checkMembers(classes: readonly Int32Array[], labels: Int32Array, perClass: number): void {
  const few = classes.filter(members => members.length < perClass)
  const first = few[0]
  if (!first) return
  const label = labels[first[0]!]!
  const others = few.length > 1 ? `, and ${few.length - 1} more classes have too few` : ''
  const message = `sampler.options.imagesPerClass: class ${label} has ${first.length} images, fewer than ${perClass}${others}. Lower it, add images, or set sampler.options.repeatFew`
  throw new AppError('invalid-config', message, {
    field: 'sampler.options.imagesPerClass',
    value: perClass,
    class: label,
  })
}

/** As MPerClassSampler: for each batch the classes are shuffled anew, and the first of them taken. */
function drawBatches(
  classes: readonly Int32Array[],
  random: Random,
  batches: number,
  ...[classesPerBatch, perClass]: [number, number]
): Int32Array {
  const order = Int32Array.from(classes, (_, at) => at)
  const pools = classes.map(members => members.slice())
  const indices = new Int32Array(batches * classesPerBatch * perClass)
  let at = 0
  for (let batch = 0; batch < batches; batch++) {
    moveToFront(order, classesPerBatch, random)
    for (let chosen = 0; chosen < classesPerBatch; chosen++) {
      const pool = pools[order[chosen]!]!
      if (pool.length >= perClass) moveToFront(pool, perClass, random)
      for (let k = 0; k < perClass; k++)
        indices[at++] = pool.length >= perClass ? pool[k]! : pool[Math.floor(random() * pool.length)]!
    }
  }
  return indices
}

/** Puts `count` of the elements, chosen at random, in random order at the front. */
function moveToFront(values: Int32Array, count: number, random: Random): void {
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (values.length - at))
    const held = values[at]!
    values[at] = values[other]!
    values[other] = held
  }
}

/** How often each image came before. */
function counted(indices: Int32Array, count: number): Draws {
  const seen = new Int32Array(count)
  return { indices, copies: indices.map(index => seen[index]!++) }
}
