/** Names may hold markup: in a report they are text. */
const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, sign => entities[sign]!)
}
