/* The exact domain: rationals while they are small, balls beside and beyond.
 *
 * A payload holds the rational (`rat`), the ball (`ball`), or both: the ball of a rational is made when it is
 * first needed. A rational decides comparisons that no ball can (1/3 == 1/3), and what comes out of a
 * function as a ball without radius becomes a rational again. */
#include "eval/ball_impl.h"

/* ---- payloads ---------------------------------------------------------------------------------------- */

static void ball_init(machine *m, void *pay, size_t count)
{
    (void)m;
    for (size_t i = 0; i < count; i++)
        bpay_init((bpay *)pay + i);
}

static void ball_clear(machine *m, void *pay, size_t count)
{
    (void)m;
    for (size_t i = 0; pay && i < count; i++)
        bpay_clear((bpay *)pay + i);
}

void bpay_copy(void *to, const void *from)
{
    bpay *a = to;
    const bpay *b = from;
    a->rat = b->rat;
    a->ball = b->ball;
    if (b->rat)
        fmpq_set(a->q, b->q);
    if (b->ball)
        arb_set(&a->x, &b->x);
}

/* v->x has been set: a ball without radius is a number, and known exactly. */
void bpay_settle(bpay *v)
{
    v->ball = true;
    v->rat = false;
    const arf_struct *mid = arb_midref(&v->x);
    if (mag_is_zero(arb_radref(&v->x)) && arf_is_finite(mid) && arf_cmpabs_2exp_si(mid, RAT_BITS / 2) < 0 &&
        (arf_is_zero(mid) || arf_cmpabs_2exp_si(mid, -RAT_BITS / 2) > 0) && arf_bits(mid) <= RAT_BITS / 2) {
        arf_get_fmpq(v->q, mid);
        v->rat = true;
    }
}

void bpay_settle_q(bpay *v)
{
    v->rat = true;
    v->ball = false;
}

/* Node n has the ball in its payload; NaN and infinite balls say nothing. */
void ball_finish(machine *m, instance *in, uint32_t n, term blame)
{
    bpay *v = pay_at(in, n);
    if (!arb_is_finite(&v->x)) {
        unsure_set(m, in, n, blame);
        return;
    }
    in->st[n].kind = EV_NUM;
    bpay_settle(v);
}

/* Sign of an operand: 1, -1, 0 exactly, 2 undecided. */
int ball_sign(const machine *m, const state *st, bpay *v)
{
    if (st->kind == EV_PINF)
        return 1;
    if (st->kind == EV_NINF)
        return -1;
    if (v->rat)
        return fmpq_sgn(v->q);
    const arb_struct *x = ball_of(m, v);
    return arb_is_positive(x) ? 1 : arb_is_negative(x) ? -1 : 2;
}

/* ---- leaves ------------------------------------------------------------------------------------------ */

static void ball_leaf(machine *m, instance *in, uint32_t n, term value)
{
    bpay *v = pay_at(in, n);
    gradus_ctx *ctx = m->ctx;
    in->st[n].kind = EV_NUM;
    if (term_is_num(ctx, value)) {
        fmpq_set(v->q, term_num(ctx, value));
        bpay_settle_q(v);
        return;
    }
    if (term_is(ctx, value, OP_CONST) && term_aux(ctx, value) != CONST_INF) {
        if (term_aux(ctx, value) == CONST_PI)
            arb_const_pi(&v->x, m->prec);
        else
            arb_const_e(&v->x, m->prec);
        v->rat = false;
        v->ball = true;
        return;
    }
    set_inf(in, n, !term_is(ctx, value, OP_CONST));
}

void ball_set_long(val v, int64_t k)
{
    bpay *p = v.pay;
    v.st->kind = EV_NUM;
    fmpq_set_si(p->q, k, 1);
    bpay_settle_q(p);
}

