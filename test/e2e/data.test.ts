/** Adding, browsing and removing a data set of one's own, and what is said to bad input. */
import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { writePictures } from './fixtures/pictures.ts'
import { withWorkbench } from './fixtures/workbench.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test(
  'a folder of pictures is added, browsed, filtered, renamed and removed',
  { skip, timeout: 90_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
      const folder = join(home, 'shapes')
      await writePictures(folder, { train: 12, val: 4 })
      await open('#/data')
      await page.getByRole('button', { name: 'Add data set' }).click()

      // A folder that is not there is named beside the field.
      await page.locator('[name="path"]').fill(join(home, 'nowhere'))
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('alert').filter({ hasText: 'nowhere' }).first().waitFor()
      await shoot('bad-folder')

      await page.locator('[name="path"]').fill(folder)
      await page.locator('[name="name"]').fill('Squares')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      const card = page.getByRole('article').filter({ hasText: 'Squares' })
      await card.getByText('ready').waitFor()
      assert.match(await card.innerText(), /24\s*train/)
      assert.match(await card.innerText(), /8\s*val/)

      await card.getByRole('link', { name: 'Squares' }).click()
      await page.locator('img[src*="/thumbnail"]').first().waitFor()
      assert.equal(await page.locator('img[src*="/thumbnail"]').count(), 24)
      await page
        .getByRole('button', { name: /^right/ })
        .first()
        .click()
      await page.getByRole('heading', { name: '12 images' }).waitFor()

      // Large, with its label and name; arrow keys go on.
      await page.locator('img[src*="/thumbnail"]').first().click()
      const viewer = page.getByRole('dialog')
      await viewer.getByText('1 of 12').waitFor()
      await viewer.getByText('28 × 28').waitFor()
      await viewer.getByText('right/000.png').waitFor()
      await page.keyboard.press('ArrowRight')
      await viewer.getByText('2 of 12').waitFor()
      await shoot('image')
      await page.keyboard.press('Escape')

      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Left and right')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Left and right' }).waitFor()
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('“Left and right” removed').waitFor()
      await page.getByRole('article').filter({ hasText: 'Left and right' }).waitFor({ state: 'detached' })
      assert.deepEqual(complaints, [])
    })
  },
)

test(
  'the data set decides the preset, and settings for other images are named with a remedy',
  { skip, timeout: 90_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
      const folder = join(home, 'shapes')
      await writePictures(folder, { train: 140, val: 4 })
      const add = async (path: string): Promise<void> => {
        await open('#/data')
        const field = page.locator('[name="path"]')
        if (!(await field.isVisible())) await page.getByRole('button', { name: 'Add data set' }).click()
        await field.fill(path)
        await page.getByRole('button', { name: 'Add', exact: true }).click()
      }
      const isChosen = (preset: string): Promise<void> =>
        page.locator(`[data-preset="${preset}"][aria-pressed="true"]`).waitFor()
      await add('~/shapes')
      await page.getByRole('alert').filter({ hasText: 'full path' }).waitFor()
      await add(folder)
      const card = page.getByRole('article').filter({ hasText: 'shapes' })
      await card.getByText('ready').waitFor()
      await add(folder)
      await page.getByText('already known as “shapes”').waitFor()

      await card.getByRole('link', { name: 'Train on it' }).click()
      await isChosen('cifar10-resnet20')
      await page.locator('[name="dataset"]').selectOption('sample-mnist')
      await isChosen('sample')
      await page.locator('[data-preset="cifar10-resnet56"]').click()
      const notice = page.locator('[data-notice="misfit"]')
      await notice.getByText('28 × 28 grey; the network would get them as 32 × 32 colour').waitFor()
      await shoot('misfit')

      // Changed settings stay when a preset takes their place by mistake.
      await page.locator('#field-training-epochs').fill('7')
      await notice.getByRole('button').click()
      await isChosen('sample')
      await page.getByRole('button', { name: 'Undo' }).click()
      await isChosen('cifar10-resnet56')
      assert.equal(await page.locator('#field-training-epochs').inputValue(), '7')

      // Numbers of settings that hold no longer are not shown.
      const steps = page.locator('.facts dd').nth(3)
      await steps.filter({ hasText: /^[\d,]+$/ }).waitFor()
      await page.locator('#field-training-epochs').fill('0')
      await steps.filter({ hasText: '–' }).waitFor()

      // A question goes with the page that asked it.
      await open('#/data/shapes')
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').waitFor()
      await page.goBack()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      assert.deepEqual(complaints, [])
    })
  },
)

