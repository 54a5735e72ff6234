/** A hundred runs over each other, redrawn as the zoom changes: in a chart of one curve a run, and in one of three. */
import type { Browser, CDPSession, Page } from 'playwright'
import { builtInterface } from '../../e2e/fixtures/browser.ts'
import { fakeHost } from '../../e2e/fixtures/fakeHost.ts'
import { fakeServer } from '../../e2e/fixtures/fakeServer.ts'
import { workOf } from './measure.ts'

const others = Array.from({ length: 99 }, (_, index) => `run-${index + 1}`)

export async function hundredCurves(browser: Browser): Promise<Record<string, number>> {
  const host = fakeHost({ runs: 120, classes: 10, images: 100 })
  const server = await fakeServer(host, builtInterface)
  // So low that one chart is in sight.
  const page = await browser.newPage({ viewport: { width: 1280, height: 620 } })
  try {
    await page.goto(`${server.url}#/run/run-0?with=${others.join()}`)
    await page
      .locator('[data-chart="Loss"]')
      .getByText(/\d+ more/)
      .first()
      .waitFor({ timeout: 60_000 })
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const one = await redrawn(page, session, 'Images per second')
    const three = await redrawn(page, session, 'Loss')
    return {
      ...{ 'curves.100.zoom.ms': one.zoomMs, 'curves.100.pan.ms': one.panMs },
      ...{ 'curves.300.zoom.ms': three.zoomMs, 'curves.300.pan.ms': three.panMs },
    }
  } finally {
    await page.close()
    await server.close()
  }
}

/** Work of the page for one picture of a chart that fills the window. */
async function redrawn(page: Page, session: CDPSession, chart: string) {
  await page.getByLabel(`Let ${chart} fill the window`).click()
  await page.waitForTimeout(3000)
  const wheel = (deltaY: number): string => `{
      const plot = document.querySelector('[data-chart="${chart}"] .plot'), box = plot.getBoundingClientRect()
      const at = { clientX: box.left + box.width / 2, clientY: box.top + 50, bubbles: true, cancelable: true }
      plot.dispatchEvent(new WheelEvent('wheel', { deltaY: ${deltaY}, ctrlKey: true, ...at }))
    }`
  const zoomMs = await workOf(page, session, 6, wheel(-60))
  await page.waitForTimeout(1500)
  const panMs = await workOf(
    page,
    session,
    20,
    wheel(0).replace('deltaY: 0, ctrlKey: true', 'deltaX: turn % 2 ? 60 : -60, shiftKey: true'),
  )
  await page.keyboard.press('Escape')
  await page.keyboard.press('0')
  return { zoomMs, panMs }
}
