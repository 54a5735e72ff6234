/** Notices that a trainer has fallen silent. */
import type { Limits } from './limits.ts'

export class Watchdog {
  private readonly limits: Limits
  private readonly timer: NodeJS.Timeout
  private lastHeardMs = performance.now()
  private longestGapMs = 0
  private isStarting = true

  constructor(limits: Limits, onSilence: (silentMs: number) => void) {
    this.limits = limits
    const everyMs = Math.max(10, Math.min(5000, limits.silenceMs / 4, limits.startingSilenceMs / 4))
    let lastTickMs = performance.now()
    this.timer = setInterval(() => {
      const now = performance.now()
      // A machine that slept, or a host that was stopped, has not been listening: the silence is not the trainer's.
      if (now - lastTickMs > everyMs * 3) this.lastHeardMs = now
      lastTickMs = now
      const silentMs = now - this.lastHeardMs
      if (silentMs <= this.allowedMs) return
      this.stop()
      onSilence(silentMs)
    }, everyMs).unref()
  }

  /** The trainer said something. */
  heard(): void {
    const now = performance.now()
    this.longestGapMs = Math.max(this.longestGapMs, now - this.lastHeardMs)
    this.lastHeardMs = now
  }

  /** The longest time that the trainer was not heard, the time since it last was included. */
  get longestSilenceMs(): number {
    return Math.max(this.longestGapMs, performance.now() - this.lastHeardMs)
  }

  /** The trainer has done its first step: from now on it must be heard more often. */
  hasStarted(): void {
    this.isStarting = false
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private get allowedMs(): number {
    if (this.isStarting) return this.limits.startingSilenceMs
    return Math.max(this.limits.silenceMs, Math.min(10 * this.longestGapMs, this.limits.startingSilenceMs))
  }
}
