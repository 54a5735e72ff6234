/** What surrounds the pages: the palette, shortcuts, undo, languages, and the rules of accessibility on every page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { trainedRuns, withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

test(
  'the palette finds pages, runs and commands; languages change at once',
  { skip, timeout: 120_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/runs')
      await page.getByText(trainedRuns[1].name).first().waitFor()
      await page.keyboard.press('Control+k')
      const palette = page.getByRole('dialog', { name: 'Command palette' })
      // Before a word is typed pages come first, then the newest runs.
      const first = await palette.getByRole('option').allInnerTexts()
      assert.match(first[0]!, /Getting started/)
      const at = (words: string): number => first.findIndex(text => text.includes(words))
      assert.ok(at(trainedRuns[1].name) > 0 && at(trainedRuns[1].name) < at('Theme: light'))
      await palette.getByRole('combobox').fill('120 digits')
      await palette.getByRole('option', { name: new RegExp(trainedRuns[1].name) }).waitFor()
      await shoot('palette')
      await expectAccessible(page)
      await page.keyboard.press('Enter')
      await page.waitForURL(/#\/run\//)
      await palette.waitFor({ state: 'detached' })

      await page.keyboard.press('Control+k')
      await palette.getByRole('combobox').fill('nothing is called like that')
      await palette.getByText('Nothing fits').waitFor()
      await page.keyboard.press('Escape')
      await palette.waitFor({ state: 'detached' })

      // Keys lead on from every page, Compare with its search among them, and Escape leaves a field.
      for (const [keys, place] of [
        ['gc', 'compare'],
        ['gs', 'system'],
        ['gc', 'compare'],
      ] as const) {
        for (const key of keys) await page.keyboard.press(key)
        await page.waitForURL(new RegExp(`#/${place}`))
      }
      await page.getByLabel('Search checkpoints').fill('digits')
      for (const key of ['Escape', 'Escape', 'g', 'r']) await page.keyboard.press(key)
      await page.waitForURL(/#\/runs/)

      await page.keyboard.press('Control+k')
      await palette.getByRole('combobox').fill('中文')
      await page.keyboard.press('Enter')
      await page.getByRole('navigation', { name: '主导航' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
      await open('#/runs')
      await page.getByRole('link', { name: '设置' }).waitFor()
      await shoot('frame-chinese')
      assert.deepEqual(complaints, [])
    })
  },
)
