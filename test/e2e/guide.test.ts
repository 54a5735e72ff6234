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
    await withTrainedWorkbench(browser, async ({ page, open, complaints }) => {
      await open('#/start')
      await page.locator('[data-action=evaluate-first]').click()
      await page.waitForURL(/#\/evaluation\/e-/)
      await page.getByRole('link', { name: 'Confusion matrix' }).waitFor({ timeout: 60_000 })

      await open('#/start')
      await page.getByRole('link', { name: 'See the evaluation' }).waitFor()
      await page.getByRole('link', { name: 'Compare the two' }).click()
      await page.getByRole('navigation', { name: 'Parts of the comparison' }).waitFor()

      await open('#/start')
      await page.getByRole('link', { name: 'Search by image' }).click()
      await page.getByRole('heading', { name: 'Retrieval' }).waitFor()
      await page.getByRole('button', { name: 'Embed 1,000 images' }).waitFor()
      assert.deepEqual(complaints, [])
    })
  },
)
