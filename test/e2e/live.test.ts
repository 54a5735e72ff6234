/** The page of a run: curves of one that has ended in every form, then one that trains, dies and goes on before one's eyes. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright'
import { expectAccessible } from './fixtures/axe.ts'
import { launchBrowser, missingBrowser } from './fixtures/browser.ts'
import { startHost } from './fixtures/hostProcess.ts'
import { trainedRuns, withTrainedWorkbench } from './fixtures/trainedHome.ts'
import type { Workbench } from './fixtures/workbench.ts'

const skip = missingBrowser()
let browser: Browser

before(async () => {
  if (skip === false) browser = await launchBrowser()
})
after(() => browser?.close())

/** Asks the host as the page does. */
async function ask<Value>(page: Page, call: string, input: object): Promise<Value> {
  const send = `fetch('/rpc', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify({ call, input }))},
  }).then(reply => reply.json())`
  const reply = (await page.evaluate(send)) as { ok: boolean; value: Value; error?: { message: string } }
  assert.ok(reply.ok, `${call}: ${reply.error?.message}`)
  return reply.value
}

interface RunFields {
  readonly id: string
  readonly name: string
  readonly datasetId: string
  readonly config: { readonly training: object; readonly checkpoints: object }
}

async function longRun(page: Page): Promise<RunFields> {
  const runs = await ask<RunFields[]>(page, 'runs.list', {})
  return runs.find(run => run.name === trainedRuns[1].name)!
}

async function chartFile(page: Page, kind: 'png' | 'svg' | 'csv'): Promise<Buffer> {
  await page.getByLabel('Save Loss as a file').click()
  const waiting = page.waitForEvent('download')
  await page.locator(`[data-chart="Loss"] [data-export-chart="${kind}"]`).click()
  const download = await waiting
  assert.match(download.suggestedFilename(), new RegExp(`^digits-120-steps-loss\\.${kind}$`))
  return readFileSync(await download.path())
}

