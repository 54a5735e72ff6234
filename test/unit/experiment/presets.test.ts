/** Every preset is a run that could begin: its parts fit each other, at its own size. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listPresets, parseConfig, resolvePrecision } from '../../../core/experiment/index.ts'
import { estimateMemory, withLossParameters } from '../../../core/graph/index.ts'
import { losses } from '../../../core/losses/index.ts'
import { models } from '../../../core/models/index.ts'
import { optimizers } from '../../../core/optimizers/index.ts'
import { samplers } from '../../../core/samplers/index.ts'
import { schedules } from '../../../core/schedules/index.ts'
import { checkOutputs, ratesOf, scaledRate, scheduledStep, stepsOfRun } from '../../../core/training/index.ts'
import { transforms } from '../../../core/transforms/index.ts'

const images = { imagenet: 1_281_167, other: 50_000 }

describe('preset', () => {
  for (const { name, source, summary, config: written } of listPresets())
    it(`${name} fits together`, () => {
      assert.ok(source !== '' && summary !== '')
      const config = parseConfig(written)
      const { size, channels } = config.input
      const isLarge = size > 64
      const classCount = isLarge ? 1000 : 10
      const model = models.create(config.model)
      const graph = model({ height: size, width: size, channels, classCount })
      const loss = losses.create(config.loss)
      checkOutputs(config, graph, loss)
      ratesOf(withLossParameters(graph, loss.parameters), config)
      for (const step of [...config.transforms.train, ...config.transforms.eval]) transforms.create(step)

      const count = isLarge ? images.imagenet : images.other
      const { batchSize, ranks, epochs } = config.training
      const labels = Int32Array.from({ length: count }, (_, at) => at % classCount)
      const { draws } = samplers.create(config.sampler).plan({ count, labels, batchSize, ranks })
      const length = { stepsPerEpoch: Math.floor(draws / batchSize), epochs }
      assert.ok(length.stepsPerEpoch > 0)
      const schedule = schedules.create(config.schedule)
      const total = stepsOfRun(config, length)
      for (const share of [0, 0.001, 0.1, 0.5, 0.9, 1]) {
        const step = scheduledStep(config, Math.round(share * (total - 1)), length.stepsPerEpoch)
        const rate = scaledRate(config, schedule(step, length))
        assert.ok(Number.isFinite(rate) && rate >= 0 && rate < 20, `rate ${rate} at step ${step} of ${total}`)
      }

      const optimizer = optimizers.create(config.optimizer)
      const slots = graph.nodes.flatMap(node => node.parameters).map(info => optimizer.slots(info))
      assert.ok(slots.length > 0)
      const memory = estimateMemory(graph, { precision: resolvePrecision(config.precision), slotValues: 0 })
      assert.ok(memory.bytesPerImage > 0 && Number.isFinite(memory.fixedBytes))
    })
})
