/** Searches over fields of a configuration: what was asked for, and which runs came of it. */
export const sweeps0007 = {
  name: '0007-sweeps',
  sql: `
    CREATE TABLE sweeps (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      group_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      sweep TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      ended TEXT NOT NULL DEFAULT ''
    ) STRICT;
  `,
}
