/** From nothing to a queue of experiments: presets, fields, text, differences, checks before the start, sweeps, two windows. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { watchedPage } from './fixtures/pages.ts'
import { trainedRuns, withTrainedWorkbench } from './fixtures/trainedHome.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

const field = (page: Page, path: string) => page.locator(`#field-${path.replaceAll('.', '-')}`)
const view = (page: Page, name: string) =>
  page.getByRole('radiogroup', { name: 'View of the configuration' }).getByText(name, { exact: true }).click()
/** Waits until a control has a value, which another window or the text gives it. */
async function until(page: Page, selector: string, isRight: (value: string) => boolean): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const value = await page.locator(selector).inputValue()
    if (isRight(value)) return
    assert.ok(Date.now() < deadline, `${selector} is ${value.slice(0, 200)}`)
    await page.waitForTimeout(100)
  }
}
const holds = (page: Page, path: string, value: string) =>
  until(page, `#field-${path.replaceAll('.', '-')}`, each => each === value)

test(
  'an experiment is prepared in fields, text and differences, and two windows share it',
  { skip, timeout: 90_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, host, shoot, complaints }) => {
      await open('#/data')
      await page.getByRole('link', { name: 'Sample: MNIST digits' }).first().waitFor()

      // One click from a data set to its run; the address is clean again.
      const id = /#\/data\/([^/?]+)/.exec(
        (await page.getByRole('link', { name: 'Sample: MNIST digits' }).first().getAttribute('href')) ?? '',
      )?.[1]
      await open(`#/train?dataset=${id}`)
      await page.waitForURL(/#\/train$/)
      await page.locator('[data-preset="sample"][aria-pressed="true"]').waitFor()

      // A field is found by its words; changed, it is marked, and can be put back.
      await page.locator('[name="field-search"]').fill('momentum')
      await page.locator('.schema-field:visible').first().waitFor()
      assert.equal(await page.locator('[data-section="data"]').isVisible(), false)
      await field(page, 'optimizer.options.momentum').fill('0.8')
      await page.locator('[name="field-search"]').fill('')
      await page.locator('[name="changed-only"]').check()
      await page.getByRole('button', { name: 'Reset Momentum to 0.9' }).waitFor()
      assert.equal(await page.locator('.schema-field:visible').count(), 1)
      await page.locator('[name="changed-only"]').uncheck()
      await field(page, 'training.batchSize').fill('0')
      await page.locator('[data-section="training"] .error-text').first().waitFor()
      assert.equal(await page.locator('[data-action="train"]').isDisabled(), true)
      await field(page, 'training.batchSize').fill('32')
      await page.locator('[data-action="train"]:not([disabled])').waitFor()
      await expectAccessible(page)
      await shoot('train-fields')

      // Text and fields are two views of one thing; a mistake has its line, and loses nothing.
      await view(page, 'YAML')
      const text = page.locator('[name="yaml"]')
      await until(page, '[name="yaml"]', value => value.includes('momentum: 0.8'))
      const written = await text.inputValue()
      await text.fill(written.replace('momentum: 0.8', 'momentum: 0.7'))
      await page.waitForTimeout(700)
      await text.fill(written.replace('momentum: 0.8', 'momentum: much'))
      const line = written.split('\n').findIndex(each => each.includes('momentum: 0.8')) + 1
      await page.getByText(`line ${line}`).waitFor()
      await expectAccessible(page)
      await shoot('train-yaml')

      // Nothing is trained that the text does not say, and the text is kept: in the other views, and on other pages.
      const train = page.locator('[data-action="train"]')
      await page.getByText('Your YAML text has 1 mistake').waitFor()
      assert.equal(await train.isDisabled(), true)
      await page.keyboard.press('Control+Enter')
      await open('#/runs')
      await page.getByRole('heading', { name: 'Runs' }).first().waitFor()
      await open('#/train')
      await page.locator('[data-action="show-text"]').waitFor()
      assert.equal(await train.isDisabled(), true)
      await shoot('train-bad-text')
      await page.locator('[data-action="show-text"]').click()
      await until(page, '[name="yaml"]', value => value.includes('momentum: much'))
      // Another preset replaces it, and can be undone.
      await view(page, 'Fields')
      await page.locator('[data-preset="cifar10-resnet20"]').click()
      await page.locator('[data-action="show-text"]').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+z')
      await page.locator('[data-action="show-text"]').click()
      await until(page, '[name="yaml"]', value => value.includes('momentum: much'))
      await page.locator('[data-action="discard-text"]').click()
      await until(page, '[name="yaml"]', value => value.includes('momentum: 0.7'))

      // Differences from a run, and one value taken over.
      await view(page, 'Differences')
      await page.locator('[data-difference="optimizer.options.momentum"]').waitFor()
      await page
        .locator('[name="compare-with"]')
        .selectOption({ label: await optionWith(page, trainedRuns[0].name) })
      const row = page.locator('[data-difference="training.maxSteps"]')
      await row.getByText('40', { exact: true }).waitFor()
      await expectAccessible(page)
      await shoot('train-differences')
      await row.getByRole('button').click()
      await row.waitFor({ state: 'detached' })
      await view(page, 'Fields')
      assert.equal(await field(page, 'training.maxSteps').inputValue(), '40')

      // A second window has the same draft, and says what the other changes in it.
      const second = await watchedPage(browser)
      const other = second.page
      await other.goto(host().url)
      await other.goto(`${new URL(host().url).origin}/#/train`)
      await holds(other, 'training.maxSteps', '40')
      await Promise.all([
        field(other, 'training.epochs').fill('3'),
        field(page, 'schedule.options.warmupEpochs').fill('1'),
      ])
      await holds(page, 'training.epochs', '3')
      await holds(other, 'schedule.options.warmupEpochs', '1')
      await page.locator('[data-notice="foreign"]').getByText('Training · Epochs').waitFor()
      await shoot('train-two-windows')
      await page.locator('[data-action="take-back"]').click()
      await holds(other, 'training.epochs', '5')
      await other.close()

      // It is still there after a reload.
      await page.reload()
      await holds(page, 'schedule.options.warmupEpochs', '1')
      assert.deepEqual([...complaints, ...second.complaints], [])
    })
  },
)

