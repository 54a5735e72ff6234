/** Failures as text for the page: the message, and the remedy where the details carry one of their own. */

export interface FailureLike {
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export function errorText(failure: FailureLike): string {
  const remedy = failure.details?.['remedy']
  if (typeof remedy !== 'string' || remedy === '' || failure.message.includes(remedy)) return failure.message
  return `${failure.message.replace(/[.\s]*$/, '')}. ${remedy}`
}

/** The failure inside anything that was thrown. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return errorText(thrown as Error & FailureLike)
  return String(thrown)
}
