/** What a page offers in the command palette while it is shown. Shortcuts stand there too, by themselves. */
import { computed, shallowReactive, toValue, type MaybeRefOrGetter } from 'vue'
import { keepListed, useShortcuts, type Shortcut } from './useShortcuts.ts'

export interface Command {
  readonly label: string
  readonly run: () => void
  /** Asked for rarely, from anywhere: it stands behind the rest. */
  readonly isLast?: boolean
  /** A shortcut as useShortcuts writes it; none when left out. */
  readonly keys?: string
}

export const commands = shallowReactive<Command[]>([])

export function useCommands(own: MaybeRefOrGetter<readonly Command[]>): void {
  keepListed(
    commands,
    computed(() => toValue(own).filter(command => command.keys === undefined)),
  )
  useShortcuts(
    computed(() => toValue(own).filter((command): command is Shortcut => command.keys !== undefined)),
  )
}
