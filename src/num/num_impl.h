/* num, for itself: the one rounding to double that all exact conversions share, and decimal layout. */
#ifndef NUM_IMPL_H
#define NUM_IMPL_H

#include "num/num.h"

/* The double nearest to (-1)^negative (m + s) 2^exp, ties to even, where 0 <= s < 1 is zero exactly when
 * !sticky. m must have its bit 62 or bit 61 set (m < 2^63). Overflow gives an infinity, underflow a zero. */
double num_round_bits(bool negative, uint64_t m, bool sticky, int64_t exp);

/* Appends (-1)^negative d.ddd 10^exp10 in the house's layout: plain where the exponent is small. */
void num_print_digits(strbuf *b, bool negative, const char *digits, size_t n, int64_t exp10);

/* A decimal literal taken apart. The digits are those of int_part followed by frac_part. */
typedef struct num_decimal {
    const char *int_part, *frac_part;
    size_t int_len, frac_len;
    int64_t exp10; /* of the written exponent, held within +-10^12 */
} num_decimal;
/* Reads digits ['.' digits] [e [sign] digits] that fill all n bytes; false when they are not that. */
bool num_split_decimal(num_decimal *d, const char *s, size_t n);

#endif
