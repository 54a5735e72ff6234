/** Whether the backend `torch` can be tested here. */
import { findAddon } from '../../core/backend/torch/load.ts'

/** For `test`: why tests of the backend are left out, which is a failure where every test is asked for. */
export const withoutTorch: string | false = (() => {
  const found = findAddon()
  if (found.addon !== null) return false
  const reason = `the backend torch is not here: ${found.detail}. ${found.remedy}`
  if (process.env['CI'] === 'true') throw new Error(`CI=true asks for libtorch, and ${reason}`)
  return reason
})()
