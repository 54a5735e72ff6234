// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Reader } from './shared/reader.ts'
import { cifar10 } from './cifar10.ts'
import { cifar100 } from './cifar100.ts'
import { copydays } from './copydays.ts'
import { csv } from './csv.ts'
import { holidays } from './holidays.ts'
import { idx } from './idx.ts'
import { imageFolder } from './image-folder.ts'
import { queryGallery } from './query-gallery.ts'
import { revisited } from './revisited.ts'
import { tfrecord } from './tfrecord.ts'
import { ukbench } from './ukbench.ts'

export const readerEntries = [cifar10, cifar100, copydays, csv, holidays, idx, imageFolder, queryGallery, revisited, tfrecord, ukbench] as const
export type ReaderName = (typeof readerEntries)[number]['name']
export const readers = registry<Reader>('reader', readerEntries)
