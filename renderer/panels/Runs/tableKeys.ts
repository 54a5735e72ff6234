/** What a key does in the table of runs. */

export interface TableActions {
  readonly count: number
  readonly focused: number
  move(to: number): void
  extend(to: number): void
  open(): void
  toggle(): void
  all(): void
  none(): void
  act(name: 'trash' | 'star' | 'compare' | 'tag' | 'archive'): void
}

const pageRows = 15

/** @returns what to do; undefined for a key that means nothing here. */
export function keyAction(event: KeyboardEvent, actions: TableActions): (() => void) | undefined {
  const { focused, count } = actions
  const isMod = event.ctrlKey || event.metaKey
  const places: Readonly<Record<string, number>> = {
    ...{
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      PageDown: focused + pageRows,
      PageUp: focused - pageRows,
    },
    ...{ Home: 0, End: count - 1 },
  }
  const to = places[event.key]
  if (to !== undefined) return () => (event.shiftKey ? actions.extend(to) : actions.move(to))
  if (isMod) return event.key.toLowerCase() === 'a' ? () => actions.all() : undefined
  const keys: Readonly<Record<string, () => void>> = {
    Enter: () => actions.open(),
    ' ': () => actions.toggle(),
    Escape: () => actions.none(),
    Delete: () => actions.act('trash'),
    s: () => actions.act('star'),
    t: () => actions.act('tag'),
    c: () => actions.act('compare'),
    e: () => actions.act('archive'),
  }
  return keys[event.key]
}
