/* Balls: the double they decide on, and decimal text of which every digit is proven. */
#include "num/num_impl.h"

#include <math.h>
#include <string.h>

/* ---- rounding to double ---------------------------------------------------------------------- */

static double arf_round(const arf_t x)
{
    if (arf_is_nan(x))
        return NAN;
    if (arf_is_zero(x))
        return 0.0;
    bool negative = arf_sgn(x) < 0;
    if (arf_is_inf(x) || arf_cmpabs_2exp_si(x, 1100) > 0)
        return negative ? -INFINITY : INFINITY;
    if (arf_cmpabs_2exp_si(x, -1200) < 0)
        return negative ? -0.0 : 0.0;
    arf_t top;
    fmpz_t man, exp;
    arf_init(top), fmpz_init(man), fmpz_init(exp);
    bool sticky = arf_set_round(top, x, 62, ARF_RND_DOWN) != 0; /* towards zero; true when bits were lost */
    arf_get_fmpz_2exp(man, exp, top);
    fmpz_abs(man, man);
    ulong up = 63 - (ulong)fmpz_bits(man);
    double d = num_round_bits(negative, fmpz_get_ui(man) << up, sticky, fmpz_get_si(exp) - (slong)up);
    arf_clear(top), fmpz_clear(man), fmpz_clear(exp);
    return d;
}

/* Both ends of x, rounded outwards to prec bits, give the same double. */
static bool ends_agree(double *out, const arb_t x, slong prec)
{
    arf_t low, high;
    arf_init(low), arf_init(high);
    arb_get_interval_arf(low, high, x, prec);
    double a = arf_round(low), b = arf_round(high);
    arf_clear(low), arf_clear(high);
    if (!(a == b))
        return false;
    *out = a == 0 ? 0.0 + b : a; /* -0 and 0 agree on 0 */
    return true;
}

bool num_arb_round_double(double *out, const arb_t x)
{
    if (arf_is_nan(arb_midref(x)) || mag_is_inf(arb_radref(x)))
        return false;
    if (arb_is_exact(x)) {
        *out = arf_round(arb_midref(x));
        return true;
    }
    if (ends_agree(out, x, 128))
        return true;
    /* 128 bits blur a ball much narrower than 2^-128 of its size that lies close to a tie. */
    slong bits = arb_rel_accuracy_bits(x);
    return bits > 120 && bits < 1000000 && ends_agree(out, x, bits + 64);
}

/* ---- decimal text ---------------------------------------------------------------------------- */

/* A number as arb_get_str writes it, taken apart: digits without leading zeros, and the exponent of the
 * first. */
typedef struct decimal_text {
    bool negative;
    char *digits; /* overwrites the text that was read */
    size_t n;     /* 0: the number is 0                */
    int64_t exp10;
    bool fits; /* false: the exponent is beyond 10^11, and `exp_text` has it */
    const char *exp_text;
    size_t exp_len;
} decimal_text;

static decimal_text take_apart(char *s)
{
    decimal_text d = {.fits = true};
    if (*s == '-')
        d.negative = true, s++;
    char *to = s;
    bool point = false;
    d.digits = s;
    d.exp10 = -1;
    for (; (*s >= '0' && *s <= '9') || *s == '.'; s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        if (d.n == 0 && *s == '0') {
            d.exp10 -= point;
            continue;
        }
        d.exp10 += !point;
        *to++ = *s;
        d.n++;
    }
    if (*s == 'e') {
        d.exp_text = s + 1;
        bool minus = s[1] == '-';
        int64_t e = 0;
        for (s += s[1] == '-' || s[1] == '+' ? 2 : 1; *s >= '0' && *s <= '9'; s++) {
            if (e > 100000000000)
                d.fits = false;
            else
                e = e * 10 + (*s - '0');
        }
        d.exp_len = (size_t)(s - d.exp_text);
        d.exp10 += minus ? -e : e;
    }
    return d;
}

