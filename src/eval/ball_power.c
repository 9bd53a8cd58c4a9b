/* Products and powers of the exact domain. */
#include "eval/ball_impl.h"

/* ---- products ---------------------------------------------------------------------------------------- */

static bool exponent_integer(const instance *in, const parg *a)
{
    return a->kind == PARG_INT || (a->kind == PARG_RAT && fmpz_is_one(fmpq_denref(pay_at(in, a->num)->q)));
}

static bool exponent_odd(const instance *in, const parg *a)
{
    return a->kind == PARG_INT ? (a->k & 1) != 0 : fmpz_is_odd(fmpq_numref(pay_at(in, a->num)->q));
}

/* Has factor a a value? false: node n is set (a fault, or undecided). */
static bool factor_exists(machine *m, instance *in, uint32_t n, const parg *a)
{
    if (a->kind == PARG_INT && a->k > 0)
        return true;
    bool negative = a->negative, integer = exponent_integer(in, a);
    int sign = ball_sign(m, &in->st[a->node], pay_at(in, a->node));
    if (sign == 0 && negative)
        fault_division(m, in, n, a);
    else if (sign == -1 && !integer)
        fault_root(m, in, n, a);
    else if (sign == 2 && integer && (!negative || !arb_contains_zero(ball_of(m, pay_at(in, a->node)))))
        return true;
    else if (sign == 2 && !integer && !negative && arb_is_nonnegative(ball_of(m, pay_at(in, a->node))))
        return true;
    else if (sign == 2)
        unsure_set(m, in, n, in->p->node[a->node].t);
    else
        return true;
    return false;
}

static void exponent(fmpq_t q, const instance *in, const parg *a)
{
    if (a->kind == PARG_RAT)
        fmpq_set(q, pay_at(in, a->num)->q);
    else
        fmpq_set_si(q, a->k, a->kind == PARG_HALF ? 2 : 1);
}

/* out *= q^e in rationals. */
static bool exact_factor(machine *m, fmpq_t out, const instance *in, const parg *a)
{
    const bpay *v = pay_at(in, a->node);
    if (!v->rat || in->st[a->node].kind != EV_NUM)
        return false;
    if (a->kind == PARG_INT && a->k == 1)
        fmpq_mul(out, out, v->q);
    else if (a->kind == PARG_INT && a->k == -1)
        fmpq_div(out, out, v->q);
    else if (a->kind == PARG_INT && a->k == 2) {
        fmpq_mul(m->qtmp2, v->q, v->q);
        fmpq_mul(out, out, m->qtmp2);
    } else {
        exponent(m->qtmp2, in, a);
        if (!num_fmpq_pow(m->qtmp2, v->q, m->qtmp2, RAT_BITS))
            return false;
        fmpq_mul(out, out, m->qtmp2);
    }
    return bpay_small(out);
}

static bool exact_product(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    for (uint32_t i = 0; i < e->count; i++)
        if (!pay_at(in, a[i].node)->rat)
            return false;
    fmpq_set_si(m->qtmp, 1, 1);
    for (uint32_t i = 0; i < e->count; i++)
        if (!exact_factor(m, m->qtmp, in, &a[i]))
            return false;
    bpay *v = pay_at(in, n);
    fmpq_swap(v->q, m->qtmp);
    bpay_settle_q(v);
    in->st[n].kind = EV_NUM;
    return true;
}

/* out := |base|-correct power of factor a, whose value exists. */
static void ball_factor(machine *m, arb_t out, instance *in, const parg *a)
{
    arb_struct *x = ball_of(m, pay_at(in, a->node));
    slong prec = m->prec;
    if (a->kind == PARG_INT && a->k == -1)
        arb_inv(out, x, prec);
    else if (a->kind == PARG_INT && a->k == 2)
        arb_sqr(out, x, prec);
    else if (a->kind == PARG_INT && a->k >= 0)
        arb_pow_ui(out, x, (ulong)a->k, prec);
    else if (a->kind == PARG_HALF && (a->k == 1 || a->k == -1)) {
        if (a->k == 1)
            arb_sqrt(out, x, prec);
        else
            arb_rsqrt(out, x, prec);
    } else {
        exponent(m->qtmp2, in, a);
        arb_pow_fmpq(out, x, m->qtmp2, prec);
    }
    if (arb_contains_negative(out) && !arb_is_negative(out) &&
        (!exponent_integer(in, a) || !exponent_odd(in, a)))
        arb_nonnegative_part(out, out); /* an even power, or a root */
}

/* A product with infinite factors. Factor values exist; an infinite base to a negative power is 0. */
static void infinite_product(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    bool zero = false, infinite = false, unsure = false;
    int sign = 1;
    for (uint32_t i = 0; i < e->count; i++) {
        const state *st = &in->st[a[i].node];
        bool inf = st->kind != EV_NUM, negative = a[i].negative;
        int s = ball_sign(m, st, pay_at(in, a[i].node));
        if (inf && !exponent_integer(in, &a[i]) && s < 0) {
            fault_root(m, in, n, &a[i]);
            return;
        }
        if ((inf && negative) || s == 0)
            zero = true;
        else if (inf)
            infinite = true;
        unsure = unsure || s == 2;
        if (s == -1 && exponent_integer(in, &a[i]) && exponent_odd(in, &a[i]))
            sign = -sign;
    }
    if (zero && infinite)
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "0 times infinity");
    else if (zero)
        ball_set_long(node_val(m, in, n), 0);
    else if (unsure)
        unsure_set(m, in, n, e->t);
    else
        set_inf(in, n, sign < 0);
}

