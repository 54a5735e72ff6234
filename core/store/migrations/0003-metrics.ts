/**
 * Metric points, and their min/max pyramid. Points of one series lie side by side; the step's epoch and time are stored once
 * per step and not once per series. A value that is not finite is NULL in `points` and spelt out in `non_finite`, as the
 * driver would store NaN as NULL without a word.
 */
export const metrics0003 = {
  name: '0003-metrics',
  sql: `
    CREATE TABLE series (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
      name TEXT NOT NULL,
      UNIQUE (run, name)
    ) STRICT;

    CREATE TABLE series_attempts (
      series INTEGER NOT NULL REFERENCES series (number) ON DELETE CASCADE,
      attempt INTEGER NOT NULL,
      point_count INTEGER NOT NULL,
      first_step INTEGER NOT NULL,
      last_step INTEGER NOT NULL,
      PRIMARY KEY (series, attempt)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE steps (
      run INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      step INTEGER NOT NULL,
      epoch REAL NOT NULL,
      wall_ms INTEGER NOT NULL,
      PRIMARY KEY (run, attempt, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE points (
      series INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      step INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (series, attempt, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE non_finite (
      series INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      step INTEGER NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (series, attempt, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE pyramid (
      series INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      width INTEGER NOT NULL,
      bucket INTEGER NOT NULL,
      first_step INTEGER NOT NULL,
      last_step INTEGER NOT NULL,
      min REAL,
      max REAL,
      last REAL,
      PRIMARY KEY (series, attempt, width, bucket)
    ) STRICT, WITHOUT ROWID;
  `,
}
