/* print_number: exact rationals as digits, fractions or, where that is much shorter, decimals. */
#include "text/print_impl.h"

#include <string.h>

/* Below this a fraction is easier to read than a decimal: 1/100, 3/8. */
enum { SMALL_DENOMINATOR = 1000, LONG_INTEGER = 21 };

static const char *digits_of(printer *p, const fmpz_t n)
{
    size_t room = fmpz_sizeinbase(n, 10) + 2;
    char *s = arena_alloc(&p->scratch, room);
    if (!s) {
        p->broken = true;
        return "";
    }
    return fmpz_get_str(s, 10, n);
}

static dnode number(const char *digits)
{
    return (dnode){.kind = D_NUM, .prec = PREC_ATOM, .str = digits};
}

/* digits * 10^exponent in the shorter of the two spellings 0.00123 and 1.23e-3; *length receives its length.
 */
static const char *decimal_of(printer *p, const char *digits, long exponent, size_t *length)
{
    size_t n = strlen(digits);
    while (n > 1 && digits[n - 1] == '0') {
        n--;
        exponent++;
    }
    long point = (long)n + exponent; /* digits before the point */
    char *s;
    if (point > 0 && point <= (long)n && exponent < 0)
        s = arena_printf(&p->scratch, "%.*s.%.*s", (int)point, digits, (int)(n - (size_t)point),
                         digits + point);
    else if (point <= 0 && point > -4)
        s = arena_printf(&p->scratch, "0.%.*s%.*s", (int)-point, "0000", (int)n, digits);
    else if (n == 1) s = arena_printf(&p->scratch, "%ce%ld", digits[0], point - 1);
    else s = arena_printf(&p->scratch, "%c.%.*se%ld", digits[0], (int)(n - 1), digits + 1, point - 1);
    if (!s) {
        p->broken = true;
        return "";
    }
    *length = strlen(s);
    return s;
}

/* den = 2^a*5^b: *places = max(a, b). */
static bool terminates(const fmpz_t den, ulong *places)
{
    fmpz_t rest, two, five;
    fmpz_init(rest);
    fmpz_init_set_ui(two, 2);
    fmpz_init_set_ui(five, 5);
    ulong a = (ulong)fmpz_remove(rest, den, two);
    ulong b = (ulong)fmpz_remove(rest, rest, five);
    bool fine = fmpz_is_one(rest);
    *places = a > b ? a : b;
    fmpz_clear(rest);
    fmpz_clear(two);
    fmpz_clear(five);
    return fine;
}

static dnode fraction(printer *p, const fmpz_t num, const fmpz_t den)
{
    const char *above = digits_of(p, num), *below = digits_of(p, den);
    ulong places;
    if (fmpz_cmp_ui(den, SMALL_DENOMINATOR) > 0 && terminates(den, &places) && places < 100000) {
        fmpz_t scaled;
        fmpz_init(scaled);
        fmpz_ui_pow_ui(scaled, 10, places);
        fmpz_divexact(scaled, scaled, den);
        fmpz_mul(scaled, scaled, num);
        size_t length = 0;
        const char *s = decimal_of(p, digits_of(p, scaled), -(long)places, &length);
        fmpz_clear(scaled);
        if (length < strlen(above) + 1 + strlen(below)) return number(s);
    }
    dnode *kid = arena_alloc(&p->scratch, 2 * sizeof *kid);
    if (!kid) {
        p->broken = true;
        return number("");
    }
    kid[0] = number(above);
    kid[1] = number(below);
    return (dnode){.kind = D_FRAC, .prec = PREC_MUL, .n = 2, .kid = kid};
}

dnode text_layout_number(printer *p, const fmpq *q)
{
    fmpz_t num;
    fmpz_init(num);
    fmpz_abs(num, fmpq_numref(q));
    dnode d;
    if (fmpz_is_one(fmpq_denref(q))) {
        const char *s = digits_of(p, num);
        size_t n = strlen(s), zeros = 0, length = 0;
        while (zeros < n && s[n - 1 - zeros] == '0') zeros++;
        d = number(n > LONG_INTEGER && zeros > n / 2 && n < 100000 ? decimal_of(p, s, 0, &length) : s);
    } else {
        d = fraction(p, num, fmpq_denref(q));
    }
    fmpz_clear(num);
    return d;
}
