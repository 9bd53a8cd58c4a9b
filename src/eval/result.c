/* The doors: a term at a point, to doubles that are the nearest ones, to proven digits, to plain doubles, to
 * one ball. */
#include "eval/ball_impl.h"
#include "eval/float_impl.h"

enum { START_PREC = 128, MAX_PREC = 16384, TIMED_PREC = 4096, BALL_DIGITS = 20 };

static const size_t MAX_ENTRIES = (size_t)1 << 27;

/* ---- one evaluation ---------------------------------------------------------------------------------- */

/* A term made ready: its machine, program and root. */
typedef struct run {
    machine m;
    instance *in;
    uint32_t root;
    bool shaped;
} run;

/* Values that are formulas (x = pi/2) are put in for their symbols. */
static term put_values(gradus_ctx *ctx, term t, const eval_bind *at, size_t n)
{
    for (size_t i = 0; i < n && t; i++)
        if (at[i].value && !leaf_value(ctx, at[i].value))
            t = term_raw_subst(ctx, t, &at[i].sym, &at[i].value, 1);
    return t;
}

static bool run_init(run *r, gradus_ctx *ctx, const domain *dom, term t, const eval_bind *at, size_t n)
{
    memset(r, 0, sizeof *r);
    if (!machine_init(&r->m, ctx, dom, at, n))
        return false;
    if (t != TERM_NONE && (term_get_flags(ctx, t) & TF_DEFINED))
        t = term_unfold(ctx, t);
    if (t != TERM_NONE)
        t = put_values(ctx, t, at, n);
    if (t == TERM_NONE || ctx_status(ctx) != GRADUS_OK) {
        ctx_fail(ctx, GRADUS_BUG);
        return false;
    }
    prog *p = prog_make(&r->m, &t, 1, NULL, 0);
    r->in = p ? instance_make(&r->m, p) : NULL;
    if (!r->in)
        return false;
    r->root = prog_find(p, t);
    return true;
}

