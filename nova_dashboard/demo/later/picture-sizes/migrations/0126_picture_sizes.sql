ALTER TABLE proofs ADD COLUMN picture_bytes integer NOT NULL DEFAULT 0;
