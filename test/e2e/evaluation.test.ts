/** An evaluation from one click to the last picture: matrix, classes, curves, mistakes, an image of one's own; a thousand classes. */
import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { builtInterface, launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { fakeEvaluationId } from './fixtures/fakeEvaluations.ts'
import { fakeHost } from './fixtures/fakeHost.ts'
import { fakeServer } from './fixtures/fakeServer.ts'
import { watchedPage } from './fixtures/pages.ts'
import { writePictures } from './fixtures/pictures.ts'
import { trainedRuns, withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

/** Waits until a text of the page is, or is no longer, something. */
async function until(read: () => Promise<string>, isSo: (text: string) => boolean): Promise<void> {
  for (let tries = 0; !isSo(await read()); tries++) {
    if (tries > 100) throw new Error(`still ${await read()}`)
    await setTimeout(100)
  }
}

const number = (text: string): number => Number(text.replace(/[^\d.]/g, ''))

test('one click evaluates, and every figure leads to its images', { skip, timeout: 150_000 }, async () => {
  await withTrainedWorkbench(browser, async ({ page, open, home, shoot, complaints }) => {
    await open('#/runs')
    await page.getByRole('link', { name: trainedRuns[0].name }).click()
    await page.getByRole('link', { name: 'Evaluations', exact: true }).click()
    await page.getByText('Nothing was evaluated yet').waitFor()
    await page.locator('[data-action="evaluate-best"]').click()
    const row = page.locator('[data-evaluation="finished"]')
    await row.waitFor()
    const top1 = await row.locator('[data-result="top1"]').innerText()
    await shoot('evaluation-run')
    await row.getByRole('link', { name: /^step-/ }).click()

    await checkMatrix(page, shoot)
    await checkClasses(page, top1)
    await checkMistakes(page, top1)
    await checkOwnImage(page, home, shoot)

    // Dark, and in Chinese.
    const address = new URL(page.url())
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const tab of ['confusion', 'classes', 'curves', 'images']) {
        await open(`#/evaluation/e-000001/${tab}`)
        await page.getByText('Reading what the network said').waitFor({ state: 'detached' })
        await page.locator('.card').nth(1).waitFor()
        await expectAccessible(page)
        await shoot(`evaluation-${tab}-${scheme}`)
      }
    }
    await page.keyboard.press('Control+k')
    await page.locator('dialog input[role=combobox]').fill('中文')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '混淆矩阵' }).click()
    await page.getByText('最易混淆的类别对').waitFor()
    await shoot('evaluation-chinese')
    await page.keyboard.press('Control+k')
    await page.locator('dialog input[role=combobox]').fill('English')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Confusion matrix' }).waitFor()

    await checkRetrieval(page, open, shoot)
    await checkOld(page, home, () => open(`#/evaluation/e-000001`))
    // Removed, and taken back.
    await open('#/evaluation')
    await page.getByRole('row').nth(3).waitFor()
    await page.getByRole('button', { name: 'Remove evaluation e-000001' }).click()
    await page.getByRole('row').nth(3).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('row').nth(3).waitFor()
    await page.getByRole('checkbox').first().check()
    const compare = page.locator('[data-action="compare-evaluations"]')
    assert.match((await compare.getAttribute('href')) ?? '', /^#\/compare\?checkpoints=r-.*step-/)
    assert.equal(address.host, new URL(page.url()).host)
    assert.deepEqual(complaints, [])
  })
})

