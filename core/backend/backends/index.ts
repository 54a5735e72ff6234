// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { cpu } from './cpu.ts'
import { tensorflow } from './tensorflow.ts'
import { wasm } from './wasm.ts'

export const backends = [cpu, tensorflow, wasm] as const
