/** Settings of several runs beside each other, those that differ first. */

export interface SettingRow {
  readonly path: string
  readonly values: readonly string[]
  readonly differs: boolean
}

export function settingRows(configs: readonly Readonly<Record<string, unknown>>[]): SettingRow[] {
  const flat = configs.map(config => new Map(flatten(config)))
  const paths = [...new Set(flat.flatMap(each => [...each.keys()]))]
  const rows = paths.map(path => {
    const values = flat.map(each => each.get(path) ?? '–')
    return { path, values, differs: new Set(values).size > 1 }
  })
  return rows.sort((a, b) => Number(b.differs) - Number(a.differs))
}

function flatten(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, member]) =>
    flatten(member, path === '' ? key : `${path}.${key}`),
  )
}
