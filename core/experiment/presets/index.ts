// Written by core/registry/sync.ts from the files of this folder. Do not edit.

export const presets = [] as const
