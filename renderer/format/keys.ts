/** Names of keys as they are printed on them. */

const isMac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac')

/** `mod+enter` → `['Ctrl Enter']`, `g d` → `['g', 'd']`. */
export function keyNames(keys: string): string[] {
  return keys.split(' ').map(part => part.replace('mod+', isMac ? '⌘ ' : 'Ctrl ').replace('enter', 'Enter'))
}
