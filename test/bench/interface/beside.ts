/** Beside a trainer that uses every core: what the page and the host cost, and how soon a click shows. */
import type { Browser, Page } from 'playwright'
import { startHost } from '../../e2e/fixtures/hostProcess.ts'
import { browserSeconds, processSeconds } from './measure.ts'

const measuredMs = 15_000

export async function besideTrainer(browser: Browser, home: string): Promise<Record<string, number>> {
  const coldMs = performance.now()
  const host = await startHost(home)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  try {
    await page.goto(host.url)
    await page.locator('footer .connection.open').waitFor()
    await page.getByRole('navigation').getByRole('link').first().waitFor()
    const figures: Record<string, number> = { 'start.cold.ms': performance.now() - coldMs }
    const id = await startRun(page)
    await page.goto(`${new URL(host.url).origin}/#/run/${id}`)
    await page.locator('[data-chart="Loss"]').getByText('train', { exact: true }).waitFor({ timeout: 60_000 })
    await page.waitForTimeout(10_000)
    const share = async (): Promise<number> => {
      const seconds = async (): Promise<number> =>
        (await browserSeconds(browser)) + processSeconds(host.child.pid!)
      const [before, startMs] = [await seconds(), performance.now()]
      await page.waitForTimeout(measuredMs)
      return (100_000 * ((await seconds()) - before)) / (performance.now() - startMs)
    }
    const hostBefore = processSeconds(host.child.pid!)
    figures['cost.shown.percent'] = await share()
    const hostSeconds = processSeconds(host.child.pid!) - hostBefore
    figures['cost.shown.host.percent'] = (100_000 * hostSeconds) / measuredMs
    figures['input.ms'] = await slowestInput(page, id)
    await page.evaluate(`{
      Object.defineProperty(document, 'hidden', { get: () => true })
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
    await page.waitForTimeout(2000)
    figures['cost.hidden.percent'] = await share()
    await ask(page, 'runs.stop', { id })
    return figures
  } finally {
    await page.close()
    await host.end()
  }
}

async function ask<Value>(page: Page, call: string, input: object): Promise<Value> {
  const body = JSON.stringify(JSON.stringify({ call, input }))
  const reply = await page.evaluate<{ value: Value }>(
    `fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${body} }).then(r => r.json())`,
  )
  return reply.value
}

async function startRun(page: Page): Promise<string> {
  const [model] = await ask<{ id: string; datasetId: string; name: string }[]>(page, 'runs.list', {})
  const { config } = await ask<{ config: { training: object } }>(page, 'runs.get', { id: model!.id })
  const longer = { ...config, training: { ...config.training, maxSteps: 20_000, epochs: 150 } }
  const { id } = await ask<{ id: string }>(page, 'runs.create', {
    config: longer,
    datasetId: model!.datasetId,
    name: 'Long',
  })
  return id
}

/** The longest time from a click or a key to the picture that answers it, as the browser measures it. */
async function slowestInput(page: Page, id: string): Promise<number> {
  await page.evaluate(`{
    window.slowestInput = 0
    new PerformanceObserver(list => {
      for (const entry of list.getEntries())
        if (entry.interactionId) window.slowestInput = Math.max(window.slowestInput, entry.duration)
    }).observe({ type: 'event', durationThreshold: 16 })
  }`)
  const tabs = page.getByRole('navigation', { name: 'Parts of the run' }).getByRole('link')
  for (let turn = 0; turn < 2; turn++) {
    for (const name of ['Checkpoints', 'Log', 'Curves']) {
      await tabs.filter({ hasText: name }).first().click()
      await page.waitForTimeout(700)
    }
    await page.locator('[data-chart="Loss"] .plot').click({ position: { x: 120, y: 40 } })
    await page.waitForTimeout(1500)
    for (const key of ['l', 'x', 'l', 'x', '.', ',']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(300)
    }
    await page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: false }).first().click()
    await page.waitForTimeout(700)
    await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
    await page.waitForTimeout(1000)
  }
  return page.evaluate<number>('window.slowestInput')
}
