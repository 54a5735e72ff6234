/** Simplified Chinese of this area. */

/** Files below `renderer/`, or folders with a slash at their end, whose texts are all here or in another file of this folder. */
export const covers: readonly string[] = []

export const zh: Readonly<Record<string, string>> = {}
