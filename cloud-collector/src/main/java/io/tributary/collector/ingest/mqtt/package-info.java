/**
 * Agents through an MQTT broker.
 *
 * <pre>
 *                 / BrokerConnection 1 \
 * broker ==$share                        > AgentCalls -> MqttCall (one per agent's session) -> AgentCall of ingest
 *   ^             \ BrokerConnection N /                    |
 *   +------------- tributary/v1/{agent}/down <--------------+
 * </pre>
 *
 * The broker spreads what agents say over the connections of all collectors that share the subscription. What belongs
 * together is put together again here: one {@link io.tributary.collector.ingest.mqtt.MqttCall} per agent takes its messages one
 * at a time, whichever connection brought them, so that checks, credit and accounts are those of a gRPC stream.
 */
@NullMarked
package io.tributary.collector.ingest.mqtt;

import org.jspecify.annotations.NullMarked;
