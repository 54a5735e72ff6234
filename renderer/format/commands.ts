/** Commands as they can be typed in the folder of the workbench. */

/** @param words such as `open` or `resume run-3`. */
export function command(words: string): string {
  return `npm run -s multigrain -- ${words}`
}

export const openCommand = command('open')