test(
  'a bad value is named beside its field and keeps the run from starting',
  { skip, timeout: 90_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/train')
      const epochs = page.locator('#field-training-epochs')
      await epochs.fill('0')
      await page.locator('#field-training-epochs-issue').filter({ hasText: '1 to 10,000' }).waitFor()
      assert.ok(await page.locator('[data-action="train"]').isDisabled())
      await epochs.fill('soon')
      await page.locator('#field-training-epochs-issue').waitFor()
      await epochs.fill('3')
      // What only the host knows: a warm-up longer than the run.
      await page.locator('#field-schedule-options-warmupEpochs').fill('50')
      await page
        .locator('#field-schedule-options-warmupEpochs-issue')
        .filter({ hasText: 'training.epochs' })
        .waitFor()
      await shoot('bad-value')
      await page
        .getByRole('button', { name: /^Reset Warm-up/ })
        .first()
        .click()
      await page.locator('[data-action="train"]:not([disabled])').waitFor()
      assert.equal(await page.locator('[id$="-issue"]').count(), 0)
      assert.deepEqual(complaints, [])
    })
  },
)

test(
  'the page says that the host is gone, and shows what changed when it is back',
  { skip, timeout: 90_000 },
  async () => {
    await withWorkbench(browser, async ({ page, open, host, restart, complaints }) => {
      await open('#/data')
      await host().kill()
      await page.getByText('Connection lost').first().waitFor()
      await restart()
      await open('#/data')
      await page.getByRole('link', { name: 'Sample: MNIST digits' }).waitFor()
      const others = complaints.filter(
        text => !/ERR_CONNECTION|WebSocket|Failed to fetch|Failed to load/.test(text),
      )
      assert.deepEqual(others, [])
    })
  },
)

test('images that two splits share are found from the page', { skip, timeout: 90_000 }, async () => {
  await withWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
    const folder = join(home, 'twins')
    await writePictures(folder, { train: 3, val: 2 })
    await copyFile(join(folder, 'train/right/001.png'), join(folder, 'val/left/twin.png'))
    await open('#/data')
    await page.getByRole('button', { name: 'Add data set' }).click()
    await page.locator('[name="path"]').fill(folder)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    const card = page.getByRole('article').filter({ hasText: 'twins' })
    await card.getByText('ready').waitFor()
    await card.getByRole('link', { name: 'twins' }).click()
    await page.getByRole('link', { name: 'Duplicates' }).click()
    await page.getByRole('heading', { name: 'Not looked yet' }).waitFor()
    await page.getByRole('button', { name: 'Find duplicates' }).click()
    await page.getByText(/between train and val: .*with different labels/).waitFor()
    const pairs = page.getByRole('list', { name: 'Pairs of images' }).getByRole('listitem')
    const pair = pairs.filter({ hasText: /train · right\s*val · left\s*the same/ })
    await pair.waitFor()
    assert.equal(await pair.locator('img').count(), 2)
    await shoot('duplicates')
    // They are still there when the tab is opened again.
    await page.getByRole('link', { name: 'Problems' }).click()
    await page.getByRole('link', { name: 'Duplicates' }).click()
    await pair.waitFor()
    assert.deepEqual(complaints, [])
  })
})
