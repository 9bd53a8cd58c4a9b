/* apply: functions of the table, the largest and smallest, user functions. */
#include "diff/diff_impl.h"

/* ---- records of table functions --------------------------------------------------------------------------- */

/* [P] with P under the condition given: decided brackets, signs and cases go. One piece of a kinked function. */
static term on_piece(engine *e, term slope, term given)
{
    gradus_ctx *ctx = e->ctx;
    term_vec nodes = {0}, from = {0}, to = {0};
    if (!term_reachable(ctx, &slope, 1, &nodes)) {
        vec_clear(ctx, &nodes);
        return slope;
    }
    for (size_t i = 0; i < nodes.n; i++) {
        term t = nodes.at[i], value = TERM_NONE;
        if (term_is(ctx, t, OP_REL)) {
            gradus_truth d = rule_decide(ctx, t, &given, 1);
            if (d != GRADUS_UNKNOWN)
                value = term_bool(ctx, d == GRADUS_YES);
        } else if (term_is(ctx, t, OP_FN) && term_aux(ctx, t) == FN_sign) {
            if (rule_decide_positive(ctx, term_arg(ctx, t, 0), &given, 1) == GRADUS_YES)
                value = term_int(ctx, 1);
            else if (rule_decide_positive(ctx, term_neg(ctx, term_arg(ctx, t, 0)), &given, 1) == GRADUS_YES)
                value = term_int(ctx, -1);
        }
        if (value && (!vec_push(ctx, &from, t) || !vec_push(ctx, &to, value)))
            break;
    }
    term r = from.n && from.n == to.n ? term_subst(ctx, slope, from.at, to.at, (uint32_t)from.n) : slope;
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    return r;
}

/* A kink at u == p of a function of u: the slope on both sides, as two cases. */
static void record_pieces(engine *e, term t, term u, term slope, term kink)
{
    gradus_ctx *ctx = e->ctx;
    bool single = term_is(ctx, kink, OP_REL) && term_aux(ctx, kink) == REL_EQ && term_arg(ctx, kink, 0) == u &&
                  term_is_num(ctx, term_arg(ctx, kink, 1));
    term l = TERM_NONE, r = TERM_NONE;
    if (single) {
        term p = term_arg(ctx, kink, 1);
        term above = term_rel_make(ctx, REL_LT, p, u), below = term_rel_make(ctx, REL_LT, u, p);
        r = on_piece(e, slope, above);
        l = on_piece(e, slope, below);
        term pieces = term_cases(ctx, (term[]){above, r, below, l}, 2, TERM_NONE);
        step *s = record_leaf(e, "cases", t, "branch", pieces);
        step_bind(s, "f", t);
        if (s)
            s->cond = term_not(ctx, kink);
        l = term_subst(ctx, l, &u, &p, 1);
        r = term_subst(ctx, r, &u, &p, 1);
    }
    step *s = step_rewrite(e->log, "kink", slope, slope);
    step_bind(s, "p", kink);
    step_bind(s, "l", l);
    step_bind(s, "r", r);
    if (s)
        s->cond = term_not(ctx, kink);
}

/* f(u, ...) by argument k, which is the variable itself: straight from the table. */
static void record_table(engine *e, term t, uint32_t k, const char *role, term slope)
{
    if (!e->log)
        return;
    step *s = record_begin(e, fn_get((fn_id)term_aux(e->ctx, t))->key, t, role);
    if (!s)
        return;
    step_bind(s, "f", t);
    step_bind(s, "u", term_arg(e->ctx, t, k));
    step_bind(s, "value", slope);
    term kink = rule_kink(e->ctx, t);
    if (kink && term_argc(e->ctx, t) == 1)
        record_pieces(e, t, term_canon(e->ctx, term_arg(e->ctx, t, 0)), slope, kink);
    record_end(e, s, slope);
}

/* t with argument k replaced by another term. */
static term with_argument(engine *e, term t, uint32_t k, term u)
{
    gradus_ctx *ctx = e->ctx;
    term a[8];
    uint32_t n = term_argc(ctx, t);
    if (n > 8)
        return t;
    for (uint32_t i = 0; i < n; i++)
        a[i] = i == k ? u : term_arg(ctx, t, i);
    return term_raw_apply(ctx, (fn_id)term_aux(ctx, t), a, n);
}

static step *record_table_chain(engine *e, term t, uint32_t k, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    step *s = record_chain(e, t, term_arg(ctx, t, k), role);
    if (!s)
        return NULL;
    const uint32_t one = 1;
    term g = s->inner_name, outer = with_argument(e, t, k, g), keep = e->x;
    term d_outer = term_deriv(ctx, outer, &g, &one, 1);
    s->shown = term_raw_mul(ctx, (term[]){d_outer, record_deriv(e, s->inner_is)}, NULL, 2);
    term slope = rule_partial(ctx, outer, k);
    if (!slope)
        return s;
    e->x = g;
    record_table(e, outer, k, "outer", slope);
    e->x = keep;
    return s;
}

/* ---- functions of the table ------------------------------------------------------------------------------------ */

