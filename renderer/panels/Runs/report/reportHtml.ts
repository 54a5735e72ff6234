/** A report of runs as one HTML file that needs nothing else: no script, no network, no workbench. */
import type { Checkpoint, Evaluation, Run } from '../../../../core/contract/index.ts'
import { bytes, count, percent, value as number } from '../../../format/numbers.ts'
import { duration, moment } from '../../../format/times.ts'
import { language, t } from '../../../language/index.ts'
import { curveSvg, lineColors, type ReportLine } from './curveSvg.ts'
import { escape } from './escape.ts'
import { settingRows } from './settingRows.ts'

export interface ReportedRun {
  readonly run: Run
  /** By series, such as `val/top1`: points of step and value. */
  readonly curves: ReadonlyMap<string, readonly (readonly [number, number])[]>
  readonly checkpoints: readonly Checkpoint[]
  readonly evaluations: readonly Evaluation[]
}

export interface ReportParts {
  readonly title: string
  /** Of whoever writes it, before everything else. */
  readonly text: string
  readonly hasCurves: boolean
  readonly hasSettings: boolean
  readonly hasCheckpoints: boolean
  readonly hasNotes: boolean
}

/** Series that a report shows, with how their values read. */
export const reportedSeries: readonly {
  readonly name: string
  readonly format: (value: number) => string
}[] = [
  { name: 'train/loss', format: number },
  { name: 'val/loss', format: number },
  { name: 'val/top1', format: value => percent(value) },
  { name: 'val/top5', format: value => percent(value) },
  { name: 'train/lr', format: number },
]

export function reportHtml(runs: readonly ReportedRun[], parts: ReportParts, madeAt: number): string {
  const body = [
    `<h1>${escape(parts.title)}</h1>`,
    `<p class="faint">${escape(t('Made by Multigrain Workbench on {time}', { time: moment(madeAt) }))}</p>`,
    ...paragraphs(parts.text),
    figures(runs),
    ...(parts.hasCurves ? [curves(runs)] : []),
    ...(parts.hasSettings ? [settings(runs)] : []),
    ...(parts.hasCheckpoints ? [checkpoints(runs), evaluations(runs)] : []),
    ...(parts.hasNotes ? [notes(runs)] : []),
  ]
  return `<!doctype html>
<html lang="${language.value}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(parts.title)}</title><style>${styles}</style></head>
<body>${body.filter(part => part !== '').join('\n')}</body></html>
`
}

const styles = `:root{color-scheme:light}body{max-width:1180px;margin:32px auto;padding:0 24px;font:14px/1.5 system-ui,sans-serif;color:#1a1e27;background:#fff}
h1{font-size:26px;margin:0}h2{margin:32px 0 8px;font-size:18px}h3{margin:12px 0 4px;font-size:14px}table{border-collapse:collapse;font-size:13px}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid #d9dde5;text-align:left;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.faint{color:#5c6675}.scroll{overflow-x:auto}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:18px}
svg{width:100%;height:auto;font:11px system-ui,sans-serif;fill:#5c6675}.grid{stroke:#e4e7ed}.key{display:inline-block;width:14px;height:4px;margin:0 6px 3px 0;border-radius:2px}
.legend span{margin-right:16px}.differs td{background:#fdf6e3}pre{white-space:pre-wrap;font:inherit}code{font:12px ui-monospace,monospace}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}svg,tr{break-inside:avoid}}`

