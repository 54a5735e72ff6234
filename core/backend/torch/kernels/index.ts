// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { BroadcastArgs } from './BroadcastArgs.ts'
import { BroadcastTo } from './BroadcastTo.ts'
import { Cast } from './Cast.ts'
import { Concat } from './Concat.ts'
import { Diag } from './Diag.ts'
import { ExpandDims } from './ExpandDims.ts'
import { Fill } from './Fill.ts'
import { FlipLeftRight } from './FlipLeftRight.ts'
import { Identity } from './Identity.ts'
import { LinSpace } from './LinSpace.ts'
import { MirrorPad } from './MirrorPad.ts'
import { OneHot } from './OneHot.ts'
import { Pack } from './Pack.ts'
import { PadV2 } from './PadV2.ts'
import { Range } from './Range.ts'
import { Reshape } from './Reshape.ts'
import { Reverse } from './Reverse.ts'
import { Select } from './Select.ts'
import { Slice } from './Slice.ts'
import { SplitV } from './SplitV.ts'
import { StridedSlice } from './StridedSlice.ts'
import { Tile } from './Tile.ts'
import { Transpose } from './Transpose.ts'
import { Unpack } from './Unpack.ts'
import { binary } from './binary.ts'
import { likes } from './likes.ts'
import { positions } from './positions.ts'
import { reductions } from './reductions.ts'
import { unary } from './unary.ts'

export const torchKernels = [
  BroadcastArgs,
  BroadcastTo,
  Cast,
  Concat,
  Diag,
  ExpandDims,
  Fill,
  FlipLeftRight,
  Identity,
  LinSpace,
  MirrorPad,
  OneHot,
  Pack,
  PadV2,
  Range,
  Reshape,
  Reverse,
  Select,
  Slice,
  SplitV,
  StridedSlice,
  Tile,
  Transpose,
  Unpack,
  binary,
  likes,
  positions,
  reductions,
  unary,
] as const
