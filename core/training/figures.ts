/** Figures of a step or a validation. */

/** Those that a state can hold: JSON knows no NaN. */
export function finiteOnly(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}
