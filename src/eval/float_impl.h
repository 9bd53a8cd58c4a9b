/* float_impl: double arithmetic as the float domain and the plan both do it, so that they agree to the last
 * bit. */
#ifndef FLOAT_IMPL_H
#define FLOAT_IMPL_H

#include "eval/eval_impl.h"

enum { FLOAT_MAX_REPEAT = 16 }; /* b^k is repeated multiplication up to here, then pow */

/* A NUM, pi, e, or +-inf. */
double float_leaf_value(const gradus_ctx *ctx, term value);
/* b^|exponent of a|. `exponent` is needed for PARG_RAT only. */
double float_power(double b, const parg *a, double exponent);
double float_int_power(double b, int32_t k);

/* pow, without its pow(1, NaN) = pow(NaN, 0) = 1: what is undefined stays so. */
static inline double float_pow(double b, double e) { return isnan(b) || isnan(e) ? NAN : pow(b, e); }

static inline bool float_compare(term_rel r, double a, double b)
{
    return r == REL_EQ ? a == b : r == REL_NE ? a != b : r == REL_LT ? a < b : a <= b;
}

/* What a reducer is without terms, as far as that has a value. */
static inline double float_reduce_empty(term_red r)
{
    return r == RED_PROD ? 1 : r == RED_MAX || r == RED_LOGSUMEXP ? -INFINITY : r == RED_MIN ? INFINITY : 0;
}

/* log(sum(exp)) in one pass: sum holds the exponentials relative to the greatest so far. */
static inline void float_lse_add(double *max, double *sum, double x)
{
    if (x <= *max) {
        if (x > -INFINITY)
            *sum += x == *max ? 1 : exp(x - *max);
    } else {
        *sum = *sum * exp(*max - x) + 1;
        *max = x;
    }
    if (isnan(x))
        *sum = x;
}
static inline double float_lse_end(double max, double sum)
{
    return isinf(max) && !isnan(sum) ? max : max + log(sum);
}

/* LU factors with partial pivoting, row-major. */
typedef struct float_lu {
    size_t n;
    double *a;     /* n*n: L below the diagonal (its own is 1), U on and above */
    size_t *row;   /* row[i]: which row of the matrix stands in place i         */
    int sign;
    bool regular;
} float_lu;

bool float_lu_init(gradus_ctx *ctx, float_lu *lu, size_t n);
void float_lu_clear(gradus_ctx *ctx, float_lu *lu);
/* Factors lu->a in place. false: a pivot is 0 or NaN. */
bool float_lu_factor(float_lu *lu);
double float_lu_det(const float_lu *lu);
/* NaN where the determinant is not positive. */
double float_lu_logdet(const float_lu *lu);
void float_lu_inverse(const float_lu *lu, double *out);

#endif
