/* Arenas: memory that is given out forwards and taken back all at once.
 *
 *   head -> [ header | used ........ | free ........ ] -> [ older block ] -> ... -> NULL
 *
 * A block never moves and never grows, so pointers into it hold until the arena is rewound past them.
 * A request larger than the next block gets a block of its own size.                                 */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_ALIGN = 16, ARENA_FIRST = 4096, ARENA_LARGEST = 1 << 20 };

struct arena_block {
    arena_block *older;
    size_t size; /* bytes obtained for the block, header included  */
    size_t used; /* offset of the first free byte from the block   */
};

/* The first multiple of ARENA_ALIGN past the header, seen from the address: the allocator owes us only
 * what malloc owes, which is 16 on the usual machines but not by the language. */
static size_t first_offset(const arena_block *b)
{
    uintptr_t at = (uintptr_t)b + sizeof *b;
    return sizeof *b + (size_t)(-at % ARENA_ALIGN);
}

static bool add_block(arena *a, size_t bytes)
{
    size_t want;
    if (!size_add(bytes, sizeof(arena_block) + ARENA_ALIGN, &want))
        return (void)ctx_fail(a->ctx, GRADUS_NOMEM), false;
    if (want < a->next_size)
        want = a->next_size;
    arena_block *b = ctx_realloc(a->ctx, NULL, 0, want);
    if (!b)
        return false;
    b->older = a->head;
    b->size = want;
    b->used = first_offset(b);
    a->head = b;
    if (a->next_size < ARENA_LARGEST)
        a->next_size *= 2;
    return true;
}

static void drop_block(arena *a)
{
    arena_block *b = a->head;
    size_t half = b->size / 2 > ARENA_FIRST ? b->size / 2 : ARENA_FIRST;
    if (half < a->next_size)
        a->next_size = half; /* what rewinds across the end of a block again and again soon takes small ones */
    a->head = b->older;
    ctx_realloc(a->ctx, b, b->size, 0);
}

void arena_init(arena *a, gradus_ctx *ctx)
{
    a->ctx = ctx;
    a->head = NULL;
    a->next_size = ARENA_FIRST;
}

void arena_clear(arena *a)
{
    while (a->head)
        drop_block(a);
    a->next_size = ARENA_FIRST;
}

void *arena_alloc(arena *a, size_t bytes)
{
    /* Zero bytes still get an address of their own, so that NULL always means failure. */
    size_t size = (bytes + (bytes == 0) + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (size < bytes)
        return (void)ctx_fail(a->ctx, GRADUS_NOMEM), NULL;
    if ((!a->head || a->head->size - a->head->used < size) && !add_block(a, size))
        return NULL;
    void *p = (char *)a->head + a->head->used;
    a->head->used += size;
    return memset(p, 0, size);
}

void *arena_copy(arena *a, const void *p, size_t bytes)
{
    void *copy = arena_alloc(a, bytes);
    if (copy && bytes)
        memcpy(copy, p, bytes);
    return copy;
}

char *arena_strndup(arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX)
        return (void)ctx_fail(a->ctx, GRADUS_NOMEM), NULL;
    char *copy = arena_alloc(a, n + 1);
    if (copy && n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_printf(arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return (void)ctx_fail(a->ctx, GRADUS_BUG), NULL;
    char *out = arena_alloc(a, (size_t)n + 1);
    if (out) {
        va_start(ap, fmt);
        vsnprintf(out, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    return out;
}

arena_mark arena_get_mark(const arena *a)
{
    return (arena_mark){a->head, a->head ? a->head->used : 0};
}

void arena_rewind(arena *a, arena_mark m)
{
    while (a->head && a->head != m.block)
        drop_block(a);
    if (a->head)
        a->head->used = m.used;
}
