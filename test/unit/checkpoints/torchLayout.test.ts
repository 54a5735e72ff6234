import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromTorchLayout, torchShape, toTorchLayout } from '../../../core/checkpoints/torchLayout.ts'

describe('torch layout', () => {
  it('turns convolution weights [kh,kw,Cin,Cout] into [Cout,Cin,kh,kw] and back', () => {
    const info = { kind: 'weight', shape: [2, 3, 4, 5] } as const
    const [kh, kw, cin, cout] = info.shape
    const values = Float32Array.from({ length: 120 }, (_, index) => index)
    const torch = toTorchLayout(info, values)
    assert.deepEqual(torchShape(info), [5, 4, 2, 3])
    for (let o = 0; o < cout; o++)
      for (let i = 0; i < cin; i++)
        for (let y = 0; y < kh; y++)
          for (let x = 0; x < kw; x++) {
            assert.equal(
              torch[((o * cin + i) * kh + y) * kw + x],
              values[((y * kw + x) * cin + i) * cout + o],
            )
          }
    assert.deepEqual(fromTorchLayout(info, torch), values)
  })

  it('turns dense weights [in,out] into [out,in] and back', () => {
    const info = { kind: 'weight', shape: [2, 3] } as const
    const values = Float32Array.of(1, 2, 3, 4, 5, 6)
    assert.deepEqual(torchShape(info), [3, 2])
    assert.deepEqual(toTorchLayout(info, values), Float32Array.of(1, 4, 2, 5, 3, 6))
    assert.deepEqual(fromTorchLayout(info, toTorchLayout(info, values)), values)
  })

  it('leaves everything else as it is', () => {
    for (const kind of ['bias', 'gamma', 'beta'] as const) {
      const values = Float32Array.of(1, 2)
      assert.deepEqual(torchShape({ kind, shape: [2] }), [2])
      assert.equal(toTorchLayout({ kind, shape: [2] }, values), values)
    }
  })
})
