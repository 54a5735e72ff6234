/** Notifications of the operating system, in a browser that the user has allowed them. The desktop app has its own. */

export type NoticePermission = 'granted' | 'denied' | 'default' | 'unavailable'

type Notices = typeof Notification

function notices(): Notices | null {
  const found = (globalThis as { readonly Notification?: Notices }).Notification
  // Electron's page is refused every permission; its main process tells instead.
  const isDesktop = (globalThis as { readonly workbench?: unknown }).workbench !== undefined
  return found === undefined || isDesktop ? null : found
}

export function noticePermission(): NoticePermission {
  return notices()?.permission ?? 'unavailable'
}

/** Asks the user; a browser asks in answer to a click alone. */
export async function askForNotices(): Promise<NoticePermission> {
  return (await notices()?.requestPermission()) ?? 'unavailable'
}

/** Tells something while the page is out of sight. */
export function tellSystem(title: string, body: string, onClick: () => void): void {
  const Made = notices()
  if (!Made || Made.permission !== 'granted' || document.visibilityState === 'visible') return
  const notice = new Made(title, { body })
  notice.onclick = () => {
    window.focus()
    onClick()
    notice.close()
  }
}
