/* fraction: a term as a quotient of two polynomials over kernels (rational normal form).
 *
 * A kernel is whatever arithmetic does not see into: symbols, functions, elements, reducers. Exponentials and roots
 * with a common base share one kernel: e^(-x) and e^(2x) are powers of e^x, x^(3/2) and x^(1/2) of sqrt(x).
 *   frac_ring   kernels of one or several terms, and FLINT's ring over them
 *   frac        num/den, den not 0, common factors cancelled by frac_cancel
 * Everything is bounded (kernels, lengths, exponents): past a bound the answer is "too large", never a long wait.   */
#ifndef FRACTION_H
#define FRACTION_H

#include "diff/diff_impl.h"
#include "num/poly.h"

typedef enum kernel_kind { KERNEL_PLAIN, KERNEL_EXP, KERNEL_ROOT } kernel_kind;

/* Its value: base; exp(unit*base); base^unit with unit 1/Q. */
typedef struct kernel {
    term base, unit; /* unit: NUM */
    kernel_kind kind;
} kernel;

enum { MAX_KERNELS = 10, MAX_LENGTH = 60, MAX_POWER = 30, MAX_FACTORS = 8, MAX_RANKS = 40 };

typedef struct frac_ring {
    gradus_ctx *ctx;
    kernel kernel[MAX_KERNELS];
    slong n;
    bool live;
    fmpz_mpoly_ctx_t poly;
    fmpz_mpoly_t factor[MAX_FACTORS]; /* sums that stand as factors in the terms read: tried as divisors */
    slong n_factors;
    slong rank[MAX_RANKS][MAX_KERNELS]; /* monomials in the order in which they were typed; see frac_rank */
    slong n_ranks;
} frac_ring;

typedef struct frac {
    fmpz_mpoly_t num, den;
} frac;

/* Kernels of t are added; false: too many, or something that does not go into a fraction (a bracket). */
bool frac_collect(frac_ring *r, term t);
/* One more kernel, not from a term; its number or -1. Before frac_open. */
slong frac_add_kernel(frac_ring *r, term base, kernel_kind kind, term unit);
/* No more kernels from here on. */
void frac_open(frac_ring *r);
void frac_close(frac_ring *r);

void frac_init(const frac_ring *r, frac *f);
void frac_clear(const frac_ring *r, frac *f);
/* false: too large. */
bool frac_from_term(frac_ring *r, frac *f, term t);
/* Cancels, with the sign in the numerator. false: too large. */
bool frac_cancel(const frac_ring *r, frac *f);
/* Replaces powers g^q by top/bottom everywhere in p, g kernel k, and multiplies by bottom^*m, the least power that clears
 * the denominators. bottom NULL: 1. false: too large. */
bool frac_reduce_power(const frac_ring *r, fmpz_mpoly_t p, slong k, slong q, const fmpz_mpoly_struct *top,
                       const fmpz_mpoly_struct *bottom, slong *m);
/* The same in numerator and denominator of f: g^q = base. */
bool frac_reduce_root(const frac_ring *r, frac *f, slong k, slong q, const frac *base);
/* The value of kernel k. */
term frac_kernel_term(const frac_ring *r, slong k);
/* Remembers the order of t's terms, a sum without denominators: sums made from here on follow it. */
void frac_rank(frac_ring *r, term t);
/* p as a sum of monomials; in the remembered order divided by the monomial with exponents shift; NULL: in FLINT's order. */
term frac_poly_term(const frac_ring *r, const fmpz_mpoly_t p, const slong *shift);
/* p as a product: its content, the kernels that divide it, the sums that stood as factors in the terms read, and what
 * is left. Each is pushed with sign times its exponent. */
bool frac_push_factors(const frac_ring *r, const fmpz_mpoly_t p, long sign, term_vec *b, term_vec *e);

/* sqrt(u)^2 = u for roots whose base is a polynomial in the kernels. true: something changed (and is cancelled). */
bool frac_reduce_roots(frac_ring *r, frac *f);

/* ---- what a reader pays for a term -------------------------------------------------------------------------------- */

/* seen: terms that are already there (cost as leaves). Source: docs of the form search; see cost.c. */
double cost_of_term(gradus_ctx *ctx, term t, const term *seen, uint32_t n);

#endif