static void ball_set_double(val v, double x)
{
    bpay *p = v.pay;
    if (isinf(x)) {
        v.st->kind = x < 0 ? EV_NINF : EV_PINF;
        return;
    }
    v.st->kind = EV_NUM;
    arb_set_d(&p->x, x);
    bpay_settle(p);
}

static void ball_set_unit(val v)
{
    bpay *p = v.pay;
    v.st->kind = EV_NUM;
    arb_set_d(&p->x, 0.5);
    arb_add_error_2exp_si(&p->x, -1);
    p->rat = false;
    p->ball = true;
}

static int ball_get_long(machine *m, val v, int64_t *k)
{
    (void)m;
    bpay *p = v.pay;
    if (v.st->kind != EV_NUM)
        return v.st->kind == EV_PINF ? 3 : 4;
    if (!p->rat)
        return arb_contains_int(&p->x) ? 2 : 1;
    if (!fmpz_is_one(fmpq_denref(p->q)))
        return 1;
    if (!fmpz_fits_si(fmpq_numref(p->q)))
        return fmpz_sgn(fmpq_numref(p->q)) > 0 ? 3 : 4;
    *k = fmpz_get_si(fmpq_numref(p->q));
    return 0;
}

static void ball_join(machine *m, val to, val from)
{
    bpay *a = to.pay, *b = from.pay;
    if (a->rat && b->rat && fmpq_equal(a->q, b->q))
        return;
    ball_of(m, a), ball_of(m, b);
    arb_union(&a->x, &a->x, &b->x, m->prec);
    a->rat = false;
}

/* ---- sums -------------------------------------------------------------------------------------------- */

/* Sign of the coefficient of summand a. */
static int coefficient_sign(const instance *in, const parg *a)
{
    return a->kind == PARG_RAT ? fmpq_sgn(pay_at(in, a->num)->q) : a->k < 0 ? -1 : a->k > 0;
}

static void coefficient(fmpq_t q, const instance *in, const parg *a)
{
    if (a->kind == PARG_INT)
        fmpq_set_si(q, a->k, 1);
    else if (a->kind == PARG_INV)
        fmpq_set_si(q, a->k < 0 ? -1 : 1, a->k < 0 ? (ulong)-(slong)a->k : (ulong)a->k);
    else
        fmpq_set(q, pay_at(in, a->num)->q);
}

/* The whole sum in rationals, if all summands are and it stays small. */
static bool exact_sum(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    for (uint32_t i = 1; i < e->count; i++)
        if (!pay_at(in, a[i].node)->rat)
            return false;
    fmpq_set(m->qtmp, pay_at(in, a[0].node)->q);
    for (uint32_t i = 1; i < e->count; i++) {
        const fmpq *t = pay_at(in, a[i].node)->q;
        if (a[i].kind == PARG_INT && a[i].k == 1)
            fmpq_add(m->qtmp, m->qtmp, t);
        else if (a[i].kind == PARG_INT && a[i].k == -1)
            fmpq_sub(m->qtmp, m->qtmp, t);
        else {
            coefficient(m->qtmp2, in, &a[i]);
            fmpq_addmul(m->qtmp, m->qtmp2, t);
        }
        if (!bpay_small(m->qtmp))
            return false;
    }
    bpay *v = pay_at(in, n);
    fmpq_swap(v->q, m->qtmp);
    bpay_settle_q(v);
    in->st[n].kind = EV_NUM;
    return true;
}

static void add_summand(machine *m, instance *in, arb_t sum, const parg *a)
{
    arb_struct *x = ball_of(m, pay_at(in, a->node));
    if (a->kind == PARG_INT && a->k == 1)
        arb_add(sum, sum, x, m->prec);
    else if (a->kind == PARG_INT && a->k == -1)
        arb_sub(sum, sum, x, m->prec);
    else if (a->kind == PARG_INT)
        arb_addmul_si(sum, x, a->k, m->prec);
    else {
        coefficient(m->qtmp, in, a);
        arb_mul_fmpz(m->tmp2, x, fmpq_numref(m->qtmp), m->prec);
        arb_div_fmpz(m->tmp2, m->tmp2, fmpq_denref(m->qtmp), m->prec);
        arb_add(sum, sum, m->tmp2, m->prec);
    }
}

