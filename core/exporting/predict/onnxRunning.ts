/** Runs an ONNX export with onnxruntime-node, where that is installed. */
import { AppError } from '../../errors/index.ts'
import type { Preprocessing } from '../preprocessing.ts'
import type { Running } from './classifier.ts'

type Runtime = typeof import('onnxruntime-node')

/** @throws AppError backend-unavailable without the runtime; checkpoint-damaged for a file that it does not open. */
export async function onnxRunning(file: string, { input }: Preprocessing): Promise<Running> {
  const { InferenceSession, Tensor } = await runtime()
  const session = await InferenceSession.create(file).catch((error: unknown) => {
    const message = `${file}: onnxruntime cannot open it: ${error instanceof Error ? error.message : String(error)}`
    throw new AppError('checkpoint-damaged', message, { file }, error)
  })
  const { height, width, channels } = input
  return {
    logits: async (images, count) => {
      const tensor =
        input.formula === null
          ? new Tensor('uint8', images, [count, height, width, channels])
          : new Tensor('float32', normalised(images, input), [count, channels, height, width])
      const { logits } = await session.run({ [input.name]: tensor }, ['logits'])
      return logits!.data as Float32Array
    },
    close: () => session.release(),
  }
}

async function runtime(): Promise<Runtime> {
  try {
    const loaded = await import('onnxruntime-node')
    return ('default' in loaded ? loaded.default : loaded) as Runtime
  } catch (thrown) {
    const remedy =
      'Install it with `npm install onnxruntime-node`, or predict with the checkpoint or a safetensors export'
    const message = `ONNX models are run by onnxruntime-node, which is not installed here. ${remedy}`
    throw new AppError('backend-unavailable', message, { remedy }, thrown)
  }
}

/** (x/255 − mean)/std, [B,H,W,C] to [B,C,H,W]. */
function normalised(
  images: Uint8Array,
  { height, width, channels, mean, std }: Preprocessing['input'],
): Float32Array {
  const area = height * width
  return Float32Array.from({ length: images.length }, (_, at) => {
    const channel = Math.floor(at / area) % channels
    const image = Math.floor(at / (area * channels))
    const value = images[(image * area + (at % area)) * channels + channel]!
    return (value / 255 - mean[channel]!) / std[channel]!
  })
}
