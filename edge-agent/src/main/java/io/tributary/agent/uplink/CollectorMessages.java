package io.tributary.agent.uplink;

import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Acknowledgement;
import io.tributary.proto.v1.ClockReply;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.Rejection;
import io.tributary.proto.v1.Welcome;
import java.util.ArrayList;
import java.util.List;

/** What the collector says, read from messages of ingest.proto; the same over every uplink. */
final class CollectorMessages {
    private CollectorMessages() {}

    /**
     * Tells the listener.
     *
     * @param wallNs when it arrived
     * @return false for a kind that is not known here: of a later version, not ours to judge
     */
    static boolean tell(CollectorMessage message, Uplink.Listener listener, long wallNs) {
        switch (message.getMessageCase()) {
            case WELCOME -> listener.welcome(welcome(message.getWelcome()));
            case ACKNOWLEDGEMENT -> {
                Acknowledgement told = message.getAcknowledgement();
                if (told.getEpoch() == 0) {
                    listener.acknowledged(ranges(told.getRangesList()), rejected(told.getRejectionsList()));
                } else {
                    listener.lossesKnown(told.getEpoch(), ranges(told.getRangesList()));
                }
            }
            case CREDIT -> listener.credit(message.getCredit().getCreditBytes());
            case RETRY_AFTER ->
                listener.retryAfter(
                        message.getRetryAfter().getDelayMillis(),
                        message.getRetryAfter().getReason());
            case CLOCK_REPLY -> {
                ClockReply reply = message.getClockReply();
                listener.clockReply(reply.getT1Ns(), reply.getT2Ns(), reply.getT3Ns(), wallNs);
            }
            case COMMAND -> listener.command(DownwardMessages.command(message.getCommand()));
            case DESIRED_CONFIG ->
                listener.desiredConfig(
                        message.getDesiredConfig().getVersion(),
                        message.getDesiredConfig().getYaml());
            case SESSION_END, MESSAGE_NOT_SET -> {
                return false;
            }
        }
        return true;
    }

    static SessionWelcome welcome(Welcome message) {
        return new SessionWelcome(
                message.getCollector(),
                message.getVersion(),
                message.getCreditBytes(),
                message.getBatchBytesMax(),
                ranges(message.getReceivedList()));
    }

    private static List<Rejected> rejected(List<Rejection> messages) {
        return messages.stream()
                .map(each ->
                        new Rejected(range(each.getRange()), each.getReadings(), each.getCause(), each.getDetail()))
                .toList();
    }

    static List<SequenceRange> ranges(List<io.tributary.proto.v1.SequenceRange> messages) {
        List<SequenceRange> ranges = new ArrayList<>(messages.size());
        for (io.tributary.proto.v1.SequenceRange message : messages) {
            ranges.add(range(message));
        }
        return ranges;
    }

    private static SequenceRange range(io.tributary.proto.v1.SequenceRange message) {
        return new SequenceRange(message.getFirst(), message.getCount());
    }
}
