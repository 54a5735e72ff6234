// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Metric } from './shared/metric.ts'

export const metricEntries = [] as const
export type MetricName = (typeof metricEntries)[number]['name']
export const metrics = registry<Metric>('metric', metricEntries)
