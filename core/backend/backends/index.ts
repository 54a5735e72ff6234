// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { cpu } from './cpu.ts'
import { tensorflow } from './tensorflow.ts'
import { torch } from './torch.ts'
import { wasm } from './wasm.ts'
import { webgpu } from './webgpu.ts'

export const backends = [cpu, tensorflow, torch, wasm, webgpu] as const
