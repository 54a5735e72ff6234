// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Reader } from './shared/reader.ts'
import { idx } from './idx.ts'
import { imageFolder } from './image-folder.ts'

export const readerEntries = [idx, imageFolder] as const
export type ReaderName = (typeof readerEntries)[number]['name']
export const readers = registry<Reader>('reader', readerEntries)
