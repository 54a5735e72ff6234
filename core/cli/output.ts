/**
 * Where a command's words go. Standard output carries the answer, standard error the way to it. With `--json` standard output
 * carries one line of JSON alone.
 */

export interface Output {
  readonly isJson: boolean
  /** A line of the answer. */
  line(text?: string): void
  /** A remark on the way, on standard error. */
  note(text: string): void
  /**
   * How far something is. On a terminal it is drawn over itself; elsewhere a line appears from time to time.
   * @param total 0 while unknown.
   */
  progress(label: string, done: number, total: number, suffix?: string): void
  /** Takes the progress bar away. */
  clearProgress(): void
  /** The JSON object at the end. */
  json(value: Readonly<Record<string, unknown>>): void
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const quietMs = 5000
const redrawMs = 100

/** @param streams standard output and error, replaceable in tests. */
export function createOutput(
  isJson: boolean,
  streams: { readonly out: Stream; readonly err: Stream } = { out: process.stdout, err: process.stderr },
  now: () => number = Date.now,
): Output {
  const { out, err } = streams
  const isTerminal = err.isTTY === true
  let isDrawn = false
  let lastAt = -Infinity
  let lastLabel = ''
  const clearProgress = (): void => {
    if (isDrawn) err.write('\r\u001b[2K')
    isDrawn = false
  }
  const write = (stream: Stream, text: string): void => {
    clearProgress()
    stream.write(`${text}\n`)
  }
  return {
    isJson,
    line: (text = '') => write(isJson ? err : out, text),
    note: text => write(err, text),
    progress(label, done, total, suffix = '') {
      const isDue = label !== lastLabel || now() - lastAt >= (isTerminal ? redrawMs : quietMs)
      if (!isDue) return
      lastAt = now()
      lastLabel = label
      const text = progressText(label, done, total, suffix)
      if (!isTerminal) return void err.write(`${text}\n`)
      err.write(`\r\u001b[2K${`${bar(done, total)} ${text}`.slice(0, (err.columns ?? 80) - 1)}`)
      isDrawn = true
    },
    clearProgress,
    json: value => write(out, JSON.stringify(value)),
  }
}

/** `3 min 20 s`, `45 s`, `2 h 5 min`. */
export function duration(elapsedMs: number): string {
  const seconds = Math.round(elapsedMs / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A fraction as a percentage with two decimals; a dash when there is none. */
export function percent(fraction: number | null | undefined): string {
  return fraction === null || fraction === undefined ? '–' : `${(fraction * 100).toFixed(2)} %`
}

/** 1,234,567 bytes as `1.2 MB`. */
export function bytes(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = sizeBytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

function progressText(label: string, done: number, total: number, suffix: string): string {
  const count = total > 0 ? ` ${done} of ${total}` : done > 0 ? ` ${done}` : ''
  return `${label}${count}${suffix === '' ? '' : `, ${suffix}`}`
}

function bar(done: number, total: number): string {
  const width = 20
  const filled = total > 0 ? Math.min(width, Math.floor((done / total) * width)) : 0
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`
}
