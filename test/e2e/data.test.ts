/** Data sets from end to end: adding, browsing, relabelling, measuring, ground truth; and what is said to bad input. */
import assert from 'node:assert/strict'
import { copyFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { writePictures } from './fixtures/pictures.ts'
import { withTrainedWorkbench } from './fixtures/trainedHome.ts'
import { withWorkbench } from './fixtures/workbench.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test(
  'data sets: added, filtered, relabelled, tagged, augmented, measured, checked, compared, removed',
  { skip, timeout: 120_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
      const folder = join(home, 'shapes')
      await writePictures(folder, { train: 12, val: 4 })
      await copyFile(join(folder, 'train/right/001.png'), join(folder, 'val/left/twin.png'))
      await truncate(join(folder, 'train/left/003.png'), 400)
      await open('#/data')
      await page.getByRole('button', { name: 'Add data set' }).click()

      // A folder that is not there is named beside the field; the right one is found by looking through the folders.
      await page.locator('[name="path"]').fill(join(home, 'nowhere'))
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('alert').filter({ hasText: 'nowhere' }).first().waitFor()
      await page.locator('[name="path"]').fill(home)
      await page.getByRole('button', { name: 'Browse…' }).click()
      await page.getByRole('button', { name: 'shapes' }).click()
      await page.getByText('found train/').waitFor()
      await shoot('data-add')
      await page.getByRole('button', { name: 'Choose this folder' }).click()
      assert.equal(await page.locator('[name="path"]').inputValue(), folder)
      await page.locator('[name="name"]').fill('Squares')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      const card = page.getByRole('article').filter({ hasText: 'Squares' })
      await card.getByText('ready').waitFor()
      assert.match(await card.innerText(), /24\s*train/)
      assert.match(await card.innerText(), /9\s*val/)
      await expectAccessible(page)
      await shoot('data-list')

      await card.getByRole('link', { name: 'Squares' }).click()
      const grid = page.getByRole('listbox', { name: 'Grid of images' })
      const options = grid.getByRole('option')
      await grid.locator('img').first().waitFor()
      assert.equal(await options.count(), 24)
      const heading = (text: string) => page.getByRole('heading', { name: text, exact: true }).waitFor()
      await page
        .getByRole('button', { name: /^right/ })
        .first()
        .click()
      await heading('12 images')
      await page.getByLabel('Search by file or class').fill('00 png')
      await heading('10 images')
      assert.match(page.url(), /text=00\+png/)
      await page.reload()
      await heading('10 images')
      await page.getByRole('button', { name: 'Show all', exact: true }).click()
      await heading('24 images')

      // Two are chosen by keyboard and relabelled, and it is taken back.
      await grid.focus()
      await page.keyboard.press('Space')
      await page.keyboard.press('Shift+ArrowRight')
      const toolbar = page.getByRole('toolbar', { name: 'Chosen images' })
      await toolbar.getByText('2 images chosen').waitFor()
      await toolbar.getByLabel('Relabel as').selectOption('right')
      await page.getByText('was left').first().waitFor()
      await page.getByRole('button', { name: /^left/ }).getByText('10').waitFor()
      await toolbar.getByLabel('Tag for the chosen images').fill('doubtful')
      await page.keyboard.press('Enter')
      await page.getByText('2 images tagged “doubtful”').waitFor()
      await page.getByLabel('Tag', { exact: true }).selectOption('doubtful')
      await heading('2 images')
      await shoot('data-tagged')
      await expectAccessible(page)
      await page.getByLabel('State').selectOption('relabelled')
      await heading('2 images')
      await grid.focus()
      await page.keyboard.press('Control+z')
      await page.getByText('Undone: 2 images tagged “doubtful”').waitFor()
      await page.keyboard.press('Control+z')
      await page.getByText('Undone: 2 images relabelled as “right”').waitFor()
      await page.getByText('No image fits the filter').waitFor()
      await page.getByRole('button', { name: 'Show all', exact: true }).first().click()
      await heading('24 images')

      // Large, with its facts, label and tags, and as training would draw it; arrow keys go on.
      await options.first().click()
      const viewer = page.getByRole('dialog')
      await viewer.getByText('1 of 24').waitFor()
      await viewer.getByText('28 × 28').waitFor()
      await viewer.getByText('train/left/000.png').waitFor()
      const drawn = viewer.locator('[src^="/blobs/augmented/"]')
      await drawn.nth(7).waitFor()
      await viewer.getByText('Epoch 1', { exact: true }).waitFor()
      await viewer.getByRole('button', { name: 'Next epochs' }).click()
      await viewer.getByText('Epoch 8', { exact: true }).waitFor()
      await viewer.getByLabel('Class of this image').selectOption('right')
      await viewer.getByText('was left').waitFor()
      await viewer.getByLabel('Add a tag').fill('mirrored')
      await page.keyboard.press('Enter')
      await viewer.getByRole('button', { name: 'Remove the tag mirrored' }).waitFor()
      await shoot('data-image')
      await expectAccessible(page)
      await viewer.getByRole('button', { name: 'Undo' }).click()
      await viewer.getByRole('button', { name: 'Remove the tag mirrored' }).waitFor({ state: 'detached' })
      await viewer.getByRole('button', { name: 'Next image' }).focus()
      await page.keyboard.press('ArrowRight')
      await viewer.getByText('2 of 24').waitFor()
      assert.match(page.url(), /image=1/)
      await page.keyboard.press('Escape')
      await viewer.waitFor({ state: 'detached' })

      // Measured, checked to the end, compared between splits.
      await page.getByRole('link', { name: 'Statistics' }).click()
      await page.getByText('Every image has 28 × 28 pixels.').first().waitFor()
      await page.getByText('1 image is relabelled').waitFor()
      await page
        .getByText(/Guessing the same class always is right in [\d.]+ % of train \(“.*% of val \(“/)
        .waitFor()
      await expectAccessible(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      await shoot('data-statistics-dark')
      await expectAccessible(page)
      await page.emulateMedia({ colorScheme: 'light' })
      await page.getByRole('link', { name: 'Problems' }).click()
      await page.getByRole('heading', { name: 'No problem was seen so far' }).waitFor()
      await shoot('data-problems-unchecked')
      await page.getByRole('button', { name: 'Check every image' }).click()
      await page.getByText('Every image was decoded: 1 cannot be used.').waitFor()
      await page.getByText('train/left/003.png', { exact: true }).waitFor()
      await shoot('data-problems')
      await page.getByRole('link', { name: 'Duplicates' }).click()
      await page.getByRole('heading', { name: 'Not looked yet' }).waitFor()
      await page.getByRole('button', { name: 'Find duplicates' }).click()
      await page.getByText(/between train and val: .*with different labels/).waitFor()
      const pair = page
        .getByRole('list', { name: 'Pairs of images' })
        .getByRole('listitem')
        .filter({ hasText: /train · right\s*val · left\s*the same/ })
        .first()
      await pair.waitFor()
      assert.equal(await pair.locator('img').count(), 2)
      await shoot('data-duplicates')
      await expectAccessible(page)
      // They are known before the start of a run, and after a reload.
      await page.getByRole('link', { name: 'Train on it' }).click()
      await page.locator('[data-finding="duplicates"] [data-verdict="note"]').waitFor()
      // The batch goes by the few images that there are, so that it can be trained; the broken one is named.
      await page.locator('[data-notice="batch"]').waitFor()
      await page.locator('[data-action="train"]:not([disabled])').waitFor()
      await page.locator('[data-finding="images"]').getByText('1 image cannot be decoded').waitFor()
      await page.reload()
      await page.locator('[data-finding="duplicates"] [data-verdict="note"]').waitFor()
      await page.locator('[data-finding="duplicates"]').getByRole('link', { name: 'Look at them' }).click()
      await pair.waitFor()
      // They are still there when the tab is opened again; the second of each pair is tagged.
      await page.getByRole('link', { name: 'Problems' }).click()
      await page.getByRole('link', { name: 'Duplicates' }).click()
      await pair.waitFor()
      await page.getByRole('button', { name: 'Tag the second of each' }).click()
      await page.getByText(/tagged “duplicate”/).waitFor()

      // In Chinese, and dark.
      await page.getByRole('link', { name: 'train 24' }).click()
      await page.keyboard.press('Control+k')
      await page.keyboard.type('简体中文')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: '重新扫描' }).waitFor()
      // A dialog that closes gives the keyboard back to where it was.
      await page.locator('dialog[open]').waitFor({ state: 'detached' })
      await page.emulateMedia({ colorScheme: 'dark' })
      // The grid is there before its images are, and without one there is nothing to choose.
      const chinese = page.getByRole('listbox', { name: '图像网格' })
      await chinese.getByRole('option').first().waitFor()
      await chinese.focus()
      await page.keyboard.press('Space')
      await page.getByText('已选 1 张图像').waitFor()
      await shoot('data-grid-zh')
      await expectAccessible(page)
      await page.keyboard.press('Control+k')
      await page.keyboard.type('English')
      await page.keyboard.press('Enter')
      await page.emulateMedia({ colorScheme: 'light' })

      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Left and right')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Left and right' }).waitFor()
      await page.getByRole('button', { name: 'Remove', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('“Left and right” removed').waitFor()
      await page.getByRole('article').filter({ hasText: 'Left and right' }).waitFor({ state: 'detached' })
      // Taken back: it is scanned again and knows its labels and tags.
      await page.keyboard.press('Control+z')
      const again = page.getByRole('article').filter({ hasText: 'Left and right' })
      await again.getByText('ready').waitFor()
      await again.getByRole('link', { name: 'Train on it' }).click()
      await page
        .locator('[name="dataset"] option[value="shapes"]:checked')
        .waitFor({ state: 'attached', timeout: 10_000 })
      // The browser tells of the picture that is cut short.
      assert.deepEqual(
        complaints.filter(text => !/422/.test(text)),
        [],
      )
    })
  },
)

