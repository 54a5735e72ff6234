/**
 * Registers the gradients that tfjs itself has, which its build for Node leaves out. They lie in files that import each other
 * without the extension that Node asks for; a hook for those files alone adds it. Must be imported before any executor is made,
 * so that tfjs's own are the ones in place.
 */
import { registerHooks } from 'node:module'

const own = '/@tensorflow/tfjs-core/dist/'

const hooks = registerHooks({
  resolve: (specifier, context, next) => {
    const isOwn = context.parentURL?.includes(own) && specifier.startsWith('.') && !specifier.endsWith('.js')
    return next(isOwn ? `${specifier}.js` : specifier, context)
  },
  load: (url, context, next) =>
    next(url, url.includes(own) && !url.includes('.node.js') ? { ...context, format: 'module' } : context),
})
const path = '@tensorflow/tfjs-core/dist/register_all_gradients.js'
await import(path)
hooks.deregister()
