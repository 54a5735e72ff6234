/**
 * Speed of our wasm kernels beside tfjs's own and beside formulations by tfjs's convolution: `node test/bench/kernels.ts`.
 * Prints GFLOP/s and the ratio of our speed to the better of the others.
 */
import { dispose, engine, randomNormal, tidy } from '@tensorflow/tfjs-core'
import type { KernelFunc, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import {
  convolutionInfo,
  filterGradientByConvolution,
  inputGradientByConvolution,
} from '../../core/backend/kernels/shared/convolution.ts'
import { originalKernel } from '../../core/backend/kernels/shared/originals.ts'

interface Shape {
  readonly label: string
  readonly batch: number
  readonly size: number
  readonly inChannels: number
  readonly outChannels: number
  readonly kernel: number
  readonly stride: number
}

/** Of ResNet-18 and ResNet-50 at 224 pixels, then of ResNets for small images at 28 and 32. */
const shapes: readonly Shape[] = [
  shape(1, 224, '3→64', 7, 2),
  shape(1, 56, '64→64', 3),
  shape(1, 56, '64→256', 1),
  shape(1, 56, '128→128', 3, 2),
  shape(1, 56, '256→512', 1, 2),
  shape(2, 14, '256→256', 3),
  shape(8, 14, '256→256', 3),
  shape(1, 7, '512→512', 3),
  shape(2, 7, '512→512', 3),
  shape(8, 7, '512→512', 3),
  shape(1, 7, '2048→512', 1),
  shape(2, 7, '2048→512', 1),
  shape(1, 7, '512→2048', 1),
  shape(8, 7, '512→2048', 1),
  shape(32, 28, '1→16', 3),
  shape(32, 28, '16→16', 3),
  shape(32, 28, '16→32', 3, 2),
  shape(32, 7, '64→64', 3),
  shape(2, 32, '3→16', 3),
  shape(32, 32, '3→16', 3),
  shape(1, 8, '64→64', 3),
  shape(32, 8, '64→64', 3),
]
const budgetMs = 150

function shape(batch: number, size: number, channels: string, kernel: number, stride = 1): Shape {
  const [inChannels = 0, outChannels = 0] = channels.split('→').map(Number)
  const step = stride === 1 ? '' : `/${stride}`
  const label = `${kernel}x${kernel}${step} ${batch}·${size}², ${channels}`
  return { label, batch, size, inChannels, outChannels, kernel, stride }
}

await startBackend('wasm')
console.log('GFLOP/s on wasm; ratio: ours to the best other')
for (const each of shapes) console.log(measureShape(each))

function measureShape({ label, batch, size, inChannels, outChannels, kernel, stride }: Shape): string {
  const pad = Math.floor(kernel / 2)
  const padding: [[0, 0], [number, number], [number, number], [0, 0]] = [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ]
  const attributes = {
    strides: [stride, stride] as [number, number],
    pad: padding,
    dataFormat: 'NHWC' as const,
  }
  const x = randomNormal([batch, size, size, inChannels]) as Tensor4D
  const filter = randomNormal([kernel, kernel, inChannels, outChannels]) as Tensor4D
  const info = convolutionInfo(x.shape, filter.shape, attributes)
  const dy = randomNormal(info.outShape) as Tensor4D
  const operations = (2 * dy.size * kernel * kernel * inChannels) / 1e9

  const forward = { ...attributes, dilations: [1, 1] }
  const backward = { ...attributes, inputShape: x.shape, filterShape: filter.shape }
  const rows = [
    row('forward', operations, {
      ours: () => run('Conv2D', { x, filter }, forward),
      tfjs: () => runOriginal('Conv2D', { x, filter }, forward),
    }),
    row('d input', operations, {
      ours: () => run('Conv2DBackpropInput', { dy, filter }, backward),
      tfjs: () => runOriginal('Conv2DBackpropInput', { dy, filter }, backward),
      convolution: () => inputGradientByConvolution(dy, filter, info),
    }),
    row('d filter', operations, {
      ours: () => run('Conv2DBackpropFilter', { x, dy }, backward),
      convolution: () => filterGradientByConvolution(x, dy, info),
    }),
  ]
  dispose([x, filter, dy])
  return rows.map(text => `${label.padEnd(22)} ${text}`).join('\n')
}

type Ways = Readonly<Record<string, () => Tensor | Tensor[]>>

function row(kernel: string, operations: number, ways: Ways): string {
  const times = shortestMs(Object.values(ways))
  const speeds = Object.keys(ways).map((way, index) => [way, operations / (times[index]! / 1e3)] as const)
  const [ours = 0, ...others] = speeds.map(([, speed]) => speed)
  const cells = speeds.map(([way, speed]) => `${way} ${speed.toFixed(1).padStart(5)}`)
  return `${kernel.padEnd(9)} ratio ${(ours / Math.max(...others)).toFixed(2).padStart(5)}   ${cells.join('   ')}`
}

/** The shortest of many runs of each, in turns: what other processes of the machine disturb least. */
function shortestMs(computations: readonly (() => Tensor | Tensor[])[]): number[] {
  const timeOnce = (compute: () => Tensor | Tensor[]): number => {
    const startedMs = performance.now()
    tidy(() => void compute())
    return performance.now() - startedMs
  }
  computations.forEach(timeOnce)
  const shortest = computations.map(timeOnce)
  const endMs = performance.now() + budgetMs * computations.length
  while (performance.now() < endMs) {
    computations.forEach(
      (compute, index) => (shortest[index] = Math.min(shortest[index]!, timeOnce(compute))),
    )
  }
  return shortest
}

function run(name: string, inputs: Record<string, Tensor>, attributes: object): Tensor | Tensor[] {
  return engine().runKernel(name, inputs, attributes as Record<string, never>) as Tensor | Tensor[]
}

/** Runs tfjs's own kernel under its own name, with the bookkeeping that every kernel has. */
function runOriginal(name: string, inputs: Record<string, Tensor>, attributes: object): Tensor {
  const kernel = originalKernel(name, 'wasm')
  const call = {
    inputs,
    attrs: attributes,
    backend: engine().backend,
  } as unknown as Parameters<KernelFunc>[0]
  const info = kernel(call)
  return engine().makeTensorFromTensorInfo(Array.isArray(info) ? info[0]! : info)
}
