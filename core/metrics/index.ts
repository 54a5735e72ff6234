// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Metric } from './shared/metric.ts'
import { loss } from './loss.ts'
import { top1 } from './top1.ts'
import { top5 } from './top5.ts'

export const metricEntries = [loss, top1, top5] as const
export type MetricName = (typeof metricEntries)[number]['name']
export const metrics = registry<Metric>('metric', metricEntries)
