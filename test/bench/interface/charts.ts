/** A hundred curves over each other, redrawn as the zoom changes. */
import type { Browser } from 'playwright'
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
    await page.getByLabel('Let Loss fill the window').click()
    await page.waitForTimeout(3000)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const wheel = (deltaY: number): string => `{
      const plot = document.querySelector('[data-chart="Loss"] .plot'), box = plot.getBoundingClientRect()
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
    return { 'curves.100.zoom.ms': zoomMs, 'curves.100.pan.ms': panMs }
  } finally {
    await page.close()
    await server.close()
  }
}
