/*
 * A fault layer under a real process: every change to a file below one folder is written down with its bytes, in order, so that
 * the test can build the disk as a power cut at any moment would leave it; and the test can take away room, the right to
 * write, or the right time, while the process runs.
 *
 * Loaded with LD_PRELOAD. Linux with glibc only. From the environment:
 *   LAYER_FOLDER    the folder, absolute, without a slash at its end
 *   LAYER_TRACE     the file that is written down into; without it nothing is, and syncs are real
 *   LAYER_SWITCHES  a file of four 64-bit numbers that the test may change at any time, see `enum switch`
 *   LAYER_MOMENTS   a file of one 64-bit number that all processes of a test count up, one for each change
 *
 * A record is six 64-bit numbers (kind, moment, a, b, length of the first bytes, length of the second) and those bytes, written by one
 * call. A change is written down before it is made: whoever is killed in between has made it as far as the disk is concerned.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { OPENED = 1, WRITTEN, CUT_TO, SYNCED, FOLDER_SYNCED, RENAMED, UNLINKED, LINKED, FOLDER_MADE };
enum switch_ {
    ROOM,       /* 0: as much as there is; otherwise one more than the bytes by which files may still grow */
    READ_ONLY,  /* 1: the disk takes no change */
    AHEAD_NS,   /* how far the clock of the system is shown ahead, signed */
    NO_SYNC,    /* 1: no sync succeeds */
};
#define FDS 4096

