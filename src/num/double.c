/* Doubles: correct rounding from exact values, decimal text that reads back, and reading it. */
#include "num/num_impl.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert(DBL_MANT_DIG == 53 && DBL_MIN_EXP == -1021 && DBL_MAX_EXP == 1024, "double is IEEE binary64");
_Static_assert(FLINT_BITS == 64, "a word of FLINT is 64 bits");

enum { SMALLEST_EXP = -1074 }; /* of the last bit of a subnormal */

double num_round_bits(bool negative, uint64_t m, bool sticky, int64_t exp)
{
    int top = (m >> 62) ? 62 : 61;
    double size;
    if (exp > 1100 || exp < -1200)
        size = exp > 0 ? INFINITY : 0.0;
    else {
        /* The value is in [2^(exp + top), 2^(exp + top + 1)); its last kept bit has exponent `last`, and
         * drop >= 9 bits of m fall below it. */
        int last = (int)exp + top - 52;
        if (last < SMALLEST_EXP)
            last = SMALLEST_EXP;
        int drop = last - (int)exp;
        if (drop > 63)
            size = 0.0; /* m + s < 2^63, less than half of the last bit */
        else {
            uint64_t half = (uint64_t)1 << (drop - 1), kept = drop < 64 ? m >> drop : 0;
            uint64_t below = m & (half | (half - 1));
            if (below > half || (below == half && (sticky || (kept & 1))))
                kept++;
            size = ldexp((double)kept, last);
        }
    }
    return negative ? -size : size;
}

/* (-1)^negative n / d for integers n >= 0, d > 0. */
static double round_quotient(bool negative, const fmpz_t n, const fmpz_t d)
{
    if (fmpz_is_zero(n))
        return negative ? -0.0 : 0.0;
    /* n/d is in (2^(e-1), 2^(e+1)), so with 62 - e more bits the quotient is in (2^61, 2^63). */
    int64_t e = (int64_t)fmpz_bits(n) - (int64_t)fmpz_bits(d), shift = 62 - e;
    if (e > 1100 || e < -1200)
        return num_round_bits(negative, (uint64_t)1 << 61, true, e);
    fmpz_t a, b, q, r;
    fmpz_init(a), fmpz_init(b), fmpz_init(q), fmpz_init(r);
    if (shift >= 0) {
        fmpz_mul_2exp(a, n, (ulong)shift);
        fmpz_set(b, d);
    } else {
        fmpz_set(a, n);
        fmpz_mul_2exp(b, d, (ulong)-shift);
    }
    fmpz_tdiv_qr(q, r, a, b);
    double x = num_round_bits(negative, fmpz_get_ui(q), !fmpz_is_zero(r), -shift);
    fmpz_clear(a), fmpz_clear(b), fmpz_clear(q), fmpz_clear(r);
    return x;
}

double num_fmpq_get_double(const fmpq_t q)
{
    const int64_t exact = (int64_t)1 << 53;
    /* Two exact doubles and one rounding, which cannot be subnormal. */
    if (fmpz_cmp_si(fmpq_denref(q), exact) <= 0 && fmpz_cmp_si(fmpq_numref(q), exact) <= 0 &&
        fmpz_cmp_si(fmpq_numref(q), -exact) >= 0)
        return (double)fmpz_get_si(fmpq_numref(q)) / (double)fmpz_get_si(fmpq_denref(q));
    fmpz_t n;
    fmpz_init(n);
    fmpz_abs(n, fmpq_numref(q));
    double x = round_quotient(fmpz_sgn(fmpq_numref(q)) < 0, n, fmpq_denref(q));
    fmpz_clear(n);
    return x;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Digits that can matter: a double that is a tie has at most 767 significant digits; one more, not zero when
 * anything was cut off, decides on which side of a tie the rest lies. */
enum { DIGITS_KEPT = 800 };

typedef struct digit_run {
    char at[DIGITS_KEPT + 1];
    size_t n;
    int64_t exp10; /* value is (digits as an integer) * 10^exp10 */
} digit_run;

static void gather_digits(digit_run *run, const num_decimal *d)
{
    const char *part[2] = {d->int_part, d->frac_part};
    size_t len[2] = {d->int_len, d->frac_len};
    bool cut_nonzero = false;
    run->n = 0;
    run->exp10 = d->exp10 - (int64_t)d->frac_len;
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i < len[p]; i++) {
            char c = part[p][i];
            if (run->n == 0 && c == '0')
                continue;
            if (run->n < DIGITS_KEPT)
                run->at[run->n++] = c;
            else {
                run->exp10++;
                cut_nonzero |= c != '0';
            }
        }
    if (cut_nonzero) {
        run->at[run->n++] = '1';
        run->exp10--;
    }
}

