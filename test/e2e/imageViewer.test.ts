/** Editing the image that stands open over a filtered grid: the next action meets the same picture. */
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
  'an image that an edit takes out of the filter stays open until one moves on, and notices go with their change',
  { skip, timeout: 60_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/data/sample-mnist/val?label=3')
      await page.getByRole('heading', { name: /^\d+ images$/ }).waitFor()
      await page.getByRole('listbox', { name: 'Grid of images' }).getByRole('option').nth(1).click()
      const viewer = page.getByRole('dialog')
      const file = viewer.locator('header .mono')
      const place = viewer.locator('footer .middle')
      await place.filter({ hasText: /^2 of \d+$/ }).waitFor()
      const count = Number((await place.innerText()).split(' ').at(-1))
      const before = await file.innerText()

      await viewer.getByLabel('Class of this image').selectOption('8')
      await place.filter({ hasText: 'The filter takes this image no longer' }).waitFor()
      await viewer.getByText('1 image relabelled as “8”').waitFor()
      await viewer.getByLabel('Add a tag').fill('check me')
      await page.keyboard.press('Enter')
      await viewer.getByRole('button', { name: 'Remove the tag check me' }).waitFor()
      assert.equal(await file.innerText(), before)
      await shoot('data-image-filtered')

      await viewer.getByRole('button', { name: 'Next image' }).click()
      await place.filter({ hasText: `2 of ${count - 1}` }).waitFor()
      assert.notEqual(await file.innerText(), before)
      assert.equal(await viewer.getByRole('button', { name: 'Remove the tag check me' }).count(), 0)
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      // The one taken back stands before it again.
      await place.filter({ hasText: `3 of ${count}` }).waitFor()
      await page.keyboard.press('Escape')
      await viewer.waitFor({ state: 'detached' })

      const notices = page.getByRole('list', { name: 'Notices' })
      await notices.getByText('Undone: 1 image relabelled as “8”').waitFor()
      assert.equal(await notices.getByRole('button', { name: 'Undo' }).count(), 0)
      assert.equal(await notices.getByRole('listitem').count(), 2)
      assert.deepEqual(complaints, [])
    })
  },
)
