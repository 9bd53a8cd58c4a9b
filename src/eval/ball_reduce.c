/* Reducers of the exact domain: sums and products stay rational while they are small. */
#include "eval/ball_impl.h"

void ball_reduce_clear(machine *m)
{
    bacc *acc = m->acc;
    for (size_t i = 0; i < m->acc_n; i++)
        bpay_clear(&acc[i].value);
    ctx_realloc(m->ctx, acc, m->acc_n * sizeof *acc, 0);
    m->acc = NULL;
    m->acc_n = 0;
    vec_clear(m->ctx, &m->fn_arb);
}

bool ball_reduce_start(machine *m, uint32_t loop, term_red r)
{
    if (loop >= m->acc_n) {
        bacc *acc = ctx_realloc(m->ctx, m->acc, m->acc_n * sizeof *acc, (loop + 4) * sizeof *acc);
        if (!acc)
            return false;
        for (size_t i = m->acc_n; i < loop + 4; i++)
            bpay_init(&acc[i].value);
        m->acc = acc;
        m->acc_n = loop + 4;
    }
    bacc *c = (bacc *)m->acc + loop;
    c->red = r;
    c->best = c->count = 0;
    c->tie = c->pinf = c->ninf = false;
    c->first = true;
    fmpq_set_si(c->value.q, r == RED_PROD ? 1 : 0, 1);
    bpay_settle_q(&c->value);
    return true;
}

static void acc_plus(machine *m, bpay *acc, bpay *x)
{
    if (acc->rat && x->rat) {
        fmpq_add(m->qtmp, acc->q, x->q);
        if (bpay_small(m->qtmp)) {
            fmpq_swap(acc->q, m->qtmp);
            acc->ball = false;
            return;
        }
    }
    arb_add(&acc->x, ball_of(m, acc), ball_of(m, x), m->prec + SUM_GUARD);
    acc->rat = false;
}

static void acc_times(machine *m, bpay *acc, bpay *x)
{
    if (acc->rat && x->rat) {
        fmpq_mul(m->qtmp, acc->q, x->q);
        if (bpay_small(m->qtmp)) {
            fmpq_swap(acc->q, m->qtmp);
            acc->ball = false;
            return;
        }
    }
    arb_mul(&acc->x, ball_of(m, acc), ball_of(m, x), m->prec + SUM_GUARD);
    acc->rat = false;
}

/* The greatest (sign 1) or least (-1) so far and, for argmax, where: with the first of equals. */
static void acc_extreme(machine *m, bacc *c, bpay *x, int64_t index, int sign)
{
    static const state number = {.kind = EV_NUM};
    int cmp = c->first ? sign : ball_compare(m, &number, x, &number, &c->value);
    if (cmp == sign) {
        bpay_copy(&c->value, x);
        c->best = index;
        c->tie = false;
        c->first = false;
    } else if (cmp == 2) {
        arb_struct *a = ball_of(m, &c->value), *b = ball_of(m, x);
        if (sign > 0)
            arb_max(a, a, b, m->prec);
        else
            arb_min(a, a, b, m->prec);
        c->value.rat = false;
        c->tie = true;
    }
}

/* max, argmax and the like: an infinity on the winning side ends the contest, on the losing side it never
 * wins. */
static void acc_contest(machine *m, bacc *c, const state *st, bpay *x, int64_t index, int sign)
{
    bool *won = sign > 0 ? &c->pinf : &c->ninf, *lost = sign > 0 ? &c->ninf : &c->pinf;
    if (*won)
        return;
    if (st->kind == (sign > 0 ? EV_PINF : EV_NINF)) {
        *won = true;
        c->best = index;
        c->tie = false;
    } else if (st->kind == EV_NUM)
        acc_extreme(m, c, x, index, sign);
    else {
        if (c->first && !*lost)
            c->best = index;
        *lost = true;
    }
}

/* logsumexp: the exponentials are added; -inf adds nothing. */
static void acc_exp(machine *m, bacc *c, const state *st, bpay *x)
{
    if (st->kind == EV_PINF)
        c->pinf = true;
    if (st->kind != EV_NUM)
        return;
    arb_exp(m->tmp, ball_of(m, x), m->prec + SUM_GUARD);
    arb_add(&c->value.x, ball_of(m, &c->value), m->tmp, m->prec + SUM_GUARD);
    c->value.rat = false;
    c->first = false;
}