test(
  'curves are read in every form, saved, laid over others, and lead to the step behind a point',
  { skip, timeout: 240_000 },
  async () => {
    await withTrainedWorkbench(browser, async bench => {
      const { page, open, shoot, complaints } = bench
      const run = await longRun(page)
      await open(`#/run/${run.id}`)
      const loss = page.locator('[data-chart="Loss"]')
      await loss.getByText('validation').waitFor()
      await page.locator('[data-chart="Where the time of a step goes"]').getByText('backward').waitFor()
      await page.locator('[data-chart="Images per second"]').waitFor()
      await shoot('live-run')
      // Charts side by side have their plots at one height, whatever their legends hold.
      const plotAt = async (title: string): Promise<number> =>
        (await page.locator(`[data-chart="${title}"] .plot`).boundingBox())!.y
      await page.setViewportSize({ width: 1280, height: 800 })
      assert.equal(await plotAt('Loss'), await plotAt('Top-1 accuracy'))

      // On a narrow window what can be done with a checkpoint is in reach at once.
      await page.setViewportSize({ width: 1024, height: 768 })
      await open(`#/run/${run.id}/checkpoints`)
      const checkpoints = page.getByRole('table', { name: 'Checkpoints' })
      const card = (await checkpoints.locator('..').boundingBox())!
      for (const label of ['Evaluate', /^Pin /, /to the trash$/]) {
        const button = (await checkpoints.getByLabel(label).first().boundingBox())!
        assert.ok(button.x + button.width <= card.x + card.width, `${label} lies outside the card`)
      }
      await page.setViewportSize({ width: 1280, height: 800 })
      await open(`#/run/${run.id}`)

      // Axes, and all of them logarithmic; the zoom belongs to an axis.
      for (const [axis, tick] of [
        ['Epoch', /epoch 0/i],
        ['Time', /^\d+:\d\d/],
        ['Clock', /:\d\d/],
        ['Step', /\d/],
      ] as const) {
        await page
          .getByRole('radiogroup', { name: 'Horizontal axis' })
          .getByText(axis, { exact: true })
          .click()
        await page.locator('[data-chart="Loss"] .plot').hover({ position: { x: 60, y: 40 } })
        assert.match(await loss.locator('.cursor .tag').innerText(), tick, axis)
      }
      for (const key of ['l', 'x', 'l', 'x']) await page.keyboard.press(key)

      // Files: a picture in two forms, and every recorded value.
      assert.deepEqual([...(await chartFile(page, 'png')).subarray(1, 4)], [...Buffer.from('PNG')])
      const svg = (await chartFile(page, 'svg')).toString()
      assert.match(svg, /<svg[\s\S]*<\/svg>\s*$/)
      for (const words of [`>${trainedRuns[1].name}<`, '>Step<', '>validation<'])
        assert.ok(svg.includes(words))
      assert.match(
        svg,
        /<polyline points="\S+ \S+"[^>]*stroke-dasharray[^>]*\/>\s*<text[^>]*>train \+ weight decay</,
      )
      const rows = (await chartFile(page, 'csv')).toString().trim().split('\r\n')
      assert.equal(rows.length, 1 + trainedRuns[1].steps)
      assert.match(rows[0]!, /^run,attempt,step,epoch,wall_ms,replaced,train\/loss/)

      await page.getByLabel('Let Loss fill the window').click()
      const box = await loss.boundingBox()
      assert.ok(box && box.width > 1200 && box.height > 700)
      await page.keyboard.press('Escape')

      // A click leads to the step: its values, its images as the seed says, the log at that moment.
      await loss.locator('.plot').click({ position: { x: 150, y: 60 } })
      const evidence = page.getByRole('complementary', { name: 'What is known of the step' })
      await evidence.getByText('64 images').waitFor()
      assert.match(page.url(), /step=\d+/)
      assert.match(await evidence.locator('[data-evidence="values"]').innerText(), /Norm of the gradient/)
      assert.match(await evidence.locator('[data-evidence="checkpoint"]').innerText(), /step-0+\d+/)
      await evidence.locator('.images img').first().waitFor()
      await shoot('live-evidence')
      await page.keyboard.press('.')
      await evidence.locator('.nearest a').click()
      await page.locator('li.picked').waitFor()

      // The whole log is searched, and what is found is shown among the other lines.
      await page.getByLabel('Search the log').fill('step: 100 ')
      await page.getByText('1 line found').waitFor()
      await page.getByTitle('Show among the other lines').click()
      await page.locator('li.picked').waitFor()
      await shoot('live-log')

      await open(`#/run/${run.id}`)
      await page.locator('[data-action="overlay"]').click()
      await page.getByLabel(trainedRuns[0].name).check()
      await page.getByText('Mean and spread', { exact: true }).click()
      await loss.getByText('mean of 2 runs').first().waitFor()
      await page.keyboard.press('Escape')
      await shoot('live-mean')
      assert.match(page.url(), /with=.*as=mean/)
      await expectAccessible(page)
      await inOtherForms(bench)
      assert.deepEqual(complaints, [])
    })
  },
)

/** Dark, and in Chinese. */
async function inOtherForms({ page, open, shoot }: Workbench): Promise<void> {
  const run = await longRun(page)
  await ask(page, 'settings.set', { theme: 'dark', language: 'zh-CN' })
  await page.reload()
  await open(`#/run/${run.id}?step=60`)
  await page.getByRole('complementary', { name: '该步的详情' }).getByText('64 张图像').waitFor()
  await expectAccessible(page)
  await shoot('live-dark-zh')
  await open(`#/run/${run.id}/log`)
  await page.getByLabel('搜索日志').first().waitFor()
  await expectAccessible(page)
  await ask(page, 'settings.set', { theme: 'light', language: 'en' })
}

