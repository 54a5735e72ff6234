/**
 * Keyboard shortcuts. A page registers its own while it is shown; the help overlay lists whatever is registered.
 * Keys are written `?`, `n`, `g d` (one after the other) and `mod+enter` (Ctrl, or Command on a Mac).
 */
import { onScopeDispose, shallowReactive, toValue, watch, type MaybeRefOrGetter } from 'vue'

export interface Shortcut {
  readonly keys: string
  readonly label: string
  readonly run: () => void
  /** Works while a text field has the focus, too. */
  readonly inFields?: boolean
}

export const shortcuts = shallowReactive<Shortcut[]>([])

const sequenceMs = 1200
let pending = ''
let pendingSince = 0

export function useShortcuts(own: MaybeRefOrGetter<readonly Shortcut[]>): void {
  keepListed(shortcuts, own)
}

/** Keeps some entries in a list while the scope lives, and the newest of them where they change. */
export function keepListed<Entry extends object>(
  list: Entry[],
  own: MaybeRefOrGetter<readonly Entry[]>,
): void {
  let listed: readonly Entry[] = []
  const forget = (): void => {
    for (const entry of listed) list.splice(list.indexOf(entry), 1)
    listed = []
  }
  watch(
    () => toValue(own),
    next => {
      forget()
      list.push(...next)
      listed = next
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(forget)
}

/** Called once, with the window. */
export function listenForShortcuts(target: Window): void {
  target.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.altKey) return
    if (event.key === 'Escape') leaveField(event.target)
    const isMod = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    const now = Date.now()
    const typed = isMod
      ? `mod+${key}`
      : now - pendingSince < sequenceMs && pending !== ''
        ? `${pending} ${key}`
        : key
    const found = shortcuts.findLast(each => each.keys === typed)
    pending = !isMod && shortcuts.some(each => each.keys.startsWith(`${key} `)) ? key : ''
    pendingSince = now
    if (!found || (isField(event.target) && found.inFields !== true) || isDialogOpen(target.document)) return
    event.preventDefault()
    found.run()
  })
}

/** Escape empties a search first; from anywhere else it gives the keys back to the page. A dialog it closes. */
function leaveField(target: EventTarget | null): void {
  if (!isField(target) || (target as HTMLElement).closest('dialog') !== null) return
  const { type, value } = target as HTMLInputElement
  if (type !== 'search' || value === '') (target as HTMLElement).blur()
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox], [type=radio], [type=range]), textarea, select') !== null
  )
}

function isDialogOpen(document: Document): boolean {
  return document.querySelector('dialog[open]') !== null
}
