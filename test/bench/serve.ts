/** Our end of side.ts: answers requests from standard input until it ends. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A request's fields are the handler's argument. */
export type Handlers = Readonly<Record<string, (request: never) => unknown>>

export async function serve(handlers: Handlers): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...request } = JSON.parse(line) as { do: string }
    let answer: object
    try {
      const handler = handlers[what]
      if (!handler) throw new Error(`nothing answers '${what}'`)
      answer = { value: (await handler(request as never)) ?? null }
    } catch (error) {
      console.error(error)
      answer = { error: error instanceof Error ? error.message : String(error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}

/** Largest resident memory of this process so far, in bytes. */
export function peakBytes(): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
    if (found) return Number(found[1]) * 1024
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024
}
