/* walk: questions about whole terms. All walks use an explicit stack and visit a shared node once. */
#include "term/term_impl.h"

#include <stdlib.h>

/* A set of handles. */
typedef struct visit {
    gradus_ctx *ctx;
    term_map seen;
    term_vec stack;
    bool failed;
} visit;

static void visit_start(visit *v, gradus_ctx *ctx)
{
    *v = (visit){.ctx = ctx};
    term_map_init(&v->seen, ctx);
}

static void visit_push(visit *v, term t)
{
    if (!t || term_map_get(&v->seen, t))
        return;
    v->failed |= !term_map_put(&v->seen, t, 1) || !vec_push(v->ctx, &v->stack, t);
}

static void visit_end(visit *v)
{
    term_map_clear(&v->seen);
    vec_clear(v->ctx, &v->stack);
}

static int ascending(const void *a, const void *b)
{
    term x = *(const term *)a, y = *(const term *)b;
    return x < y ? -1 : x > y;
}

bool term_reachable(gradus_ctx *ctx, const term *roots, uint32_t n, term_vec *out)
{
    visit v;
    visit_start(&v, ctx);
    size_t first = out->n;
    for (uint32_t i = 0; i < n; i++)
        visit_push(&v, roots[i]);
    while (v.stack.n && !v.failed) {
        term t = v.stack.at[--v.stack.n];
        v.failed |= !vec_push(ctx, out, t);
        const node *x = node_at(store_of(ctx), t);
        for (uint32_t i = 0; i < x->argc; i++)
            visit_push(&v, x->u.args[i]);
    }
    bool ok = !v.failed;
    visit_end(&v);
    if (ok)
        qsort(out->at + first, out->n - first, sizeof *out->at, ascending);
    return ok;
}

/* Occurrence of x below t without looking through names. Bits and handles cut the walk short: a node that lacks one of
 * x's symbols, or is older than x, cannot contain it. */
bool term_occurs(gradus_ctx *ctx, term t, term x)
{
    const term_store *s = store_of(ctx);
    if (!t || !x)
        return false;
    const node *want = node_at(s, x), *have = node_at(s, t);
    if (t == x)
        return true;
    if (t < x || (have->syms & want->syms) != want->syms || (have->dangling & want->dangling) != want->dangling)
        return false;
    if (want->op == OP_SYM && !(want->syms >> SYM_BIT_INDEX))
        return true; /* an exact bit */
    if (want->op == OP_BOUND)
        return true;
    visit v;
    visit_start(&v, ctx);
    visit_push(&v, t);
    bool found = false;
    while (v.stack.n && !v.failed && !found) {
        const node *n = node_at(s, v.stack.at[--v.stack.n]);
        for (uint32_t i = 0; i < n->argc && !found; i++) {
            term a = n->u.args[i];
            const node *an = node_at(s, a);
            found = a == x;
            if (a > x && (an->syms & want->syms) == want->syms && (an->dangling & want->dangling) == want->dangling)
                visit_push(&v, a);
        }
    }
    visit_end(&v);
    return found;
}

bool term_has_level(const gradus_ctx *ctx, term t, uint32_t level)
{
    return level < 32 && (node_at(store_of(ctx), t)->dangling >> level & 1u) != 0;
}

bool term_depends(gradus_ctx *ctx, term t, term x)
{
    const term_store *s = store_of(ctx);
    if (!t || !x)
        return false;
    term base = term_is(ctx, x, OP_ACC) ? term_arg(ctx, x, 0) : x;
    if (!(node_at(s, t)->syms & s->defined))
        return term_occurs(ctx, t, base);
    visit v;
    visit_start(&v, ctx);
    visit_push(&v, t);
    bool found = false;
    while (v.stack.n && !v.failed && !found) {
        term y = v.stack.at[--v.stack.n];
        const node *n = node_at(s, y);
        found = y == base;
        if (n->op == OP_SYM) {
            const sym_info *info = &symbol_of(ctx, y)->info;
            for (uint32_t i = 0; i < info->rule_count; i++)
                visit_push(&v, info->rules[i].body);
        }
        for (uint32_t i = 0; i < n->argc; i++)
            visit_push(&v, n->u.args[i]);
    }
    visit_end(&v);
    return found;
}

/* Free symbols of t itself, in display order (depth first, leftmost first), but for the n formals. Names with
 * recursive rules met on the way are appended to `names` when that is given. */
static bool collect_symbols(gradus_ctx *ctx, term t, const term *formals, uint32_t n, term_vec *out, term_vec *names)
{
    visit v;
    visit_start(&v, ctx);
    for (uint32_t k = 0; k < n; k++)
        if (term_is(ctx, formals[k], OP_SYM))
            v.failed |= !term_map_put(&v.seen, formals[k], 1);
    visit_push(&v, t);
    while (v.stack.n && !v.failed) {
        term y = v.stack.at[--v.stack.n];
        const node *x = node_at(store_of(ctx), y);
        if (x->op == OP_SYM) {
            const sym_info *info = &symbol_of(ctx, y)->info;
            bool through = names && info->rule_count > 0;
            if (through || info->role != ROLE_FUNCTION)
                v.failed |= !vec_push(ctx, through ? names : out, y);
        }
        for (uint32_t i = x->argc; i-- > 0;)
            visit_push(&v, x->u.args[i]);
    }
    bool ok = !v.failed;
    visit_end(&v);
    return ok;
}

static bool has_member(const term_vec *v, size_t from, term t)
{
    for (size_t i = from; i < v->n; i++)
        if (v->at[i] == t)
            return true;
    return false;
}

bool term_symbols(gradus_ctx *ctx, term t, bool deep, term_vec *out)
{
    if (!deep)
        return collect_symbols(ctx, t, NULL, 0, out, NULL);
    term_vec names = {0}, found = {0};
    size_t first = out->n;
    bool ok = collect_symbols(ctx, term_unfold(ctx, t), NULL, 0, out, &names);
    for (size_t k = 0; k < names.n && ok; k++) {
        if (has_member(&names, k + 1, names.at[k]))
            continue; /* looked through when its last mention comes */
        const sym_info *info = &symbol_of(ctx, names.at[k])->info;
        for (uint32_t r = 0; r < info->rule_count && ok; r++) {
            size_t known = names.n;
            found.n = 0;
            ok = collect_symbols(ctx, term_unfold(ctx, info->rules[r].body), info->rules[r].index, info->rules[r].n,
                                 &found, &names);
            size_t kept = known;
            for (size_t i = known; i < names.n; i++) { /* only names not seen before */
                term y = names.at[i];
                bool old = false;
                for (size_t j = 0; j < kept; j++)
                    old |= names.at[j] == y;
                if (!old)
                    names.at[kept++] = y;
            }
            names.n = kept;
            for (size_t i = 0; i < found.n && ok; i++)
                if (!has_member(out, first, found.at[i]))
                    ok = vec_push(ctx, out, found.at[i]);
        }
    }
    vec_clear(ctx, &names);
    vec_clear(ctx, &found);
    return ok;
}
