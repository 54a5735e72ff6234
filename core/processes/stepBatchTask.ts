/** What the task `batch` is asked, and what it answers. */
import type { SplitName } from '../contract/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'

export interface StepBatchTask {
  readonly input: {
    readonly config: Readonly<Record<string, unknown>>
    readonly dataset: DatasetRef
    /** Counted from 1. */
    readonly step: number
    readonly limit: number
  }
  readonly value: {
    readonly epoch: number
    readonly total: number
    readonly split: SplitName
    readonly images: readonly {
      readonly index: number
      readonly label: number
      readonly name: string
      readonly copies: number
    }[]
  }
}
