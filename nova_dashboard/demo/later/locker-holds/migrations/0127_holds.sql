-- A door can be kept free for a parcel.
CREATE TABLE holds (
    parcel_id uuid PRIMARY KEY REFERENCES parcels (id),
    locker_id uuid NOT NULL REFERENCES lockers (id),
    courier_id uuid NOT NULL REFERENCES couriers (id),
    until timestamptz NOT NULL
);

CREATE INDEX holds_courier ON holds (courier_id);
