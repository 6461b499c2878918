-- Two values, half of the rows each: the planner never took it.
DROP INDEX IF EXISTS accounts_verified;
