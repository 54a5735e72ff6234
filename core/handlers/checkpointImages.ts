/** What checkpoints see on single images, on a worker that keeps their networks. */
import type { Handlers, ImageRef, WorkbenchContract } from '../contract/index.ts'
import type { ImagePlace } from '../processes/protocol.ts'
import { datasetRef } from './datasetViews.ts'
import type { Workbench } from './ports.ts'
import { uploadPath } from './uploads.ts'

export function checkpointImageHandlers(
  workbench: Workbench,
): Pick<Handlers<WorkbenchContract>['checkpoints'], 'predict' | 'activationMap'> {
  const { store, supervisor } = workbench
  return {
    async predict({ id, image, top }) {
      const { path: checkpointPath } = store.checkpoints.get(id)
      const place = await imagePlace(workbench, image)
      const { name, classes } = await supervisor.runTask('look-at-image', {
        checkpointPath,
        image: place,
        top,
      })
      return { image: name, classes: [...classes] }
    },
    async activationMap({ id, image, label }) {
      const { path: checkpointPath } = store.checkpoints.get(id)
      const place = await imagePlace(workbench, image)
      const order = { checkpointPath, image: place, top: 5, label }
      const { map, classes } = await supervisor.runTask('look-at-image', order)
      return { ...map!, values: [...map!.values], classes: [...classes] }
    },
  }
}

/** Where a worker finds an image. @throws AppError not-found for a data set or upload that is not here. */
export async function imagePlace(
  { store, folders }: Pick<Workbench, 'store' | 'folders'>,
  image: ImageRef,
): Promise<ImagePlace> {
  if ('uploadId' in image) return { path: await uploadPath(folders, image.uploadId) }
  const { datasetId, split, index } = image
  return { dataset: datasetRef(folders, store.datasets.find(datasetId)), split, index }
}
