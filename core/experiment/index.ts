export {
  applySet,
  checkConfig,
  configJsonSchema,
  locateYaml,
  parseConfig,
  parseYaml,
  toYaml,
  unevenBatch,
} from './config.ts'
export type { Issue, RunConfig } from './config.ts'
export { getPreset, listPresets } from './preset.ts'
export type { Preset } from './presets/shared/preset.ts'
export { nearestName, suggestion } from './nearest.ts'
export { settingText, sweepConfigs, sweepSettings } from './sweep.ts'
export type { Setting, Sweep, SweptField, SweptRange } from './sweep.ts'
export { backendNames, RunConfigInput } from './schema.ts'
export type { MixingConfig } from './mixing.ts'
export { logFormats } from './trainingFields.ts'
export { mixedBackends, resolvePrecision, storages, storagesOf } from './precision.ts'
export type { Precision, Storage } from './precision.ts'
