/** An image that someone brought, as networks see it: what cannot be decoded is refused. */
import { readFile } from 'node:fs/promises'
import { decodedPng } from '../../data/index.ts'
import type { Task } from '../protocol.ts'

export const uploadedImage: Task<'uploaded-image'> = {
  name: 'uploaded-image',
  run: async ({ path }) => decodedPng(await readFile(path), 'The image'),
}
