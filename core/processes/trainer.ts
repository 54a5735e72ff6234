/**
 * The trainer process: takes one order over its IPC channel, trains, and ends.
 *
 * It ends early, saving first, when told to stop or pause, on SIGTERM and SIGINT, and when the channel drops, as then its host is
 * gone. Every loop polls for that, so that the save begins after the step under way; from then on it has `saveDeadlineMs`, after
 * which the process ends with the checkpoint before. What never polls, as it hangs, is ended by force `hangLimitMs` after the signal
 * or the host's end. A second signal ends it at once.
 *
 * `trainer.ts [hangLimitMs]`
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { startBackend } from '../backend/index.ts'
import { AppError } from '../errors/index.ts'
import { exitCodes, train } from '../training/index.ts'
import type {
  FromTrainer,
  Interruption,
  ToTrainer,
  TrainOrder,
  TrainOutcome,
  TrainPorts,
} from '../training/index.ts'
import { createMemory } from '../training/unheard.ts'
import { watchMachine, type MachineWatch } from './machineWatch.ts'
import { meetingVariable, placeFromEnvironment } from './rankPlace.ts'
import { trainAsRank } from './ranks.ts'
import { startWatchdog } from './watchdog.ts'

/** Time to save and end in, from the end of the step, evaluation batch or decoding under way. */
const saveDeadlineMs = 30_000
/** Time from a signal, or the host's end, to the end by force. A step of a large network on a slow device may take minutes. */
const hangLimitMs = Number(process.argv[2] ?? 15 * 60_000)
const askParentMs = 2000
/** A signal this soon after another is the same wish, sent to the process and to its group. */
const sameSignalMs = 500
/** Time for the last messages to leave. */
const flushDeadlineMs = 2000

let interruption: Interruption | null = null
let hasDeadline = false
let isTraining = false
let signalledAt: number | null = null
let reportEveryMs = 100

process.title = 'multigrain-trainer'
// A host that dies takes the other ends of these pipes with it; that must not end the save.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.on('SIGTERM', () => signalled('terminate', 'SIGTERM'))
process.on('SIGINT', () => signalled('interrupt', 'SIGINT'))
process.on('disconnect', () => {
  watchdog.arm()
  requestEnd('host-lost')
})
process.on('message', (message: ToTrainer) => {
  if (message.type === 'stop') requestEnd(message.reason)
  else if (message.type === 'pace') reportEveryMs = message.everyMs
  else if (!isTraining) void run(message.order)
})
// Forked without a channel, it would wait for ever.
if (!process.connected) {
  console.error(
    'The trainer is started by the workbench, over an IPC channel. To train from a terminal: multigrain train --help',
  )
  process.exit(exitCodes.failed)
}
const watchdog = startWatchdog({ limitMs: hangLimitMs, askParentMs })

async function run(order: TrainOrder): Promise<void> {
  isTraining = true
  process.title = `multigrain-trainer ${order.runId}`
  const code = await trainOrder(order).then(
    outcome => codeOf(outcome.outcome === 'finished' ? null : outcome.interruption),
    (thrown: unknown) => {
      // The host was told; only a defect is worth a stack in the log.
      if (AppError.from(thrown).code === 'internal') console.error(thrown)
      return exitCodes.failed
    },
  )
  if (interruption === 'host-lost' && isFirstRank()) leaveUnheard(order)
  await Promise.race([drained(), delay(flushDeadlineMs)])
  process.exit(code)
}

/** The host may have died before it stored what it was told last. */
function leaveUnheard({ folder, attempt }: TrainOrder): void {
  try {
    memory.leave(folder, attempt)
  } catch (thrown) {
    console.error('What the host did not hear cannot be left behind:', thrown)
  }
}

function isFirstRank(): boolean {
  return process.env[meetingVariable] === undefined || placeFromEnvironment(process.env)?.rank === 0
}

/** Alone, or as one of the ranks that the host has started, or that this process's environment tells of. */
async function trainOrder(order: TrainOrder): Promise<TrainOutcome> {
  let machine: MachineWatch | null = null
  const ports: TrainPorts = {
    send,
    reportEveryMs: () => reportEveryMs,
    interruption: polled,
    startBackend: async (...asked) => {
      const started = await startBackend(...asked)
      machine ??= watchMachine()
      return started
    },
    machine: () => machine?.take() ?? {},
  }
  const place = process.env[meetingVariable] === undefined ? null : placeFromEnvironment(process.env)
  return place === null ? train(order, ports) : trainAsRank(place, order, ports)
}

function codeOf(cause: Interruption | null): number {
  if (cause === 'terminate') return exitCodes.terminated
  return cause === 'interrupt' ? exitCodes.interrupted : exitCodes.done
}

/** The loop has seen the interruption once it asks: the time to save begins then, not in the middle of a long step. */
function polled(): Interruption | null {
  if (interruption !== null && !hasDeadline) {
    hasDeadline = true
    setTimeout(giveUp, saveDeadlineMs).unref()
  }
  return interruption
}

/** Something it waits for does not come, so that an orderly end would not come either. */
function giveUp(): void {
  const message = `Not saved within ${saveDeadlineMs / 1000} s; the checkpoint before stays the newest`
  console.error(message)
  send({ type: 'failed', error: new AppError('trainer-lost', message).toReply() })
  void Promise.race([drained(), delay(flushDeadlineMs)]).then(() => endNow('SIGKILL'))
}

function signalled(cause: 'terminate' | 'interrupt', signal: NodeJS.Signals): void {
  if (!isTraining) process.exit(codeOf(cause))
  const now = performance.now()
  if (signalledAt === null) {
    signalledAt = now
    interruption = cause
    watchdog.arm()
  } else if (now - signalledAt >= sameSignalMs) endNow(signal)
}

/** A stop is more than a pause; otherwise the first cause stays. */
function requestEnd(cause: Interruption): void {
  if (!isTraining) process.exit(exitCodes.done)
  if (interruption === null || (interruption === 'pause' && cause === 'stop')) interruption = cause
}

/** Dies of a signal as if nobody had listened for it. `process.exit` would wait for calls that may never return. */
function endNow(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

const memory = createMemory()
let lastSent: Promise<void> = Promise.resolve()

function send(message: FromTrainer): void {
  memory.note(message)
  if (!process.connected) return
  lastSent = new Promise(resolve => {
    try {
      process.send!(message, undefined, undefined, () => resolve())
    } catch {
      resolve() // the host went away between the check and the call
    }
  })
}

/** Resolves once the last message is with the operating system. */
async function drained(): Promise<void> {
  await lastSent
}

process.on('uncaughtException', thrown => {
  console.error(thrown)
  send({ type: 'failed', error: AppError.from(thrown, 'Trainer').toReply() })
  void Promise.race([drained(), delay(flushDeadlineMs)]).then(() => process.exit(exitCodes.failed))
})
