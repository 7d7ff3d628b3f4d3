package io.tributary.mqtt;

import io.tributary.config.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
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
    /** The protocol knows no window; Mosquitto takes 20 at a time and queues what is above. */
    private static final int WINDOW = 64;

    private final BrokerOptions options;
    private final Events events;
    private final MqttAsyncClient client;
    private final AtomicBoolean ended = new AtomicBoolean();

    PahoLink3(BrokerOptions options, Events events) throws IOException {
        this.options = options;
        this.events = events;
        try {
            client = new MqttAsyncClient(options.uri(), options.client(), new MemoryPersistence());
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
        connect.setCleanSession(!options.keepSession());
        connect.setMaxInflight(WINDOW);
        connect.setKeepAliveInterval(options.keepAliveSeconds());
        connect.setConnectionTimeout(options.connectSeconds());
        connect.setUserName(options.user());
        Secret password = options.password();
        if (password != null) {
            connect.setPassword(password.value().toCharArray());
        }
        BrokerOptions.Will will = options.will();
        if (will != null) {
            connect.setWill(will.topic(), will.payload(), 1, false);
        }
        if (options.tls() != null) {
            connect.setSocketFactory(options.tls().getSocketFactory());
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
    public void subscribe(List<String> filters, int qos, boolean retained) throws IOException {
        int[] each = new int[filters.size()];
        Arrays.fill(each, qos);
        try {
            IMqttToken token = client.subscribe(filters.toArray(new String[0]), each);
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
    public void unsubscribe(List<String> filters) throws IOException {
        try {
            client.unsubscribe(filters.toArray(new String[0]))
                    .waitForCompletion(options.connectTimeout().toMillis());
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
    public void publish(String topic, byte[] payload, @Nullable Duration expiry, Settled settled) throws IOException {
        IMqttActionListener listener = new IMqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                settled.settled(Outcome.TAKEN, "");
            }

            @Override
            public void onFailure(IMqttToken token, Throwable cause) {
                settled.settled(Outcome.UNKNOWN, String.valueOf(cause.getMessage()));
            }
        };
        try {
            var unused = client.publish(topic, payload, 1, false, null, listener);
        } catch (MqttException e) {
            throw told(e);
        }
    }

    @Override
    public int window() {
        return WINDOW;
    }

    @Override
    public long packetBytesMax() {
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        boolean connected = !ended.getAndSet(true) && client.isConnected();
        try {
            if (connected) {
                // Not forcibly: that waits for an answer to DISCONNECT, which there is none, for the whole time.
                client.disconnect(0).waitForCompletion(DISCONNECT_MILLIS);
            }
        } catch (MqttException e) {
            LOG.debug("{}: disconnecting", options.owner(), e);
        }
        try {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 1, false);
            }
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("{}: closing", options.owner(), e);
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
            LOG.trace("{}: a message was sent", options.owner());
        }
    }
}
