/** Weights from elsewhere; files by torch.save and their numbers by test/fixtures/importing/weights.py. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { readWeights } from '../../../core/importing/index.ts'
import { readTorchPickle } from '../../../core/importing/torchPickle.ts'
import { readZip } from '../../../core/importing/zip.ts'

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'importing')
const fixture = (name: string): string => join(folder, name)
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Record<
  string,
  Record<string, { shape: number[]; values: number[] }>
>
const scratch = mkdtempSync(join(tmpdir(), 'multigrain-weights-'))
after(() => rmSync(scratch, { recursive: true }))

describe('a file of weights', () => {
  for (const [name, tensors] of Object.entries(expected))
    it(`${name} gives the numbers that PyTorch saved`, async () => {
      const found = await readWeights(fixture(name), true)
      assert.equal(found.kind, name.endsWith('.safetensors') ? 'safetensors' : 'state-dict')
      assert.equal(found.part, name.startsWith('nested') ? 'state_dict' : '')
      for (const [key, { shape, values }] of Object.entries(tensors)) {
        const tensor = found.tensors.get(name.startsWith('nested') ? `module.${key}` : key)
        assert.deepEqual(tensor?.shape, shape)
        assert.deepEqual([...tensor!.read()], values.map(Math.fround))
      }
    })

  it('with an average beside the weights gives the one that is asked for, whatever else it holds', async () => {
    const both = JSON.parse(readFileSync(fixture('expected-both.json'), 'utf8')) as typeof expected
    for (const preferAverage of [false, true]) {
      const { part, tensors } = await readWeights(fixture('both.pth'), preferAverage)
      assert.equal(part, preferAverage ? 'state_dict_ema' : 'state_dict')
      for (const [key, { values }] of Object.entries(both[part]!)) {
        const name = preferAverage ? key : `module.${key}`
        assert.deepEqual([...tensors.get(name)!.read()], values.map(Math.fround))
      }
    }
  })

  it('of whole numbers alone says so when it is read', async () => {
    const { tensors } = await readWeights(fixture('plain.pth'), true)
    assert.throws(() => tensors.get('bn1.num_batches_tracked')!.read(), /whole numbers \(I64\)/)
  })
})

describe('a file that asks for more than tensors', () => {
  const refusals: Readonly<Record<string, RegExp>> = {
    'evil-system.pth': /asks for (posix|nt)\.system.*refused/,
    'evil-eval.pth': /asks for __builtin__\.eval.*refused/,
    'evil-opcode.pth': /instruction 0x69 of pickle.*refused/,
    'legacy.pth': /pickle of an old PyTorch.*safetensors/,
    'script.pt': /TorchScript archive.*Save the state dict/,
    'bomb.pth': /claims to be \d+ bytes|holds no tensors/,
  }
  for (const [name, message] of Object.entries(refusals))
    it(`${name} is refused by name, and nothing of it is done`, async () => {
      await assert.rejects(readWeights(fixture(name), true), (thrown: unknown) => {
        assert.ok(thrown instanceof AppError && thrown.code === 'data-invalid')
        assert.ok(thrown.message.startsWith(fixture(name)))
        assert.match(thrown.message, message)
        return true
      })
      assert.ok(!existsSync('/tmp/harmed'))
    })

  it('is told from one that is not there, and from text', async () => {
    await assert.rejects(readWeights(fixture('nothing.pth'), true), /nothing\.pth: there is no such file/)
    const text = join(scratch, 'text.pth')
    writeFileSync(text, 'these are no weights at all')
    await assert.rejects(readWeights(text, true), { code: 'data-invalid' })
  })
})

describe('a damaged file', () => {
  it('never does worse than an error that names it, wherever a bit flips or the file ends', async () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return seed % below
    }
    for (const name of ['plain.pth', 'views.pth', 'timm.safetensors']) {
      const whole = readFileSync(fixture(name))
      for (let round = 0; round < 150; round++) {
        const bytes = Buffer.from(whole)
        const cut = round % 3 === 0 ? random(bytes.length) : bytes.length
        for (let flips = 0; round % 3 !== 0 && flips <= round % 5; flips++)
          bytes[random(bytes.length)]! ^= 1 << random(8)
        const path = join(scratch, `damaged-${name}`)
        writeFileSync(path, bytes.subarray(0, cut))
        try {
          const { tensors } = await readWeights(path, true)
          for (const tensor of tensors.values())
            try {
              tensor.read()
            } catch (thrown) {
              assert.ok(thrown instanceof Error && !(thrown instanceof RangeError), String(thrown))
            }
        } catch (thrown) {
          assert.ok(thrown instanceof AppError, String(thrown))
          assert.ok(['data-invalid', 'data-unreadable'].includes(thrown.code), thrown.message)
        }
      }
    }
  })

  it('with sizes beyond the file is refused before memory is taken', () => {
    const archive = Buffer.from(readFileSync(fixture('plain.pth')))
    const directory = archive.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
    archive.writeUInt32LE(0x7ffffff0, directory + 20)
    assert.throws(() => readZip(archive), /ends at byte \d+, the file at/)
  })

  it('that describes a tensor larger than its storage is refused', () => {
    const { bytes } = {
      bytes: readZip(readFileSync(fixture('plain.pth')))
        .get('plain/data.pkl')!
        .read(),
    }
    const text = Buffer.from(bytes)
    // conv1.weight has 108 numbers, K\x6c; as a storage of 12 it is too small.
    const at = text.indexOf(Buffer.from([0x4b, 0x6c]))
    assert.ok(at > 0)
    text[at + 1] = 12
    assert.throws(() => readTorchPickle(text), /larger than its storage of 12/)
  })
})
