-- @@purpose@@
CREATE TABLE @@table@@ (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
@@ddl@@
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX @@table@@_created_at ON @@table@@ (created_at);
