/**
 * Specs of tfjs-core that the backend `torch` does not pass, each with the reason. None may lie in what networks are trained
 * with, and all of them together must stay below 3 % of the specs that can fail; the tests hold both.
 */

/** A spec by its full name, without the name of the test environment, and why it is left out. */
export type Exclusion = readonly [spec: string, reason: string]

export const exclusions: readonly Exclusion[] = []

/** What networks are trained with: nothing of it may be excluded. */
const protectedWords = [
  ...['conv', 'pool', 'batch ?norm', 'mat ?mul', 'dot', 'einsum'],
  ...['sum', 'mean', 'max', 'min', 'prod', 'all', 'any', 'arg', 'moments', 'norm'],
  ...['gather', 'scatter', 'slice', 'concat', 'softmax', 'loss', 'gradient', 'derivative', 'optimizer'],
  ...['relu', 'elu', 'sigmoid', 'tanh', 'exp', 'log', 'sqrt', 'square', 'abs', 'neg', 'clip', 'sign'],
  ...['add', 'sub', 'mul', 'div', 'pow', 'mod', 'equal', 'greater', 'less', 'logical'],
]

/** Specs in whose names one of the words stands. */
export const protectedSpecs = new RegExp(protectedWords.join('|'), 'i')
