/** Starts a child when the process may open no further file, and prints how that ended. To be run with a small limit. */
import { closeSync, openSync } from 'node:fs'
import { Child } from '../../../main/supervision/child.ts'

const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  // None is left.
}
const child = new Child({
  ...{ entry: 'none.ts', name: 'trainer', reportFolder: '/tmp', onMessage: () => {} },
  onExit(end) {
    for (const file of taken) closeSync(file)
    console.log(JSON.stringify({ pid: child.pid, message: end.error?.message }))
  },
  report: error => console.error(error),
})
