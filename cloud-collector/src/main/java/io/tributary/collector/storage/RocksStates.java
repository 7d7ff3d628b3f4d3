package io.tributary.collector.storage;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** Values of one kind in the column family of small things. */
final class RocksStates implements StateStore {
    private final RocksStore store;
    private final Leases leases;
    private final String kind;

    RocksStates(RocksStore store, Leases leases, String kind) {
        this.store = store;
        this.leases = leases;
        this.kind = kind;
    }

    @Override
    public void forEach(BiConsumer<String, byte[]> each) {
        leases.acquire();
        byte[] prefix = Keys.statePrefix(kind);
        try (ReadOptions options = new ReadOptions();
                RocksIterator at = store.iterator(store.meta, options)) {
            for (at.seek(prefix); at.isValid() && Keys.startsWith(at.key(), prefix); at.next()) {
                byte[] key = at.key();
                String name = new String(key, prefix.length, key.length - prefix.length, StandardCharsets.UTF_8);
                each.accept(name, at.value());
            }
            at.status();
        } catch (RocksDBException e) {
            throw new StorageException("states of kind " + kind + " cannot be read", e);
        } finally {
            leases.release();
        }
    }

    @Override
    public void put(String name, byte[] value) {
        leases.acquire();
        try {
            store.putLogged(store.meta, Keys.state(kind, name), value);
        } catch (RocksDBException e) {
            throw new StorageException("state " + kind + " " + name + " cannot be written", e);
        } finally {
            leases.release();
        }
    }

    @Override
    public void putSynced(String name, byte[] value) {
        leases.acquire();
        try (WriteBatch write = new WriteBatch()) {
            write.put(store.meta, Keys.state(kind, name), value);
            store.write(write, true);
        } catch (RocksDBException e) {
            throw new StorageException("state " + kind + " " + name + " cannot be written", e);
        } finally {
            leases.release();
        }
    }

    @Override
    public void remove(String name) {
        leases.acquire();
        try {
            store.deleteLogged(store.meta, Keys.state(kind, name));
        } catch (RocksDBException e) {
            throw new StorageException("state " + kind + " " + name + " cannot be removed", e);
        } finally {
            leases.release();
        }
    }
}
