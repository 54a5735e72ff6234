/** `--set`: single changes by dotted name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { applySet, parseConfig } from '../../../core/experiment/index.ts'

const base = { model: { name: 'resnet50', options: { zeroInitLastGamma: true } } }
const set = (...changes: string[]): Record<string, unknown> =>
  changes.reduce(applySet, base as Record<string, unknown>)

function refuses(change: string, message: RegExp): void {
  assert.throws(
    () => applySet(base, change),
    (error: unknown) =>
      error instanceof AppError && error.code === 'invalid-config' && message.test(error.message),
  )
}

test('a value is read as YAML', () => {
  const config = set(
    'training.epochs=2',
    'input.mean=[0.1, 0.2, 0.3]',
    'optimizer.options.nesterov=true',
    'backend=cpu',
  )
  assert.deepEqual(config, {
    ...base,
    training: { epochs: 2 },
    input: { mean: [0.1, 0.2, 0.3] },
    optimizer: { name: 'sgd', options: { nesterov: true } },
    backend: 'cpu',
  })
})

test('the given configuration stays as it was', () => {
  const copy = structuredClone(base)
  set('model.name=resnet18', 'training.seed=3')
  assert.deepEqual(base, copy)
})

test('taking another entry leaves the options of the old one behind', () => {
  assert.deepEqual(set('model.name=resnet18')['model'], { name: 'resnet18' })
  assert.deepEqual(set('model=resnet18')['model'], { name: 'resnet18' })
  assert.deepEqual(set('model.name=resnet50')['model'], base.model)
})

test('an option may be named without the word options', () => {
  const config = set('schedule=step', 'schedule.learningRate=0.5', 'schedule.options.everyEpochs=7')
  assert.deepEqual(config['schedule'], { name: 'step', options: { learningRate: 0.5, everyEpochs: 7 } })
})

test('a default entry takes options although the configuration does not name it', () => {
  const config = parseConfig(set('schedule.learningRate=0.25', 'optimizer.momentum=0.5', 'training.epochs=3'))
  assert.equal(config.schedule.options['learningRate'], 0.25)
  assert.equal(config.optimizer.options['momentum'], 0.5)
})

test('elements of lists have numbers', () => {
  const config = set(
    'transforms.train=[{name: pad-and-crop}, horizontal-flip]',
    'transforms.train.0.padding=2',
    'transforms.train.1.probability=0.25',
  )
  const parsed = parseConfig(config)
  assert.deepEqual(
    parsed.transforms.train.map(step => step.options),
    [{ padding: 2 }, { probability: 0.25 }],
  )
})

test('an unknown field is told with the known ones', () => {
  refuses('training.epoch=2', /training\.epoch: unknown name\. Did you mean 'epochs'\? Known: mode, epochs/)
  refuses('schedule.learnigRate=1', /schedule\.options\.learnigRate.*Did you mean 'learningRate'/)
  refuses('transforms.train.7.padding=2', /no element 7/)
  refuses('training.epochs.x=1', /has no fields of its own/)
})

test('what is no assignment is told with an example', () => {
  refuses('training.epochs', /expected name=value, such as training\.epochs=2/)
  refuses('=2', /expected name=value/)
  refuses('training.epochs=', /expected name=value/)
})

test('names that every object has are no fields', () => {
  refuses('__proto__.x=1', /unknown name/)
  refuses('constructor.prototype.x=1', /unknown name/)
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})