static bool run_shape(run *r, eval_result *out)
{
    array_dims d;
    bool fault = false;
    uint32_t need, spare = r->in->p->n;
    for (;;) {
        array_answer a = array_shape(&r->m, r->in, spare, r->root, &d, &fault, &need);
        if (a == ARRAY_FAIL)
            return false;
        if (a == ARRAY_DONE)
            break;
        if (!walk(&r->m, r->in, need))
            return false;
    }
    if (fault) {
        diag_error(r->m.ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the size of the result is not known");
        return false;
    }
    out->rank = d.rank;
    out->count = 1;
    for (uint32_t i = 0; i < d.rank; i++) {
        out->dims[i] = d.size[i];
        r->m.shape_lo[i] = d.lo[i];
        if (!size_mul(out->count, (size_t)d.size[i], &out->count) || out->count > MAX_ENTRIES) {
            ctx_fail(r->m.ctx, GRADUS_LIMIT);
            return false;
        }
    }
    return true;
}

/* The value of entry k. false: failure. */
static bool run_entry(run *r, const eval_result *shape, size_t k, val *out)
{
    machine *m = &r->m;
    uint32_t spare = r->in->p->n, need;
    int64_t at[SYM_MAX_RANK];
    if (shape->rank == 0) {
        *out = node_val(m, r->in, r->root);
        return walk(m, r->in, r->root);
    }
    for (uint32_t i = shape->rank; i-- > 0;) {
        at[i] = m->shape_lo[i] + (int64_t)(k % (size_t)shape->dims[i]);
        k /= (size_t)shape->dims[i];
    }
    for (;;)
        switch (array_element(m, r->in, spare, r->root, at, shape->rank, &need)) {
        case ARRAY_FAIL:
            return false;
        case ARRAY_DONE:
            *out = node_val(m, r->in, spare);
            return true;
        case ARRAY_NODE:
            *out = node_val(m, r->in, need);
            return walk(m, r->in, need);
        case ARRAY_NEEDS:
            if (!walk(m, r->in, need))
                return false;
        }
}

static bool result_alloc(arena *where, eval_result *out)
{
    out->value = arena_alloc(where, (out->count + 1) * sizeof *out->value);
    return out->value != NULL;
}

static void note_problem(run *r, eval_result *out, const state *st)
{
    if (out->problem.code == GRADUS_OK)
        out->problem = fault_report(&r->m, st);
}

static gradus_status run_end(run *r, gradus_ctx *ctx)
{
    machine_clear(&r->m);
    return ctx_status(ctx);
}

/* ---- doubles ----------------------------------------------------------------------------------------- */

/* Long loops run as a plan, which gives the same double; what has none goes to the walker, which says why. */
static bool float_by_plan(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, arena *where,
                          eval_result *out)
{
    if (!t || !(term_get_flags(ctx, t) & TF_BINDER) ||
        !(term_is(ctx, t, OP_REDUCE) || term_is(ctx, t, OP_ADD) || term_is(ctx, t, OP_MUL) ||
          term_is(ctx, t, OP_FN)))
        return false;
    term *vars = arena_alloc(where, (n + 1) * sizeof *vars);
    double *x = arena_alloc(where, (n + 1) * sizeof *x);
    for (size_t i = 0; vars && x && i < n; i++) {
        if (!leaf_value(ctx, at[i].value))
            return false;
        vars[i] = at[i].sym;
        x[i] = float_leaf_value(ctx, at[i].value);
    }
    eval_plan *p = vars && x ? eval_plan_new(ctx, &t, 1, vars, (uint32_t)n) : NULL;
    out->count = 1;
    if (p && result_alloc(where, out))
        eval_plan_run(p, x, out->value);
    eval_plan_free(p);
    return p && out->value && !isnan(out->value[0]);
}

gradus_status eval_float(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, arena *where,
                         eval_result *out)
{
    run r;
    *out = (eval_result){.precision = 53};
    if (ctx_status(ctx) == GRADUS_OK && float_by_plan(ctx, t, at, n, where, out))
        return GRADUS_OK;
    if (ctx_status(ctx) != GRADUS_OK)
        return ctx_status(ctx);
    *out = (eval_result){.precision = 53};
    bool ok = run_init(&r, ctx, &float_domain, t, at, n);
    if (ok)
        machine_round(&r.m, 53);
    ok = ok && run_shape(&r, out) && result_alloc(where, out);
    for (size_t k = 0; ok && k < out->count; k++) {
        val v;
        ok = run_entry(&r, out, k, &v);
        if (!ok)
            break;
        uint8_t kind = v.st->kind;
        out->truth = kind == EV_TRUE || kind == EV_FALSE;
        out->value[k] = kind == EV_NUM ? *(double *)v.pay : out->truth ? kind == EV_TRUE : NAN;
        if (kind == EV_UNDEF)
            note_problem(&r, out, v.st);
    }
    return run_end(&r, ctx);
}

/* ---- nearest doubles, proven digits ------------------------------------------------------------------ */

typedef struct target {
    long digits;
    slong max_prec;
    bool last; /* no higher precision will follow */
} target;

static char *keep(arena *where, strbuf *b)
{
    char *s = arena_strndup(where, strbuf_str(b), b->n);
    strbuf_clear(b);
    return s;
}

/* The strings of entry k. false: more precision is wanted for the digits. */
static bool write_digits(run *r, eval_result *out, size_t k, bpay *v, const target *g, arena *where)
{
    gradus_ctx *ctx = r->m.ctx;
    strbuf a;
    long proven = 0;
    strbuf_init(&a, ctx);
    num_print_arb(&a, ball_of(&r->m, v), g->digits, &proven);
    bool done = proven >= g->digits || arb_is_exact(&v->x);
    if (!done && !g->last) {
        strbuf_clear(&a);
        return false;
    }
    out->digits[k] = keep(where, &a);
    if (!done && out->problem.code == GRADUS_OK) {
        out->problem.code = GRADUS_UNABLE;
        out->problem.what = r->in->p->node[r->root].t;
        out->problem.why = arena_printf(&ctx->diag_arena, "%ld bits prove %ld of %ld digits", (long)r->m.prec,
                                        proven, g->digits);
    }
    return true;
}

static void write_enclosure(run *r, eval_result *out, size_t k, bpay *v, const target *g, arena *where)
{
    strbuf mid, rad;
    strbuf_init(&mid, r->m.ctx), strbuf_init(&rad, r->m.ctx);
    num_print_ball(&mid, &rad, ball_of(&r->m, v), g->digits > 0 ? g->digits : BALL_DIGITS);
    out->mid[k] = keep(where, &mid);
    out->rad[k] = keep(where, &rad);
}

/* Entry k has a number. false: more precision is wanted. */
static bool take_number(run *r, eval_result *out, size_t k, bpay *v, const target *g, arena *where)
{
    double x;
    if (v->rat)
        x = num_fmpq_get_double(v->q);
    else if (!num_arb_round_double(&x, &v->x)) {
        if (!g->last)
            return false;
        /* A tie between two doubles cannot be told from nearly one: either is as near as can be. */
        if (arb_rel_accuracy_bits(&v->x) < 256) {
            note_problem(r, out, &(state){.kind = EV_UNSURE, .culprit = r->in->p->node[r->root].t});
            out->value[k] = NAN;
            return true;
        }
        x = arf_get_d(arb_midref(&v->x), ARF_RND_NEAR);
    }
    if (g->digits > 0 && !write_digits(r, out, k, v, g, where))
        return false;
    write_enclosure(r, out, k, v, g, where);
    out->value[k] = x;
    return true;
}

/* false: more precision is wanted. */
static bool take_entry(run *r, eval_result *out, size_t k, val v, const target *g, arena *where)
{
    switch ((eval_kind)v.st->kind) {
    case EV_NUM:
        return take_number(r, out, k, v.pay, g, where);
    case EV_PINF:
    case EV_NINF:
        out->value[k] = v.st->kind == EV_PINF ? INFINITY : -INFINITY;
        return true;
    case EV_TRUE:
    case EV_FALSE:
        out->truth = true;
        out->value[k] = v.st->kind == EV_TRUE;
        return true;
    case EV_UNDEF:
        note_problem(r, out, v.st);
        out->value[k] = NAN;
        return true;
    default:
        if (!g->last)
            return false;
        note_problem(r, out, v.st);
        out->value[k] = NAN;
        return true;
    }
}

/* One round over the entries not done yet. *left counts those that want more. false: failure. */
static bool ball_round(run *r, eval_result *out, const target *g, arena *where, bool **done, size_t *left)
{
    if (!r->shaped) {
        if (!run_shape(r, out) || !result_alloc(where, out))
            return false;
        size_t n = out->count + 1;
        *done = arena_alloc(&r->m.mem, n * sizeof **done);
        out->mid = arena_alloc(where, n * sizeof *out->mid);
        out->rad = arena_alloc(where, n * sizeof *out->rad);
        out->digits = g->digits > 0 ? arena_alloc(where, n * sizeof *out->digits) : NULL;
        if (!*done || !out->mid || !out->rad || (g->digits > 0 && !out->digits))
            return false;
        r->shaped = true;
    }
    *left = 0;
    for (size_t k = 0; k < out->count; k++) {
        val v;
        if ((*done)[k])
            continue;
        if (!run_entry(r, out, k, &v) || !ctx_tick(r->m.ctx))
            return false;
        (*done)[k] = take_entry(r, out, k, v, g, where);
        *left += !(*done)[k];
    }
    return true;
}

gradus_status eval_ball(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, const eval_options *opt,
                        arena *where, eval_result *out)
{
    run r;
    target g = {.digits = opt ? opt->digits : 0,
                .max_prec = opt && opt->max_prec > 0 ? opt->max_prec : MAX_PREC};
    slong prec = START_PREC;
    if (g.digits > 0) {
        prec = (slong)(3.33 * (double)g.digits) + 64;
        if (g.max_prec < 2 * prec)
            g.max_prec = 2 * prec + 1024;
    }
    *out = (eval_result){0};
    bool ok = run_init(&r, ctx, &ball_domain, t, at, n), *done = NULL;
    size_t left = 1;
    /* One operation on very long numbers cannot be interrupted. With a deadline the way there begins short, and a round
     * is not begun when the one before says that it would end too late: twice the length takes more than twice as long. */
    double before = ctx_seconds_left(ctx), took = 0;
    while (isfinite(before) && prec > TIMED_PREC)
        prec = (prec + 1) / 2;
    while (ok && left > 0) {
        if (isfinite(before)) {
            double now = ctx_seconds_left(ctx);
            took = before - now;
            before = now;
            if (3 * took > now && prec > TIMED_PREC) {
                ok = false;
                ctx_fail(ctx, GRADUS_LIMIT);
                break;
            }
        }
        if (prec > g.max_prec)
            prec = g.max_prec;
        g.last = prec == g.max_prec;
        machine_round(&r.m, prec);
        out->precision = (long)prec;
        ok = ball_round(&r, out, &g, where, &done, &left);
        if (g.last)
            break;
        prec *= 2;
    }
    return run_end(&r, ctx);
}

/* ---- one ball ---------------------------------------------------------------------------------------- */

fn_ball eval_enclose(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, slong prec, arb_t out,
                     eval_problem *problem)
{
    run r;
    eval_problem none = {0};
    fn_ball answer = FN_BALL_UNSURE;
    bool ok = run_init(&r, ctx, &ball_domain, t, at, n);
    arb_indeterminate(out);
    if (ok) {
        machine_round(&r.m, prec);
        ok = walk(&r.m, r.in, r.root);
    }
    if (ok) {
        const state *st = &r.in->st[r.root];
        bpay *v = pay_at(r.in, r.root);
        switch ((eval_kind)st->kind) {
        case EV_NUM:
            arb_set(out, ball_of(&r.m, v));
            answer = FN_BALL_OK;
            break;
        case EV_PINF:
        case EV_NINF:
            arb_pos_inf(out);
            if (st->kind == EV_NINF)
                arb_neg(out, out);
            answer = FN_BALL_OK;
            break;
        case EV_TRUE:
        case EV_FALSE:
            arb_set_si(out, st->kind == EV_TRUE);
            answer = FN_BALL_OK;
            break;
        default:
            none = fault_report(&r.m, st);
            answer = none.code == GRADUS_DOMAIN ? FN_BALL_OUTSIDE : FN_BALL_UNSURE;
        }
    } else
        none.code = ctx_status(ctx);
    if (problem)
        *problem = none;
    run_end(&r, ctx);
    return answer;
}
