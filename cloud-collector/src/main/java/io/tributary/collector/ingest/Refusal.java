package io.tributary.collector.ingest;

/**
 * Why an agent is sent away for a while.
 *
 * @param label for the metric, from a fixed set
 * @param reason for people
 */
record Refusal(String label, String reason) {}
