/** Compute backends: choose one, start it, check it. All mathematics runs on tfjs's current backend. */
export { backendNames, startBackend } from './start.ts'
export type { StartedBackend } from './start.ts'
export { kernelNames } from './register.ts'
export { deviceKinds } from './backends/shared/backend.ts'
export type { BackendEntry, DeviceKind, Probe } from './backends/shared/backend.ts'
export type { KernelEntry } from './kernels/shared/kernel.ts'
export { inspectBackends } from './inspect.ts'
export type { BackendFindings, BackendInspection, InspectOptions } from './inspect.ts'
