-- The lists were slow: index what they filter on.
CREATE INDEX accounts_verified ON accounts (verified);

CREATE INDEX parcels_hub ON parcels (hub);

CREATE INDEX CONCURRENTLY IF NOT EXISTS couriers_active
    ON couriers
    USING btree (active);

CREATE INDEX charges_month ON charges (month, account_id);
