/** Beside a trainer that uses every core: what the page and the host cost, and how soon a click shows. */
import type { Browser, Page } from 'playwright'
import { startHost, type HostProcess } from '../../e2e/fixtures/hostProcess.ts'
import { processSeconds } from './measure.ts'
import { openPlain, type PlainBrowser } from './plainBrowser.ts'

const [shownMs, hiddenMs] = [30_000, 60_000]
/** Images a step: so many that a step takes as long as one of a large network on a GPU. */
const batchSize = 128

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
    await page.waitForTimeout(5000)
    figures['input.ms'] = await slowestInput(page, id)
    await page.goto('about:blank')
    Object.assign(figures, await costs(host, `#/run/${id}`))
    return figures
  } finally {
    await page.close()
    await host.end()
  }
}

/** Processor time of the host and of a browser that shows a live run, untouched, then behind another tab; and of that browser empty. */
async function costs(host: HostProcess, hash: string): Promise<Record<string, number>> {
  const plain = await openPlain(host.url)
  try {
    await pause(5000)
    await plain.evaluate(`location.hash = '${hash}'`)
    await pause(40_000)
    const shown = await shares(plain, host, shownMs)
    await plain.hide()
    await pause(3000)
    const hidden = await shares(plain, host, hiddenMs)
    await plain.evaluate(`location.href = 'about:blank'`)
    await pause(3000)
    const empty = await shares(plain, host, hiddenMs)
    return {
      'cost.shown.percent': shown.host + shown.browser,
      'cost.shown.host.percent': shown.host,
      'cost.hidden.percent': hidden.host + hidden.browser,
      'cost.hidden.host.percent': hidden.host,
      'cost.empty.browser.percent': empty.browser,
    }
  } finally {
    plain.close()
  }
}

async function shares(plain: PlainBrowser, { child }: HostProcess, ms: number) {
  const seconds = async () => ({ host: processSeconds(child.pid!), browser: await plain.seconds() })
  const [before, startMs] = [await seconds(), performance.now()]
  await pause(ms)
  const [after, percent] = [await seconds(), 100_000 / (performance.now() - startMs)]
  return {
    host: percent * (after.host - before.host),
    browser: percent * (after.browser - before.browser),
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function ask<Value>(page: Page, call: string, input: object): Promise<Value> {
  const body = JSON.stringify(JSON.stringify({ call, input }))
  const reply = await page.evaluate<{ value: Value }>(
    `fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${body} }).then(r => r.json())`,
  )
  return reply.value
}

async function startRun(page: Page): Promise<string> {
  const [model] = await ask<{ id: string; datasetId: string; name: string }[]>(page, 'runs.list', {})
  const { config } = await ask<{ config: { training: object; checkpoints: object } }>(page, 'runs.get', {
    id: model!.id,
  })
  const training = { ...config.training, batchSize, maxSteps: 20_000, epochs: 300 }
  const longer = { ...config, training, checkpoints: { ...config.checkpoints, everyEpochs: 20 } }
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
