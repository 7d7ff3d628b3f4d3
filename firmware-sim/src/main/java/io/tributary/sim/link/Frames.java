package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.util.List;

/** Frames made ahead of their sending. */
public final class Frames {
    private Frames() {}

    /**
     * One frame behind its 4-byte length.
     *
     * @param columnar whether it holds an encoded batch, as gateways send it, instead of rows
     */
    public static byte[] encode(long id, List<Row> rows, boolean columnar) {
        return new FrameWire(columnar).encode(id, rows).bytes();
    }
}
