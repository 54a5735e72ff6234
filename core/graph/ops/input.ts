/** The images that enter the network, [B, H, W, C]. */
import { readsNothing, type Op } from './shared/op.ts'

export const input: Op = {
  name: 'input',
  shape: (_inputs, attributes) => [...(attributes['shape'] as readonly number[])],
  macs: () => 0,
  forward: () => {
    throw new Error('The input is given, not computed')
  },
  reads: () => readsNothing,
  backward: () => ({ inputs: [] }),
}
