/** Names of data sets as they are shown. */
import { t } from '../language/index.ts'

/** As the host calls the sample, as long as the user does not. */
const sampleName = 'Sample: MNIST digits'

/** What the user named stays as it is; the sample is named in the language of the page. */
export function datasetTitle(name: string): string {
  return name === sampleName ? t('Sample: MNIST digits') : name
}
