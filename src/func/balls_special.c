/* Rigorous enclosures of the special functions: error functions, integrals, gamma, zeta, Bessel, Airy,
 * elliptic, Lambert. Same shape as balls.c: verdict, then enclosure. Where Arb's real function leaves a
 * part of our domain out (lgamma and polygamma left of 0), a reflection formula covers it. */
#include "func/func_impl.h"

/* ---- verdicts ------------------------------------------------------------------------------------------ */

/* 0, -1, -2, ... are the poles. A ball that is not positive and holds an integer holds one of them. */
fn_ball func_gamma_domain(const arb_t u)
{
    if (arb_is_positive(u))
        return FN_BALL_OK;
    if (func_ball_is_int(u) && arb_is_nonpositive(u))
        return FN_BALL_OUTSIDE;
    return arb_is_finite(u) && !arb_contains_int(u) ? FN_BALL_OK : FN_BALL_UNSURE;
}

/* "A whole number not below 0", the order of polygamma and zetaderiv. */
static fn_ball whole_order(const arb_t u)
{
    if (func_ball_is_int(u) && arb_is_nonnegative(u))
        return FN_BALL_OK;
    bool no_integer = arb_is_finite(u) && !arb_contains_int(u);
    return arb_is_negative(u) || no_integer ? FN_BALL_OUTSIDE : FN_BALL_UNSURE;
}

/* Both must hold: one "outside" decides. */
static fn_ball both(fn_ball a, fn_ball b)
{
    if (a == FN_BALL_OUTSIDE || b == FN_BALL_OUTSIDE)
        return FN_BALL_OUTSIDE;
    return a == FN_BALL_OK ? b : a;
}

static fn_ball positive(const arb_t u)
{
    return func_verdict(arb_is_positive(u), arb_is_nonpositive(u));
}

static fn_ball nonzero(const arb_t u)
{
    return func_verdict(!arb_contains_zero(u), arb_is_zero(u));
}

static fn_ball not_one(const arb_t u)
{
    return func_verdict(!arb_contains_si(u, 1), arb_is_one(u));
}

/* u compared with 1, for the elliptic integrals. */
static fn_ball below_one(const arb_t u)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    fn_ball v = func_verdict(arb_lt(u, one), arb_ge(u, one));
    arb_clear(one);
    return v;
}

static fn_ball at_most_one(const arb_t u)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    fn_ball v = func_verdict(arb_le(u, one), arb_gt(u, one));
    arb_clear(one);
    return v;
}

static fn_ball inside_unit(const arb_t u)
{
    arb_t a;
    arb_init(a);
    arb_abs(a, u);
    fn_ball v = below_one(a);
    arb_clear(a);
    return v;
}

/* ---- error functions and integrals -------------------------------------------------------------------- */

#define REAL(id, call)                                                                                       \
    fn_ball func_ball_##id(arb_t out, const arb_struct *args, int n, slong prec)                             \
    {                                                                                                        \
        const arb_struct *u = &args[0];                                                                      \
        (void)n;                                                                                             \
        call;                                                                                                \
        return func_answer(out);                                                                             \
    }

#define REAL_IN(id, verdict, call)                                                                           \
    fn_ball func_ball_##id(arb_t out, const arb_struct *args, int n, slong prec)                             \
    {                                                                                                        \
        const arb_struct *u = &args[0];                                                                      \
        fn_ball inside = verdict(u);                                                                         \
        (void)n;                                                                                             \
        if (inside != FN_BALL_OK)                                                                            \
            return inside;                                                                                   \
        call;                                                                                                \
        return func_answer(out);                                                                             \
    }

REAL(erf, arb_hypgeom_erf(out, u, prec))
REAL(erfc, arb_hypgeom_erfc(out, u, prec))
REAL(erfi, arb_hypgeom_erfi(out, u, prec))
REAL_IN(erfinv, inside_unit, arb_hypgeom_erfinv(out, u, prec))
REAL(fresnels, arb_hypgeom_fresnel(out, NULL, u, 1, prec))
REAL(fresnelc, arb_hypgeom_fresnel(NULL, out, u, 1, prec))
REAL(Si, arb_hypgeom_si(out, u, prec))
REAL(Shi, arb_hypgeom_shi(out, u, prec))
REAL_IN(Ci, positive, arb_hypgeom_ci(out, u, prec))
REAL_IN(Chi, positive, arb_hypgeom_chi(out, u, prec))
REAL_IN(Ei, nonzero, arb_hypgeom_ei(out, u, prec))