static void ball_sum(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    bool up = false, down = false;
    for (uint32_t i = 1; i < e->count; i++) {
        uint8_t kind = in->st[a[i].node].kind;
        if (kind != EV_NUM)
            *((kind == EV_PINF) == (coefficient_sign(in, &a[i]) > 0) ? &up : &down) = true;
    }
    if (up && down)
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "infinity minus infinity");
    else if (up || down)
        set_inf(in, n, down);
    else if (!exact_sum(m, in, n)) {
        arb_set(m->tmp, ball_of(m, pay_at(in, a[0].node)));
        for (uint32_t i = 1; i < e->count; i++)
            add_summand(m, in, m->tmp, &a[i]);
        arb_swap(&pay_at(in, n)->x, m->tmp);
        ball_finish(m, in, n, e->t);
    }
}

/* ---- functions --------------------------------------------------------------------------------------- */

/* Functions that keep rationals rational. */
static bool exact_function(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    fn_id f = (fn_id)e->user;
    bool abs = f == FN_abs, max = f == FN_max, min = f == FN_min, relu = f == FN_relu;
    if (!abs && !max && !min && !relu)
        return false;
    for (uint32_t i = 0; i < e->count; i++)
        if (in->st[a[i].node].kind != EV_NUM || !pay_at(in, a[i].node)->rat)
            return false;
    fmpq_set(m->qtmp, pay_at(in, a[0].node)->q);
    if (abs)
        fmpq_abs(m->qtmp, m->qtmp);
    if (relu && fmpq_sgn(m->qtmp) < 0)
        fmpq_zero(m->qtmp);
    for (uint32_t i = 1; i < e->count; i++) {
        const fmpq *q = pay_at(in, a[i].node)->q;
        int c = fmpq_cmp(q, m->qtmp);
        if ((max && c > 0) || (min && c < 0))
            fmpq_set(m->qtmp, q);
    }
    bpay *v = pay_at(in, n);
    fmpq_swap(v->q, m->qtmp);
    bpay_settle_q(v);
    in->st[n].kind = EV_NUM;
    return true;
}

static void ball_function(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    const fn_row *row = fn_get((fn_id)e->user);
    bool infinite = false;
    if (exact_function(m, in, n))
        return;
    if (!vec_reserve(m->ctx, &m->fn_arb, e->count + 1))
        return unsure_set(m, in, n, e->t);
    arb_t inf[2];
    arb_init(inf[0]), arb_init(inf[1]);
    for (uint32_t i = 0; i < e->count; i++) {
        uint8_t kind = in->st[a[i].node].kind;
        if (kind == EV_NUM) {
            m->fn_arb.at[i] = *ball_of(m, pay_at(in, a[i].node)); /* borrowed, read only */
            continue;
        }
        infinite = true;
        arb_struct *x = inf[kind == EV_NINF];
        if (kind == EV_NINF)
            arb_neg_inf(x);
        else
            arb_pos_inf(x);
        m->fn_arb.at[i] = *x;
    }
    bpay *v = pay_at(in, n);
    fn_ball answer = row->ball(&v->x, m->fn_arb.at, (int)e->count, m->prec);
    arb_clear(inf[0]), arb_clear(inf[1]);
    bool exact = arb_is_exact(&v->x) && !arf_is_nan(arb_midref(&v->x));
    if (answer == FN_BALL_OK && exact && arf_is_inf(arb_midref(&v->x)))
        set_inf(in, n, arf_sgn(arb_midref(&v->x)) < 0);
    else if (infinite && (answer != FN_BALL_OK || mag_cmp_2exp_si(arb_radref(&v->x), -m->prec / 4) > 0))
        fault_set(m, in, n, e->t, answer == FN_BALL_UNSURE ? GRADUS_UNABLE : GRADUS_DOMAIN,
                  "%s of an infinite number", row->name);
    else if (answer == FN_BALL_OUTSIDE)
        fault_domain(m, in, n);
    else if (answer == FN_BALL_UNSURE)
        unsure_set(m, in, n, e->t);
    else
        ball_finish(m, in, n, e->t);
}

