/* Faults under the calls to the system that a program makes: loaded with LD_PRELOAD, it counts the calls below a folder and
 * those on network sockets, and has the n-th one go wrong.
 *
 *   FAULTS_ROOT  the folder
 *   FAULTS_LOG   a file that each counted call is added to, a line each; that of the fault begins with '!'
 *   FAULTS_KIND  what goes wrong, and what is counted:
 *     kill       the process is killed before the call      whatever changes the folder, whatever uses the network
 *     torn       it is killed when half is written          whatever writes more than one byte
 *     error      the call fails                             whatever changes the folder, whatever uses the network
 *     full       from then on there is no space             whatever takes space in the folder
 *     readonly   from then on nothing can be changed        whatever changes the folder
 *     read       the call fails                             whatever reads the folder
 *     vanish     the file is removed before it is opened    whatever opens a file of the folder to read it
 *     clock      the clock jumps                            whoever asks what time it is
 *   FAULTS_AT    n, counted from 1; with 0 nothing goes wrong
 *   FAULTS_BY    for clock: by so many seconds
 *   FAULTS_NAMELESS  counts files without a name, too, of which a workbook alone writes a hundred pieces
 *
 * What a library asks of the kernel itself, without the C library, is not seen: there the state before is the same as the one
 * before the next call that is. Only Linux on 64 bits. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { NONE, KILL, TORN, ERROR, FULL, READONLY, READ, VANISH, CLOCK };

/* What a call does; several may be true. */
enum { CHANGES = 1, WRITES = 2, TAKES_SPACE = 4, READS = 8, OPENS = 16, USES_NET = 32, TELLS_TIME = 64, SAVES = 128 };

enum outcome { GO_ON, FAIL, HALF };

static enum kind kind;
static const char *root;
static size_t root_length;
static long at, by;
static int counts_nameless;
static int log_file = -1;
static atomic_long count;
static atomic_int is_down;

__attribute__((constructor)) static void begin(void) {
    static const char *const names[] = {"", "kill", "torn", "error", "full", "readonly", "read", "vanish", "clock"};
    const char *name = getenv("FAULTS_KIND"), *log = getenv("FAULTS_LOG");
    root = getenv("FAULTS_ROOT");
    if (!name || !log || !root) return;
    root_length = strlen(root);
    while (root_length > 0 && root[root_length - 1] == '/') root_length--;
    counts_nameless = getenv("FAULTS_NAMELESS") != 0;
    at = getenv("FAULTS_AT") ? atol(getenv("FAULTS_AT")) : 0;
    by = getenv("FAULTS_BY") ? atol(getenv("FAULTS_BY")) : 0;
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    for (int number = 1; number < (int)(sizeof names / sizeof *names); number++)
        if (strcmp(name, names[number]) == 0) kind = number;
}

static int counts(int what) {
    switch (kind) {
    case KILL: return what & (CHANGES | USES_NET);
    case ERROR: return what & (CHANGES | SAVES | USES_NET);
    case TORN: return what & WRITES;
    case FULL: return what & TAKES_SPACE;
    case READONLY: return what & (CHANGES | SAVES);
    case READ: return what & READS;
    case VANISH: return what & OPENS;
    case CLOCK: return what & TELLS_TIME;
    default: return 0;
    }
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

static void take_down(int is_fault, const char *call, const char *path) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s%s %s\n", is_fault ? "!" : "", call, path);
    if (length > 0 && log_file >= 0) syscall(SYS_write, log_file, line, (size_t)length);
}

