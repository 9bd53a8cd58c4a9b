/* function: the functions ref knows: by libm where it has them, by definition, series or quadrature
 * where not.                                                                                        */
#include "ref.h"

#include <math.h>
#include <string.h>

typedef long double real;

static real none(void) { return nanl(""); }
static real when(bool inside, real x) { return inside ? x : none(); }
static real pi(void) { return acosl(-1); }

/* ---- integrals ------------------------------------------------------------------------------ */

/* Integral of f from 0 to u: Gauss-Legendre, ten points on each of many short pieces. */
static real integral(real (*f)(real), real u)
{
    static const real node[5] = {0.1488743389816312108848260L, 0.4333953941292471907992659L,
                                 0.6794095682990244062343274L, 0.8650633666889845107320967L,
                                 0.9739065285171717200779640L};
    static const real weight[5] = {0.2955242247147528701738930L, 0.2692667193099963550912269L,
                                   0.2190863625159820439955349L, 0.1494513491505805931457763L,
                                   0.0666713443086881375935688L};
    long pieces = 8 + (long)(8 * fabsl(u)) + (long)(u * u);
    real s = 0, half = u / (real)(2 * pieces);
    if (pieces > 100000)
        return none();
    for (long p = 0; p < pieces; p++) {
        real middle = half * (real)(2 * p + 1);
        for (int i = 0; i < 5; i++)
            s += weight[i] * (f(middle - half * node[i]) + f(middle + half * node[i]));
    }
    return s * half;
}

static real sinc(real t) { return fabsl(t) < 1e-5L ? 1 - t * t / 6 : sinl(t) / t; }
static real shc(real t) { return fabsl(t) < 1e-5L ? 1 + t * t / 6 : sinhl(t) / t; }
static real bell(real t) { return expl(t * t); }
static real fresnel_sine(real t) { return sinl(pi() * t * t / 2); }
static real fresnel_cosine(real t) { return cosl(pi() * t * t / 2); }
static real cosine_part(real t) { return fabsl(t) < 1e-5L ? -t / 2 : (cosl(t) - 1) / t; }
static real hyperbolic_part(real t) { return fabsl(t) < 1e-5L ? t / 2 : (coshl(t) - 1) / t; }
static real exponential_part(real t) { return fabsl(t) < 1e-12L ? 1 + t / 2 : expm1l(t) / t; }

static const real euler = 0.57721566490153286060651209008240243L;

/* ---- gamma's family ------------------------------------------------------------------------- */

static const real bernoulli[] = {1.0L / 6,        -1.0L / 30,     1.0L / 42,       -1.0L / 30,
                                 5.0L / 66,       -691.0L / 2730, 7.0L / 6,        -3617.0L / 510,
                                 43867.0L / 798, -174611.0L / 330};

static bool is_pole(real u) { return u <= 0 && u == floorl(u); }

/* (-1)^(m+1) m! sum 1/(u+k)^(m+1), by stepping up to a large argument and Euler-Maclaurin there. */
static real polygamma(real m, real u)
{
    if (m != floorl(m) || m < 0 || m > 20 || is_pole(u))
        return none();
    real s = 0;
    for (; u < 40; u++)
        s += m == 0 ? -1 / u : powl(u, -m - 1);
    if (m == 0) {
        s += logl(u) - 0.5L / u;
        for (int k = 0; k < 10; k++)
            s -= bernoulli[k] / ((real)(2 * k + 2) * powl(u, 2 * k + 2));
        return s;
    }
    s += powl(u, -m) / m + powl(u, -m - 1) / 2;
    real rising = m + 1, factorial = 2; /* (m+1)...(m+2k-1), (2k)! */
    for (int k = 1; k <= 10; k++) {
        s += bernoulli[k - 1] * rising / factorial * powl(u, -m - 2 * k);
        rising *= (m + 2 * k) * (m + 2 * k + 1);
        factorial *= (real)(2 * k + 1) * (2 * k + 2);
    }
    return (fmodl(m, 2) == 1 ? 1 : -1) * tgammal(m + 1) * s;
}

