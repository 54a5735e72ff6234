/** A folder of JPEG files that decode about as photographs do: soft shapes with grain, 500 × 375 pixels, quality 90, as ImageNet has them. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type SharpOptions } from 'sharp'

/** @returns the folder; whoever asked for it removes it. */
export async function makePhotographs(count = 64, width = 500, height = 375): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-photographs-'))
  for (let index = 0; index < count; index++) {
    const create = { width, height, channels: 3 as const, background: '#808080' }
    const grain = (sigma: number): SharpOptions => ({
      create: { ...create, noise: { type: 'gaussian', mean: 128, sigma } },
    })
    const shapes = await sharp(grain(90))
      .blur(8 + (index % 5))
      .linear(6, -640)
      .png()
      .toBuffer()
    const fine = await sharp(grain(12)).png().toBuffer()
    await sharp(shapes)
      .composite([{ input: fine, blend: 'overlay' }])
      .jpeg({ quality: 90 })
      .toFile(join(folder, `${index}.jpg`))
  }
  return folder
}
