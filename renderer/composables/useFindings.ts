/** What the command palette offers for some letters: pages, the newest runs, commands, the other things; best first. */
import { computed, type ComputedRef, type Ref } from 'vue'
import type { IconName } from '../components/icons.ts'
import { keyNames } from '../format/keys.ts'
import { datasetTitle } from '../format/datasetNames.ts'
import { t } from '../language/index.ts'
import { go } from '../route.ts'
import { useDatasetsStore } from '../stores/datasets.ts'
import { useRunsStore } from '../stores/runs.ts'
import { commands } from './useCommands.ts'
import { shortcuts } from './useShortcuts.ts'

export interface Finding {
  readonly key: string
  readonly label: string
  /** What sort of thing it is. */
  readonly kind: string
  readonly icon: IconName
  readonly keys: readonly string[]
  run(): void
}

const shown = 60
/** Runs that stand before commands: whoever opens the palette to look at one mostly means one of these. */
const recent = 5

export function useFindings(wanted: Readonly<Ref<string>>): ComputedRef<Finding[]> {
  const runs = useRunsStore()
  const datasets = useDatasetsStore()
  const things = computed<Finding[]>(() => {
    const foundShortcuts = shortcuts.map(({ label, keys, run }) => ({
      ...{ key: `s ${label}`, label, kind: '', icon: 'right' as const, keys: keyNames(keys), run },
      isPlace: keys.startsWith('g '),
    }))
    const foundCommands = commands.map(({ label, run, isLast = false }) => ({
      ...{ key: `c ${label}`, label, kind: '', icon: 'right' as const, keys: [], run },
      isLast,
    }))
    const foundRuns = runs.list.map(({ id, name, model }) => ({
      ...{ key: `r ${id}`, label: name, kind: t('run, {model}', { model }), icon: 'runs' as const, keys: [] },
      run: () => go({ page: 'run', id }),
    }))
    const foundDatasets = datasets.list.map(({ id, name }) => ({
      ...{ key: `d ${id}`, label: datasetTitle(name), kind: t('data set'), icon: 'data' as const, keys: [] },
      run: () => go({ page: 'data', id }),
    }))
    return [
      ...foundShortcuts.filter(each => each.isPlace),
      ...foundRuns.slice(0, recent),
      ...foundCommands.filter(each => !each.isLast),
      ...foundShortcuts.filter(each => !each.isPlace),
      ...foundDatasets,
      ...foundCommands.filter(each => each.isLast),
      ...foundRuns.slice(recent),
    ]
  })
  return computed(() => rank(things.value, wanted.value).slice(0, shown))
}

/** Those that hold every word, sooner where a word begins one of theirs; all of them for no words. */
export function rank<Thing extends Pick<Finding, 'label' | 'kind'>>(
  things: readonly Thing[],
  wanted: string,
): Thing[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  if (words.length === 0) return [...things]
  return things
    .map(thing => ({ thing, score: scoreOf(`${thing.label} ${thing.kind}`.toLowerCase(), words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ thing }) => thing)
}

function scoreOf(text: string, words: readonly string[]): number {
  let score = 0
  for (const word of words) {
    const at = text.indexOf(word)
    if (at < 0) return 0
    const begins = at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]!)
    score += 1 + (at === 0 ? 2 : begins ? 1 : 0)
  }
  return score
}
