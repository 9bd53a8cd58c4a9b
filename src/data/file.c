/* Writing files so that nothing is lost: the new content is complete on the disk before the old one goes. */
#include "data/data_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All n bytes, or false with errno. A device that takes nothing without an error is full. */
static bool write_all(int file, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(file, bytes, n < (size_t)1 << 30 ? n : (size_t)1 << 30);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            if (put == 0)
                errno = ENOSPC;
            return false;
        }
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

/* Writes and closes; closing may be what reports a full disk. Devices cannot be synchronised: no error. */
static bool write_and_close(int file, const char *bytes, size_t n)
{
    bool ok = write_all(file, bytes, n);
    if (ok && fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
        ok = false;
    int error = errno;
    if (close(file) != 0 && ok)
        return false;
    errno = error;
    return ok;
}

/* Creates a new file beside `path`, named after it; the name goes to `name`. -1 with errno. Permissions are
 * those of the file it will replace, else what the umask leaves. */
static int open_beside(char *name, size_t name_size, const char *path, const struct stat *old)
{
    unsigned long tag = (unsigned long)getpid();
    for (int i = 0; i < 100; i++) {
        snprintf(name, name_size, "%s.%lx-%d.part", path, tag, i);
        int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 && old && fchmod(file, old->st_mode & 07777) != 0)
            errno = 0; /* some file systems have no permissions to set */
        if (file >= 0 || errno != EEXIST)
            return file;
    }
    return -1;
}

static bool write_in_place(const char *path, const char *bytes, size_t n)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return file >= 0 && write_and_close(file, bytes, n);
}

static bool replace_file(gradus_ctx *ctx, const char *path, const char *bytes, size_t n,
                         const struct stat *old)
{
    size_t size = strlen(path) + 48;
    char *name = ctx_realloc(ctx, NULL, 0, size);
    if (!name) {
        errno = ENOMEM;
        return false;
    }
    int file = open_beside(name, size, path, old);
    bool ok;
    if (file < 0) /* the folder cannot be written; the file itself perhaps can */
        ok = old && (errno == EACCES || errno == EPERM || errno == ENAMETOOLONG) &&
             write_in_place(path, bytes, n);
    else {
        ok = write_and_close(file, bytes, n) && rename(name, path) == 0;
        int error = errno;
        if (!ok)
            unlink(name);
        errno = error;
    }
    ctx_realloc(ctx, name, size, 0);
    return ok;
}

gradus_status data_file_write(gradus_ctx *ctx, const char *path, const void *bytes, size_t n)
{
    struct stat about;
    bool there = stat(path, &about) == 0, ok;
    if (there && S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        ok = false;
    } else if (there && !S_ISREG(about.st_mode))
        ok = write_in_place(path, bytes, n);
    else {
        /* Through a symbolic link: what it points to is replaced, not the link. */
        char *real = there ? realpath(path, NULL) : NULL;
        ok = replace_file(ctx, real ? real : path, bytes, n, there ? &about : NULL);
        int error = errno;
        free(real);
        errno = error;
    }
    if (ok)
        return GRADUS_OK;
    char scratch[64];
    if (ctx_status(ctx) == GRADUS_NOMEM)
        return GRADUS_NOMEM;
    return diag_error(ctx, GRADUS_IO, SPAN_NONE, NULL, "cannot write %s: %s", path,
                      data_errno_text(errno, scratch));
}
