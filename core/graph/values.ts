/** The live values of one run, each freed after its last reader. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Lifetimes } from './lifetimes.ts'

export interface Values {
  /** Adds a value that forward made; it is freed at once when nothing reads it. */
  put(name: string, value: Tensor): void
  /** Adds a value that backward made again. */
  restore(name: string, value: Tensor): void
  /** The value, or undefined once it was freed. */
  find(name: string): Tensor | undefined
  /** The value. @throws Error when it is not there, a defect of the executor. */
  peek(name: string): Tensor
  /** One forward reader is done. */
  releaseForward(name: string): void
  /** One backward reader is done. */
  releaseBackward(name: string): void
  dispose(): void
}

/** @param keepsForBackward whether a backward pass follows. */
export function createValues(lifetimes: Lifetimes, keepsForBackward: boolean): Values {
  const live = new Map<string, Tensor>()
  const forwardReads = new Map(lifetimes.forwardReads)
  const backwardReads = new Map(keepsForBackward ? lifetimes.backwardReads : [])

  const freeIfUnread = (name: string): void => {
    const isKept = (backwardReads.get(name) ?? 0) > 0 && !lifetimes.recomputed.has(name)
    if ((forwardReads.get(name) ?? 0) === 0 && !isKept) free(name)
  }
  const free = (name: string): void => {
    live.get(name)?.dispose()
    live.delete(name)
  }
  return {
    put: (name, value) => {
      live.set(name, value)
      freeIfUnread(name)
    },
    restore: (name, value) => void live.set(name, value),
    find: name => live.get(name),
    peek: name => {
      const value = live.get(name)
      if (!value) throw new Error(`The value '${name}' was freed before its last reader`)
      return value
    },
    releaseForward: name => {
      forwardReads.set(name, (forwardReads.get(name) ?? 0) - 1)
      freeIfUnread(name)
    },
    releaseBackward: name => {
      const left = (backwardReads.get(name) ?? 0) - 1
      backwardReads.set(name, left)
      if (left === 0) free(name)
    },
    dispose: () => [...live.keys()].forEach(free),
  }
}
