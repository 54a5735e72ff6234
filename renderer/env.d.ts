/** What the Electron preload puts on the window; absent in a browser. */
interface Window {
  readonly workbench?: {
    send(request: { call: string; input: unknown }): Promise<unknown>
    subscribe(listener: (message: { push: string; payload: unknown }) => void): () => void
    attend(paceMs: number | null): Promise<unknown>
    pathForFile(file: File): string
  }
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
