/** The page that prepares a run: where it begins, what it would be, and starting it. */
import { computed, nextTick, ref, watch } from 'vue'
import type { PresetInfo } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { go, route } from '../../route.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { workbench } from '../../workbench.ts'
import { fieldsOf } from './schema.ts'
import { useDraft } from './useDraft.ts'
import { provideForm } from './useForm.ts'
import { issuesOf, usePlan } from './usePlan.ts'

/** What is changed most stands first; anything the schema adds comes after. */
const order = [
  'model',
  'training',
  'schedule',
  'optimizer',
  'loss',
  'input',
  'transforms',
  'data',
  'checkpoints',
  'backend',
]

export function useTrain() {
  const draft = useDraft()
  const catalog = useCatalogStore()
  const datasets = useDatasetsStore()
  const runs = useRunsStore()
  const settings = useSettingsStore()
  const { plan, issues, error, isAsking } = usePlan()
  const form = provideForm(issues)
  const isBusy = ref(false)
  const failure = ref('')

  const ready = computed(() => datasets.list.filter(dataset => dataset.status === 'ready'))
  const dataset = computed(() => datasets.all.get(draft.datasetId))
  const sections = computed(() => {
    const place = (path: string): number => order.indexOf(path) + 1 || order.length + 1
    const fields = fieldsOf(catalog.catalog?.config ?? {}).filter(field => field.path !== 'version')
    return fields.sort((a, b) => place(a.path) - place(b.path))
  })
  const blocked = computed(() => {
    if (!draft.config) return 'Choose a preset.'
    if (!dataset.value) return 'Choose a data set.'
    if (dataset.value.status !== 'ready') return `The data set is ${dataset.value.status}; it must be ready.`
    const count = form.all.value.length
    return count === 0 ? '' : `${count === 1 ? 'One value needs' : `${count} values need`} your attention.`
  })
  const queueText = computed(() => {
    const free = settings.concurrentRuns - runs.active.length - runs.queue.length
    if (free > 0) return 'Starts at once.'
    const atATime = settings.concurrentRuns === 1 ? 'one run trains' : `${settings.concurrentRuns} runs train`
    return `Joins the queue at place ${runs.queue.length + 1}: ${atATime} at a time.`
  })

  const choosePreset = (preset: PresetInfo): void => draft.begin(preset.config, preset.name)
  const clone = async (id: string): Promise<void> => {
    try {
      const run = await workbench().runs.get({ id })
      draft.begin(run.config, run.name)
      draft.datasetId = run.datasetId
      draft.name = ''
    } catch (thrown) {
      failure.value = thrownText(thrown)
    }
  }
  const train = async (): Promise<void> => {
    if (blocked.value !== '' || isBusy.value || !draft.config) return
    isBusy.value = true
    failure.value = ''
    try {
      const name = draft.name.trim()
      const input = { config: draft.config, datasetId: draft.datasetId, ...(name === '' ? {} : { name }) }
      const { id } = await workbench().runs.create(input)
      draft.name = ''
      go({ page: 'run', id })
    } catch (thrown) {
      const found = issuesOf(thrown)
      if (found.length > 0) issues.value = found
      else failure.value = thrownText(thrown)
    } finally {
      isBusy.value = false
    }
  }
  /** Brings the field of an issue into view, or the nearest thing that holds it. */
  const reveal = async (path: string): Promise<void> => {
    const section = document.querySelector<HTMLDetailsElement>(`[data-section="${path.split('.')[0]}"]`)
    if (section) section.open = true
    await nextTick()
    const parts = path.split('.')
    for (let length = parts.length; length > 0; length--) {
      const stem = `field-${parts.slice(0, length).join('-')}`
      const field = document.getElementById(stem) ?? document.getElementById(`${stem}-name`)
      if (!field) continue
      field.scrollIntoView({ block: 'center' })
      field.focus({ preventScroll: true })
      return
    }
    section?.scrollIntoView({ block: 'center' })
  }

  watch(
    () => route.value.query,
    query => {
      if (route.value.page !== 'train') return
      if (query['clone']) void clone(query['clone'])
      if (query['dataset']) draft.datasetId = query['dataset']
    },
    { immediate: true },
  )
  watch(
    [() => catalog.catalog, ready],
    () => {
      const found = dataset.value ?? ready.value.find(each => each.isSample) ?? ready.value[0]
      if (draft.datasetId === '' && found) draft.datasetId = found.id
      if (draft.config || route.value.query['clone']) return
      const presets = catalog.catalog?.presets ?? []
      const fitting = found?.isSample ? presets.find(preset => preset.name === 'sample') : undefined
      const preset = fitting ?? presets[0]
      if (preset) choosePreset(preset)
    },
    { immediate: true },
  )
  const shownFailure = computed(() => failure.value || error.value)
  return {
    draft,
    catalog,
    datasets,
    plan,
    form,
    sections,
    blocked,
    queueText,
    isBusy,
    isAsking,
    shownFailure,
    choosePreset,
    train,
    reveal,
  }
}