static real zeta(real u)
{
    enum { N = 30 };
    if (u == 1)
        return none();
    if (u < 0.5L) /* reflection */
        return powl(2, u) * powl(pi(), u - 1) * sinl(pi() * u / 2) * tgammal(1 - u) * zeta(1 - u);
    real s = powl(N, 1 - u) / (u - 1) + powl(N, -u) / 2, rising = u, factorial = 2;
    for (int k = 1; k < N; k++)
        s += powl(k, -u);
    for (int k = 1; k <= 10; k++) {
        s += bernoulli[k - 1] * rising / factorial * powl(N, -u - 2 * k + 1);
        rising *= (u + 2 * k - 1) * (u + 2 * k);
        factorial *= (real)(2 * k + 1) * (2 * k + 2);
    }
    return s;
}

/* ---- inverses and means --------------------------------------------------------------------- */

static real lambertw(real u)
{
    if (u < -expl(-1))
        return none();
    real w = u / (1 + u);
    if (u > 2)
        w = logl(u) - logl(logl(u));
    else if (u < -0.25L)
        w = -1 + sqrtl(fmaxl(0, 2 * (1 + u * expl(1))));
    for (int i = 0; i < 60; i++) {
        real e = expl(w), f = w * e - u, slope = e * (w + 1);
        if (slope == 0)
            break;
        w -= f / (slope - (w + 2) * f / (2 * w + 2));
    }
    return w;
}

/* By halving, which cannot fail, then two steps of Newton. */
static real erfinv(real u)
{
    if (!(u > -1 && u < 1))
        return none();
    real lo = 0, hi = 120, a = fabsl(u);
    for (int i = 0; i < 80; i++) {
        real y = (lo + hi) / 2;
        if (erfcl(y) > 1 - a)
            lo = y;
        else
            hi = y;
    }
    for (int i = 0; i < 2; i++)
        lo += (erfcl(lo) - (1 - a)) * sqrtl(pi()) / 2 * expl(lo * lo);
    return copysignl(lo, u);
}

/* Complete elliptic integrals of the parameter m by the arithmetic-geometric mean. */
static real elliptic(real m, bool second)
{
    if (m > 1 || (m == 1 && !second))
        return none();
    if (m == 1)
        return 1;
    real a = 1, b = sqrtl(1 - m), s = m, power = 0.5L;
    s = m / 2;
    for (int i = 0; i < 60 && fabsl(a - b) > 1e-19L * a; i++) {
        real c = (a - b) / 2, mean = (a + b) / 2;
        b = sqrtl(a * b);
        a = mean;
        power *= 2;
        s += power * c * c;
    }
    real k = pi() / (2 * a);
    return second ? k * (1 - s) : k;
}

/* ---- the table ------------------------------------------------------------------------------ */

