/** The note beside an exported model: what the files are, and a few lines each of Python and JavaScript that run as they stand. */
import type { Preprocessing } from '../preprocessing.ts'
import { onnxJavaScript, tfjsJavaScript } from './javascript.ts'
import { onnxPython, torchPython } from './python.ts'

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
