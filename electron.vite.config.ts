/** Bundles the app: Electron's main process, the preload script and the interface, into `out/`. */
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname

export default defineConfig({
  main: {
    build: {
      outDir: join(root, 'out', 'main'),
      rollupOptions: {
        input: join(root, 'main', 'index.ts'),
        output: { format: 'es', entryFileNames: 'index.js' },
      },
    },
  },
  preload: {
    // A sandboxed preload script must be one CommonJS file.
    build: {
      outDir: join(root, 'out', 'preload'),
      externalizeDeps: false,
      rollupOptions: {
        input: join(root, 'preload', 'index.ts'),
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: join(root, 'renderer'),
    base: './',
    plugins: [vue()],
    build: {
      outDir: join(root, 'out', 'renderer'),
      target: 'chrome120',
      rollupOptions: { input: join(root, 'renderer', 'index.html') },
    },
  },
})
