package io.tributary.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Compares what devices sent, and what was acknowledged to them, with what the collector has stored. */
final class StoredCheck {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern LEDGER =
            Pattern.compile("ledger: ([0-9,]+) readings acknowledged.* in doubt ([0-9,]+).*");
    private static final Pattern COMPARED = Pattern.compile("compared: ([0-9,]+) readings.*");
    private static final Pattern VERDICT =
            Pattern.compile("lost (\\d+) duplicated (\\d+) altered (\\d+) unexpected (\\d+)");

    private final Line line;
    private final Figures figures;
    private final String prefix;
    private boolean differs;

    /** @param prefix of the figures' names */
    StoredCheck(Line line, Figures figures, String prefix) {
        this.line = line;
        this.figures = figures;
        this.prefix = prefix;
    }

    /** @throws IllegalStateException anything that was compared is missing, there twice, or another one */
    void end() {
        if (differs) {
            throw new IllegalStateException("what is stored differs from what was acknowledged");
        }
    }

    /**
     * Reading by reading; what nobody acknowledges (UDP, OPC UA) may be missing, and is told beside what is there.
     *
     * @param devices a pattern of theirs
     */
    void ledger(String source, Path ledger, String devices) {
        Program verify = line.verify("verify-" + source, List.of(ledger));
        if (verify.awaitExit(PATIENCE) > 1) {
            throw new ProgramFailedException(verify, "could not compare");
        }
        String name = prefix + "." + source;
        for (String each : verify.output()) {
            Matcher sent = LEDGER.matcher(each);
            Matcher compared = COMPARED.matcher(each);
            Matcher verdict = VERDICT.matcher(each);
            if (sent.matches()) {
                figures.add(name + ".acknowledged", number(sent.group(1)), "readings");
                if (number(sent.group(2)) > 0) {
                    figures.add(name + ".unacknowledged", number(sent.group(2)), "readings");
                    figures.add(name + ".unacknowledged_stored", stored(devices), "readings");
                }
            } else if (compared.matches()) {
                figures.add(name + ".stored", number(compared.group(1)), "readings");
            } else if (verdict.matches()) {
                figures.add(name + ".lost", number(verdict.group(1)), "readings");
                figures.add(name + ".duplicated", number(verdict.group(2)), "readings");
                figures.add(name + ".altered", number(verdict.group(3)), "readings");
                figures.add(name + ".unexpected", number(verdict.group(4)), "readings");
                differs |= verify.awaitExit(PATIENCE) != 0;
            }
        }
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace(",", ""));
    }

    /** By number, where times are those of arrival: what the collector has of these devices, and what it should have. */
    void count(String source, String devices, long sent) {
        Await.holds(Duration.ofSeconds(20), () -> stored(devices) >= sent);
        long stored = stored(devices);
        figures.add(prefix + "." + source + ".acknowledged", sent, "readings");
        figures.add(prefix + "." + source + ".stored", stored, "readings");
        differs |= stored != sent;
    }

    private long stored(String devices) {
        JsonNode answer = line.collectorApi()
                .json("/api/v1/aggregate?device=" + CollectorApi.encode(devices)
                        + "&channel=*&from=-1d&to=now&fn=count&fill=none");
        long count = 0;
        for (JsonNode series : answer.path("series")) {
            for (JsonNode window : series.path("windows")) {
                count += window.path("count").asLong();
            }
        }
        return count;
    }
}
