/** Training: the loop, its steps, and what it says to the outside. */
export { logLine } from './logLine.ts'
export { train } from './loop.ts'
export { exitCodes } from './ports.ts'
export type * from './ports.ts'
