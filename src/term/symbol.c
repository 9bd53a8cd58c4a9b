/* symbol: names, their roles, bound data and definitions. */
#include "term/term_impl.h"

#include <stdlib.h>

symbol *symbol_of(const gradus_ctx *ctx, term sym)
{
    term_store *s = store_of(ctx);
    return s->symbols.at[node_at(s, sym)->aux];
}

static bool grow_names(gradus_ctx *ctx, term_store *s)
{
    size_t cap = s->sym_slot_cap ? s->sym_slot_cap * 2 : 256;
    uint32_t *slot = ctx_realloc(ctx, NULL, 0, cap * sizeof *slot);
    if (!slot)
        return false;
    memset(slot, 0, cap * sizeof *slot);
    for (uint32_t i = 0; i < s->symbols.n; i++) {
        if (s->symbols.at[i]->fresh)
            continue;
        size_t k = s->symbols.at[i]->hash & (cap - 1);
        while (slot[k])
            k = (k + 1) & (cap - 1);
        slot[k] = i + 1;
    }
    ctx_realloc(ctx, s->sym_slot, s->sym_slot_cap * sizeof *s->sym_slot, 0);
    s->sym_slot = slot;
    s->sym_slot_cap = cap;
    return true;
}

static term make_symbol(gradus_ctx *ctx, const char *name, size_t n, uint32_t hash, bool fresh)
{
    term_store *s = store_of(ctx);
    if (!fresh && (s->symbols.n + 1) * 2 > s->sym_slot_cap && !grow_names(ctx, s))
        return TERM_NONE;
    symbol *y = arena_alloc(&s->mem, sizeof *y);
    char *copy = y ? arena_strndup(&s->mem, name, n) : NULL;
    if (!copy)
        return TERM_NONE;
    y->info.name = copy;
    y->hash = hash;
    y->fresh = fresh;
    for (int d = 0; d < SYM_MAX_RANK; d++)
        y->info.dims[d] = -1;
    if (fresh)
        y->bit = SYM_BIT_INDEX;
    else
        y->bit = s->next_bit < SYM_BIT_INDEX ? s->next_bit++ : SYM_BIT_SHARED;
    uint32_t number = (uint32_t)s->symbols.n;
    if (!vec_push(ctx, &s->symbols, y))
        return TERM_NONE;
    term t = term_intern(ctx, OP_SYM, number, 0, NULL, 0, NULL, 0);
    if (t == TERM_NONE) {
        s->symbols.n--;
        return TERM_NONE;
    }
    y->handle = t;
    node_at(s, t)->syms = (uint64_t)1 << y->bit;
    node_at(s, t)->flags &= (uint16_t)~TF_NUMERIC;
    if (!fresh) {
        size_t k = hash & (s->sym_slot_cap - 1);
        while (s->sym_slot[k])
            k = (k + 1) & (s->sym_slot_cap - 1);
        s->sym_slot[k] = number + 1;
    }
    return t;
}

term term_find_sym(gradus_ctx *ctx, const char *name, size_t n)
{
    term_store *s = store_of(ctx);
    if (!s->sym_slot_cap)
        return TERM_NONE;
    uint32_t hash = (uint32_t)hash_bytes(name, n);
    for (size_t k = hash & (s->sym_slot_cap - 1); s->sym_slot[k]; k = (k + 1) & (s->sym_slot_cap - 1)) {
        const symbol *y = s->symbols.at[s->sym_slot[k] - 1];
        if (y->hash == hash && strlen(y->info.name) == n && memcmp(y->info.name, name, n) == 0)
            return y->handle;
    }
    return TERM_NONE;
}

term term_sym(gradus_ctx *ctx, const char *name, size_t n)
{
    term t = term_find_sym(ctx, name, n);
    return t ? t : make_symbol(ctx, name, n, (uint32_t)hash_bytes(name, n), false);
}

term term_fresh_index(gradus_ctx *ctx, const char *hint, term lo, term hi)
{
    term t = make_symbol(ctx, hint ? hint : "i", strlen(hint ? hint : "i"), 0, true);
    if (t) {
        sym_info *info = &symbol_of(ctx, t)->info;
        info->role = ROLE_INDEX;
        info->lo = lo;
        info->hi = hi;
    }
    return t;
}

sym_info *term_sym_info(gradus_ctx *ctx, term sym) { return &symbol_of(ctx, sym)->info; }

const char *term_sym_name(const gradus_ctx *ctx, term sym) { return symbol_of(ctx, sym)->info.name; }

bool term_sym_bind(gradus_ctx *ctx, term sym, uint32_t rank, const int64_t *dims, const double *values)
{
    term_store *s = store_of(ctx);
    size_t count = 1, bytes;
    for (uint32_t d = 0; d < rank; d++)
        if (dims[d] < 0 || !size_mul(count, (size_t)dims[d], &count)) {
            ctx_fail(ctx, GRADUS_LIMIT);
            return false;
        }
    if (!size_mul(count, sizeof(double), &bytes)) {
        ctx_fail(ctx, GRADUS_LIMIT);
        return false;
    }
    double *copy = arena_alloc(&s->mem, bytes ? bytes : sizeof *copy);
    if (!copy)
        return false;
    if (bytes)
        memcpy(copy, values, bytes);
    sym_info *info = &symbol_of(ctx, sym)->info;
    info->role = ROLE_DATA;
    info->rank = rank;
    info->values = copy;
    info->rules = NULL;
    info->rule_count = 0;
    info->recursive = false;
    for (uint32_t d = 0; d < SYM_MAX_RANK; d++)
        info->dims[d] = d < rank ? dims[d] : -1;
    return true;
}

void term_sym_forget(gradus_ctx *ctx, term sym)
{
    sym_info *info = &symbol_of(ctx, sym)->info;
    *info = (sym_info){.name = info->name};
    for (uint32_t d = 0; d < SYM_MAX_RANK; d++)
        info->dims[d] = -1;
}

bool term_sym_define(gradus_ctx *ctx, term sym, sym_role role, const sym_rule *rule)
{
    term_store *s = store_of(ctx);
    sym_info *info = &symbol_of(ctx, sym)->info;
    /* The list is copied, not grown in place: copies taken by marks stay as they were. */
    sym_rule *rules = arena_alloc(&s->mem, (info->rule_count + 1) * sizeof *rules);
    if (!rules || !rule->body)
        return false;
    if (info->rule_count)
        memcpy(rules, info->rules, info->rule_count * sizeof *rules);
    rules[info->rule_count] = *rule;
    info->rules = rules;
    info->rule_count++;
    info->role = role;
    info->rank = rule->n;
    if (term_occurs(ctx, rule->body, sym))
        info->recursive = true;
    if (info->rule_count > 1)
        info->recursive = true;
    s->defined |= node_at(s, sym)->syms;
    return true;
}

bool term_defined_names(gradus_ctx *ctx, term_vec *out)
{
    const term_store *s = store_of(ctx);
    for (size_t i = 0; i < s->symbols.n; i++)
        if (s->symbols.at[i]->info.rule_count && !vec_push(ctx, out, s->symbols.at[i]->handle))
            return false;
    return true;
}
