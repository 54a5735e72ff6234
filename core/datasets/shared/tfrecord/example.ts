/**
 * tf.train.Example with the features of slim's image sets, and, to read, those of TensorFlow Datasets.
 *
 * Example { Features features = 1 }, Features { map<string, Feature> feature = 1 }, Feature { BytesList bytes_list = 1,
 * FloatList float_list = 2, Int64List int64_list = 3 }.
 * @source tensorflow/core/example/feature.proto; models/research/slim/datasets/build_imagenet_data.py
 */
import { bytesField, FieldReader, MalformedMessage, readVarints, varint } from './protobuf.ts'

/** What is read of an example. */
export interface ImageExample {
  /** The encoded picture: a view, not a copy. */
  readonly image: Uint8Array
  readonly label: number | null
  /** Name of the class, where the record says it. */
  readonly text: string
  readonly synset: string
  readonly filename: string
}

/** What is written of an example. */
export interface WrittenExample {
  readonly image: Uint8Array
  readonly format: 'JPEG' | 'PNG'
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly label: number
  readonly text: string
  /** WordNet's number, such as n01440764; empty for none. */
  readonly synset: string
  readonly filename: string
}

const imageKeys = ['image/encoded', 'image']
const labelKeys = ['image/class/label', 'label']
const nameKeys = ['image/filename', 'file_name', 'image/source_id']
/** Field 1 of an entry: 13 bytes, `image/encoded`. */
const pictureKey = Uint8Array.from(Buffer.from('\x0a\x0dimage/encoded', 'latin1'))
const latin1 = new TextDecoder('latin1')
const utf8 = new TextDecoder()

/** @throws MalformedMessage when it is no Example or holds no picture. */
export function readExample(bytes: Uint8Array): ImageExample {
  const found = new Map<string, readonly [from: number, to: number]>()
  const example = new FieldReader(bytes, 0, bytes.length)
  while (example.next()) {
    if (example.field.number !== 1 || example.field.isVarint) continue
    const features = new FieldReader(bytes, example.field.from, example.field.to)
    while (features.next()) {
      const { number, isVarint, from, to } = features.field
      if (number === 1 && !isVarint) readEntry(bytes, from, to, found)
    }
  }
  const text = (key: string): string => {
    const at = found.get(key)
    return at ? utf8.decode(bytesOf(bytes, at) ?? new Uint8Array()) : ''
  }
  const image = firstOf(imageKeys, found, at => bytesOf(bytes, at))
  if (!image) throw new MalformedMessage(missing('picture', imageKeys, found))
  return {
    image,
    label: firstOf(labelKeys, found, at => integerOf(bytes, at)),
    text: text('image/class/text'),
    synset: text('image/class/synset'),
    filename: nameKeys.map(text).find(name => name !== '') ?? '',
  }
}

/** The picture of an example alone, for training: only the key of the picture is looked for. @throws MalformedMessage */
export function pictureOf(bytes: Uint8Array): Uint8Array {
  const example = new FieldReader(bytes, 0, bytes.length)
  while (example.next()) {
    if (example.field.number !== 1 || example.field.isVarint) continue
    const features = new FieldReader(bytes, example.field.from, example.field.to)
    while (features.next()) {
      const { from, to } = features.field
      if (!isPictureEntry(bytes, from)) continue
      const entry = new FieldReader(bytes, from + pictureKey.length, to)
      if (!entry.next() || entry.field.number !== 2) continue
      const image = bytesOf(bytes, [entry.field.from, entry.field.to])
      if (image) return image
    }
  }
  return readExample(bytes).image
}

/** Whether an entry of the map begins with the key of the picture, as nearly all writers put it. */
function isPictureEntry(bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < pictureKey.length; at++) if (bytes[from + at] !== pictureKey[at]) return false
  return true
}

/** The bytes of an example. Keys are in their order, so that the same picture gives the same bytes. */
export function writeExample(example: WrittenExample): Uint8Array {
  const { image, format, height, width, channels, label, text, synset, filename } = example
  const encode = (value: string): Uint8Array => new TextEncoder().encode(value)
  const features: Record<string, Uint8Array[]> = {
    'image/channels': integer(channels),
    'image/class/label': integer(label),
    ...(synset === '' ? {} : { 'image/class/synset': byteList(encode(synset)) }),
    'image/class/text': byteList(encode(text)),
    'image/colorspace': byteList(encode(channels === 1 ? 'Grayscale' : 'RGB')),
    'image/encoded': byteList(image),
    'image/filename': byteList(encode(filename)),
    'image/format': byteList(encode(format)),
    'image/height': integer(height),
    'image/width': integer(width),
  }
  const entries = Object.entries(features).flatMap(([key, feature]) =>
    bytesField(1, [...bytesField(1, [encode(key)]), ...bytesField(2, feature)]),
  )
  return Buffer.concat(bytesField(1, entries))
}

/** An entry of the map: key, and where its feature lies. */
function readEntry(
  bytes: Uint8Array,
  from: number,
  to: number,
  found: Map<string, readonly [number, number]>,
): void {
  const entry = new FieldReader(bytes, from, to)
  let key = ''
  let feature: readonly [number, number] | null = null
  while (entry.next()) {
    const { field } = entry
    if (field.isVarint) continue
    if (field.number === 1) key = latin1.decode(bytes.subarray(field.from, field.to))
    if (field.number === 2) feature = [field.from, field.to]
  }
  if (feature) found.set(key, feature)
}

/** First element of a feature's bytes_list. */
function bytesOf(bytes: Uint8Array, [from, to]: readonly [number, number]): Uint8Array | null {
  const list = listOf(bytes, from, to, 1)
  if (!list) return null
  const values = new FieldReader(bytes, list[0], list[1])
  while (values.next())
    if (values.field.number === 1 && !values.field.isVarint)
      return bytes.subarray(values.field.from, values.field.to)
  return null
}

/** First element of a feature's int64_list. */
function integerOf(bytes: Uint8Array, [from, to]: readonly [number, number]): number | null {
  const list = listOf(bytes, from, to, 3)
  if (!list) return null
  const values = new FieldReader(bytes, list[0], list[1])
  while (values.next()) {
    const { field } = values
    if (field.number !== 1) continue
    const [first] = readVarints(bytes, field.from, field.to) // packed or not
    if (first !== undefined) return first
  }
  return null
}

function listOf(bytes: Uint8Array, from: number, to: number, kind: number): [number, number] | null {
  const feature = new FieldReader(bytes, from, to)
  while (feature.next())
    if (feature.field.number === kind && !feature.field.isVarint)
      return [feature.field.from, feature.field.to]
  return null
}

function firstOf<Value>(
  keys: readonly string[],
  found: ReadonlyMap<string, readonly [number, number]>,
  read: (at: readonly [number, number]) => Value | null,
): Value | null {
  for (const key of keys) {
    const at = found.get(key)
    const value = at ? read(at) : null
    if (value !== null) return value
  }
  return null
}

function missing(what: string, keys: readonly string[], found: ReadonlyMap<string, unknown>): string {
  const has = [...found.keys()].sort().slice(0, 12).join(', ')
  return `it has no ${what}: expected ${keys.join(' or ')}, found ${has || 'no features'}`
}

function integer(value: number): Uint8Array[] {
  return bytesField(3, bytesField(1, [Uint8Array.from(varint(value))]))
}

function byteList(value: Uint8Array): Uint8Array[] {
  return bytesField(1, bytesField(1, [value]))
}
