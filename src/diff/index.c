/* index: reducers over an index, and elements of arrays. */
#include "diff/diff_impl.h"

#include <stdio.h>

/* ---- names of indices ---------------------------------------------------------------------------------------- */

static bool same_name(gradus_ctx *ctx, term index, const char *name)
{
    return term_is(ctx, index, OP_SYM) && strcmp(term_sym_name(ctx, index), name) == 0;
}

/* Would the bound name be mistaken for an index of the variable, or for that of a reducer around it? */
static bool name_clashes(engine *e, const char *name)
{
    gradus_ctx *ctx = e->ctx;
    for (uint32_t i = 1; e->x_array && i < term_argc(ctx, e->x); i++)
        if (same_name(ctx, term_arg(ctx, e->x, i), name))
            return true;
    for (size_t i = 0; i < e->open_indices.n; i++)
        if (same_name(ctx, e->open_indices.at[i], name))
            return true;
    return false;
}

/* Opens reducer t; a clashing name gives way to another, and the record says so. */
static term open_reducer(engine *e, term t, term *index)
{
    gradus_ctx *ctx = e->ctx;
    static const char *const others[] = {"m", "l", "r", "s", "u", "v"};
    char name[24];
    term body = term_open(ctx, t, index);
    if (!body || !name_clashes(e, term_sym_name(ctx, *index)))
        return body;
    for (unsigned i = 0;; i++) {
        if (i < sizeof others / sizeof others[0])
            snprintf(name, sizeof name, "%s", others[i]);
        else
            snprintf(name, sizeof name, "m%u", i);
        if (!name_clashes(e, name))
            break;
    }
    term fresh = term_fresh_index(ctx, name, term_arg(ctx, t, 1), term_arg(ctx, t, 2)), old = *index;
    body = term_raw_subst(ctx, body, &old, &fresh, 1);
    if (e->log && body) {
        term again = term_raw_reduce(ctx, (term_red)term_aux(ctx, t), fresh, term_arg(ctx, t, 1), term_arg(ctx, t, 2), body);
        step *s = step_rewrite(e->log, "rename-index", t, again);
        step_bind(s, "j", old);
        step_bind(s, "m", fresh);
    }
    *index = fresh;
    return body;
}

/* ---- reducers ---------------------------------------------------------------------------------------------------- */

static const char *rule_of_reducer(term_red r)
{
    switch (r) {
    case RED_SUM: case RED_MEAN: return "sum-index";
    case RED_PROD: return "product-index";
    case RED_LOGSUMEXP: return "logsumexp";
    default: return "extremum";
    }
}

/* e^u under a logsumexp: a chain, its inner part still to come. */
static step *record_exp_chain(engine *e, term u)
{
    gradus_ctx *ctx = e->ctx;
    step *s = record_chain(e, term_raw_apply(ctx, FN_exp, &u, 1), u, "under");
    if (!s)
        return NULL;
    const uint32_t one = 1;
    term g = s->inner_name, keep = e->x, outer = term_raw_apply(ctx, FN_exp, &g, 1);
    s->shown = term_raw_mul(ctx, (term[]){term_deriv(ctx, outer, &g, &one, 1), record_deriv(e, u)}, NULL, 2);
    e->x = g;
    step *o = record_leaf(e, "exp", outer, "outer", term_apply1(ctx, FN_exp, g));
    step_bind(o, "a", term_constant(ctx, CONST_E));
    step_bind(o, "u", g);
    e->x = keep;
    return s;
}

