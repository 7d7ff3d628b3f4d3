package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class LetterLaneTest {
    private static final long MILLI = 1_000_000;
    private static final Receipt NOBODY = new Receipt() {
        @Override
        public void taken() {}

        @Override
        public void refused(Refusal refusal) {}
    };
    /** What each letter here counts as. */
    private static final long LETTER_BYTES = letter("a", 0).bytes();

    private long nowNs = -5 * MILLI;
    /** Four letters after a pause, 64 a second. */
    private final LetterLane lane = new LetterLane(100 * LETTER_BYTES, 64 * LETTER_BYTES, nowNs);

    private int made;

    private static Waiting letter(String source, int number) {
        return Waiting.letter(new DeadLetter(number, source, "malformed", "why", new byte[144]), NOBODY);
    }

    private boolean add(String source) {
        return lane.add(letter(source, made++));
    }

    private String take(boolean all) {
        List<Waiting> group = new ArrayList<>();
        lane.take(group, nowNs, all);
        return group.stream().map(Waiting::source).collect(Collectors.joining());
    }

    private void exhaust() {
        for (int i = 0; i < 50; i++) {
            add("n");
        }
        assertThat(take(false)).isEqualTo("nnnn");
        assertThat(take(false)).isEmpty();
    }

    @Test
    void letters_goAsTheRateLets_inTheirOrder() {
        exhaust();
        List<Waiting> group = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            nowNs += 50 * MILLI;
            lane.take(group, nowNs, false);
        }
        assertThat(group).hasSizeBetween(42, 46).hasSizeLessThan(64);
        assertThat(group.stream().map(Waiting::arrivalNs)).isSorted();
        nowNs += 60_000 * MILLI;
        group.clear();
        exhaustRest(group);
    }

    private void exhaustRest(List<Waiting> group) {
        for (int i = 0; i < 20; i++) {
            add("n");
        }
        lane.take(group, nowNs, false);
        assertThat(group).as("a pause earns no more than a burst").hasSizeLessThanOrEqualTo(5);
    }

    @Test
    void sourceWithALetterNowAndThen_doesNotWaitForThoseThatHaveManyOfThem() {
        exhaust();
        add("x");
        assertThat(lane.pauseNs()).isZero();
        assertThat(take(false)).isEqualTo("x");
        add("x");
        assertThat(take(false)).as("it had its turn").isEmpty();
        assertThat(lane.pauseNs()).isPositive();
    }

    @Test
    void sourcesTakeTurns() {
        for (String source : List.of("a", "b", "c")) {
            for (int i = 0; i < 4; i++) {
                add(source);
            }
        }
        assertThat(take(false)).isEqualTo("abca");
        nowNs += 31 * MILLI;
        assertThat(take(false)).isEqualTo("bc");
        nowNs += 31 * MILLI;
        assertThat(take(false)).isEqualTo("ab");
        assertThat(take(true)).as("at the end, all").isEqualTo("cabc");
        assertThat(lane.isEmpty()).isTrue();
        assertThat(lane.bytes()).isZero();
    }

    @Test
    void eachSource_hasItsOwnRoom() {
        for (int i = 0; i < 100; i++) {
            assertThat(add("n")).isTrue();
        }
        assertThat(add("n")).isFalse();
        assertThat(add("x")).isTrue();
        assertThat(lane.bytes()).isEqualTo(101 * LETTER_BYTES);
        LetterLane small = new LetterLane(1, 1 << 20, nowNs);
        assertThat(small.add(letter("n", 1))).as("a single one may be larger").isTrue();
        assertThat(small.add(letter("n", 2))).isFalse();
    }
}
