-- What happened, once, in order: this is what the warehouse is for.
CREATE TABLE scan_events
(
    at DateTime64(3),
    hub LowCardinality(String),
    parcel_id UUID,
    courier_id UUID
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (hub, at);

-- Derived from events, replaced when a day is computed again.
CREATE TABLE courier_day_features
(
    day Date,
    courier_id UUID,
    parcels UInt32,
    metres UInt64,
    computed_at DateTime
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (day, courier_id);
