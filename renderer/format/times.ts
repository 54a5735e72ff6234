/** Durations and moments as people read them. */
import { language, t } from '../language/index.ts'

/** 5025000 → `1 h 23 min`; under a minute in seconds. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–'
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return t('{seconds} s', { seconds })
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return t('{minutes} min {seconds} s', { minutes, seconds: twoDigits(seconds % 60) })
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return t('{hours} h {minutes} min', { hours, minutes: twoDigits(minutes % 60) })
  return t('{days} d {hours} h', { days: Math.floor(hours / 24), hours: hours % 24 })
}

/** `about 3 min left`, or nothing while unknown. */
export function timeLeft(etaMs: number | null | undefined): string {
  return etaMs === null || etaMs === undefined || !Number.isFinite(etaMs)
    ? ''
    : t('about {time} left', { time: duration(etaMs) })
}

/** `22 Nov 2026, 14:05`, in the reader's time zone. */
export function moment(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  const locale = language.value === 'en' ? 'en-GB' : language.value
  const day = new Date(ms).toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric' })
  return `${day}, ${clock(ms).slice(0, 5)}`
}

/** `14:05:09`. */
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour12: false })
}

/** `just now`, `5 min ago`, `3 h ago`, `4 d ago`, then the day. */
export function ago(ms: number | null | undefined, nowMs: number = Date.now()): string {
  if (ms === null || ms === undefined) return '–'
  const seconds = (nowMs - ms) / 1000
  if (seconds < 60) return t('just now')
  if (seconds < 3600) return t('{count} min ago', { count: Math.floor(seconds / 60) })
  if (seconds < 86_400) return t('{count} h ago', { count: Math.floor(seconds / 3600) })
  const days = Math.floor(seconds / 86_400)
  return days < 60 ? t('{count} d ago', { count: days }) : (moment(ms).split(',')[0] ?? '')
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