static bool enter_one_argument(engine *e, term t, uint32_t k, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term u = term_arg(ctx, t, k), slope = rule_partial(ctx, t, k);
    if (!slope)
        return engine_answer(e, TERM_NONE);
    if (u == e->x || term_is_int(ctx, slope, 0)) {
        record_table(e, t, k, role, slope);
        return engine_answer(e, slope);
    }
    frame *f = engine_push(e, FRAME_CHAIN, t);
    if (!f)
        return engine_answer(e, TERM_NONE);
    f->a = slope;
    f->outer = record_table_chain(e, t, k, role);
    return !engine_add_part(e, u, TERM_NONE, "inner");
}

static bool enter_total(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    if (!engine_push(e, FRAME_TOTAL, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = record_begin(e, "total", t, role);
    e->frames.at[at].outer = s;
    step_bind(s, "f", t);
    const uint32_t depth = e->chain_depth;
    for (uint32_t k = 0; k < term_argc(ctx, t); k++) {
        term u = term_arg(ctx, t, k);
        if (engine_classify(e, u) == CLASS_CONST)
            continue;
        term slope = rule_partial(ctx, t, k);
        if (!slope || !engine_add_part(e, u, slope, "argument"))
            return engine_answer(e, TERM_NONE);
        step *p = s ? step_begin(e->log, STEP_RULE, fn_get((fn_id)term_aux(ctx, t))->key, t) : NULL;
        if (p) {
            const uint32_t one = 1;
            term g = record_inner_name(e), outer = with_argument(e, t, k, g);
            p->before = term_deriv(ctx, outer, &g, &one, 1);
            p->role = "partial";
            p->inner_name = g;
            p->inner_is = u;
            step_end(e->log, p, rule_partial(ctx, outer, k));
            e->chain_depth++; /* every argument has a letter of its own */
        }
    }
    e->chain_depth = depth;
    return false;
}

/* ---- the largest and the smallest -------------------------------------------------------------------------------- */

static bool enter_extremum(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    if (!engine_push(e, FRAME_EXTREMUM, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = record_begin(e, "extremum", t, role);
    e->frames.at[at].outer = s;
    step_bind(s, "f", t);
    step_bind(s, "u", term_arg(ctx, t, 0));
    step_bind(s, "v", term_arg(ctx, t, 1));
    for (uint32_t k = 0; k < term_argc(ctx, t); k++)
        if (!engine_add_part(e, term_arg(ctx, t, k), TERM_NONE, "argument"))
            return true;
    return false;
}

/* a beats b: strictly, so that at a tie the one asked later wins. */
static term beats(engine *e, bool largest, term a, term b)
{
    return largest ? term_rel_make(e->ctx, REL_LT, b, a) : term_rel_make(e->ctx, REL_LT, a, b);
}

/* {u1' if u1 beats all others; ...; the last one's otherwise}. Arguments that do not vary come last (func.def). */
term finish_extremum(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    const bool largest = term_aux(ctx, f->t) == FN_max;
    e->list.n = e->list2.n = 0;
    for (int fixed = 0; fixed < 2; fixed++)
        for (uint32_t i = 0; i < f->count; i++)
            if ((engine_classify(e, frame_part(e, f, i)->body) == CLASS_CONST) == (fixed == 1))
                if (!vec_push(ctx, &e->list, i))
                    return TERM_NONE;
    term_vec conds = {0};
    for (uint32_t i = 0; i + 1 < f->count; i++) {
        const part *p = frame_part(e, f, e->list.at[i]);
        term u = term_canon(ctx, p->body);
        conds.n = 0;
        for (uint32_t j = i + 1; j < f->count; j++) {
            term c = beats(e, largest, u, term_canon(ctx, frame_part(e, f, e->list.at[j])->body));
            if (!c || !vec_push(ctx, &conds, c))
                e->failed = true;
        }
        term all = e->failed ? TERM_NONE : term_and(ctx, conds.at, (uint32_t)conds.n);
        if (!all || !vec_push(ctx, &e->list2, all) || !vec_push(ctx, &e->list2, p->deriv))
            e->failed = true;
    }
    vec_clear(ctx, &conds);
    if (e->failed)
        return TERM_NONE;
    term last = frame_part(e, f, e->list.at[f->count - 1])->deriv;
    term r;
    if (f->count == 2 && term_is_int(ctx, last, 0)) /* one condition and 0: a bracket says it shorter */
        r = term_mul2(ctx, term_bracket(ctx, e->list2.at[0]), e->list2.at[1]);
    else
        r = term_cases(ctx, e->list2.at, (uint32_t)e->list2.n / 2, last);
    if (e->log) {
        step *s = step_rewrite(e->log, "cases", r, r);
        step_bind(s, "f", f->t);
    }
    return r;
}

bool enter_fn(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    fn_id f = (fn_id)term_aux(ctx, t);
    if (f == FN_max || f == FN_min)
        return enter_extremum(e, t, role);
    uint32_t varying = 0, which = 0;
    for (uint32_t k = 0; k < term_argc(ctx, t); k++)
        if (engine_classify(e, term_arg(ctx, t, k)) != CLASS_CONST) {
            varying++;
            which = k;
        }
    return varying == 1 ? enter_one_argument(e, t, which, role) : enter_total(e, t, role);
}
