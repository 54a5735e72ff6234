/** Where the layout of a gallery lies: x and y of each row, float32. */
import { join } from 'node:path'
import { galleryFolder, powerFolder, type Power } from '../retrieval/gallery/index.ts'

export function planeFile(cacheFolder: string, key: string, power: Power, method: 'pca' | 'umap'): string {
  return join(powerFolder(galleryFolder(cacheFolder, key), power), `plane-${method}.f32`)
}
