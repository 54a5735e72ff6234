import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { createPace } from '../../../core/training/pace.ts'
import type { FromTrainer, Point } from '../../../core/training/ports.ts'
import { createReporter } from '../../../core/training/reporter.ts'

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
afterEach(() => mock.timers.reset())

function point(step: number): Point {
  return { step, epoch: 0, wallMs: 0, values: { 'train/loss': step } }
}

describe('the reporter', () => {
  it('sends points in batches, at most ten a second, with the speed', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    reporter.speed(123)
    for (let ms = 0; ms < 1000; ms++) {
      reporter.point(point(ms))
      mock.timers.tick(1)
    }
    const batches = sent.flatMap(message => (message.type === 'points' ? [message] : []))
    assert.equal(batches.length, 10)
    assert.equal(batches[0]!.imagesPerSecond, 123)
    assert.deepEqual(
      batches.flatMap(({ points }) => points.map(({ step }) => step)),
      Array.from({ length: 1000 }, (_, step) => step),
    )
    reporter.close()
  })

  it('sends the points that a line of the log speaks of before the line', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    reporter.point(point(7))
    reporter.log('info', 'step: 7')
    assert.deepEqual(
      sent.map(({ type }) => type),
      ['points', 'log'],
    )
    reporter.close()
  })

  it('beats once a second though nothing happens', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    mock.timers.tick(3500)
    assert.equal(sent.filter(({ type }) => type === 'heartbeat').length, 3)
    reporter.close()
    mock.timers.tick(5000)
    assert.equal(sent.length, 3)
  })

  it('reports as often as it is asked to, and gives signs of life in between', () => {
    const sent: FromTrainer[] = []
    let everyMs = 2000
    const reporter = createReporter(
      message => sent.push(message),
      () => everyMs,
    )
    const pointsIn = (ms: number): number => {
      for (let each = 0; each < ms; each += 50) {
        reporter.point(point(each))
        mock.timers.tick(50)
      }
      return sent.splice(0).filter(({ type }) => type === 'points').length
    }
    assert.equal(pointsIn(4000), 2)
    reporter.point(point(1))
    mock.timers.tick(1900)
    assert.deepEqual(sent, [{ type: 'heartbeat' }])
    everyMs = 100
    mock.timers.tick(100)
    assert.equal(sent.splice(0).length, 2, 'what was held back is reported as soon as somebody looks')
    assert.equal(pointsIn(1000), 10)
    reporter.close()
  })

  it('sends a new phase at once, and progress within it at most ten times a second', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    const phase = { phase: 'training', total: 500, etaMs: null } as const
    for (let done = 0; done < 500; done++) {
      reporter.phase({ ...phase, done })
      if (done === 0) assert.equal(sent.length, 1)
      mock.timers.tick(1)
    }
    assert.equal(sent.length, 6)
    reporter.phase({ phase: 'saving', done: 0, total: 0, etaMs: null })
    assert.equal(sent.length, 7)
    reporter.close()
  })

  it('keeps the order: what was held back goes before any other message', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    reporter.point(point(1))
    reporter.send({ type: 'finished', outcome: 'finished', step: 1 })
    assert.deepEqual(
      sent.map(({ type }) => type),
      ['points', 'finished'],
    )
    reporter.close()
  })

  it('names each bad image once, and many only by saying so', () => {
    const sent: FromTrainer[] = []
    const reporter = createReporter(message => sent.push(message))
    for (let round = 0; round < 2; round++) {
      for (let image = 0; image < 50; image++) reporter.badImage(`image-${image}.jpg`, 'truncated')
    }
    const texts = sent.flatMap(message => (message.type === 'log' ? [message.text] : []))
    assert.equal(texts.length, 21)
    assert.equal(texts[0], 'image-0.jpg is left out: truncated')
    assert.match(texts[20]!, /More images/)
    reporter.close()
  })
})

describe('the pace', () => {
  it('gives speed and the time left, with evaluation and saving in it', () => {
    const pace = createPace()
    assert.equal(pace.imagesPerSecond(), null)
    assert.equal(pace.etaMs({ steps: 1, evaluations: 0, saves: 0 }), null)
    for (let step = 0; step < 4; step++) pace.step(32, 100)
    assert.equal(pace.imagesPerSecond(), 320)
    pace.evaluation(2000)
    pace.save(300)
    assert.equal(pace.etaMs({ steps: 10, evaluations: 2, saves: 1 }), 1000 + 4000 + 300)
  })

  it('follows a change of speed within seconds', () => {
    const pace = createPace()
    for (let step = 0; step < 100; step++) pace.step(32, 1000)
    for (let step = 0; step < 60; step++) pace.step(32, 100)
    assert.equal(pace.imagesPerSecond(), 320)
  })

  it('measures from one log line to the next', () => {
    const pace = createPace()
    pace.step(10, 1000)
    pace.mark()
    assert.equal(pace.sinceMark(), null)
    pace.step(10, 500)
    assert.equal(pace.sinceMark(), 20)
  })
})
