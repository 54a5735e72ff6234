/** The run that is being prepared. It is kept by the host: it survives a reload, and all windows edit the same one. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { workbench } from '../../workbench.ts'
import { t } from '../../language/index.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { thrownText } from '../../format/errors.ts'
import type { DraftPatch, TextIssue } from '../../../core/contract/index.ts'
import { createDraftSync, type DraftContent } from './draftSync.ts'
import { isSame, setAt, type Config } from './paths.ts'
import { noSweep, type SweepDraft } from './sweep.ts'

interface Kept {
  readonly config: Config | null
  readonly base: Config
  readonly baseName: string
  readonly sweep: SweepDraft
  readonly unread: UnreadText | null
}

/** What was typed as YAML and is not in the configuration: it is being read, or has mistakes. */
interface UnreadText {
  readonly text: string
  /** The configuration that the text said last. */
  readonly said: Config
  readonly issues: readonly TextIssue[]
}

const saveAfterMs = 250

export const useDraft = defineStore('draft', () => {
  const config = shallowRef<Config | null>(null)
  /** What `reset` goes back to: the preset, or the cloned run's configuration. */
  const base = shallowRef<Config>({})
  /** Name of the preset, or of the run. */
  const baseName = ref('')
  /** What `baseName` is called on the page. */
  const baseTitle = computed(() => {
    const preset = useCatalogStore().catalog?.presets.find(each => each.name === baseName.value)
    return preset ? t(preset.title) : baseName.value
  })
  const datasetId = ref('')
  const name = ref('')
  const sweep = shallowRef<SweepDraft>(noSweep)
  /** Whether the host's draft is known; until then nothing may be put in its place. */
  const isLoaded = ref(false)
  /** As long as there is one, the configuration is not what somebody wants. */
  const unread = shallowRef<UnreadText | null>(null)
  const isEdited = computed(
    () => unread.value !== null || (config.value !== null && !isSame(config.value, base.value)),
  )

  const begin = (from: Config, label: string): void => {
    config.value = structuredClone(from)
    base.value = from
    baseName.value = label
    sweep.value = noSweep
    unread.value = null
  }
  /** Everything that `begin` replaces, to be brought back. */
  const keep = (): Kept => ({
    config: config.value,
    base: base.value,
    baseName: baseName.value,
    sweep: sweep.value,
    unread: unread.value,
  })
  const bringBack = (kept: Kept): void => {
    config.value = kept.config
    base.value = kept.base
    baseName.value = kept.baseName
    sweep.value = kept.sweep
    unread.value = kept.unread
  }

  const content = (): DraftContent => ({
    ...{ config: config.value, base: base.value, baseName: baseName.value },
    ...{ datasetId: datasetId.value, name: name.value, sweep: sweep.value },
  })
  const take = (next: DraftContent): void => {
    if (!isSame(config.value, next.config)) config.value = next.config
    if (!isSame(base.value, next.base)) base.value = next.base
    if (!isSame(sweep.value, next.sweep)) sweep.value = { ...noSweep, ...next.sweep }
    baseName.value = next.baseName
    datasetId.value = next.datasetId
    name.value = next.name
  }
  /** What another window changed since this was last dismissed: patches that take it back. */
  const foreign = shallowRef<readonly DraftPatch[]>([])
  const dismissForeign = (): void => void (foreign.value = [])
  const takeForeignBack = (): void => {
    const back = foreign.value
    dismissForeign()
    take(
      back.reduce(
        (all, { path, value }) => setAt(all, path, value),
        content() as unknown as Config,
      ) as unknown as DraftContent,
    )
  }
  const sync = createDraftSync({
    content,
    take,
    onForeign: back => {
      // The oldest value is what this window had.
      const known = new Set(foreign.value.map(({ path }) => path))
      foreign.value = [...foreign.value, ...back.filter(({ path }) => !known.has(path))]
    },
    send: input => workbench().experiments.changeDraft(input),
  })
  let saving: ReturnType<typeof setTimeout> | undefined
  const save = (): void => {
    clearTimeout(saving)
    saving = undefined
    if (!isLoaded.value) return
    sync.save().catch((thrown: unknown) => {
      if (!useConnectionStore().isAway) useToastsStore().show('error', thrownText(thrown))
    })
  }
  const load = async (): Promise<void> => {
    sync.receive(await workbench().experiments.draft({}))
    isLoaded.value = true
    save()
  }
  watch([config, base, baseName, datasetId, name, sweep, isLoaded], () => {
    saving ??= setTimeout(save, saveAfterMs)
  })
  workbench().experiments.onDraft(draft => sync.receive(draft))
  useConnectionStore().onReconnect(() => void load().catch(() => {}))
  // What was typed a moment ago must not be lost with the page.
  window.addEventListener('pagehide', save)
  void load().catch(() => {})

  return {
    ...{ keep, bringBack, config, base, baseName, baseTitle, datasetId, name, sweep, unread, begin },
    ...{ isLoaded, isEdited, save, foreign, dismissForeign, takeForeignBack },
  }
})
