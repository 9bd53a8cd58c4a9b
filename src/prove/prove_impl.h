/* prove_impl: what the files of room prove share.
 *
 *   term --base.c--> exp, ln, sin, cos, roots, cases only --pieces.c--> one term without cases per piece
 *        --ratio.c--> fraction of polynomials over kernels (what arithmetic cannot look into), modulo what is known of
 *        the kernels (sin^2 + cos^2 = 1, r^q = b) --> numerator 0: proved
 */
#ifndef PROVE_IMPL_H
#define PROVE_IMPL_H

#include "prove/prove.h"
#include "rule/rule.h"

#include <string.h>

/* Rebuilds t bottom-up: fn gets every node rebuilt from its changed arguments and answers what takes its place. */
typedef term (*prove_visit)(gradus_ctx *ctx, term t, void *user);
term prove_map(gradus_ctx *ctx, term t, prove_visit fn, void *user);

/* Functions expanded by rules, powers as exp(e*ln b), logarithms split where that holds on the whole domain. */
term prove_base(gradus_ctx *ctx, term t);
/* Reducers with numeric ranges, small matrix functions and elements of recurrences written out (at most `budget` entries);
 * what exceeds it stays. */
typedef struct prove_known { /* values of sizes and places, put into the rules of recurrences */
    const term *from, *to;
    uint32_t n;
} prove_known;
term prove_unroll(gradus_ctx *ctx, term t, uint32_t budget, const prove_known *known);

/* YES: t is zero wherever it is defined. UNKNOWN: not shown. t from prove_base, without cases. */
gradus_truth prove_zero(gradus_ctx *ctx, term t);
/* t as a reduced fraction of polynomials in its kernels, written back as a term; t itself where that is too large. */
term prove_rational(gradus_ctx *ctx, term t);

/* One piece: t with the truth of all its conditions put in, and the n conditions of the piece. */
typedef bool (*prove_piece_fn)(void *user, term t, const term *cond, uint32_t n);
/* Calls fn for each piece until it answers false (then false) or a budget of pieces is spent (then false). */
bool prove_pieces(gradus_ctx *ctx, term t, prove_piece_fn fn, void *user);

#endif
