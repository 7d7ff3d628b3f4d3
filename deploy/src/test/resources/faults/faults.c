/*
 * Preloaded into a program under test: fsyncs and writes that fail, and a wall clock that is wrong. What it does stands in a
 * file that the test maps and changes at any moment: 64-bit numbers in the machine's byte order, [0] nanoseconds to add to
 * CLOCK_REALTIME, [1] every how many fsyncs one fails with EIO (0: none), [2] every how many writes to regular files one
 * does, standard output and error apart; written here: [3] fsyncs and [4] writes that failed so.
 * The monotonic clock stays as it is. A failed fsync has not synced anything, a failed write has not written anything.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK, FSYNC_EVERY, WRITE_EVERY, FSYNCS_FAILED, WRITES_FAILED, NUMBERS };

static _Atomic int64_t nothing[NUMBERS];
static _Atomic int64_t *control = nothing;
static atomic_long syncs, writes;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TRIBUTARY_FAULTS");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof nothing, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(file);
}

static int fails(int64_t every, atomic_long *made, int failed) {
    if (every <= 0 || atomic_fetch_add(made, 1) % every != every - 1) return 0;
    atomic_fetch_add(&control[failed], 1);
    errno = EIO;
    return 1;
}

static int sync_fails(void) {
    return fails(control[FSYNC_EVERY], &syncs, FSYNCS_FAILED);
}

static int write_fails(int file) {
    struct stat is;
    int64_t every = control[WRITE_EVERY];
    if (every <= 0 || file <= STDERR_FILENO || fstat(file, &is) != 0 || !S_ISREG(is.st_mode)) return 0;
    return fails(every, &writes, WRITES_FAILED);
}

#define REAL(name) (__typeof__(&name)) real(&name##_found, #name)
static void *real(void **found, const char *name) {
    if (*found == NULL) *found = dlsym(RTLD_NEXT, name);
    return *found;
}

static void *write_found, *pwrite_found, *pwrite64_found, *writev_found;

ssize_t write(int file, const void *bytes, size_t count) {
    return write_fails(file) ? -1 : (REAL(write))(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    return write_fails(file) ? -1 : (REAL(pwrite))(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    return write_fails(file) ? -1 : (REAL(pwrite64))(file, bytes, count, at);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    return write_fails(file) ? -1 : (REAL(writev))(file, parts, count);
}

int fsync(int file) {
    return sync_fails() ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    return sync_fails() ? -1 : (int)syscall(SYS_fdatasync, file);
}

static void move(struct timespec *time) {
    int64_t ns = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + control[CLOCK];
    time->tv_sec = ns / 1000000000;
    time->tv_nsec = ns % 1000000000;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) move(time);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    (void)zone;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into != NULL) *into = now.tv_sec;
    return now.tv_sec;
}
