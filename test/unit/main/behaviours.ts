/** What the fake trainer does, by `training.seed` of the run's configuration. */
export const behaviours = {
  finish: 0,
  untilStopped: 1,
  crash: 2,
  hangOnce: 3,
  fail: 4,
  killed: 5,
  ignoreStop: 6,
  nan: 7,
  hangAlways: 8,
  longSteps: 9,
} as const
