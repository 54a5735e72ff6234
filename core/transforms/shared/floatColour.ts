/**
 * Changes of colour on values that may leave 0 to 1 between two of them. Each changes `values`, [pixels · channels], in place.
 *
 * @source tf.image: adjust_brightness, adjust_contrast, adjust_saturation, adjust_hue
 */

/** @param delta added to every value */
export function addBrightness(values: Float32Array, _channels: 1 | 3, delta: number): void {
  for (let at = 0; at < values.length; at++) values[at] = values[at]! + delta
}

/** @param factor of the distance from the mean of each channel */
export function scaleContrast(values: Float32Array, channels: 1 | 3, factor: number): void {
  for (let c = 0; c < channels; c++) {
    let sum = 0
    for (let at = c; at < values.length; at += channels) sum += values[at]!
    const mean = sum / (values.length / channels)
    for (let at = c; at < values.length; at += channels) values[at] = (values[at]! - mean) * factor + mean
  }
}

/** @param factor of the saturation of HSV, which stays within 0 to 1; grey images stay as they are */
export function scaleSaturation(values: Float32Array, channels: 1 | 3, factor: number): void {
  if (channels === 1) return
  for (let at = 0; at < values.length; at += 3) {
    const value = Math.max(values[at]!, values[at + 1]!, values[at + 2]!)
    if (value <= 0) {
      // Darker than black has no saturation.
      values.fill(value, at, at + 3)
      continue
    }
    const range = value - Math.min(values[at]!, values[at + 1]!, values[at + 2]!)
    if (range === 0) continue
    // Hue and value stay, so every channel's distance from the brightest grows alike.
    const growth = Math.min((factor * range) / value, 1) / (range / value)
    for (let c = 0; c < 3; c++) values[at + c] = value - (value - values[at + c]!) * growth
  }
}

/** @param turn part of the colour circle, either way; grey images stay as they are */
export function turnHue(values: Float32Array, channels: 1 | 3, turn: number): void {
  if (channels === 1) return
  for (let at = 0; at < values.length; at += 3) {
    const [red, green, blue] = [values[at]!, values[at + 1]!, values[at + 2]!]
    const most = Math.max(red, green, blue)
    const least = Math.min(red, green, blue)
    const range = most - least
    if (range === 0) continue
    const sixths =
      most === red
        ? (green - blue) / range
        : most === green
          ? 2 + (blue - red) / range
          : 4 + (red - green) / range
    const hue = (((sixths + 6 * turn) % 6) + 6) % 6
    for (let c = 0; c < 3; c++) values[at + c] = least + range * part(hue, c)
  }
}

/** How much of the range a channel shows at a hue of 0 to 6 sixths: 1 around its own, 0 on the other side. */
function part(hue: number, channel: number): number {
  const distance = Math.abs(((hue - 2 * channel + 9) % 6) - 3)
  return Math.min(Math.max(2 - distance, 0), 1)
}
