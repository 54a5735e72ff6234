/** Start and views of a workbench that holds a great deal. */
import type { Browser } from 'playwright'
import { startHost } from '../../e2e/fixtures/hostProcess.ts'
import { median, untilPainted } from './measure.ts'
import { millionRun, spike } from './bigHome.ts'

const run = 'r-made-42'
/** A view and what shows that it is there with its content. */
const views: readonly (readonly [name: string, hash: string, isThere: string])[] = [
  ['runs', '#/runs', `document.querySelectorAll('[role=row]').length > 5`],
  [
    'run',
    `#/run/${run}`,
    `/\\d/.test(document.querySelector('[data-chart="Loss"] figcaption')?.innerText ?? '')`,
  ],
  ['log', `#/run/${run}/log`, `document.querySelector('[role=log]')`],
  ['data', '#/data', `document.querySelector('article, [role=list], .card')`],
  ['train', '#/train', `document.querySelector('form, [name="run-name"]')`],
  ['compare', `#/compare?runs=${run},r-made-43`, `document.querySelector('[data-chart] canvas')`],
  ['settings', '#/system', `document.querySelector('.settings section')`],
]

export async function bigViews(browser: Browser, home: string): Promise<Record<string, number>> {
  const startMs = performance.now()
  const host = await startHost(home)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const figures: Record<string, number> = {}
  try {
    await page.goto(host.url)
    await page.locator('footer .connection.open').waitFor()
    await page.locator('[role=row]').nth(3).waitFor()
    figures['start.10000runs.ms'] = performance.now() - startMs
    await page.waitForTimeout(3000)
    const taken = new Map<string, number[]>()
    for (let turn = 0; turn < 4; turn++) {
      for (const [name, hash, isThere] of views) {
        const ms = await untilPainted(page, `location.hash = ${JSON.stringify(hash)};`, isThere)
        taken.set(name, [...(taken.get(name) ?? []), ms])
        await page.waitForTimeout(300)
      }
    }
    for (const [name, all] of taken) figures[`view.${name}.ms`] = median(all.slice(1))
    const drawn = `/\\d/.test(document.querySelector('[data-chart="Loss"] figcaption')?.innerText ?? '')`
    const all: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      await untilPainted(page, `location.hash = '#/runs';`, views[0]![2])
      await page.waitForTimeout(300)
      all.push(await untilPainted(page, `location.hash = '#/run/${millionRun}';`, drawn))
    }
    figures['curve.million.ms'] = median(all)
    const highest = await page.evaluate<number>(`fetch('/rpc', {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ call: 'metrics.read', input: { runId: '${millionRun}', maxPoints: 1500 } }),
    }).then(reply => reply.json()).then(reply => Math.max(...reply.value[0].max))`)
    if (highest !== spike.value)
      throw new Error(`The spike of ${spike.value} is lost: the highest is ${highest}`)
    return figures
  } finally {
    await page.close()
    await host.end()
  }
}