bool enter_reduce(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term_red r = (term_red)term_aux(ctx, t);
    if (engine_classify(e, term_arg(ctx, t, 1)) != CLASS_CONST || engine_classify(e, term_arg(ctx, t, 2)) != CLASS_CONST)
        return engine_unable(e, "a reducer whose range depends on the variable");
    if (r == RED_ARGMAX || r == RED_ARGMIN) { /* a whole number: constant between ties */
        record_leaf(e, "kink", t, role, term_int(ctx, 0));
        return engine_answer(e, term_int(ctx, 0));
    }
    if (!engine_push(e, FRAME_REDUCE, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = e->frames.at[at].outer = record_begin(e, rule_of_reducer(r), t, role);
    term index, body = open_reducer(e, t, &index);
    if (!body || !vec_push(ctx, &e->open_indices, index))
        return engine_answer(e, TERM_NONE);
    e->frames.at[at].a = index;
    step_bind(s, "j", index);
    step_bind(s, "f", body);
    if (s && r == RED_LOGSUMEXP && !term_is(ctx, body, OP_ACC)) { /* what stands under it is a function of its own */
        e->frames.at[at].inner = record_exp_chain(e, body);
        return !engine_add_part(e, body, TERM_NONE, "inner");
    }
    if (s && (r == RED_SUM || r == RED_MEAN))
        s->shown = term_raw_reduce(ctx, r, index, term_arg(ctx, t, 1), term_arg(ctx, t, 2), record_deriv(e, body));
    return !engine_add_part(e, body, TERM_NONE, "under");
}

/* Does t hold a bracket on this index? */
static bool has_delta(engine *e, term t, term index)
{
    gradus_ctx *ctx = e->ctx;
    bool found = false;
    e->list.n = 0;
    if (!term_reachable(ctx, &t, 1, &e->list))
        return false;
    for (size_t i = 0; i < e->list.n && !found; i++)
        found = term_is(ctx, e->list.at[i], OP_BRACKET) && term_occurs(ctx, e->list.at[i], index);
    return found;
}

/* sum[index](d), with the elimination of [index == k] as a step of its own. */
static term sum_up(engine *e, term_red r, term index, term lo, term hi, term d)
{
    gradus_ctx *ctx = e->ctx;
    term after = term_reduce(ctx, r, index, lo, hi, d);
    if (e->log && after && has_delta(e, d, index)) {
        term before = term_raw_reduce(ctx, r, index, lo, hi, d);
        if (before && before != after) {
            step *s = step_rewrite(e->log, "delta", before, after);
            step_bind(s, "j", index);
            if (e->x_array)
                step_bind(s, "k", term_arg(ctx, e->x, term_argc(ctx, e->x) - 1));
        }
    }
    return after;
}

/* prod over m of body[m], the factor at `index` left out. */
static term product_without(engine *e, term index, term lo, term hi, term body)
{
    gradus_ctx *ctx = e->ctx;
    if (rule_decide_nonzero(ctx, body, NULL, 0) == GRADUS_YES)
        return term_div(ctx, term_reduce(ctx, RED_PROD, index, lo, hi, body), body);
    term m = term_fresh_index(ctx, "m", lo, hi), other = term_subst(ctx, body, &index, &m, 1);
    term same = term_rel_make(ctx, REL_EQ, m, index);
    term factor = term_cases(ctx, (term[]){same, term_int(ctx, 1)}, 1, other);
    return term_reduce(ctx, RED_PROD, m, lo, hi, factor);
}

static term at_extremum(engine *e, term_red r, term index, term lo, term hi, term body, term d)
{
    gradus_ctx *ctx = e->ctx;
    term m = term_fresh_index(ctx, term_sym_name(ctx, index), lo, hi);
    term arg = term_reduce(ctx, r == RED_MAX ? RED_ARGMAX : RED_ARGMIN, m, lo, hi, term_subst(ctx, body, &index, &m, 1));
    return term_subst(ctx, d, &index, &arg, 1);
}

term finish_reduce(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    const part *p = frame_part(e, f, 0);
    term_red r = (term_red)term_aux(ctx, f->t);
    term index = f->a, d = p->deriv, body = term_canon(ctx, p->body);
    term lo = term_canon(ctx, term_arg(ctx, f->t, 1)), hi = term_canon(ctx, term_arg(ctx, f->t, 2));
    e->open_indices.n--;
    if (f->inner) {
        record_end(e, f->inner, term_mul2(ctx, term_apply1(ctx, FN_exp, body), d));
        e->chain_depth--;
        f->inner = NULL;
    }
    switch (r) {
    case RED_SUM: case RED_MEAN: return sum_up(e, r, index, lo, hi, d);
    case RED_PROD: return sum_up(e, RED_SUM, index, lo, hi, term_mul2(ctx, d, product_without(e, index, lo, hi, body)));
    case RED_MAX: case RED_MIN: return at_extremum(e, r, index, lo, hi, body, d);
    case RED_LOGSUMEXP: {
        term w = term_apply1(ctx, FN_exp, body);
        term below = term_reduce(ctx, RED_SUM, index, lo, hi, w);
        term above = sum_up(e, RED_SUM, index, lo, hi, term_mul2(ctx, w, d));
        return term_div(ctx, above, below);
    }
    default: return TERM_NONE;
    }
}

/* ---- elements ----------------------------------------------------------------------------------------------------- */

static bool is_data_index(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_ACC); }

/* Element t of the variable's own array: 1 if it is the same element. */
static bool enter_entry(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t n = term_argc(ctx, t);
    if (n != term_argc(ctx, e->x)) {
        diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "%s is indexed by %u and by %u indices",
                   term_sym_name(ctx, e->x_array), n - 1, term_argc(ctx, e->x) - 1);
        return engine_answer(e, TERM_NONE);
    }
    term delta = term_int(ctx, 1);
    for (uint32_t i = 1; i < n; i++)
        delta = term_mul2(ctx, delta, term_bracket(ctx, term_rel_make(ctx, REL_EQ, term_canon(ctx, term_arg(ctx, t, i)),
                                                                       term_arg(ctx, e->x, i))));
    step *s = record_begin(e, "entry", t, role);
    if (s) {
        bool gathered = false;
        for (uint32_t i = 1; i < n; i++) {
            step_bind(s, i == 1 ? "j" : "j2", term_arg(ctx, t, i));
            step_bind(s, i == 1 ? "k" : "k2", term_arg(ctx, e->x, i));
            gathered |= is_data_index(ctx, term_arg(ctx, t, i));
        }
        step_bind(s, "w", e->x_array);
        for (uint32_t i = 1; i < n && gathered; i++)
            if (is_data_index(ctx, term_arg(ctx, t, i))) {
                step *g = step_rewrite(e->log, "gather", delta, delta);
                step_bind(g, "q", term_arg(ctx, t, i));
                step_bind(g, "k", term_arg(ctx, e->x, i));
            }
        record_end(e, s, delta);
    }
    return engine_answer(e, delta);
}

