/**
 * Specs of tfjs-core that the backend `torch` does not pass, each with the reason. None may lie in what networks are trained
 * with, and all of them together must stay below 3 % of the specs that can fail; the tests hold both.
 */

/** A spec by its full name, without the name of the test environment, and why it is left out. */
export type Exclusion = readonly [spec: string, reason: string]

export const exclusions: readonly Exclusion[] = []

/** Names of suites in which nothing may be excluded. */
export const protectedSuites =
  /conv|pool|batch\s?norm|matmul|mat_mul|matmul|dot\b|sum|mean|max|min|prod|all\b|any\b|argm|moments|norm\b|gather|scatter|softmax|gradient|derivative|relu|elu|sigmoid|tanh|exp\b|log\b|sqrt|square|add|sub\b|mul\b|div\b|pow\b|abs\b|neg\b|clip/i
