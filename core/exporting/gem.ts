/** The power of a GeM pooling, as it is when the network is exported: fixed or learned. */
import { AppError } from '../errors/index.ts'
import type { GraphNode } from '../graph/index.ts'

/** Values below it are lifted to it, so that every power is defined (Radenović et al. 2018). */
const leastValue = 1e-6

/**
 * @param values of a parameter of the node by the last part of its name
 * @returns p > 0, where a fixed 1 is the mean and Infinity the maximum, both without a floor; and the least value.
 * @throws AppError checkpoint-damaged for a p that is no positive number.
 */
export function powerOf(
  node: GraphNode,
  values: (suffix: string) => Float32Array | undefined,
): { readonly p: number; readonly floor: number; readonly isMean: boolean } {
  const learned = values('p')?.[0]
  const p = learned ?? (node.attributes as { readonly p: number }).p
  if (p > 0) return { p, floor: leastValue, isMean: p === 1 && learned === undefined }
  throw new AppError('checkpoint-damaged', `${node.name}.p: expected a number above 0, got ${p}`, {
    node: node.name,
    value: p,
  })
}
