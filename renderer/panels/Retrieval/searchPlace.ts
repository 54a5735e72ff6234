/** What is searched, with what and how, as it stands in the address. */
import type {
  Gallery,
  ImageRef,
  ImageRegion,
  SearchPower,
  SearchWhitening,
  SplitName,
} from '../../../core/contract/index.ts'

export type SearchTab = 'search' | 'queries' | 'map'

export interface SearchPlace {
  readonly checkpointId: string
  readonly datasetId: string
  readonly split: SplitName | ''
  /** Null: as in training. */
  readonly size: number | null
  readonly resize: 'square' | 'rect'
  readonly power: SearchPower
  readonly whitening: SearchWhitening | null
  readonly image: ImageRef | null
  readonly region: ImageRegion | null
  readonly difficulty: 'easy' | 'medium' | 'hard'
  readonly offset: number
  /** Image of the gallery whose match is shown. */
  readonly hit: number | null
  readonly tab: SearchTab
}

type Query = Readonly<Record<string, string>>

const splits: readonly SplitName[] = ['train', 'val', 'test', 'query', 'gallery']
const idPattern = /^[a-z0-9][a-z0-9-]{0,63}$/

export function readPlace(query: Query): SearchPlace {
  const id = (name: string): string => (idPattern.test(query[name] ?? '') ? query[name]! : '')
  const datasetId = id('dataset')
  const split = splits.find(each => each === query['split']) ?? ''
  return {
    ...{ checkpointId: id('checkpoint'), datasetId, split },
    size: whole(query['size'], 8, 2048),
    resize: query['resize'] === 'rect' ? 'rect' : 'square',
    power: readPower(query['p']),
    whitening: readWhitening(query['white']),
    image: readImage(query, datasetId, split),
    region: readRegion(query['region']),
    difficulty: (['easy', 'hard'] as const).find(each => each === query['difficulty']) ?? 'medium',
    offset: whole(query['k'], 0, 1_000_000) ?? 0,
    hit: whole(query['hit'], 0, 2 ** 31),
    tab: (['queries', 'map'] as const).find(each => each === query['tab']) ?? 'search',
  }
}

/** Whether two places are searched in the same embeddings. */
export function galleryOf({ checkpointId, datasetId, split, size, resize }: SearchPlace): Gallery | null {
  return checkpointId === '' || datasetId === '' || split === ''
    ? null
    : { checkpointId, datasetId, split, size, resize }
}

export function writePower(power: SearchPower): string {
  return power === 'own' ? '' : String(power)
}

export function writeWhitening(whitening: SearchWhitening | null): string {
  return whitening ? `${whitening.components}:${whitening.power}` : ''
}

export function writeRegion(region: ImageRegion | null): string {
  const round = (value: number): number => Math.round(value * 10_000) / 10_000
  return region ? [region.x, region.y, region.width, region.height].map(round).join(',') : ''
}

/** `query=u-…` for an upload, else an index and, in `from`, its split. */
export function writeImage(image: ImageRef | null, split: SplitName | ''): Record<string, string> {
  const none = { region: '', hit: '', k: '' }
  if (image === null) return { query: '', from: '', ...none }
  if ('uploadId' in image) return { query: image.uploadId, from: '', ...none }
  return { query: String(image.index), from: image.split === split ? '' : image.split, ...none }
}

function readImage(query: Query, datasetId: string, split: SplitName | ''): ImageRef | null {
  const asked = query['query'] ?? ''
  if (/^u-[0-9a-f]{32}$/.test(asked)) return { uploadId: asked }
  const index = whole(asked, 0, 2 ** 31)
  const from = splits.find(each => each === query['from']) ?? split
  return index === null || from === '' || datasetId === '' ? null : { datasetId, split: from, index }
}

function readPower(text: string | undefined): SearchPower {
  if (text === 'max') return 'max'
  const value = Number(text)
  return text && value > 0 && value <= 1000 ? value : 'own'
}

function readWhitening(text: string | undefined): SearchWhitening | null {
  const [components, power] = (text ?? '').split(':').map(Number)
  return Number.isInteger(components) && components! > 0 && power! >= 0 && power! <= 1
    ? { components: components!, power: power! }
    : null
}

function readRegion(text: string | undefined): ImageRegion | null {
  const [x = NaN, y = NaN, width = NaN, height = NaN] = (text ?? '').split(',').map(Number)
  const isInside = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.0001 && y + height <= 1.0001
  return isInside ? { x, y, width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) } : null
}

function whole(text: string | undefined, least: number, most: number): number | null {
  if (!/^\d{1,10}$/.test(text ?? '')) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}
