/** Reads the body of a call: JSON only, of a bounded size. */
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../core/errors/index.ts'

/** Largest body in bytes: a configuration is a few kilobytes. */
export const largestBody = 1024 * 1024

/** @throws AppError invalid-request */
export async function readBody(request: IncomingMessage): Promise<string> {
  // A form or plain text can be sent by any site without asking first; JSON cannot.
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw invalid(`content-type: expected application/json, got '${type}'`)
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largestBody) throw invalid(`The body is larger than ${largestBody} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function invalid(message: string): AppError {
  return new AppError('invalid-request', message)
}
