/** Which decoder JPEG images get: the addon, or sharp. */
import sharp from 'sharp'
import { AppError } from '../../errors/index.ts'
import type { DecoderInfo, DecoderName } from '../types.ts'
import type { JpegBinding } from './binding.ts'
import { loadJpeg } from './load.ts'

/**
 * What a choice amounts to on this machine.
 * @param wanted left out: the addon where it is there
 * @throws AppError backend-unavailable when the addon is asked for and not there
 */
export function decoderInfo(wanted?: DecoderName): DecoderInfo {
  const loaded = loadJpeg()
  if (wanted === 'sharp') return sharpInfo('it was asked for')
  if (loaded.binding) return { name: 'native', library: loaded.binding.library, problem: null }
  if (wanted === 'native') throw notThere(loaded.problem)
  return sharpInfo(`the JPEG addon is not there: ${loaded.problem}`)
}

/** The addon where it is to be used, else null. @throws AppError backend-unavailable as above */
export function jpegBinding(wanted?: DecoderName): JpegBinding | null {
  return decoderInfo(wanted).name === 'native' ? loadJpeg().binding : null
}

function sharpInfo(problem: string): DecoderInfo {
  const { sharp: version, vips } = sharp.versions
  return { name: 'sharp', library: `sharp ${version} (libvips ${vips})`, problem }
}

function notThere(problem: string): AppError {
  return new AppError('backend-unavailable', `The JPEG addon is not there: ${problem}`, {
    field: 'decoder',
    value: 'native',
  })
}
