package io.tributary.agent.uplink;

import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.model.SequenceRange;
import java.util.List;

/** A way to the collector. Used by the forwarder's thread only. */
public interface Uplink extends AutoCloseable {
    /** Begins a session; what becomes of it is told to the listener. Does not block on the network. */
    Session open(SessionHello hello, Listener listener);

    /** Where it leads, for logs. */
    String target();

    @Override
    void close();

    /** One connection, from hello to end. Calls after its end do nothing. */
    interface Session {
        /** False while what was sent still waits in buffers; {@link Listener#ready} tells when it changes. */
        boolean isReady();

        void send(Stamped batch, Lane lane);

        void send(LostRange lost);

        void send(AgentStatus status);

        void send(CommandResult result);

        void send(ConfigReport report);

        /** Asks for the collector's time. */
        void probe(long wallNs);

        /** The last {@link Listener} call that was handed over has been dealt with: the next one may come. */
        void next();

        /** Says that nothing more comes; acknowledgements still arrive. */
        void finish();

        /** Ends it at once. */
        void abort(String reason);
    }

    /** Called on the uplink's threads, one call at a time; at most a few before {@link Session#next}. Must not block. */
    interface Listener {
        void welcome(SessionWelcome welcome);

        void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected);

        /** The collector knows what was lost of an earlier epoch. */
        void lossesKnown(long epoch, List<SequenceRange> ranges);

        void credit(long bytes);

        void retryAfter(long delayMillis, String reason);

        /** Stamps of a probe: agent, collector, collector, agent. */
        void clockReply(long t1, long t2, long t3, long t4);

        void command(AgentCommand command);

        /** @param yaml empty: the agent's own file holds */
        void desiredConfig(long version, String yaml);

        /** Not counted by {@link Session#next}. */
        void ready();

        /** The collector knows later sequences of this epoch than the outbox: it needs a new one. The last call. */
        void wentBack(String reason);

        /** The last call. Not counted by {@link Session#next}. */
        void ended(String reason);
    }
}
