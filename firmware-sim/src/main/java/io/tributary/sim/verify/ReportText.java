package io.tributary.sim.verify;

import io.tributary.sim.verify.Account.Difference;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A report for people, and as one line of JSON. */
public final class ReportText {
    private ReportText() {}

    public static void print(Verification.Report report, PrintWriter out) {
        LedgerTotals totals = report.totals();
        Account account = report.account();
        out.printf(
                Locale.ROOT,
                "ledger: %,d readings acknowledged, %,d different ones, duplicates %,d, replaced %,d, rejected %,d, in doubt"
                        + " %,d%n",
                totals.accepted(),
                totals.distinct(),
                totals.duplicates(),
                totals.replaced(),
                totals.rejected(),
                totals.inDoubt());
        if (totals.tornBytes() > 0) {
            out.printf(Locale.ROOT, "ledger: %,d bytes of a torn block at the end ignored%n", totals.tornBytes());
        }
        out.printf(Locale.ROOT, "compared: %,d readings of %,d devices%n", account.compared(), report.devices());
        if (account.doubtStored() + account.doubtAbsent() > 0) {
            out.printf(
                    Locale.ROOT,
                    "in doubt: %,d stored, %,d not (both are right)%n",
                    account.doubtStored(),
                    account.doubtAbsent());
        }
        if (!account.isClean()) {
            printClasses(report, out);
            printSamples(account, out);
        }
        out.println(account.line());
        out.flush();
    }

    private static void printClasses(Verification.Report report, PrintWriter out) {
        int width = "devices of class".length();
        for (DeviceClass each : report.classes()) {
            width = Math.max(width, each.name().length());
        }
        String form = "%-" + width + "s  %9s  %12s  %10s  %10s  %10s%n";
        out.printf(form, "devices of class", "different", "lost", "duplicated", "altered", "unexpected");
        for (DeviceClass each : report.classes()) {
            out.printf(
                    form,
                    each.name(),
                    count(each.devices()),
                    count(each.account().of(Difference.LOST)),
                    count(each.account().of(Difference.DUPLICATED)),
                    count(each.account().of(Difference.ALTERED)),
                    count(each.account().of(Difference.UNEXPECTED)));
        }
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static void printSamples(Account account, PrintWriter out) {
        for (Difference difference : Difference.values()) {
            for (String sample : account.samples(difference)) {
                out.println(name(difference) + ": " + sample);
            }
            long more = account.of(difference) - account.samples(difference).size();
            if (more > 0) {
                out.printf(Locale.ROOT, "%s: and %,d more%n", name(difference), more);
            }
        }
    }

    private static String name(Difference difference) {
        return difference.name().toLowerCase(Locale.ROOT);
    }

    /** Without a line break. */
    public static String json(Verification.Report report) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            LedgerTotals totals = report.totals();
            Account account = report.account();
            json.writeStartObject();
            for (Difference difference : Difference.values()) {
                json.writeNumberProperty(name(difference), account.of(difference));
            }
            json.writeNumberProperty("compared", account.compared());
            json.writeNumberProperty("devices", report.devices());
            json.writeNumberProperty("acknowledged", totals.accepted());
            json.writeNumberProperty("distinct", totals.distinct());
            json.writeNumberProperty("duplicates", totals.duplicates());
            json.writeNumberProperty("replaced", totals.replaced());
            json.writeNumberProperty("rejected", totals.rejected());
            json.writeNumberProperty("in_doubt", totals.inDoubt());
            json.writeNumberProperty("in_doubt_stored", account.doubtStored());
            json.writeNumberProperty("torn_bytes", totals.tornBytes());
            json.writeObjectPropertyStart("samples");
            for (Difference difference : Difference.values()) {
                json.writeArrayPropertyStart(name(difference));
                for (String sample : account.samples(difference)) {
                    json.writeString(sample);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }
}
