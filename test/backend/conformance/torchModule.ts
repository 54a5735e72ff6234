/** Registers the backend `torch` for tfjs-core's test suite. */
import { registerBackend } from '@tensorflow/tfjs-core'
import { TorchBackend } from '../../../core/backend/torch/backend.ts'
import { loadAddon } from '../../../core/backend/torch/load.ts'
import { registerTorchKernels, torchBackendName } from '../../../core/backend/torch/register.ts'

const addon = loadAddon()
registerBackend(torchBackendName, () => new TorchBackend(addon, 'cpu'))
registerTorchKernels()
