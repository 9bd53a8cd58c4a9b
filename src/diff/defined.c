/* defined: names with a body. A plain name unfolds; a function of a composite argument is a chain through its own
 * derivative, found once per run; a recurrence becomes a recurrence for its sensitivity.                            */
#include "diff/diff_impl.h"

#include <stdio.h>

enum { NEST_LIMIT = 60 }; /* engines inside engines; past it functions unfold instead */

/* ---- unfolding ------------------------------------------------------------------------------------------------- */

static bool push_unfold(engine *e, term t, term body, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    if (body && (term_get_flags(ctx, body) & TF_DERIV))
        body = diff_resolve(ctx, body);
    if (!body || !engine_push(e, FRAME_UNFOLD, t))
        return engine_answer(e, TERM_NONE);
    frame *f = &e->frames.at[e->frames.n - 1];
    step *s = f->outer = record_begin(e, "unfold", t, role);
    step_bind(s, "N", t);
    step_bind(s, "body", body);
    if (s)
        s->shown = record_deriv(e, body);
    return !engine_add_part(e, body, TERM_NONE, "body");
}

/* ---- the derivative of a user function by one of its arguments --------------------------------------------------- */

/* The slope in short form, with the function's own name put back where it fits. */
static term tidy_slope(gradus_ctx *ctx, term fsym, term body, term d, step_log *log)
{
    diff_options opt = {.unfold = true, .names = &fsym, .n_names = 1};
    return diff_tidy(ctx, body, term_canon(ctx, d), &opt, log);
}

term engine_slope_of(engine *e, term fsym, uint32_t k)
{
    gradus_ctx *ctx = e->ctx;
    for (size_t i = 0; i < e->slopes.n; i++)
        if (e->slopes.at[i].f == fsym && e->slopes.at[i].k == k)
            return e->slopes.at[i].slope;
    const sym_rule *rule = &term_sym_info(ctx, fsym)->rules[0];
    engine *inner = engine_take(ctx, rule->index[k], e->opt, NULL);
    if (!inner)
        return TERM_NONE;
    inner->depth = e->depth + 1;
    term body = term_get_flags(ctx, rule->body) & TF_DERIV ? diff_resolve(ctx, rule->body) : rule->body;
    term d = body ? engine_run(inner, body) : TERM_NONE;
    engine_give(inner);
    if (d)
        d = tidy_slope(ctx, fsym, body, d, NULL);
    user_slope found = {fsym, k, d};
    if (!d || !vec_push(ctx, &e->slopes, found))
        return TERM_NONE;
    return d;
}

/* f differentiated in argument k, at the arguments of call t. */
static term slope_at(engine *e, term t, uint32_t k)
{
    gradus_ctx *ctx = e->ctx;
    term f = term_arg(ctx, t, 0);
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    const term *args = term_args(ctx, t) + 1 + arity;
    const sym_info *info = term_sym_info(ctx, f);
    if (info->rule_count == 0) {
        uint32_t orders[SYM_MAX_RANK];
        term plain[SYM_MAX_RANK];
        for (uint32_t i = 0; i < arity; i++) {
            long o = 0;
            term_get_long(ctx, term_arg(ctx, t, 1 + i), &o);
            orders[i] = (uint32_t)o + (i == k);
            plain[i] = term_canon(ctx, args[i]);
        }
        return term_call(ctx, f, orders, plain, arity);
    }
    term d = engine_slope_of(e, f, k);
    return d ? term_subst(ctx, d, term_sym_info(ctx, f)->rules[0].index, args, arity) : TERM_NONE;
}

static bool has_orders(gradus_ctx *ctx, term t)
{
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    for (uint32_t i = 0; i < arity; i++)
        if (!term_is_int(ctx, term_arg(ctx, t, 1 + i), 0))
            return true;
    return false;
}

/* Does the body of f use the variable itself, not only its arguments? */
static bool body_uses_variable(engine *e, term f)
{
    const sym_info *info = term_sym_info(e->ctx, f);
    if (info->rule_count == 0)
        return false;
    for (uint32_t i = 0; i < info->rules[0].n; i++)
        if (info->rules[0].index[i] == e->x)
            return false; /* its own formal of that name */
    return term_depends(e->ctx, info->rules[0].body, e->x);
}

/* The derivation of a user function by the inner name, below the open step o. */
static void record_slope(engine *e, step *o, term outer, term fsym)
{
    gradus_ctx *ctx = e->ctx;
    term body = term_unfold_once(ctx, outer);
    if (body && (term_get_flags(ctx, body) & TF_DERIV))
        body = diff_resolve(ctx, body);
    engine *inner = body && body != outer ? engine_take(ctx, e->x, e->opt, e->log) : NULL;
    if (!inner)
        return;
    inner->depth = e->depth + 1;
    inner->chain_depth = e->chain_depth;
    step_bind(o, "N", outer);
    step_bind(o, "body", body);
    term d = engine_run(inner, body);
    engine_give(inner);
    if (d)
        tidy_slope(ctx, fsym, body, d, e->log);
}

