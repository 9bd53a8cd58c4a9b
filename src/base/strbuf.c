/* Growing strings. A buffer that met a refusal is broken: it gives its memory back, answers "" and swallows
 * what follows, so a printer needs no check between its lines; the context's status tells.                 */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

#define STRBUF_BROKEN SIZE_MAX /* as `cap`, with `at` NULL */

void strbuf_init(strbuf *b, gradus_ctx *ctx)
{
    *b = (strbuf){.ctx = ctx};
}

void strbuf_clear(strbuf *b)
{
    if (b->at)
        ctx_realloc(b->ctx, b->at, b->cap, 0);
    b->at = NULL;
    b->n = b->cap = 0;
}

/* Room for n more bytes and the NUL. */
static bool make_room(strbuf *b, size_t n)
{
    size_t want;
    if (b->cap == STRBUF_BROKEN)
        return false;
    if (!size_add(b->n, n, &want) || !size_add(want, 1, &want))
        want = SIZE_MAX; /* refused by ctx_realloc */
    if (want <= b->cap)
        return true;
    size_t cap = b->cap < 64 ? 64 : b->cap;
    while (cap < want && cap <= SIZE_MAX / 2)
        cap *= 2;
    if (cap < want)
        cap = want;
    char *at = ctx_realloc(b->ctx, b->at, b->cap, cap);
    if (!at) {
        strbuf_clear(b);
        b->cap = STRBUF_BROKEN;
        return false;
    }
    b->at = at;
    b->cap = cap;
    return true;
}

void strbuf_addn(strbuf *b, const char *s, size_t n)
{
    if (n == 0 || !make_room(b, n))
        return;
    memcpy(b->at + b->n, s, n);
    b->n += n;
    b->at[b->n] = '\0';
}

void strbuf_add(strbuf *b, const char *s)
{
    strbuf_addn(b, s, strlen(s));
}

void strbuf_addc(strbuf *b, char c)
{
    if (b->n + 1 >= b->cap || b->cap == STRBUF_BROKEN) {
        strbuf_addn(b, &c, 1);
        return;
    }
    b->at[b->n++] = c;
    b->at[b->n] = '\0';
}

void strbuf_vprintf(strbuf *b, const char *fmt, va_list ap)
{
    char small[256];
    va_list again;
    va_copy(again, ap);
    int full = vsnprintf(small, sizeof small, fmt, ap);
    if (full < 0)
        ctx_fail(b->ctx, GRADUS_BUG);
    else if ((size_t)full < sizeof small)
        strbuf_addn(b, small, (size_t)full);
    else if (make_room(b, (size_t)full)) {
        vsnprintf(b->at + b->n, (size_t)full + 1, fmt, again);
        b->n += (size_t)full;
    }
    va_end(again);
}

void strbuf_printf(strbuf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    strbuf_vprintf(b, fmt, ap);
    va_end(ap);
}

const char *strbuf_str(const strbuf *b)
{
    if (!b->at)
        return "";
    b->at[b->n] = '\0'; /* a caller may have cut the text by lowering n */
    return b->at;
}