static uint64_t small_value(const char *digits, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(digits[i] - '0');
    return v;
}

static void fmpz_set_digits(fmpz_t out, const char *digits, size_t n)
{
    fmpz_zero(out);
    for (size_t i = 0; i < n;) { /* at most 45 rounds of 18 digits */
        size_t take = n - i < 18 ? n - i : 18;
        ulong scale = 1;
        for (size_t k = 0; k < take; k++)
            scale *= 10;
        fmpz_mul_ui(out, out, scale);
        fmpz_add_ui(out, out, small_value(digits + i, take));
        i += take;
    }
}

static double round_decimal(bool negative, const digit_run *run)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t magnitude = run->exp10 + (int64_t)run->n; /* the value is in [10^(magnitude-1), 10^magnitude) */
    if (run->n == 0 || magnitude < -330)
        return negative ? -0.0 : 0.0;
    if (magnitude > 310)
        return negative ? -INFINITY : INFINITY;
    if (run->n <= 15 && run->exp10 >= -22 && run->exp10 <= 22) {
        /* Both sides are exact doubles, so one operation rounds once. */
        double m = (double)small_value(run->at, run->n);
        m = run->exp10 < 0 ? m / ten[-run->exp10] : m * ten[run->exp10];
        return negative ? -m : m;
    }
    fmpz_t n, d, p;
    fmpz_init(n), fmpz_init_set_ui(d, 1), fmpz_init(p);
    fmpz_set_digits(n, run->at, run->n);
    fmpz_ui_pow_ui(p, 10, (ulong)(run->exp10 < 0 ? -run->exp10 : run->exp10));
    if (run->exp10 < 0)
        fmpz_swap(d, p);
    else
        fmpz_mul(n, n, p);
    double x = round_quotient(negative, n, d);
    fmpz_clear(n), fmpz_clear(d), fmpz_clear(p);
    return x;
}

static bool same_word(const char *s, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (word[i] == '\0' || (s[i] | 0x20) != word[i])
            return false;
    return word[n] == '\0';
}

bool num_parse_double(double *out, const char *s, size_t n)
{
    bool negative = n > 0 && s[0] == '-';
    if (n > 0 && (s[0] == '-' || s[0] == '+'))
        s++, n--;
    if (same_word(s, n, "nan")) {
        *out = NAN;
        return true;
    }
    if (same_word(s, n, "inf") || same_word(s, n, "infinity")) {
        *out = negative ? -INFINITY : INFINITY;
        return true;
    }
    num_decimal d;
    if (!num_split_decimal(&d, s, n))
        return false;
    digit_run run;
    gather_digits(&run, &d);
    *out = round_decimal(negative, &run);
    return true;
}

/* ---- printing -------------------------------------------------------------------------------- */

typedef struct shortest {
    char digits[18];
    size_t n;
    int exp10;
} shortest;

/* x > 0 to `want` significant digits; true when they read back as x. */
static bool try_digits(shortest *out, double x, int want)
{
    char text[40];
    snprintf(text, sizeof text, "%.*e", want - 1, x);
    const char *e = strchr(text, 'e');
    out->n = 0;
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            out->digits[out->n++] = *p;
    out->exp10 = 0;
    for (const char *p = e + 2; *p; p++)
        out->exp10 = out->exp10 * 10 + (*p - '0');
    if (e[1] == '-')
        out->exp10 = -out->exp10;
    while (out->n > 1 && out->digits[out->n - 1] == '0')
        out->n--;
    digit_run run = {.n = out->n, .exp10 = out->exp10 - (int64_t)out->n + 1};
    memcpy(run.at, out->digits, out->n);
    return round_decimal(false, &run) == x;
}

void num_print_double(strbuf *b, double x)
{
    if (isnan(x)) {
        strbuf_add(b, "nan");
        return;
    }
    if (isinf(x)) {
        strbuf_add(b, x < 0 ? "-inf" : "inf");
        return;
    }
    double size = fabs(x);
    if (size < 1e15 && size == floor(size)) {
        strbuf_printf(b, "%s%lld", signbit(x) ? "-" : "", (long long)size);
        return;
    }
    /* For a normal x every decimal of at most 15 digits that reads back as x is x to 15 digits, so its
     * trailing zeros end the search; below the normals it is made from one digit up. */
    shortest s;
    int want = size < DBL_MIN ? 1 : 15;
    while (!try_digits(&s, size, want) && want < 17)
        want++;
    num_print_digits(b, x < 0, s.digits, s.n, s.exp10);
}
