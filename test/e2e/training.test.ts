/** What a new user does first, on the real host with real training: start, watch, pause, resume, stop, come back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { withWorkbench } from './fixtures/workbench.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

/** Sets a field of the form, opening the part that holds it. */
async function setField(page: Page, path: string, value: string): Promise<void> {
  const section = page.locator(`[data-section="${path.split('.')[0]}"]`)
  if ((await section.getAttribute('open')) === null) await section.locator('summary').click()
  await page.locator(`#field-${path.replaceAll('.', '-')}`).fill(value)
}

/** The step that the run's page shows. */
async function stepOf(page: Page): Promise<number> {
  const text = await page.locator('[data-fact="Step"]').innerText()
  return Number(text.split('/')[0]?.replace(/\D/g, ''))
}

async function waitForStep(page: Page, least: number): Promise<number> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const step = await stepOf(page)
    if (step >= least) return step
    assert.ok(Date.now() < deadline, `the run is at step ${step} after a minute; expected ${least}`)
    await page.waitForTimeout(150)
  }
}

/** How many points the table of a chart holds. */
async function pointsOf(page: Page, chart: string): Promise<number> {
  const figure = page.locator(`[data-chart="${chart}"]`)
  const toTable = figure.getByRole('button', { name: `Show ${chart} as table` })
  if (await toTable.isVisible()) await toTable.click()
  return figure.locator('tbody tr').count()
}

test(
  'a sample run starts, is watched, paused, resumed, stopped, and found again after a restart',
  { skip, timeout: 150_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, shoot, restart, complaints }) => {
      // The sample is there after the first start.
      await open('#/data')
      await page.getByRole('link', { name: 'Sample: MNIST digits' }).waitFor()
      await page.getByText('9,000').waitFor()
      await shoot('data')
      await page.getByRole('link', { name: 'Sample: MNIST digits' }).click()
      await page.getByRole('listbox').locator('img').first().waitFor()
      await page.waitForTimeout(600)
      await shoot('data-set')

      // A short run from the form, with its learning rate seen before it starts.
      await open('#/train')
      await page.locator('[data-preset="sample"]').click()
      await setField(page, 'training.epochs', '2')
      await setField(page, 'training.batchSize', '16')
      await setField(page, 'training.logEverySteps', '1')
      await page.getByText('Starts at once.').waitFor()
      await page.locator('dd', { hasText: '1,124' }).waitFor()
      await shoot('train')
      await page.locator('[name="run-name"]').fill('first steps')
      await page.keyboard.press('Control+Enter')

      // The curve moves.
      await page.getByRole('heading', { name: 'first steps' }).waitFor()
      await waitForStep(page, 5)
      const early = await pointsOf(page, 'Loss')
      await waitForStep(page, 15)
      // A busy page draws once a second.
      await page.locator('[data-chart="Loss"] tbody tr').nth(early).waitFor({ timeout: 5000 })
      assert.match(await page.title(), /first steps/)
      await page.getByRole('button', { name: 'Show Loss as chart' }).click()
      await shoot('run')

      // Paused, it saves and says so; the step does not move.
      await page.locator('[data-action="pause"]').click()
      await page.locator('header .chip', { hasText: 'paused' }).waitFor()
      const pausedAt = await stepOf(page)
      await page.waitForTimeout(1200)
      assert.equal(await stepOf(page), pausedAt)
      await page.locator('[data-action="pause"][disabled]').waitFor()

      // Resumed, it goes on from there.
      await page.locator('[data-action="resume"]').click()
      const resumedAt = await waitForStep(page, pausedAt + 3)
      assert.ok(resumedAt > pausedAt)
      await page.locator('[data-action="stop"]').click()
      await page.locator('header .chip', { hasText: 'stopped' }).waitFor()
      await page.waitForTimeout(800)
      const stoppedAt = await stepOf(page)
      await page.locator('[data-chart="Loss"]').getByRole('button', { name: 'Show Loss as table' }).click()
      await page
        .locator('[data-chart="Loss"] tbody tr')
        .nth(stoppedAt - 1)
        .waitFor({ timeout: 5000 })
      const pointsBefore = await pointsOf(page, 'Loss')

      // The host is started anew: everything is there.
      await restart()
      await open('#/runs')
      await page.getByRole('link', { name: 'first steps' }).click()
      await page.locator('header .chip', { hasText: 'stopped' }).waitFor()
      assert.equal(await stepOf(page), stoppedAt)
      assert.equal(await pointsOf(page, 'Loss'), pointsBefore)
      await page.getByRole('link', { name: 'Log', exact: true }).click()
      await page
        .getByRole('log')
        .getByText(/step: \d+ epoch: [\d.]+ FPS: [\d.]+ loss: [\d.]+ total_loss: [\d.]+ lr:[\d.]+/)
        .first()
        .waitFor()
      await shoot('log')
      await page.getByRole('navigation', { name: 'Parts of the run' }).getByText('Settings').click()
      await page.getByRole('cell', { name: 'training.batchSize' }).waitFor()
      await shoot('settings')

      // Evaluating its checkpoint.
      await page.getByRole('link', { name: 'Checkpoints', exact: true }).click()
      await page.locator('[data-action="evaluate"]').first().click()
      const result = page.locator('[data-evaluation="finished"] [data-result="top1"]')
      await result.waitFor({ timeout: 60_000 })
      assert.match(await result.innerText(), /^\d+\.\d\d %$/)
      await shoot('checkpoints')

      // Writing it for other programs.
      await page.locator('[data-action="open-export"]').first().click()
      await page.locator('[data-action="export"]').click()
      await page.locator('[data-export="finished"]').waitFor({ timeout: 60_000 })
      assert.match(await page.locator('[data-export] .path').innerText(), /exports.+-onnx$/)
      await shoot('export')
      await page.getByRole('button', { name: 'Close' }).click()
      assert.deepEqual(complaints, [])
    })
  },
)