static real f_exp(real u) { return expl(u); }
static real f_ln(real u) { return when(u > 0, logl(u)); }
static real f_log2(real u) { return when(u > 0, log2l(u)); }
static real f_log10(real u) { return when(u > 0, log10l(u)); }
static real f_log1p(real u) { return when(u > -1, log1pl(u)); }
static real f_sqrt(real u) { return when(u >= 0, sqrtl(u)); }
static real f_sign(real u) { return (u > 0) - (u < 0); }
static real f_heaviside(real u) { return u == 0 ? 0.5L : u > 0; }
static real f_step(real u) { return u > 0; }
static real f_sec(real u) { return 1 / cosl(u); }
static real f_csc(real u) { return when(u != 0, 1 / sinl(u)); }
static real f_cot(real u) { return when(u != 0, cosl(u) / sinl(u)); }
static real f_arcsin(real u) { return when(fabsl(u) <= 1, asinl(u)); }
static real f_arccos(real u) { return when(fabsl(u) <= 1, acosl(u)); }
static real f_arccot(real u) { return u == 0 ? pi() / 2 : atanl(1 / u); }
static real f_arcsec(real u) { return when(fabsl(u) >= 1, acosl(1 / u)); }
static real f_arccsc(real u) { return when(fabsl(u) >= 1, asinl(1 / u)); }
static real f_sech(real u) { return 1 / coshl(u); }
static real f_csch(real u) { return when(u != 0, 1 / sinhl(u)); }
static real f_coth(real u) { return when(u != 0, 1 / tanhl(u)); }
static real f_arcosh(real u) { return when(u >= 1, acoshl(u)); }
static real f_artanh(real u) { return when(fabsl(u) < 1, atanhl(u)); }
static real f_arcoth(real u) { return when(fabsl(u) > 1, atanhl(1 / u)); }
static real f_arsech(real u) { return when(u > 0 && u <= 1, acoshl(1 / u)); }
static real f_arcsch(real u) { return when(u != 0, asinhl(1 / u)); }
static real f_hypot1(real u) { return hypotl(1, u); }
static real f_erfi(real u) { return 2 / sqrtl(pi()) * integral(bell, u); }
static real f_fresnels(real u) { return integral(fresnel_sine, u); }
static real f_fresnelc(real u) { return integral(fresnel_cosine, u); }
static real f_si(real u) { return integral(sinc, u); }
static real f_shi(real u) { return integral(shc, u); }
static real f_ci(real u) { return when(u > 0, euler + logl(u) + integral(cosine_part, u)); }
static real f_chi(real u) { return when(u > 0, euler + logl(u) + integral(hyperbolic_part, u)); }
static real f_ei(real u) { return when(u != 0, euler + logl(fabsl(u)) + integral(exponential_part, u)); }
static real f_li(real u) { return u == 0 ? 0 : when(u > 0 && u != 1, f_ei(logl(u))); }
static real f_gamma(real u) { return when(!is_pole(u), tgammal(u)); }
static real f_lgamma(real u) { return when(!is_pole(u), lgammal(u)); }
static real f_digamma(real u) { return polygamma(0, u); }
static real f_trigamma(real u) { return polygamma(1, u); }
static real f_factorial(real u) { return f_gamma(u + 1); }
static real f_ellipk(real u) { return elliptic(u, false); }
static real f_ellipe(real u) { return elliptic(u, true); }
static real f_sigmoid(real u) { return 1 / (1 + expl(-u)); }
static real f_logit(real u) { return when(u > 0 && u < 1, logl(u) - log1pl(-u)); }
static real f_softplus(real u) { return fmaxl(u, 0) + log1pl(expl(-fabsl(u))); }
static real f_relu(real u) { return fmaxl(u, 0); }
static real f_leaky_relu(real u) { return u > 0 ? u : u / 100; }
static real f_elu(real u) { return u > 0 ? u : expm1l(u); }
static real f_selu(real u)
{
    return 1.0507009873554804934193349852946L * (u > 0 ? u : 1.6732632423543772848170429916717L * expm1l(u));
}
static real f_gelu(real u) { return u * erfcl(-u / sqrtl(2)) / 2; }
static real f_silu(real u) { return u / (1 + expl(-u)); }
static real f_mish(real u) { return u * tanhl(f_softplus(u)); }
static real f_softsign(real u) { return u / (1 + fabsl(u)); }
static real f_hardtanh(real u) { return fmaxl(-1, fminl(1, u)); }

static const struct {
    const char *name;
    real (*f)(real);
} one[] = {
    {"exp", f_exp}, {"ln", f_ln}, {"log", f_ln}, {"log2", f_log2}, {"log10", f_log10},
    {"log1p", f_log1p}, {"expm1", expm1l}, {"exp2", exp2l}, {"sqrt", f_sqrt}, {"cbrt", cbrtl},
    {"abs", fabsl}, {"sign", f_sign}, {"floor", floorl}, {"ceil", ceill}, {"round", roundl},
    {"heaviside", f_heaviside}, {"step", f_step}, {"hypot1", f_hypot1}, {"sin", sinl}, {"cos", cosl},
    {"tan", tanl}, {"sec", f_sec}, {"csc", f_csc}, {"cot", f_cot}, {"sinc", sinc}, {"arcsin", f_arcsin},
    {"asin", f_arcsin}, {"arccos", f_arccos}, {"acos", f_arccos}, {"arctan", atanl}, {"atan", atanl},
    {"arccot", f_arccot}, {"acot", f_arccot}, {"arcsec", f_arcsec}, {"asec", f_arcsec},
    {"arccsc", f_arccsc}, {"acsc", f_arccsc}, {"sinh", sinhl}, {"cosh", coshl}, {"tanh", tanhl},
    {"sech", f_sech}, {"csch", f_csch}, {"coth", f_coth}, {"arsinh", asinhl}, {"asinh", asinhl},
    {"arcosh", f_arcosh}, {"acosh", f_arcosh}, {"artanh", f_artanh}, {"atanh", f_artanh},
    {"arcoth", f_arcoth}, {"acoth", f_arcoth}, {"arsech", f_arsech}, {"asech", f_arsech},
    {"arcsch", f_arcsch}, {"acsch", f_arcsch}, {"erf", erfl}, {"erfc", erfcl}, {"erfi", f_erfi},
    {"erfinv", erfinv}, {"fresnels", f_fresnels}, {"fresnelc", f_fresnelc}, {"Si", f_si}, {"Ci", f_ci},
    {"Shi", f_shi}, {"Chi", f_chi}, {"Ei", f_ei}, {"li", f_li}, {"gamma", f_gamma},
    {"lgamma", f_lgamma}, {"digamma", f_digamma}, {"trigamma", f_trigamma}, {"factorial", f_factorial},
    {"zeta", zeta}, {"lambertw", lambertw}, {"ellipk", f_ellipk}, {"ellipe", f_ellipe},
    {"sigmoid", f_sigmoid}, {"logit", f_logit}, {"softplus", f_softplus}, {"relu", f_relu},
    {"leaky_relu", f_leaky_relu}, {"elu", f_elu}, {"selu", f_selu}, {"gelu", f_gelu}, {"silu", f_silu},
    {"mish", f_mish}, {"softsign", f_softsign}, {"hardtanh", f_hardtanh},
};