async function checkMatrix(page: Page, shoot: (name: string) => Promise<void>): Promise<void> {
  const pair = page.locator('[data-pair]').first()
  await pair.click()
  const told = page.locator('[data-told]')
  await told.getByText('taken for').waitFor()
  const [, images] = /([\d,]+) images?/.exec(await told.innerText())!
  const cell = page.getByRole('region', { name: 'Images of the cell' })
  await cell.locator('img').first().waitFor()
  assert.equal(
    await cell.locator('button.tile').count(),
    Math.min(number(images!), await cell.locator('li').count()),
  )
  await page.waitForURL(/truth=\d+&predicted=\d+/)
  await shoot('evaluation-cell')

  // The keyboard goes on from there; the address follows, and a reload shows the same.
  const before = await told.innerText()
  await page.getByRole('application').focus()
  await page.keyboard.press('ArrowDown')
  await until(
    () => told.innerText(),
    text => text !== before,
  )
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('+')
  await page.keyboard.press('0')
  await page.reload()
  await page.locator('[data-told]').getByText('taken for').waitFor()
  assert.equal(await page.locator('[data-told]').innerText(), before)

  // One image, with what was said of it and where the network looked.
  await cell.locator('button.tile').first().click()
  const viewer = page.getByRole('dialog', { name: 'Image' })
  await viewer.locator('[data-map]').waitFor()
  assert.equal(await viewer.locator('[data-top-class]').count(), 5)
  await expectAccessible(page)
  await shoot('evaluation-image')
  const first = await viewer.locator('[data-map]').innerText()
  await viewer.locator('[data-top-class]').nth(1).click()
  await until(
    () => viewer.locator('.map-tools').innerText(),
    text => text.includes('%') && !text.includes(first),
  )
  await page.waitForURL(/image=\d+/)
  await page.reload()
  await viewer.locator('[data-top-class]').first().waitFor()
  await page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'detached' })
  await page.waitForURL(url => !url.hash.includes('image='))
}

async function checkClasses(page: Page, top1: string): Promise<void> {
  await page.getByRole('link', { name: 'Classes', exact: true }).click()
  const table = page.getByRole('table', { name: 'Classes' })
  await table.waitFor()
  assert.equal(await table.locator('tbody tr').count(), 10)
  await table.getByRole('button', { name: 'AP' }).click()
  await table.getByRole('button', { name: 'AP' }).click()
  await table.locator('[aria-sort="descending"]').waitFor()
  const cells = await table.locator('tbody tr td:nth-child(6)').allInnerTexts()
  assert.deepEqual(
    cells.map(number),
    cells.map(number).sort((a, b) => b - a),
  )
  await page.getByRole('searchbox', { name: 'Find a class' }).fill('7')
  await page.getByText('1 class', { exact: true }).waitFor()

  await table.getByRole('link', { name: 'Curves' }).click()
  const curve = page.locator('[data-chart="Precision and recall"]')
  await curve.getByText(/AP [\d.]+ %/).waitFor()
  const ece = await page.locator('[data-fact="ECE"]').innerText()
  await page.locator('[data-chart="Reliability"]').getByText(`ECE ${ece}`).waitFor()
  await page.getByText(/logits would leave an ECE|temperature of the logits is right/).waitFor()
  // Everything kept: the accuracy is the top-1.
  await page.getByRole('button', { name: 'Show Accuracy and coverage as table' }).click()
  const last = page.locator('[data-chart="Accuracy and coverage"] tbody tr').last()
  assert.deepEqual((await last.locator('td').allInnerTexts()).slice(1, 3), ['100.00 %', top1])
}

async function checkMistakes(page: Page, top1: string): Promise<void> {
  await page.getByRole('link', { name: 'Mistakes' }).click()
  const images = number(await page.locator('[data-fact="Images"]').innerText())
  const wrong = Math.round(images * (1 - number(top1) / 100))
  await page.getByText(`${wrong} images`, { exact: true }).waitFor()
  await page.locator('[name="images-order"]').selectOption('confident')
  await page.locator('button.tile .wrong .number').first().waitFor()
  const shares = (await page.locator('button.tile .wrong .number').allInnerTexts()).map(number)
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => b - a),
  )
  await page.getByText('not in the top 5').click()
  await page.getByText(`${wrong} images`, { exact: true }).waitFor({ state: 'detached' })
}

async function checkOwnImage(
  page: Page,
  home: string,
  shoot: (name: string) => Promise<void>,
): Promise<void> {
  await page.getByRole('link', { name: 'Try an image' }).click()
  await page.getByText('Drop an image here').waitFor()
  await writePictures(join(home, 'own'), { train: 1, val: 1 })
  const bad = join(home, 'broken.png')
  await writeFile(bad, 'no picture')
  await page.locator('[name="try-image"]').setInputFiles(bad)
  await page.getByRole('alert').waitFor()
  await page.getByText(/Trained on grey images of 28 × 28 pixels/).waitFor()
  const file = join(home, 'own', 'train', 'right', (await readdir(join(home, 'own', 'train', 'right')))[0]!)
  await page.locator('[name="try-image"]').setInputFiles(file)
  await page.locator('[data-map]').waitFor()
  assert.equal(await page.locator('[data-top-class]').count(), 5)
  await page.waitForURL(/upload=u-/)
  await expectAccessible(page)
  await shoot('evaluation-own-image')
  // What was said of it does not stand beside the error of the next.
  await page.locator('[name="try-image"]').setInputFiles(bad)
  await page.getByRole('alert').waitFor()
  await page.locator('[data-top-class]').first().waitFor({ state: 'detached' })
}

