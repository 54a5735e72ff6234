/** Data sets, what their scans found, and settings. */
export const datasets0001 = {
  name: '0001-datasets',
  sql: `
    CREATE TABLE datasets (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      path TEXT NOT NULL,
      reader TEXT NOT NULL,
      options TEXT NOT NULL,
      status TEXT NOT NULL,
      is_sample INTEGER NOT NULL DEFAULT 0,
      classes TEXT NOT NULL DEFAULT '[]',
      splits TEXT NOT NULL DEFAULT '[]',
      image_size TEXT,
      problem_count INTEGER NOT NULL DEFAULT 0,
      error TEXT,
      created_at INTEGER NOT NULL,
      removed_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE dataset_problems (
      dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      file TEXT NOT NULL,
      problem TEXT NOT NULL,
      PRIMARY KEY (dataset_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
}
