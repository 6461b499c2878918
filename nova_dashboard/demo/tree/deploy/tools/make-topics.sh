#!/bin/sh
# For a broker without the operator: makes the topics by hand.
set -eu
BROKER=${BROKER:-kafka:9092}
for topic in parcel-events scan-events; do
  kafka-topics.sh --create --if-not-exists --bootstrap-server "$BROKER" \
    --topic "$topic" --partitions 6 --replication-factor 3 --config min.insync.replicas=2
done
kafka-topics.sh --create --if-not-exists --bootstrap-server "$BROKER" --topic audit-trail --partitions 1 --replication-factor 1
