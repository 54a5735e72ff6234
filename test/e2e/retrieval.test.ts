/** Searching by image as a user does: embed, query, region, own image, match, tuning, all queries, and the map. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import sharp from 'sharp'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

/** Software WebGL tells how it reads pixels for a screenshot. */
const isOurs = (complaint: string): boolean => !complaint.includes('GL Driver Message')

test('a trained network searches, is judged and mapped', { skip, timeout: 120_000 }, async () => {
  await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
    await open('#/retrieval')
    // A checkpoint, its data set and what it has not learned from are chosen already.
    await page.getByRole('heading', { name: 'Retrieval' }).waitFor()
    await page.waitForURL(/split=val/)
    await page.getByText('The gallery is not embedded yet').waitFor()
    await page.getByRole('button', { name: 'Embed 1,000 images' }).click()
    await page.getByText('1,000 images × 64 values').waitFor()

    // A query from the set, by its class.
    await page.getByRole('button', { name: 'From the set…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: 'Class' }).selectOption('3')
    await dialog.getByText('103 images').waitFor()
    await dialog
      .getByRole('button', { name: /val-images/ })
      .or(dialog.locator('.tile'))
      .first()
      .click()
    const hits = page.locator('[data-mark]')
    await hits.first().waitFor()
    assert.equal(await hits.count(), 60)
    assert.match(await page.locator('[data-ap]').innerText(), /^AP \d/)
    await page.getByText('102 images to find').waitFor()
    assert.ok((await page.locator('[data-mark=right]').count()) > 10)
    const scores = (await hits.locator('.push').allInnerTexts()).map(Number)
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    )
    await page.keyboard.press(']')
    await page.getByText('2 / 17').waitFor()
    await page.keyboard.press('[')
    await page.getByText('1 / 17').waitFor()

    await matches(page)
    await shoot('retrieval-search-light')
    await expectAccessible(page)
    await tunes(page)
    await region(page)
    await ownImage(page)
    await allQueries(page)
    await shoot('retrieval-queries-light')
    await expectAccessible(page)
    await map(page)
    await shoot('retrieval-map-light')
    await expectAccessible(page)

    // The address holds all of it: a reload shows the same.
    const place = page.url()
    await page.reload()
    await page.locator('[data-map] canvas').waitFor()
    assert.equal(page.url(), place)

    await page.emulateMedia({ colorScheme: 'dark' })
    await expectAccessible(page)
    await shoot('retrieval-map-dark')
    await page.keyboard.press('Control+k')
    await page.locator('dialog[open] input').fill('简体中文')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '检索', exact: true }).first().click()
    await page.getByText('已嵌入', { exact: true }).waitFor()
    await page.getByRole('button', { name: '随机' }).click()
    await hits.first().waitFor()
    await hits.first().click()
    await page.getByText('各区域的贡献之和恰好等于得分。').waitFor()
    await expectAccessible(page)
    await shoot('retrieval-search-dark-chinese')
    assert.deepEqual(complaints.filter(isOurs), [])
  })
})

async function matches(page: Page): Promise<void> {
  await page.locator('[data-mark]').first().click()
  const match = page.locator('[data-match]')
  await match.getByText('add up to the score exactly').waitFor()
  assert.equal(await match.locator('canvas').count(), 2)
  // One region of the query, and what it matched.
  const spots = match.getByRole('application')
  await spots.click({ position: { x: 140, y: 140 } })
  await match.getByText(/This region gives [\d.-]+ % of the score/).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Escape')
  await match.getByText('Half of the score comes from').waitFor()
}

/** Another power and a whitening rank anew, and at once. */
async function tunes(page: Page): Promise<void> {
  const ap = page.locator('[data-ap]')
  const before = await ap.innerText()
  await page.locator('#tune-p').fill('3')
  await ap.filter({ hasNotText: before }).waitFor()
  assert.match(page.url(), /p=4/)
  await page.locator('#tune-p').fill('0')
  await ap.filter({ hasText: before }).waitFor()
  await page.getByRole('checkbox', { name: 'PCA whitening' }).check()
  // The open match waits for the whitening as the ranking does, and what is known of the hit stays.
  await page.getByText('64 of 64 components').waitFor()
  const match = page.locator('[data-match]')
  await match.getByText('which the whitening’s mean takes').waitFor()
  assert.equal(await match.getByRole('alert').count(), 0)
  assert.match(await match.locator('.chip').innerText(), /right|wrong/)
  const strength = page.getByRole('slider', { name: 'Strength of the whitening' })
  await strength.fill('1')
  await ap.filter({ hasNotText: before }).waitFor()
  assert.equal(await page.locator('[data-thin]').count(), 0)
  await page.getByRole('checkbox', { name: 'PCA whitening' }).uncheck()
  // A resolution that is not embedded says what it would take.
  await page.locator('#tune-size').fill('0')
  await page.getByText(/Not embedded yet: about/).waitFor()
  await page.getByText('The gallery is not embedded yet').waitFor()
  await page.locator('#tune-size').fill('2')
  await page.getByText('Embedded: searched at once').waitFor()
}

