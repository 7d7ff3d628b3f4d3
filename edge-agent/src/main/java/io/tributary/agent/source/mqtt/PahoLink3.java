package io.tributary.agent.source.mqtt;

import io.tributary.config.Secret;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MQTT 3.1.1. As with {@link PahoLink5}, a client for one connection. */
final class PahoLink3 implements BrokerLink {
    private static final Logger LOG = LoggerFactory.getLogger(PahoLink3.class);
    private static final int REFUSED = 0x80;
    private static final long DISCONNECT_MILLIS = 1_000;

    private final MqttOptions options;
    private final @Nullable SSLContext tls;
    private final Events events;
    private final MqttAsyncClient client;
    private final AtomicBoolean ended = new AtomicBoolean();

    PahoLink3(MqttOptions options, @Nullable SSLContext tls, Events events) throws IOException {
        this.options = options;
        this.tls = tls;
        this.events = events;
        try {
            client = new MqttAsyncClient(
                    (tls == null ? "tcp://" : "ssl://") + options.broker(), options.client(), new MemoryPersistence());
        } catch (MqttException e) {
            throw told(e);
        }
        client.setManualAcks(true);
        client.setCallback(new Callback());
    }

    private static IOException told(MqttException e) {
        Throwable cause = e.getCause();
        String text = e.getMessage() + " (" + e.getReasonCode() + ")";
        return new IOException(cause == null ? text : text + ": " + cause.getMessage(), e);
    }

    @Override
    public boolean connect() throws IOException {
        MqttConnectOptions connect = new MqttConnectOptions();
        connect.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        connect.setAutomaticReconnect(false);
        connect.setCleanSession(false);
        connect.setKeepAliveInterval((int) options.keepAlive().toSeconds());
        connect.setConnectionTimeout((int) Math.max(1, options.connectTimeout().toSeconds()));
        connect.setUserName(options.user());
        Secret password = options.password();
        if (password != null) {
            connect.setPassword(password.value().toCharArray());
        }
        if (tls != null) {
            connect.setSocketFactory(tls.getSocketFactory());
            connect.setHttpsHostnameVerificationEnabled(true);
        }
        try {
            IMqttToken token = client.connect(connect);
            token.waitForCompletion(options.connectTimeout().toMillis());
            return token.getSessionPresent();
        } catch (MqttException e) {
            throw told(e);
        }
    }

    @Override
    public void subscribe(List<String> filters) throws IOException {
        int[] qos = new int[filters.size()];
        Arrays.fill(qos, options.qos());
        try {
            IMqttToken token = client.subscribe(filters.toArray(new String[0]), qos);
            token.waitForCompletion(options.connectTimeout().toMillis());
            int[] granted = token.getGrantedQos();
            for (int i = 0; i < granted.length; i++) {
                if (granted[i] >= REFUSED) {
                    throw new IOException("the broker refused to subscribe to " + filters.get(i));
                }
            }
        } catch (MqttException e) {
            throw told(e);
        }
    }

    @Override
    public void acknowledge(int id) throws IOException {
        try {
            client.messageArrivedComplete(id, 1);
        } catch (MqttException e) {
            throw told(e);
        }
    }

    @Override
    public void publish(String topic, byte[] payload) throws IOException {
        try {
            var unused = client.publish(topic, payload, 0, false);
        } catch (MqttException e) {
            throw told(e);
        }
    }

    @Override
    public void close() {
        boolean connected = !ended.getAndSet(true) && client.isConnected();
        try {
            if (connected) {
                client.disconnectForcibly(0, DISCONNECT_MILLIS, true);
            }
        } catch (MqttException e) {
            LOG.debug("source {}: disconnecting", options.name(), e);
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("source {}: closing", options.name(), e);
        }
    }

    private final class Callback implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            events.arrived(
                    PahoLink3.this,
                    new Arrival(topic, message.getPayload(), message.getQos(), message.getId(), message.isRetained()));
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {
            if (!ended.getAndSet(true)) {
                events.lost(
                        PahoLink3.this,
                        cause instanceof MqttException e
                                ? String.valueOf(told(e).getMessage())
                                : String.valueOf(cause));
            }
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            LOG.trace("source {}: a command was sent", options.name());
        }
    }
}
