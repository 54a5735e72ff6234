/** Text and form, two views of one configuration. The text that somebody is writing is never replaced under their hands. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { TextIssue } from '../../../core/contract/index.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { thrownText } from '../../format/errors.ts'
import { t } from '../../language/index.ts'
import { workbench } from '../../workbench.ts'
import { patchesBetween } from './draftSync.ts'
import { isSame, setAt, type Config } from './paths.ts'
import { useDraft } from './useDraft.ts'

const waitMs = 260

export function useYaml() {
  const draft = useDraft()
  const undo = useUndo()
  const text = ref('')
  const issues = shallowRef<readonly TextIssue[]>([])
  const error = ref('')
  const isReading = ref(false)
  /** The configuration that the text says, or last said. */
  const said = shallowRef<Config>({})
  let asked = 0
  onScopeDispose(() => asked++)

  /** Makes the text from the form. */
  const write = async (): Promise<void> => {
    const config = draft.config
    if (config === null) return
    const mine = ++asked
    try {
      const written = await workbench().experiments.explain({ config })
      if (mine !== asked) return
      text.value = written.text
      said.value = config
      issues.value = []
      error.value = ''
    } catch (thrown) {
      if (mine === asked) error.value = thrownText(thrown)
    } finally {
      if (mine === asked) isReading.value = false
    }
  }
  const read = async (): Promise<void> => {
    const mine = ++asked
    isReading.value = true
    try {
      const found = await workbench().experiments.readText({ text: text.value })
      if (mine !== asked) return
      issues.value = found.issues
      error.value = ''
      isReading.value = false
      if (found.config === null) return
      // What the text changed, so that what was changed elsewhere meanwhile stays.
      const changed = patchesBetween(said.value, found.config)
      said.value = found.config
      const merged = changed.reduce<Config>(
        (all, { path, value }) => setAt(all, path, value),
        draft.config ?? {},
      )
      if (!isSame(draft.config, merged)) draft.config = merged
      else followForm()
    } catch (thrown) {
      if (mine === asked) error.value = thrownText(thrown)
    } finally {
      if (mine === asked) isReading.value = false
    }
  }
  const readSoon = useDebounced(() => void read(), waitMs)
  const type = (typed: string): void => {
    text.value = typed
    isReading.value = true
    asked++
    readSoon()
  }
  const isOff = computed(() => !isSame(said.value, draft.config))
  /** A text with mistakes is somebody's work: it is left alone. */
  const followForm = (): void => {
    if (isOff.value && !isReading.value && issues.value.length === 0) void write()
  }
  watch(() => draft.config, followForm)
  void write()
  const discard = (): void => {
    const before = text.value
    undo.offer(t('Your text was replaced'), () => type(before))
    void write()
  }
  return { text, issues, isOff, isReading, error, type, discard, tidy: () => void write() }
}
