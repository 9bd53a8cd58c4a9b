/* Rigorous enclosures of the elementary functions and the activations; balls_special.c has the special
 * functions.
 *
 * Shape of every function: the domain's verdict on the argument balls, then an enclosure. Arb's own
 * functions are used where they exist, since they converge at every interior point; other formulas are
 * chosen so that no exact argument of an interior point makes two inexact numbers cancel to an exact zero
 * (logit at 1/2, cbrt of a cube), because a ball around zero that only shrinks would never round to one
 * double. Steps answer OK only if the ball decides on which side of the jump it lies; an exact ball on the
 * jump does. out may be one of the arguments: it is written last. */
#include "func/func_impl.h"

bool func_ball_is_int(const arb_t u)
{
    return arb_is_int(u);
}

fn_ball func_answer(const arb_t out)
{
    bool infinite = arb_is_exact(out) && arf_is_inf(arb_midref(out));
    return arb_is_finite(out) || infinite ? FN_BALL_OK : FN_BALL_UNSURE;
}

/* out = f(u) for a function that is total in the reals. */
#define TOTAL(id, call)                                                                                      \
    fn_ball func_ball_##id(arb_t out, const arb_struct *args, int n, slong prec)                             \
    {                                                                                                        \
        const arb_struct *u = &args[0];                                                                      \
        (void)n;                                                                                             \
        call(out, u, prec);                                                                                  \
        return func_answer(out);                                                                             \
    }

/* The same behind a verdict on u. */
#define PARTIAL(id, verdict, call)                                                                           \
    fn_ball func_ball_##id(arb_t out, const arb_struct *args, int n, slong prec)                             \
    {                                                                                                        \
        const arb_struct *u = &args[0];                                                                      \
        fn_ball inside = verdict(u);                                                                         \
        (void)n;                                                                                             \
        if (inside != FN_BALL_OK)                                                                            \
            return inside;                                                                                   \
        call(out, u, prec);                                                                                  \
        return func_answer(out);                                                                             \
    }

/* ---- verdicts ------------------------------------------------------------------------------------------ */

static fn_ball positive(const arb_t u)
{
    return func_verdict(arb_is_positive(u), arb_is_nonpositive(u));
}

static fn_ball nonzero(const arb_t u)
{
    return func_verdict(!arb_contains_zero(u), arb_is_zero(u));
}

static fn_ball above_minus_one(const arb_t u)
{
    arb_t one;
    arb_init(one);
    arb_set_si(one, -1);
    fn_ball v = func_verdict(arb_gt(u, one), arb_le(u, one));
    arb_clear(one);
    return v;
}

static fn_ball at_least_one(const arb_t u)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    fn_ball v = func_verdict(arb_ge(u, one), arb_lt(u, one));
    arb_clear(one);
    return v;
}

/* |u| compared with 1: all below, all at most, all at least, all above. */
typedef struct unit_place {
    bool lt, le, ge, gt;
} unit_place;

static unit_place place_by_unit(const arb_t u)
{
    arb_t a, one;
    arb_init(a);
    arb_init(one);
    arb_abs(a, u);
    arb_one(one);
    unit_place p = { arb_lt(a, one), arb_le(a, one), arb_ge(a, one), arb_gt(a, one) };
    arb_clear(a);
    arb_clear(one);
    return p;
}

static fn_ball within_unit(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.le, p.gt);
}

static fn_ball inside_unit(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.lt, p.ge);
}

static fn_ball outside_unit(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.gt, p.le);
}

static fn_ball not_inside_unit(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.ge, p.lt);
}

static fn_ball in_unit_right(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.le && arb_is_positive(u), p.gt || arb_is_nonpositive(u));
}

static fn_ball between_0_and_1(const arb_t u)
{
    unit_place p = place_by_unit(u);
    return func_verdict(p.lt && arb_is_positive(u), p.ge || arb_is_nonpositive(u));
}

/* ---- exponentials and logarithms ----------------------------------------------------------------------- */

static void log2_ball(arb_t out, const arb_t u, slong prec)
{
    arb_log_base_ui(out, u, 2, prec);
}

static void log10_ball(arb_t out, const arb_t u, slong prec)
{
    arb_log_base_ui(out, u, 10, prec);
}

static void exp2_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t two;
    arb_init(two);
    arb_set_ui(two, 2);
    arb_pow(out, two, u, prec);
    arb_clear(two);
}