function table(head: readonly string[], rows: readonly string[], numeric: readonly number[] = []): string {
  const cells = head.map(
    (text, index) => `<th${numeric.includes(index) ? ' class="n"' : ''}>${escape(text)}</th>`,
  )
  return `<div class="scroll"><table><thead><tr>${cells.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}
function row(cells: readonly string[], numeric: readonly number[] = [], className = ''): string {
  const inner = cells.map(
    (text, index) => `<td${numeric.includes(index) ? ' class="n"' : ''}>${escape(text)}</td>`,
  )
  return `<tr${className === '' ? '' : ` class="${className}"`}>${inner.join('')}</tr>`
}
function paragraphs(text: string): string[] {
  return text.trim() === '' ? [] : [`<pre>${escape(text.trim())}</pre>`]
}

function figures(runs: readonly ReportedRun[]): string {
  const numeric = [4, 5, 6, 7, 8]
  const head = [
    ...[
      t('Run'),
      t('Status'),
      t('Model'),
      t('Data'),
      t('Steps'),
      t('Top-1'),
      t('Best top-1'),
      t('Val. loss'),
      t('Time'),
    ],
    ...[t('Tags')],
  ]
  const rows = runs.map(({ run }) =>
    row(
      [
        ...[`${run.name} (${run.id})`, run.status, run.model, run.datasetName, count(run.step)],
        ...[percent(run.top1, 2), percent(run.bestTop1, 2), number(run.valLoss), duration(run.elapsedMs)],
        run.tags.join(', '),
      ],
      numeric,
    ),
  )
  return `<h2>${escape(t('Runs'))}</h2>${table(head, rows, numeric)}`
}

function curves(runs: readonly ReportedRun[]): string {
  const legend = runs
    .map(({ run }, index) => {
      const color = lineColors[index % lineColors.length]
      return `<span><i class="key" style="background:${color}"></i>${escape(run.name)}</span>`
    })
    .join('')
  const charts = reportedSeries.flatMap(({ name, format }) => {
    const lines: ReportLine[] = runs.map(each => ({
      label: each.run.name,
      points: each.curves.get(name) ?? [],
    }))
    const svg = curveSvg(name, lines, format)
    return svg === '' ? [] : [`<figure style="margin:0"><h3>${escape(name)}</h3>${svg}</figure>`]
  })
  if (charts.length === 0) return ''
  return `<h2>${escape(t('Curves'))}</h2><p class="legend">${legend}</p><div class="charts">${charts.join('')}</div>`
}

/** What differs comes first. */
function settings(runs: readonly ReportedRun[]): string {
  const rows = settingRows(runs.map(({ run }) => run.config)).map(({ path, values, differs }) =>
    row([path, ...values], [], differs && runs.length > 1 ? 'differs' : ''),
  )
  return `<h2>${escape(t('Settings'))}</h2>${table([t('Field'), ...runs.map(({ run }) => run.name)], rows)}`
}

function checkpoints(runs: readonly ReportedRun[]): string {
  const numeric = [2, 3, 4, 5]
  const rows = runs.flatMap(({ run, checkpoints: saved }) =>
    saved.map(each =>
      row(
        [
          ...[run.name, each.label === '' ? each.name : `${each.label} (${each.name})`, count(each.step)],
          ...[percent(each.metrics['val/top1'] ?? null, 2), number(each.metrics['val/loss'] ?? null)],
          bytes(each.sizeBytes),
        ],
        numeric,
      ),
    ),
  )
  const head = [t('Run'), t('Checkpoint'), t('Step'), t('Val. top-1'), t('Val. loss'), t('Size')]
  return rows.length === 0 ? '' : `<h2>${escape(t('Checkpoints'))}</h2>${table(head, rows, numeric)}`
}

function evaluations(runs: readonly ReportedRun[]): string {
  const numeric = [3, 4, 5]
  const rows = runs.flatMap(({ run, evaluations: made }) =>
    made
      .filter(each => each.status === 'finished')
      .map(each =>
        row(
          [
            ...[
              run.name,
              each.datasetId === run.datasetId ? run.datasetName : each.datasetId,
              each.split,
              percent(each.top1, 2),
              percent(each.top5, 2),
            ],
            ...[number(each.loss), count(each.imageCount)],
          ],
          numeric,
        ),
      ),
  )
  const head = [t('Run'), t('Data'), t('Split'), t('Top-1'), t('Top-5'), t('Loss'), t('Images')]
  return rows.length === 0 ? '' : `<h2>${escape(t('Evaluations'))}</h2>${table(head, rows, numeric)}`
}

function notes(runs: readonly ReportedRun[]): string {
  const written = runs.filter(({ run }) => run.notes.trim() !== '')
  if (written.length === 0) return ''
  const parts = written.map(({ run }) => `<h3>${escape(run.name)}</h3><pre>${escape(run.notes)}</pre>`)
  return `<h2>${escape(t('Notes'))}</h2>${parts.join('')}`
}
