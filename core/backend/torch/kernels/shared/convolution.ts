/** Convolutions over images and volumes by libtorch's operators, forward and backward. Images here are [N,C,…], filters [O,I,…]. */
import type { Handle } from '../../binding.ts'
import { addMargin, cropMargin, paddingOf } from './window.ts'
import type { Padded, Window } from './window.ts'
import type { Work } from './work.ts'

const padded = (window: Window): Padded => paddingOf(window, () => Infinity)

/** @returns [N,O,…] */
export function convolve(work: Work, x: Handle, filter: Handle, window: Window, groups = 1): Handle {
  const plan = padded(window)
  const { stride, dilation } = window
  const images = addMargin(work, x, plan, 0)
  const none = stride.map(() => 0)
  return work.run(
    'aten::convolution',
    images,
    matching(work, filter, images),
    null,
    stride,
    plan.padding,
    dilation,
    false,
    none,
    groups,
  )
}

/** The gradient with respect to the input. @param xShape [N,C,…] */
export function inputGradient(
  work: Work,
  dy: Handle,
  filter: Handle,
  xShape: readonly number[],
  window: Window,
  groups = 1,
): Handle {
  const plan = padded(window)
  const sizes = window.inSizes.map((size, axis) => {
    const [before, after] = plan.margin?.[axis] ?? [0, 0]
    return size + before + after
  })
  const { addon, device } = work.backend
  const shape = [xShape[0]!, xShape[1]!, ...sizes]
  const like = work.run('aten::empty.memory_format', shape, addon.dtype(dy), null, device)
  const [dx] = backward(work, dy, like, matching(work, filter, dy), window, plan, groups, [
    true,
    false,
    false,
  ])
  return cropMargin(work, dx!, plan, window.inSizes)
}

/** The gradient with respect to the filter. @param filterShape [O,I,…] */
export function filterGradient(
  work: Work,
  dy: Handle,
  x: Handle,
  filterShape: readonly number[],
  window: Window,
  groups = 1,
): Handle {
  const plan = padded(window)
  const images = addMargin(work, x, plan, 0)
  const { addon, device } = work.backend
  const like = work.run('aten::empty.memory_format', filterShape, addon.dtype(images), null, device)
  const grad = matching(work, dy, images)
  return backward(work, grad, images, like, window, plan, groups, [false, true, false])[1]!
}

function backward(
  work: Work,
  dy: Handle,
  x: Handle,
  filter: Handle,
  { stride, dilation }: Window,
  { padding }: Padded,
  groups: number,
  wanted: readonly boolean[],
): Handle[] {
  const none = stride.map(() => 0)
  const name = 'aten::convolution_backward'
  return work.many(name, dy, x, filter, null, stride, padding, dilation, false, none, groups, wanted)
}

/** Both operands must be stored alike. */
function matching(work: Work, handle: Handle, other: Handle): Handle {
  return work.as(handle, work.backend.addon.dtype(other))
}
