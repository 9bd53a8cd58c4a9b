/* What messages show of a file: pieces of its text made safe for a terminal, the reasons of errors. */
#include "data/data_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_COLUMNS = 40 };

const char *data_show(char out[DATA_SHOWN], const char *s, size_t n)
{
    size_t at = 0, columns = 0, i = 0;
    while (i < n && columns < SHOWN_COLUMNS) {
        uint32_t c;
        int len = utf8_decode(s + i, n - i, &c);
        bool plain = len > 0 && c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0);
        if (plain) {
            memcpy(out + at, s + i, (size_t)len);
            at += (size_t)len;
        } else
            out[at++] = '?';
        i += len > 0 ? (size_t)len : 1;
        columns++;
    }
    _Static_assert(SHOWN_COLUMNS * 4 + 4 <= DATA_SHOWN, "four bytes a character, and the dots");
    memcpy(out + at, i < n ? "..." : "", i < n ? 4 : 1);
    return out;
}

const char *data_errno_text(int error, char scratch[64])
{
    switch (error) {
    case ENOENT: return "there is no such file or folder";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "it is a folder, not a file";
    case ENOTDIR: return "a part of the path is not a folder";
    case ENOSPC:
    case EDQUOT: return "no space is left on the device";
    case EROFS: return "the file system is read-only";
    case ENAMETOOLONG: return "the name is too long";
    case ELOOP: return "too many symbolic links";
    case EMFILE:
    case ENFILE: return "too many files are open";
    case EFBIG: return "the file would be too large";
    case EPIPE: return "nobody reads the other end";
    case EIO: return "the device reports an error";
    case ETXTBSY: return "the file is being executed";
    default: snprintf(scratch, 64, "the system reports error %d", error); return scratch;
    }
}
