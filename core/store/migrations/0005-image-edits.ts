/**
 * Labels and tags that the user gives to images, kept under the name of the image, as a new scan may count them otherwise. The
 * versions name the files that trainers and workers read them from; empty: none.
 */
export const imageEdits0005 = {
  name: '0005-image-edits',
  sql: `
    CREATE TABLE image_edits (
      dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      split TEXT NOT NULL,
      name TEXT NOT NULL,
      place INTEGER NOT NULL,
      label TEXT,
      was TEXT NOT NULL,
      tags TEXT NOT NULL DEFAULT '[]',
      PRIMARY KEY (dataset_id, split, name)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE datasets ADD COLUMN labels_version TEXT NOT NULL DEFAULT '';
    ALTER TABLE datasets ADD COLUMN tags_version TEXT NOT NULL DEFAULT '';
    ALTER TABLE datasets ADD COLUMN relabelled_count INTEGER NOT NULL DEFAULT 0;
  `,
}
