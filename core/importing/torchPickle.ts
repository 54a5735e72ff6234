/**
 * Reads the pickle of a PyTorch state dict. Of all that a pickle can ask for, only what builds tensors is known: dictionaries, lists,
 * tuples, text, numbers, and three functions of torch, which are not called but understood. Everything else is refused by its name, so
 * that a file can do nothing but describe tensors.
 *
 * @source CPython's Lib/pickletools.py (the opcodes); torch/serialization.py and torch/_utils.py (what a state dict is made of)
 */

/** A tensor as the pickle describes it: a view on a storage. */
export class TensorView {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.strides = strides
  }
}

export interface Storage {
  /** Name of the entry with its bytes, below `data/`. */
  readonly key: string
  readonly type: StorageType
  /** Numbers in it. */
  readonly count: number
}

const storageTypes = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
} as const
export type StorageType = (typeof storageTypes)[keyof typeof storageTypes]

export type Value = string | number | boolean | null | TensorView | Value[] | Map<string, Value>

/** Something that a pickle names, and that only REDUCE may follow. */
class Global {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}
class StorageReference {
  readonly storage: Storage
  constructor(storage: Storage) {
    this.storage = storage
  }
}
const mark = Symbol('mark')
type Item = Value | Global | StorageReference | typeof mark

/** What may be named, and nothing else. */
const known = new Set([
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  ...Object.keys(storageTypes).map(name => `torch.${name}`),
])
/** Items that a state dict may be made of; a network of a thousand layers has some twenty thousand. */
const mostSteps = 2_000_000
const mostDimensions = 64

/** @throws Error that says what the file asks for. */
export function readTorchPickle(bytes: Uint8Array): Value {
  const machine = new Machine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  try {
    return machine.run()
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new Error('its description of tensors ends in the middle')
    throw thrown
  }
}

class Machine {
  private readonly bytes: Buffer
  private readonly memo = new Map<number, Item>()
  private stack: Item[] = []
  private at = 0
  private steps = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  run(): Value {
    for (;;) {
      const opcode = this.bytes.readUInt8(this.at++)
      if (opcode === 0x2e) return this.value(this.pop()) // STOP
      this.step(opcode)
      this.count(1)
    }
  }

  private count(steps: number): void {
    this.steps += steps
    if (this.steps > mostSteps) throw new Error(`it describes more than ${mostSteps} things`)
  }

