/** What can be exported, and what to use instead of the formats that are not written. */
import { AppError } from '../errors/index.ts'

export const exportFormats = ['onnx', 'safetensors', 'tfjs'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Formats of the frameworks that the three systems came from, and others that are asked for. */
const refused: Readonly<Record<string, string>> = {
  air: "AIR is MindSpore's format for Ascend's compiler: use onnx, which ATC converts (atc --framework=5)",
  mindir:
    "MINDIR is MindSpore's own format: use onnx, which MindSpore Lite converts (converter_lite --fmk=ONNX)",
  'frozen-graph':
    "A frozen graph is TensorFlow 1's format: use onnx, or tfjs for a graph of TensorFlow's operations",
  ckpt: "Checkpoints of MindSpore and TensorFlow are not written: use safetensors, whose names are torchvision's",
  pth: 'Pickled files of PyTorch are not written, as opening one runs code: use safetensors, which PyTorch loads by safetensors.torch.load_file',
}

const sameAs: Readonly<Record<string, string>> = {
  pb: 'frozen-graph',
  frozen: 'frozen-graph',
  saved_model: 'frozen-graph',
  pt: 'pth',
  'pth.tar': 'pth',
}

/** @throws AppError invalid-request that says what to use instead. */
export function exportFormat(name: string): ExportFormat {
  const wanted = name.toLowerCase()
  const found = exportFormats.find(each => each === wanted)
  if (found) return found
  const key = sameAs[wanted] ?? wanted
  const instead = Object.hasOwn(refused, key) ? `. ${refused[key]}` : ''
  const message = `format: expected one of ${exportFormats.join(', ')}, got '${name}'${instead}`
  throw new AppError('invalid-request', message, { field: 'format', value: name, known: exportFormats })
}
