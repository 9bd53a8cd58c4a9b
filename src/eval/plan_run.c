/* Runs the instructions of a plan. */
#include "eval/plan_impl.h"

enum { LOOPS_PER_TICK = 1024 };

/* ---- loops ------------------------------------------------------------------------------------------- */

/* A whole number within int64. */
static bool to_integer(double x, int64_t *out)
{
    if (!(x >= -9.2e18 && x <= 9.2e18) || x != floor(x))
        return false;
    *out = (int64_t)x;
    return true;
}

/* false: the loop has no terms, or no range; *d is its value. */
static bool loop_start(const eval_plan *p, const plan_ins *i, plan_loop *r, double *d)
{
    double lo = p->reg[p->pool.at[i->n]], hi = p->reg[p->pool.at[i->n + 1]];
    if (!to_integer(lo, &r->at) || !to_integer(hi, &r->hi)) {
        *d = NAN;
        return false;
    }
    r->first_index = r->at;
    r->value = float_reduce_empty((term_red)i->aux);
    r->sum = 0;
    r->strong = false;
    if (r->hi >= r->at)
        return true;
    bool none = i->aux == RED_MEAN || i->aux == RED_ARGMAX || i->aux == RED_ARGMIN;
    *d = none ? NAN : r->value;
    return false;
}

static void loop_take(plan_loop *r, term_red red, double x)
{
    bool first = r->at == r->first_index;
    switch (red) {
    case RED_PROD:
        r->value = first ? x : r->value * x;
        return;
    case RED_MAX:
    case RED_ARGMAX:
    case RED_MIN:
    case RED_ARGMIN: {
        bool max = red == RED_MAX || red == RED_ARGMAX;
        if (isnan(r->value))
            return;
        if (first || isnan(x) || (max ? x > r->value : x < r->value)) {
            r->value = x;
            r->best = r->at;
        }
        return;
    }
    case RED_LOGSUMEXP:
        float_lse_add(&r->value, &r->sum, x);
        return;
    default:
        r->value = first ? x : r->value + x;
    }
}

/* Is this factor a strong zero? */
static bool any_false(const eval_plan *p, const plan_ins *i)
{
    for (uint32_t k = 0; k < i->u.strong.count; k++)
        if (p->reg[p->pool.at[i->u.strong.first + k]] == 0)
            return true;
    return false;
}

static double loop_end(const plan_loop *r, term_red red)
{
    switch (red) {
    case RED_MEAN:
        return r->value / (double)(r->hi - r->first_index + 1);
    case RED_ARGMAX:
    case RED_ARGMIN:
        return isnan(r->value) ? NAN : (double)r->best;
    case RED_LOGSUMEXP:
        return float_lse_end(r->value, r->sum);
    default:
        return r->strong ? 0 : r->value;
    }
}

/* ---- elements ---------------------------------------------------------------------------------------- */

static double load(const eval_plan *p, const plan_ins *i)
{
    const sym_info *s = i->u.data;
    size_t flat = 0;
    for (int32_t k = 0; k < i->n; k++) {
        int64_t at;
        if (!to_integer(p->reg[p->pool.at[i->a + (uint32_t)k]], &at) || at < 1 || at > s->dims[k])
            return NAN;
        flat = flat * (size_t)s->dims[k] + (size_t)(at - 1);
    }
    return s->values[flat];
}

static double pick(const eval_plan *p, const plan_ins *i)
{
    int64_t at;
    if (!to_integer(p->reg[i->a], &at) || at < 1 || at > i->n)
        return NAN;
    return p->reg[p->pool.at[i->b + (uint32_t)at - 1]];
}

/* ---- logic ------------------------------------------------------------------------------------------- */

static double logic(const eval_plan *p, const plan_ins *i, double decides)
{
    double answer = 1 - decides;
    for (int32_t k = 0; k < i->n; k++) {
        double x = p->reg[p->pool.at[i->a + (uint32_t)k]];
        if (x == decides)
            return decides;
        if (isnan(x))
            answer = NAN;
    }
    return answer;
}

/* ---- the walker's nodes ------------------------------------------------------------------------------ */

static double walked(eval_plan *p, const plan_ins *i)
{
    machine *m = &p->m;
    instance *in = p->in;
    for (int32_t k = 0; k < i->n; k++) {
        uint32_t level = p->pool.at[i->a + (uint32_t)k];
        level_set(m, in, level, (int64_t)p->reg[p->level_reg[level]]);
    }
    if (!walk(m, in, i->d))
        return NAN;
    const state *st = &in->st[i->d];
    if (st->kind == EV_TRUE || st->kind == EV_FALSE)
        return st->kind == EV_TRUE;
    return st->kind == EV_NUM ? ((double *)in->pay)[i->d] : NAN;
}

/* ---- the loop over instructions ---------------------------------------------------------------------- */

