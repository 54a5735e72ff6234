/**
 * How long a frame of the embedding map takes with 100,000 points, in Chromium without a GPU, while the wheel zooms: by WebGL2 (which
 * SwiftShader computes on the processor) and on the plain canvas that stands in where there is none. Needs a built interface:
 * `node test/bench/retrievalMap.ts`. The last line is JSON.
 */
import { chromium } from 'playwright'
import type { Link } from '../../core/contract/index.ts'
import { builtInterface, findChromium } from '../e2e/fixtures/browser.ts'
import { fakeHost } from '../e2e/fixtures/fakeHost.ts'
import { fakeServer } from '../e2e/fixtures/fakeServer.ts'
import { fakeCheckpoints } from '../e2e/fixtures/fakeThings.ts'

const [count, classes, frames] = [100_000, 100, 60]
const host = fakeHost({ runs: 1, classes, images: count })
const labels = Int32Array.from({ length: count }, () => Math.floor(Math.random() * classes))
const positions = new Float32Array(count * 2)
for (let at = 0; at < count; at++) {
  const [turn, far] = [(labels[at]! / classes) * 2 * Math.PI, Math.random() + Math.random()]
  positions[at * 2] = Math.cos(turn) * far + Math.random() * 0.2
  positions[at * 2 + 1] = Math.sin(turn) * far + Math.random() * 0.2
}
const base64 = (values: Int32Array | Float32Array): string => Buffer.from(values.buffer).toString('base64')
const named = { runName: 'run', model: 'resnet50', datasetId: 'imagenet', datasetName: 'ImageNet' }
const checkpoint = { ...fakeCheckpoints('run-0')[0]!, ...named }
const answers: Readonly<Record<string, unknown>> = {
  'comparisons.open': {
    sides: [{ runId: 'run-0', checkpoint }],
    ...{ datasets: [], chosen: null, evaluations: [] },
  },
  'retrieval.state': {
    ...{ isReady: true, total: count, count, width: 2048, skippedCount: 0, ownPower: 3, powers: [] },
    ...{ whitened: [], sizes: [], estimateMs: null },
  },
  'jobs.get': {
    ...{ id: 'j-00001', kind: 'retrieval-map', title: '', status: 'finished', progress: null, result: {} },
    ...{ error: null, createdAt: 1, endedAt: 2 },
  },
  'retrieval.points': {
    ...{ count, positions: base64(positions), labels: base64(labels), predicted: base64(labels) },
    indices: base64(Int32Array.from({ length: count }, (_, at) => at)),
  },
}
const link: Link = {
  ...host.link,
  send: request =>
    request.call in answers
      ? Promise.resolve({ ok: true, value: answers[request.call] })
      : host.link.send(request),
}
const server = await fakeServer({ ...host, link }, builtInterface)
const [summary] = (
  (await host.link.send({ call: 'datasets.list', input: {} })) as {
    value: { id: string; splits: { name: string }[] }[]
  }
).value
const figures: Record<string, number> = {}
for (const [name, args] of [
  ['webgl', ['--use-angle=swiftshader', '--enable-unsafe-swiftshader']],
  ['canvas', ['--disable-3d-apis', '--disable-gpu']],
] as const) {
  const browser = await chromium.launch({ executablePath: findChromium()!, args: [...args, '--no-sandbox'] })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const split = summary!.splits[0]!.name
  await page.goto(
    `${server.url}#/retrieval?checkpoint=${checkpoint.id}&dataset=${summary!.id}&split=${split}&tab=map`,
  )
  await page.getByText('100,000 points').waitFor()
  await page.waitForTimeout(1000)
  const times = (await page.evaluate(`(async () => {
    const plane = document.querySelector('[data-map]')
    const { left, top, width, height } = plane.getBoundingClientRect()
    const next = () => new Promise(done => requestAnimationFrame(done))
    const out = []
    let before = await next()
    for (let at = 0; at < ${frames}; at++) {
      const deltaY = at % 20 < 10 ? -40 : 40
      plane.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX: left + width / 2, clientY: top + height / 2, cancelable: true }))
      const now = await next()
      out.push(now - before)
      before = now
    }
    return out
  })()`)) as number[]
  times.sort((a, b) => a - b)
  figures[name] = times[Math.floor(times.length / 2)]!
  figures[`${name}90`] = times[Math.floor(times.length * 0.9)]!
  console.log(
    `${name}: a frame of ${count} points takes ${figures[name].toFixed(1)} ms (median), ${figures[`${name}90`]!.toFixed(1)} ms (90 %)`,
  )
  await browser.close()
}
await server.close()
console.log(JSON.stringify(figures))
process.exit(0)
