/** Looks an operation up by its name in a graph. */
import { AppError } from '../errors/index.ts'
import { ops } from './ops/index.ts'
import type { Op } from './ops/shared/op.ts'

const byName = new Map<string, Op>(ops.map(op => [op.name, op]))

/** @throws AppError unknown-name, listing the known operations. */
export function operation(name: string): Op {
  const found = byName.get(name)
  if (found) return found
  const known = [...byName.keys()]
  throw new AppError('unknown-name', `Unknown operation '${name}'. Known: ${known.join(', ')}`, {
    value: name,
    known,
  })
}
