/* Decimal text: taking literals apart, and laying digits out. No libc function that asks the locale is used
 * on the way in; on the way out only the digits of printf are taken, never its decimal point. */
#include "num/num_impl.h"

#include <string.h>

/* Larger exponents stop growing here: outside every use, far inside int64_t. */
#define EXP_HELD 100000000000

static size_t count_digits(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    return i;
}

/* e [sign] digits, all n bytes. */
static bool split_exponent(int64_t *exp10, const char *s, size_t n)
{
    if (n < 2 || (s[0] != 'e' && s[0] != 'E'))
        return false;
    bool negative = s[1] == '-';
    size_t i = s[1] == '-' || s[1] == '+' ? 2 : 1;
    if (i == n || count_digits(s + i, n - i) != n - i)
        return false;
    int64_t e = 0;
    for (; i < n; i++)
        if (e < EXP_HELD)
            e = e * 10 + (s[i] - '0');
    *exp10 = negative ? -e : e;
    return true;
}

bool num_split_decimal(num_decimal *d, const char *s, size_t n)
{
    *d = (num_decimal){.int_part = s, .frac_part = s};
    d->int_len = count_digits(s, n);
    size_t i = d->int_len;
    if (i < n && s[i] == '.') {
        d->frac_part = s + i + 1;
        d->frac_len = count_digits(s + i + 1, n - i - 1);
        i += 1 + d->frac_len;
    }
    if (d->int_len + d->frac_len == 0)
        return false;
    return i == n || split_exponent(&d->exp10, s + i, n - i);
}

/* Plain layout for -5 <= exp10 < max(17, n); so 1e16, 0.00001 and all proven digits of a long integer are
 * written out, and 1e17 and 1e-6 are not. */
void num_print_digits(strbuf *b, bool negative, const char *digits, size_t n, int64_t exp10)
{
    if (negative)
        strbuf_addc(b, '-');
    if (exp10 < -5 || (exp10 >= 17 && exp10 >= (int64_t)n)) {
        strbuf_addn(b, digits, 1);
        if (n > 1) {
            strbuf_addc(b, '.');
            strbuf_addn(b, digits + 1, n - 1);
        }
        strbuf_printf(b, "e%lld", (long long)exp10);
    } else if (exp10 < 0) {
        strbuf_add(b, "0.");
        for (int64_t i = exp10 + 1; i < 0; i++)
            strbuf_addc(b, '0');
        strbuf_addn(b, digits, n);
    } else {
        size_t whole = (size_t)exp10 + 1;
        strbuf_addn(b, digits, n < whole ? n : whole);
        for (size_t i = n; i < whole; i++)
            strbuf_addc(b, '0');
        if (n > whole) {
            strbuf_addc(b, '.');
            strbuf_addn(b, digits + whole, n - whole);
        }
    }
}
