/** A network adapted from the page: preset by filter, a frozen layer, a rate of its own, a rate looked for, an average, both kinds of evaluation, an export. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { withWorkbench } from './fixtures/workbench.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test(
  'a preset is found, adapted, trained with an average, evaluated in both ways and exported',
  { skip, timeout: 120_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/train')
      const cards = page.getByRole('list', { name: 'Presets' }).getByRole('button')
      await cards.first().waitFor()
      const all = await cards.count()
      await page.getByText('MultiGrain', { exact: true }).and(page.locator('label')).click()
      await page.locator('[data-preset="sample"]').waitFor({ state: 'detached' })
      assert.ok((await cards.count()) < all)
      for (const name of await cards.evaluateAll(found =>
        found.map(each => each.getAttribute('data-preset') ?? ''),
      ))
        assert.match(name, /multigrain/)
      await shoot('presets')
      await page.getByText('All', { exact: true }).click()
      await page.getByLabel('Search presets').fill('digits sample')
      await page.locator('[data-preset="multigrain"]').waitFor({ state: 'detached' })
      assert.equal(await cards.count(), 1)
      await page.locator('[data-preset="sample"]').click()

      const field = (path: string) => page.locator(`#field-${path.replaceAll('.', '-')}`)
      // What would change nothing is not asked for.
      assert.equal(await field('training.ema.evaluate').count(), 0)
      await field('training.ema.decay').fill('0.9')
      await field('training.ema.evaluate').waitFor()
      await field('training.epochs').fill('1')
      await field('training.maxSteps').fill('25')
      await field('training.logEverySteps').fill('5')
      await field('training.freeze').fill('nowhere.*')
      await page.locator('[data-action="train"][disabled]').waitFor()
      await page
        .getByText(/nowhere/)
        .first()
        .waitFor()
      await field('training.freeze').fill('conv1')
      const groups = page
        .locator('section')
        .filter({ has: page.getByRole('heading', { name: 'Rate groups' }) })
      await groups.last().getByRole('button', { name: 'Add a row' }).click()
      await field('training.groups.0.match').fill('fc.*')
      await field('training.groups.0.learningRateFactor').fill('2')

      // The rate that is found goes into the form.
      const finder = page.getByRole('region', { name: 'Search for a learning rate' })
      await page.locator('[data-action="find-rate"]:not([disabled])').click()
      await finder.getByText('Suggested:').waitFor({ timeout: 60_000 })
      assert.equal(await finder.getByText('resumed').count(), 0)
      await shoot('rate')
      const suggested = await finder.locator('strong').innerText()
      await finder.getByRole('button', { name: 'Use it' }).click()
      assert.equal(Number(await field('schedule.options.learningRate').inputValue()), Number(suggested))

      await page.locator('[data-action="train"]:not([disabled])').click()
      await page.locator('header .chip', { hasText: 'finished' }).waitFor({ timeout: 60_000 })
      await page.getByRole('link', { name: 'Checkpoints', exact: true }).click()

      // By classification, of the average.
      await page.locator('[name="evaluation-weights"]').selectOption('ema')
      await page.locator('[data-action="evaluate"]').first().click()
      const done = page.locator('[data-evaluation="finished"]')
      await done.first().waitFor({ timeout: 60_000 })
      assert.match(await done.first().innerText(), /averaged weights/)
      await done.first().getByRole('link', { name: 'Open', exact: true }).click()
      await page.waitForURL(/#\/evaluation\//)
      await shoot('classification')
      await page.goBack()

      // By retrieval, of the weights of the last step.
      await page.locator('[name="evaluation-kind"]').selectOption('retrieval')
      await page.locator('[name="evaluation-weights"]').selectOption('raw')
      await page.locator('[data-action="evaluate"]').first().click()
      const map = page.locator('[data-evaluation="finished"] [data-result="map"]').filter({ hasText: '%' })
      await map.first().waitFor({ timeout: 60_000 })
      assert.match(await map.first().innerText(), /^\d+\.\d\d %$/)
      await done.filter({ hasText: 'retrieval' }).getByRole('link', { name: 'Open', exact: true }).click()
      await page.waitForURL(/#\/evaluation\//)
      await shoot('retrieval')
      await page.goBack()

      await page.locator('[data-action="open-export"]').first().click()
      await page.locator('[data-action="export"]').click()
      await page.locator('[data-export="finished"]').waitFor({ timeout: 60_000 })
      assert.deepEqual(complaints, [])
    })
  },
)
