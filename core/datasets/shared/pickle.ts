/**
 * Python's pickle as far as it holds plain data: dictionaries, lists, tuples, text, numbers and numpy's arrays of numbers. Nothing is
 * ever called: of functions and classes only numpy's own, by name, are known, and what they would make is made here.
 * @source CPython's Lib/pickletools.py (the list of opcodes); numpy's ndarray.__reduce__
 */
import { invalidFile } from './invalidFile.ts'

/** What a pickle may hold. */
export type Pickled = string | number | boolean | null | Uint8Array | Pickled[] | Map<Pickled, Pickled>

/** A function or class by name, and what it would be called with. */
class Named {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** An array or type of numpy's whose state is still to come. */
class Building {
  readonly kind: 'array' | 'type'
  code = ''
  value: Pickled = null
  constructor(kind: Building['kind'], code = '') {
    this.kind = kind
    this.code = code
  }
}

type Item = Pickled | Named | Building | typeof mark

const mark: unique symbol = Symbol('mark')
const numpy = [
  'numpy',
  'numpy.core.multiarray',
  'numpy._core.multiarray',
  'numpy.core.numeric',
  'numpy._core.numeric',
]
const known: Readonly<Record<string, readonly string[]>> = {
  ndarray: numpy,
  dtype: numpy,
  _reconstruct: numpy,
  scalar: numpy,
  encode: ['_codecs'],
  bytes: ['__builtin__', 'builtins'],
}
/** Items that a file may make: the real ones have some ten thousand. */
const mostItems = 5_000_000

/** @throws AppError data-invalid naming the file and what it holds that is not plain data */
export function readPickle(file: string, bytes: Uint8Array): Pickled {
  return new Unpickler(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).read()
}

class Unpickler {
  private readonly file: string
  private readonly bytes: Buffer
  private readonly stack: Item[] = []
  private readonly memo = new Map<number, Item>()
  private at = 0
  private made = 0

  constructor(file: string, bytes: Buffer) {
    this.file = file
    this.bytes = bytes
  }

  read(): Pickled {
    try {
      for (;;) {
        const code = this.bytes.readUInt8(this.at++)
        if (code === 0x2e) return this.plain(this.pop())
        this.step(code)
        if (++this.made > mostItems) throw this.refused('more than it should hold')
      }
    } catch (thrown) {
      if (thrown instanceof RangeError) throw this.refused('it ends in the middle')
      throw thrown
    }
  }

  /** One instruction. */
  private step(code: number): void {
    const { bytes } = this
    switch (code) {
      case 0x80: // PROTO
        if (bytes.readUInt8(this.at++) > 5) throw this.refused('a version of the format that is not known')
        return
      case 0x95: // FRAME
        this.at += 8
        return
      case 0x7d: // EMPTY_DICT
        return this.push(new Map())
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.push([])
      case 0x28: // MARK
        return this.push(mark)
      case 0x4e: // NONE
        return this.push(null)
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return this.push(code === 0x88)
      case 0x4b: // BININT1
        return this.push(bytes.readUInt8(this.skip(1)))
      case 0x4d: // BININT2
        return this.push(bytes.readUInt16LE(this.skip(2)))
      case 0x4a: // BININT
        return this.push(bytes.readInt32LE(this.skip(4)))
      case 0x8a: // LONG1
        return this.push(this.long(bytes.readUInt8(this.at++)))
      case 0x47: // BINFLOAT
        return this.push(bytes.readDoubleBE(this.skip(8)))
      case 0x8c: // SHORT_BINUNICODE
        return this.push(this.take(bytes.readUInt8(this.at++)).toString('utf8'))
      case 0x58: // BINUNICODE
        return this.push(this.take(bytes.readUInt32LE(this.skip(4))).toString('utf8'))
      case 0x55: // SHORT_BINSTRING, of Python 2
        return this.push(this.take(bytes.readUInt8(this.at++)).toString('latin1'))
      case 0x54: // BINSTRING
        return this.push(this.take(bytes.readUInt32LE(this.skip(4))).toString('latin1'))
      case 0x43: // SHORT_BINBYTES
        return this.push(Uint8Array.from(this.take(bytes.readUInt8(this.at++))))
      case 0x42: // BINBYTES
        return this.push(Uint8Array.from(this.take(bytes.readUInt32LE(this.skip(4)))))
      case 0x71: // BINPUT
        return this.remember(bytes.readUInt8(this.at++))
      case 0x72: // LONG_BINPUT
        return this.remember(bytes.readUInt32LE(this.skip(4)))
      case 0x94: // MEMOIZE
        return this.remember(this.memo.size)
      case 0x68: // BINGET
        return this.recall(bytes.readUInt8(this.at++))
      case 0x6a: // LONG_BINGET
        return this.recall(bytes.readUInt32LE(this.skip(4)))
      case 0x61: // APPEND
        return this.append([this.pop()])
      case 0x65: // APPENDS
        return this.append(this.popMark())
      case 0x73: // SETITEM
        return this.setItems(this.stack.splice(-2))
      case 0x75: // SETITEMS
        return this.setItems(this.popMark())
      case 0x74: // TUPLE
        return this.push(this.popMark() as unknown as Pickled[])
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.push(this.stack.splice(-(code - 0x84)) as Pickled[])
      case 0x63: // GLOBAL
        return this.push(this.named(this.line(), this.line()))
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [this.pop(), this.pop()]
        return this.push(this.named(String(module), String(name)))
      }
      case 0x52: // REDUCE
        return this.reduce()
      case 0x62: // BUILD
        return this.build()
      default:
        throw this.refused(`instruction 0x${code.toString(16)}, which plain data does not need`)
    }
  }

