package io.tributary.collector.ingest;

import io.tributary.collector.agents.AgentHello;
import io.tributary.model.Names;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Hello;
import io.tributary.proto.v1.Welcome;
import java.util.List;

/** A hello, checked, and the welcome to it. Pure. */
final class Greeting {
    /** What a hello may bring at most; no agent needs more, and all of it is kept per agent. */
    private static final int CAPABILITIES_MAX = 64;

    private static final int TEXT_MAX = 128;
    /** Bounds the welcome at 400 KB; agents deliver the rest again, which changes nothing. */
    private static final int RECEIVED_RANGES_MAX = 20_000;

    private Greeting() {}

    static AgentHello checked(Hello hello, String address) throws ProtocolException {
        try {
            Names.check("agent ID", hello.getAgent());
        } catch (IllegalArgumentException e) {
            throw ProtocolException.invalid("bad-hello", "hello: " + e.getMessage());
        }
        if (hello.getEpoch() < 0) {
            throw ProtocolException.invalid(
                    "bad-hello",
                    "hello: epoch " + Long.toUnsignedString(hello.getEpoch()) + ", expected less than 2^63");
        }
        long next = hello.getNextSequence();
        long oldest = hello.getOldestSequence();
        if (next < 0 || oldest < 0 || oldest > next) {
            throw ProtocolException.invalid(
                    "bad-hello",
                    "hello: oldest sequence " + Long.toUnsignedString(oldest) + " and next sequence "
                            + Long.toUnsignedString(next) + ", expected oldest <= next < 2^63");
        }
        if (hello.getVersion().length() > TEXT_MAX
                || hello.getCapabilitiesCount() > CAPABILITIES_MAX
                || hello.getCapabilitiesList().stream().anyMatch(word -> word.length() > TEXT_MAX)) {
            throw ProtocolException.invalid(
                    "bad-hello",
                    "hello: version or capabilities too long; expected a version of at most " + TEXT_MAX
                            + " characters and at most " + CAPABILITIES_MAX + " capabilities of as many");
        }
        return new AgentHello(
                hello.getAgent(),
                hello.getEpoch(),
                next,
                oldest,
                hello.getVersion(),
                hello.getCapabilitiesList(),
                address);
    }

    static Welcome welcome(
            String collector, String version, long creditBytes, int batchBytesMax, List<SequenceRange> received) {
        Welcome.Builder welcome = Welcome.newBuilder()
                .setCollector(collector)
                .setVersion(version)
                .setCreditBytes(creditBytes)
                .setBatchBytesMax(batchBytesMax);
        for (SequenceRange range : received.subList(0, Math.min(received.size(), RECEIVED_RANGES_MAX))) {
            welcome.addReceived(Outbound.toProto(range));
        }
        return welcome.build();
    }
}
