/** What is seen of the machine while a network trains. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { freemem, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { mock, test, type TestContext } from 'node:test'
import '@tensorflow/tfjs-backend-cpu'
import { setBackend } from '@tensorflow/tfjs-core'
import { watchMachine } from '../../../core/processes/machineWatch.ts'
import { findThermometer } from '../../../core/processes/thermometer.ts'

function sysFolders(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'multigrain-sys-'))
  t.after(() => rmSync(root, { recursive: true }))
  const [zones, sensors] = [join(root, 'thermal'), join(root, 'hwmon')]
  const add = (folder: string, name: string, files: Readonly<Record<string, string>>): string => {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), `${text}\n`)
    return path
  }
  return { zones, sensors, add }
}

test('the temperature is that of the processor, of a zone before a sensor', async t => {
  const { zones, sensors, add } = sysFolders(t)
  assert.equal(await findThermometer({ zones, sensors })(), null)
  add(sensors, 'hwmon0', { name: 'nvme', temp1_input: '31000' })
  add(zones, 'thermal_zone0', { type: 'acpitz', temp: '20000' })
  assert.equal(await findThermometer({ zones, sensors })(), null, 'neither is the processor')
  add(sensors, 'hwmon1', { name: 'k10temp', temp1_input: '54250' })
  assert.equal(await findThermometer({ zones, sensors })(), 54.25)
  add(zones, 'thermal_zone1', { type: 'x86_pkg_temp', temp: '61000' })
  assert.equal(await findThermometer({ zones, sensors })(), 61)
})

test('a sensor that stops answering, or says no number, tells nothing', async t => {
  const { zones, sensors, add } = sysFolders(t)
  const path = add(zones, 'thermal_zone0', { type: 'cpu-thermal', temp: '40000' })
  const read = findThermometer({ zones, sensors })
  assert.equal(await read(), 40)
  for (const text of ['', 'n/a']) {
    writeFileSync(join(path, 'temp'), text)
    assert.equal(await read(), null)
  }
  rmSync(path, { recursive: true })
  assert.equal(await read(), null)
})

test('figures come every two seconds, each once, until the watch ends', async t => {
  await setBackend('cpu')
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const watch = watchMachine()
  assert.deepEqual(watch.take(), {})
  const endMs = performance.now() + 60
  while (performance.now() < endMs);
  mock.timers.tick(2000)
  const { 'system/cpuCelsius': _celsius, ...figures } = watch.take()
  const names = ['system/cpuShare', 'system/memoryBytes', 'system/trainerCores', 'system/trainerMemoryBytes']
  assert.deepEqual(Object.keys(figures).sort(), names)
  const [share, memory, cores, own] = names.map(name => figures[name]!) as [number, number, number, number]
  assert.ok(share > 0 && share <= 1, `share ${share}`)
  assert.ok(cores > 0.5 && cores < 3, `this process was busy: ${cores} cores`)
  assert.ok(Math.abs(memory - (totalmem() - freemem())) < 1e9)
  assert.ok(own > 1e7 && own < memory)
  assert.equal(watch.take()['system/cpuShare'], undefined, 'nothing new')
  watch.stop()
  mock.timers.tick(10_000)
  assert.equal(watch.take()['system/cpuShare'], undefined)
})
