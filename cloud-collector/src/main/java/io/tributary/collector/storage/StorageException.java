package io.tributary.collector.storage;

/** The database could not be read or written: a full or failing disk, or damage. Trying again later may help. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StorageException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
