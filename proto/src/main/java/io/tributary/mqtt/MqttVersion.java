package io.tributary.mqtt;

/** Of the protocol. */
public enum MqttVersion {
    /** MQTT 3.1.1. */
    V311,
    /** MQTT 5. */
    V5
}
