/** Sends an image that the user dropped, pasted or chose to the host, as bytes: the same address in both shells. */
import { AppError } from '../core/errors/index.ts'
import type { Reply } from '../core/contract/define.ts'

export interface UploadedImage {
  /** For `{ uploadId }` of the contract. */
  readonly id: string
  /** In pixels, as it is decoded. */
  readonly width: number
  readonly height: number
}

/** Larger ones need not be sent to be refused. */
const largestBytes = 64 * 1024 * 1024

/** Where the image of an upload is shown. */
export function uploadUrl(id: string): string {
  return `/blobs/uploads/${id}`
}

/** @throws AppError invalid-request or data-invalid for what is no image, or too large. */
export async function upload(image: Blob, signal?: AbortSignal): Promise<UploadedImage> {
  if (image.size > largestBytes) {
    const megabytes = largestBytes / 1024 / 1024
    throw new AppError('invalid-request', `The image is larger than ${megabytes} MB. Make it smaller`)
  }
  const headers = { 'content-type': 'application/octet-stream' }
  const options = { method: 'POST', headers, body: image, ...(signal ? { signal } : {}) }
  const response = await fetch('/uploads', options)
  const reply = (await response.json()) as Reply
  if (!reply.ok) throw AppError.fromReply(reply.error)
  return reply.value as UploadedImage
}

/** The first image of what was dropped or pasted; null where there is none. */
export function imageOf(data: DataTransfer | null): File | null {
  return [...(data?.files ?? [])].find(file => file.type.startsWith('image/') || file.type === '') ?? null
}