/* 1/(1 + e^(-u)) right of 0, e^u/(1 + e^u) left of it: the exponential is at most 1, the quotient
 * relatively exact. */
static void sigmoid_ball(arb_t out, const arb_t u, slong prec)
{
    bool left = arf_sgn(arb_midref(u)) < 0;
    arb_t e, d;
    arb_init(e);
    arb_init(d);
    if (left)
        arb_set(e, u);
    else
        arb_neg(e, u);
    arb_exp(e, e, prec);
    arb_add_ui(d, e, 1, prec);
    if (left)
        arb_div(out, e, d, prec);
    else
        arb_inv(out, d, prec);
    arb_clear(e);
    arb_clear(d);
}

/* log1p(e^(-|d|)), the part of logaddexp and softplus above the maximum. */
static void log1p_exp_minus_abs(arb_t out, const arb_t d, slong prec)
{
    arb_abs(out, d);
    arb_nonnegative_part(out, out);
    arb_neg(out, out);
    arb_exp(out, out, prec);
    arb_log1p(out, out, prec);
}

static void softplus_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t tail, zero;
    arb_init(tail);
    arb_init(zero);
    log1p_exp_minus_abs(tail, u, prec);
    arb_max(zero, u, zero, prec);
    arb_add(out, zero, tail, prec);
    arb_clear(tail);
    arb_clear(zero);
}

/* 2*artanh(2u - 1) is exactly 0 at 1/2; near 0 and 1 the logarithms keep their relative precision. */
static void logit_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    if (arf_cmp_2exp_si(arb_midref(u), -2) > 0 && arf_cmp_d(arb_midref(u), 0.75) < 0) {
        arb_mul_2exp_si(a, u, 1);
        arb_sub_ui(a, a, 1, prec);
        arb_atanh(a, a, prec);
        arb_mul_2exp_si(out, a, 1);
    } else {
        arb_log(a, u, prec);
        arb_neg(b, u);
        arb_log1p(b, b, prec);
        arb_sub(out, a, b, prec);
    }
    arb_clear(a);
    arb_clear(b);
}

fn_ball func_ball_logaddexp(arb_t out, const arb_struct *args, int n, slong prec)
{
    arb_t d, m;
    (void)n;
    arb_init(d);
    arb_init(m);
    arb_sub(d, &args[0], &args[1], prec);
    log1p_exp_minus_abs(d, d, prec);
    arb_max(m, &args[0], &args[1], prec);
    arb_add(out, m, d, prec);
    arb_clear(d);
    arb_clear(m);
    return func_answer(out);
}

TOTAL(exp, arb_exp)
TOTAL(expm1, arb_expm1)
TOTAL(exp2, exp2_ball)
TOTAL(sigmoid, sigmoid_ball)
TOTAL(softplus, softplus_ball)
PARTIAL(log, positive, arb_log)
PARTIAL(log2, positive, log2_ball)
PARTIAL(log10, positive, log10_ball)
PARTIAL(log1p, above_minus_one, arb_log1p)
PARTIAL(logit, between_0_and_1, logit_ball)

/* ---- steps -------------------------------------------------------------------------------------------- */

/* out = {a, b, c}/2 as u is negative, zero, positive. Over the jump: the hull of a and c, UNSURE. */
static fn_ball jump(arb_t out, const arb_t u, long a, long b, long c)
{
    fn_ball found = FN_BALL_OK;
    if (arb_is_positive(u)) {
        arb_set_si(out, c);
    } else if (arb_is_negative(u)) {
        arb_set_si(out, a);
    } else if (arb_is_zero(u)) {
        arb_set_si(out, b);
    } else if (arf_is_nan(arb_midref(u))) {
        arb_indeterminate(out);
        found = FN_BALL_UNSURE;
    } else {
        arb_set_si(out, a + c);
        arb_mul_2exp_si(out, out, -1);
        mag_set_ui_2exp_si(arb_radref(out), (ulong)(c - a), -1);
        found = FN_BALL_UNSURE;
    }
    arb_mul_2exp_si(out, out, -1);
    return found;
}

fn_ball func_ball_sign(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    (void)prec;
    return jump(out, &args[0], -2, 0, 2);
}