static real f_log_base(real x, real b) { return when(x > 0 && b > 0 && b != 1, logl(x) / logl(b)); }
static real f_mod(real a, real b) { return when(b != 0, a - b * floorl(a / b)); }
static real f_hypot(real a, real b) { return hypotl(a, b); }
static real f_atan2(real y, real x)
{
    return y == 0 ? (x > 0 ? 0 : when(x < 0, pi())) : atan2l(y, x);
}
static real f_beta(real a, real b)
{
    if (is_pole(a) || is_pole(b))
        return none();
    return is_pole(a + b) ? 0 : tgammal(a) * tgammal(b) / tgammal(a + b);
}
static real f_logaddexp(real a, real b) { return fmaxl(a, b) + log1pl(expl(-fabsl(a - b))); }
static real f_besselj(real n, real x) { return n == floorl(n) && fabsl(n) < 1000 ? jnl((int)n, x) : none(); }

static const struct {
    const char *name;
    real (*f)(real, real);
} two[] = {{"log", f_log_base}, {"mod", f_mod},   {"hypot", f_hypot},         {"atan2", f_atan2},
           {"beta", f_beta},     {"polygamma", polygamma},   {"logaddexp", f_logaddexp},
           {"besselj", f_besselj}};

static real (*find_one(const char *name))(real)
{
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        if (strcmp(one[i].name, name) == 0)
            return one[i].f;
    return NULL;
}

static real (*find_two(const char *name))(real, real)
{
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (strcmp(two[i].name, name) == 0)
            return two[i].f;
    return NULL;
}

static bool is_extremum(const char *name) { return strcmp(name, "max") == 0 || strcmp(name, "min") == 0; }

bool ref_is_function(const char *name, size_t n)
{
    if (n <= 16 && (strcmp(name, "piecewise") == 0 || strcmp(name, "logsumexp") == 0 || is_extremum(name)))
        return n > 0;
    return n == 1 ? find_one(name) != NULL : n == 2 && find_two(name) != NULL;
}

bool ref_is_reducer(const char *name)
{
    static const char *const reducer[] = {"sum",  "prod",   "max",    "min",
                                          "mean", "argmax", "argmin", "logsumexp"};
    for (size_t i = 0; i < sizeof reducer / sizeof *reducer; i++)
        if (strcmp(name, reducer[i]) == 0)
            return true;
    return false;
}

long double ref_function(const char *name, const long double *arg, size_t n)
{
    if (strcmp(name, "logsumexp") == 0) {
        real s = arg[0];
        for (size_t i = 1; i < n; i++)
            s = f_logaddexp(s, arg[i]);
        return s;
    }
    if (is_extremum(name)) {
        real x = arg[0];
        for (size_t i = 1; i < n; i++)
            x = name[1] == 'a' ? fmaxl(x, arg[i]) : fminl(x, arg[i]);
        return x;
    }
    return n == 1 ? find_one(name)(arg[0]) : find_two(name)(arg[0], arg[1]);
}
