package io.tributary.collector.account;

import io.tributary.collector.partition.Origin;
import java.util.List;

/** Called by the agent directory and by metrics, on any thread. */
public interface AccountReader {
    /** Every origin that ever delivered or reported a loss, sorted. */
    List<Origin> origins();

    /**
     * The account of one moment, exact: readings that still wait in a head are compared with what is stored, which may
     * read chunks. {@link OriginAccount#EMPTY} for an unknown origin.
     */
    OriginAccount account(Origin origin);
}
