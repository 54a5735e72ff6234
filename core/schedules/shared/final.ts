/** The learning rate at which a falling schedule ends. */
import { z } from 'zod'

export const finalLearningRate = z.number().min(0).max(1000).default(0).meta({
  title: 'Final learning rate',
  description: 'What the schedule falls to at the end of the run.',
})
