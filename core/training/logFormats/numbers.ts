/** Numbers as C and Python print them. */

/** `%*.*f`: ties go to the even digit, where JavaScript takes the larger one. */
export function fixed(value: number, digits: number, width = 0): string {
  return fixedText(value, digits).padStart(width)
}

/** `%.4e`: the exponent has two digits at least. */
export function exponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return words(value)
  return value.toExponential(digits).replace(/([+-])(\d)$/, '$10$2')
}

/** `%*i` */
export function whole(value: number, width: number): string {
  return String(value).padStart(width)
}

/** As Python's repr. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return words(value)
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential().replace(/([+-])(\d)$/, '$10$2')
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}

function fixedText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return words(value)
  const exact = value.toFixed(100)
  const rest = exact.slice(exact.indexOf('.') + 1 + digits)
  const cut = exact.slice(0, -rest.length)
  const isTie = /^50*$/.test(rest) && /[02468]\.?$/.test(cut)
  return isTie ? cut.replace(/\.$/, '') : value.toFixed(digits)
}

function words(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}
