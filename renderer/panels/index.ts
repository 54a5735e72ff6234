/** The pages, by the name that stands in the address. */
import type { Component } from 'vue'
import type { Page } from '../route.ts'
import Compare from './Compare/Compare.vue'
import Data from './Data/Data.vue'
import Evaluation from './Evaluation/Evaluation.vue'
import NotFound from './NotFound/NotFound.vue'
import Retrieval from './Retrieval/Retrieval.vue'
import Run from './Run/Run.vue'
import Runs from './Runs/Runs.vue'
import System from './System/System.vue'
import Start from './Start/Start.vue'
import Train from './Train/Train.vue'

export const panels: Readonly<Record<Page, Component>> = {
  start: Start,
  data: Data,
  train: Train,
  runs: Runs,
  run: Run,
  evaluation: Evaluation,
  compare: Compare,
  retrieval: Retrieval,
  system: System,
  unknown: NotFound,
}