static int is_inside(const char *path) {
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* What becomes of a call when something went wrong before. */
static enum outcome judge_uncounted(int what) {
    if (!counts(what) || !atomic_load(&is_down)) return GO_ON;
    errno = kind == FULL ? ENOSPC : EROFS;
    return FAIL;
}

/* What becomes of a call. */
static enum outcome judge(const char *call, const char *path, int what) {
    if (!counts(what)) return GO_ON;
    long number = atomic_fetch_add(&count, 1) + 1;
    int is_it = number == at;
    take_down(is_it, call, path);
    if (is_it && kind == KILL) die();
    if (is_it && (kind == FULL || kind == READONLY)) atomic_store(&is_down, 1);
    if (is_it && kind == VANISH) syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (is_it && (kind == TORN || kind == FULL) && (what & WRITES)) return HALF;
    if (is_it && (kind == ERROR || kind == READ)) {
        errno = what & USES_NET ? ECONNRESET : EIO;
        return FAIL;
    }
    return judge_uncounted(what);
}

/* The same of a call on a path. */
static enum outcome judge_path(const char *call, int folder, const char *path, int what) {
    char whole[PATH_MAX * 2 + 16];
    int before = errno;
    whole[0] = 0;
    if (!root || !path || kind == NONE || kind == CLOCK) return GO_ON;
    if (path[0] != '/') {
        char link[64];
        if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        long length = syscall(SYS_readlinkat, AT_FDCWD, link, whole, PATH_MAX);
        if (length < 0) length = 0;
        whole[length++] = '/';
        whole[length] = 0;
    }
    strncat(whole, path, PATH_MAX);
    errno = before;
    return is_inside(whole) ? judge(call, whole, what) : GO_ON;
}

/* The same of a call on an open file or a socket. */
static enum outcome judge_file(const char *call, int file, int what) {
    char link[64], path[PATH_MAX];
    int before = errno;
    if (!root || kind == NONE || kind == CLOCK || file == log_file) return GO_ON;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = before;
    if (length <= 0) return GO_ON;
    path[length] = 0;
    if (strncmp(path, "socket:", 7) == 0) {
        struct sockaddr_storage address = {0};
        socklen_t size = sizeof address;
        int is_net = syscall(SYS_getsockname, file, &address, &size) == 0 &&
                     (address.ss_family == AF_INET || address.ss_family == AF_INET6);
        errno = before;
        return is_net ? judge(call, "network", USES_NET | (what & WRITES)) : GO_ON;
    }
    if (!is_inside(path)) return GO_ON;
    int is_nameless = length > 10 && strcmp(path + length - 10, " (deleted)") == 0;
    return is_nameless && !counts_nameless ? judge_uncounted(what) : judge(call, path, what);
}

/* Opens. */

static int open_at(const char *call, int folder, const char *path, int flags, mode_t mode) {
    int before = errno, what = READS | OPENS;
    if (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) {
        what = CHANGES;
        struct stat found;
        if (flags & O_CREAT && syscall(SYS_newfstatat, folder, path, &found, 0) != 0) what |= TAKES_SPACE;
        errno = before;
    } else if (flags & (O_DIRECTORY | O_PATH)) {
        what = READS;
    }
    if (judge_path(call, folder, path, what) == FAIL) return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *path, int flags, ...) { MODE(flags) return open_at("open", AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at("open", AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_at("open", folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_at("open", folder, path, flags, mode); }

/* Writes. */

#define WRITING (CHANGES | TAKES_SPACE)
#define SEVERAL(size) ((size) > 1 ? WRITES : 0)

/* A write of which half is done: then there is no space for the rest, or no process. */
#define WRITE(call, file, size, whole, half) \
    switch (judge_file(call, file, WRITING | SEVERAL(size))) { \
    case FAIL: return -1; \
    case HALF: { \
        ssize_t done = half; \
        if (kind == TORN) die(); \
        return done; \
    } \
    default: return whole; \
    }

ssize_t write(int file, const void *bytes, size_t size) {
    WRITE("write", file, size, syscall(SYS_write, file, bytes, size), syscall(SYS_write, file, bytes, size / 2))
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) {
    WRITE("pwrite", file, size, syscall(SYS_pwrite64, file, bytes, size, place),
          syscall(SYS_pwrite64, file, bytes, size / 2, place))
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) { return pwrite64(file, bytes, size, place); }
ssize_t writev(int file, const struct iovec *parts, int number) {
    size_t size = 0;
    for (int part = 0; part < number; part++) size += parts[part].iov_len;
    struct iovec first = number > 0 ? parts[0] : (struct iovec){0};
    first.iov_len = first.iov_len > 1 ? first.iov_len / 2 : first.iov_len;
    WRITE("writev", file, size, syscall(SYS_writev, file, parts, number), syscall(SYS_writev, file, &first, 1))
}
ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags) {
    if (judge_file("copy_file_range", to, WRITING) == FAIL) return -1;
    return syscall(SYS_copy_file_range, from, from_at, to, to_at, size, flags);
}
ssize_t sendfile64(int to, int from, off64_t *from_at, size_t size) {
    if (judge_file("sendfile", to, WRITING) == FAIL) return -1;
    return syscall(SYS_sendfile, to, from, from_at, size);
}
ssize_t sendfile(int to, int from, off_t *from_at, size_t size) { return sendfile64(to, from, from_at, size); }
int ftruncate64(int file, off64_t size) {
    struct stat found;
    int before = errno, grows = syscall(SYS_fstat, file, &found) == 0 && size > found.st_size;
    errno = before;
    if (judge_file("ftruncate", file, grows ? WRITING : CHANGES) == FAIL) return -1;
    return (int)syscall(SYS_ftruncate, file, size);
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

/* What the system has been told outlives the process: nothing needs to come to the disk, and a kill before is one after. */
int fsync(int file) { return judge_file("fsync", file, SAVES) == FAIL ? -1 : 0; }
int fdatasync(int file) { return judge_file("fdatasync", file, SAVES) == FAIL ? -1 : 0; }

/* Names. */

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    if (judge_path("rename", to_folder, to, CHANGES) == FAIL) return -1;
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    if (judge_path("link", to_folder, to, WRITING) == FAIL) return -1;
    return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int unlinkat(int folder, const char *path, int flags) {
    if (judge_path("unlink", folder, path, CHANGES) == FAIL) return -1;
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int folder, const char *path, mode_t mode) {
    struct stat found;
    int before = errno;
    /* A folder that is there already is asked for before each file. */
    if (syscall(SYS_newfstatat, folder, path, &found, 0) == 0) {
        errno = EEXIST;
        return -1;
    }
    errno = before;
    if (judge_path("mkdir", folder, path, WRITING) == FAIL) return -1;
    return (int)syscall(SYS_mkdirat, folder, path, mode);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Reads. */

ssize_t read(int file, void *bytes, size_t size) {
    return judge_file("read", file, READS) == FAIL ? -1 : syscall(SYS_read, file, bytes, size);
}
ssize_t pread64(int file, void *bytes, size_t size, off64_t place) {
    return judge_file("pread", file, READS) == FAIL ? -1 : syscall(SYS_pread64, file, bytes, size, place);
}
ssize_t pread(int file, void *bytes, size_t size, off_t place) { return pread64(file, bytes, size, place); }
ssize_t readv(int file, const struct iovec *parts, int number) {
    return judge_file("readv", file, READS) == FAIL ? -1 : syscall(SYS_readv, file, parts, number);
}

/* The network. */

int connect(int socket, const struct sockaddr *address, socklen_t size) {
    if (judge_file("connect", socket, USES_NET) == FAIL) return -1;
    return (int)syscall(SYS_connect, socket, address, size);
}
ssize_t sendto(int socket, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    WRITE("send", socket, size, syscall(SYS_sendto, socket, bytes, size, flags, to, length),
          syscall(SYS_sendto, socket, bytes, size / 2, flags, to, length))
}
ssize_t send(int socket, const void *bytes, size_t size, int flags) { return sendto(socket, bytes, size, flags, 0, 0); }
ssize_t recvfrom(int socket, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
    if (judge_file("recv", socket, USES_NET) == FAIL) return -1;
    return syscall(SYS_recvfrom, socket, bytes, size, flags, from, length);
}
ssize_t recv(int socket, void *bytes, size_t size, int flags) { return recvfrom(socket, bytes, size, flags, 0, 0); }

/* The clock. */

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && kind == CLOCK && clock == CLOCK_REALTIME) {
        judge("clock", "", TELLS_TIME);
        if (at > 0 && atomic_load(&count) >= at) time->tv_sec += by;
    }
    return result;
}
