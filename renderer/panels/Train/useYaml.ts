/** Text and form, two views of one configuration. The text that somebody is writing is never replaced under their hands. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useDebounced } from '../../composables/useDebounced.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { thrownText } from '../../format/errors.ts'
import { t } from '../../language/index.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import { patchesBetween } from './draftSync.ts'
import { isSame, setAt, type Config } from './paths.ts'
import { useDraft } from './useDraft.ts'

const waitMs = 260

export function useYaml() {
  const draft = useDraft()
  const undo = useUndo()
  /** The text of `said`; what is typed since is the draft's, so that it outlives this view and the page. */
  const written = ref('')
  /** The configuration that the text says. */
  const said = shallowRef<Config>({})
  const text = computed(() => draft.unread?.text ?? written.value)
  const issues = computed(() => draft.unread?.issues ?? [])
  const error = ref('')
  const isReading = ref(false)
  let asked = 0

  /** Makes the text from the form. */
  const write = async (): Promise<void> => {
    const config = draft.config
    if (config === null) return
    const mine = ++asked
    try {
      const explained = await workbench().experiments.explain({ config })
      if (mine !== asked) return
      written.value = explained.text
      said.value = config
      draft.unread = null
      error.value = ''
    } catch (thrown) {
      if (mine === asked) error.value = thrownText(thrown)
    } finally {
      if (mine === asked) isReading.value = false
    }
  }
  const read = async (): Promise<void> => {
    const { unread } = draft
    if (unread === null) return
    const mine = ++asked
    isReading.value = true
    try {
      const found = await workbench().experiments.readText({ text: unread.text })
      if (draft.unread?.text !== unread.text) return
      error.value = ''
      if (found.config === null) {
        draft.unread = { ...unread, issues: found.issues }
        return
      }
      // What the text changed, so that what was changed elsewhere meanwhile stays.
      const changed = patchesBetween(unread.said, found.config)
      written.value = unread.text
      said.value = found.config
      draft.unread = null
      isReading.value = false
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
    draft.unread = { said: said.value, issues: [], ...draft.unread, text: typed }
    isReading.value = true
    asked++
    readSoon()
  }
  const isOff = computed(() => !isSame(draft.unread?.said ?? said.value, draft.config))
  /** A text with mistakes is somebody's work: it is left alone. */
  const followForm = (): void => {
    if (isOff.value && !isReading.value && draft.unread === null) void write()
  }
  watch([() => draft.config, () => draft.unread], followForm)
  useConnectionStore().onReconnect(() => void read())
  // What was typed a moment ago counts, too, though the view is left.
  onScopeDispose(() => {
    if (isReading.value) void read()
  })
  if (draft.unread) void read()
  else void write()

  const discard = (): void => {
    const before = text.value
    undo.offer(t('Your text was replaced'), () => type(before))
    void write()
  }
  return { text, issues, isOff, isReading, error, type, discard, tidy: () => void write() }
}
