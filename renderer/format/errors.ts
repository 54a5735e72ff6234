/** Failures as text for the page: the message, and the remedy where the details carry one of their own. */

import { t } from '../language/index.ts'
import { said } from '../language/said.ts'

export interface FailureLike {
  readonly message: string
  readonly code?: string
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

const titles = (): Readonly<Record<string, string>> => ({
  'backend-unavailable': t('The compute backend cannot be used'),
  'checkpoint-damaged': t('The checkpoint is damaged'),
  'checkpoint-mismatch': t('The checkpoint does not fit'),
  'data-invalid': t('The data is not as its format says'),
  'data-unreadable': t('The data cannot be read'),
  'disk-full': t('The disk is full'),
  'invalid-config': t('The configuration is not valid'),
  'not-finite': t('The loss is no longer a number'),
  'out-of-memory': t('The memory did not suffice'),
  'trainer-lost': t('The trainer ended unexpectedly'),
  internal: t('A defect of the workbench stopped it'),
})

/** What happened, in a few words. */
export function errorTitle(failure: FailureLike, fallback: string): string {
  if (failure.details?.['field'] === 'data.maxBadFraction') return t('Too many images cannot be decoded')
  return titles()[failure.code ?? ''] ?? fallback
}

export function errorText(failure: FailureLike): string {
  const remedy = failure.details?.['remedy']
  if (typeof remedy !== 'string' || remedy === '' || says(failure.message, remedy))
    return said(failure.message)
  return said(`${failure.message.replace(/[.\s]*$/, '')}. ${remedy}`)
}

/** The first sentence, and what follows it. A full stop inside a file name or number ends no sentence. */
export function firstSentence(text: string): { readonly first: string; readonly rest: string } {
  const end = /[.;]\s+(?=\S)/.exec(text)
  if (!end) return { first: text, rest: '' }
  return { first: `${text.slice(0, end.index)}.`, rest: text.slice(end.index + end[0].length) }
}

/** The failure inside anything that was thrown. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return errorText(thrown as Error & FailureLike)
  return String(thrown)
}

/** Whether a message contains the remedy already, in whatever case and with or without its full stop. */
function says(message: string, remedy: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/\s+/g, ' ')
      .replace(/[.\s]*$/, '')
  return plain(message).includes(plain(remedy))
}
