/** How an evaluation judges, and the figures of those that do not classify. */
export const evaluationSettings0004 = {
  name: '0004-evaluation-settings',
  sql: `
    ALTER TABLE evaluations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE evaluations ADD COLUMN calibration_error REAL;
    ALTER TABLE evaluations ADD COLUMN retrieval TEXT;
    ALTER TABLE evaluations ADD COLUMN power REAL;
  `,
}
