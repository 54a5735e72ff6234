// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { datasets0001 } from './0001-datasets.ts'
import { runs0002 } from './0002-runs.ts'
import { metrics0003 } from './0003-metrics.ts'
import { evaluationSettings0004 } from './0004-evaluation-settings.ts'
import { imageEdits0005 } from './0005-image-edits.ts'
import { runTable0006 } from './0006-run-table.ts'
import { sweeps0007 } from './0007-sweeps.ts'
import { removedEvaluations0008 } from './0008-removed-evaluations.ts'
import { alerts0009 } from './0009-alerts.ts'

export const migrations = [datasets0001, runs0002, metrics0003, evaluationSettings0004, imageEdits0005, runTable0006, sweeps0007, removedEvaluations0008, alerts0009] as const
