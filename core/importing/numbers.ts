/** Numbers of any width as float32. */
import type { Dtype } from '../checkpoints/safetensors.ts'

/** Types whose numbers are weights. */
export type FloatType = Extract<Dtype, 'F64' | 'F32' | 'F16' | 'BF16'>

export const widths: Readonly<Record<FloatType, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 }

export function isFloatType(type: string): type is FloatType {
  return Object.hasOwn(widths, type)
}

/** @param bytes little-endian, at any address */
export function toFloat32(type: FloatType, bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes).buffer // aligned
  if (type === 'F32') return new Float32Array(copy)
  if (type === 'F64') return Float32Array.from(new Float64Array(copy))
  const halves = new Uint16Array(copy)
  if (type === 'F16') return Float32Array.from(halves, halfToNumber)
  const words = Uint32Array.from(halves, half => half << 16)
  return new Float32Array(words.buffer)
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
