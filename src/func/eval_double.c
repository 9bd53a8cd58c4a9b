/* Plain doubles. libm where it has the function, stable formulas where it has not: no overflow inside, no
 * cancellation that a different form avoids. Rare special functions are rounded from their ball.
 * Outside the domain the result is not finite: NaN, or the infinity that libm answers at a pole. At
 * infinite arguments the limit is written out where the formula would read inf/inf or 0*inf. */
#include "func/func_impl.h"

#include <math.h>

/* The argument list is n >= arity doubles; one-line rows see the first two as u and v. */
#define ROW1(id, value)                                                                                      \
    double func_double_##id(const double *args, int n)                                                       \
    {                                                                                                        \
        const double u = args[0];                                                                            \
        (void)n;                                                                                             \
        return value;                                                                                        \
    }
#define ROW2(id, value)                                                                                      \
    double func_double_##id(const double *args, int n)                                                       \
    {                                                                                                        \
        const double u = args[0], v = args[1];                                                               \
        (void)n;                                                                                             \
        return value;                                                                                        \
    }

/* ---- exponentials and logarithms ------------------------------------------------------------------ */

static double sigmoid(double u)
{
    if (u >= 0)
        return 1 / (1 + exp(-u));
    double e = exp(u);
    return e / (1 + e);
}

static double softplus(double u)
{
    return fmax(u, 0) + log1p(exp(-fabs(u)));
}

/* Near 1/2 the difference of logarithms would cancel. */
static double logit(double u)
{
    if (u > 0.25 && u < 0.75)
        return 2 * atanh(2 * u - 1);
    return log(u) - log1p(-u);
}

/* u == v also when both are the same infinity, whose difference would be NaN. */
static double logaddexp(double u, double v)
{
    return u == v ? u + M_LN2 : fmax(u, v) + log1p(exp(-fabs(u - v)));
}

ROW1(exp, exp(u))
ROW1(log, log(u))
ROW1(log2, log2(u))
ROW1(log10, log10(u))
ROW1(log1p, log1p(u))
ROW1(expm1, expm1(u))
ROW1(exp2, exp2(u))
ROW2(logaddexp, isnan(u) || isnan(v) ? NAN : logaddexp(u, v))
ROW1(sigmoid, sigmoid(u))
ROW1(logit, logit(u))
ROW1(softplus, softplus(u))

/* ---- kinks, steps and roots ------------------------------------------------------------------------ */

/* a where u < 0, b at 0, c where u > 0. */
static double by_sign(double u, double a, double b, double c)
{
    return isnan(u) ? u : u < 0 ? a : u > 0 ? c : b;
}

/* The largest (sign 1) or smallest (sign -1); NaN if one is NaN, unlike fmax. */
static double extreme(const double *args, int n, double sign)
{
    double m = args[0];
    for (int i = 0; i < n; i++) {
        if (isnan(args[i]))
            return args[i];
        if (sign * args[i] > sign * m)
            m = args[i];
    }
    return m;
}

double func_double_max(const double *args, int n)
{
    return extreme(args, n, 1);
}

double func_double_min(const double *args, int n)
{
    return extreme(args, n, -1);
}

ROW1(abs, fabs(u))
ROW1(sign, by_sign(u, -1, 0, 1))
ROW1(floor, floor(u))
ROW1(ceil, ceil(u))
ROW1(round, round(u))
ROW1(cbrt, cbrt(u))
ROW2(hypot, hypot(u, v))
ROW1(hypot1, hypot(1, u))
ROW1(heaviside, by_sign(u, 0, 0.5, 1))
ROW1(step, by_sign(u, 0, 0, 1))

/* ---- trigonometric and hyperbolic -------------------------------------------------------------------- */

ROW1(sin, sin(u))
ROW1(cos, cos(u))
ROW1(tan, tan(u))
ROW1(sec, 1 / cos(u))
ROW1(csc, 1 / sin(u))
ROW1(cot, 1 / tan(u))
ROW1(sinc, u == 0 ? 1 : isinf(u) ? 0 : sin(u) / u)
ROW1(asin, asin(u))
ROW1(acos, acos(u))
ROW1(atan, atan(u))
ROW1(acot, u == 0 ? M_PI_2 : atan(1 / u))
ROW1(asec, acos(1 / u))
ROW1(acsc, asin(1 / u))
ROW2(atan2, u == 0 && v == 0 ? NAN : atan2(u, v))
ROW1(sinh, sinh(u))
ROW1(cosh, cosh(u))
ROW1(tanh, tanh(u))
ROW1(sech, 1 / cosh(u))
ROW1(csch, 1 / sinh(u))
ROW1(coth, 1 / tanh(u))
ROW1(asinh, asinh(u))
ROW1(acosh, acosh(u))
ROW1(atanh, atanh(u))
ROW1(acoth, atanh(1 / u))
ROW1(asech, acosh(1 / u))
ROW1(acsch, asinh(1 / u))

