/** Rows with aligned columns. */

/**
 * @param head names of the columns; a name that ends in `>` is aligned to the right, without the mark.
 * @param rows cells, one text per column.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isRight = head.map(name => name.endsWith('>'))
  const names = head.map(name => name.replace(/>$/, ''))
  const widths = names.map((name, column) =>
    Math.max(name.length, ...rows.map(row => width(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    widths
      .map((size, column) => {
        const cell = cells[column] ?? ''
        const space = ' '.repeat(Math.max(0, size - width(cell)))
        return isRight[column] ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(names), ...rows.map(line)].join('\n')
}

/** Characters, not code units, so that an emoji in a name moves nothing. */
function width(text: string): number {
  return [...text].length
}