/** A part of the query, drawn, then typed. */
async function region(page: Page): Promise<void> {
  const box = (await page.getByRole('region', { name: 'Query' }).locator('.picture').boundingBox())!
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.2 * box.height)
  await page.mouse.down()
  await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.7 * box.height, { steps: 3 })
  await page.mouse.up()
  await page.locator('[data-region]').waitFor()
  assert.match(decodeURIComponent(page.url()), /region=0\.(19|2)\d*,0\.(19|2)\d*,0\.(59|6)/)
  await page.getByText('Part of the image').click()
  const left = page.locator('[name=region-x]')
  await left.fill('10')
  await left.press('Enter')
  await page.waitForURL(url => decodeURIComponent(url.hash).includes('region=0.1,'))
  await page.locator('[data-mark]').first().waitFor()
  await page.getByRole('button', { name: 'Whole image' }).click()
  await page.locator('[data-region]').waitFor({ state: 'detached' })
}

/** An image from outside has no truth; what is no image is told. */
async function ownImage(page: Page): Promise<void> {
  const file = page.locator('[name=query-image]')
  await file.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no image') })
  const alert = page.getByRole('region', { name: 'Query' }).getByRole('alert')
  await alert.waitFor()
  const pixels = { create: { width: 40, height: 30, channels: 3 as const, background: '#804020' } }
  const buffer = await sharp(pixels).png().toBuffer()
  await file.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer })
  await page.waitForURL(/query=u-/)
  await page.locator('[data-mark=unknown]').first().waitFor()
  assert.equal(await page.locator('[data-ap]').count(), 0)
  assert.equal(await alert.count(), 0)
  // One that the browser cannot show says so, until the next query, whichever way that comes.
  await page.route('**/blobs/**/5/image', route =>
    route.fulfill({ contentType: 'image/png', body: 'no picture' }),
  )
  await page.goto(page.url().replace(/query=[^&]*/, 'query=5'))
  await page.locator('[data-unread]').waitFor()
  await alert.waitFor()
  await page.goto(page.url().replace('query=5', 'query=6'))
  await page.locator('[data-unread]').waitFor({ state: 'detached' })
  assert.equal(await alert.count(), 0)
  await page.unroute('**/blobs/**/5/image')
  await page.locator('[data-ap]').waitFor()
}

async function allQueries(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'All queries' }).click()
  await page.locator('[data-figure=mAP]').waitFor()
  await page.locator('[data-figure="R@10 (any right)"]').waitFor()
  const worst = page.getByText(/^AP /)
  await worst.first().waitFor()
  const shares = (await worst.allInnerTexts()).map(text => Number.parseFloat(text.slice(3)))
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  )
  await page.getByRole('button', { name: 'Show Over the first k hits as table' }).click()
  await page.getByRole('cell', { name: '1,000', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Show Over the first k hits as chart' }).click()
  await page.locator('.strip img').first().waitFor()
}

/** Points keep their images, whatever is hidden. */
async function map(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Map', exact: true }).click()
  const plane = page.locator('[data-map]')
  await plane.waitFor()
  await page.getByText('1,000 points').waitFor()
  await page.getByRole('button', { name: /^4 98$/ }).click()
  const box = (await plane.boundingBox())!
  await page.keyboard.down('Shift')
  const corners = [
    [0.02, 0.12],
    [0.98, 0.12],
    [0.98, 0.98],
    [0.02, 0.98],
  ] as const
  await page.mouse.move(box.x + corners[0][0] * box.width, box.y + corners[0][1] * box.height)
  await page.mouse.down()
  for (const [x, y] of corners.slice(1)) await page.mouse.move(box.x + x * box.width, box.y + y * box.height)
  await page.mouse.up()
  await page.keyboard.up('Shift')
  // Of the class that is shown alone, all and no other.
  await page.getByText('98 images chosen').waitFor()
  // The list beside it does not move the map, and what chose them stays in sight.
  const after = (await plane.boundingBox())!
  assert.deepEqual(after, box)
  assert.equal(await page.locator('[data-map] polygon').count(), 1)
  const first = page.locator('[data-selected] .tile').first()
  assert.match((await first.getAttribute('title'))!, /^4 · #\d+$/)
  const index = /#(\d+)/.exec((await first.getAttribute('title'))!)![1]!
  assert.match((await first.locator('img').getAttribute('src'))!, new RegExp(`/val/${index}/thumbnail$`))
  await first.click()
  const chosen = page.locator('[data-chosen] img')
  assert.equal(await chosen.getAttribute('data-index'), index)
  // UMAP, with its progress, and the second run's checkpoint over it.
  await page.locator('label', { hasText: 'UMAP' }).click()
  await page.waitForURL(/method=umap/)
  await page.getByText('1,000 points').waitFor()
  // The same images are chosen in the other layout.
  await page.getByText('98 images chosen').waitFor()
  assert.equal(await chosen.getAttribute('data-index'), index)
  await page.getByRole('button', { name: 'Lay another checkpoint over it' }).click()
  const dialog = page.getByRole('dialog')
  await dialog
    .getByRole('button', { name: /40 steps/ })
    .first()
    .click()
  await page.getByText('2,000 points').waitFor()
  await page.locator('[name=map-color]').selectOption('error')
  await page.getByRole('button', { name: /wrong class/ }).waitFor()
  await page.locator('[name=map-color]').selectOption('checkpoint')
}