/* ---- comparisons ------------------------------------------------------------------------------------- */

/* -1, 0, 1: decided; 2: not. */
int ball_compare(machine *m, const state *sa, bpay *a, const state *sb, bpay *b)
{
    if (sa->kind != EV_NUM || sb->kind != EV_NUM) {
        int x = sa->kind == EV_PINF ? 1 : sa->kind == EV_NINF ? -1 : 0;
        int y = sb->kind == EV_PINF ? 1 : sb->kind == EV_NINF ? -1 : 0;
        return x < y ? -1 : x > y;
    }
    if (a->rat && b->rat) {
        int c = fmpq_cmp(a->q, b->q);
        return c < 0 ? -1 : c > 0;
    }
    arb_struct *x = ball_of(m, a), *y = ball_of(m, b);
    return arb_lt(x, y) ? -1 : arb_gt(x, y) ? 1 : arb_eq(x, y) ? 0 : 2;
}

static void ball_relation(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *arg = node_args(in->p, e);
    uint32_t i = arg[0].node, j = arg[1].node;
    bpay *a = pay_at(in, i), *b = pay_at(in, j);
    int c = i == j ? 0 : ball_compare(m, &in->st[i], a, &in->st[j], b);
    bool truth;
    switch ((term_rel)e->aux) {
    case REL_EQ:
        truth = c == 0;
        break;
    case REL_NE:
        truth = c != 0;
        break;
    case REL_LT:
        truth = c < 0;
        if (c == 2 && arb_ge(ball_of(m, a), ball_of(m, b)))
            c = 1;
        break;
    default:
        truth = c <= 0;
        if (c == 2 && arb_le(ball_of(m, a), ball_of(m, b)))
            c = 0, truth = true;
        break;
    }
    if (c == 2)
        unsure_set(m, in, n, e->t);
    else
        in->st[n].kind = truth ? EV_TRUE : EV_FALSE;
}

static void ball_strict(machine *m, instance *in, uint32_t n)
{
    switch ((term_op)in->p->node[n].op) {
    case OP_ADD:
        ball_sum(m, in, n);
        break;
    case OP_MUL:
        ball_product(m, in, n);
        break;
    case OP_POW:
        ball_power(m, in, n);
        break;
    case OP_REL:
        ball_relation(m, in, n);
        break;
    default:
        ball_function(m, in, n);
    }
}

/* ---- printing ---------------------------------------------------------------------------------------- */

static void ball_print(machine *m, val v, strbuf *b)
{
    bpay *p = v.pay;
    double d;
    if (p->rat && fmpq_height_bits(p->q) <= 20)
        num_print_fmpq(b, p->q);
    else if (p->rat)
        num_print_double(b, num_fmpq_get_double(p->q));
    else if (num_arb_round_double(&d, ball_of(m, p)))
        num_print_double(b, d);
    else
        num_print_double(b, arf_get_d(arb_midref(&p->x), ARF_RND_NEAR));
}

const domain ball_domain = {
    .pay_size = sizeof(bpay), .pay_init = ball_init, .pay_clear = ball_clear, .pay_copy = bpay_copy,
    .machine_clear = ball_reduce_clear, .leaf = ball_leaf, .strict = ball_strict, .set_long = ball_set_long,
    .set_double = ball_set_double, .set_unit = ball_set_unit, .get_long = ball_get_long, .join = ball_join,
    .reduce_start = ball_reduce_start, .reduce_add = ball_reduce_add, .reduce_end = ball_reduce_end,
    .matfn = ball_matfn, .print = ball_print,
};
