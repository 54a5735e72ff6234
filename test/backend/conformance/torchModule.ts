/**
 * Registers the backend `torch` for tfjs-core's test suite, with the kernels that replace tfjs's in the product. Only
 * `AvgPoolGrad` stays as it is: ours divides by the pixels inside the image, as the layer does, where tfjs's suite expects
 * its own division by the window's size.
 */
import { getKernel, registerBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import { registerKernels } from '../../../core/backend/register.ts'
import { chooseDevice } from '../../../core/backend/torch/device.ts'
import { loadAddon } from '../../../core/backend/torch/load.ts'
import { registerTorchKernels, torchBackendName } from '../../../core/backend/torch/register.ts'
import { CheckedBackend } from './checkedBackend.ts'

const addon = loadAddon()
addon.setThreads(1) // no spec is worth two
const { name: device } = chooseDevice('auto', addon.devices())
registerBackend(torchBackendName, () => new CheckedBackend(addon, device))
registerTorchKernels()
const plain = getKernel('AvgPoolGrad', torchBackendName)!
registerKernels(torchBackendName)
unregisterKernel('AvgPoolGrad', torchBackendName)
registerKernel(plain)
