/** Rules about running training, and what they found. Two of them are there from the start. */
export const alerts0009 = {
  name: '0009-alerts',
  sql: `
    CREATE TABLE alert_rules (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      metric TEXT NOT NULL,
      bound REAL NOT NULL,
      is_on INTEGER NOT NULL
    ) STRICT;
    INSERT INTO alert_rules (kind, metric, bound, is_on) VALUES ('not-finite', '', 0, 1), ('no-progress', '', 15, 1);
    CREATE TABLE alerts (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      kind TEXT NOT NULL,
      metric TEXT NOT NULL,
      bound REAL NOT NULL,
      value TEXT NOT NULL,
      step INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL,
      is_seen INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX alerts_of_run ON alerts (run);
  `,
}