fn_ball func_ball_heaviside(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    (void)prec;
    return jump(out, &args[0], 0, 1, 2);
}

fn_ball func_ball_step(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    (void)prec;
    return jump(out, &args[0], 0, 0, 2);
}

/* Bits in which u plus or minus an integer no larger than itself is exact in the midpoint. */
static slong roomy(const arb_t u, slong prec)
{
    slong bits = arb_bits(u) + 2;
    return bits > prec ? bits : prec;
}

/* k = floor(mid u) is the floor of every number of the ball if u - k lies in [0, 1). */
static fn_ball floor_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t k, t;
    if (!arb_is_finite(u)) {
        arb_indeterminate(out);
        return FN_BALL_UNSURE;
    }
    arb_init(k);
    arb_init(t);
    arf_floor(arb_midref(k), arb_midref(u));
    arb_sub(t, u, k, roomy(u, prec));
    bool low = arb_is_nonnegative(t);
    arb_sub_ui(t, t, 1, roomy(u, prec));
    bool same = low && arb_is_negative(t);
    if (same)
        arb_set(out, k);
    else
        arb_floor(out, u, prec);
    arb_clear(k);
    arb_clear(t);
    return same ? FN_BALL_OK : FN_BALL_UNSURE;
}

fn_ball func_ball_floor(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    return floor_ball(out, &args[0], prec);
}

fn_ball func_ball_ceil(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    arb_t t;
    arb_init(t);
    arb_neg(t, &args[0]);
    fn_ball found = floor_ball(t, t, prec);
    arb_neg(out, t);
    arb_clear(t);
    return found;
}

/* sign(u)*floor(|u| + 1/2). An integer is its own value; else |u| + 1/2 is exact in a few bits more. */
fn_ball func_ball_round(arb_t out, const arb_struct *args, int n, slong prec)
{
    const arb_struct *u = &args[0];
    bool left = arf_sgn(arb_midref(u)) < 0;
    fn_ball found = FN_BALL_OK;
    arb_t t;
    (void)n;
    if (func_ball_is_int(u)) {
        arb_set(out, u);
        return FN_BALL_OK;
    }
    arb_init(t);
    arb_mul_2exp_si(t, u, 1);
    if (place_by_unit(t).lt) {
        arb_zero(out);
    } else {
        bool crosses = arb_contains_zero(u);
        if (left)
            arb_neg(t, t);
        arb_add_ui(t, t, 1, roomy(u, prec) + 1);
        arb_mul_2exp_si(t, t, -1);
        found = floor_ball(t, t, prec);
        if (left)
            arb_neg(t, t);
        if (crosses) { /* the far end rounds to at most |u| + 1/2 in size */
            arb_add_error_2exp_si(t, 0);
            found = FN_BALL_UNSURE;
        }
        arb_set(out, t);
    }
    arb_clear(t);
    return found;
}

/* ---- kinks and roots ---------------------------------------------------------------------------------- */

static void abs_ball(arb_t out, const arb_t u, slong prec)
{
    (void)prec;
    arb_abs(out, u);
    arb_nonnegative_part(out, out);
}

static fn_ball extreme(arb_t out, const arb_struct *args, int n, slong prec,
                       void (*pick)(arb_t, const arb_t, const arb_t, slong))
{
    arb_t m;
    arb_init(m);
    arb_set(m, &args[0]);
    for (int i = 1; i < n; i++)
        pick(m, m, &args[i], prec);
    arb_swap(out, m);
    arb_clear(m);
    return func_answer(out);
}

fn_ball func_ball_max(arb_t out, const arb_struct *args, int n, slong prec)
{
    return extreme(out, args, n, prec, arb_max);
}

fn_ball func_ball_min(arb_t out, const arb_struct *args, int n, slong prec)
{
    return extreme(out, args, n, prec, arb_min);
}

/* The cube root of one number; exact when it is a dyadic number itself, which only an exact cube allows. */
static void cbrt_point(arb_t out, const arf_t x, slong prec)
{
    arb_t root;
    arf_t guess, cube;
    if (arf_is_zero(x)) {
        arb_zero(out);
        return;
    }
    arb_init(root);
    arf_init(guess);
    arf_init(cube);
    arf_abs(arb_midref(root), x);
    arb_root_ui(root, root, 3, prec);
    arf_set_round(guess, arb_midref(root), prec / 2, ARF_RND_NEAR);
    arf_mul(cube, guess, guess, ARF_PREC_EXACT, ARF_RND_NEAR);
    arf_mul(cube, cube, guess, ARF_PREC_EXACT, ARF_RND_NEAR);
    if (arf_cmpabs(cube, x) == 0)
        arb_set_arf(root, guess);
    if (arf_sgn(x) < 0)
        arb_neg(root, root);
    arb_swap(out, root);
    arb_clear(root);
    arf_clear(guess);
    arf_clear(cube);
}

