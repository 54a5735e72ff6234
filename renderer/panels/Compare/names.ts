/** Names of what is compared, in the reader's language. */
import type { ComparedImages } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'

export function imagesName(images: ComparedImages): string {
  switch (images) {
    case 'train':
      return t('Training images')
    case 'val':
      return t('Validation images')
    case 'test':
      return t('Test images')
    case 'query':
      return t('Query images')
    case 'gallery':
      return t('Gallery images')
    case 'own':
      return t('Images held out of training')
  }
}
