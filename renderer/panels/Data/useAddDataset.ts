/** The form that adds a data set: path, name, format, and what the host has to say about them. */
import { computed, reactive, ref } from 'vue'
import type { DatasetSummary } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { t } from '../../language/index.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { useSystemStore } from '../../stores/system.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'

export function useAddDataset(added: () => void) {
  const form = reactive({ path: '', name: '', reader: 'auto' })
  const error = ref('')
  const isBusy = ref(false)
  const system = useSystemStore()
  const catalog = useCatalogStore()
  const datasets = useDatasetsStore()
  const toasts = useToastsStore()
  const readers = computed(() => catalog.entries('reader'))
  const chosenReader = computed(() => readers.value.find(reader => reader.name === form.reader))
  const canChoose = computed(() => system.info?.canChooseFolder === true)

  /** A page in a browser looks through the folders itself. */
  const isPicking = ref(false)
  const choose = async (): Promise<void> => {
    if (!canChoose.value) {
      isPicking.value = !isPicking.value
      return
    }
    const { path } = await workbench().system.chooseFolder({ title: t('Folder of the data set') })
    if (path !== null) form.path = path
  }
  const submit = async (): Promise<void> => {
    error.value = ''
    const path = form.path.trim()
    if (path === '') {
      error.value = t('Enter the full path of a folder on the machine that runs the workbench.')
      return
    }
    const home = /^~(?=\/|\\|$)/.exec(path)
    if (home) {
      error.value = t('“~” is not expanded here. Enter the full path, such as {path}.', {
        path: `/home/me${path.slice(1)}`,
      })
      return
    }
    isBusy.value = true
    const before = new Map(datasets.all)
    try {
      const name = form.name.trim()
      const { id } = await workbench().datasets.add({
        path,
        reader: form.reader,
        ...(name === '' ? {} : { name }),
      })
      Object.assign(form, { path: '', name: '', reader: 'auto' })
      isPicking.value = false
      const known = before.get(id)
      if (known) toasts.show('info', knownText(known))
      else toasts.show('success', t('Data set added'))
      added()
    } catch (failure) {
      // The message names the field as the call does; it stands beside the field already.
      error.value = thrownText(failure).replace(/^path:\s*/, `${t('Folder or file')}: `)
    } finally {
      isBusy.value = false
    }
  }
  const takeFile = (file: File): void => {
    const path = window.workbench?.pathForFile(file) ?? ''
    error.value = ''
    if (path !== '') form.path = path
    else {
      error.value = t(
        'A browser does not tell where “{name}” lies. Choose it below, or enter its full path.',
        {
          name: file.name,
        },
      )
      isPicking.value = true
    }
  }
  const pick = (path: string): void => {
    form.path = path
    error.value = ''
    isPicking.value = false
  }
  return { form, error, isBusy, isPicking, readers, chosenReader, choose, pick, submit, takeFile }
}

function knownText({ name, status }: DatasetSummary): string {
  return status === 'failed'
    ? t('This folder is already known as “{name}”. It is scanned again.', { name })
    : t('This folder is already known as “{name}”.', { name })
}
