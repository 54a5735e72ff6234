/** Says as much as a fast trainer, as often as it is asked to: for each step five values and a log line. Seed: steps a second. */
import type { FromTrainer, ToTrainer } from '../../core/training/ports.ts'

const say = (message: FromTrainer): void => void (process.connected && process.send?.(message))

let everyMs = 100
process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToTrainer) => {
  if (message.type === 'pace') return void (everyMs = message.everyMs)
  if (message.type === 'stop') {
    say({ type: 'finished', outcome: 'stopped', step: 0 })
    return process.disconnect()
  }
  const stepsPerSecond = (message.order.config['training'] as { seed: number }).seed
  say({ type: 'ready', backend: 'none', device: 'none', fromStep: 0, totalSteps: 1e6, stepsPerEpoch: 1000 })
  let step = 0
  let heldMs = 0
  setInterval(() => {
    heldMs += 100
    if (heldMs < everyMs) return
    const points = Array.from({ length: Math.round((stepsPerSecond * heldMs) / 1000) }, () => {
      const values = {
        'train/loss': 1 / ++step,
        'train/totalLoss': 1,
        'train/lr': 0.1,
        'train/top1': 0.5,
        'train/imagesPerSecond': 500,
      }
      return { step, epoch: step / 1000, wallMs: Date.now(), values }
    })
    heldMs = 0
    say({ type: 'points', points, imagesPerSecond: 500 })
    say({ type: 'phase', phase: { phase: 'training', done: step, total: 1e6, etaMs: 1000 } })
    for (const point of points)
      say({
        type: 'log',
        level: 'info',
        text: `step: ${point.step} loss: ${point.values['train/loss']}`,
        wallMs: Date.now(),
      })
  }, 100)
})