/* t with argument k replaced by the name g. */
static term call_with(gradus_ctx *ctx, term t, uint32_t k, term g)
{
    uint32_t arity = (term_argc(ctx, t) - 1) / 2, orders[SYM_MAX_RANK];
    term args[SYM_MAX_RANK];
    for (uint32_t i = 0; i < arity; i++) {
        long o = 0;
        term_get_long(ctx, term_arg(ctx, t, 1 + i), &o);
        orders[i] = (uint32_t)o;
        args[i] = i == k ? g : term_arg(ctx, t, 1 + arity + i);
    }
    return term_call(ctx, term_arg(ctx, t, 0), orders, args, arity);
}

/* The derivative of t by its argument k, which bears the name g. */
static step *record_call_by(engine *e, term t, uint32_t k, term g, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term outer = call_with(ctx, t, k, g), keep = e->x, slope = slope_at(e, outer, k), fsym = term_arg(ctx, t, 0);
    bool known = term_sym_info(ctx, fsym)->rule_count > 0;
    e->x = g;
    step *o = record_begin(e, known ? "unfold" : "prime", outer, role);
    if (o && known)
        record_slope(e, o, outer, fsym);
    record_end(e, o, slope);
    e->x = keep;
    return o;
}

static step *record_call(engine *e, term t, term u, uint32_t k, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    step *s = record_chain(e, t, u, role);
    if (!s)
        return NULL;
    const uint32_t one = 1;
    term d_outer = term_deriv(ctx, call_with(ctx, t, k, s->inner_name), &s->inner_name, &one, 1);
    s->shown = term_raw_mul(ctx, (term[]){d_outer, record_deriv(e, u)}, NULL, 2);
    record_call_by(e, t, k, s->inner_name, "outer");
    return s;
}

static bool enter_call_chain(engine *e, term t, uint32_t k, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    term u = term_arg(ctx, t, 1 + arity + k), slope = slope_at(e, t, k);
    if (!slope)
        return engine_answer(e, TERM_NONE);
    if (u == e->x) {
        record_leaf(e, "prime", t, role, slope);
        return engine_answer(e, slope);
    }
    frame *f = engine_push(e, FRAME_CHAIN, t);
    if (!f)
        return engine_answer(e, TERM_NONE);
    f->a = slope;
    f->outer = record_call(e, t, u, k, role);
    return !engine_add_part(e, u, TERM_NONE, "inner");
}

