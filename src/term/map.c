/* map: handles to handles, open addressing. Key 0 (TERM_NONE) is never stored. */
#include "term/term_impl.h"

void term_map_init(term_map *m, gradus_ctx *ctx) { *m = (term_map){.ctx = ctx}; }

void term_map_clear(term_map *m)
{
    ctx_realloc(m->ctx, m->slot, m->cap * sizeof *m->slot, 0);
    *m = (term_map){.ctx = m->ctx};
}

static size_t place(const uint64_t *slot, size_t cap, term key)
{
    size_t i = (key * 2654435769u) & (cap - 1);
    while (slot[i] && (term)(slot[i] >> 32) != key)
        i = (i + 1) & (cap - 1);
    return i;
}

term term_map_get(const term_map *m, term key)
{
    return m->cap ? (term)m->slot[place(m->slot, m->cap, key)] : TERM_NONE;
}

bool term_map_put(term_map *m, term key, term value)
{
    if ((m->used + 1) * 2 > m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        uint64_t *slot = ctx_realloc(m->ctx, NULL, 0, cap * sizeof *slot);
        if (!slot)
            return false;
        memset(slot, 0, cap * sizeof *slot);
        for (size_t i = 0; i < m->cap; i++)
            if (m->slot[i])
                slot[place(slot, cap, (term)(m->slot[i] >> 32))] = m->slot[i];
        ctx_realloc(m->ctx, m->slot, m->cap * sizeof *m->slot, 0);
        m->slot = slot;
        m->cap = cap;
    }
    size_t i = place(m->slot, m->cap, key);
    m->used += !m->slot[i];
    m->slot[i] = (uint64_t)key << 32 | value;
    return true;
}
