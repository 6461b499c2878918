CREATE TYPE locker_state AS ENUM ('working', 'full', 'broken');

ALTER TABLE lockers ADD COLUMN state locker_state NOT NULL DEFAULT 'working';

CREATE INDEX lockers_state ON lockers (state);