  private push(item: Item): void {
    this.stack.push(item)
  }

  private pop(): Item {
    const item = this.stack.pop()
    if (item === undefined) throw this.refused('an instruction without anything to work on')
    return item
  }

  private popMark(): Item[] {
    const at = this.stack.lastIndexOf(mark)
    if (at < 0) throw this.refused('the end of something that never began')
    return this.stack.splice(at).slice(1)
  }

  private remember(place: number): void {
    this.memo.set(place, this.stack.at(-1) ?? null)
  }

  private recall(place: number): void {
    const item = this.memo.get(place)
    if (item === undefined) throw this.refused('a reference to nothing')
    this.push(item)
  }

  private append(items: Item[]): void {
    const list = this.stack.at(-1)
    if (!Array.isArray(list)) throw this.refused('something added to what is no list')
    for (const item of items) list.push(this.plain(item))
  }

  private setItems(items: Item[]): void {
    const map = this.stack.at(-1)
    if (!(map instanceof Map) || items.length % 2 !== 0)
      throw this.refused('entries of what is no dictionary')
    for (let at = 0; at < items.length; at += 2)
      map.set(this.plain(items[at] as Item), this.plain(items[at + 1] as Item))
  }

  /** Only names of the list above; nothing else is looked at twice. */
  private named(module: string, name: string): Named {
    if (known[name]?.includes(module)) return new Named(name)
    throw this.refused(`'${module}.${name}', which is no plain data`)
  }

  private reduce(): void {
    const [args, callee] = [this.pop(), this.pop()]
    if (!(callee instanceof Named) || !Array.isArray(args)) throw this.refused('a call of something unknown')
    const [first, second] = args as Item[]
    if (callee.name === '_reconstruct') this.push(new Building('array'))
    else if (callee.name === 'dtype' && typeof first === 'string') this.push(new Building('type', first))
    else if (callee.name === 'scalar' && first instanceof Building && second instanceof Uint8Array)
      this.push(this.numbers(first.code, second)[0] ?? null)
    else if (callee.name === 'encode' && typeof first === 'string')
      this.push(Uint8Array.from(Buffer.from(first, 'latin1')))
    else if (callee.name === 'bytes' && args.length === 0) this.push(new Uint8Array(0))
    else throw this.refused(`a call of ${callee.name} with unusual arguments`)
  }

  /** State of numpy's: (version, shape, type, order, bytes) of arrays, (version, byte order, …) of types. */
  private build(): void {
    const state = this.pop()
    const target = this.stack.at(-1)
    if (!(target instanceof Building) || !Array.isArray(state))
      throw this.refused('the state of something unknown')
    if (target.kind === 'type') {
      if (state[1] === '>') target.code = `>${target.code}`
      return
    }
    const [, shape, type, , data] = state as Item[]
    if (
      !Array.isArray(shape) ||
      shape.length > 1 ||
      !(type instanceof Building) ||
      !(data instanceof Uint8Array)
    )
      throw this.refused('an array that is no plain row of numbers')
    target.value = this.numbers(type.code, data)
    // Arrays are lists from here on, also where they are referred to again.
    this.stack[this.stack.length - 1] = target.value
    for (const [place, item] of this.memo) if (item === target) this.memo.set(place, target.value)
  }

  private numbers(code: string, data: Uint8Array): number[] {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const isLittle = !code.startsWith('>')
    const [, kind = '', size = ''] = /^[<>|=]?([iufb])(\d)$/.exec(code) ?? []
    const read = readers[`${kind}${size}`]
    if (!read) throw this.refused(`numbers of the type '${code}'`)
    const bytes = Number(size)
    return Array.from({ length: Math.floor(data.length / bytes) }, (_, at) =>
      read(view, at * bytes, isLittle),
    )
  }

  private plain(item: Item): Pickled {
    if (item === mark || item instanceof Named || item instanceof Building)
      throw this.refused('a function or class in the place of data')
    return item
  }

  private long(length: number): number {
    const bytes = this.take(length)
    let value = 0n
    for (let at = length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at] as number)
    return Number(BigInt.asIntN(length * 8, value))
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0 || end - this.at > 200) throw this.refused('a name without an end')
    return this.take(end - this.at + 1)
      .toString('latin1')
      .trimEnd()
  }

  private take(length: number): Buffer {
    const from = this.skip(length)
    return this.bytes.subarray(from, this.at)
  }

  private skip(length: number): number {
    const from = this.at
    if (length > this.bytes.length - from) throw this.refused('it ends in the middle')
    this.at += length
    return from
  }

  private refused(what: string): ReturnType<typeof invalidFile> {
    const remedy = `Convert it where you trust it: python3 -c "import json, pickle, sys; json.dump(pickle.load(open(sys.argv[1], 'rb')), open(sys.argv[2], 'w'), default=lambda x: x.tolist())" IN.pkl OUT.json`
    return invalidFile(this.file, `expected plain data, found at byte ${this.at}: ${what}`, remedy)
  }
}

const readers: Readonly<Record<string, (view: DataView, at: number, isLittle: boolean) => number>> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i8: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
  u8: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
  f4: (view, at, isLittle) => view.getFloat32(at, isLittle),
  f8: (view, at, isLittle) => view.getFloat64(at, isLittle),
}
