-- Rows that belong to more than one service.
CREATE TABLE parcels (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sender_id uuid NOT NULL REFERENCES accounts (id),
    hub text NOT NULL,
    fragile boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE charges (
    account_id uuid NOT NULL REFERENCES accounts (id),
    month text NOT NULL,
    cents bigint NOT NULL
);

CREATE TABLE loads (
    shift_id uuid NOT NULL REFERENCES shifts (id),
    parcel_id uuid NOT NULL REFERENCES parcels (id),
    position integer NOT NULL,
    PRIMARY KEY (shift_id, parcel_id)
);

CREATE TABLE stints (
    courier_id uuid NOT NULL REFERENCES couriers (id),
    hub text NOT NULL,
    day date NOT NULL
);

CREATE TABLE handlers (
    parcel_id uuid NOT NULL REFERENCES parcels (id),
    name text NOT NULL,
    at timestamptz NOT NULL
);