  private step(opcode: number): void {
    const { bytes, stack } = this
    switch (opcode) {
      case 0x80: // PROTO
        return void this.take(1)
      case 0x95: // FRAME
        return void this.take(8)
      case 0x28: // MARK
        return void stack.push(mark)
      case 0x7d: // EMPTY_DICT
        return void stack.push(new Map())
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return void stack.push([])
      case 0x4e: // NONE
        return void stack.push(null)
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return void stack.push(opcode === 0x88)
      case 0x4b: // BININT1
        return void stack.push(bytes.readUInt8(this.take(1)))
      case 0x4d: // BININT2
        return void stack.push(bytes.readUInt16LE(this.take(2)))
      case 0x4a: // BININT
        return void stack.push(bytes.readInt32LE(this.take(4)))
      case 0x8a: // LONG1
        return void stack.push(this.long(bytes.readUInt8(this.take(1))))
      case 0x47: // BINFLOAT
        return void stack.push(bytes.readDoubleBE(this.take(8)))
      case 0x58: // BINUNICODE
        return void stack.push(this.text(bytes.readUInt32LE(this.take(4))))
      case 0x8c: // SHORT_BINUNICODE
        return void stack.push(this.text(bytes.readUInt8(this.take(1))))
      case 0x71: // BINPUT
        return void this.memo.set(bytes.readUInt8(this.take(1)), this.top())
      case 0x72: // LONG_BINPUT
        return void this.memo.set(bytes.readUInt32LE(this.take(4)), this.top())
      case 0x94: // MEMOIZE
        return void this.memo.set(this.memo.size, this.top())
      case 0x68: // BINGET
        return void stack.push(this.recalled(bytes.readUInt8(this.take(1))))
      case 0x6a: // LONG_BINGET
        return void stack.push(this.recalled(bytes.readUInt32LE(this.take(4))))
      case 0x74: // TUPLE
        return void stack.push(this.popMarked().map(item => this.inner(item)))
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return void stack.push(this.popMany(opcode - 0x84).map(item => this.inner(item)))
      case 0x61: // APPEND
        return this.append([this.pop()])
      case 0x65: // APPENDS
        return this.append(this.popMarked())
      case 0x73: // SETITEM
        return this.setItems(this.popMany(2))
      case 0x75: // SETITEMS
        return this.setItems(this.popMarked())
      case 0x63: // GLOBAL
        return void stack.push(this.named(`${this.line()}.${this.line()}`))
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2)
        return void stack.push(this.named(`${String(module)}.${String(name)}`))
      }
      case 0x51: // BINPERSID
        return void stack.push(this.storage(this.pop()))
      case 0x52: // REDUCE
        return this.reduce()
      case 0x62: // BUILD: attributes of an OrderedDict, such as _metadata, which say nothing of tensors
        return this.build()
      default:
        throw new Error(
          `it asks for instruction 0x${opcode.toString(16)} of pickle, which no state dict needs: refused`,
        )
    }
  }

  private reduce(): void {
    const given = this.pop()
    const callee = this.pop()
    const name = callee instanceof Global ? callee.name : 'something that is no function'
    if (!Array.isArray(given)) throw new Error(`it calls ${name} with no arguments`)
    if (name === 'collections.OrderedDict') {
      // The same long list may be given again and again.
      this.count(Array.isArray(given[0]) ? given[0].length : 0)
      this.stack.push(orderedDict(given))
    } else if (name === 'torch._utils._rebuild_tensor_v2')
      this.stack.push(rebuiltTensor(given as unknown as Item[]))
    else if (name === 'torch._utils._rebuild_parameter' && given[0] instanceof TensorView)
      this.stack.push(given[0])
    else throw new Error(`it asks to run ${name}: refused`)
  }

  private build(): void {
    this.pop()
    if (!(this.top() instanceof Map))
      throw new Error('it sets attributes of something that is no dictionary: refused')
  }

  private named(name: string): Global {
    if (known.has(name)) return new Global(name)
    throw new Error(`it asks for ${name.slice(0, 200)}, which is not needed to describe tensors: refused`)
  }

  /** ('storage', type, key, device, count) */
  private storage(id: Item): StorageReference {
    const [word, type, key, , count] = Array.isArray(id) ? (id as unknown as Item[]) : []
    const name = type instanceof Global ? type.name.replace('torch.', '') : ''
    const found = Object.hasOwn(storageTypes, name)
      ? storageTypes[name as keyof typeof storageTypes]
      : undefined
    if (word !== 'storage' || found === undefined || typeof key !== 'string' || !isCount(count))
      throw new Error('it refers to something that is no storage of tensors')
    return new StorageReference({ key, type: found, count })
  }

  private append(items: Item[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw new Error('it appends to something that is no list')
    for (const item of items) list.push(this.value(item))
  }

  private setItems(items: Item[]): void {
    const map = this.top()
    if (!(map instanceof Map)) throw new Error('it sets entries of something that is no dictionary')
    for (let at = 0; at + 1 < items.length; at += 2) {
      const key = items[at]
      // Optimizers' states have numbers for keys.
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new Error('it has a dictionary whose keys are no names')
      map.set(String(key), this.value(items[at + 1]!))
    }
  }

  /** A value that may stand in what is given out. */
  private value(item: Item): Value {
    if (item instanceof Global) throw new Error(`it holds ${item.name} itself`)
    if (item instanceof StorageReference || item === mark)
      throw new Error('it holds a storage outside of a tensor')
    return item
  }

  /** A member of a tuple, which may be the arguments of a call. */
  private inner(item: Item): Value {
    if (item === mark) throw new Error('it is put together wrongly')
    return item as Value
  }

  private long(length: number): number {
    let number = 0n
    const start = this.take(length)
    for (let at = length - 1; at >= 0; at--) number = (number << 8n) | BigInt(this.bytes[start + at]!)
    if (length > 0 && (this.bytes[start + length - 1]! & 0x80) !== 0) number -= 1n << BigInt(8 * length)
    return Number(number)
  }

  private text(length: number): string {
    const start = this.take(length)
    return this.bytes.subarray(start, start + length).toString('utf8')
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw new RangeError('no end of line')
    const line = this.bytes.subarray(this.at, end).toString('utf8')
    this.at = end + 1
    return line
  }

  /** Where the next bytes begin; the position moves behind them. */
  private take(length: number): number {
    const start = this.at
    this.at += length
    if (this.at > this.bytes.length) throw new RangeError('beyond the end')
    return start
  }

  private pop(): Item {
    const item = this.stack.pop()
    if (item === undefined) throw new Error('it is put together wrongly')
    return item
  }

  private popMany(count: number): Item[] {
    if (this.stack.length < count) throw new Error('it is put together wrongly')
    return this.stack.splice(-count)
  }

  private popMarked(): Item[] {
    const at = this.stack.lastIndexOf(mark)
    if (at < 0) throw new Error('it is put together wrongly')
    return this.stack.splice(at).slice(1)
  }

  private top(): Item {
    const item = this.stack.at(-1)
    if (item === undefined) throw new Error('it is put together wrongly')
    return item
  }

  private recalled(place: number): Item {
    const item = this.memo.get(place)
    if (item === undefined) throw new Error('it refers to something that is not there')
    return item
  }
}

/** OrderedDict() and OrderedDict([[key, value], …]). */
function orderedDict(given: readonly Value[]): Map<string, Value> {
  const map = new Map<string, Value>()
  const [pairs] = given
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string')
      throw new Error('it has a dictionary whose keys are no names')
    map.set(pair[0], pair[1] ?? null)
  }
  return map
}

/** (storage, offset, size, stride, requires_grad, hooks) */
function rebuiltTensor([reference, offset, size, stride]: readonly Item[]): TensorView {
  const isList = (list: Item | undefined): list is number[] =>
    Array.isArray(list) && list.length <= mostDimensions && list.every(isCount)
  if (
    !(reference instanceof StorageReference) ||
    !isCount(offset) ||
    !isList(size) ||
    !isList(stride) ||
    size.length !== stride.length
  )
    throw new Error('it describes a tensor wrongly')
  const last = size.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, offset)
  if (!size.includes(0) && !(last < reference.storage.count))
    throw new Error(
      `it describes a tensor of [${size.join(', ')}] that is larger than its storage of ${reference.storage.count} numbers`,
    )
  return new TensorView(reference.storage, offset, [...size], [...stride])
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
