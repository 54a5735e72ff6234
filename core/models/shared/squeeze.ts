/**
 * Squeeze and excitation: each channel is weighed by a small network that has seen the means of all.
 *
 * @source Hu et al. 2018, Squeeze-and-Excitation Networks.
 */
import type { GraphBuilder, Initializer, Value } from '../../graph/index.ts'

/** @param hidden units of the small network; its layers are `${name}.fc1` and `${name}.fc2`. */
export function squeeze(
  g: GraphBuilder,
  name: string,
  input: Value,
  hidden: number,
  initializer?: Initializer,
): Value {
  const channels = g.shapeOf(input).at(-1) ?? 0
  const given = initializer ? { initializer } : {}
  const means = g.globalAvgPool(`${name}.pool`, input) // [C]
  const inner = g.relu(`${name}.relu`, g.dense(`${name}.fc1`, means, { units: hidden, ...given }))
  const factors = g.sigmoid(`${name}.gate`, g.dense(`${name}.fc2`, inner, { units: channels, ...given })) // [C]
  return g.scale(`${name}.scale`, input, factors)
}
