/* prove: are two terms equal? Decided by proof or by a witness, never by floating closeness.
 *
 * Order of tests, the first that decides ends it (EXPLAIN section 7): same canonical form; same normal form (rational
 * functions over kernels by exact polynomial arithmetic, with the identities of exp, log, powers, trigonometric and
 * hyperbolic functions, cases and brackets split into pieces, reducers by alpha-equality and linearity); enclosures at
 * points of every piece: disjoint balls anywhere = different, with that point as witness; else unknown.               */
#ifndef PROVE_H
#define PROVE_H

#include "eval/eval.h"
#include "term/term.h"

typedef struct prove_value { term sym; term value; /* NUM */ } prove_value;

typedef struct prove_result {
    gradus_truth equal;
    const char *how;          /* "same normal form", "witness", "equal to 30 digits at 24 points, no proof", ...        */
    term_vec conditions;      /* equal where these hold (x != 0): points where one side has no value or a convention applies */
    prove_value *witness;     /* different: the point, in the arena                                                     */
    size_t witness_count;
    char *left, *right;       /* both values at the witness, decimal                                                    */
} prove_result;

/* a, b: scalars or arrays of the same shape (entry by entry); names resolved (no DERIV left). `at`: fixed values of some
 * symbols; the other free scalar symbols range over all reals. where: memory of the result. */
gradus_status prove_equal(gradus_ctx *ctx, term a, term b, const eval_bind *at, size_t n, arena *where, prove_result *out);
/* A canonical normal form for display-independent comparison: equal results prove equality; unequal ones prove nothing. */
term prove_normal_form(gradus_ctx *ctx, term t);

#endif
