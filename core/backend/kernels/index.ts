// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { Conv2D } from './Conv2D.ts'
import { Conv2DBackpropFilter } from './Conv2DBackpropFilter.ts'
import { Conv2DBackpropInput } from './Conv2DBackpropInput.ts'

export const kernels = [Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput] as const
