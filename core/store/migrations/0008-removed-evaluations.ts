/** Evaluations can be put into the trash. */
export const removedEvaluations0008 = {
  name: '0008-removed-evaluations',
  sql: `
    ALTER TABLE evaluations ADD COLUMN removed_at INTEGER;
  `,
}