/* Increasing, so the images of the ends enclose; the ends are rounded outward. */
static void cbrt_ball(arb_t out, const arb_t u, slong prec)
{
    arf_t lo, hi;
    arb_t a, b;
    if (!arb_is_finite(u)) {
        if (!arb_is_exact(u))
            arb_indeterminate(out);
        else
            arb_set(out, u);
        return;
    }
    if (arb_is_exact(u)) {
        cbrt_point(out, arb_midref(u), prec);
        return;
    }
    arf_init(lo);
    arf_init(hi);
    arb_init(a);
    arb_init(b);
    arb_get_interval_arf(lo, hi, u, prec + 30);
    cbrt_point(a, lo, prec);
    cbrt_point(b, hi, prec);
    arb_union(out, a, b, prec);
    arf_clear(lo);
    arf_clear(hi);
    arb_clear(a);
    arb_clear(b);
}

static void hypot1_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    arb_hypot(out, u, one, prec);
    arb_clear(one);
}

fn_ball func_ball_hypot(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    arb_hypot(out, &args[0], &args[1], prec);
    return func_answer(out);
}

TOTAL(abs, abs_ball)
TOTAL(cbrt, cbrt_ball)
TOTAL(hypot1, hypot1_ball)

/* ---- trigonometric and hyperbolic --------------------------------------------------------------------- */

/* f(1/u) for the inverse functions of sec, csc, cot and their hyperbolic kin. */
#define OF_INVERSE(name, f)                                                                                  \
    static void name(arb_t out, const arb_t u, slong prec)                                                   \
    {                                                                                                        \
        arb_t t;                                                                                             \
        arb_init(t);                                                                                         \
        arb_inv(t, u, prec);                                                                                 \
        f(out, t, prec);                                                                                     \
        arb_clear(t);                                                                                        \
    }

OF_INVERSE(acot_ball, arb_atan)
OF_INVERSE(asec_ball, arb_acos)
OF_INVERSE(acsc_ball, arb_asin)
OF_INVERSE(acoth_ball, arb_atanh)
OF_INVERSE(asech_ball, arb_acosh)
OF_INVERSE(acsch_ball, arb_asinh)

TOTAL(sin, arb_sin)
TOTAL(cos, arb_cos)
TOTAL(tan, arb_tan)
TOTAL(sec, arb_sec)
PARTIAL(csc, nonzero, arb_csc)
PARTIAL(cot, nonzero, arb_cot)
TOTAL(sinc, arb_sinc)
PARTIAL(asin, within_unit, arb_asin)
PARTIAL(acos, within_unit, arb_acos)
TOTAL(atan, arb_atan)
PARTIAL(asec, not_inside_unit, asec_ball)
PARTIAL(acsc, not_inside_unit, acsc_ball)
TOTAL(sinh, arb_sinh)
TOTAL(cosh, arb_cosh)
TOTAL(tanh, arb_tanh)
TOTAL(sech, arb_sech)
PARTIAL(csch, nonzero, arb_csch)
PARTIAL(coth, nonzero, arb_coth)
TOTAL(asinh, arb_asinh)
PARTIAL(acosh, at_least_one, arb_acosh)
PARTIAL(atanh, inside_unit, arb_atanh)
PARTIAL(acoth, outside_unit, acoth_ball)
PARTIAL(asech, in_unit_right, asech_ball)
PARTIAL(acsch, nonzero, acsch_ball)

fn_ball func_ball_acot(arb_t out, const arb_struct *args, int n, slong prec)
{
    const arb_struct *u = &args[0];
    (void)n;
    if (arb_is_zero(u)) {
        arb_const_pi(out, prec);
        arb_mul_2exp_si(out, out, -1);
        return FN_BALL_OK;
    }
    if (arb_contains_zero(u))
        return FN_BALL_UNSURE;
    acot_ball(out, u, prec);
    return func_answer(out);
}

