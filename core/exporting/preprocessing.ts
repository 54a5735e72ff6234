/**
 * What has to be done to an image before the network sees it, as it is written beside an exported model. The fields `resize` and
 * `crop` say it in numbers where the usual two steps say all; `transforms` are the workbench's own names, which `predict` reads.
 */
import { z } from 'zod'
import type { ResolvedChoice } from '../registry/registry.ts'
import { transforms } from '../transforms/index.ts'
import { exportFormats } from './formats.ts'

export const preprocessingFile = 'preprocessing.json'

const Choice = z.object({ name: z.string(), version: z.int(), options: z.record(z.string(), z.unknown()) })
const side = z.int().min(1)

export const Preprocessing = z.object({
  formatVersion: z.literal(1),
  format: z.enum(exportFormats),
  /** Entry of the registry of models that makes the network. */
  network: Choice,
  input: z.object({
    name: z.string(),
    height: side,
    width: side,
    channels: z.union([z.literal(1), z.literal(3)]),
    channelOrder: z.enum(['RGB', 'grey']),
    layout: z.enum(['NCHW', 'NHWC']),
    dtype: z.enum(['float32', 'uint8', 'int32']),
    /** What brings pixels from 0 to 255 to what the network takes; null where it does that itself. */
    formula: z.string().nullable(),
    mean: z.array(z.number()),
    std: z.array(z.number()),
  }),
  /** Shape of each output; `N` is the batch. */
  outputs: z.record(z.string(), z.array(z.union([z.string(), z.number()]))),
  resize: z
    .union([
      z.object({ shorterSide: side, interpolation: z.literal('bilinear'), antialias: z.boolean() }),
      z.object({
        height: side,
        width: side,
        interpolation: z.literal('bilinear'),
        antialias: z.boolean(),
      }),
    ])
    .nullable(),
  /** `center` is cut after resizing; `fraction` keeps a share of each side and comes before it. */
  crop: z
    .union([
      z.object({ kind: z.literal('center'), height: side, width: side }),
      z.object({ kind: z.literal('fraction'), fraction: z.number() }),
    ])
    .nullable(),
  /** Every step in words, in order. */
  steps: z.array(z.string()),
  transforms: z.array(Choice),
  classes: z.array(z.string()).min(1),
  weights: z.enum(['ema', 'raw']),
  normalisedEmbedding: z.boolean(),
  origin: z.object({ runId: z.string(), step: z.number(), epoch: z.number() }),
})
export type Preprocessing = z.output<typeof Preprocessing>

interface Size {
  readonly height: number
  readonly width: number
}

/** The evaluation's transforms for another input size: what is cut keeps its share of what is resized. */
export function scaledTransforms(
  steps: readonly ResolvedChoice[],
  before: number,
  after: number,
): ResolvedChoice[] {
  const scale = (value: unknown): number => Math.round((Number(value) * after) / before)
  return steps.map(step =>
    step.name === 'resize' && before !== after
      ? { ...step, options: { ...step.options, shorterSide: scale(step.options['shorterSide']) } }
      : step,
  )
}

/** `resize`, `crop` and `steps` for the transforms of an evaluation. */
export function describeTransforms(
  steps: readonly ResolvedChoice[],
  size: Size,
): Pick<Preprocessing, 'resize' | 'crop' | 'steps'> {
  const bilinear = { interpolation: 'bilinear', antialias: true } as const
  const [first, second] = steps
  const isCut = second?.name === 'center-crop'
  const described = steps.map(step => inWords(step, size))
  if (steps.length === 1 && first?.name === 'resize-exact')
    return { resize: { ...size, ...bilinear }, crop: null, steps: described }
  if (steps.length === 1 && first?.name === 'central-crop') {
    const { fraction, resizing } = first.options as { fraction: number; resizing: string }
    const resize = { ...size, ...bilinear, antialias: resizing === 'antialiased' }
    return { resize, crop: { kind: 'fraction', fraction }, steps: described }
  }
  if (steps.length === 1 && first?.name === 'center-crop')
    return { resize: null, crop: { kind: 'center', ...size }, steps: described }
  if (steps.length === 2 && first?.name === 'resize' && isCut) {
    const shorterSide = first.options['shorterSide'] as number
    return { resize: { shorterSide, ...bilinear }, crop: { kind: 'center', ...size }, steps: described }
  }
  return { resize: null, crop: null, steps: described }
}

function inWords({ name, options }: ResolvedChoice, { height, width }: Size): string {
  if (name === 'resize-exact') return `Resize to ${width} x ${height} pixels, bilinear with antialiasing`
  if (name === 'center-crop') return `Cut ${width} x ${height} pixels out of the middle`
  if (name === 'resize')
    return `Resize the shorter side to ${String(options['shorterSide'])} pixels, bilinear with antialiasing`
  const { title, summary } = transforms.get(name)
  const given = Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
  return `${title}: ${summary}${given.length === 0 ? '' : ` (${given.join(', ')})`}`
}
