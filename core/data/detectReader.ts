/** Finds out which format a folder has. */
import { join } from 'node:path'
import { readers } from '../datasets/index.ts'
import { listFolder } from '../datasets/shared/pixels.ts'
import { AppError } from '../errors/index.ts'

/** Score from which a format is taken to be meant. */
const leastScore = 0.5
const shownNames = 8
/** Folders within that are looked at. */
const mostTried = 8

/**
 * The reader that fits a folder best.
 * @returns the reader's name and why it fits
 * @throws AppError data-invalid, saying what was found and what each format needs; data-unreadable.
 */
export async function detectReader(
  path: string,
): Promise<{ readonly reader: string; readonly reason: string }> {
  const names = await listFolder(path)
  const candidates = []
  for (const { name, title, summary } of readers.list()) {
    const recognised = await readers.create({ name }).recognise(path)
    candidates.push({ reader: name, needs: `${title}: ${summary}`, ...recognised })
  }
  const [best] = candidates.sort((one, other) => other.score - one.score)
  if (best && best.score >= leastScore) return { reader: best.reader, reason: best.reason }
  const images = names.filter(name => /\.(jpe?g|png|webp|gif)$/i.test(name)).length
  if (images > 0) throw looseImages(path, images)
  const inner = await fittingFolder(path, names)
  if (inner) {
    const message = `${path}: no known data set format, but its folder ${inner.name} is one: ${inner.reason}. Choose ${join(path, inner.name)}`
    throw new AppError('data-invalid', message, { file: path, remedy: join(path, inner.name) })
  }
  const shown = names.sort().slice(0, shownNames).join(', ')
  const more = names.length > shownNames ? `, and ${names.length - shownNames} more` : ''
  const found = names.length === 0 ? 'the folder is empty' : `it holds ${shown}${more}`
  const needs = candidates.map(candidate => candidate.needs).join(' ')
  const message = `${path}: no known data set format: ${found}. Expected one of these. ${needs}`
  throw new AppError('data-invalid', message, { file: path, found: names.slice(0, 100), candidates })
}

/** The folder above the right one is chosen easily: archives unpack into a folder of their own. */
async function fittingFolder(
  path: string,
  names: readonly string[],
): Promise<{ name: string; reason: string } | null> {
  for (const name of names.filter(each => !each.startsWith('.')).slice(0, mostTried)) {
    const recognised = await Promise.all(
      readers.list().map(each =>
        readers
          .create({ name: each.name })
          .recognise(join(path, name))
          .catch(() => ({ score: 0, reason: '' })),
      ),
    )
    const best = recognised.find(({ score }) => score >= leastScore)
    if (best) return { name, reason: best.reason }
  }
  return null
}

/** What people choose most often by mistake: a folder of images without a word on their classes. */
function looseImages(path: string, count: number): AppError {
  const lie = count === 1 ? '1 image lies' : `${count} images lie`
  const message = `${path}: ${lie} directly in this folder, and nothing says of which class. Put the images of each class into a folder of its own, named after the class, and choose the folder that holds those folders`
  return new AppError('data-invalid', message, { file: path, images: count })
}
