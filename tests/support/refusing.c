#include "support/refusing.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 16 }; /* keeps what follows aligned; holds the true size */

static size_t true_size(const void *p)
{
    size_t n = 0;
    if (p)
        memcpy(&n, (const char *)p - HEADER, sizeof n);
    return n;
}

static bool refuses(refusing *r, size_t old_size, size_t new_size)
{
    r->calls++;
    if (r->limit && r->live - old_size + new_size > r->limit)
        return true;
    if (r->nth == 0)
        return false;
    return r->every ? r->calls % r->nth == 0 : r->onwards ? r->calls >= r->nth : r->calls == r->nth;
}

void *refusing_alloc(void *user, void *p, size_t old_size, size_t new_size)
{
    refusing *r = user;
    size_t had = true_size(p);
    r->wrong += had != old_size;
    if (new_size > 0 && refuses(r, had, new_size)) {
        r->refused++;
        return NULL;
    }
    /* Always a new place: pointers kept across a growth are found out at once. */
    char *q = NULL;
    if (new_size > 0) {
        q = malloc(HEADER + new_size);
        if (!q)
            abort();
        memcpy(q, &new_size, sizeof new_size);
        memset(q + HEADER, 0xA5, new_size);
        if (p)
            memcpy(q + HEADER, p, had < new_size ? had : new_size);
    }
    if (p) {
        memset(p, 0x5A, had);
        free((char *)p - HEADER);
    }
    r->live = r->live - had + new_size;
    return q ? q + HEADER : NULL;
}
