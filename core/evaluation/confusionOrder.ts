/** An order of classes in which those that are taken for each other stand beside each other. */

/** Above this the order would take too long; the classes keep their own. */
const mostClasses = 3000

/**
 * Average-linkage clustering of classes by the share of their images that the two take for each other; the leaves of the tree from
 * left to right, each pair of branches turned so that the ends that touch are the most alike.
 *
 * @param cells true class, predicted class, count, one after the other
 * @source Müllner 2011, Modern hierarchical, agglomerative clustering algorithms: the nearest-neighbour chain.
 */
export function confusionOrder(cells: Int32Array, classCount: number): Int32Array {
  const plain = Int32Array.from({ length: classCount }, (_, label) => label)
  if (classCount < 3 || classCount > mostClasses) return plain
  return leafOrder(sharedErrors(cells, classCount), classCount)
}

/** Symmetric: of the images of two classes, the shares that are taken for the other, [classCount, classCount]. */
function sharedErrors(cells: Int32Array, classCount: number): Float32Array {
  const totals = new Float64Array(classCount)
  for (let at = 0; at < cells.length; at += 3) totals[cells[at]!]! += cells[at + 2]!
  const shared = new Float32Array(classCount * classCount)
  for (let at = 0; at < cells.length; at += 3) {
    const [truth, predicted, count] = [cells[at]!, cells[at + 1]!, cells[at + 2]!]
    if (truth === predicted) continue
    shared[truth * classCount + predicted]! += count / totals[truth]!
    shared[predicted * classCount + truth]! += count / totals[truth]!
  }
  return shared
}

function leafOrder(original: Float32Array, classCount: number): Int32Array {
  const likeness = original.slice()
  const leaves: (number[] | null)[] = Array.from({ length: classCount }, (_, label) => [label])
  const nearest = (own: number, before: number): number => {
    // The one before in the chain wins a draw, or the chain would go round in circles.
    let [best, most] = [before, before >= 0 ? likeness[own * classCount + before]! : -1]
    for (let other = 0; other < classCount; other++) {
      if (other === own || leaves[other] === null) continue
      const value = likeness[own * classCount + other]!
      if (value > most) [best, most] = [other, value]
    }
    return best
  }
  const chain: number[] = []
  for (let merges = 0; merges < classCount - 1;) {
    if (chain.length === 0) chain.push(leaves.findIndex(each => each !== null))
    const own = chain.at(-1)!
    const next = nearest(own, chain.at(-2) ?? -1)
    if (next !== chain.at(-2)) {
      chain.push(next)
      continue
    }
    chain.splice(-2)
    const [keep, gone] = own < next ? [own, next] : [next, own]
    const [sizeKeep, sizeGone] = [leaves[keep]!.length, leaves[gone]!.length]
    for (let other = 0; other < classCount; other++) {
      const mean =
        (sizeKeep * likeness[keep * classCount + other]! + sizeGone * likeness[gone * classCount + other]!) /
        (sizeKeep + sizeGone)
      likeness[keep * classCount + other] = mean
      likeness[other * classCount + keep] = mean
    }
    leaves[keep] = joined(leaves[keep]!, leaves[gone]!, (a, b) => original[a * classCount + b]!)
    leaves[gone] = null
    merges++
  }
  return Int32Array.from(leaves.find(each => each !== null)!)
}

/** Two branches beside each other, turned so that the leaves that touch are the most alike. */
function joined(
  one: readonly number[],
  other: readonly number[],
  likeness: (a: number, b: number) => number,
): number[] {
  const ways = [
    { left: one, right: other },
    { left: one, right: other.toReversed() },
    { left: one.toReversed(), right: other },
    { left: one.toReversed(), right: other.toReversed() },
  ]
  const alike = ways.map(({ left, right }) => likeness(left.at(-1)!, right[0]!))
  const { left, right } = ways[alike.indexOf(Math.max(...alike))]!
  return [...left, ...right]
}
