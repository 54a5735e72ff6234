/** The page that prepares a run: where it begins, what it would be, and starting it. */
import { computed, nextTick, ref, watch } from 'vue'
import type { PresetInfo } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { go, route } from '../../route.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'
import { fieldsOf } from './schema.ts'
import { fittingPreset, misfitOf } from './fitting.ts'
import { isSame } from './paths.ts'
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
  'sampler',
  'transforms',
  'mixing',
  'data',
  'start',
  'precision',
  'checkpoints',
  'backend',
]

export function useTrain() {
  const draft = useDraft()
  const catalog = useCatalogStore()
  const datasets = useDatasetsStore()
  const runs = useRunsStore()
  const settings = useSettingsStore()
  const toasts = useToastsStore()
  const connection = useConnectionStore()
  const { plan, issues, error, isAsking } = usePlan()
  const form = provideForm(issues)
  const isBusy = ref(false)
  const failure = ref('')

  const ready = computed(() => datasets.list.filter(dataset => dataset.status === 'ready'))
  /** What cannot be read is not offered, unless it is what a clone was trained on. */
  const offered = computed(() =>
    datasets.list.filter(each => each.status !== 'failed' || each.id === draft.datasetId),
  )
  const dataset = computed(() => datasets.all.get(draft.datasetId))
  const sections = computed(() => {
    const place = (path: string): number => order.indexOf(path) + 1 || order.length + 1
    const fields = fieldsOf(catalog.catalog?.config ?? {}).filter(field => field.path !== 'version')
    return fields.sort((a, b) => place(a.path) - place(b.path))
  })
  const blocked = computed(() => {
    if (connection.isAway) return 'The workbench cannot be reached.'
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

  const presets = computed(() => catalog.catalog?.presets ?? [])
  const isEdited = (): boolean => draft.config !== null && !isSame(draft.config, draft.base)
  const choosePreset = (preset: PresetInfo): void => {
    const before = draft.keep()
    const wasEdited = isEdited()
    draft.begin(preset.config, preset.name)
    if (wasEdited) {
      const text = `“${preset.title}” replaced your changes.`
      toasts.show('info', text, { label: 'Undo', run: () => draft.bringBack(before) })
    }
  }
  const misfit = computed(() =>
    draft.config ? misfitOf(dataset.value?.imageSize ?? null, draft.config, presets.value) : null,
  )
  /** Settings that nobody touched follow the data; others stay, and the page says where they do not fit. */
  const fitPreset = (): void => {
    const isPreset = draft.config === null || presets.value.some(each => each.name === draft.baseName)
    if (!isPreset || isEdited() || (draft.config && !misfit.value)) return
    const fitting = fittingPreset(dataset.value?.imageSize ?? null, presets.value)
    const preset = fitting ?? presets.value.find(each => each.name === 'sample') ?? presets.value[0]
    if (preset) choosePreset(preset)
  }
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
    () => draft.datasetId,
    () => {
      if (presets.value.length > 0) fitPreset()
    },
  )
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
    [() => catalog.catalog, ready, () => datasets.isLoaded],
    () => {
      const found = dataset.value ?? ready.value.find(each => each.isSample) ?? ready.value[0]
      if (draft.datasetId === '' && found) draft.datasetId = found.id
      if (draft.config || route.value.query['clone']) return
      if (presets.value.length > 0 && datasets.isLoaded) fitPreset()
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
    offered,
    misfit,
    choosePreset,
    train,
    reveal,
  }
}