struct known {
    int tracked; /* 1: a file, 2: a folder */
    uint64_t inode;
    char *path; /* of a folder, below LAYER_FOLDER */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known known[FDS];
static const char *folder;
static size_t folder_length;
static int trace = -1;
static int64_t nowhere[4];
static volatile int64_t *switches = nowhere;
static uint64_t alone;
static uint64_t *moments = &alone;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static void *mapped(const char *variable, size_t length)
{
    const char *path = getenv(variable);
    int fd = path ? REAL(open)(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return NULL;
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REAL(close)(fd);
    return at == MAP_FAILED ? NULL : at;
}

__attribute__((constructor)) static void begin(void)
{
    void *at;
    const char *path = getenv("LAYER_TRACE");
    if ((at = mapped("LAYER_SWITCHES", sizeof nowhere))) switches = at;
    if ((at = mapped("LAYER_MOMENTS", sizeof alone))) moments = at;
    if (path) {
        trace = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (trace < 0) abort();
    }
    folder = getenv("LAYER_FOLDER");
    folder_length = folder ? strlen(folder) : 0;
}

/* The path below the folder, or NULL. Shared memory, the lock and the socket live as long as the machine runs and no longer. */
static const char *below(const char *path)
{
    if (!folder || strncmp(path, folder, folder_length)) return NULL;
    if (path[folder_length] == 0) return path + folder_length;
    if (path[folder_length] != '/') return NULL;
    path += folder_length + 1;
    size_t length = strlen(path);
    if (length >= 4 && !strcmp(path + length - 4, "-shm")) return NULL;
    if (!strcmp(path, "running.lock") || !strcmp(path, "api.sock")) return NULL;
    return path;
}

static void note(enum kind kind, uint64_t a, uint64_t b, const void *first, size_t length, const char *second)
{
    uint64_t moment = __atomic_add_fetch(moments, 1, __ATOMIC_SEQ_CST);
    if (trace < 0) return;
    uint64_t head[6] = { kind, moment, a, b, length, second ? strlen(second) : 0 };
    struct iovec parts[3] = { { head, sizeof head }, { (void *)first, length }, { (void *)second, head[5] } };
    size_t whole = sizeof head + length + head[5];
    if (REAL(writev)(trace, parts, 3) != (ssize_t)whole) abort();
}

static struct known *file_of(int fd, int tracked)
{
    return fd >= 0 && fd < FDS && known[fd].tracked == tracked ? &known[fd] : NULL;
}

static int refused(int number)
{
    errno = number;
    return -1;
}

/* How many of `length` bytes written at `at` there is room for; called under the lock. */
static size_t room_for(int fd, off_t at, size_t length)
{
    struct stat status;
    int64_t room = switches[ROOM];
    if (!room || fstat(fd, &status)) return length;
    int64_t grows = at + (int64_t)length - status.st_size;
    if (grows <= 0) return length;
    int64_t fits = grows < room - 1 ? grows : room - 1;
    switches[ROOM] = room - fits;
    int64_t taken = (int64_t)length - grows + fits;
    return taken > 0 ? (size_t)taken : 0;
}

/* ---- Opening and closing ---- */

static int opened(const char *path, int flags, mode_t mode)
{
    const char *inside = below(path);
    int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    if (!inside) return REAL(open64)(path, flags, mode);
    struct stat status;
    pthread_mutex_lock(&lock);
    int existed = !stat(path, &status);
    int fd = changes && switches[READ_ONLY] ? refused(EROFS)
           : !existed && (flags & O_CREAT) && switches[ROOM] == 1 ? refused(ENOSPC)
                                                                  : REAL(open64)(path, flags, mode);
    if (fd >= FDS) abort();
    if (fd >= 0 && !fstat(fd, &status)) {
        known[fd].inode = status.st_ino;
        if (S_ISDIR(status.st_mode)) {
            known[fd].tracked = 2;
            known[fd].path = strdup(inside);
        } else if (S_ISREG(status.st_mode)) {
            known[fd].tracked = 1;
            note(OPENED, status.st_ino, !existed, inside, strlen(inside), NULL);
            if (existed && (flags & O_TRUNC)) note(CUT_TO, status.st_ino, 0, "", 0, NULL);
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPENER(name)                                                \
    int name(const char *path, int flags, ...)                      \
    {                                                               \
        va_list more;                                               \
        va_start(more, flags);                                      \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;   \
        va_end(more);                                               \
        return opened(path, flags, mode);                           \
    }
OPENER(open)
OPENER(open64)

int close(int fd)
{
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < FDS) {
        free(known[fd].path);
        memset(&known[fd], 0, sizeof known[fd]);
    }
    int done = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return done;
}

/* ---- Content ---- */

static ssize_t written(struct known *file, int fd, const void *bytes, size_t length, off_t at)
{
    ssize_t done;
    pthread_mutex_lock(&lock);
    size_t fits = room_for(fd, at, length);
    if (switches[READ_ONLY]) done = refused(EROFS);
    else if (length && !fits) done = refused(ENOSPC);
    else {
        note(WRITTEN, file->inode, (uint64_t)at, bytes, fits, NULL);
        done = REAL(pwrite64)(fd, bytes, fits, at);
        if (done != (ssize_t)fits) abort();
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct known *file = file_of(fd, 1);
    if (!file) return REAL(write)(fd, bytes, length);
    struct stat status;
    int appends = fcntl(fd, F_GETFL) & O_APPEND;
    off_t at = appends && !fstat(fd, &status) ? status.st_size : lseek(fd, 0, SEEK_CUR);
    ssize_t done = written(file, fd, bytes, length, at);
    if (done > 0) lseek(fd, at + done, SEEK_SET);
    return done;
}

#define WRITER(name, offset)                                                    \
    ssize_t name(int fd, const void *bytes, size_t length, offset at)           \
    {                                                                           \
        struct known *file = file_of(fd, 1);                                    \
        return file ? written(file, fd, bytes, length, at) : REAL(name)(fd, bytes, length, at); \
    }
WRITER(pwrite, off_t)
WRITER(pwrite64, off64_t)

#define CUTTER(name, offset)                                                    \
    int name(int fd, offset length)                                             \
    {                                                                           \
        struct known *file = file_of(fd, 1);                                    \
        if (!file) return REAL(name)(fd, length);                               \
        pthread_mutex_lock(&lock);                                              \
        int done = switches[READ_ONLY] ? refused(EROFS) : 0;                    \
        if (!done) {                                                            \
            note(CUT_TO, file->inode, (uint64_t)length, "", 0, NULL);           \
            done = REAL(name)(fd, length);                                      \
        }                                                                       \
        pthread_mutex_unlock(&lock);                                            \
        return done;                                                            \
    }
CUTTER(ftruncate, off_t)
CUTTER(ftruncate64, off64_t)

/* What is synced is what was written down as synced: the real disk need not be troubled. */
#define SYNCER(name)                                                            \
    int name(int fd)                                                            \
    {                                                                           \
        struct known *file = file_of(fd, 1), *names = file_of(fd, 2);           \
        if (!file && !names) return REAL(name)(fd);                             \
        pthread_mutex_lock(&lock);                                              \
        int done = switches[NO_SYNC] ? refused(EIO) : trace < 0 ? REAL(name)(fd) : 0; \
        if (!done && file) note(SYNCED, file->inode, 0, "", 0, NULL);           \
        if (!done && names) note(FOLDER_SYNCED, 0, 0, names->path, strlen(names->path), NULL); \
        pthread_mutex_unlock(&lock);                                            \
        return done;                                                            \
    }
SYNCER(fsync)
SYNCER(fdatasync)

/* ---- Names ---- */

static int renamed(enum kind kind, const char *from, const char *to, int (*change)(const char *, const char *))
{
    const char *a = below(from), *b = below(to);
    if (!a || !b) return change(from, to);
    pthread_mutex_lock(&lock);
    int done = switches[READ_ONLY] ? refused(EROFS) : switches[ROOM] == 1 && kind == LINKED ? refused(ENOSPC) : change(from, to);
    if (!done) note(kind, 0, 0, a, strlen(a), b);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *from, const char *to) { return renamed(RENAMED, from, to, REAL(rename)); }

int link(const char *from, const char *to) { return renamed(LINKED, from, to, REAL(link)); }

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (from_folder == AT_FDCWD && to_folder == AT_FDCWD && !flags && below(from)) return link(from, to);
    return REAL(linkat)(from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    const char *inside = below(path);
    if (!inside) return REAL(unlink)(path);
    pthread_mutex_lock(&lock);
    int done = switches[READ_ONLY] ? refused(EROFS) : REAL(unlink)(path);
    if (!done) note(UNLINKED, 0, 0, inside, strlen(inside), NULL);
    pthread_mutex_unlock(&lock);
    return done;
}

int mkdir(const char *path, mode_t mode)
{
    const char *inside = below(path);
    if (!inside) return REAL(mkdir)(path, mode);
    pthread_mutex_lock(&lock);
    int done = switches[READ_ONLY] ? refused(EROFS) : REAL(mkdir)(path, mode);
    if (!done) note(FOLDER_MADE, 0, 0, inside, strlen(inside), NULL);
    pthread_mutex_unlock(&lock);
    return done;
}

/* ---- Time ---- */

int clock_gettime(clockid_t which, struct timespec *time)
{
    int done = REAL(clock_gettime)(which, time);
    if (done || which != CLOCK_REALTIME) return done;
    int64_t ns = time->tv_sec * 1000000000LL + time->tv_nsec + switches[AHEAD_NS];
    time->tv_sec = ns / 1000000000LL;
    time->tv_nsec = ns % 1000000000LL;
    return 0;
}