test(
  'a run is watched while it trains: the zoom stays, a rule rings, and it dies and goes on',
  { skip, timeout: 240_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, shoot }) => {
      await open('#/system?section=alerts')
      await page.getByLabel('Limit').fill('0.001')
      await page.locator('[data-action="add-rule"]').click()
      await page.getByText('train/loss rises above 0.001').waitFor()
      await expectAccessible(page)
      await shoot('live-rules')

      const model = await longRun(page)
      const { config } = await ask<RunFields>(page, 'runs.get', { id: model.id })
      const longer = { ...config, training: { ...config.training, maxSteps: 4000, epochs: 40 } }
      const { id } = await ask<{ id: string }>(page, 'runs.create', {
        ...{ config: { ...longer, checkpoints: { ...config.checkpoints, everySteps: 20 } } },
        ...{ datasetId: model.datasetId, name: 'Watched' },
      })
      await open(`#/run/${id}`)
      const step = async (): Promise<number> =>
        Number((await page.locator('[data-fact="Step"]').innerText()).split('/')[0]!.replace(/\D/g, ''))
      const reaches = async (least: number): Promise<void> => {
        for (let waitedMs = 0; (await step()) < least; waitedMs += 100) {
          assert.ok(waitedMs < 60_000, `step ${least} was not reached`)
          await page.waitForTimeout(100)
        }
      }
      await reaches(30)
      await page
        .getByText(/Watched: train\/loss is .* above 0.001/)
        .first()
        .waitFor()
      await page.locator('[data-action="alerts"]').click()
      await page
        .getByRole('link', { name: /Watched/ })
        .first()
        .waitFor()
      await page.keyboard.press('Escape')

      const plot = page.locator('[data-chart="Loss"] .plot')
      const box = (await plot.boundingBox())!
      await page.mouse.move(box.x + 40, box.y + 40)
      await page.mouse.down()
      await page.mouse.move(box.x + 160, box.y + 60, { steps: 3 })
      await page.mouse.up()
      const reset = page.getByRole('button', { name: 'Reset zoom', exact: true })
      assert.ok(await reset.isEnabled())
      await reaches((await step()) + 20)
      assert.ok(await reset.isEnabled(), 'new data ended the zoom')
      await reset.click()
      await shoot('live-training')

      // Its process is killed: the page says so, and nothing is shown as if it went on.
      process.kill(trainerOf(id), 'SIGKILL')
      await page.locator('header .chip', { hasText: 'interrupted' }).waitFor()
      await page.getByText(/Resume goes on from step \d+/).waitFor()
      assert.equal(await page.locator('[data-fact="Time left"]').innerText(), '–')
      const before = await step()
      await page.locator('[data-action="resume"]').click()
      await reaches(before + 5)
      await page.locator('[data-chart="Loss"]').getByText('resumed').waitFor()
      await shoot('live-resumed')
      // Whatever becomes of the run, each button stays under the mouse that has just clicked it.
      const places = async (): Promise<unknown> =>
        Promise.all(
          (await page.locator('header [data-action]').all()).map(async button => {
            const box = (await button.boundingBox())!
            return [await button.getAttribute('data-action'), Math.round(box.x), Math.round(box.width)]
          }),
        )
      const placesBefore = await places()
      await page.locator('[data-action="stop"]').click()
      await page.locator('header .chip', { hasText: 'stopped' }).waitFor()
      await page.locator('select[name="device"]').waitFor()
      assert.deepEqual(await places(), placesBefore)

      // Begun anew it has a name of its own, and taken back it is gone.
      const stopped = page.url()
      const name = await page.locator('h1').innerText()
      await page.locator('[data-action="restart"]').click()
      await page.getByRole('heading', { name: `${name} (2)` }).waitFor()
      await page.getByRole('button', { name: 'Undo' }).last().click()
      await page.waitForURL(stopped)
      const others = async (): Promise<string[]> =>
        (await ask<{ name: string }[]>(page, 'runs.list', {})).map(run => run.name)
      for (let left = 100; (await others()).includes(`${name} (2)`); left--) {
        assert.ok(left > 0, 'the run that was taken back stays in the table')
        await page.waitForTimeout(300)
      }
    })
  },
)

test(
  'a page that a new host no longer knows still shows its curves in every form',
  { skip, timeout: 120_000 },
  async () => {
    await withTrainedWorkbench(browser, async ({ page, open, host, home }) => {
      await open(`#/run/${(await longRun(page)).id}`)
      await page.locator('[data-chart="Loss"]').getByText('validation').waitFor()
      const { port } = new URL(host().url)
      await host().kill()
      const next = await startHost(join(home, 'home'), Number(port))
      try {
        await page.getByText('This page is no longer signed in').waitFor()
        await page.getByLabel('Log scale').check()
        await page.getByLabel('Smoothing').last().fill('0.9')
        await page.getByText('0.90', { exact: true }).waitFor()
        await page.waitForTimeout(500)
        assert.equal(await page.getByText('The curves cannot be fetched').count(), 0)
      } finally {
        await next.end()
      }
    })
  },
)

/** @returns the process that trains a run. */
function trainerOf(run: string): number {
  const found = readdirSync('/proc').find(name => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(`multigrain-trainer ${run}`)
      )
    } catch {
      return false
    }
  })
  assert.ok(found, `no trainer of ${run}`)
  return Number(found)
}
