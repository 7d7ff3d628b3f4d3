package io.tributary.agent.process;

import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Keeps what it is given as texts; answers at once, or when a test says so; refuses what a test says. */
final class HeldIntake implements Intake {
    final List<String> taken = new ArrayList<>();
    final List<String> letters = new ArrayList<>();
    final List<Batch> batches = new ArrayList<>();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean holds;
    private Predicate<String> refuses = what -> false;
    private boolean forGood;

    void hold() {
        holds = true;
    }

    void answerAll() {
        holds = false;
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    /** @param which of "take" and "letter" */
    void refuse(Predicate<String> which) {
        refuses = which;
    }

    void refuseForGood() {
        refuses = what -> true;
        forGood = true;
    }

    private void answer(String what, Receipt receipt, Runnable keep) {
        boolean refused = refuses.test(what);
        Runnable answer = () -> {
            if (refused) {
                receipt.refused(new Refusal("queue-full", "by order", forGood ? -1 : 1));
            } else {
                keep.run();
                receipt.taken();
            }
        };
        if (holds) {
            held.add(answer);
        } else {
            answer.run();
        }
    }

    @Override
    public void take(String source, Batch batch, Durability durability, Receipt receipt) {
        answer("take", receipt, () -> {
            batches.add(batch);
            taken.addAll(shown(batch));
        });
    }

    @Override
    public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
        answer(
                "letter",
                receipt,
                () -> letters.add(cause + "|" + detail + "|" + new String(payload, StandardCharsets.UTF_8)));
    }

    /** {@code device channel=value[unit] @seconds !quality} */
    static List<String> shown(Batch batch) {
        List<String> lines = new ArrayList<>();
        ReadingCursor cursor = new ReadingCursor(batch);
        while (cursor.next()) {
            Channel channel = cursor.channel();
            Object value = switch (channel.type()) {
                case DOUBLE -> Double.longBitsToDouble(cursor.bits());
                case LONG -> cursor.bits();
                case BOOL -> cursor.bits() != 0;
                case STRING -> cursor.text();
            };
            lines.add(cursor.device().id() + " " + channel.name() + "=" + value
                    + (channel.unit().isEmpty() ? "" : "[" + channel.unit() + "]")
                    + (cursor.eventNs() == Table.STAMP_ON_ARRIVAL ? "" : " @" + cursor.eventNs() / 1_000_000_000L)
                    + (cursor.quality() == 0 ? "" : " !" + Integer.toHexString(cursor.quality())));
        }
        return lines;
    }
}
