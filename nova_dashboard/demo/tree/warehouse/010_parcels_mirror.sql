-- Copies of rows, as the change stream brings them.
CREATE TABLE parcels_cdc
(
    id String,
    sender_id String,
    hub String,
    is_deleted UInt8,
    changed_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY id;

CREATE TABLE invoices_cdc
(
    id String,
    account_id String,
    month String,
    cents Int64,
    is_deleted UInt8,
    changed_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (id);
