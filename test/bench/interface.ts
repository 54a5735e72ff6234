/**
 * The interface's figures: `npm run bench:interface`, after `npm run build`. Prints each beside the bound that was set for it and,
 * as its last line, all of them as JSON. Figures are of this machine, with Chromium drawing on the processor.
 *
 * --only bundle,charts,grid,beside,views   parts to run; all by default
 * --home FOLDER    keeps the data folder of ten thousand runs there, and takes it where it is already
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { builtInterface, launchBrowser } from '../e2e/fixtures/browser.ts'
import { copyTrainedHome } from '../e2e/fixtures/trainedHome.ts'
import { firstBundleBytes } from '../e2e/fixtures/firstBundle.ts'
import { besideTrainer } from './interface/beside.ts'
import { makeBigHome } from './interface/bigHome.ts'
import { hundredCurves } from './interface/charts.ts'
import { scrolledGrid } from './interface/grid.ts'
import { bigViews } from './interface/views.ts'

type Figures = Record<string, number>

/** What is asked for, at most; figures without one are for the eye. */
const bounds: Figures = {
  ...{ 'bundle.kB': 600, 'start.cold.ms': 2000, 'start.10000runs.ms': 2000, 'input.ms': 200 },
  ...{ 'curves.100.zoom.ms': 33, 'curves.100.pan.ms': 33, 'curve.million.ms': 300 },
  ...{ 'grid.blank.ms': 100, 'grid.memory.MB': 400, 'cost.shown.percent': 2, 'cost.hidden.percent': 0.1 },
  ...Object.fromEntries(
    ['runs', 'run', 'log', 'data', 'train', 'compare', 'settings'].map(name => [`view.${name}.ms`, 150]),
  ),
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'bundle,charts,grid,beside,views' },
    home: { type: 'string' },
  },
})
const scratch = mkdtempSync(join(tmpdir(), 'multigrain-bench-'))
const browser = await launchBrowser()
const parts: Readonly<Record<string, () => Promise<Figures>>> = {
  bundle: async () => ({ 'bundle.kB': firstBundleBytes(builtInterface) / 1000 }),
  charts: () => hundredCurves(browser),
  grid: () => scrolledGrid(browser),
  async beside() {
    const home = join(scratch, 'beside')
    await copyTrainedHome(home)
    return besideTrainer(browser, home)
  },
  async views() {
    const home = values.home ?? join(scratch, 'big')
    if (!existsSync(home)) await makeBigHome(home)
    return bigViews(browser, home)
  },
}
const figures: Figures = {}
try {
  for (const name of values.only.split(',')) {
    const part = parts[name]
    if (!part) throw new Error(`--only: no part '${name}'. Known: ${Object.keys(parts).join(', ')}`)
    const found = await part()
    Object.assign(figures, found)
    for (const [figure, value] of Object.entries(found)) {
      const bound = bounds[figure]
      const verdict = bound === undefined ? '' : value <= bound ? `within ${bound}` : `ABOVE ${bound}`
      console.log(`${figure.padEnd(24)} ${value.toFixed(value < 10 ? 2 : 1).padStart(9)}   ${verdict}`)
    }
  }
} finally {
  await browser.close()
  rmSync(scratch, { recursive: true, force: true })
}
console.log(JSON.stringify({ ...figures, cpu: cpus()[0]?.model ?? '', cores: availableParallelism() }))
