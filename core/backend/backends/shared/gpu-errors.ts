/**
 * Makes the errors of a WebGPU device errors of whoever computes on it. WebGPU reports a refused call, exhausted memory or a
 * lost device beside the call that caused it, and tfjs listens to none of them: training would go on with zeros.
 *
 * @source W3C WebGPU, §22 Errors & Debugging: GPUDevice.lost, the event `uncapturederror`
 */
import { setImmediate } from 'node:timers/promises'
import type { BackendValues, DataId, TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'

/** What of tfjs's WebGPU backend every computation goes through. */
export interface GpuBackend {
  readonly device: GPUDevice
  runWebGPUProgram(program: object, ...rest: unknown[]): TensorInfo
  read(dataId: DataId): Promise<BackendValues>
}

/** What watches a device for errors. */
export interface GpuErrors {
  /** Forgets a refused call, for a new start. A lost device stays lost. */
  reset(): void
}

/**
 * From the first error on, every computation and every read throws it: what was computed since cannot be trusted.
 *
 * @param backend tfjs's, changed in place.
 * @returns what forgets the error.
 */
export function raiseGpuErrors(backend: GpuBackend): GpuErrors {
  const { device } = backend
  let failure: AppError | null = null
  let isLost = false
  device.addEventListener('uncapturederror', event => {
    event.preventDefault() // else it is printed as well
    failure ??= refusal((event as GPUUncapturedErrorEvent).error)
  })
  void device.lost.then(({ message }) => {
    isLost = true
    failure = loss(message)
  })
  const check = (): void => {
    if (failure !== null) throw failure
  }

  const run = backend.runWebGPUProgram.bind(backend)
  backend.runWebGPUProgram = (program, ...rest) => {
    check()
    const output = run(program, ...rest)
    check()
    return output
  }
  const read = backend.read.bind(backend)
  backend.read = async dataId => {
    check()
    try {
      return await read(dataId)
    } catch (error) {
      await setImmediate() // the loss of the device, if that was it, is announced by now
      throw failure ?? loss(error instanceof Error ? error.message : String(error), error)
    } finally {
      check()
    }
  }
  return {
    reset: () => {
      if (!isLost) failure = null
    },
  }
}

/** A call that the device refused, or for which it has no memory. */
function refusal(error: GPUError): AppError {
  const reason = error.message
    .trim()
    .replace(/\.?\s*\n\s*-?\s*/g, '; ')
    .replace(/\.$/, '')
  if (error.constructor.name === 'GPUOutOfMemoryError' || tooLarge.test(reason)) {
    const remedy = 'Lower training.batchSize or input.size'
    const message = `Backend 'webgpu': no memory on the GPU: ${reason}. ${remedy}`
    return new AppError('out-of-memory', message, { backend: 'webgpu', remedy })
  }
  const remedy = "Choose backend 'wasm'"
  const message = `Backend 'webgpu': the GPU refused a computation: ${reason}. ${remedy}`
  return new AppError('internal', message, { backend: 'webgpu', remedy })
}

/** Dawn's words for a tensor larger than the device takes. */
const tooLarge = /size \(\d+\).*(exceeds|larger than).*max/i

function loss(reason: string, cause?: unknown): AppError {
  const remedy = "Start again, or choose backend 'wasm'"
  const message = `Backend 'webgpu': the GPU was lost: ${reason || 'the driver gave no reason'}. ${remedy}`
  return new AppError('backend-unavailable', message, { backend: 'webgpu', remedy }, cause)
}
