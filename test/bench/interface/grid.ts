/** A hundred thousand images, scrolled through. */
import type { Browser } from 'playwright'
import { builtInterface } from '../../e2e/fixtures/browser.ts'
import { fakeHost } from '../../e2e/fixtures/fakeHost.ts'
import { fakeServer } from '../../e2e/fixtures/fakeServer.ts'
import { pageMegabytes } from './measure.ts'

export async function scrolledGrid(browser: Browser): Promise<Record<string, number>> {
  const host = fakeHost({ runs: 10, classes: 1000, images: 100_000 })
  const server = await fakeServer(host, builtInterface)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  try {
    await page.goto(`${server.url}#/data/big`)
    await page.locator('.tile img').first().waitFor()
    await page.waitForTimeout(1000)
    // A frame is blank while no image in sight is drawn; a wheel's notch is 100 pixels, thirty a second.
    const { blankMs, frameMs } = await page.evaluate<{
      blankMs: number
      frameMs: number
    }>(`new Promise(done => {
      const area = document.querySelector('.area') ?? document.scrollingElement
      const startMs = performance.now()
      let lastMs = startMs, blankSinceMs = null, blankMs = 0, frameMs = 0
      const step = nowMs => {
        frameMs = Math.max(frameMs, nowMs - lastMs)
        lastMs = nowMs
        area.scrollTop += 55
        const box = area.getBoundingClientRect()
        const isDrawn = [...document.querySelectorAll('.tile img')].some(image => {
          const own = image.getBoundingClientRect()
          return image.complete && image.naturalWidth > 0 && own.bottom > box.top && own.top < box.bottom
        })
        if (isDrawn) blankSinceMs = null
        else blankMs = Math.max(blankMs, nowMs - (blankSinceMs ??= nowMs))
        if (nowMs - startMs < 8000) requestAnimationFrame(step)
        else done({ blankMs, frameMs })
      }
      requestAnimationFrame(step)
    })`)
    return {
      'grid.blank.ms': blankMs,
      'grid.frame.ms': frameMs,
      'grid.memory.MB': await pageMegabytes(browser),
    }
  } finally {
    await page.close()
    await server.close()
  }
}
