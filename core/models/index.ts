// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Model } from './shared/model.ts'

export const modelEntries = [] as const
export type ModelName = (typeof modelEntries)[number]['name']
export const models = registry<Model>('model', modelEntries)
