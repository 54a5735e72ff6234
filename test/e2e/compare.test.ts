/** Checkpoints side by side: chosen, judged at a press, and held against each other in every part of the page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { trainedRuns, withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

const [short, long] = trainedRuns
const openTab = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Parts of the comparison' }).getByRole('link', { name }).click()

test(
  'two checkpoints are chosen, judged, and compared image by image, query by query, layer by layer',
  { skip, timeout: 180_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      // Nothing chosen: a search over all checkpoints.
      await open('#/compare')
      const search = page.getByLabel('Search checkpoints')
      await search.fill('no such run')
      await page.getByText('No checkpoint fits').waitFor()
      await search.fill('40 steps')
      await page.getByText('2 checkpoints').waitFor()
      await page.getByLabel(`Compare step-00000040 of ${short.name}`).check()
      await search.fill('')
      await page.getByLabel(`Compare step-00000120 of ${long.name}`).check()
      await shoot('compare-picker')
      await page.getByRole('button', { name: 'Compare 2' }).click()

      // One press judges both; the verdict is there when they are done.
      await page.getByText('Not yet judged image by image: A, B').waitFor()
      await page.locator('[data-action="evaluate-all"]').click()
      const verdict = page.locator('[data-verdict]')
      await verdict.waitFor({ timeout: 60_000 })
      assert.equal(await verdict.getAttribute('data-verdict'), 'better')
      await page.getByRole('heading', { name: 'B is better than A' }).waitFor()
      await page.getByText('training.maxSteps').waitFor()
      assert.equal(await page.getByText('training.weightDecay').count(), 0)
      await page.getByLabel('Differences only').uncheck()
      await page.getByText('optimizer.name').first().waitFor()
      await expectAccessible(page)
      await shoot('compare-overview')

      // The baseline changes, and the verdict turns; an undo follows.
      await page.keyboard.press('x')
      await page.getByRole('heading', { name: 'A is worse than B' }).waitFor()
      await page.getByLabel('A is the baseline').check()
      await page.getByRole('heading', { name: 'B is better than A' }).waitFor()
      await page.getByLabel('Move B up').click()
      await page.locator('[data-side="A"]').getByText(long.name).waitFor()
      await page.getByLabel('Move B up').click()
      await page.locator('[data-side="A"]').getByText(short.name).waitFor()
      await page.getByLabel('Leave out B').click()
      await page.locator('[data-side="B"]').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+z')
      await page.locator('[data-side="B"]').waitFor()

      await openTab(page, 'Curves')
      await page.locator('[data-chart="Loss (validation)"] canvas').waitFor()
      await page.getByText('Training', { exact: true }).click()
      await page.locator('[data-chart="Loss (train)"] canvas').waitFor()
      await shoot('compare-curves')

      // Classes are sorted by any column and lead to their images.
      await openTab(page, 'Classes')
      const rows = page.locator('[data-class]')
      await rows.first().waitFor()
      assert.equal(await rows.count(), 10)
      await page.getByRole('button', { name: 'Only B' }).click()
      assert.match(page.url(), /sort=-gained/)
      await expectAccessible(page)
      await shoot('compare-classes')
      await rows.first().getByRole('link').first().click()
      await page.waitForURL(/tab=images.*label=|label=.*tab=images/)

      // The images that B alone gets right, one by one.
      await page.locator('[data-group="gained"]').click()
      await page.locator('[data-filter="label"]').selectOption('')
      const tiles = page.locator('.tiles button')
      await tiles.first().waitFor()
      const gained = Number(await page.locator('[data-group="gained"] .number').innerText())
      await page
        .getByRole('status')
        .filter({ hasText: `${gained} images` })
        .waitFor()
      await page.getByRole('button', { name: 'Next page' }).click()
      await page.getByText(/Page 2 of/).waitFor()
      await page.getByRole('button', { name: 'Previous page' }).click()
      await page.getByText(/Page 1 of/).waitFor()
      await expectAccessible(page)
      await shoot('compare-images')
      await tiles.first().click()
      const image = page.getByRole('dialog', { name: 'Image and answers' })
      await image.locator('[data-answer="A"]').getByText('wrong').waitFor()
      await image.locator('[data-answer="B"]').getByText('right').waitFor()
      await image.getByText('Logits of the classes').waitFor()
      assert.equal(await image.locator('[data-answer="B"] .top li').count(), 5)
      await image.locator('[data-answer="A"] canvas').waitFor()
      await image.locator('[data-answer="B"] canvas').waitFor()
      await expectAccessible(page)
      await shoot('compare-image')
      const first = /image=(\d+)/.exec(page.url())?.[1]
      await page.keyboard.press('ArrowRight')
      await page.waitForURL(
        url => !url.href.includes(`image=${first}&`) && !url.href.endsWith(`image=${first}`),
      )
      // An address leads to the same image, though it stands on no page of this group.
      await open(`${new URL(page.url()).hash.replace(/image=\d+/, 'image=7').replace('gained', 'lost')}`)
      await image.getByText('#7', { exact: false }).first().waitFor()
      await page.keyboard.press('Escape')
      await image.waitFor({ state: 'detached' })

      await openTab(page, 'Retrieval')
      await page.locator('[data-action="evaluate-all"]').click()
      await page.getByRole('heading', { name: /retrieves better/ }).waitFor({ timeout: 60_000 })
      await page.getByText(/Better with A/).click()
      await page.locator('[data-list="A"] li').first().waitFor()
      assert.equal(await page.locator('[data-list="B"] li').count(), 10)
      await page.getByRole('radiogroup', { name: 'Images of each list' }).getByText('5').click()
      assert.equal(await page.locator('[data-list="B"] li').count(), 5)
      await page.locator('[data-action="longer"]').click()
      await page.getByRole('radiogroup', { name: 'Images of each list' }).getByText('50').click()
      await page.locator('[data-list="B"] li').nth(49).waitFor()
      await expectAccessible(page)
      await shoot('compare-retrieval')

      // On a narrow window each side is one line, and what can be done with it in reach.
      await page.setViewportSize({ width: 1024, height: 768 })
      const leave = page.getByLabel('Leave out A')
      const row = (await page.getByRole('row').filter({ has: leave }).boundingBox())!
      const card = (await page.locator('.card').filter({ has: leave }).boundingBox())!
      const button = (await leave.boundingBox())!
      assert.ok(row.height < 45 && button.x + button.width <= card.x + card.width)
      await page.setViewportSize({ width: 1280, height: 800 })

      await openTab(page, 'Layers')
      await page.locator('[data-part="weights"]').getByText('layer1.0.conv1').first().waitFor()
      await page.locator('[data-part="representations"]').getByText('Embeddings').waitFor({ timeout: 60_000 })
      await expectAccessible(page)
      await shoot('compare-layers')
      assert.deepEqual(complaints, [])

      // In the dark, and in Chinese.
      await page.emulateMedia({ colorScheme: 'dark' })
      await expectAccessible(page)
      await shoot('compare-layers-dark')
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('combobox').fill('中文')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: '表征' }).waitFor()
      await page.getByRole('link', { name: '概览' }).click()
      await page.getByRole('heading', { name: 'B 优于 A' }).waitFor()
      await expectAccessible(page)
      await shoot('compare-overview-chinese-dark')
      assert.deepEqual(complaints, [])
    })
  },
)
