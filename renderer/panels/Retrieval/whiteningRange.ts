/** How many components a whitening may keep, given the images that it is learned from. */

/** Fewer images for each component than this tell noise from variance badly. */
const enoughEach = 4

export interface WhiteningRange {
  /** Images span one direction fewer than they are. */
  readonly most: number
  /** What is taken at first: as many as the images tell well. */
  readonly usual: number
}

export function whiteningRange({ count, width }: { count: number; width: number }): WhiteningRange {
  const most = Math.max(1, Math.min(width, count - 1))
  return { most, usual: Math.max(1, Math.min(most, Math.floor(count / enoughEach))) }
}

/** Whether so many components are more than the images tell well. */
export function isThin(count: number, components: number): boolean {
  return count < enoughEach * components
}
