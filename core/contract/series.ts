/** What the name of a series says. */

/** Whether the lower value is the better one: losses, errors and times, but neither accuracies nor learning rates. */
export function lowerIsBetter(name: string): boolean {
  return /loss|error|perplexity|gradnorm|(ms|seconds)$/i.test(name)
}