/* Element of an array given by a formula or as a list: the derivative of the array, then its element. */
static bool enter_element(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term plain = term_canon(ctx, t);
    if (plain != t)
        return plain ? engine_pass(e, t, plain, role) : engine_answer(e, TERM_NONE);
    if (!engine_push(e, FRAME_ELEMENT, t))
        return engine_answer(e, TERM_NONE);
    return !engine_add_part(e, term_arg(ctx, t, 0), TERM_NONE, role);
}

term finish_element(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    term d = frame_part(e, f, 0)->deriv;
    return term_is_num(ctx, d) ? d : term_acc(ctx, d, term_args(ctx, f->t) + 1, term_argc(ctx, f->t) - 1);
}

bool enter_acc(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term array = term_arg(ctx, t, 0);
    for (uint32_t i = 1; i < term_argc(ctx, t); i++)
        if (engine_classify(e, term_arg(ctx, t, i)) != CLASS_CONST)
            return engine_unable(e, "an element whose index depends on the variable");
    switch (term_get_op(ctx, array)) {
    case OP_SYM:
        return array == e->x_array ? enter_entry(e, t, role) : enter_defined(e, t, role);
    case OP_MATFN: return enter_matfn(e, t, role);
    case OP_ARRAY: case OP_TUPLE: return enter_element(e, t, role);
    default: return engine_unable(e, "an element of this array");
    }
}