/* li(0) = 0 is the limit from the right. */
fn_ball func_ball_li(arb_t out, const arb_struct *args, int n, slong prec)
{
    const arb_struct *u = &args[0];
    (void)n;
    if (arb_is_zero(u)) {
        arb_zero(out);
        return FN_BALL_OK;
    }
    fn_ball inside = both(func_verdict(arb_is_positive(u), arb_is_negative(u)), not_one(u));
    if (inside != FN_BALL_OK)
        return inside;
    arb_hypgeom_li(out, u, 0, prec);
    return func_answer(out);
}

/* ---- gamma and kin ------------------------------------------------------------------------------------ */

/* Left of 0: ln(pi) - ln|sin(pi*u)| - lgamma(1 - u), from gamma(u)*gamma(1 - u) = pi/sin(pi*u), DLMF
 * 5.5.3. */
static void log_abs_gamma(arb_t out, const arb_t u, slong prec)
{
    arb_t s, t;
    if (arb_is_positive(u)) {
        arb_lgamma(out, u, prec);
        return;
    }
    arb_init(s);
    arb_init(t);
    arb_sin_pi(s, u, prec);
    arb_abs(s, s);
    arb_const_pi(t, prec);
    arb_div(s, t, s, prec);
    arb_log(s, s, prec);
    arb_sub_ui(t, u, 1, prec);
    arb_neg(t, t);
    arb_lgamma(t, t, prec);
    arb_sub(out, s, t, prec);
    arb_clear(s);
    arb_clear(t);
}

/* (-1)^(m+1)*m!*zeta(m + 1, u) for u > 0 and m >= 1, DLMF 25.11.12. */
static void polygamma_right(arb_t out, const arb_t m, const arb_t u, slong prec)
{
    arb_t s, z;
    arb_init(s);
    arb_init(z);
    arb_add_ui(s, m, 1, prec);
    arb_hurwitz_zeta(z, s, u, prec);
    arb_gamma(s, s, prec);
    arb_mul(z, z, s, prec);
    if (arf_is_int_2exp_si(arb_midref(m), 1))
        arb_neg(z, z);
    arb_swap(out, z);
    arb_clear(s);
    arb_clear(z);
}

/* The m-th derivative of pi*cot(pi*u). */
static void cot_pi_derivative(arb_t out, slong m, const arb_t u, slong prec)
{
    arb_ptr series = _arb_vec_init(m + 1), line = _arb_vec_init(2);
    arb_set(line, u);
    arb_one(line + 1);
    _arb_poly_cot_pi_series(series, line, 2, m + 1, prec);
    arb_const_pi(line, prec);
    arb_fac_ui(line + 1, (ulong)m, prec);
    arb_mul(out, line, line + 1, prec);
    arb_mul(out, out, series + m, prec);
    _arb_vec_clear(line, 2);
    _arb_vec_clear(series, m + 1);
}

/* Past these orders the answer is unsure: the time would have no bound. */
enum { MAX_ORDER = 1000000, MAX_REFLECTED_ORDER = 4096, MAX_ZETA_ORDER = 512 };

/* Left of 0, DLMF 5.15.6: (-1)^m*polygamma(m, 1 - u) - (pi*cot(pi*u))^(m). */
static fn_ball polygamma(arb_t out, const arb_t m, const arb_t u, slong prec)
{
    arb_t a, b;
    if (arf_cmp_si(arb_midref(m), MAX_ORDER) > 0)
        return FN_BALL_UNSURE;
    if (arb_is_positive(u)) {
        polygamma_right(out, m, u, prec);
        return func_answer(out);
    }
    if (arf_cmp_si(arb_midref(m), MAX_REFLECTED_ORDER) > 0)
        return FN_BALL_UNSURE;
    slong order = arf_get_si(arb_midref(m), ARF_RND_NEAR);
    arb_init(a);
    arb_init(b);
    cot_pi_derivative(b, order, u, prec);
    arb_sub_ui(a, u, 1, prec);
    arb_neg(a, a);
    polygamma_right(a, m, a, prec);
    if (order % 2)
        arb_neg(a, a);
    arb_sub(out, a, b, prec);
    arb_clear(a);
    arb_clear(b);
    return func_answer(out);
}

