/* check_impl: what the files of the checker share.
 *
 * A rule's check answers true only if it has seen why the step holds; everything else is a refusal with a
 * reason. Bindings are counted as they are verified: one that no check has looked at refuses the step. */
#ifndef CHECK_IMPL_H
#define CHECK_IMPL_H

#include "rule/rule.h"
#include "step/step.h"

#include <string.h>

/* s is the derivative of the recurrence h by x (of an array: by its elements, whose indices come last). */
typedef struct check_sensitivity {
    term h, x, s;
} check_sensitivity;

typedef struct checker {
    gradus_ctx *ctx;
    step_equal_fn equal;
    void *user;
    const step *bad;
    const char *why;
    uint32_t bindings;            /* of the step under check that have been verified   */
    VEC(check_sensitivity) known; /* recurrences whose rules have been verified          */
    const step **done;            /* hash set of the verified steps                      */
    size_t done_cap, done_count;
} checker;

/* Refuses step s; the first reason stays. Always false. */
bool check_fail(checker *c, const step *s, const char *why);

/* ---- equality (check_equal.c) -------------------------------------------------------------------- */

/* a = b shown by canonical form, by multiplying out over a common denominator, or by the caller's prover. */
bool check_same(checker *c, term a, term b);
/* The same canonical form; no other means. */
bool check_alike(checker *c, term a, term b);
/* Can the value of t change with x? Formal names of definitions are not x. */
bool check_varies(checker *c, term t, term x);

/* ---- reading steps (checker.c) ------------------------------------------------------------------- */

/* before is D(t; x), once: gives t and x. */
bool check_deriv(checker *c, const step *s, term *t, term *x);
/* The binding must be there and be `value`. */
bool check_bound(checker *c, const step *s, const char *name, term value);
/* The binding's value, TERM_NONE without one; counts as verified: the caller verifies it. */
term check_binding(checker *c, const step *s, const char *name);
bool check_no_parts(checker *c, const step *s);
/* The next sub-step from *at on that is a rule, of this role (NULL: any): *at moves behind it. NULL: none. */
const step *check_next_part(const step **at, const char *role);
/* Sub-step `part` must be the derivation of D(body; x); its result (an element's, if part derives the whole
 * array). */
term check_part_result(checker *c, const step *s, const step *part, term body, term x);
/* Value: what the step must have come to. */
bool check_after(checker *c, const step *s, term value);
/* After the rule steps of s that begin with D(body; x): rewrites, each from the last result; ends in
 * s->after. */
bool check_equation(checker *c, const step *s, term body, term x);
/* The only sub-steps are rules (n of them) and rewrites named by the NULL-ended list. */
bool check_counts(checker *c, const step *s, uint32_t n);

/* ---- the rules ----------------------------------------------------------------------------------- */

typedef bool (*check_rule_fn)(checker *c, const step *s, term t, term x);

bool check_constant(checker *c, const step *s, term t, term x);
bool check_identity(checker *c, const step *s, term t, term x);
bool check_linear(checker *c, const step *s, term t, term x);
bool check_sum(checker *c, const step *s, term t, term x);
bool check_constant_multiple(checker *c, const step *s, term t, term x);
bool check_bracket(checker *c, const step *s, term t, term x);
bool check_product(checker *c, const step *s, term t, term x);
bool check_quotient(checker *c, const step *s, term t, term x);
bool check_power(checker *c, const step *s, term t, term x);
bool check_exponential(checker *c, const step *s, term t, term x);
bool check_chain(checker *c, const step *s, term t, term x);
bool check_logarithmic(checker *c, const step *s, term t, term x);
bool check_general_power(checker *c, const step *s, term t, term x);

bool check_table(checker *c, const step *s, term t, term x);
bool check_total(checker *c, const step *s, term t, term x);
bool check_prime(checker *c, const step *s, term t, term x);
bool check_unfold(checker *c, const step *s, term t, term x);
bool check_cases(checker *c, const step *s, term t, term x);
bool check_kink(checker *c, const step *s, term t, term x);
bool check_extremum(checker *c, const step *s, term t, term x);
bool check_recurrence(checker *c, const step *s, term t, term x);

bool check_sum_index(checker *c, const step *s, term t, term x);
bool check_product_index(checker *c, const step *s, term t, term x);
bool check_logsumexp(checker *c, const step *s, term t, term x);
bool check_entry(checker *c, const step *s, term t, term x);
bool check_elementwise(checker *c, const step *s, term t, term x);
bool check_determinant(checker *c, const step *s, term t, term x);
bool check_log_determinant(checker *c, const step *s, term t, term x);
bool check_limit_definition(checker *c, const step *s, term t, term x);
bool check_inverse_matrix(checker *c, const step *s, term t, term x);

/* Steps that are not the derivative of one formula by one variable. */
bool check_derivative(checker *c, const step *s);
bool check_partial(checker *c, const step *s);
bool check_gradient(checker *c, const step *s);
bool check_hessian(checker *c, const step *s);
bool check_jacobian(checker *c, const step *s);
bool check_direction(checker *c, const step *s);
bool check_implicit(checker *c, const step *s);
bool check_alternative(checker *c, const step *s);
bool check_simplify(checker *c, const step *s);
bool check_rewrite(checker *c, const step *s);

#endif
