// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Reader } from './shared/reader.ts'
import { cifar10 } from './cifar10.ts'
import { cifar100 } from './cifar100.ts'
import { csv } from './csv.ts'
import { idx } from './idx.ts'
import { imageFolder } from './image-folder.ts'
import { tfrecord } from './tfrecord.ts'

export const readerEntries = [cifar10, cifar100, csv, idx, imageFolder, tfrecord] as const
export type ReaderName = (typeof readerEntries)[number]['name']
export const readers = registry<Reader>('reader', readerEntries)