/* The angle of (v, u). On the cut u = 0, v < 0 only an exact 0 is on a known side. */
fn_ball func_ball_atan2(arb_t out, const arb_struct *args, int n, slong prec)
{
    const arb_struct *u = &args[0], *v = &args[1];
    (void)n;
    if (arb_is_zero(u) && arb_is_zero(v))
        return FN_BALL_OUTSIDE;
    if (arb_contains_zero(u) && !arb_is_positive(v) && !(arb_is_zero(u) && arb_is_negative(v)))
        return FN_BALL_UNSURE;
    arb_atan2(out, u, v, prec);
    return func_answer(out);
}

/* ---- activations -------------------------------------------------------------------------------------- */

/* out = max(u, 0) and low = min(u, 0): one of them is exactly 0 unless the ball holds 0 inside. */
static void split_at_zero(arb_t out, arb_t low, const arb_t u, slong prec)
{
    arb_t zero;
    arb_init(zero);
    arb_min(low, u, zero, prec);
    arb_max(out, u, zero, prec);
    arb_clear(zero);
}

static void relu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t low;
    arb_init(low);
    split_at_zero(out, low, u, prec);
    arb_clear(low);
}

static void leaky_relu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t low;
    arb_init(low);
    split_at_zero(out, low, u, prec);
    arb_div_ui(low, low, 100, prec);
    arb_add(out, out, low, prec);
    arb_clear(low);
}

static void elu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t low;
    arb_init(low);
    split_at_zero(out, low, u, prec);
    arb_expm1(low, low, prec);
    arb_add(out, out, low, prec);
    arb_clear(low);
}

/* digits*10^-31: the two constants of selu have 31 decimals. */
static void selu_constant(arb_t out, const char *digits, slong prec)
{
    fmpz_t num, den;
    fmpz_init(num);
    fmpz_init(den);
    fmpz_set_str(num, digits, 10);
    fmpz_ui_pow_ui(den, 10, 31);
    arb_fmpz_div_fmpz(out, num, den, prec);
    fmpz_clear(num);
    fmpz_clear(den);
}

static void selu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t low, k;
    arb_init(low);
    arb_init(k);
    split_at_zero(out, low, u, prec);
    arb_expm1(low, low, prec);
    selu_constant(k, "16732632423543772848170429916717", prec);
    arb_mul(low, low, k, prec);
    arb_add(out, out, low, prec);
    selu_constant(k, "10507009873554804934193349852946", prec);
    arb_mul(out, out, k, prec);
    arb_clear(low);
    arb_clear(k);
}

/* u*erfc(-u/sqrt(2))/2: erfc keeps its relative precision in the left tail. */
static void gelu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t t, r;
    arb_init(t);
    arb_init(r);
    arb_sqrt_ui(r, 2, prec);
    arb_div(t, u, r, prec);
    arb_neg(t, t);
    arb_hypgeom_erfc(t, t, prec);
    arb_mul(t, t, u, prec);
    arb_mul_2exp_si(out, t, -1);
    arb_clear(t);
    arb_clear(r);
}

static void silu_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t t;
    arb_init(t);
    sigmoid_ball(t, u, prec);
    arb_mul(out, t, u, prec);
    arb_clear(t);
}

static void mish_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t t;
    arb_init(t);
    softplus_ball(t, u, prec);
    arb_tanh(t, t, prec);
    arb_mul(out, t, u, prec);
    arb_clear(t);
}

static void softsign_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t t;
    arb_init(t);
    abs_ball(t, u, prec);
    arb_add_ui(t, t, 1, prec);
    arb_div(out, u, t, prec);
    arb_clear(t);
}

static void hardtanh_ball(arb_t out, const arb_t u, slong prec)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    arb_min(out, u, one, prec);
    arb_neg(one, one);
    arb_max(out, out, one, prec);
    arb_clear(one);
}

TOTAL(relu, relu_ball)
TOTAL(leaky_relu, leaky_relu_ball)
TOTAL(elu, elu_ball)
TOTAL(selu, selu_ball)
TOTAL(gelu, gelu_ball)
TOTAL(silu, silu_ball)
TOTAL(mish, mish_ball)
TOTAL(softsign, softsign_ball)
TOTAL(hardtanh, hardtanh_ball)
