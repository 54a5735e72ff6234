/**
 * Stands in for the trainer process: says what a trainer says, without training. What it does depends on the run's seed, so that a
 * test can ask for a crash or a hang.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { behaviours } from './behaviours.ts'
import type { FromTrainer, ToTrainer, TrainOrder } from '../../../core/training/ports.ts'

const totalSteps = 20
let wish: 'stopped' | 'paused' | null = null

function say(message: FromTrainer): void {
  if (process.connected) process.send?.(message)
}

function save(order: TrainOrder, step: number): void {
  const name = `step-${String(step).padStart(8, '0')}`
  const path = join(order.folder, 'checkpoints', name)
  mkdirSync(path, { recursive: true })
  const state = JSON.stringify({ step, epoch: step / 10, metrics: { 'val/top1': step / 100 } })
  writeFileSync(join(path, 'state.json'), state)
  writeFileSync(
    join(path, 'manifest.json'),
    JSON.stringify({ files: [{ name: 'state.json', size: state.length }] }),
  )
  const metrics = { 'val/top1': step / 100 }
  say({
    type: 'checkpoint',
    checkpoint: { step, epoch: step / 10, name, path, sizeBytes: state.length, metrics },
  })
}

async function run(order: TrainOrder): Promise<void> {
  const seed = (order.config['training'] as { seed: number }).seed
  const fromStep = order.resume ? 10 : 0
  say({ type: 'ready', backend: 'fake', device: 'none', fromStep, totalSteps, stepsPerEpoch: 10 })
  if (seed === behaviours.fail) {
    say({
      type: 'failed',
      error: { code: 'invalid-config', message: 'input.size: too small', details: { field: 'input.size' } },
    })
    process.exitCode = 1
    return process.disconnect()
  }
  for (
    let step = fromStep + 1;
    step <= totalSteps || seed === behaviours.untilStopped || seed === behaviours.ignoreStop;
    step++
  ) {
    const loss = seed === behaviours.nan && step === 5 ? NaN : 1 / step
    const values = {
      'train/loss': loss,
      ...(step % 10 === 0 ? { 'val/top1': step / 100, 'val/loss': 0.5 } : {}),
    }
    say({
      type: 'points',
      points: [{ step, epoch: step / 10, wallMs: Date.now(), values }],
      imagesPerSecond: 100,
    })
    say({ type: 'log', level: 'info', text: `step: ${step}`, wallMs: Date.now() })
    if (seed === behaviours.longSteps) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
    if (step === 10) save(order, step)
    if (step === 12) misbehave(seed, order.attempt)
    if (wish && seed !== behaviours.ignoreStop) return finish(order, wish, step)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  finish(order, 'finished', totalSteps)
}

function misbehave(seed: number, attempt: number): void {
  if (seed === behaviours.crash) throw new Error('a defect of the trainer')
  if (seed === behaviours.killed) process.kill(process.pid, 'SIGKILL')
  if (seed === behaviours.hangAlways || (seed === behaviours.hangOnce && attempt === 1)) for (;;);
}

function finish(order: TrainOrder, outcome: 'finished' | 'stopped' | 'paused', step: number): void {
  save(order, step)
  say({ type: 'finished', outcome, step })
  if (process.connected) process.disconnect()
}

// Its host is gone: it saves, a moment later.
process.on('disconnect', () => setTimeout(() => (wish ??= 'stopped'), 300))
process.on('message', (message: ToTrainer) => {
  if (message.type === 'train') void run(message.order)
  else if (message.type === 'stop') wish = message.reason === 'pause' ? 'paused' : 'stopped'
})
