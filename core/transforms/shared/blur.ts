/**
 * Blurring with a bell curve that is cut off at the window's border. Beyond the image its pixels come again, mirrored at the border ones.
 *
 * @source torchvision.transforms.functional.gaussian_blur, which rounds to whole grey levels in the end
 */
import type { Image } from './transform.ts'

/**
 * @param size of the window, odd; at most 2 · side - 1 of the image has an effect
 * @param sigma standard deviation in pixels
 */
export function blur(image: Image, size: number, sigma: number): Image {
  const { data: source, width, height, channels } = image
  const weights = bell(size, sigma)
  const reach = (size - 1) / 2
  const row = width * channels
  const across = new Float32Array(source.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let k = -reach; k <= reach; k++)
          sum += weights[k + reach]! * source[y * row + mirrored(x + k, width) * channels + c]!
        across[y * row + x * channels + c] = sum
      }
    }
  }
  const data = new Uint8Array(source.length)
  const sums = new Float32Array(row)
  for (let y = 0; y < height; y++) {
    sums.fill(0.5)
    for (let k = -reach; k <= reach; k++) {
      const from = mirrored(y + k, height) * row
      const weight = weights[k + reach]!
      for (let at = 0; at < row; at++) sums[at]! += weight * across[from + at]!
    }
    for (let at = 0; at < row; at++) data[y * row + at] = sums[at]!
  }
  return { ...image, data }
}

function bell(size: number, sigma: number): Float32Array {
  const middle = (size - 1) / 2
  const heights = Array.from({ length: size }, (_, at) => Math.exp(-0.5 * ((at - middle) / sigma) ** 2))
  const sum = heights.reduce((total, value) => total + value, 0)
  return Float32Array.from(heights, value => value / sum)
}

/** …2 1 0 1 2 … without the border twice, as often as need be. */
function mirrored(at: number, length: number): number {
  if (at >= 0 && at < length) return at
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((at % period) + period) % period
  return within < length ? within : period - within
}