reduce_go ball_reduce_add(machine *m, instance *in, uint32_t n, uint32_t loop, val body, int64_t index)
{
    bacc *c = (bacc *)m->acc + loop;
    bpay *x = body.pay;
    const state *st = body.st;
    c->count++;
    switch (c->red) {
    case RED_MAX:
    case RED_ARGMAX:
        acc_contest(m, c, st, x, index, 1);
        return REDUCE_ON;
    case RED_MIN:
    case RED_ARGMIN:
        acc_contest(m, c, st, x, index, -1);
        return REDUCE_ON;
    case RED_LOGSUMEXP:
        acc_exp(m, c, st, x);
        return REDUCE_ON;
    default:
        break;
    }
    if (st->kind != EV_NUM) {
        if (c->red == RED_PROD) {
            /* The sign, and whether a 0 stands against it, is known only with all factors. */
            fault_set(m, in, n, in->p->node[n].t, GRADUS_UNABLE, "a product over an infinite factor");
            return REDUCE_STOP;
        }
        *(st->kind == EV_PINF ? &c->pinf : &c->ninf) = true;
        if (c->pinf && c->ninf) {
            fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "infinity minus infinity");
            return REDUCE_STOP;
        }
        return REDUCE_ON;
    }
    if (c->red == RED_PROD)
        acc_times(m, &c->value, x);
    else
        acc_plus(m, &c->value, x);
    return REDUCE_ON;
}

/* Puts the accumulated value into node n. */
static void take_value(machine *m, instance *in, uint32_t n, bacc *c)
{
    bpay *v = pay_at(in, n);
    if (c->value.rat) {
        bpay_copy(v, &c->value);
        in->st[n].kind = EV_NUM;
        return;
    }
    arb_set_round(&v->x, &c->value.x, m->prec);
    ball_finish(m, in, n, in->p->node[n].t);
}

static void end_contest(machine *m, instance *in, uint32_t n, bacc *c, bool arg, bool max)
{
    bool won = max ? c->pinf : c->ninf;
    if (arg && c->count == 0)
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "the range is empty: nothing is the %s",
                  max ? "greatest" : "least");
    else if (arg && c->tie)
        unsure_set(m, in, n, in->p->node[n].t);
    else if (arg)
        ball_set_long(node_val(m, in, n), c->best);
    else if (won || c->first)
        set_inf(in, n, won != max); /* nothing, or only losing infinities: the losing infinity */
    else
        take_value(m, in, n, c);
}

static void end_mean(machine *m, instance *in, uint32_t n, bacc *c, int64_t count)
{
    if (count == 0) {
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN,
                  "the range is empty: a mean needs at least one number");
        return;
    }
    if (c->value.rat) {
        fmpq_set_si(m->qtmp, count, 1);
        fmpq_div(c->value.q, c->value.q, m->qtmp);
        c->value.ball = false;
    } else
        arb_div_si(&c->value.x, &c->value.x, count, m->prec + SUM_GUARD);
    take_value(m, in, n, c);
}

void ball_reduce_end(machine *m, instance *in, uint32_t n, uint32_t loop, int64_t count)
{
    bacc *c = (bacc *)m->acc + loop;
    switch (c->red) {
    case RED_MAX:
    case RED_ARGMAX:
        end_contest(m, in, n, c, c->red == RED_ARGMAX, true);
        return;
    case RED_MIN:
    case RED_ARGMIN:
        end_contest(m, in, n, c, c->red == RED_ARGMIN, false);
        return;
    case RED_LOGSUMEXP:
        if (c->pinf || c->first)
            set_inf(in, n, !c->pinf);
        else {
            arb_log(&c->value.x, &c->value.x, m->prec);
            take_value(m, in, n, c);
        }
        return;
    default:
        break;
    }
    if (c->pinf || c->ninf)
        set_inf(in, n, c->ninf);
    else if (c->red == RED_MEAN)
        end_mean(m, in, n, c, count);
    else
        take_value(m, in, n, c);
}

