-- Nearly every shift is closed: the index holds the few that are open.
CREATE INDEX shifts_open ON shifts (open) WHERE open;
