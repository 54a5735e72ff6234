// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { AddN } from './AddN.ts'
import { AvgPool } from './AvgPool.ts'
import { AvgPoolGrad } from './AvgPoolGrad.ts'
import { BatchMatMul } from './BatchMatMul.ts'
import { ChannelMoments } from './ChannelMoments.ts'
import { Conv2D } from './Conv2D.ts'
import { Conv2DBackpropFilter } from './Conv2DBackpropFilter.ts'
import { Conv2DBackpropInput } from './Conv2DBackpropInput.ts'
import { FusedBatchNormGrad } from './FusedBatchNormGrad.ts'
import { MaxPool } from './MaxPool.ts'
import { MaxPoolGrad } from './MaxPoolGrad.ts'
import { ReluGrad } from './ReluGrad.ts'
import { ScaleShift } from './ScaleShift.ts'
import { SgdUpdate } from './SgdUpdate.ts'
import { StridedSlice } from './StridedSlice.ts'
import { Tile } from './Tile.ts'

export const kernels = [AddN, AvgPool, AvgPoolGrad, BatchMatMul, ChannelMoments, Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput, FusedBatchNormGrad, MaxPool, MaxPoolGrad, ReluGrad, ScaleShift, SgdUpdate, StridedSlice, Tile] as const
