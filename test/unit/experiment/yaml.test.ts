/** Configurations as YAML: read strictly, written so that they read back the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { listPresets, locateYaml, parseConfig, parseYaml, toYaml } from '../../../core/experiment/index.ts'

function refuses(text: string, message: RegExp): void {
  assert.throws(
    () => parseYaml(text, 'run.yaml'),
    (error: unknown) =>
      error instanceof AppError && error.code === 'invalid-config' && message.test(error.message),
  )
}

for (const preset of listPresets()) {
  test(`preset ${preset.name} survives writing and reading`, () => {
    const config = parseConfig(preset.config)
    assert.deepEqual(parseConfig(parseYaml(toYaml({ ...config }), 'preset.yaml')), config)
  })
}

test('fields are explained in comments', () => {
  const text = toYaml({ ...parseConfig({ model: 'resnet18' }) })
  assert.match(text, /size: 224 # Height and width of the network input \(pixels\)/)
  assert.match(text, /momentum: 0\.9 # Share of the previous direction/)
})

test('a mistake in the text is told with file, line and column', () => {
  refuses('model: resnet18\ntraining: {epochs: 3\n', /^run\.yaml:\d+:\d+: /)
  refuses('backend: cpu\nbackend: wasm\n', /^run\.yaml:2:1: Map keys must be unique/)
})

test('tags, several documents and floods of aliases are refused', () => {
  refuses('model: !!js/function "x"', /^run\.yaml:1:8: Unresolved tag/)
  refuses('model: !!binary aGk=', /^run\.yaml:1:8: Unresolved tag/)
  refuses('model: a\n---\nmodel: b\n', /multiple documents/)
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]}, `.repeat(9).slice(0, -2)}]`).join('\n')}`
  refuses(bomb, /alias/i)
})

test('a file of more than a megabyte is refused before it is read', () => {
  refuses(`# ${'x'.repeat(1_000_001)}`, /at most 1000000 bytes of YAML, got 1000003/)
})

test('YAML 1.2: yes is a text, and << is no merge', () => {
  assert.deepEqual(parseYaml('a: yes\nb: 012\n<<: {c: 1}', 'f'), { a: 'yes', b: 12, '<<': { c: 1 } })
})

test('a field is found in the text, or else the nearest part of its path', () => {
  const text =
    'model: resnet18\ntransforms:\n  train:\n    - name: pad-and-crop\n      options:\n        paddin: 2\n'
  assert.deepEqual(locateYaml(text, 'transforms.train.0.options.paddin'), { line: 6, column: 9 })
  assert.deepEqual(locateYaml(text, 'model.name'), { line: 1, column: 1 })
  assert.equal(locateYaml(text, 'training.epochs'), null)
})
