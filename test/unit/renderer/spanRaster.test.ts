/** Many thin lines as pixels, against the distance of each pixel from the line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRaster, drawSpans, type Raster } from '../../../renderer/charts/spanRaster.ts'

const color = { red: 10, green: 200, blue: 30 }
const solid = { color, opacity: 1, isDotted: false }
const corner = { left: 0, top: 0, ratio: 1 }

const alphaAt = ({ bytes, width }: Raster, x: number, y: number): number => bytes[4 * (y * width + x) + 3]!

function distance(px: number, py: number, path: readonly number[]): number {
  let least = Infinity
  for (let at = 0; at + 3 < path.length; at += 2) {
    const [x0, y0, x1, y1] = path.slice(at, at + 4) as [number, number, number, number]
    const [dx, dy] = [x1 - x0, y1 - y0]
    const along = Math.max(0, Math.min(1, ((px - x0) * dx + (py - y0) * dy) / (dx * dx + dy * dy || 1)))
    least = Math.min(least, Math.hypot(px - x0 - along * dx, py - y0 - along * dy))
  }
  return least
}

/** The same noise at each run. */
function noisyPath(width: number, height: number): number[] {
  let seed = 7
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647
  const path: number[] = []
  for (let x = 3.3; x < width - 3; x += 0.4 + 3 * random()) path.push(x, 4 + random() * (height - 8))
  return path
}

test('pixels on the line are covered, and none that is far from it', () => {
  const raster = createRaster(120, 80)
  const path = noisyPath(120, 80)
  drawSpans(raster, path, corner, solid)
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < raster.width; x++) {
      const far = distance(x + 0.5, y + 0.5, path)
      const alpha = alphaAt(raster, x, y)
      if (far < 0.2) assert.ok(alpha > 120, `${x},${y}: ${far} px away, alpha ${alpha}`)
      if (far > 1.5) assert.equal(alpha, 0, `${x},${y}: ${far} px away`)
    }
  }
})

test('a level line is as opaque in all as it is thick, wherever it lies between two rows', () => {
  for (const y of [10, 10.25, 10.5, 10.75]) {
    const raster = createRaster(20, 20)
    drawSpans(raster, [0, y, 20, y], corner, solid)
    for (let x = 0; x < 20; x++) {
      let sum = 0
      for (let row = 0; row < 20; row++) sum += alphaAt(raster, x, row) / 255
      assert.ok(Math.abs(sum - 1) < 0.02, `${sum} at ${y}`)
    }
  }
})

test('a spike of one point is there in full, dotted lines included', () => {
  for (const isDotted of [false, true]) {
    const raster = createRaster(60, 100)
    drawSpans(raster, [0, 90, 30, 90, 30.2, 3, 30.4, 90, 60, 90], corner, { ...solid, isDotted })
    const rows = Array.from({ length: 84 }, (_, row) => row + 4).filter(row => alphaAt(raster, 30, row) > 0)
    assert.equal(rows.length, isDotted ? 42 : 84)
    assert.ok(Math.min(...rows) <= 5)
  }
})

test('a pale line is as pale where its pieces meet, and lies over what was there before', () => {
  const raster = createRaster(40, 20)
  drawSpans(raster, [0, 10.5, 10, 10.5, 10.3, 10.5, 20, 10.5, 40, 10.5], corner, { ...solid, opacity: 0.5 })
  const alphas = new Set(Array.from({ length: 40 }, (_, x) => alphaAt(raster, x, 10)))
  assert.deepEqual([...alphas], [128])
  drawSpans(raster, [0, 10.5, 40, 10.5], corner, {
    ...solid,
    color: { red: 250, green: 0, blue: 0 },
    opacity: 0.5,
  })
  const [red = 0, , , alpha = 0] = raster.bytes.slice(4 * (10 * 40 + 5))
  assert.ok(red > 160 && red < 180 && alpha > 188 && alpha < 194, `${red} ${alpha}`)
})

test('what lies outside is left out, and a finer screen has a thicker line', () => {
  const raster = createRaster(20, 20)
  drawSpans(raster, [-50, 5, -40, 5], corner, solid)
  drawSpans(raster, [30, 5, 40, 5], corner, solid)
  drawSpans(raster, [-5, -400, 50, -400], corner, solid)
  assert.ok(raster.pixels.every(pixel => pixel === 0))
  const fine = createRaster(40, 40)
  drawSpans(fine, [100, 55, 120, 55], { left: 100, top: 50, ratio: 2 }, solid)
  for (let x = 0; x < 40; x++) {
    const rows = Array.from({ length: 40 }, (_, row) => row).filter(row => alphaAt(fine, x, row) === 255)
    assert.deepEqual(rows, [9, 10])
  }
})
