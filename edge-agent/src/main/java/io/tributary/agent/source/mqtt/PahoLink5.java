package io.tributary.agent.source.mqtt;

import io.tributary.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
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
    private static final long DISCONNECT_MILLIS = 1_000;

    private final MqttOptions options;
    private final @Nullable SSLContext tls;
    private final Events events;
    private final MqttAsyncClient client;
    private final AtomicBoolean ended = new AtomicBoolean();

    PahoLink5(MqttOptions options, @Nullable SSLContext tls, Events events) throws IOException {
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
        MqttConnectionOptions connect = new MqttConnectionOptions();
        connect.setAutomaticReconnect(false);
        connect.setCleanStart(false);
        connect.setSessionExpiryInterval(options.sessionExpiry().toSeconds());
        connect.setReceiveMaximum(options.inFlight());
        connect.setMaximumPacketSize((long) options.packetBytesMax());
        connect.setKeepAliveInterval((int) options.keepAlive().toSeconds());
        connect.setConnectionTimeout((int) Math.max(1, options.connectTimeout().toSeconds()));
        connect.setUseSubscriptionIdentifiers(false);
        connect.setUserName(options.user());
        Secret password = options.password();
        if (password != null) {
            connect.setPassword(password.value().getBytes(StandardCharsets.UTF_8));
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
        MqttSubscription[] subscriptions = filters.stream()
                .map(filter -> {
                    MqttSubscription each = new MqttSubscription(filter, options.qos());
                    each.setRetainHandling(options.retained() ? RETAINED_ALWAYS : RETAINED_NEVER);
                    each.setRetainAsPublished(false); // the flag then means: kept from before
                    return each;
                })
                .toArray(MqttSubscription[]::new);
        try {
            IMqttToken token = client.subscribe(subscriptions);
            token.waitForCompletion(options.connectTimeout().toMillis());
            int[] codes = token.getReasonCodes();
            for (int i = 0; i < codes.length; i++) {
                if (codes[i] >= 0x80) {
                    throw new IOException("the broker refused to subscribe to " + filters.get(i) + ", reason 0x"
                            + Integer.toHexString(codes[i]));
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
            LOG.debug("source {}: told of", options.name(), exception);
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            LOG.trace("source {}: a command was sent", options.name());
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            LOG.trace("source {}: connected to {}", options.name(), serverUri);
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            LOG.debug("source {}: an AUTH that nobody asked for", options.name());
        }
    }
}
