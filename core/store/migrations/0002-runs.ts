/**
 * Runs with everything a list shows in one narrow row, so that a list never touches configurations or metrics; their
 * attempts, checkpoints, evaluations and log.
 */
export const runs0002 = {
  name: '0002-runs',
  sql: `
    CREATE TABLE runs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      status TEXT NOT NULL,
      dataset_id TEXT NOT NULL REFERENCES datasets (id),
      dataset_name TEXT NOT NULL,
      model TEXT NOT NULL,
      backend TEXT NOT NULL,
      queue_position INTEGER,
      step INTEGER NOT NULL DEFAULT 0,
      total_steps INTEGER NOT NULL DEFAULT 0,
      epoch REAL NOT NULL DEFAULT 0,
      total_epochs INTEGER NOT NULL DEFAULT 0,
      images_per_second REAL,
      train_loss REAL,
      val_loss REAL,
      top1 REAL,
      top5 REAL,
      best_top1 REAL,
      error TEXT,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      ended_at INTEGER,
      elapsed_ms INTEGER NOT NULL DEFAULT 0,
      deleted_at INTEGER
    ) STRICT;
    CREATE INDEX runs_by_status ON runs (status);
    CREATE INDEX runs_by_queue ON runs (queue_position) WHERE queue_position IS NOT NULL;

    CREATE TABLE run_details (
      run INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
      config TEXT NOT NULL,
      notes TEXT NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE attempts (
      run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      from_step INTEGER NOT NULL DEFAULT 0,
      outcome TEXT NOT NULL DEFAULT '',
      pid INTEGER,
      pid_started TEXT,
      PRIMARY KEY (run, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkpoints (
      id TEXT PRIMARY KEY,
      run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      epoch REAL NOT NULL,
      name TEXT NOT NULL,
      path TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      status TEXT NOT NULL,
      is_pinned INTEGER NOT NULL DEFAULT 0,
      metrics TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      UNIQUE (run, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE evaluations (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      checkpoint_id TEXT NOT NULL,
      run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
      dataset_id TEXT NOT NULL REFERENCES datasets (id),
      split TEXT NOT NULL,
      status TEXT NOT NULL,
      image_count INTEGER NOT NULL DEFAULT 0,
      top1 REAL,
      top5 REAL,
      loss REAL,
      skipped_count INTEGER NOT NULL DEFAULT 0,
      error TEXT,
      created_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT;
    CREATE INDEX evaluations_by_run ON evaluations (run);

    CREATE TABLE log_lines (
      run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      wall_ms INTEGER NOT NULL,
      level TEXT NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (run, number)
    ) STRICT, WITHOUT ROWID;
  `,
}
