/** What both sides of a comparison of whole steps are given: a folder with a network's first weights, one batch, and how to train. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { models } from '../../core/models/index.ts'
import { writeFirstWeights } from './weights.ts'

export interface Setting {
  readonly model: string
  /** Of our model. PyTorch's side takes no options. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly batch: number
  readonly size: number
  readonly classes: number
  readonly seed: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** In PyTorch's words. */
  readonly optimizer: { readonly lr: number; readonly momentum: number; readonly weight_decay: number }
}

export const resnet50Setting: Setting = {
  model: 'resnet50',
  batch: 16,
  size: 224,
  classes: 1000,
  seed: 1,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  optimizer: { lr: 0.01, momentum: 0.9, weight_decay: 1e-4 },
}

/** Options without which PyTorch's network would be another one. */
export const comparable: Readonly<Record<string, Setting['options']>> = {
  'inception-v4': { auxiliaryHead: false, dropout: 0 },
}

/** Writes setting.json, weights.safetensors, images.bin (uint8 [B,H,W,C]) and labels.bin (int32 [B]). */
export function writeSetting(folder: string, setting: Setting): void {
  const { batch, size, classes, seed, model, options = {} } = setting
  writeFileSync(join(folder, 'setting.json'), JSON.stringify(setting))
  const graph = models.create({ name: model, options })({
    height: size,
    width: size,
    channels: 3,
    classCount: classes,
  })
  writeFirstWeights(join(folder, 'weights.safetensors'), graph, seed)
  const random = generator(seed)
  const images = Uint8Array.from({ length: batch * size * size * 3 }, () => random() & 255)
  const labels = Int32Array.from({ length: batch }, () => random() % classes)
  writeFileSync(join(folder, 'images.bin'), images)
  writeFileSync(join(folder, 'labels.bin'), labels)
}

/** Numbers of 24 bits (xorshift32). */
function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 8
  }
}