REAL_IN(gamma, func_gamma_domain, arb_gamma(out, u, prec))
REAL_IN(lgamma, func_gamma_domain, log_abs_gamma(out, u, prec))
REAL_IN(digamma, func_gamma_domain, arb_digamma(out, u, prec))

fn_ball func_ball_trigamma(arb_t out, const arb_struct *args, int n, slong prec)
{
    arb_t one;
    (void)n;
    fn_ball inside = func_gamma_domain(&args[0]);
    if (inside != FN_BALL_OK)
        return inside;
    arb_init(one);
    arb_one(one);
    fn_ball found = polygamma(out, one, &args[0], prec);
    arb_clear(one);
    return found;
}

fn_ball func_ball_polygamma(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    fn_ball inside = both(whole_order(&args[0]), func_gamma_domain(&args[1]));
    if (inside != FN_BALL_OK)
        return inside;
    if (arb_is_zero(&args[0])) {
        arb_digamma(out, &args[1], prec);
        return func_answer(out);
    }
    return polygamma(out, &args[0], &args[1], prec);
}

/* 1/gamma is entire, so a pole of gamma(u + v) is an exact zero. */
fn_ball func_ball_beta(arb_t out, const arb_struct *args, int n, slong prec)
{
    arb_t s, t;
    (void)n;
    fn_ball inside = both(func_gamma_domain(&args[0]), func_gamma_domain(&args[1]));
    if (inside != FN_BALL_OK)
        return inside;
    arb_init(s);
    arb_init(t);
    arb_add(s, &args[0], &args[1], prec);
    arb_rgamma(s, s, prec);
    arb_gamma(t, &args[0], prec);
    arb_mul(s, s, t, prec);
    arb_gamma(t, &args[1], prec);
    arb_mul(out, s, t, prec);
    arb_clear(s);
    arb_clear(t);
    return func_answer(out);
}

fn_ball func_ball_factorial(arb_t out, const arb_struct *args, int n, slong prec)
{
    arb_t t;
    arb_init(t);
    arb_add_ui(t, &args[0], 1, prec);
    fn_ball found = func_ball_gamma(out, t, n, prec);
    arb_clear(t);
    return found;
}

/* ---- zeta --------------------------------------------------------------------------------------------- */

REAL_IN(zeta, not_one, arb_zeta(out, u, prec))

/* Coefficient `order` of zeta(v + t), times order!. From -8 on the Euler-Maclaurin sum itself: the
 * reflection formula, which the series function takes left of 0, cancels poles against each other near 0. */
static void zeta_derivative(arb_t out, slong order, const arb_t v, slong prec)
{
    acb_ptr series = _acb_vec_init(order + 1), line = _acb_vec_init(2);
    acb_t one;
    acb_init(one);
    acb_one(one);
    acb_set_arb(line, v);
    acb_one(line + 1);
    if (arf_cmp_si(arb_midref(v), -8) > 0)
        _acb_poly_zeta_cpx_series(series, line, one, 0, order + 1, prec);
    else
        _acb_poly_zeta_series(series, line, 2, one, 0, order + 1, prec);
    arb_fac_ui(acb_realref(one), (ulong)order, prec);
    arb_mul(out, acb_realref(series + order), acb_realref(one), prec);
    acb_clear(one);
    _acb_vec_clear(line, 2);
    _acb_vec_clear(series, order + 1);
}

fn_ball func_ball_zetaderiv(arb_t out, const arb_struct *args, int n, slong prec)
{
    const arb_struct *u = &args[0], *v = &args[1];
    (void)n;
    fn_ball inside = both(whole_order(u), not_one(v));
    if (inside != FN_BALL_OK)
        return inside;
    if (arf_cmp_si(arb_midref(u), MAX_ZETA_ORDER) > 0)
        return FN_BALL_UNSURE;
    if (arb_is_zero(u))
        arb_zeta(out, v, prec);
    else
        zeta_derivative(out, arf_get_si(arb_midref(u), ARF_RND_NEAR), v, prec);
    return func_answer(out);
}

