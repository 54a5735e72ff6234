/**
 * Bundles tfjs-core's own test suite with one backend for Node.
 *
 * The tests import tfjs-core's modules one by one, so a backend that loaded tfjs-core's package would register with
 * another engine than the one they test. One bundle holds one tfjs-core; it also has the gradients, which the build for
 * Node lacks.
 */
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..', '..', '..')

/** What a bundle tests. */
export interface SuiteOptions {
  /** The name under which the backend registers. */
  readonly backend: string
  /** The module that registers it: a package, or a file of the repository. */
  readonly module: string
}

/**
 * Writes the bundle, an ES module that declares the specs to jasmine when it is imported.
 *
 * @returns the modules that it holds.
 */
export async function bundleSuite({ backend, module }: SuiteOptions, outfile: string): Promise<string[]> {
  const env = JSON.stringify({ name: backend, backendName: backend, isDataSync: true })
  const { metafile } = await build({
    stdin: {
      contents: `
        import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
        import '@tensorflow/tfjs-core/dist/register_all_gradients'
        import ${JSON.stringify(module)}
        import 'test-environment'
        import '@tensorflow/tfjs-core/dist/tests'
      `,
      resolveDir: root,
    },
    plugins: [
      virtualModule(
        'test-environment',
        `import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util'
         import { breakKernels } from ${JSON.stringify(join(import.meta.dirname, 'breakKernels.ts'))}
         setTestEnvs([${env}])
         if (process.env.CONFORMANCE_BREAK_KERNELS === 'true') breakKernels(${JSON.stringify(backend)})`,
      ),
      addonLoaderAsItIs,
    ],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    // tfjs-core calls some modules free of side effects that register gradients and chained operations.
    ignoreAnnotations: true,
    treeShaking: false,
    banner: {
      js: `import { createRequire as createBundleRequire } from 'node:module'
        const require = createBundleRequire(${JSON.stringify(join(root, 'package.json'))})`,
    },
    logLevel: 'error',
    metafile: true,
  })
  return Object.keys(metafile.inputs)
}

function virtualModule(name: string, contents: string): Plugin {
  return {
    name,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'virtual' }))
      onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents, loader: 'ts', resolveDir: root }))
    },
  }
}

/** The addon's loader finds the addon by its own place in the repository, so it must stay there. */
const addonLoaderAsItIs: Plugin = {
  name: 'addon-loader',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/load\.ts$/ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path)
      if (!relative(root, file).startsWith(join('core', 'backend'))) return undefined
      return { path: pathToFileURL(file).href, external: true }
    })
  },
}