test('a retrieval set shows its queries and what answers them', { skip, timeout: 60_000 }, async () => {
  await withTrainedWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
    const folder = join(home, 'towers')
    await writePictures(folder, { train: 4, val: 1 })
    await writeFile(
      join(folder, 'queries.csv'),
      'path,instance\nval/left/000.png,left tower\nval/right/000.png,right tower\n',
    )
    const rows = ['left', 'right'].flatMap(side =>
      [0, 1, 2, 3].map(at => `train/${side}/00${at}.png,${side} tower,${at === 3 ? 1 : 0}`),
    )
    await writeFile(join(folder, 'gallery.csv'), ['path,instance,junk', ...rows].join('\n'))
    await open('#/data?add=1')
    await page.locator('[name="path"]').fill(folder)
    await page.locator('[name="reader"]').selectOption('query-gallery')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    const card = page.getByRole('article').filter({ hasText: 'towers' })
    await card.getByText('ready').waitFor()
    await card.getByRole('link', { name: 'towers' }).click()
    await page.getByRole('link', { name: 'Ground truth' }).click()
    const queries = page.getByRole('region', { name: 'Queries' })
    await queries.getByText('3 right, 1 junk').first().waitFor()
    const truth = page.getByRole('region', { name: 'Ground truth of the query' })
    await truth.getByRole('heading', { name: 'left tower' }).waitFor()
    await queries.getByRole('button', { name: /right tower/ }).click()
    await truth.getByRole('heading', { name: 'right tower' }).waitFor()
    assert.match(page.url(), /query=1/)
    assert.equal(await truth.getByRole('listitem').count(), 4)
    await truth.getByText('Junk: neither right nor wrong').waitFor()
    await shoot('data-ground-truth')
    await expectAccessible(page)
    await page.getByLabel('Search the queries').fill('left')
    await queries.getByRole('heading', { name: '1 query' }).waitFor()

    // What it shows is the ground truth: it is tagged, not relabelled; its images lead to the gallery.
    await truth.getByRole('link').first().click()
    const viewer = page.getByRole('dialog')
    await viewer.getByText('1 of 8').waitFor()
    await viewer.getByLabel('Add a tag').waitFor()
    assert.equal(await viewer.getByLabel('Class of this image').count(), 0)
    await page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })

    // A folder that went away is named as such, and can be looked for again.
    await rename(folder, `${folder}-away`)
    await open('#/data')
    await card.getByText('The folder is not there.').waitFor()
    await card.getByRole('button', { name: 'Scan again' }).click()
    await card.getByRole('alert').waitFor()
    await shoot('data-failed')
    await rename(`${folder}-away`, folder)
    await card.getByRole('button', { name: 'Scan again' }).click()
    await card.getByText('ready').waitFor()
    // A picture that was on its way when the folder went.
    assert.deepEqual(
      complaints.filter(text => !/422/.test(text)),
      [],
    )
  })
})

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