void ball_product(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    bool infinite = false;
    for (uint32_t i = 0; i < e->count; i++) {
        if (in->st[a[i].node].kind != EV_NUM)
            infinite = true;
        else if (!factor_exists(m, in, n, &a[i]))
            return;
    }
    if (infinite) {
        infinite_product(m, in, n);
        return;
    }
    if (exact_product(m, in, n))
        return;
    arb_one(m->tmp);
    for (uint32_t i = 0; i < e->count; i++) {
        arb_struct *x = ball_of(m, pay_at(in, a[i].node));
        bool first = i == 0;
        if (a[i].kind == PARG_INT && a[i].k == 1) {
            if (first)
                arb_set(m->tmp, x);
            else
                arb_mul(m->tmp, m->tmp, x, m->prec);
        } else if (a[i].kind == PARG_INT && a[i].k == -1)
            arb_div(m->tmp, m->tmp, x, m->prec);
        else {
            ball_factor(m, m->tmp2, in, &a[i]);
            if (first)
                arb_swap(m->tmp, m->tmp2);
            else
                arb_mul(m->tmp, m->tmp, m->tmp2, m->prec);
        }
    }
    arb_swap(&pay_at(in, n)->x, m->tmp);
    ball_finish(m, in, n, e->t);
}

/* ---- symbolic powers --------------------------------------------------------------------------------- */

/* Exponents and bases with infinities: only what is certain. */
static void infinite_power(machine *m, instance *in, uint32_t n, uint32_t b, uint32_t x)
{
    term t = in->p->node[n].t;
    bool base_inf = in->st[b].kind != EV_NUM, exp_inf = in->st[x].kind != EV_NUM;
    int s = ball_sign(m, &in->st[x], pay_at(in, x));
    if (base_inf && in->st[b].kind == EV_PINF && (s == 1 || s == -1)) {
        if (s == 1)
            set_inf(in, n, false);
        else
            ball_set_long(node_val(m, in, n), 0);
        return;
    }
    if (exp_inf && !base_inf) {
        arb_struct *base = ball_of(m, pay_at(in, b));
        arb_sub_ui(m->tmp, base, 1, m->prec);
        bool above = arb_is_positive(m->tmp), below = arb_is_positive(base) && arb_is_negative(m->tmp);
        if (above || below) {
            if ((in->st[x].kind == EV_PINF) == above)
                set_inf(in, n, false);
            else
                ball_set_long(node_val(m, in, n), 0);
            return;
        }
    }
    fault_set(m, in, n, t, GRADUS_DOMAIN, "a power with infinity that has no value");
}

static void zero_power(machine *m, instance *in, uint32_t n, uint32_t x)
{
    int s = ball_sign(m, &in->st[x], pay_at(in, x));
    if (s == 1)
        ball_set_long(node_val(m, in, n), 0);
    else if (s == 0 && (in->p->node[x].flags & PN_INTEGER))
        ball_set_long(node_val(m, in, n), 1);
    else if (s == 0)
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "0 to the power 0");
    else if (s == -1)
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "division by 0: 0 to a negative power");
    else
        unsure_set(m, in, n, in->p->node[x].t);
}

void ball_power(machine *m, instance *in, uint32_t n)
{
    const parg *a = node_args(in->p, &in->p->node[n]);
    uint32_t b = a[0].node, x = a[1].node;
    if (in->st[b].kind != EV_NUM || in->st[x].kind != EV_NUM) {
        infinite_power(m, in, n, b, x);
        return;
    }
    bpay *base = pay_at(in, b), *power = pay_at(in, x), *v = pay_at(in, n);
    int s = ball_sign(m, &in->st[b], base);
    bool integer = power->rat && fmpz_is_one(fmpq_denref(power->q));
    if (s == 0) {
        zero_power(m, in, n, x);
        return;
    }
    if (s == -1 && !integer) {
        if (power->rat || !arb_contains_int(ball_of(m, power)))
            fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN,
                      "a power of a negative number whose exponent is not an integer");
        else
            unsure_set(m, in, n, in->p->node[x].t);
        return;
    }
    if (base->rat && power->rat && num_fmpq_pow(m->qtmp, base->q, power->q, RAT_BITS)) {
        fmpq_swap(v->q, m->qtmp);
        bpay_settle_q(v);
        in->st[n].kind = EV_NUM;
        return;
    }
    if (s == 2 && !(integer && fmpq_sgn(power->q) > 0)) {
        unsure_set(m, in, n, in->p->node[b].t);
        return;
    }
    if (integer)
        arb_pow_fmpz(m->tmp, ball_of(m, base), fmpq_numref(power->q), m->prec);
    else if (power->rat)
        arb_pow_fmpq(m->tmp, ball_of(m, base), power->q, m->prec);
    else
        arb_pow(m->tmp, ball_of(m, base), ball_of(m, power), m->prec);
    arb_swap(&v->x, m->tmp);
    ball_finish(m, in, n, in->p->node[n].t);
}

