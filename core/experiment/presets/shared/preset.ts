/** A ready configuration with its origin. */
export interface Preset {
  readonly name: string
  readonly title: string
  readonly summary: string
  /** Paper, script or recipe that the values come from. */
  readonly source: string
  /** What differs from the defaults; `parseConfig` completes it. */
  readonly config: Readonly<Record<string, unknown>>
}
