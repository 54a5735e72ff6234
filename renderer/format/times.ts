/** Durations and moments as people read them. */

/** 5025000 → `1 h 23 min`; under a minute in seconds. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–'
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `about 3 min left`, or nothing while unknown. */
export function timeLeft(etaMs: number | null | undefined): string {
  return etaMs === null || etaMs === undefined || !Number.isFinite(etaMs)
    ? ''
    : `about ${duration(etaMs)} left`
}

/** `22 Nov 2026, 14:05`, in the reader's time zone. */
export function moment(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  const day = new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
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
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  const days = Math.floor(seconds / 86_400)
  return days < 60 ? `${days} d ago` : (moment(ms).split(',')[0] ?? '')
}
