/** The page that prepares a run: where it begins, what it would be, and starting it. */
import { computed, nextTick, ref, watch } from 'vue'
import type { PresetInfo } from '../../../core/contract/index.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { thrownText } from '../../format/errors.ts'
import { t, tn } from '../../language/index.ts'
import { refine, route } from '../../route.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { workbench } from '../../workbench.ts'
import { fieldTitles } from './fieldNames.ts'
import { fieldsOf } from './schema.ts'
import { fitBatch, fittingPreset, misfitOf, trainImages } from './fitting.ts'
import { getAt, isSame, setAt, type Config } from './paths.ts'
import { useDraft } from './useDraft.ts'
import { provideForm } from './useForm.ts'
import { usePlan } from './usePlan.ts'
import { useStart } from './useStart.ts'
import { useSweepPlan } from './useSweepPlan.ts'

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
  'device',
]

const views = ['form', 'yaml', 'difference'] as const
export type View = (typeof views)[number]

export function useTrain() {
  const draft = useDraft()
  const catalog = useCatalogStore()
  const datasets = useDatasetsStore()
  const undo = useUndo()
  const connection = useConnectionStore()
  const { plan, issues, error, isAsking } = usePlan()
  const form = provideForm(issues)
  const sweep = useSweepPlan()
  const failure = ref('')

  const ready = computed(() => datasets.list.filter(dataset => dataset.status === 'ready'))
  /** What cannot be read is not offered, unless it is what a clone was trained on. */
  const offered = computed(() =>
    datasets.list.filter(each => each.status !== 'failed' || each.id === draft.datasetId),
  )
  const view = computed<View>({
    get: () => views.find(each => each === route.value.query['view']) ?? 'form',
    set: next => refine({ view: next === 'form' ? '' : next }),
  })
  const dataset = computed(() => datasets.all.get(draft.datasetId))
  const sections = computed(() => {
    const place = (path: string): number => order.indexOf(path) + 1 || order.length + 1
    const fields = fieldsOf(catalog.catalog?.config ?? {}).filter(field => field.path !== 'version')
    return fields.sort((a, b) => place(a.path) - place(b.path))
  })
  const titles = computed(() => fieldTitles(sections.value, draft.config, family => catalog.entries(family)))
  const blocked = computed(() => {
    if (connection.isAway) return t('The workbench cannot be reached.')
    if (!draft.config) return t('Choose a preset.')
    if (!dataset.value) return t('Choose a data set.')
    if (dataset.value.status !== 'ready')
      return t('The data set must be ready; it is: {status}.', {
        status: datasetStatus(dataset.value.status),
      })
    if (draft.unread)
      return draft.unread.issues.length === 0
        ? t('The text is being read…')
        : tn(
            draft.unread.issues.length,
            'Your YAML text has {count} mistake, and training goes by it: correct or discard it.',
            'Your YAML text has {count} mistakes, and training goes by it: correct or discard it.',
          )
    const count = form.all.value.length + (sweep.isOn.value ? (sweep.sweep.value?.issues.length ?? 0) : 0)
    if (count > 0) return tn(count, 'One value needs your attention.', '{count} values need your attention.')
    return sweep.isOn.value && (sweep.isAsking.value || sweep.runCount.value === 0)
      ? t('Counting the runs…')
      : ''
  })
  const start = useStart({ blocked, issues, isSweep: sweep.isOn, runCount: sweep.runCount })

  const presets = computed(() => catalog.catalog?.presets ?? [])
  const chosen = computed(() => presets.value.find(each => each.name === draft.baseName))
  /** What is taken of a preset: its batch goes by the images that there are. */
  const fitted = (config: Config): Config =>
    dataset.value ? fitBatch(config, trainImages(dataset.value, config)) : config
  const choosePreset = (preset: PresetInfo): void => {
    const before = draft.keep()
    const wasEdited = draft.isEdited
    draft.begin(fitted(preset.config), preset.name)
    if (wasEdited)
      undo.offer(t('“{name}” replaced your changes.', { name: t(preset.title) }), () =>
        draft.bringBack(before),
      )
  }
  /** What was changed in the preset for want of images; empty where nothing was. */
  const batchNotice = computed(() => {
    const path = 'training.batchSize'
    const [own, batch] = [getAt(chosen.value?.config, path), getAt(draft.base, path)]
    if (!dataset.value || own === undefined || own === batch || getAt(draft.config, path) !== batch) return ''
    return t(
      '“{name}” trains with batches of {own}; as this data set has {count} images to train on, the batch size is {batch}, and the learning rate goes with it.',
      {
        ...{ name: draft.baseTitle, own: Number(own), batch: Number(batch) },
        count: trainImages(dataset.value, draft.base),
      },
    )
  })
  const misfit = computed(() =>
    draft.config
      ? misfitOf(dataset.value?.imageSize ?? null, draft.config, presets.value, draft.baseName)
      : null,
  )
  /** Does what the notice of a misfit proposes. */
  const refit = (): void => {
    if (!misfit.value) return
    if (!misfit.value.isChosen) return choosePreset(misfit.value.preset)
    const before = draft.keep()
    draft.config = setAt(draft.config ?? {}, 'input', structuredClone(draft.base['input']))
    undo.offer(t('The input is that of {name} again', { name: draft.baseTitle }), () =>
      draft.bringBack(before),
    )
  }
  /** Settings that nobody touched follow the data; others stay, and the page says where they do not fit. */
  const fitPreset = (): void => {
    const isPreset = draft.config === null || chosen.value !== undefined
    if (!isPreset || draft.isEdited) return
    const preset = draft.config && !misfit.value ? chosen.value : suited()
    if (!preset) return
    const config = fitted(preset.config)
    if (preset.name !== draft.baseName || !isSame(config, draft.base)) draft.begin(config, preset.name)
  }
  const suited = (): PresetInfo | undefined =>
    fittingPreset(dataset.value?.imageSize ?? null, presets.value) ??
    presets.value.find(each => each.name === 'sample') ??
    presets.value[0]
  /** Somebody comes from a data set to train on it: what was prepared for other data makes room, and can be brought back. */
  const trainOn = (id: string): void => {
    const before = { ...draft.keep(), datasetId: draft.datasetId, title: draft.baseTitle }
    const { isEdited } = draft
    draft.datasetId = id
    fitPreset()
    const isOwn = draft.config !== null && (isEdited || chosen.value === undefined)
    // What somebody has edited for this data set already is as they want it.
    if (!isOwn || !dataset.value || (isEdited && id === before.datasetId)) return
    const batch = Number(getAt(draft.config, 'training.batchSize'))
    const count = trainImages(dataset.value, draft.config ?? {})
    const preset = suited()
    let said = ''
    if (misfit.value && preset) {
      draft.begin(fitted(preset.config), preset.name)
      said = isEdited
        ? t('“{name}” replaced your changes.', { name: t(preset.title) })
        : t('“{name}” took the place of “{before}”.', { name: t(preset.title), before: before.title })
    } else if (batch > count && count > 0) {
      draft.config = fitted(draft.config ?? {})
      said = t('The batch size is {batch}: there are {count} images to train on.', {
        ...{ batch: Number(getAt(draft.config, 'training.batchSize')), count },
      })
    }
    if (said === '') return
    undo.offer(said, () => {
      draft.bringBack(before)
      draft.datasetId = before.datasetId
    })
  }
  /** Begins with the weights of a checkpoint. */
  const startFrom = async (id: string): Promise<void> => {
    const { path } = await workbench().checkpoints.get({ id })
    const { start: before, ...rest } = draft.config ?? {}
    draft.config = { ...rest, start: { ...(before as object | undefined), weights: path } }
  }
  const clone = async (id: string, checkpointId: string): Promise<void> => {
    try {
      const run = await workbench().runs.get({ id })
      const before = { ...draft.keep(), datasetId: draft.datasetId, name: draft.name }
      const wasEdited = draft.isEdited
      draft.begin(run.config, run.name)
      if (checkpointId !== '') await startFrom(checkpointId)
      draft.datasetId = run.datasetId
      draft.name = ''
      if (!wasEdited) return
      undo.offer(t('“{name}” replaced your changes.', { name: run.name }), () => {
        draft.bringBack(before)
        draft.datasetId = before.datasetId
        draft.name = before.name
      })
    } catch (thrown) {
      failure.value = thrownText(thrown)
    }
  }
  /** Brings the field of an issue into view, or the nearest thing that holds it. */
  const reveal = async (path: string): Promise<void> => {
    form.text.value = ''
    form.changedOnly.value = false
    view.value = 'form'
    await nextTick()
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
      if (draft.isLoaded && presets.value.length > 0) fitPreset()
    },
  )
  // Taken once, and out of the address: a reload must not undo what was edited since.
  watch(
    [() => route.value.query, () => draft.isLoaded && datasets.isLoaded && presets.value.length > 0] as const,
    ([query, isLoaded]) => {
      if (route.value.page !== 'train' || !isLoaded) return
      const { clone: cloned = '', dataset: wanted = '', weights = '', field = '' } = query
      if (cloned === '' && wanted === '') return
      refine({ clone: '', dataset: '', weights: '', field: '' })
      if (cloned !== '') void clone(cloned, weights).then(() => (field === '' ? undefined : reveal(field)))
      if (wanted !== '') trainOn(wanted)
    },
    { immediate: true },
  )
  watch(
    [() => catalog.catalog, ready, () => datasets.isLoaded, () => draft.isLoaded],
    () => {
      if (!draft.isLoaded || !datasets.isLoaded) return
      const found = dataset.value ?? ready.value.find(each => each.isSample) ?? ready.value[0]
      if (!dataset.value && found) draft.datasetId = found.id
      if (draft.config === null && presets.value.length > 0) fitPreset()
    },
    { immediate: true },
  )
  const shownFailure = computed(() => failure.value || start.failure.value || error.value)
  return {
    ...{ draft, catalog, datasets, dataset, plan, form, sections, titles, view, blocked, offered, misfit },
    ...{ sweep, start, isAsking, shownFailure, choosePreset, refit, reveal, batchNotice },
  }
}

export function datasetStatus(status: string): string {
  const words: Readonly<Record<string, string>> = {
    scanning: t('being scanned'),
    ready: t('ready'),
    failed: t('cannot be read'),
    missing: t('its folder is gone'),
  }
  return words[status] ?? status
}
