/** The table of runs and their checkpoints, walked through on runs that were trained. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

async function inDark(page: Page, look: () => Promise<void>): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' })
  await look()
  await page.emulateMedia({ colorScheme: 'light' })
}

test(
  'runs are searched, arranged, tagged, grouped, seen in parallel, reported, put away and brought back',
  { skip, timeout: 180_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/runs')
      const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name })
      const search = page.getByLabel('Search runs')
      await rowOf(short.name).waitFor()

      // A query, what may follow, and an error that points at its place.
      await search.fill('training.maxSteps > 100')
      await page.keyboard.press('Escape')
      await page.getByText('1 of 2').waitFor()
      await rowOf(long.name).waitFor()
      await page.waitForURL(/q=training\.maxSteps/)
      await search.fill('best(val/top1 > 0.1')
      await page.keyboard.press('Escape')
      await page.getByText('This bracket is never closed').waitFor()
      assert.equal(await page.locator('mark').innerText(), '(')
      await shoot('runs-query-error')
      await search.fill('')
      await page.getByText('2 of 2').waitFor()

      // Any setting and any metric as a column.
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByLabel('Find a column').fill('maxSteps')
      await page.getByRole('button', { name: 'training.maxSteps' }).click()
      await page.getByLabel('Find a column').fill('best(val/loss)')
      await page.getByRole('button', { name: 'best(val/loss)' }).click()
      await shoot('runs-columns')
      await page.keyboard.press('Escape')
      await page.getByRole('columnheader', { name: 'maxSteps' }).getByRole('button').click()
      await rowOf(long.name).getByRole('gridcell', { name: '120', exact: true }).waitFor()
      await expectAccessible(page)

      // Stars and tags of one and of several, with a way back.
      await page.getByRole('button', { name: `Star ${short.name}` }).click()
      await page.getByRole('button', { name: `Star ${short.name}`, pressed: true }).waitFor()
      await page.getByLabel('Select all').check()
      await page.getByRole('button', { name: 'Tag', exact: true }).click()
      await page.getByLabel('New tags').fill('baseline, digits')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Escape')
      await rowOf(short.name).getByText('baseline').waitFor()
      await search.fill('tag = baseline and starred')
      await page.keyboard.press('Escape')
      await page.getByText('1 of 2').waitFor()

      // All of it under a name.
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByLabel('Name of a new view').fill('the starred')
      await page.keyboard.press('Enter')
      await page.waitForURL(/view=the\+starred/)
      await search.fill('')
      await page.getByText('2 of 2').waitFor()
      await page.getByLabel('Group').first().selectOption('model')
      await page.getByRole('button', { name: /cifar.*2 runs/ }).click()
      await shoot('runs-group')
      await page.getByLabel('Group').first().selectOption('')

      await page.getByRole('button', { name: 'Parallel', exact: true }).click()
      const panel = page.getByRole('region', { name: 'Parallel coordinates' })
      await panel.getByText('it takes four runs').waitFor()
      const stretch = panel.getByRole('slider', { name: /Best top-1/ })
      await stretch.focus()
      await page.keyboard.press('ArrowDown')
      await panel.getByRole('button', { name: 'Take into the query' }).waitFor()
      await shoot('runs-parallel')
      await expectAccessible(page)
      await inDark(page, async () => {
        await expectAccessible(page)
        await shoot('runs-parallel-dark')
      })
      await panel.getByRole('button', { name: 'Let all in' }).click()
      await panel.getByRole('button', { name: 'Close' }).click()

      // A file to send: everything in it, names as text.
      await page.getByRole('button', { name: 'Report…' }).click()
      await page.getByLabel('Title').fill('<b>Digits</b>')
      const download = page.waitForEvent('download')
      await page.locator('[data-action="save-report"]').click()
      const html = readFileSync(await (await download).path(), 'utf8')
      assert.match(html, /&lt;b&gt;Digits/)
      assert.ok(!html.includes('<script') && !html.includes('http://'))
      assert.match(html, /<polyline points="/)
      assert.match(html, /training\.maxSteps/)

      await page.getByRole('toolbar').getByRole('link', { name: 'Compare' }).click()
      await page.waitForURL(/#\/compare\?runs=r-.*%2Cr-/)
      await open('#/runs')

      // Away and back.
      await page.getByLabel(`Select ${short.name}`).check()
      await page.getByRole('toolbar').getByRole('button', { name: 'Archive' }).click()
      await rowOf(short.name).waitFor({ state: 'detached' })
      await page.getByText('Archive (1)').click()
      await rowOf(short.name).waitFor()
      await page.keyboard.press('Control+z')
      await page.getByText('The archive is empty').waitFor()
      await page.getByText('Runs', { exact: true }).last().click()
      await page.getByLabel(`Select ${long.name}`).check()
      await page.getByRole('toolbar').getByRole('button', { name: 'Trash' }).click()
      await rowOf(long.name).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Undo' }).last().click()
      await rowOf(long.name).waitFor()
      assert.deepEqual(complaints, [])
    })
  },
)

test(
  'checkpoints are named, verified, kept by a rule, trained from, imported, and held to a budget',
  { skip, timeout: 180_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints, home }) => {
      await open('#/runs')
      await page.getByRole('link', { name: long.name }).click()
      await page.getByRole('link', { name: 'Checkpoints' }).click()
      const rows = page.getByRole('table', { name: 'Checkpoints' }).locator('tbody tr')
      await rows.nth(1).waitFor()
      const count = await rows.count()
      const runId = /run\/(r-[\d-]+)/.exec(page.url())![1]!

      await rows
        .first()
        .getByRole('button', { name: /^Rename/ })
        .click()
      await page.getByLabel('Name of the checkpoint').fill('the good one')
      await page.keyboard.press('Enter')
      await rows.first().getByText('the good one').waitFor()
      await rows.first().locator('[data-action="verify"]').click()
      await page.getByText(/the good one is valid/).waitFor()
      await expectAccessible(page)
      await shoot('checkpoints-light')
      await inDark(page, async () => {
        await expectAccessible(page)
        await shoot('checkpoints-dark')
      })

      // The rule is looked at, applied, and taken back.
      await page.locator('[data-action="keep-rule"]').click()
      const rule = page.getByRole('dialog')
      // It opens with the rule that the run was trained by, which leaves all of them.
      await rule.getByText(`0 of ${count}`).waitFor()
      assert.equal(await rule.getByLabel('Keep newest').inputValue(), '3')
      await rule.getByText('the good one').waitFor()
      await rule.getByLabel('Keep newest').fill('1')
      await rule.getByLabel('Keep best').fill('0')
      await rule.getByText(`${count - 1} of ${count}`).waitFor()
      await rule.getByText('stays: newest').waitFor()
      await shoot('keep-rule')
      await expectAccessible(page)
      await page.locator('[data-action="apply-rule"]').click()
      await page.getByText(/in the trash/).waitFor()
      assert.equal(await rows.count(), 1)
      await page.keyboard.press('Control+z')
      await rows.nth(count - 1).waitFor()

      // Weights of a file: the same as those of the checkpoint that they came from.
      const file = join(home, 'home', 'runs', runId, 'checkpoints', 'step-00000120', 'model.safetensors')
      await page.locator('[data-action="open-import"]').click()
      await page.locator('[name="weights-path"]').fill(file)
      await page.locator('[name="weights-name"]').fill('from elsewhere')
      await page.locator('[data-action="import"]').click()
      await page.locator('[data-import="finished"]').waitFor()
      await page.getByRole('link', { name: 'Show the checkpoint' }).click()
      const imported = rows.filter({ hasText: 'from elsewhere' })
      await imported.getByText('pinned').waitFor()
      await imported.locator('[data-action="evaluate"]').click()
      await page.getByRole('table', { name: 'Evaluations' }).getByText('finished').first().waitFor()

      await rows.first().locator('[data-action="train-from"]').click()
      await page.getByRole('heading', { name: 'New run' }).waitFor()
      await page.getByText(long.name).first().waitFor()

      await open('#/system?section=disk-budget')
      await page.locator('[name="checkpoint-budget"]').fill('0.0001')
      await page.keyboard.press('Tab')
      await page
        .getByRole('table', { name: /Runs whose checkpoints/ })
        .getByText(long.name)
        .waitFor()
      await shoot('disk-budget')
      await expectAccessible(page)
      await open('#/runs')
      await page.getByText('Checkpoints take more than their budget').waitFor()

      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('combobox').fill('中文')
      await page.keyboard.press('Enter')
      await page.getByText('检查点占用超出预算').waitFor()
      await shoot('runs-chinese')
      await open(`#/run/${runId}/checkpoints`)
      await page.getByRole('button', { name: '保留规则…' }).waitFor()
      await shoot('checkpoints-chinese')
      assert.deepEqual(complaints, [])
    })
  },
)