/* ---- activations --------------------------------------------------------------------------------------- */

/* The published constants; as written they are 1 unit in the 31st decimal good, and these decimals *are* the
 * definition here (the ball evaluation reads the same ones). */
#define SELU_S 1.0507009873554804934193349852946
#define SELU_A 1.6732632423543772848170429916717

ROW1(relu, by_sign(u, 0, 0, u))
ROW1(leaky_relu, u > 0 ? u : u / 100)
ROW1(elu, u > 0 ? u : expm1(u))
ROW1(selu, u > 0 ? SELU_S * u : SELU_S * SELU_A * expm1(u))
ROW1(gelu, u == -INFINITY ? 0 : 0.5 * u * erfc(-u * M_SQRT1_2))
ROW1(silu, u == -INFINITY ? 0 : u * sigmoid(u))
ROW1(mish, u == -INFINITY ? 0 : u * tanh(softplus(u)))
ROW1(softsign, isinf(u) ? copysign(1, u) : u / (1 + fabs(u)))
ROW1(hardtanh, u > 1 ? 1 : u < -1 ? -1 : u)

/* ---- gamma --------------------------------------------------------------------------------------------- */

/* lgamma_r and not lgamma: that one writes a global. */
static double log_abs_gamma(double u)
{
    int sign;
    return lgamma_r(u, &sign);
}

/* Reflection to u > 0, recurrence up to 12, then the asymptotic series; the first term left out is below
 * 2^-56. */
static double digamma(double u)
{
    double sum = 0;
    if (u <= 0) {
        if (u == floor(u))
            return NAN;
        sum = -M_PI / tan(M_PI * (u - round(u))); /* the difference is exact */
        u = 1 - u;
    }
    for (; u < 12; u++)
        sum -= 1 / u;
    double r = 1 / (u * u);
    double tail = r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132)))));
    return sum + log(u) - 0.5 / u - tail;
}

/* The same road; by reflection trigamma(u) = pi^2/sin(pi*u)^2 - trigamma(1 - u). */
static double trigamma(double u)
{
    double sum = 0, sign = 1;
    if (u <= 0) {
        if (u == floor(u))
            return NAN;
        double s = sin(M_PI * (u - round(u)));
        sum = M_PI * M_PI / (s * s);
        u = 1 - u;
        sign = -1;
    }
    for (; u < 16; u++)
        sum += sign / (u * u);
    double r = 1 / (u * u);
    double tail = r * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66)))));
    return sum + sign * (1 / u + 0.5 * r + tail / u);
}

ROW1(erf, erf(u))
ROW1(erfc, erfc(u))
ROW1(gamma, tgamma(u))
ROW1(lgamma, log_abs_gamma(u))
ROW1(digamma, digamma(u))
ROW1(trigamma, trigamma(u))
ROW1(factorial, tgamma(u + 1))

/* ---- through the ball --------------------------------------------------------------------------------- */

enum { FIRST_PREC = 64, LAST_PREC = 1024 };

/* The nearest double. NaN outside the domain and where LAST_PREC bits do not settle it. */
static double from_ball(fn_id id, const double *args, int n)
{
    arb_ptr x = _arb_vec_init(n);
    arb_t y;
    double value = NAN;
    bool settled = false;
    fn_ball found = FN_BALL_UNSURE;
    for (int i = 0; i < n; i++)
        arb_set_d(x + i, args[i]);
    arb_init(y);
    for (slong prec = FIRST_PREC; prec <= LAST_PREC && found != FN_BALL_OUTSIDE && !settled; prec *= 2) {
        found = fn_get(id)->ball(y, x, n, prec);
        settled = found == FN_BALL_OK && num_arb_round_double(&value, y);
    }
    arb_clear(y);
    _arb_vec_clear(x, n);
    return settled ? value : NAN;
}

#define ROW_BALL(id)                                                                                         \
    double func_double_##id(const double *args, int n)                                                       \
    {                                                                                                        \
        return from_ball(FN_##id, args, n);                                                                  \
    }

ROW_BALL(erfi)
ROW_BALL(erfinv)
ROW_BALL(fresnels)
ROW_BALL(fresnelc)
ROW_BALL(Si)
ROW_BALL(Ci)
ROW_BALL(Shi)
ROW_BALL(Chi)
ROW_BALL(Ei)
ROW_BALL(li)
ROW_BALL(polygamma)
ROW_BALL(beta)
ROW_BALL(zeta)
ROW_BALL(zetaderiv)
ROW_BALL(besselj)
ROW_BALL(bessely)
ROW_BALL(besseli)
ROW_BALL(besselk)
ROW_BALL(airyai)
ROW_BALL(airybi)
ROW_BALL(airyaiprime)
ROW_BALL(airybiprime)
ROW_BALL(ellipk)
ROW_BALL(ellipe)
ROW_BALL(lambertw)
