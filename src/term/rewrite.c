/* rewrite: bottom-up rewriting of whole terms with an explicit stack; substitution, canonical form, opening.
 *
 * A frame is visited twice: first it pushes what must be known before it, then it is built from the results in the
 * memo. Nodes that cannot contain anything to change are skipped at once (see the prune fields of struct rewriter).
 * A binder is rewritten in place when that cannot raise levels inside it, otherwise it is opened with fresh indices
 * and closed again (Note [Levels] in reduce.c).                                                                     */
#include "term/term_impl.h"

typedef struct frame {
    term t;
    term alias;    /* t's result is the result of this term      */
    term body;     /* opened body of a binder, or TERM_NONE       */
    bool expanded;
} frame;

typedef struct work {
    rewriter *r;
    VEC(frame) stack;
    term_map indices; /* opened body -> first of the rank fresh indices (they are made in a row) */
    bool failed;
} work;

static bool pruned(const rewriter *r, const node *n, term t)
{
    if (t < r->least)
        return true;
    if (!(r->any_syms | r->any_levels | r->any_flags))
        return false;
    return !(n->syms & r->any_syms) && !(n->dangling & r->any_levels) && !(n->flags & r->any_flags);
}

static void push(work *w, term t)
{
    if (!t)
        w->failed = true;
    else if (!term_map_get(&w->r->memo, t))
        w->failed |= !vec_push(w->r->ctx, &w->stack, ((frame){.t = t}));
}

static void settle(work *w, term t, term result)
{
    if (!result || !term_map_put(&w->r->memo, t, result))
        w->failed = true;
    w->stack.n--;
}

static bool is_binder(const node *n) { return n->op == OP_REDUCE || n->op == OP_ARRAY; }

/* The fresh indices of an opened binder stand in the store one after the other: remember the first. */
static term open_binder(work *w, term t)
{
    term index[SYM_MAX_RANK];
    term body = term_open(w->r->ctx, t, index);
    if (!body || !term_map_put(&w->indices, t, index[0]))
        w->failed = true;
    return body;
}

static void expand(work *w, size_t at)
{
    rewriter *r = w->r;
    gradus_ctx *ctx = r->ctx;
    term t = w->stack.at[at].t;
    const node *n = node_at(store_of(ctx), t);
    w->stack.at[at].expanded = true;
    if (pruned(r, n, t)) {
        settle(w, t, t);
        return;
    }
    if (r->down) {
        bool again = false;
        term other = r->down(r, t, &again);
        if (other != t) {
            if (again && other) {
                w->stack.at[at].alias = other;
                push(w, other);
            } else {
                settle(w, t, other);
            }
            return;
        }
    }
    if (n->op == OP_NUM || n->argc == 0) {
        settle(w, t, t);
        return;
    }
    uint32_t argc = n->argc;
    const term *args = n->u.args;
    if (is_binder(n) && r->open) {
        term body = open_binder(w, t);
        w->stack.at[at].body = body;
        for (uint32_t i = 0; i + 1 < argc; i++)
            push(w, args[i]);
        push(w, body);
        return;
    }
    for (uint32_t i = argc; i-- > 0;)
        push(w, args[i]);
}

static term close_binder(work *w, const frame *f, const term *args)
{
    gradus_ctx *ctx = w->r->ctx;
    const node *n = node_at(store_of(ctx), f->t);
    term first = term_map_get(&w->indices, f->t);
    const term *names = term_binder_names(ctx, f->t);
    if (n->op == OP_REDUCE)
        return term_reduce_named(ctx, (term_red)n->aux, first, names[0], args[1], args[2], args[3], !w->r->raw);
    uint32_t rank = (n->argc - 1) / 3;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    uint32_t number = node_at(store_of(ctx), first)->aux;
    for (uint32_t k = 0; k < rank; k++) {
        index[k] = store_of(ctx)->symbols.at[number + k]->handle;
        lo[k] = args[3 * k + 1];
        hi[k] = args[3 * k + 2];
    }
    return term_array_named(ctx, index, names, lo, hi, rank, args[3 * rank]);
}

static term build(work *w, const frame *f)
{
    rewriter *r = w->r;
    gradus_ctx *ctx = r->ctx;
    if (f->alias)
        return term_map_get(&r->memo, f->alias);
    const node *n = node_at(store_of(ctx), f->t);
    uint32_t argc = n->argc;
    term small[32], *args = small;
    if (argc > 32 && !(args = ctx_realloc(ctx, NULL, 0, argc * sizeof *args)))
        return TERM_NONE;
    bool changed = false;
    term result = TERM_NONE;
    for (uint32_t i = 0; i < argc; i++) {
        term child = f->body && i == argc - 1 ? f->body : n->u.args[i];
        args[i] = term_map_get(&r->memo, child);
        changed |= args[i] != child;
        if (!args[i])
            goto done;
    }
    if (!changed && ((n->flags & TF_RAW) == 0 || r->raw))
        result = f->t;
    else if (f->body)
        result = close_binder(w, f, args);
    else if (r->raw)
        result = term_raw_with_args(ctx, f->t, args, argc);
    else
        result = term_rebuild(ctx, f->t, args, argc);
done:
    if (args != small)
        ctx_realloc(ctx, args, argc * sizeof *args, 0);
    return result;
}

