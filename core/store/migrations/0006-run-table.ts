/**
 * What the table of runs shows besides the summary: tags, stars, archive, sweeps; every setting of every run by its path, and the
 * last, lowest and highest value of every series, so that a column never reads configurations or points. Checkpoints get a label and
 * a place in the trash.
 */
export const runTable0006 = {
  name: '0006-run-table',
  sql: `
    ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE runs ADD COLUMN is_starred INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN archived_at INTEGER;
    ALTER TABLE runs ADD COLUMN group_id TEXT;
    CREATE INDEX runs_by_group ON runs (group_id) WHERE group_id IS NOT NULL;

    CREATE TABLE setting_paths (
      number INTEGER PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      first_value ANY,
      varies INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE run_settings (
      path INTEGER NOT NULL,
      run INTEGER NOT NULL,
      value ANY NOT NULL,
      PRIMARY KEY (path, run)
    ) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE flat AS
      SELECT d.run, replace(replace(replace(substr(t.fullkey, 3), '[', '.'), ']', ''), '"', '') AS path,
        CASE WHEN t.type IN ('true', 'false', 'array') THEN iif(t.type = 'array', t.value, t.type) ELSE t.atom END AS value
      FROM run_details d, json_tree(d.config) t
      WHERE (t.atom IS NOT NULL AND typeof(t.key) = 'text')
        OR (t.type = 'array' AND NOT EXISTS (SELECT 1 FROM json_each(t.value) e WHERE e.type IN ('object', 'array')));
    INSERT INTO setting_paths (path, first_value, varies)
      SELECT path, min(value), count(DISTINCT value) > 1 FROM flat GROUP BY path;
    INSERT INTO run_settings SELECT p.number, f.run, f.value FROM flat f JOIN setting_paths p ON p.path = f.path;
    DROP TABLE flat;

    ALTER TABLE series ADD COLUMN last REAL;
    ALTER TABLE series ADD COLUMN min REAL;
    ALTER TABLE series ADD COLUMN max REAL;
    UPDATE series SET
      last = (SELECT value FROM points WHERE series = number ORDER BY attempt DESC, step DESC LIMIT 1),
      min = (SELECT min(value) FROM points WHERE series = number),
      max = (SELECT max(value) FROM points WHERE series = number);
    CREATE INDEX series_by_name ON series (name, run);
    CREATE TABLE series_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    INSERT INTO series_names SELECT DISTINCT name FROM series;

    ALTER TABLE checkpoints ADD COLUMN label TEXT NOT NULL DEFAULT '';
    ALTER TABLE checkpoints ADD COLUMN removed_at INTEGER;
  `,
}
