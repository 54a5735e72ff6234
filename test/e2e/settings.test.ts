/** The settings: every section, in both languages and both themes, and what each of them changes. */
import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test('the settings say what there is, and change it', { skip, timeout: 120_000 }, async () => {
  await withTrainedWorkbench(browser, async ({ page, home, open, shoot, complaints }) => {
    const logs = join(home, 'home', 'logs')
    await mkdir(logs, { recursive: true })
    for (const number of [1, 2])
      await writeFile(join(logs, `report.20260101.00000${number}.1.0.00${number}.json`), '{}')

    await open('#/system')
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    await computing(page)
    await others(page)
    await dataFolder(page)
    await crashReports(page, logs)
    await about(page)
    await libtorch(page)
    await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded()
    await shoot('settings-light')
    await expectAccessible(page)
    await page.locator('#settings-libtorch').scrollIntoViewIfNeeded()
    await shoot('settings-libtorch-light')

    await choose(page, 'Dark')
    await shoot('settings-dark')
    await expectAccessible(page)
    await choose(page, '简体中文')
    await page.getByRole('heading', { level: 1, name: '设置' }).waitFor()
    assert.equal(await page.getByRole('radio', { name: '深色' }).isChecked(), true)
    await shoot('settings-chinese')
    await open('#/system?section=data-folder')
    await page.getByRole('table', { name: '数据文件夹的内容' }).waitFor()
    await shoot('settings-chinese-data-folder')
    await choose(page, 'English')
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    assert.deepEqual(complaints, [])
  })
})

/** The radio itself is hidden beneath its label, as a finger sees it. */
async function choose(page: Page, label: string): Promise<void> {
  await page.locator('.segments label').filter({ hasText: label }).click()
}

async function computing(page: Page): Promise<void> {
  const table = page.getByRole('table', { name: 'Backends' })
  await table.waitFor({ timeout: 60_000 })
  await table
    .getByText(/kernels passed/)
    .first()
    .waitFor()
  await table
    .getByText(/GFLOP\/s/)
    .first()
    .waitFor()
  assert.equal(await table.getByText('chosen', { exact: true }).count(), 1)
  // The choice is one of those that work, and can be taken back.
  const choice = page.getByRole('combobox', { name: 'Compute with' })
  await choice.selectOption('wasm')
  await page.getByText('Runs use wasm').waitFor({ timeout: 60_000 })
  await page.getByText('wasm is chosen in the settings').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.waitForFunction("document.querySelector('select[name=backend]').value === 'auto'")
}

/** What other areas put here. */
async function others(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Alerts' }).getByText('is NaN or infinite').first().waitFor()
  await page.getByRole('region', { name: 'Disk budget' }).getByLabel('Checkpoints may take').waitFor()
}

async function dataFolder(page: Page): Promise<void> {
  const table = page.getByRole('table', { name: 'What lies in the data folder' })
  const runs = table.getByRole('row', { name: /^Runs: checkpoints/ })
  await runs.getByText(/\d+ files/).waitFor()
  assert.match(await runs.innerText(), /[KMG]iB/)
  await table.getByRole('row', { name: /^Exported models/ }).waitFor()
  await table.getByText(/free on this disk/).waitFor()
}

/** One is deleted, after a question; the others stay. */
async function crashReports(page: Page, logs: string): Promise<void> {
  await page.getByRole('link', { name: 'Crash reports' }).click()
  assert.match(page.url(), /section=crashes/)
  const table = page.getByRole('table', { name: 'Crash reports' })
  await table.getByRole('button').first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await table.getByRole('button').first().click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await table.getByRole('row').nth(2).waitFor({ state: 'detached' })
  assert.equal((await readdir(logs)).filter(name => name.startsWith('report.')).length, 1)
  await page.getByRole('button', { name: 'Delete all' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No crash was recorded.').waitFor()
}

async function about(page: Page): Promise<void> {
  await page.getByText('Software of others in it, and licences').click()
  await page.getByRole('searchbox', { name: 'Find a component' }).fill('vue')
  const parts = page.getByRole('region', { name: 'Software it is made of' })
  await parts.getByRole('cell', { name: 'vue', exact: true }).waitFor()
  await parts.getByRole('cell', { name: 'MIT' }).first().waitFor()
}

async function libtorch(page: Page): Promise<void> {
  const section = page.getByRole('region', { name: 'Native libraries' })
  await section
    .getByText(/^libtorch \d/)
    .first()
    .waitFor()
  await section.getByRole('button', { name: /Look for the torch/ }).click()
  const found = section.getByRole('table', { name: 'Found on this machine' })
  await found.or(section.getByText('No Python here has torch')).waitFor()
}
