/* eval: the value of a term at a point, three ways: exact where possible, balls of any precision, plain
 * doubles.
 *
 * eval_ball raises the precision until the result rounds to one double (the printed value is the nearest
 * double). eval_float is plain double arithmetic on the term as it stands, in display order: what compiled
 * code would give. Both are loops over topologically sorted nodes (no recursion), with an inner loop per
 * reducer. The strong zero: a product with a false bracket is 0 whatever its other factors are, also
 * undefined; a branch of cases that is not taken never matters. An undefined value carries which sub-term had
 * none and why (the culprit), as far as it is to blame. DERIV, LIMIT and primed calls of defined functions
 * must have been resolved (diff_resolve) before: else GRADUS_UNABLE. */
#ifndef EVAL_H
#define EVAL_H

#include "term/term.h"

/* sym (SYM, scalar) has the exact value `value`: a NUM, pi, e, or +-CONST_INF. A formula (pi/2) is put in for the
 * symbol, which the rules of a recurrence do not see. Arrays: term_sym_bind. */
typedef struct eval_bind {
    term sym, value;
} eval_bind;

typedef struct eval_problem {
    gradus_status code; /* DOMAIN: no value exists; UNABLE: not decided at the largest precision; OK: none */
    term what;          /* the sub-term to blame                                                           */
    const char *why;    /* "log of a negative number (-1)"; in the context's diagnostics arena             */
} eval_problem;

/* Values of a scalar (rank 0, count 1) or an array, row-major. Lives in the given arena. */
typedef struct eval_result {
    uint32_t rank;
    int64_t dims[SYM_MAX_RANK];
    size_t count;
    double *value;         /* NaN where undefined, infinities where the value is infinite          */
    char **digits;         /* eval_ball with digits > 0: decimal strings, all digits proven; else NULL */
    char **mid, **rad;     /* eval_ball: enclosures; else NULL                                       */
    long precision;        /* bits needed                                                            */
    eval_problem problem;  /* of the first entry without a value                                     */
    bool truth;            /* for conditions: value[0] is 0 or 1 as well                             */
} eval_result;

typedef struct eval_options {
    long digits;    /* 0: a double is enough; else this many proven decimal digits */
    long max_prec;  /* bits; 0: 16384                                               */
} eval_options;

/* Unbound free symbols are an error (GRADUS_SYNTAX "x has no value", naming them). Problem cases (undefined,
 * undecided) are not errors: value NaN with .problem set, and OK returned. */
gradus_status eval_ball(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, const eval_options *opt,
                        arena *where, eval_result *out);
/* As IEEE does it: 1/0 is an infinity, not a problem. A NaN is one; so is a comparison with what is undefined. */
gradus_status eval_float(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, arena *where,
                         eval_result *out);

/* One ball of a scalar at exactly this precision. FN_BALL_OUTSIDE: no value exists; UNSURE: out is NaN or
 * wide. */
fn_ball eval_enclose(gradus_ctx *ctx, term t, const eval_bind *at, size_t n, slong prec, arb_t out,
                     eval_problem *problem);

/* Many points on one term in doubles, for plots, fits and sampling: compiled once. */
typedef struct eval_plan eval_plan;
/* vars: scalar symbols that vary, in the order in which values are given. NULL on failure. */
eval_plan *eval_plan_new(gradus_ctx *ctx, const term *roots, uint32_t n_roots, const term *vars,
                         uint32_t n_vars);
/* x: n_vars doubles; out: n_roots doubles, NaN where undefined (all NaN when the budget is spent: status
 * LIMIT). */
void eval_plan_run(eval_plan *p, const double *x, double *out);
/* n points that differ in the last variable only: x as above (its last entry is not read), last: n values of
 * the last variable, out: n times n_roots. What does not depend on the last variable is computed once. */
void eval_plan_run_many(eval_plan *p, const double *x, const double *last, size_t n, double *out);
void eval_plan_free(eval_plan *p);

/* Exact sign or value facts: YES/NO only when proven at `prec` up to 4096 bits for a TF_NUMERIC term; else
 * UNKNOWN. */
gradus_truth eval_decide_zero(gradus_ctx *ctx, term t);
gradus_truth eval_decide_positive(gradus_ctx *ctx, term t);

#endif
