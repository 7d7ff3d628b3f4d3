package io.tributary.agent.source.file;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A file that something appends lines to.
 *
 * @param header whether its first line names columns, for decoder {@code csv} without columns
 * @param from where to begin in a file that is met for the first time
 * @param poll how often to look for more
 */
@TypeName("file")
public record FileConfig(
        @Default("file") String name,
        Path path,
        @Default("{type: csv}") DecoderConfig decode,
        @Default("false") boolean header,
        @Default("beginning") From from,
        @Default("synced") Durability durability,
        @Default("64KiB") ByteSize lineBytesMax,
        @Default("1s") Duration poll)
        implements SourceConfig {
    /** Where to begin. */
    public enum From {
        BEGINNING,
        END
    }

    public FileConfig {
        Checks.name(name);
        if (name.indexOf('/') >= 0 || name.startsWith(".")) {
            throw new IllegalArgumentException("name is \"" + name + "\", expected one that a file can have");
        }
        Checks.between("line-bytes-max", lineBytesMax, 128, 1 << 20);
        Checks.positive("poll", poll);
        if (durability == Durability.MEMORY) {
            throw new IllegalArgumentException(
                    "durability is memory, expected synced or written: the file is still there");
        }
    }

    @Override
    public Source open(SourceContext context) {
        return new FileSource(
                this,
                MessageReader.of(name, decode.open(context.decoding(name, RebirthListener.NONE))),
                new PositionFile(context.directory().resolve(name + ".position")),
                context.intake(),
                context.clock(),
                context.metrics(FileMetrics.class, FileMetrics::new));
    }
}
