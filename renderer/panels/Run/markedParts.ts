/** A text in parts, of which those that were searched for are marked. */
export interface Part {
  readonly text: string
  readonly isMarked: boolean
}

/** @param wanted in any case; none is marked where it is empty. */
export function markedParts(text: string, wanted: string): Part[] {
  const [low, sought] = [text.toLowerCase(), wanted.toLowerCase()]
  // Some letters change their length with their case; then places in one text are not those in the other.
  if (sought === '' || low.length !== text.length) return [{ text, isMarked: false }]
  const parts: Part[] = []
  let from = 0
  for (let at = low.indexOf(sought); at >= 0; at = low.indexOf(sought, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), isMarked: false })
    parts.push({ text: text.slice(at, at + sought.length), isMarked: true })
    from = at + sought.length
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), isMarked: false })
  return parts
}