test(
  'what a run takes is measured, many are queued, ordered, cancelled and brought back',
  { skip, timeout: 90_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot, complaints }) => {
      await open('#/runs')
      const runLink = page.getByRole('link', { name: trainedRuns[0].name }).first()
      const run = /#\/run\/([^/?]+)/.exec((await runLink.getAttribute('href')) ?? '')?.[1]
      await open(`#/train?clone=${run}`)
      await holds(page, 'training.maxSteps', '40')

      // Before the start.
      await page.locator('[data-finding="memory"] [data-verdict="fits"]').waitFor()
      await page.locator('[data-finding="disk"] [data-verdict="fits"]').waitFor()
      await page.locator('[data-action="check-images"]').click()
      await page.locator('[data-finding="images"] [data-verdict="fits"]').waitFor({ timeout: 30_000 })
      await page.locator('[data-action="probe"]').click()
      await page
        .locator('[data-finding="time"] [data-verdict="unknown"]')
        .waitFor({ state: 'detached', timeout: 45_000 })
      assert.match(await page.locator('[data-finding="time"]').innerText(), / an epoch, .+ in all/)

      // What training sees.
      await page.locator('[data-section="transforms"] summary').click()
      await page.locator('[data-section="transforms"] img').nth(7).waitFor()
      await expectAccessible(page)
      await page.locator('[data-section="transforms"] img').nth(7).scrollIntoViewIfNeeded()
      await shoot('train-augmented')

      // Two fields are varied: a grid of six runs, of which the draw takes four.
      await page
        .locator('.schema-field', { has: field(page, 'training.seed') })
        .getByRole('button', { name: 'Vary Seed' })
        .click()
      await page.getByRole('textbox', { name: 'Values of Seed' }).fill('1, 2, 3')
      await page
        .locator('.schema-field', { has: field(page, 'schedule.options.learningRate') })
        .getByRole('button', { name: 'Vary Learning rate' })
        .click()
      await page.getByRole('textbox', { name: 'Values of Learning rate' }).fill('0.01, 0.1')
      await page.getByRole('button', { name: 'Train 6 runs' }).waitFor()
      await page.getByRole('radiogroup', { name: 'How it searches' }).getByText('Random').click()
      await page.locator('[name="sweep-count"]').fill('4')
      await page.locator('[name="sweep-count"]').press('Tab')
      await page.getByRole('button', { name: 'Train 4 runs' }).waitFor()
      await page.locator('[data-sweep="runs"]').click()
      await shoot('train-sweep')
      await page.locator('[name="run-name"]').fill('rates')
      await page.locator('[data-action="train"]').click()

      // The queue: order by key, device, a whole sweep out and back.
      const queued = page.locator('[data-queued]')
      await queued.nth(2).waitFor()
      const lastName = (await queued.last().getByRole('link').innerText()).trim()
      await queued
        .last()
        .getByRole('button', { name: `Move ${lastName} to the front` })
        .click()
      await queued.first().getByText(lastName).waitFor()
      await queued.first().getByRole('combobox').selectOption('cpu')
      await page.getByText(`${lastName} will train on cpu`).waitFor()
      await page.locator('[data-sweep]').first().waitFor()
      await expectAccessible(page)
      await shoot('queue')
      await page.locator('[data-action="cancel-sweep"]').click()
      await queued.first().waitFor({ state: 'detached' })
      await page.keyboard.press('Control+z')
      await queued.first().waitFor()

      // Chinese, dark.
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: /./ }).last().fill('中文')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: '队列' }).waitFor()
      await shoot('queue-chinese')
      await open('#/train')
      await page.getByRole('heading', { name: '启动前检查' }).waitFor()
      await page.locator('[data-section="training"]').getByText('批大小').first().waitFor()
      await expectAccessible(page)
      await shoot('train-chinese-dark')
      assert.deepEqual(complaints, [])
    })
  },
)

/** The whole label of an option that begins with a name. */
async function optionWith(page: Page, name: string): Promise<string> {
  const labels = await page.locator('[name="compare-with"] option').allInnerTexts()
  return (labels.find(label => label.trim().startsWith(name)) ?? name).trim()
}
