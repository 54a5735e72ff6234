/**
 * The blocks of Inception-v4, from the image to the last map. Windows pad as TensorFlow's SAME unless `valid` stands beside them.
 * Shapes are those of an image of 299 x 299.
 */
import type { GraphBuilder, Value } from '../../graph/index.ts'

type Kernel = number | readonly [height: number, width: number]

/** Convolution, batch norm, ReLU. */
export type ConvBlock = (
  name: string,
  input: Value,
  filters: number,
  kernel: Kernel,
  options?: { readonly stride?: number; readonly padding?: 'same' | 0 },
) => Value

const valid = { padding: 0 } as const
const halve = { stride: 2, padding: 0 } as const

/** @returns the last map [8,8,1536], and the one before the second reduction [17,17,1024] */
export function inceptionBlocks(
  g: GraphBuilder,
  conv: ConvBlock,
): { readonly map: Value; readonly beforeReduction: Value } {
  let x = stem(g, conv) // [35,35,384]
  for (const at of [6, 7, 8, 9]) x = blockA(g, conv, `features.${at}`, x)
  x = reductionA(g, conv, 'features.10', x) // [17,17,1024]
  for (const at of [11, 12, 13, 14, 15, 16, 17]) x = blockB(g, conv, `features.${at}`, x)
  const beforeReduction = x
  x = reductionB(g, conv, 'features.18', x) // [8,8,1536]
  for (const at of [19, 20, 21]) x = blockC(g, conv, `features.${at}`, x)
  return { map: x, beforeReduction }
}

function stem(g: GraphBuilder, conv: ConvBlock): Value {
  let x = conv('features.0', g.input, 32, 3, halve) // [149,149,32]
  x = conv('features.1', x, 32, 3, valid) // [147,147,32]
  x = conv('features.2', x, 64, 3) // [147,147,64]
  x = g.concat('features.3', [
    g.maxPool('features.3.maxpool', x, { kernel: 3, ...halve }),
    conv('features.3.conv', x, 96, 3, halve),
  ]) // [73,73,160]
  const left = conv('features.4.branch0.1', conv('features.4.branch0.0', x, 64, 1), 96, 3, valid)
  let right = conv('features.4.branch1.0', x, 64, 1)
  right = conv('features.4.branch1.1', right, 64, [1, 7])
  right = conv('features.4.branch1.2', right, 64, [7, 1])
  right = conv('features.4.branch1.3', right, 96, 3, valid)
  x = g.concat('features.4', [left, right]) // [71,71,192]
  return g.concat('features.5', [
    conv('features.5.conv', x, 192, 3, halve),
    g.maxPool('features.5.maxpool', x, { kernel: 3, ...halve }),
  ]) // [35,35,384]
}

function blockA(g: GraphBuilder, conv: ConvBlock, name: string, x: Value): Value {
  const second = conv(`${name}.branch1.1`, conv(`${name}.branch1.0`, x, 64, 1), 96, 3)
  let third = conv(`${name}.branch2.1`, conv(`${name}.branch2.0`, x, 64, 1), 96, 3)
  third = conv(`${name}.branch2.2`, third, 96, 3)
  return g.concat(name, [
    conv(`${name}.branch0`, x, 96, 1),
    second,
    third,
    conv(`${name}.branch3.1`, mean(g, `${name}.branch3.0`, x), 96, 1),
  ])
}

function reductionA(g: GraphBuilder, conv: ConvBlock, name: string, x: Value): Value {
  let second = conv(`${name}.branch1.1`, conv(`${name}.branch1.0`, x, 192, 1), 224, 3)
  second = conv(`${name}.branch1.2`, second, 256, 3, halve)
  return g.concat(name, [
    conv(`${name}.branch0`, x, 384, 3, halve),
    second,
    g.maxPool(`${name}.branch2`, x, { kernel: 3, ...halve }),
  ])
}

function blockB(g: GraphBuilder, conv: ConvBlock, name: string, x: Value): Value {
  let second = conv(`${name}.branch1.1`, conv(`${name}.branch1.0`, x, 192, 1), 224, [1, 7])
  second = conv(`${name}.branch1.2`, second, 256, [7, 1])
  let third = conv(`${name}.branch2.1`, conv(`${name}.branch2.0`, x, 192, 1), 192, [7, 1])
  third = conv(`${name}.branch2.2`, third, 224, [1, 7])
  third = conv(`${name}.branch2.3`, third, 224, [7, 1])
  third = conv(`${name}.branch2.4`, third, 256, [1, 7])
  return g.concat(name, [
    conv(`${name}.branch0`, x, 384, 1),
    second,
    third,
    conv(`${name}.branch3.1`, mean(g, `${name}.branch3.0`, x), 128, 1),
  ])
}

function reductionB(g: GraphBuilder, conv: ConvBlock, name: string, x: Value): Value {
  const first = conv(`${name}.branch0.1`, conv(`${name}.branch0.0`, x, 192, 1), 192, 3, halve)
  let second = conv(`${name}.branch1.1`, conv(`${name}.branch1.0`, x, 256, 1), 256, [1, 7])
  second = conv(`${name}.branch1.2`, second, 320, [7, 1])
  second = conv(`${name}.branch1.3`, second, 320, 3, halve)
  return g.concat(name, [first, second, g.maxPool(`${name}.branch2`, x, { kernel: 3, ...halve })])
}

function blockC(g: GraphBuilder, conv: ConvBlock, name: string, x: Value): Value {
  const second = conv(`${name}.branch1_0`, x, 384, 1)
  let third = conv(`${name}.branch2_1`, conv(`${name}.branch2_0`, x, 384, 1), 448, [3, 1])
  third = conv(`${name}.branch2_2`, third, 512, [1, 3])
  return g.concat(name, [
    conv(`${name}.branch0`, x, 256, 1),
    conv(`${name}.branch1_1a`, second, 256, [1, 3]),
    conv(`${name}.branch1_1b`, second, 256, [3, 1]),
    conv(`${name}.branch2_3a`, third, 256, [1, 3]),
    conv(`${name}.branch2_3b`, third, 256, [3, 1]),
    conv(`${name}.branch3.1`, mean(g, `${name}.branch3.0`, x), 256, 1),
  ])
}

/** Mean over 3 x 3; padding is not counted. */
function mean(g: GraphBuilder, name: string, x: Value): Value {
  return g.avgPool(name, x, { kernel: 3, padding: 'same' })
}
