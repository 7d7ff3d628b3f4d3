package io.tributary.agent.process;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Table;
import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds every channel against what it was and what it is declared to be. Looks at the dictionary of a batch, at readings
 * only where a policy says so.
 *
 * <pre>
 * take -> as it should be: the same batch goes on
 *         else: the readings that may go on, some of them converted -> next intake
 *               then the others, as line protocol -> dead letters; the source hears when both are safe
 * </pre>
 *
 * What is refused later comes again as a whole: what was taken of it is replaced by itself then.
 */
public final class SchemaGuard implements Intake {
    static final String CAUSE = "schema";
    private static final Logger LOG = LoggerFactory.getLogger(SchemaGuard.class);
    /** Log lines; the counters have them all. */
    private static final int TOLD_MAX = 10;

    private static final long TOLD_INTERVAL_NS = 60_000_000_000L;

    private final Intake next;
    private final Clock clock;
    private final SchemaMetrics metrics;
    private final Object lock = new Object();
    // Guarded by lock.
    private final SchemaState state;
    private long toldFromNs;
    private int told;

    public SchemaGuard(SchemaOptions options, Intake next, Clock clock, PrometheusRegistry registry) {
        this.next = next;
        this.clock = clock;
        this.metrics = new SchemaMetrics(registry);
        this.state = new SchemaState(options, metrics, this::tell);
        this.toldFromNs = clock.monotonicNs();
        metrics.series(() -> {
            synchronized (lock) {
                return state.size();
            }
        });
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        Verdicts verdicts = new Verdicts(batch);
        synchronized (lock) {
            for (Table table : batch.tables()) {
                for (int device : table.runDevice()) {
                    for (int channel : table.channels()) {
                        judge(source, batch, verdicts, device, channel);
                    }
                }
            }
        }
        if (verdicts.allAccepted()) {
            next.take(source, batch, durability, receipt);
            return;
        }
        SchemaSplit split = new SchemaSplit(batch, verdicts);
        Runnable done = () -> {
            split.count(metrics, source);
            receipt.taken();
        };
        Iterator<SchemaSplit.Letter> letters = split.letters().iterator();
        if (split.passing().readingCount() == 0) {
            letters(source, letters, done, receipt);
            return;
        }
        next.take(source, split.passing(), durability, new Receipt() {
            @Override
            public void taken() {
                letters(source, letters, done, receipt);
            }

            @Override
            public void refused(Refusal refusal) {
                receipt.refused(refusal);
            }
        });
    }

    private void judge(String source, Batch batch, Verdicts verdicts, int device, int channel) {
        if (verdicts.at(device, channel) == null) {
            Channel came = batch.channels().get(channel);
            verdicts.put(
                    device,
                    channel,
                    state.judge(source, batch.devices().get(device).id(), came));
        }
    }

    private void letters(String source, Iterator<SchemaSplit.Letter> letters, Runnable done, Receipt receipt) {
        if (!letters.hasNext()) {
            done.run();
            return;
        }
        SchemaSplit.Letter letter = letters.next();
        next.deadLetter(source, CAUSE, letter.detail(), letter.payload(), new Receipt() {
            @Override
            public void taken() {
                letters(source, letters, done, receipt);
            }

            @Override
            public void refused(Refusal refusal) {
                receipt.refused(refusal);
            }
        });
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        next.deadLetter(source, cause, detail, payload, receipt);
    }

    /** Under the lock. */
    private void tell(Supplier<String> event) {
        long now = clock.monotonicNs();
        if (now - toldFromNs >= TOLD_INTERVAL_NS) {
            toldFromNs = now;
            told = 0;
        }
        if (++told <= TOLD_MAX) {
            LOG.warn("{}{}", event.get(), told == TOLD_MAX ? "; more of these are only counted for a minute" : "");
        }
    }

    /** What is to be done with the channels of one batch, by device and channel index. */
    static final class Verdicts {
        private final SchemaState.@Nullable Verdict[] verdicts;
        private final int channels;
        private boolean allAccepted = true;

        Verdicts(Batch batch) {
            channels = batch.channels().size();
            verdicts = new SchemaState.@Nullable Verdict[batch.devices().size() * channels];
        }

        SchemaState.@Nullable Verdict at(int device, int channel) {
            return verdicts[device * channels + channel];
        }

        void put(int device, int channel, SchemaState.Verdict verdict) {
            verdicts[device * channels + channel] = verdict;
            allAccepted &= verdict.action() == SchemaState.Action.ACCEPT;
        }

        boolean allAccepted() {
            return allAccepted;
        }
    }
}
