package io.tributary.collector.commands;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.collector.storage.StateStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every command by agent and ID, in memory and in the store. Bounded per agent: those without a result by count and
 * bytes, those with one by count, the oldest going first. Guarded by its {@link Downlink}.
 */
final class CommandBook {
    private static final Logger LOG = LoggerFactory.getLogger(CommandBook.class);
    /** No name of an agent has a line end in it. */
    private static final char SEPARATOR = '\n';

    private final StateStore store;
    private final CommandOptions options;
    private final Map<String, LinkedHashMap<String, CommandEntry>> byAgent = new HashMap<>();

    CommandBook(StateStore store, CommandOptions options) {
        this.store = store;
        this.options = options;
    }

    void load() {
        List<CommandEntry> all = new ArrayList<>();
        store.forEach((name, state) -> {
            try {
                all.add(CommandStateCodec.decodeCommand(state));
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                LOG.warn("a saved command cannot be read and is left where it is: {}", e.getMessage());
            }
        });
        all.sort(Comparator.comparingLong(CommandEntry::createdNs));
        for (CommandEntry each : all) {
            of(each.agent()).put(each.id(), each);
        }
    }

    private LinkedHashMap<String, CommandEntry> of(String agent) {
        return byAgent.computeIfAbsent(agent, unused -> new LinkedHashMap<>());
    }

    @Nullable
    CommandEntry get(String agent, String id) {
        Map<String, CommandEntry> entries = byAgent.get(agent);
        return entries == null ? null : entries.get(id);
    }

    /** Oldest first. */
    Collection<CommandEntry> all(String agent) {
        Map<String, CommandEntry> entries = byAgent.get(agent);
        return entries == null ? List.of() : entries.values();
    }

    List<CommandEntry> open(String agent) {
        return all(agent).stream().filter(each -> each.result() == null).toList();
    }

    /** Of all agents. */
    List<CommandEntry> open() {
        List<CommandEntry> open = new ArrayList<>();
        byAgent.keySet().forEach(agent -> open.addAll(open(agent)));
        return open;
    }

    /** Durable on return. */
    void add(CommandEntry entry) throws CommandException {
        List<CommandEntry> open = open(entry.agent());
        long bytes = open.stream().mapToLong(CommandEntry::bytes).sum() + entry.bytes();
        if (open.size() >= options.pendingMax()
                || bytes > options.pendingBytesMax().bytes()) {
            throw new CommandException(
                    CommandException.Kind.FULL,
                    open.size() + " commands for agent \"" + entry.agent() + "\" have no result yet, " + bytes
                            + " bytes with this one; expected fewer than " + options.pendingMax()
                            + " and at most " + options.pendingBytesMax());
        }
        store.putSynced(name(entry), CommandStateCodec.encode(entry));
        of(entry.agent()).put(entry.id(), entry);
        prune(entry.agent());
    }

    /** Survives kill -9, not power loss: the agent tells again what is lost so. */
    void put(CommandEntry entry) {
        store.put(name(entry), CommandStateCodec.encode(entry));
        of(entry.agent()).put(entry.id(), entry);
    }

    private void prune(String agent) {
        Map<String, CommandEntry> entries = of(agent);
        long ended =
                entries.values().stream().filter(each -> each.result() != null).count();
        Iterator<CommandEntry> oldest = entries.values().iterator();
        while (ended > options.kept() && oldest.hasNext()) {
            CommandEntry each = oldest.next();
            if (each.result() != null) {
                oldest.remove();
                store.remove(name(each));
                ended--;
            }
        }
    }

    private static String name(CommandEntry entry) {
        return entry.agent() + SEPARATOR + entry.id();
    }
}
