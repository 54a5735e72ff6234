/** Numbers as people read them. Every function takes null and non-finite values and never shows "null" or "undefined". */

const none = '–'
/** Made once: `toLocaleString` looks its rules up at each call, which is felt where charts are drawn again and again. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const precise = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 })

/** 1234567 → `1,234,567`. */
export function count(value: number | null | undefined): string {
  return isNumber(value) ? whole.format(Math.round(value)) : none
}

/** 25557032 → `25.6 M`. */
export function big(value: number | null | undefined): string {
  if (!isNumber(value)) return none
  const units = ['', ' k', ' M', ' G', ' T']
  let scaled = value
  let unit = 0
  while (Math.abs(scaled) >= 1000 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  const digits = unit === 0 ? 0 : Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2
  return `${scaled.toFixed(digits)}${units[unit]}`
}

/** 0.9731 → `97.3 %`. */
export function percent(fraction: number | null | undefined, digits = 1): string {
  if (fraction === undefined || fraction === null) return none
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(digits)} %` : String(fraction)
}

/** Four significant digits; very small and very large ones with an exponent. */
export function value(number: number | null | undefined, digits = 4): string {
  if (number === null || number === undefined) return none
  if (!Number.isFinite(number)) return String(number)
  const size = Math.abs(number)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return number.toExponential(2)
  return precise.format(Number(number.toPrecision(digits)))
}

/** −0.8123 → `−0.812`: so many digits, with the sign that is as wide as a plus. */
export function fixed(number: number | null | undefined, digits: number): string {
  if (!isNumber(number)) return none
  const text = number.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** 102760448 → `98.0 MiB`. */
export function bytes(size: number | null | undefined): string {
  if (!isNumber(size)) return none
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let scaled = size
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${unit === 0 ? scaled : scaled.toFixed(scaled >= 100 ? 0 : 1)} ${units[unit]}`
}

/** `1 image`, `2 images`. */
export function plural(number: number, noun: string, several = `${noun}s`): string {
  return `${count(number)} ${number === 1 ? noun : several}`
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
