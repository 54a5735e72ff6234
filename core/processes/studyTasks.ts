/** Tasks that study an evaluation by its file of predictions. */
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import type { JudgedChoice } from '../evaluation/judgedImages.ts'
import type { ClassCurves, Study } from '../evaluation/study.ts'

export interface StudyTasks {
  /** An evaluation from all sides, from its file of predictions. */
  readonly study: { readonly input: { readonly path: string }; readonly value: Study }
  /** Curves of some classes of an evaluation. */
  readonly 'study-curves': {
    readonly input: { readonly path: string; readonly labels: readonly number[] }
    readonly value: readonly ClassCurves[]
  }
  /** One page of an evaluation's images. */
  readonly 'study-images': {
    readonly input: JudgedChoice & {
      readonly path: string
      readonly dataset: DatasetRef
      readonly split: SplitName
      /** In the name of the image; empty for all. */
      readonly search: string
      /** Image whose place is asked for; null for none. */
      readonly find: number | null
      readonly offset: number
      readonly limit: number
    }
    readonly value: {
      readonly total: number
      /** Where the image stands that was asked for; null where it is none of these. */
      readonly place: number | null
      readonly items: readonly {
        readonly index: number
        readonly label: number
        readonly name: string
        /** Likeliest first. */
        readonly top: readonly { readonly label: number; readonly probability: number }[]
        /** Probability of the true class, and its negative logarithm. */
        readonly truth: number
        readonly loss: number
      }[]
    }
  }
}
