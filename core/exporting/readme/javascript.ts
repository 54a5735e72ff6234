/** The lines of JavaScript in the note beside an exported model. */
import type { Preprocessing } from '../preprocessing.ts'

export function onnxJavaScript(info: Preprocessing): string {
  const role = 'logits' in info.outputs ? 'logits' : Object.keys(info.outputs)[0]!
  return `
import { readFileSync } from "node:fs"
import ort from "onnxruntime-node"
import sharp from "sharp"

const info = JSON.parse(readFileSync("preprocessing.json", "utf8"))
${javaScriptPixels(info)}
${javaScriptInput(info)}
const session = await ort.InferenceSession.create("model.onnx")
const images = new ort.Tensor("${info.input.dtype}", x, ${javaScriptShape(info)})
const { ${role} } = await session.run({ images })
${javaScriptAnswer(info, `${role}.data`)}`
}

export function tfjsJavaScript(info: Preprocessing): string {
  const role = 'logits' in info.outputs ? 'logits' : Object.keys(info.outputs)[0]!
  return `
// In a browser, with <img id="photo"> of ${info.input.width} x ${info.input.height} pixels and this folder beside the page.
import * as tf from "@tensorflow/tfjs"

const info = await (await fetch("preprocessing.json")).json()
const model = await tf.loadGraphModel("model.json")
const pixels = tf.browser.fromPixels(document.getElementById("photo"), ${info.input.channels})
const images = ${info.input.formula === null ? 'pixels' : 'pixels.div(255).sub(info.input.mean).div(info.input.std)'}.expandDims(0)
const ${role} = await model.execute(images, "${role}").data()
${javaScriptAnswer(info, role)}`
}

/** Reads pixels with sharp, whose filter differs a little from that of training. */
function javaScriptPixels(info: Preprocessing): string {
  const { resize, crop, input } = info
  const { width, height, channels } = input
  const colour = channels === 3 ? '.removeAlpha().toColourspace("srgb")' : '.toColourspace("b-w")'
  const steps =
    resize && 'shorterSide' in resize
      ? [
          `const shorter = ${resize.shorterSide}`,
          'const whole = await sharp("photo.jpg").resize(shorter, shorter, { fit: "outside", kernel: "linear" }).png().toBuffer({ resolveWithObject: true })',
          `const left = Math.round((whole.info.width - ${width}) / 2), top = Math.round((whole.info.height - ${height}) / 2)`,
          `const image = sharp(whole.data).extract({ left, top, width: ${width}, height: ${height} })`,
        ]
      : [
          ...(resize === null ? info.steps.map(step => `// ${step}`) : []),
          ...(crop?.kind === 'fraction' ? middle(crop.fraction) : ['const part = sharp("photo.jpg")']),
          `const image = part.resize(${width}, ${height}, { fit: "fill", kernel: "linear" })`,
        ]
  return [...steps, `const pixels = await image${colour}.raw().toBuffer()`].join('\n')
}

function middle(fraction: number): string[] {
  return [
    'const whole = await sharp("photo.jpg").png().toBuffer({ resolveWithObject: true })',
    `const [left, top] = [whole.info.width, whole.info.height].map(side => Math.trunc(side * ${(1 - fraction) / 2}))`,
    'const part = sharp(whole.data).extract({ left, top, width: whole.info.width - 2 * left, height: whole.info.height - 2 * top })',
  ]
}

/** Brings interleaved pixels into the layout asked for, in a Float32Array or as they are. */
function javaScriptInput({ input }: Preprocessing): string {
  const { width, height, channels } = input
  if (input.formula === null) return 'const x = pixels'
  const area = width * height
  const place = input.layout === 'NCHW' ? `channel * ${area} + pixel` : `pixel * ${channels} + channel`
  return `const { mean, std } = info.input
const x = new Float32Array(pixels.length)
for (let pixel = 0; pixel < ${area}; pixel++)
  for (let channel = 0; channel < ${channels}; channel++)
    x[${place}] = (pixels[pixel * ${channels} + channel] / 255 - mean[channel]) / std[channel]`
}

function javaScriptShape({ input }: Preprocessing): string {
  const { width, height, channels } = input
  return input.layout === 'NCHW'
    ? `[1, ${channels}, ${height}, ${width}]`
    : `[1, ${height}, ${width}, ${channels}]`
}

function javaScriptAnswer({ outputs }: Preprocessing, values: string): string {
  return 'logits' in outputs
    ? `console.log(info.classes[${values}.indexOf(Math.max(...${values}))])`
    : `console.log(${values})`
}
