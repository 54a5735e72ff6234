/** What the command line writes: tables, bars, JSON and help. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { commands } from '../../../core/cli/commands/index.ts'
import { helpOf, overview } from '../../../core/cli/help.ts'
import { listenForInterruption } from '../../../core/cli/interruption.ts'
import { bytes, createOutput, duration, percent } from '../../../core/cli/output.ts'
import { table } from '../../../core/cli/table.ts'

function streams(isTTY: boolean) {
  const text = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => ({
    isTTY,
    columns: 60,
    write: (part: string) => (text[name] += part),
  })
  return { text, out: stream('out'), err: stream('err') }
}

test('columns are aligned, numbers to the right', () => {
  assert.equal(
    table(
      ['NAME', 'COUNT>'],
      [
        ['a', '1'],
        ['longer', '12345'],
      ],
    ),
    'NAME    COUNT\na           1\nlonger  12345',
  )
})

test('with --json standard output is one line of JSON, and words go to standard error', () => {
  const { text, ...both } = streams(false)
  const output = createOutput(true, both)
  output.line('for people')
  output.note('remark')
  output.json({ a: 1 })
  assert.deepEqual(text, { out: '{"a":1}\n', err: 'for people\nremark\n' })
})

test('on a terminal progress is drawn over itself and taken away before other text', () => {
  const { text, ...both } = streams(true)
  const output = createOutput(false, both, () => 0)
  output.progress('Scanning', 5, 10, 'fast')
  assert.equal(text.err, '\r\u001b[2K[==========          ] Scanning 5 of 10, fast')
  output.line('done')
  assert.ok(text.err.endsWith('\r\u001b[2K'))
  assert.equal(text.out, 'done\n')
})

test('a bar never exceeds the width of the terminal', () => {
  const { text, ...both } = streams(true)
  createOutput(false, both).progress('x'.repeat(200), 1, 2)
  assert.equal(text.err.replace('\r\u001b[2K', '').length, 59)
})

test('elsewhere progress is a line now and then', () => {
  const { text, ...both } = streams(false)
  let now = 0
  const output = createOutput(false, both, () => now)
  for (let done = 0; done < 100; done++) {
    output.progress('Scanning', done, 100)
    now += 100
  }
  assert.deepEqual(text.err.trim().split('\n'), ['Scanning 0 of 100', 'Scanning 50 of 100'])
})

test('durations, shares and sizes read well', () => {
  assert.deepEqual(
    [duration(999), duration(200_000), duration(7_500_000)],
    ['1 s', '3 min 20 s', '2 h 5 min'],
  )
  assert.deepEqual([percent(0.97512), percent(null), percent(0)], ['97.51 %', '–', '0.00 %'])
  assert.deepEqual([bytes(12), bytes(610_200), bytes(2.5e9)], ['12 B', '610.2 kB', '2.5 GB'])
})

test('the first signal asks to stop, one at the same moment is the same, a later one leaves at once', async () => {
  const source = new EventEmitter()
  const exits: number[] = []
  const notes: string[] = []
  const listened = listenForInterruption(
    text => void notes.push(text),
    source as unknown as NodeJS.Process,
    code => void exits.push(code),
  )
  listened.throwIfInterrupted()
  source.emit('SIGTERM')
  assert.deepEqual(
    [listened.exitCode, listened.signal.aborted, notes.length, exits.length],
    [143, true, 1, 0],
  )
  assert.throws(() => listened.throwIfInterrupted(), /Interrupted/)
  source.emit('SIGHUP')
  assert.deepEqual(exits, [])
  await new Promise(resolve => setTimeout(resolve, 550))
  source.emit('SIGINT')
  assert.deepEqual(exits, [130])
})

test('every command is in the overview and has help with each option and an example', () => {
  for (const command of commands) {
    assert.ok(overview(commands).includes(command.summary))
    const help = helpOf(command)
    for (const option of [...Object.keys(command.options), 'json', 'help'])
      assert.ok(help.includes(`--${option}`), `${command.name} --${option}`)
    assert.ok(command.examples.length > 0)
    for (const { line } of command.examples) assert.ok(line.startsWith(command.name))
  }
})