bool plan_execute(eval_plan *p, plan_stage stage)
{
    const plan_ins *code = p->code.at, *i = code + p->start[stage], *end = code + p->start[stage + 1];
    double *r = p->reg;
    uint32_t ticks = 0;
    while (i < end) {
        switch ((plan_op)i->op) {
        case PLAN_SET: r[i->d] = i->u.k; break;
        case PLAN_COPY: r[i->d] = r[i->a]; break;
        case PLAN_NEG: r[i->d] = -r[i->a]; break;
        case PLAN_ADD: r[i->d] = r[i->a] + r[i->b]; break;
        case PLAN_SUB: r[i->d] = r[i->a] - r[i->b]; break;
        case PLAN_ADDK: r[i->d] = i->u.k + r[i->a]; break;
        case PLAN_SUBK: r[i->d] = i->u.k - r[i->a]; break;
        case PLAN_MULK: r[i->d] = i->u.k * r[i->a]; break;
        case PLAN_DIVK: r[i->d] = r[i->a] / i->u.k; break;
        case PLAN_ADDMK: r[i->d] = r[i->b] + i->u.k * r[i->a]; break;
        case PLAN_ADDDK: r[i->d] = r[i->b] + r[i->a] / i->u.k; break;
        case PLAN_MUL: r[i->d] = r[i->a] * r[i->b]; break;
        case PLAN_DIV: r[i->d] = r[i->a] / r[i->b]; break;
        case PLAN_INV: r[i->d] = 1 / r[i->a]; break;
        case PLAN_POWI: r[i->d] = i->n == 2 ? r[i->a] * r[i->a] : float_int_power(r[i->a], i->n); break;
        case PLAN_SQRT: r[i->d] = sqrt(r[i->a]); break;
        case PLAN_POWK: r[i->d] = pow(r[i->a], i->u.k); break;
        case PLAN_POW: r[i->d] = float_pow(r[i->a], r[i->b]); break;
        case PLAN_FN1: r[i->d] = i->u.f(&r[i->a], 1); break;
        case PLAN_FN:
            for (int32_t k = 0; k < i->n; k++)
                p->args[k] = r[p->pool.at[i->a + (uint32_t)k]];
            r[i->d] = i->u.f(p->args, i->n);
            break;
        case PLAN_REL: {
            double a = r[i->a], b = r[i->b];
            r[i->d] = isunordered(a, b) ? NAN : float_compare((term_rel)i->aux, a, b);
            break;
        }
        case PLAN_NOT: r[i->d] = 1 - r[i->a]; break;
        case PLAN_AND: r[i->d] = logic(p, i, 0); break;
        case PLAN_OR: r[i->d] = logic(p, i, 1); break;
        case PLAN_STRONG:
            if (r[i->a] == 0) {
                r[i->d] = 0;
                i = code + i->to;
                continue;
            }
            break;
        case PLAN_CASE:
            if (r[i->a] != 0) {
                r[i->d] = r[i->a] == 1 ? r[i->b] : NAN;
                i = code + i->to;
                continue;
            }
            break;
        case PLAN_LOAD: {
            double x = r[i->a];
            const sym_info *s = i->u.data;
            bool inside = x >= 1 && x <= (double)s->dims[0];
            int64_t at = inside ? (int64_t)x : 0;
            r[i->d] = inside && (double)at == x ? s->values[at - 1] : NAN;
            break;
        }
        case PLAN_LOADN: r[i->d] = load(p, i); break;
        case PLAN_PICK: r[i->d] = pick(p, i); break;
        case PLAN_LOOP: {
            plan_loop *loop = &p->loop[i->b];
            if (!loop_start(p, i, loop, &r[i->d])) {
                i = code + i->to;
                continue;
            }
            r[i->a] = (double)loop->at;
            break;
        }
        case PLAN_NEXT: {
            plan_loop *loop = &p->loop[i->b];
            if (i->aux == RED_SUM)
                loop->value = loop->at == loop->first_index ? r[i->a] : loop->value + r[i->a];
            else {
                loop->strong = loop->strong || any_false(p, i);
                loop_take(loop, (term_red)i->aux, r[i->a]);
            }
            if (loop->at < loop->hi) {
                r[i->n] = (double)++loop->at;
                i = code + i->to;
                if (++ticks == LOOPS_PER_TICK) {
                    ticks = 0;
                    if (!ctx_tick(p->ctx))
                        return false;
                }
                continue;
            }
            r[i->d] = loop_end(loop, (term_red)i->aux);
            break;
        }
        case PLAN_WALK: r[i->d] = walked(p, i); break;
        }
        i++;
    }
    return ctx_status(p->ctx) == GRADUS_OK;
}

/* ---- the doors --------------------------------------------------------------------------------------- */

static void set_variable(eval_plan *p, uint32_t k, double x)
{
    if (p->var[k] != NODE_NONE)
        p->reg[p->var[k]] = x;
    p->at_value[k] = x;
}

/* What has been walked is of the last point: it is forgotten. */
static void forget(eval_plan *p)
{
    if (p->walks)
        machine_round(&p->m, p->m.prec);
}

static void give(const eval_plan *p, bool ok, double *out)
{
    for (uint32_t k = 0; k < p->n_roots; k++)
        out[k] = ok ? p->reg[p->root[k]] : NAN;
}

void eval_plan_run(eval_plan *p, const double *x, double *out)
{
    for (uint32_t k = 0; k < p->n_vars; k++)
        set_variable(p, k, x[k]);
    forget(p);
    give(p, plan_execute(p, STAGE_SLOW) && plan_execute(p, STAGE_FAST), out);
}

void eval_plan_run_many(eval_plan *p, const double *x, const double *last, size_t n, double *out)
{
    for (uint32_t k = 0; k + 1 < p->n_vars; k++)
        set_variable(p, k, x[k]);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (p->n_vars)
            set_variable(p, p->n_vars - 1, last[i]);
        forget(p);
        ok = ok && (i > 0 || plan_execute(p, STAGE_SLOW)) && plan_execute(p, STAGE_FAST);
        give(p, ok, out + i * p->n_roots);
    }
}
