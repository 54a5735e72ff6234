// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Transform } from './shared/transform.ts'

export const transformEntries = [] as const
export type TransformName = (typeof transformEntries)[number]['name']
export const transforms = registry<Transform>('transform', transformEntries)
