/* unfold: defined names replaced by what they stand for. */
#include "term/term_impl.h"

enum { UNFOLD_LIMIT = 100000 }; /* expansions in one call: mutual recursion ends here, with a message */

static bool all_orders_zero(gradus_ctx *ctx, term call)
{
    uint32_t arity = (term_argc(ctx, call) - 1) / 2;
    for (uint32_t i = 0; i < arity; i++)
        if (!term_is_int(ctx, term_arg(ctx, call, 1 + i), 0))
            return false;
    return true;
}

/* A definition may be older than the data it speaks of: sizes that are known by now are put in. */
static term know_extent(rewriter *r, term t, bool *again)
{
    long axis;
    *again = false;
    if (!term_is(r->ctx, t, OP_EXTENT) || !term_get_long(r->ctx, term_arg(r->ctx, t, 1), &axis))
        return t;
    return term_extent(r->ctx, term_arg(r->ctx, t, 0), (uint32_t)axis - 1);
}

static term refresh_extents(gradus_ctx *ctx, term t)
{
    rewriter r = {.ctx = ctx, .raw = true, .down = know_extent};
    term_map_init(&r.memo, ctx);
    term u = t ? term_rewrite(&r, t) : TERM_NONE;
    term_map_clear(&r.memo);
    return u;
}

/* The body of symbol f with its formals replaced, or t itself if f is not a plain definition of that many arguments. */
static term apply_definition(gradus_ctx *ctx, term t, term f, const term *args, uint32_t n)
{
    const sym_info *info = term_sym_info(ctx, f);
    if (info->rule_count != 1 || info->recursive || info->rules[0].n != n)
        return t;
    term body = refresh_extents(ctx, info->rules[0].body);
    return n ? term_raw_subst(ctx, body, info->rules[0].index, args, n) : body;
}

term term_unfold_once(gradus_ctx *ctx, term t)
{
    if (!t)
        return TERM_NONE;
    switch (term_get_op(ctx, t)) {
    case OP_SYM: return apply_definition(ctx, t, t, NULL, 0);
    case OP_CALL: {
        uint32_t arity = (term_argc(ctx, t) - 1) / 2;
        return all_orders_zero(ctx, t) ? apply_definition(ctx, t, term_arg(ctx, t, 0), term_args(ctx, t) + 1 + arity, arity)
                                       : t;
    }
    case OP_ACC:
        if (!term_is(ctx, term_arg(ctx, t, 0), OP_SYM))
            return t;
        return apply_definition(ctx, t, term_arg(ctx, t, 0), term_args(ctx, t) + 1, term_argc(ctx, t) - 1);
    default: return t;
    }
}

static term unfold_down(rewriter *r, term t, bool *again)
{
    uint32_t *left = r->user;
    *again = true;
    term u = term_unfold_once(r->ctx, t);
    if (u != t && (*left)-- == 0) {
        diag_error(r->ctx, GRADUS_UNABLE, SPAN_NONE, "give the definition a base case, as in h[0] = 1; h[t] = ... for t = 1..T",
                   "definitions refer to each other in a circle");
        return TERM_NONE;
    }
    return u;
}

term term_unfold(gradus_ctx *ctx, term t)
{
    const term_store *s = store_of(ctx);
    if (!t || !(node_at(s, t)->syms & s->defined))
        return term_canon(ctx, t);
    uint32_t left = UNFOLD_LIMIT;
    rewriter r = {.ctx = ctx, .open = true, .any_syms = s->defined, .any_flags = TF_RAW, .down = unfold_down, .user = &left};
    term_map_init(&r.memo, ctx);
    term u = term_rewrite(&r, t);
    term_map_clear(&r.memo);
    return term_canon(ctx, u);
}
