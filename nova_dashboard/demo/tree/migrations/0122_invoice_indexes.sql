-- The reminder job asks for the few invoices that are not paid.
CREATE INDEX invoices_paid
    ON invoices (paid);

CREATE UNIQUE INDEX invoices_once ON invoices (account_id, month);
