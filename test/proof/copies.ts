/**
 * A retrieval set as Copydays is one: original pictures as queries, and a gallery of their edited copies among pictures of other
 * things. The edits are cropping, turning, mirroring, light and colour, blur, and hard JPEG compression, drawn from a formula.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

export interface CopiesPlan {
  /** A folder of pictures per class. */
  readonly from: string
  readonly to: string
  /** Pictures that have copies, and copies of each. */
  readonly originals: number
  readonly copies: number
  /** Pictures without. */
  readonly distractors: number
}

/** Writes queries.csv, gallery.csv and the pictures. */
export async function makeCopies({ from, to, originals, copies, distractors }: CopiesPlan): Promise<void> {
  mkdirSync(join(to, 'images'), { recursive: true })
  const random = generator(7)
  const all = readdirSync(from)
    .sort()
    .flatMap(folder =>
      readdirSync(join(from, folder))
        .sort()
        .map(name => join(from, folder, name)),
    )
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[all[last], all[other]] = [all[other]!, all[last]!]
  }
  const queries: string[] = []
  const gallery: string[] = []
  for (let at = 0; at < originals + distractors; at++) {
    const name = `images/${String(at).padStart(5, '0')}`
    const isOriginal = at < originals
    await sharp(all[at]!)
      .png()
      .toFile(join(to, `${name}.png`))
    ;(isOriginal ? queries : gallery).push(`${name}.png,${isOriginal ? at : -1 - at}`)
    for (let copy = 0; isOriginal && copy < copies; copy++) {
      await edit(all[at]!, join(to, `${name}-${copy}.jpg`), random)
      gallery.push(`${name}-${copy}.jpg,${at}`)
    }
  }
  for (const [file, lines] of [
    ['queries.csv', queries],
    ['gallery.csv', gallery],
  ] as const)
    writeFileSync(join(to, file), `path,instance\n${lines.join('\n')}\n`)
}

async function edit(from: string, to: string, random: () => number): Promise<void> {
  const { width, height } = await sharp(from).metadata()
  const between = (low: number, high: number): number => low + random() * (high - low)
  const area = between(0.45, 0.9)
  const [cropWidth, cropHeight] = [width, height].map(side =>
    Math.max(8, Math.round(side * Math.sqrt(area))),
  ) as [number, number]
  const left = Math.floor(random() * (width - cropWidth + 1))
  const top = Math.floor(random() * (height - cropHeight + 1))
  let picture = sharp(from)
    .extract({ left, top, width: cropWidth, height: cropHeight })
    .resize(width, height, { fit: 'fill' })
    .modulate({
      brightness: between(0.6, 1.4),
      saturation: between(0.4, 1.6),
      hue: Math.round(between(-15, 15)),
    })
  if (random() < 0.5) picture = picture.flop()
  if (random() < 0.3) picture = picture.blur(between(0.4, 0.9))
  const edited = await picture.png().toBuffer()
  const turned = await sharp(edited)
    .rotate(between(-12, 12), { background: '#808080' })
    .resize(width, height, { fit: 'cover' })
    .jpeg({ quality: Math.round(between(15, 60)) })
    .toBuffer()
  writeFileSync(to, turned)
}

/** Numbers of 24 bits from [0, 1) (xorshift32). */
function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 8) / 2 ** 24
  }
}
