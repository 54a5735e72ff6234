/** What a file of this folder exports: one compute backend that the workbench can start. */

/**
 * What a backend computes on; `auto` takes the first kind of this list that is there.
 * `software-gpu` (a GPU driver that runs on the processor) is correct and very slow: only ever on request.
 */
export const deviceKinds = ['gpu', 'native-cpu', 'embedded-cpu', 'reference-cpu', 'software-gpu'] as const
export type DeviceKind = (typeof deviceKinds)[number]

/** The outcome of a look at the machine, which changes nothing. */
export type Probe =
  | {
      readonly available: true
      readonly kind: DeviceKind
      readonly device: string
      readonly detail: string
      /** What would make it compute on something better. */
      readonly advice?: string
    }
  | { readonly available: false; readonly detail: string; readonly remedy: string }

/** How a backend may keep a float tensor. */
export type Storage = 'float32' | 'bfloat16' | 'float16'

/** A compute backend that can be looked for and started. */
export interface BackendEntry {
  /** tfjs's name of the backend; no underscore, as tfjs splits its kernel keys there. */
  readonly name: string
  readonly summary: string
  /** What it keeps and computes float tensors in; float32 alone when left out. */
  readonly storages?: readonly Storage[]
  /** Taken before others on the same kind of device. */
  readonly isPreferred?: boolean
  /** Whether `load` heeds the device that it is given. */
  readonly choosesDevice?: boolean
  probe(): Promise<Probe>
  /**
   * Loads the backend and registers it with tfjs, which starts it when it is made the current one.
   * @param device as a configuration names it: `auto`, `cpu`, `cuda` or `cuda:N`.
   * @returns what it computes on, where it knows better than `probe`.
   * @throws AppError backend-unavailable with details.remedy.
   */
  load(device?: string): Promise<string | void>
  /** Runs once tfjs has made it the current backend, each time. */
  prepare?(): void
}
