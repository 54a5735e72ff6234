/** The note beside an exported model: what the files are, and a few lines each of Python and JavaScript that run as they stand. */
import type { Preprocessing } from './preprocessing.ts'

export function readme(info: Preprocessing): string {
  const { network, format, classes, weights, origin } = info
  const outputs = Object.entries(info.outputs).map(([role, shape]) => `${role} [${shape.join(', ')}]`)
  const about = [
    `${network.name}, ${classes.length} classes, from run ${origin.runId} at step ${origin.step}${weights === 'ema' ? ' (moving average of the weights)' : ''}`,
    `Input ${inputText(info)}`,
    `Outputs ${outputs.join(', ')}${info.normalisedEmbedding ? '; the embedding has length 1' : ''}`,
    'preprocessing.json has the steps, the numbers and the names of the classes:',
    ...stepsOf(info).map(step => `  - ${step}`),
  ]
  const parts =
    format === 'onnx'
      ? [section('Python', onnxPython(info)), section('JavaScript', onnxJavaScript(info))]
      : format === 'tfjs'
        ? [section('JavaScript', tfjsJavaScript(info))]
        : [section('Python', torchPython(info)), section('Command line', commandLine)]
  return [...about, ...parts, ''].join('\n')
}

const commandLine = 'npm run -s multigrain -- predict photo.jpg --model THIS_FOLDER'

function section(title: string, code: string): string {
  return `\n${title}\n${'-'.repeat(title.length)}\n${code.trim()}`
}

function inputText({ input }: Preprocessing): string {
  const { name, layout, height, width, channels, dtype, channelOrder } = input
  const sides = layout === 'NCHW' ? [channels, height, width] : [height, width, channels]
  return `${name} [N, ${sides.join(', ')}] ${dtype}, ${channelOrder}${input.formula === null ? ', pixels from 0 to 255' : ''}`
}

function stepsOf({ steps, input }: Preprocessing): string[] {
  return input.formula === null ? [...steps] : [...steps, input.formula]
}

/** Opens, resizes and cuts `photo.jpg` with Pillow, whose bilinear filter is the one of training. */
function pillow({ resize, crop, steps, input }: Preprocessing): string {
  const mode = input.channels === 3 ? 'RGB' : 'L'
  const lines = [`image = Image.open("photo.jpg").convert("${mode}")`]
  if (resize === null && crop === null)
    lines.push(...steps.map(step => `# ${step}`), `image = image.resize((${input.width}, ${input.height}))`)
  if (resize && 'shorterSide' in resize)
    lines.push(
      `scale = ${resize.shorterSide} / min(image.size)`,
      'image = image.resize([int(side * scale + 1e-6) for side in image.size], Image.BILINEAR)',
    )
  if (resize && 'height' in resize)
    lines.push(`image = image.resize((${resize.width}, ${resize.height}), Image.BILINEAR)`)
  if (crop)
    lines.push(
      `left, top = round((image.width - ${crop.width}) / 2), round((image.height - ${crop.height}) / 2)`,
      `image = image.crop((left, top, left + ${crop.width}, top + ${crop.height}))`,
    )
  return lines.join('\n')
}

function pythonInput({ input }: Preprocessing): string {
  const shape = `x = np.asarray(image).reshape(${input.height}, ${input.width}, ${input.channels})`
  if (input.formula === null) return `${shape}\nx = x[None].astype(np.uint8)`
  const floats = 'x = (x / 255 - info["input"]["mean"]) / info["input"]["std"]'
  const turned = input.layout === 'NCHW' ? 'x.transpose(2, 0, 1)[None]' : 'x[None]'
  return `${shape}\n${floats}\nx = ${turned}.astype(np.float32)`
}

function pythonAnswer({ outputs }: Preprocessing, value: string): string {
  return 'logits' in outputs ? `print(info["classes"][${value}.argmax()])` : `print(${value})`
}

function onnxPython(info: Preprocessing): string {
  const role = 'logits' in info.outputs ? 'logits' : Object.keys(info.outputs)[0]!
  return `
import json
import numpy as np
import onnxruntime
from PIL import Image

info = json.load(open("preprocessing.json"))
${pillow(info)}
${pythonInput(info)}
session = onnxruntime.InferenceSession("model.onnx")
(${role},) = session.run(["${role}"], {"images": x})
${pythonAnswer(info, `${role}[0]`)}`
}

function torchPython(info: Preprocessing): string {
  const isTorchvision = /^resnet(18|34|50|101|152)$/.test(info.network.name)
  const make = isTorchvision
    ? `model = torchvision.models.${info.network.name}(num_classes=${info.classes.length})`
    : `model = ...  # ${info.network.name}: a module with the names of model.safetensors`
  return `
import json
import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file

info = json.load(open("preprocessing.json"))
${make}
model.load_state_dict(load_file("model.safetensors"))
model.eval()
${pillow(info)}
${pythonInput(info)}
with torch.no_grad():
    logits = model(torch.from_numpy(x))
${pythonAnswer(info, 'logits[0]')}`
}

/** Reads pixels with sharp, whose filter differs a little from that of training. */
function javaScriptPixels(info: Preprocessing): string {
  const { resize, crop, input } = info
  const { width, height, channels } = input
  const colour = channels === 3 ? '.removeAlpha().toColourspace("srgb")' : '.toColourspace("b-w")'
  const steps =
    resize && 'shorterSide' in resize && crop
      ? [
          `const shorter = ${resize.shorterSide}`,
          'const whole = await sharp("photo.jpg").resize(shorter, shorter, { fit: "outside", kernel: "linear" }).png().toBuffer({ resolveWithObject: true })',
          `const left = Math.round((whole.info.width - ${width}) / 2), top = Math.round((whole.info.height - ${height}) / 2)`,
          `const image = sharp(whole.data).extract({ left, top, width: ${width}, height: ${height} })`,
        ]
      : [
          ...(resize === null ? info.steps.map(step => `// ${step}`) : []),
          `const image = sharp("photo.jpg").resize(${width}, ${height}, { fit: "fill", kernel: "linear" })`,
        ]
  return [...steps, `const pixels = await image${colour}.raw().toBuffer()`].join('\n')
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

function onnxJavaScript(info: Preprocessing): string {
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

function tfjsJavaScript(info: Preprocessing): string {
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
