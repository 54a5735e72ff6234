/** Bodies of calls, which are JSON of a bounded size, and of uploads, which are bytes. */
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../core/errors/index.ts'
import { uploadType } from '../uploads.ts'

/** Largest body in bytes: a configuration is a few kilobytes. */
export const largestBody = 1024 * 1024

/** @throws AppError invalid-request */
export async function readBody(request: IncomingMessage): Promise<string> {
  checkType(request, 'application/json')
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largestBody) throw invalid(`The body is larger than ${largestBody} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** @throws AppError invalid-request */
export function checkUpload(request: IncomingMessage): void {
  checkType(request, uploadType)
}

/** A form or plain text can be sent by any site without asking first; JSON and bytes cannot. */
function checkType(request: IncomingMessage, expected: string): void {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== expected) throw invalid(`content-type: expected ${expected}, got '${type}'`)
}

function invalid(message: string): AppError {
  return new AppError('invalid-request', message)
}
