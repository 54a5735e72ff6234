/** The first ten minutes: each step of Getting started leads where it says, up to a search. */
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Browser } from 'playwright'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test(
  'the guide leads from a trained network to one judged, compared and searched with',
  { skip },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/start')
      await page.locator('[data-action=evaluate-first]').click()
      await page.waitForURL(/#\/evaluation\/e-/)
      await page.getByRole('link', { name: 'Confusion matrix' }).waitFor({ timeout: 60_000 })

      await open('#/start')
      await page.getByRole('link', { name: 'See the evaluation' }).waitFor()
      // A second run is there, but nothing was compared: that is the one thing to press.
      const primary = page.locator('main .button.primary')
      const step = page.locator('[aria-current=step]')
      await step.filter({ hasText: 'Compare' }).waitFor()
      assert.deepEqual(await primary.allInnerTexts(), ['Compare the two'])
      await page.getByRole('link', { name: 'Compare the two' }).click()
      const parts = page.getByRole('navigation', { name: 'Parts of the comparison' })
      await parts.locator('[aria-current=page]').filter({ hasText: 'Images' }).waitFor()
      await shoot('guide-compare')
      await open('#/start')
      await page.getByRole('link', { name: 'Compare the two' }).click()
      await page.getByRole('button', { name: 'Evaluate it' }).click()
      await page.getByRole('button', { name: 'Evaluate it' }).waitFor({ state: 'detached' })
      await page.getByText(/Not yet judged/).waitFor({ state: 'detached' })

      await open('#/start')
      await step.filter({ hasText: 'Search' }).waitFor()
      assert.deepEqual(await primary.allInnerTexts(), ['Search by image'])
      await page.getByRole('link', { name: 'Search by image' }).click()
      await page.getByRole('heading', { name: 'Retrieval' }).waitFor()
      await page.getByRole('button', { name: 'Embed 1,000 images' }).waitFor()
      assert.deepEqual(complaints, [])
    })
  },
)