static void put(strbuf *b, const decimal_text *d)
{
    if (d->n == 0)
        strbuf_addc(b, '0');
    else if (d->fits)
        num_print_digits(b, d->negative, d->digits, d->n, d->exp10);
    else { /* arb_get_str writes such numbers as d.ddd e exponent */
        size_t plus = *d->exp_text == '+';
        num_print_digits(b, d->negative, d->digits, d->n, 0);
        strbuf_addc(b, 'e');
        strbuf_addn(b, d->exp_text + plus, d->exp_len - plus);
    }
}

/* Takes zeros off the end of an exact x when what is left is x. */
static void trim_exact(decimal_text *d, const arb_t x)
{
    size_t n = d->n;
    while (n > 1 && d->digits[n - 1] == '0')
        n--;
    if (n == d->n || !d->fits || d->exp10 > 5000 || d->exp10 < -5000)
        return;
    fmpq_t value, text;
    fmpz_t scale;
    fmpq_init(value), fmpq_init(text), fmpz_init(scale);
    char *copy = flint_malloc(n + 1);
    memcpy(copy, d->digits, n);
    copy[n] = '\0';
    fmpz_set_str(fmpq_numref(text), copy, 10);
    if (d->negative)
        fmpz_neg(fmpq_numref(text), fmpq_numref(text));
    int64_t shift = d->exp10 - (int64_t)n + 1;
    fmpz_ui_pow_ui(scale, 10, (ulong)(shift < 0 ? -shift : shift));
    if (shift < 0)
        fmpq_div_fmpz(text, text, scale);
    else
        fmpq_mul_fmpz(text, text, scale);
    arf_get_fmpq(value, arb_midref(x));
    if (fmpq_equal(value, text))
        d->n = n;
    flint_free(copy);
    fmpq_clear(value), fmpq_clear(text), fmpz_clear(scale);
}

/* "nan", "inf" or "-inf" when x is no finite number; else NULL. */
static const char *special_text(const arb_t x)
{
    if (arf_is_nan(arb_midref(x)) || (arf_is_inf(arb_midref(x)) && mag_is_inf(arb_radref(x))))
        return "nan";
    if (arf_is_inf(arb_midref(x)))
        return arf_sgn(arb_midref(x)) < 0 ? "-inf" : "inf";
    return NULL;
}

void num_print_arb(strbuf *b, const arb_t x, long digits, long *proven)
{
    const char *special = special_text(x);
    if (digits < 1)
        digits = 1;
    *proven = 0;
    if (special) {
        *proven = arf_is_nan(arb_midref(x)) || mag_is_inf(arb_radref(x)) ? 0 : digits;
        strbuf_add(b, special);
        return;
    }
    if (arb_is_zero(x)) {
        *proven = digits;
        strbuf_addc(b, '0');
        return;
    }
    char *text = mag_is_inf(arb_radref(x)) ? NULL : arb_get_str(x, digits, ARB_STR_NO_RADIUS);
    decimal_text d = text ? take_apart(text) : (decimal_text){0};
    if (d.n == 0)
        strbuf_addc(b, '?');
    else {
        *proven = (long)d.n;
        if (arb_is_exact(x))
            trim_exact(&d, x);
        put(b, &d);
    }
    flint_free(text);
}

void num_print_ball(strbuf *mid, strbuf *rad, const arb_t x, long digits)
{
    const char *special = special_text(x);
    if (special || mag_is_inf(arb_radref(x))) {
        strbuf_add(mid, special ? special : "0");
        strbuf_add(rad, special && arf_is_inf(arb_midref(x)) && !mag_is_inf(arb_radref(x)) ? "0" : "inf");
        return;
    }
    /* "[m +/- r]", or "m" alone when that is exact; r covers the rounding of m too. */
    char *text = arb_get_str(x, digits < 1 ? 1 : digits, ARB_STR_MORE);
    char *m = text + (*text == '['), *gap = strstr(text, "+/- ");
    decimal_text d = {0};
    if (!gap)
        strbuf_addc(rad, '0');
    else {
        d = take_apart(gap + 4);
        put(rad, &d);
    }
    d = m == gap ? (decimal_text){0} : take_apart(m);
    if (d.n && arb_is_exact(x))
        trim_exact(&d, x);
    put(mid, &d);
    flint_free(text);
}
