package io.tributary.mqtt;

import io.tributary.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MQTT 5. A Paho client is used for one connection: what it remembers of an earlier one is not to be relied on. */
final class PahoLink5 implements BrokerLink {
    private static final Logger LOG = LoggerFactory.getLogger(PahoLink5.class);
    private static final int RETAINED_ALWAYS = 0;
    private static final int RETAINED_NEVER = 2;
    private static final int NO_MATCHING_SUBSCRIBERS = 0x10;
    private static final int REFUSED = 0x80;
    /** Section 3.2.2.3.3 of MQTT 5. */
    private static final int WINDOW_UNTOLD = 65_535;

    private static final long DISCONNECT_MILLIS = 1_000;

    private final BrokerOptions options;
    private final Events events;
    private final MqttAsyncClient client;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile int window = WINDOW_UNTOLD;
    private volatile long packetBytesMax = Long.MAX_VALUE;

    PahoLink5(BrokerOptions options, Events events) throws IOException {
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
        try {
            IMqttToken token = client.connect(connectOptions());
            token.waitForCompletion(options.connectTimeout().toMillis());
            MqttProperties answer = token.getResponseProperties();
            if (answer != null) {
                Integer told = answer.getReceiveMaximum();
                window = told == null ? WINDOW_UNTOLD : told;
                Long largest = answer.getMaximumPacketSize();
                packetBytesMax = largest == null ? Long.MAX_VALUE : largest;
            }
            return token.getSessionPresent();
        } catch (MqttException e) {
            throw told(e);
        }
    }

    private MqttConnectionOptions connectOptions() {
        MqttConnectionOptions connect = new MqttConnectionOptions();
        connect.setAutomaticReconnect(false);
        connect.setCleanStart(!options.keepSession());
        connect.setSessionExpiryInterval(
                options.keepSession() ? options.sessionExpiry().toSeconds() : 0);
        connect.setReceiveMaximum(options.receiveMaximum());
        connect.setMaximumPacketSize((long) options.packetBytesMax());
        connect.setKeepAliveInterval(options.keepAliveSeconds());
        connect.setConnectionTimeout(options.connectSeconds());
        connect.setUseSubscriptionIdentifiers(false);
        connect.setUserName(options.user());
        Secret password = options.password();
        if (password != null) {
            connect.setPassword(password.value().getBytes(StandardCharsets.UTF_8));
        }
        BrokerOptions.Will will = options.will();
        if (will != null) {
            connect.setWill(will.topic(), new MqttMessage(will.payload(), 1, false, null));
            MqttProperties properties = new MqttProperties();
            properties.setMessageExpiryInterval(Math.max(1, will.expiry().toSeconds()));
            connect.setWillMessageProperties(properties);
        }
        if (options.tls() != null) {
            connect.setSocketFactory(options.tls().getSocketFactory());
            connect.setHttpsHostnameVerificationEnabled(true);
        }
        return connect;
    }

    @Override
    public void subscribe(List<String> filters, int qos, boolean retained) throws IOException {
        MqttSubscription[] subscriptions = filters.stream()
                .map(filter -> {
                    MqttSubscription each = new MqttSubscription(filter, qos);
                    each.setRetainHandling(retained ? RETAINED_ALWAYS : RETAINED_NEVER);
                    each.setRetainAsPublished(false); // the flag then means: kept from before
                    return each;
                })
                .toArray(MqttSubscription[]::new);
        try {
            IMqttToken token = client.subscribe(subscriptions);
            token.waitForCompletion(options.connectTimeout().toMillis());
            int[] codes = token.getReasonCodes();
            for (int i = 0; i < codes.length; i++) {
                if (codes[i] >= REFUSED) {
                    throw new IOException("the broker refused to subscribe to " + filters.get(i) + ", reason 0x"
                            + Integer.toHexString(codes[i]));
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
    public synchronized void publish(String topic, byte[] payload) throws IOException {
        try {
            var unused = client.publish(topic, payload, 0, false);
        } catch (MqttException e) {
            throw told(e);
        }
    }

    /** Synchronized: the library gives out topic aliases before it queues, so that two threads could change their order. */
    @Override
    public synchronized void publish(String topic, byte[] payload, @Nullable Duration expiry, Settled settled)
            throws IOException {
        MqttProperties properties = new MqttProperties();
        if (expiry != null) {
            properties.setMessageExpiryInterval(Math.max(1, expiry.toSeconds()));
        }
        try {
            var unused = client.publish(topic, new MqttMessage(payload, 1, false, properties), null, tell(settled));
        } catch (MqttException e) {
            throw told(e);
        }
    }

    private static MqttActionListener tell(Settled settled) {
        return new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                int[] codes = token.getReasonCodes();
                int code = codes == null || codes.length == 0 ? 0 : codes[0];
                if (code >= REFUSED) {
                    settled.settled(Outcome.REFUSED, "reason 0x" + Integer.toHexString(code));
                } else {
                    settled.settled(code == NO_MATCHING_SUBSCRIBERS ? Outcome.NOBODY : Outcome.TAKEN, "");
                }
            }

            @Override
            public void onFailure(IMqttToken token, Throwable cause) {
                settled.settled(Outcome.UNKNOWN, String.valueOf(cause.getMessage()));
            }
        };
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public long packetBytesMax() {
        return packetBytesMax;
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
                    PahoLink5.this,
                    new Arrival(topic, message.getPayload(), message.getQos(), message.getId(), message.isRetained()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            if (!ended.getAndSet(true)) {
                MqttException e = response.getException();
                events.lost(
                        PahoLink5.this,
                        e == null
                                ? "reason 0x" + Integer.toHexString(response.getReturnCode())
                                : String.valueOf(told(e).getMessage()));
            }
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            LOG.debug("{}: told of", options.owner(), exception);
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            LOG.trace("{}: a message was sent", options.owner());
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            LOG.trace("{}: connected to {}", options.owner(), serverUri);
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            LOG.debug("{}: an AUTH that nobody asked for", options.owner());
        }
    }
}
