/** Relabelling and tagging, each with its way back. */
import { ref } from 'vue'
import type { SplitName } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { t, tn } from '../../language/index.ts'
import { workbench } from '../../workbench.ts'

export interface EditedImages {
  readonly id: string
  readonly split: SplitName
  readonly indices: readonly number[]
}

export function useImageEdits() {
  const { isBusy, run } = useAction()
  const undo = useUndo()
  /** What was done last, for a place that toasts do not reach. */
  const last = ref<{ readonly message: string; readonly takeBack: () => Promise<unknown> } | null>(null)

  const edit = (
    { id, split, indices }: EditedImages,
    change: { readonly label?: number | null; readonly addTags?: string[]; readonly removeTags?: string[] },
    message: string,
  ): Promise<boolean> =>
    run(async () => {
      const { before } = await workbench().datasets.edit({ id, split, indices: [...indices], ...change })
      const takeBack = (): Promise<unknown> =>
        workbench().datasets.restoreEdits({ id, split, images: before })
      last.value = { message, takeBack: undo.offer(message, takeBack) }
    })
  const relabel = (images: EditedImages, label: number | null, className: string): Promise<boolean> => {
    const count = images.indices.length
    const message =
      label === null
        ? tn(count, '{count} label as it was', '{count} labels as they were')
        : tn(count, '{count} image relabelled as “{name}”', '{count} images relabelled as “{name}”', {
            name: className,
          })
    return edit(images, { label }, message)
  }
  const tag = (images: EditedImages, name: string): Promise<boolean> =>
    edit(
      images,
      { addTags: [name] },
      tn(images.indices.length, '{count} image tagged “{name}”', '{count} images tagged “{name}”', { name }),
    )
  const untag = (images: EditedImages, name: string): Promise<boolean> =>
    edit(images, { removeTags: [name] }, t('Tag “{name}” removed', { name }))
  return { isBusy, last, relabel, tag, untag }
}
