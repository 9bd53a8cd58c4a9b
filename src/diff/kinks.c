/* kinks: where a rule of a function that is not smooth was used, and what is taken there. */
#include "diff/diff_impl.h"

typedef struct kink_search {
    gradus_ctx *ctx;
    term x;
    diff_kinks *out;
    term_vec roots; /* the term, then the opened bodies of its reducers */
} kink_search;

static bool put_kink(kink_search *s, term where, const char *text)
{
    gradus_ctx *ctx = s->ctx;
    if (!where)
        return false;
    if (rule_decide(ctx, where, NULL, 0) == GRADUS_NO || (term_is(ctx, where, OP_BOOL) && term_aux(ctx, where)))
        return true; /* never, or arguments that are always equal: no border is crossed */
    for (size_t i = 0; i < s->out->n; i++)
        if (s->out->at[i].where == where)
            return true;
    diff_kink k = {where, text};
    return vec_push(ctx, s->out, k);
}

static bool kinks_of_extremum(kink_search *s, term t)
{
    gradus_ctx *ctx = s->ctx;
    const char *text = fn_get((fn_id)term_aux(ctx, t))->kink_text;
    uint32_t n = term_argc(ctx, t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n && j < i + 8; j++) {
            term a = term_arg(ctx, t, i), b = term_arg(ctx, t, j);
            if (!term_depends(ctx, a, s->x) && !term_depends(ctx, b, s->x))
                continue;
            if (!put_kink(s, term_rel_make(ctx, REL_EQ, a, b), text))
                return false;
        }
    return true;
}

/* The borders of a condition: where its comparisons turn. */
static bool kinks_of_condition(kink_search *s, term c)
{
    static const char text[] = "a border between cases: the branch whose condition holds gives the slope; the slopes of the "
                               "branches may differ there";
    gradus_ctx *ctx = s->ctx;
    term_vec nodes = {0};
    bool ok = term_reachable(ctx, &c, 1, &nodes);
    for (size_t i = 0; ok && i < nodes.n; i++) {
        term r = nodes.at[i];
        if (!term_is(ctx, r, OP_REL) || !term_depends(ctx, r, s->x) || (term_get_flags(ctx, r) & TF_DANGLING))
            continue;
        ok = put_kink(s, term_rel_make(ctx, REL_EQ, term_arg(ctx, r, 0), term_arg(ctx, r, 1)), text);
    }
    vec_clear(ctx, &nodes);
    return ok;
}

static bool kinks_of_node(kink_search *s, term t)
{
    gradus_ctx *ctx = s->ctx;
    if ((term_get_flags(ctx, t) & TF_DANGLING) || !term_depends(ctx, t, s->x))
        return true;
    switch (term_get_op(ctx, t)) {
    case OP_FN: {
        if (term_aux(ctx, t) == FN_max || term_aux(ctx, t) == FN_min)
            return kinks_of_extremum(s, t);
        const fn_row *row = fn_get((fn_id)term_aux(ctx, t));
        term where = row->kinks ? rule_kink(ctx, t) : TERM_NONE;
        return !row->kinks || put_kink(s, where, row->kink_text);
    }
    case OP_BRACKET: return kinks_of_condition(s, term_arg(ctx, t, 0));
    case OP_CASES:
        for (uint32_t i = 0; i + 1 < term_argc(ctx, t); i += 2)
            if (!kinks_of_condition(s, term_arg(ctx, t, i)))
                return false;
        return true;
    case OP_REDUCE: {
        term index, body = term_open(ctx, t, &index);
        return body && vec_push(ctx, &s->roots, body);
    }
    default: return true;
    }
}

bool diff_find_kinks(gradus_ctx *ctx, term f, term x, diff_kinks *out)
{
    kink_search s = {.ctx = ctx, .x = x, .out = out};
    term_vec nodes = {0};
    f = diff_resolve(ctx, f);
    f = f ? term_canon(ctx, term_unfold(ctx, f)) : TERM_NONE;
    bool ok = f && vec_push(ctx, &s.roots, f);
    for (size_t r = 0; ok && r < s.roots.n; r++) {
        nodes.n = 0;
        ok = term_reachable(ctx, &s.roots.at[r], 1, &nodes);
        for (size_t i = 0; ok && i < nodes.n; i++)
            ok = kinks_of_node(&s, nodes.at[i]);
    }
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &s.roots);
    return ok;
}