term term_rewrite(rewriter *r, term t)
{
    if (!t)
        return TERM_NONE;
    work w = {.r = r};
    term_map_init(&w.indices, r->ctx);
    push(&w, t);
    while (w.stack.n && !w.failed) {
        size_t at = w.stack.n - 1;
        if (term_map_get(&r->memo, w.stack.at[at].t)) {
            w.stack.n--;
            continue;
        }
        if (!w.stack.at[at].expanded) {
            expand(&w, at);
            continue;
        }
        const frame f = w.stack.at[at];
        settle(&w, f.t, build(&w, &f));
    }
    vec_clear(r->ctx, &w.stack);
    term_map_clear(&w.indices);
    return w.failed ? TERM_NONE : term_map_get(&r->memo, t);
}

/* ---- canonical form -------------------------------------------------------------------------------------------- */

/* While cancellations are recorded the memo of earlier calls must not hide them. */
static term known_canon(rewriter *r, term t, bool *again)
{
    *again = false;
    const term_store *s = store_of(r->ctx);
    const node *n = node_at(s, t);
    return !s->recording && n->canon ? n->canon : t;
}

term term_canon(gradus_ctx *ctx, term t)
{
    term_store *s = store_of(ctx);
    if (!t || !(node_at(s, t)->flags & TF_RAW))
        return t;
    if (!s->recording && node_at(s, t)->canon)
        return node_at(s, t)->canon;
    rewriter r = {.ctx = ctx, .open = true, .any_flags = TF_RAW, .down = known_canon};
    term_map_init(&r.memo, ctx);
    term c = term_rewrite(&r, t);
    term_map_clear(&r.memo);
    if (c && vec_push(ctx, &s->canon_journal, t))
        node_at(s, t)->canon = c;
    return c;
}

/* ---- substitution ------------------------------------------------------------------------------------------------ */

typedef struct replacement {
    const term *from, *to;
    uint32_t n;
    const term_map *map; /* position + 1 by `from`, for many */
} replacement;

static term replace_one(rewriter *r, term t, bool *again)
{
    const replacement *x = r->user;
    *again = false;
    if (x->map) {
        term p = term_map_get(x->map, t);
        return p ? x->to[p - 1] : t;
    }
    for (uint32_t i = 0; i < x->n; i++)
        if (x->from[i] == t)
            return x->to[i];
    return t;
}

static term substitute(gradus_ctx *ctx, term t, const term *from, const term *to, uint32_t n, bool raw)
{
    if (!t || n == 0)
        return t;
    const term_store *s = store_of(ctx);
    replacement x = {from, to, n, NULL};
    rewriter r = {.ctx = ctx, .raw = raw, .down = replace_one, .user = &x, .least = UINT32_MAX};
    bool prune = true;
    for (uint32_t i = 0; i < n; i++) {
        if (!from[i] || !to[i])
            return TERM_NONE;
        const node *f = node_at(s, from[i]);
        if (from[i] < r.least)
            r.least = from[i];
        if (f->op == OP_BOUND)
            r.any_levels |= f->dangling;
        else if (f->op == OP_SYM)
            r.any_syms |= f->syms;
        else
            prune = false;
        if (node_at(s, to[i])->level > 0)
            r.open = true;
    }
    if (!prune)
        r.any_syms = r.any_levels = 0;
    else if (!raw)
        r.any_flags = TF_RAW;
    if (!raw && (node_at(s, t)->flags & TF_RAW)) {
        r.least = 0;
        r.open = true;
    }
    term_map map;
    term_map_init(&map, ctx);
    bool ok = true;
    if (n > 8) {
        for (uint32_t i = 0; i < n && ok; i++)
            ok = term_map_get(&map, from[i]) || term_map_put(&map, from[i], i + 1);
        x.map = &map;
    }
    term_map_init(&r.memo, ctx);
    term result = ok ? term_rewrite(&r, t) : TERM_NONE;
    term_map_clear(&r.memo);
    term_map_clear(&map);
    return result;
}

term term_subst(gradus_ctx *ctx, term t, const term *from, const term *to, uint32_t n)
{
    return term_canon(ctx, substitute(ctx, t, from, to, n, false));
}

term term_raw_subst(gradus_ctx *ctx, term t, const term *from, const term *to, uint32_t n)
{
    return substitute(ctx, t, from, to, n, true);
}
