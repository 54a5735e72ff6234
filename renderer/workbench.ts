/** The one client of the page: `workbench().runs.list({})`. Set once at start, and by tests with a link of their own. */
import { client } from '../core/contract/client.ts'
import type { Client, Link, WorkbenchContract } from '../core/contract/index.ts'

export type Workbench = Client<WorkbenchContract>

let current: Workbench | null = null

export function connectWorkbench(link: Link): Workbench {
  current = client<WorkbenchContract>(link)
  return current
}

export function workbench(): Workbench {
  if (!current) throw new Error('The workbench is not connected')
  return current
}
