/** All that the page of a window can reach outside itself: send a call, hear pushes, say how closely it looks, and learn the path of a dropped folder. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { PushMessage, Request } from '../core/contract/define.ts'

contextBridge.exposeInMainWorld('workbench', {
  send: (request: Request): Promise<unknown> => ipcRenderer.invoke('link', request),
  subscribe(listener: (message: PushMessage) => void): () => void {
    // The event object would hand the page a way into Electron.
    const hear = (_event: unknown, message: PushMessage): void => listener(message)
    ipcRenderer.on('push', hear)
    return () => void ipcRenderer.off('push', hear)
  },
  attend: (paceMs: number | null): Promise<unknown> => ipcRenderer.invoke('pace', paceMs),
  pathForFile: (file: File): string => webUtils.getPathForFile(file),
})
