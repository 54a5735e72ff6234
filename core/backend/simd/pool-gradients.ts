/** One line of outputs of a pooling layer's gradient, vectorised over channels. */
import {
  countDown,
  defineFunction,
  f32x4,
  get,
  i32,
  increase,
  integers,
  seq,
  set,
  v128,
  when,
} from './assembler.ts'
import type { Code, FunctionScope, Local, WasmFunction } from './assembler.ts'

/** Reads and writes four channels, or one where fewer than four are left. */
interface Access {
  readonly bytes: number
  readonly load: (address: Code) => Code
  readonly store: (address: Code, value: Code) => Code
}
const fourChannels: Access = {
  bytes: 16,
  load: address => v128.load(address),
  store: (address, value) => v128.store(address, value),
}
const oneChannel: Access = {
  bytes: 4,
  load: address => v128.loadZero(address),
  store: (address, value) => v128.storeLane(address, value, 0),
}

/** The window of one output: where it begins in the line, and its taps inside the image. */
interface Window {
  /** Runs a statement at every tap; `offset` is the tap's distance in bytes from the line's start. */
  forEachTap(each: (offset: Code) => Code): Code
}

/**
 * `(x, dy, dx, outWidth, tapLines, filterWidth, stride, padLeft, inWidth, channels, lineBytes)` for the lines of x and dx that
 * the windows of one line of outputs cover. `maxPoolLine` gives dy to the first largest value of each window.
 */
const maxPoolLine = poolLine('maxPoolLine', (scope, access, at, window) => {
  const [largest, rest, mask] = [scope.local('v128'), scope.local('v128'), scope.local('v128')]
  const x = (offset: Code): Code => access.load(i32.add(get(at.x), offset))
  return seq(
    set(largest, f32x4.splat([0x43, 0, 0, 0x80, 0xff])), // −∞
    window.forEachTap(offset => set(largest, f32x4.max(get(largest), x(offset)))),
    set(rest, access.load(get(at.dy))),
    window.forEachTap(offset =>
      seq(
        set(mask, f32x4.equal(x(offset), get(largest))),
        addTo(access, i32.add(get(at.dx), offset), v128.and(get(rest), get(mask))),
        set(rest, v128.andNot(get(rest), get(mask))),
      ),
    ),
  )
})

/** As `maxPoolLine`, but adds dy to every tap; `x` is not read. The caller has divided dy by the number of taps. */
const averagePoolLine = poolLine('averagePoolLine', (scope, access, at, window) => {
  const value = scope.local('v128')
  return seq(
    set(value, access.load(get(at.dy))),
    window.forEachTap(offset => addTo(access, i32.add(get(at.dx), offset), get(value))),
  )
})

/** The functions of this file, for the module. */
export const poolGradients: readonly WasmFunction[] = [maxPoolLine, averagePoolLine]

interface Position {
  readonly x: Local
  readonly dy: Local
  readonly dx: Local
}

function addTo(access: Access, address: Code, value: Code): Code {
  return access.store(address, f32x4.add(access.load(address), value))
}

function poolLine(
  name: string,
  perChannel: (scope: FunctionScope, access: Access, at: Position, window: Window) => Code,
): WasmFunction {
  return defineFunction(name, integers(11), (scope, x, dy, dx, outWidth, tapLines, ...others) => {
    const [filterWidth, stride, padLeft, inWidth, channels, lineBytes] = others
    const [start, first, last] = [scope.local('i32'), scope.local('i32'), scope.local('i32')]
    const [tapLine, tap, offset, lineOffset] = [
      scope.local('i32'),
      scope.local('i32'),
      scope.local('i32'),
      scope.local('i32'),
    ]
    const [count, pixelBytes] = [scope.local('i32'), scope.local('i32')]
    const at: Position = { x: scope.local('i32'), dy, dx: scope.local('i32') }
    const window: Window = {
      forEachTap: each =>
        seq(
          set(tapLine, get(tapLines)),
          set(lineOffset, i32.const(0)),
          countDown(
            tapLine,
            seq(
              set(tap, i32.sub(get(last), get(first))),
              set(offset, get(lineOffset)),
              countDown(tap, seq(each(get(offset)), increase(offset, get(pixelBytes)))),
              increase(lineOffset, get(lineBytes)),
            ),
          ),
        ),
    }
    const overChannels = (access: Access): Code => {
      const moves = [at.x, at.dx, dy].map(pointer => increase(pointer, i32.const(access.bytes)))
      return countDown(count, seq(perChannel(scope, access, at, window), ...moves))
    }
    const startOfWindow = (base: Local): Code =>
      i32.add(get(base), i32.mul(i32.add(get(start), get(first)), get(pixelBytes)))
    const eachOutput = seq(
      set(first, i32.sub(i32.const(0), get(start))),
      when(i32.lessThan(get(first), i32.const(0)), set(first, i32.const(0))),
      set(last, i32.sub(get(inWidth), get(start))),
      when(i32.greaterThan(get(last), get(filterWidth)), set(last, get(filterWidth))),
      // A window may lie in the border as a whole.
      when(i32.lessThan(get(last), get(first)), set(last, get(first))),
      set(at.x, startOfWindow(x)),
      set(at.dx, startOfWindow(dx)),
      set(count, i32.shiftRight(get(channels), 2)),
      overChannels(fourChannels),
      set(count, i32.and(get(channels), i32.const(3))),
      overChannels(oneChannel),
      increase(start, get(stride)),
    )
    return seq(
      set(pixelBytes, i32.mul(get(channels), i32.const(4))),
      set(start, i32.sub(i32.const(0), get(padLeft))),
      countDown(outWidth, eachOutput),
    )
  })
}