static bool enter_call_total(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    if (!engine_push(e, FRAME_TOTAL, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = e->frames.at[at].outer = record_begin(e, "total", t, role);
    step_bind(s, "f", t);
    const uint32_t depth = e->chain_depth;
    for (uint32_t k = 0; k < arity; k++) {
        term u = term_arg(ctx, t, 1 + arity + k);
        if (engine_classify(e, u) == CLASS_CONST)
            continue;
        term slope = slope_at(e, t, k);
        if (!slope || !engine_add_part(e, u, slope, "argument"))
            return engine_answer(e, TERM_NONE);
        if (s) {
            term g = record_inner_name(e);
            step *p = record_call_by(e, t, k, g, "partial");
            if (p) {
                p->inner_name = g;
                p->inner_is = u;
                e->chain_depth++; /* every argument has a letter of its own */
            }
        }
    }
    e->chain_depth = depth;
    return false;
}

bool enter_call(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term f = term_arg(ctx, t, 0);
    const sym_info *info = term_sym_info(ctx, f);
    uint32_t arity = (term_argc(ctx, t) - 1) / 2, varying = 0, which = 0;
    if (info->rule_count > 1 || info->recursive)
        return engine_unable(e, "a function that is defined through itself");
    if (info->rule_count && has_orders(ctx, t)) {
        term r = diff_resolve(ctx, t);
        return r && r != t ? engine_pass(e, t, r, role) : engine_answer(e, TERM_NONE);
    }
    for (uint32_t k = 0; k < arity; k++)
        if (engine_classify(e, term_arg(ctx, t, 1 + arity + k)) != CLASS_CONST) {
            varying++;
            which = k;
        }
    bool plain = varying == 1 && term_arg(ctx, t, 1 + arity + which) == e->x;
    if (info->rule_count && (plain || varying == 0 || e->depth >= NEST_LIMIT || body_uses_variable(e, f)))
        return push_unfold(e, t, term_unfold_once(ctx, t), role);
    return varying == 1 ? enter_call_chain(e, t, which, role) : enter_call_total(e, t, role);
}

/* ---- recurrences ----------------------------------------------------------------------------------------------------- */

/* The variable as it stands inside the sensitivity's rules: an element gets formal indices of its own. */
static term formal_variable(engine *e, term *extra, uint32_t *n)
{
    gradus_ctx *ctx = e->ctx;
    *n = 0;
    if (!e->x_array)
        return e->x;
    for (uint32_t i = 1; i < term_argc(ctx, e->x); i++) {
        term xi = term_arg(ctx, e->x, i), lo = TERM_NONE, hi = TERM_NONE;
        const char *name = "k";
        if (term_is(ctx, xi, OP_SYM)) {
            lo = term_sym_info(ctx, xi)->lo;
            hi = term_sym_info(ctx, xi)->hi;
            name = term_sym_name(ctx, xi);
        }
        extra[(*n)++] = term_fresh_index(ctx, name, lo ? lo : term_int(ctx, 1),
                                         hi ? hi : term_extent(ctx, e->x_array, i - 1));
    }
    return term_acc(ctx, e->x_array, extra, *n);
}

static term find_sensitivity(const engine *e, term h)
{
    term key = e->x_array ? e->x_array : e->x;
    for (size_t i = 0; i < e->shared->n; i++)
        if (e->shared->at[i].h == h && e->shared->at[i].x == key)
            return e->shared->at[i].s;
    return TERM_NONE;
}

static term name_sensitivity(engine *e, term h)
{
    gradus_ctx *ctx = e->ctx;
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_printf(&b, "d%s_d%s", term_sym_name(ctx, h), term_sym_name(ctx, e->x_array ? e->x_array : e->x));
    while (term_find_sym(ctx, strbuf_str(&b), strlen(strbuf_str(&b))) && ctx_status(ctx) == GRADUS_OK)
        strbuf_addc(&b, '_');
    term s = term_sym(ctx, strbuf_str(&b), strlen(strbuf_str(&b)));
    strbuf_clear(&b);
    return s;
}

/* Differentiates each rule of h; h's own earlier elements become elements of s (found in e->shared). */
static bool define_sensitivity(engine *e, term h, term s)
{
    gradus_ctx *ctx = e->ctx;
    term extra[SYM_MAX_RANK];
    uint32_t n_extra;
    term x = formal_variable(e, extra, &n_extra);
    engine *inner = x ? engine_take(ctx, x, e->opt, e->log) : NULL;
    if (!inner)
        return false;
    inner->depth = e->depth + 1;
    inner->shared = e->shared;
    bool ok = true;
    uint32_t count = term_sym_info(ctx, h)->rule_count;
    for (uint32_t r = 0; r < count && ok; r++) {
        sym_rule rule = term_sym_info(ctx, h)->rules[r];
        if (rule.n + n_extra > SYM_MAX_RANK) {
            engine_unable(e, "a recurrence with this many indices");
            ok = false;
            break;
        }
        term body = term_get_flags(ctx, rule.body) & TF_DERIV ? diff_resolve(ctx, rule.body) : rule.body;
        rule.body = body ? engine_run(inner, body) : TERM_NONE;
        for (uint32_t k = 0; k < n_extra; k++) {
            const sym_info *info = term_sym_info(ctx, extra[k]);
            rule.index[rule.n] = extra[k];
            rule.lo[rule.n] = info->lo;
            rule.hi[rule.n++] = info->hi;
        }
        ok = rule.body && term_sym_define(ctx, s, ROLE_DEFINED, &rule);
    }
    engine_give(inner);
    return ok;
}

static bool enter_recurrence(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term h = term_arg(ctx, t, 0), s = find_sensitivity(e, h), index[2 * SYM_MAX_RANK];
    if (e->depth >= NEST_LIMIT)
        return engine_unable(e, "recurrences nested this deep");
    step *st = record_begin(e, "recurrence", t, role);
    if (!s) {
        s = name_sensitivity(e, h);
        sensitivity made = {h, e->x_array ? e->x_array : e->x, s};
        if (!s || !vec_push(ctx, e->shared, made) || !define_sensitivity(e, h, s))
            return engine_answer(e, TERM_NONE);
    }
    uint32_t n = 0;
    for (uint32_t i = 1; i < term_argc(ctx, t); i++)
        index[n++] = term_canon(ctx, term_arg(ctx, t, i));
    for (uint32_t i = 1; e->x_array && i < term_argc(ctx, e->x); i++)
        index[n++] = term_arg(ctx, e->x, i);
    term after = term_acc(ctx, s, index, n);
    step_bind(st, "h", t);
    step_bind(st, "s", after);
    step_bind(st, "a", e->x);
    record_end(e, st, after);
    return engine_answer(e, after);
}

bool enter_defined(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term sym = term_is(ctx, t, OP_ACC) ? term_arg(ctx, t, 0) : t;
    const sym_info *info = term_sym_info(ctx, sym);
    if (info->role != ROLE_DEFINED || (sym == t && info->rank))
        return engine_unable(e, "a whole array: name one of its elements");
    if (info->recursive || info->rule_count > 1)
        return enter_recurrence(e, t, role);
    term body = term_unfold_once(ctx, t);
    if (body == t)
        return engine_unable(e, "a definition with another number of indices");
    return push_unfold(e, t, body, role);
}
