import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { PushMessage, RunSummary } from '../../../core/contract/index.ts'
import { checkedPace, createAudience } from '../../../main/audience.ts'

/** Who hears what, and how often things are told. */

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
afterEach(() => mock.timers.reset())

function hub() {
  const listeners = new Set<(message: PushMessage) => void>()
  const audience = createAudience(listener => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  })
  const say = (push: string, payload: unknown): void => listeners.forEach(hear => hear({ push, payload }))
  const progress = (step: number, status: RunSummary['status'] = 'running'): void =>
    say('runs.onChanged', { id: 'r-1', status, step })
  return { audience, say, progress }
}

test('things are told as often as the closest listener wants, and rarely when nobody looks', () => {
  const { audience } = hub()
  const changes: number[] = []
  audience.onPace(() => changes.push(audience.paceMs()))
  assert.equal(audience.paceMs(), 3000, 'nobody is there')
  audience.overhear(() => {})
  assert.equal(audience.paceMs(), 3000, 'the shell itself is no audience')
  const [first, second] = [audience.attach(() => {}), audience.attach(() => {})]
  first.attend(1000)
  second.attend(100)
  assert.equal(audience.paceMs(), 100)
  second.attend(null)
  assert.equal(audience.paceMs(), 1000)
  second.end()
  first.attend(1)
  assert.equal(audience.paceMs(), 100, 'no page has it oftener than ten times a second')
  first.attend(null)
  assert.equal(audience.paceMs(), 3000)
  const end = audience.subscribe(() => {})
  assert.equal(audience.paceMs(), 250, 'a command that follows a run')
  end()
  first.end()
  assert.equal(audience.paceMs(), 3000)
  assert.deepEqual(changes, [250, 100, 1000, 100, 3000, 250, 3000])
})

test('a page that nobody sees hears of ends and alerts at once, of progress rarely, and of figures never', () => {
  const { audience, say, progress } = hub()
  const heard: PushMessage[] = []
  const page = audience.attach(message => heard.push(message))
  const taken = (): unknown[] => heard.splice(0).map(({ push, payload }) => [push, payload])
  progress(1)
  say('metrics.onPoints', { runId: 'r-1' })
  assert.equal(taken().length, 2)

  page.attend(null)
  for (let step = 2; step <= 50; step++) {
    progress(step)
    say('metrics.onPoints', { runId: 'r-1' })
    say('runs.onLog', { id: 'r-1' })
  }
  assert.deepEqual(taken(), [])
  mock.timers.tick(10_000)
  assert.deepEqual(taken(), [['runs.onChanged', { id: 'r-1', status: 'running', step: 50 }]])
  say('alerts.onAlert', { runId: 'r-1' })
  progress(51)
  progress(60, 'finished')
  assert.deepEqual(taken(), [
    ['alerts.onAlert', { runId: 'r-1' }],
    ['runs.onChanged', { id: 'r-1', status: 'finished', step: 60 }],
  ])
})

test('a page that is seen again hears where things are, and that figures were left out', () => {
  const { audience, say, progress } = hub()
  const heard: string[] = []
  const page = audience.attach(({ push, payload }) => heard.push(`${push} ${JSON.stringify(payload)}`))
  progress(1)
  page.attend(null)
  page.attend(250)
  assert.equal(heard.length, 1, 'nothing was missed')
  page.attend(null)
  progress(7)
  say('metrics.onPoints', {})
  page.attend(1000)
  assert.deepEqual(heard.slice(1), [
    'runs.onChanged {"id":"r-1","status":"running","step":7}',
    'system.onMissed {}',
  ])
  page.attend(250)
  progress(8)
  assert.equal(heard.length, 4)
  page.end()
  progress(9)
  mock.timers.tick(60_000)
  assert.equal(heard.length, 4, 'a page that is gone hears nothing')
})

test('a pace is a number or null, and nothing else is taken for one', () => {
  assert.equal(checkedPace(null), null)
  assert.equal(checkedPace(250), 250)
  for (const value of [undefined, '250', NaN, Infinity, {}, [100], true])
    assert.throws(() => checkedPace(value), TypeError)
})
