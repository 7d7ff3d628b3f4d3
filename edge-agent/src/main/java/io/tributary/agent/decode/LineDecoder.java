package io.tributary.agent.decode;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Table;

/** Lines of InfluxDB line protocol; a bad one refuses the payload, naming the line. Stateless, any thread. */
final class LineDecoder implements Decoder {
    private final LineMapping mapping;

    LineDecoder(LineMapping mapping) {
        this.mapping = mapping;
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        LineProtocol parser = new LineProtocol();
        parser.begin(message.payload(), 0, message.payload().length);
        BatchBuilder batch = new BatchBuilder();
        long readings = 0;
        try {
            for (Line line = parser.next(); line != null; line = parser.next()) {
                mapping.add(line, message.names(), Table.STAMP_ON_ARRIVAL, batch);
                readings += line.fields();
                if (readings > Readings.MAX) {
                    throw new MalformedException("more than " + Readings.MAX + " readings");
                }
            }
        } catch (MalformedException e) {
            throw new MalformedException("line " + parser.lineNumber() + ": " + e.getMessage());
        }
        return batch.build();
    }
}