/** From the checkpoint itself, then by retrieval. */
async function checkRetrieval(
  page: Page,
  open: (hash: string) => Promise<void>,
  shoot: (name: string) => Promise<void>,
): Promise<void> {
  await open('#/runs')
  await page.getByRole('link', { name: trainedRuns[0].name }).click()
  await page.getByRole('link', { name: 'Evaluations', exact: true }).click()
  await page.locator('[data-action="try-image"]').click()
  await page.getByRole('heading', { name: 'Try an image' }).waitFor()
  await page.getByText('Drop an image here').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'How…' }).click()
  await page.locator('[name="evaluation-kind"]').selectOption('retrieval')
  await page.locator('[data-action="evaluate-best"]').click()
  const row = page.locator('[data-evaluation="finished"]').filter({ hasText: 'retrieval' })
  await row.waitFor()
  const map = await row.locator('[data-result="map"]').innerText()
  await row.getByRole('link', { name: /^step-/ }).click()
  await page.locator('[data-query]').first().waitFor()
  assert.equal(await page.locator('[data-fact="mAP"]').innerText(), map)
  const worst = (await page.locator('[data-query] dl div:first-child dd').allInnerTexts()).map(number)
  assert.deepEqual(
    worst,
    [...worst].sort((a, b) => a - b),
  )
  await page.locator('[data-query] img').nth(3).waitFor()
  await expectAccessible(page)
  await shoot('evaluation-retrieval')
}

/** Without its predictions an evaluation says so, and is made again with one click. */
async function checkOld(page: Page, home: string, open: () => Promise<void>): Promise<void> {
  const runs = join(home, 'home', 'runs')
  for (const run of await readdir(runs))
    await rm(join(runs, run, 'evaluations', 'e-000001.predictions.safetensors'), { force: true })
  await open()
  await page.reload()
  await page.locator('[data-action="again"]').click()
  await page.waitForURL(/e-000003/)
  await page.locator('[data-pair]').first().waitFor()
}

test('a thousand classes can be found, zoomed and read', { skip, timeout: 60_000 }, async () => {
  const host = fakeHost({ runs: 8, classes: 1000, images: 100_000 })
  const server = await fakeServer(host, builtInterface)
  const { page, complaints, shoot } = await watchedPage(browser)
  try {
    await page.goto(`${server.url}#/evaluation/${fakeEvaluationId}`)
    await page.locator('[data-pair]').first().waitFor()
    await shoot('evaluation-1000-classes')
    const matrix = page.getByRole('application')
    const box = (await matrix.boundingBox())!
    await page.mouse.move(box.x + 300, box.y + 300)
    for (let at = 0; at < 12; at++) await page.mouse.wheel(0, -300)
    await shoot('evaluation-1000-zoomed')
    await page.getByRole('searchbox', { name: 'Find a class' }).fill('0512')
    await page.getByRole('list', { name: 'Classes found' }).getByRole('button').first().click()
    await page.waitForURL(/class=512/)
    await shoot('evaluation-1000-found')
    await page.getByText('30 most mistaken').click()
    await page.locator('[data-pair]').nth(3).click()
    await page.getByRole('region', { name: 'Images of the cell' }).locator('img').first().waitFor()
    await matrix.focus()
    await page.keyboard.press('Shift+ArrowRight')
    await shoot('evaluation-1000-worst')
    await page.getByRole('link', { name: 'Classes', exact: true }).click()
    await page.getByRole('table', { name: 'Classes' }).waitFor()
    const drawn = await page.getByRole('table', { name: 'Classes' }).locator('tbody tr').count()
    assert.ok(drawn < 80, `${drawn} of 1,000 rows are in the page`)
    await expectAccessible(page)
    assert.deepEqual(complaints, [])
  } finally {
    await page.close()
    await server.close()
  }
})
