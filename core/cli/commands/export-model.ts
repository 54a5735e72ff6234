/** `multigrain export`: a checkpoint for other programs. */
import { resolve } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { exportFormat } from '../../exporting/index.ts'
import { exportCheckpoint } from '../../processes/tasks/export-checkpoint.ts'
import { chooseModel, modelOptions, powerOf, weightsOf, wholeNumber } from '../chooseModel.ts'
import { bytes } from '../output.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

export const exportModel: Command = {
  name: 'export',
  summary: 'Write a checkpoint as ONNX, safetensors or a tfjs model',
  usage: '(CHECKPOINT | RUN) --format FORMAT --out DIR [options]',
  details: `CHECKPOINT is the folder of a checkpoint; of a RUN its newest valid one is taken. Formats:
  onnx         one file that onnxruntime, OpenVINO, TensorRT and others run; input [N,C,H,W], any batch
  safetensors  weights with torchvision's names, for load_state_dict
  tfjs         a graph model for tf.loadGraphModel in browsers
Beside the model stand preprocessing.json (resize, crop, mean, std, classes) and README.txt with lines of code that use it.`,
  options: {
    format: { type: 'string', value: 'FORMAT', description: 'onnx, safetensors or tfjs' },
    out: { type: 'string', value: 'DIR', description: 'folder to make' },
    outputs: {
      type: 'string',
      value: 'NAMES',
      description: 'logits, embedding or both, separated by commas; both where the network has them',
    },
    fold: { type: 'boolean', description: 'fold batch norms into the convolutions before them (onnx, tfjs)' },
    'with-preprocessing': {
      type: 'boolean',
      description:
        'let the model take pixels from 0 to 255, [N,H,W,C], and normalise them itself (onnx, tfjs)',
    },
    'normalise-embedding': {
      type: 'boolean',
      description: 'divide the embedding by its length, as retrieval compares it (onnx, tfjs)',
    },
    size: { type: 'string', value: 'PIXELS', description: 'height and width of the input; as in training' },
    ...modelOptions,
    force: { type: 'boolean', description: 'replace an earlier export in DIR' },
  },
  examples: [
    { line: 'export r-20261122-0001 --format onnx --out flowers-onnx', explanation: 'for onnxruntime' },
    {
      line: 'export ~/kept/step-00012345 --format safetensors --out weights',
      explanation: 'for torchvision, with its names',
    },
  ],
  run: async invocation => {
    const wanted = onlyArgument(invocation.positionals, 'export (CHECKPOINT | RUN) --format FORMAT --out DIR')
    const order = {
      format: exportFormat(required(invocation, 'format', 'onnx, safetensors or tfjs')),
      folder: resolve(required(invocation, 'out', 'the folder to make')),
      outputs: outputsOf(invocation.text('outputs')),
      fold: invocation.flag('fold'),
      withPreprocessing: invocation.flag('with-preprocessing'),
      normaliseEmbedding: invocation.flag('normalise-embedding'),
      size: wholeNumber(invocation, 'size', 8, 4096),
      weights: weightsOf(invocation),
      power: powerOf(invocation),
      force: invocation.flag('force'),
    }
    const checkpointPath = await chooseModel(invocation, wanted)
    const { output, interruption } = invocation
    const report = await exportCheckpoint.run(
      { ...order, checkpointPath },
      {
        progress: (phase, done, total) =>
          output.progress(phase === 'writing' ? 'Writing, MB' : 'Reading', megabytes(done), megabytes(total)),
        throwIfCancelled: () => interruption.throwIfInterrupted(),
      },
    )
    output.clearProgress()
    output.line(
      `${report.folder}: ${bytes(report.sizeBytes)}, outputs ${Object.keys(report.outputs).join(', ')}`,
    )
    for (const file of report.files) output.line(`  ${file.name}  ${bytes(file.sizeBytes)}`)
    return { checkpoint: checkpointPath, ...report }
  },
}

function required(invocation: Invocation, option: string, what: string): string {
  const value = invocation.text(option)
  if (value !== undefined && value !== '') return value
  throw new AppError('invalid-request', `expected --${option}: ${what}`, { field: option })
}

function outputsOf(names: string | undefined): string[] | null {
  return names?.split(',').map(name => name.trim()) ?? null
}

function megabytes(count: number): number {
  return Math.round(count / 1e6)
}
