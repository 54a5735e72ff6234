/** What a run tells the outside: points in batches, log lines, where it is, and that it is alive. */
import type { SetAside } from '../checkpoints/checkpointFolder.ts'
import type { FromTrainer, Phase, Point } from './ports.ts'

const tickMs = 100
/** Silence after which a sign of life is sent. */
const heartbeatMs = 1000
/** Images named in the log before the rest is only mentioned. */
const maxBadImages = 20

export interface Reporter {
  send(message: FromTrainer): void
  /** Held back until the next report, which comes while the loop yields. */
  point(point: Point): void
  log(level: 'info' | 'warning' | 'error', text: string): void
  /** Logs each image once, up to a number; they repeat every epoch. */
  badImage(name: string, problem: string): void
  /** A checkpoint was set aside. */
  damaged(found: SetAside): void
  /** Where the run is; sent at once when the phase changes, else with the next report. */
  phase(phase: Phase): void
  /** Speed to send with the next points. */
  speed(imagesPerSecond: number | null): void
  /** Sends what is held back. */
  flush(): void
  close(): void
}

/**
 * Timers send while the loop yields; they do not keep the process alive.
 * @param everyMs between two reports; asked for before each.
 */
export function createReporter(
  sendNow: (message: FromTrainer) => void,
  everyMs: () => number = () => tickMs,
): Reporter {
  let points: Point[] = []
  let phase: Phase | null = null
  let sentPhase: Phase['phase'] | null = null
  let imagesPerSecond: number | null = null
  let silentMs = 0
  const send = (message: FromTrainer): void => {
    silentMs = 0
    sendNow(message)
  }

  const sendPhase = (): void => {
    if (!phase) return
    send({ type: 'phase', phase })
    sentPhase = phase.phase
    phase = null
  }
  const sendPoints = (): void => {
    if (points.length > 0) send({ type: 'points', points, imagesPerSecond })
    points = []
  }
  const flush = (): void => {
    sendPoints()
    sendPhase()
  }
  let heldMs = 0
  const timer = setInterval(() => {
    heldMs += tickMs
    silentMs += tickMs
    if (heldMs >= everyMs()) {
      flush()
      heldMs = 0
    }
    if (silentMs >= heartbeatMs) send({ type: 'heartbeat' })
  }, tickMs).unref()

  /** What a line speaks of is known before it: the log never runs ahead of the figures. */
  const log: Reporter['log'] = (level, text) => {
    sendPoints()
    send({ type: 'log', level, text, wallMs: Date.now() })
  }
  const badNames = new Set<string>()
  const badImage = (name: string, problem: string): void => {
    if (badNames.has(name) || badNames.size > maxBadImages) return
    badNames.add(name)
    const isLast = badNames.size > maxBadImages
    log(
      'warning',
      isLast ? 'More images cannot be decoded and are left out' : `${name} is left out: ${problem}`,
    )
  }
  const damaged = ({ name, problem }: SetAside): void => {
    log('warning', `Checkpoint ${name} is damaged and was set aside: ${problem}`)
    send({ type: 'checkpoint-damaged', name, problem })
  }

  return {
    log,
    badImage,
    damaged,
    send: message => {
      flush()
      send(message)
    },
    point: point => void points.push(point),
    phase: next => {
      phase = next
      if (next.phase !== sentPhase) flush()
    },
    speed: value => {
      imagesPerSecond = value
    },
    flush,
    close: () => {
      flush()
      clearInterval(timer)
    },
  }
}
