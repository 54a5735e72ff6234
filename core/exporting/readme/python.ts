/** The lines of Python in the note beside an exported model. */
import type { Preprocessing } from '../preprocessing.ts'

export function onnxPython(info: Preprocessing): string {
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

export function torchPython(info: Preprocessing): string {
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

/** Opens, resizes and cuts `photo.jpg` with Pillow, whose bilinear filter is the one of training. */
function pillow({ resize, crop, steps, input }: Preprocessing): string {
  const mode = input.channels === 3 ? 'RGB' : 'L'
  const lines = [`image = Image.open("photo.jpg").convert("${mode}")`]
  if (resize === null && crop === null)
    lines.push(...steps.map(step => `# ${step}`), `image = image.resize((${input.width}, ${input.height}))`)
  if (crop?.kind === 'fraction')
    lines.push(
      `left, top = (int(side * ${(1 - crop.fraction) / 2}) for side in image.size)`,
      'image = image.crop((left, top, image.width - left, image.height - top))',
    )
  if (resize && !resize.antialias)
    lines.push('# Pillow smooths where it shrinks, and training did not: a small difference.')
  if (resize && 'shorterSide' in resize)
    lines.push(
      `scale = ${resize.shorterSide} / min(image.size)`,
      'image = image.resize([int(side * scale + 1e-6) for side in image.size], Image.BILINEAR)',
    )
  if (resize && 'height' in resize)
    lines.push(`image = image.resize((${resize.width}, ${resize.height}), Image.BILINEAR)`)
  if (crop?.kind === 'center')
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
