/** The settings as they are now, for a shell: read once, then kept up to date by pushes. */
import { Settings } from '../core/contract/settings.ts'
import type { Host } from './host.ts'

/** @param onChange called with each change, and once at the start. */
export async function followSettings(
  { link, overhear }: Pick<Host, 'link' | 'overhear'>,
  onChange: (settings: Settings) => void = () => {},
): Promise<() => Settings> {
  let current = Settings.parse({})
  const take = (settings: Settings): void => {
    current = settings
    onChange(current)
  }
  overhear(({ push, payload }) => {
    if (push === 'settings.onChanged') take(payload as Settings)
  })
  const reply = await link.send({ call: 'settings.get', input: {} })
  take(reply.ok ? (reply.value as Settings) : current)
  return () => current
}
