/** Checking a configuration: every mistake at once, each with its path, what was expected and what was meant. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { checkConfig, configJsonSchema, listPresets, parseConfig } from '../../../core/experiment/index.ts'

const minimal = { model: 'resnet50' }

/** Message of the one issue that a configuration has. */
function onlyIssue(input: unknown, path: string): string {
  const { issues, config } = checkConfig(input)
  assert.equal(config, null)
  assert.deepEqual(
    issues.map(issue => issue.path),
    [path],
  )
  return issues[0]?.message ?? ''
}

test('a model alone is a complete configuration', () => {
  const config = parseConfig(minimal)
  assert.equal(config.model.name, 'resnet50')
  assert.equal(config.optimizer.options['momentum'], 0.9)
  assert.equal(config.training.epochs, 90)
  assert.deepEqual(
    config.transforms.eval.map(step => step.name),
    ['resize-exact'],
  )
})

test('what comes back is a fixed point, also through JSON', () => {
  const config = parseConfig(minimal)
  assert.deepEqual(parseConfig(JSON.parse(JSON.stringify(config))), config)
})

test('all mistakes are told at once', () => {
  const { issues } = checkConfig({
    model: 'resnet51',
    optimizer: { name: 'sgd', options: { momentun: 0.5, weightDecay: -1 } },
    training: { epochs: 0, batchSize: 'big' },
    checkpoint: {},
  })
  assert.deepEqual(issues.map(issue => issue.path).sort(), [
    'checkpoint',
    'model.name',
    'optimizer.options.momentun',
    'optimizer.options.weightDecay',
    'training.batchSize',
    'training.epochs',
  ])
  assert.throws(
    () => parseConfig({ model: 'resnet51', training: { epochs: 0 } }),
    (error: unknown) =>
      error instanceof AppError &&
      error.code === 'invalid-config' &&
      (error.details['issues'] as unknown[]).length === 2,
  )
})

test('an unknown name is told with the nearest and all known ones', () => {
  assert.match(
    onlyIssue({ ...minimal, training: { batch_sise: 8 } }, 'training.batch_sise'),
    /Did you mean 'batchSize'\? Known: mode, epochs, maxSteps, batchSize/,
  )
  assert.match(
    onlyIssue({ model: 'resnet5' }, 'model.name'),
    /unknown model 'resnet5'\. Did you mean 'resnet50'\?.*resnet152/,
  )
  assert.match(onlyIssue({ ...minimal, loss: 'cross-entrophy' }, 'loss.name'), /Did you mean 'cross-entropy'/)
})

test('a value out of range is told with the range, the unit and the value', () => {
  assert.equal(
    onlyIssue({ ...minimal, training: { epochs: 0 } }, 'training.epochs'),
    'expected a whole number from 1 to 10000 (epochs), got 0',
  )
  assert.equal(
    onlyIssue({ ...minimal, backend: 'cuda' }, 'backend'),
    "expected one of auto, torch, wasm, cpu, webgpu, tensorflow, got 'cuda'",
  )
  assert.equal(onlyIssue({ ...minimal, input: { channels: 2 } }, 'input.channels'), 'expected 1 or 3, got 2')
  assert.match(
    onlyIssue({ ...minimal, training: { epochs: 1.5 } }, 'training.epochs'),
    /a whole number .* got 1\.5/,
  )
})

test('a missing model is told', () => {
  assert.match(onlyIssue({}, 'model'), /is missing/)
})

test('what is no configuration at all is refused without a crash', () => {
  for (const input of [null, undefined, 3, 'x', [], [minimal]]) {
    const { issues, config } = checkConfig(input)
    assert.equal(config, null)
    assert.ok(issues.length > 0)
  }
})

test('mean and standard deviation have one value per channel', () => {
  assert.match(
    onlyIssue({ ...minimal, input: { channels: 3, mean: [0.5] } }, 'input.mean'),
    /expected 3 values.*got 1/,
  )
  const { issues } = checkConfig({ ...minimal, input: { channels: 1 } })
  assert.deepEqual(
    issues.map(issue => issue.path),
    ['input.mean', 'input.std'],
  )
})

test('a warm-up longer than the run is told', () => {
  const schedule = { name: 'cosine', options: { warmupEpochs: 5 } }
  assert.match(
    onlyIssue({ ...minimal, schedule, training: { epochs: 2 } }, 'schedule.options.warmupEpochs'),
    /at most training\.epochs \(2\)/,
  )
})

test('options of a newer version are refused', () => {
  assert.match(onlyIssue({ model: { name: 'resnet50', version: 99 } }, 'model'), /newer version/)
})

test('names of objects are no options', () => {
  assert.match(onlyIssue({ model: 'constructor' }, 'model.name'), /unknown model/)
  const polluted = JSON.parse('{"model": "resnet50", "__proto__": {"backend": "cpu"}}') as unknown
  assert.equal(checkConfig(polluted).config, null)
})

test('the JSON Schema lists the entries and carries titles, ranges and units', () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { properties?: Record<string, Record<string, unknown>>; family?: string }>
  }
  const epochs = schema.properties['training']?.properties?.['epochs']
  assert.deepEqual(
    [epochs?.['title'], epochs?.['unit'], epochs?.['minimum'], epochs?.['default']],
    ['Epochs', 'epochs', 1, 90],
  )
  assert.equal(schema.properties['model']?.family, 'model')
  assert.ok((schema.properties['model']?.properties?.['name']?.['enum'] as string[]).includes('resnet152'))
})

test('every field has a title and an explanation', () => {
  const walk = (node: Record<string, unknown>, path: string): void => {
    assert.ok(node['title'] !== undefined, `${path} has no title`)
    const properties = node['family'] === undefined ? node['properties'] : undefined
    for (const [name, child] of Object.entries(properties ?? {}))
      walk(child as Record<string, unknown>, `${path}.${name}`)
  }
  for (const [name, child] of Object.entries(
    configJsonSchema()['properties'] as Record<string, Record<string, unknown>>,
  ))
    walk(child, name)
})

for (const preset of listPresets()) {
  test(`preset ${preset.name} is a configuration and names its source`, () => {
    const config = parseConfig(preset.config)
    assert.ok(preset.title.length > 0 && preset.summary.length > 0 && preset.source.length > 0)
    assert.ok(config.training.epochs > 0)
  })
}
