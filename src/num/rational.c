/* Exact rationals: reading, printing, conversion from doubles, hashing, roots. */
#include "num/num_impl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { DIGITS_LONGEST = 1000000, EXP_LARGEST = 100000 };

/* out = the digits of both parts read as one integer. */
static bool set_all_digits(fmpz_t out, const num_decimal *d)
{
    size_t n = d->int_len + d->frac_len;
    char small[64], *text = n < sizeof small ? small : flint_malloc(n + 1);
    memcpy(text, d->int_part, d->int_len);
    memcpy(text + d->int_len, d->frac_part, d->frac_len);
    text[n] = '\0';
    bool ok = fmpz_set_str(out, text, 10) == 0;
    if (text != small)
        flint_free(text);
    return ok;
}

bool num_parse_decimal(fmpq_t out, const char *s, size_t n)
{
    num_decimal d;
    if (!num_split_decimal(&d, s, n) || d.exp10 > EXP_LARGEST || d.exp10 < -EXP_LARGEST)
        return false;
    if (d.int_len + d.frac_len > DIGITS_LONGEST)
        return false;
    int64_t e = d.exp10 - (int64_t)d.frac_len;
    fmpz_t p;
    fmpz_init(p);
    bool ok = set_all_digits(fmpq_numref(out), &d);
    fmpz_one(fmpq_denref(out));
    if (e != 0 && !fmpz_is_zero(fmpq_numref(out))) {
        fmpz_ui_pow_ui(p, 10, (ulong)(e < 0 ? -e : e));
        if (e > 0)
            fmpz_mul(fmpq_numref(out), fmpq_numref(out), p);
        else {
            fmpz_swap(fmpq_denref(out), p);
            fmpq_canonicalise(out);
        }
    }
    fmpz_clear(p);
    return ok;
}

static void print_fmpz(strbuf *b, const fmpz_t z)
{
    if (fmpz_fits_si(z)) {
        strbuf_printf(b, "%lld", (long long)fmpz_get_si(z));
        return;
    }
    char *text = fmpz_get_str(NULL, 10, z);
    strbuf_add(b, text);
    flint_free(text);
}

void num_print_fmpq(strbuf *b, const fmpq_t q)
{
    print_fmpz(b, fmpq_numref(q));
    if (!fmpz_is_one(fmpq_denref(q))) {
        strbuf_addc(b, '/');
        print_fmpz(b, fmpq_denref(q));
    }
}

void num_fmpq_set_double(fmpq_t out, double x)
{
    assert(isfinite(x));
    int e;
    /* x = m 2^(e - 53) with an integer |m| < 2^53. */
    fmpz_set_si(fmpq_numref(out), (slong)ldexp(frexp(x, &e), 53));
    fmpz_one(fmpq_denref(out));
    if (e >= 53)
        fmpz_mul_2exp(fmpq_numref(out), fmpq_numref(out), (ulong)(e - 53));
    else if (!fmpz_is_zero(fmpq_numref(out))) {
        ulong down = (ulong)(53 - e), twos = (ulong)fmpz_val2(fmpq_numref(out));
        ulong common = twos < down ? twos : down;
        fmpz_tdiv_q_2exp(fmpq_numref(out), fmpq_numref(out), common);
        fmpz_mul_2exp(fmpq_denref(out), fmpq_denref(out), down - common);
    }
}

static uint64_t hash_fmpz(uint64_t h, const fmpz_t z)
{
    if (!COEFF_IS_MPZ(*z))
        return hash_mix(h, (uint64_t)*z);
    mpz_srcptr big = COEFF_TO_PTR(*z);
    size_t limbs = mpz_size(big);
    h = hash_mix(h, (uint64_t)mpz_sgn(big) * limbs);
    for (size_t i = 0; i < limbs; i++)
        h = hash_mix(h, mpz_getlimbn(big, (mp_size_t)i));
    return h;
}

uint64_t num_fmpq_hash(const fmpq_t q)
{
    return hash_fmpz(hash_fmpz(0x9ae16a3b2f90404fu, fmpq_numref(q)), fmpq_denref(q));
}

/* The n-th root of z >= 0 when it is an integer. */
static bool exact_root(fmpz_t root, const fmpz_t z, ulong n)
{
    if (fmpz_is_zero(z) || fmpz_is_one(z)) {
        fmpz_set(root, z);
        return true;
    }
    if (fmpz_bits(z) <= n) /* 1 < z < 2^n */
        return false;
    fmpz_t back;
    fmpz_init(back);
    fmpz_root(root, z, (slong)n);
    fmpz_pow_ui(back, root, n);
    bool exact = fmpz_equal(back, z);
    fmpz_clear(back);
    return exact;
}

/* z^k when that has at most max_bits bits. z^k has more than (bits(z) - 1) k. */
static bool bounded_power(fmpz_t z, const fmpz_t k, size_t max_bits)
{
    if (fmpz_is_zero(z) || fmpz_is_one(z))
        return true;
    size_t least = fmpz_bits(z) - 1;
    if (fmpz_cmp_ui(k, max_bits / least) > 0)
        return false;
    fmpz_pow_ui(z, z, fmpz_get_ui(k));
    return fmpz_bits(z) <= max_bits;
}

bool num_fmpq_pow(fmpq_t out, const fmpq_t q, const fmpq_t e, size_t max_bits)
{
    bool negative = fmpq_sgn(q) < 0, odd_root = fmpz_is_odd(fmpq_denref(e));
    if (fmpq_is_zero(e)) {
        fmpq_one(out);
        return true;
    }
    if ((fmpq_is_zero(q) && fmpq_sgn(e) < 0) || (negative && !odd_root))
        return false;
    fmpq_t r;
    fmpz_t k;
    fmpq_init(r), fmpz_init(k);
    fmpq_abs(r, q);
    fmpz_abs(k, fmpq_numref(e));
    bool ok = true;
    if (!fmpz_is_one(fmpq_denref(e)) && !fmpq_is_zero(r) && !fmpq_is_one(r)) {
        fmpz_t num, den;
        fmpz_init(num), fmpz_init(den);
        ok = fmpz_abs_fits_ui(fmpq_denref(e)) && fmpz_cmp_ui(fmpq_denref(e), WORD_MAX) <= 0 &&
             exact_root(num, fmpq_numref(r), fmpz_get_ui(fmpq_denref(e))) &&
             exact_root(den, fmpq_denref(r), fmpz_get_ui(fmpq_denref(e)));
        fmpz_swap(fmpq_numref(r), num), fmpz_swap(fmpq_denref(r), den);
        fmpz_clear(num), fmpz_clear(den);
    }
    ok = ok && bounded_power(fmpq_numref(r), k, max_bits) && bounded_power(fmpq_denref(r), k, max_bits);
    if (ok) {
        if (fmpq_sgn(e) < 0)
            fmpz_swap(fmpq_numref(r), fmpq_denref(r));
        if (negative && fmpz_is_odd(fmpq_numref(e)))
            fmpq_neg(r, r);
        fmpq_swap(out, r);
    }
    fmpq_clear(r), fmpz_clear(k);
    return ok;
}
