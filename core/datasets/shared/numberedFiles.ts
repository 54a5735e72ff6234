/** Finds the images of a published set whose names are numbers, in the folder chosen or in one of its usual folders. */
import { picturesAmong } from './checkFiles.ts'
import { joinPath } from './fileName.ts'
import { folderContent, type FoundFile, type Walk } from './walk.ts'

/** An image and the number in its name. */
export interface NumberedFile extends FoundFile {
  readonly number: number
}

/**
 * Files directly in the first of `folders` that has any, in the order of their numbers.
 * @param pattern of a name; its first group is the number
 */
export async function numberedFiles(
  walk: Walk,
  folders: readonly string[],
  pattern: RegExp,
): Promise<{ readonly folder: string; readonly files: readonly NumberedFile[] } | null> {
  for (const folder of folders) {
    const content = await folderContent(walk, Buffer.from(folder)).catch(() => null)
    const files = (content?.files ?? []).flatMap(name => {
      const number = pattern.exec(name)?.[1]
      return number === undefined ? [] : [{ folder: Buffer.from(folder), name, number: Number(number) }]
    })
    if (files.length > 0) return { folder, files: files.sort((one, other) => one.number - other.number) }
  }
  return null
}

/** Those of them that are pictures; the others are told. */
export async function checkedFiles(walk: Walk, files: readonly NumberedFile[]): Promise<NumberedFile[]> {
  return picturesAmong(walk, files, 0, files.length)
}

/** All images in a folder and below, for distractors. */
export async function imagesBelow(walk: Walk, folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  const add = async (at: Buffer, depth: number): Promise<void> => {
    const content = await folderContent(walk, at).catch(() => null)
    found.push(...(content?.files ?? []).map(name => ({ folder: at, name })))
    if (depth < 4) for (const inner of content?.folders ?? []) await add(joinPath(at, inner), depth + 1)
  }
  await add(Buffer.from(folder), 0)
  return picturesAmong(walk, found, 0, found.length)
}