/* ---- Bessel and Airy ---------------------------------------------------------------------------------- */

/* J and I of order u at v: for an integer order every v, else v > 0, and 0 for a positive order. */
static fn_ball bessel_ji_domain(const arb_t u, const arb_t v)
{
    if (func_ball_is_int(u) || arb_is_positive(v))
        return FN_BALL_OK;
    bool no_integer = arb_is_finite(u) && !arb_contains_int(u);
    if (arb_is_zero(v)) {
        if (arb_is_positive(u))
            return FN_BALL_OK;
        return no_integer && arb_is_negative(u) ? FN_BALL_OUTSIDE : FN_BALL_UNSURE;
    }
    return no_integer && arb_is_negative(v) ? FN_BALL_OUTSIDE : FN_BALL_UNSURE;
}

static fn_ball bessel_ji(arb_t out, const arb_struct *args, slong prec,
                         void (*f)(arb_t, const arb_t, const arb_t, slong))
{
    fn_ball inside = bessel_ji_domain(&args[0], &args[1]);
    if (inside != FN_BALL_OK)
        return inside;
    if (arb_is_zero(&args[1]) && !arb_contains_zero(&args[0]))
        arb_zero(out);
    else
        f(out, &args[0], &args[1], prec);
    return func_answer(out);
}

/* At an integer order Y and K are limits, which Arb takes for an exact order only; around one it would go on long
 * and end with nothing. */
static fn_ball bessel_yk(arb_t out, const arb_struct *args, slong prec,
                         void (*f)(arb_t, const arb_t, const arb_t, slong))
{
    fn_ball inside = positive(&args[1]);
    if (inside != FN_BALL_OK)
        return inside;
    if (!arb_is_exact(&args[0]) && arb_contains_int(&args[0]))
        return FN_BALL_UNSURE;
    f(out, &args[0], &args[1], prec);
    return func_answer(out);
}

fn_ball func_ball_besselj(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    return bessel_ji(out, args, prec, arb_hypgeom_bessel_j);
}

fn_ball func_ball_besseli(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    return bessel_ji(out, args, prec, arb_hypgeom_bessel_i);
}

fn_ball func_ball_bessely(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    return bessel_yk(out, args, prec, arb_hypgeom_bessel_y);
}

fn_ball func_ball_besselk(arb_t out, const arb_struct *args, int n, slong prec)
{
    (void)n;
    return bessel_yk(out, args, prec, arb_hypgeom_bessel_k);
}

REAL(airyai, arb_hypgeom_airy(out, NULL, NULL, NULL, u, prec))
REAL(airyaiprime, arb_hypgeom_airy(NULL, out, NULL, NULL, u, prec))
REAL(airybi, arb_hypgeom_airy(NULL, NULL, out, NULL, u, prec))
REAL(airybiprime, arb_hypgeom_airy(NULL, NULL, NULL, out, u, prec))

/* ---- elliptic integrals, Lambert ---------------------------------------------------------------------- */

/* Real for a real parameter of the domain: the real part of Arb's complex function. */
static void elliptic(arb_t out, const arb_t u, slong prec, void (*f)(acb_t, const acb_t, slong))
{
    acb_t z;
    acb_init(z);
    acb_set_arb(z, u);
    f(z, z, prec);
    arb_swap(out, acb_realref(z));
    acb_clear(z);
}

REAL_IN(ellipk, below_one, elliptic(out, u, prec, acb_elliptic_k))
REAL_IN(ellipe, at_most_one, elliptic(out, u, prec, acb_elliptic_e))

/* u >= -1/e by the sign of e*u + 1; no exact u is the branch point itself. */
static fn_ball lambert_domain(const arb_t u)
{
    arb_t t;
    if (arb_is_nonnegative(u))
        return FN_BALL_OK;
    slong prec = arb_bits(u) + 64;
    arb_init(t);
    arb_const_e(t, prec);
    arb_mul(t, t, u, prec);
    arb_add_ui(t, t, 1, prec);
    fn_ball v = func_verdict(arb_is_positive(t), arb_is_negative(t));
    arb_clear(t);
    return v;
}

REAL_IN(lambertw, lambert_domain, arb_lambertw(out, u, 0, prec))
