export { logLine } from './multigrain.ts'
export { createRunLog } from './runLog.ts'
export type { LogFormatName, RunLog } from './runLog.ts'
export type * from './logFormat.ts'
