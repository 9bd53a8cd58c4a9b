/* diff: derivatives as terms, by rules that leave a record.
 *
 * diff_by works on the term the user typed (raw) or on canonical terms alike; results are canonical. With a log every
 * rule application is recorded (step.h); without one the same code runs, so answer and explanation cannot differ.
 * "No derivative known" is GRADUS_UNABLE with the function's name, never a zero.
 * Reverse mode (diff_gradient) is a graph transformation: the adjoint of a term graph is a term graph.
 * No recursion on input depth: an explicit stack of frames; shared sub-terms are derived once.                     */
#ifndef DIFF_H
#define DIFF_H

#include "step/step.h"
#include "term/term.h"

typedef struct diff_options {
    const char *method;  /* NULL: automatic; "quotient", "power", "logarithmic", "expand", "definition"      */
    bool unfold;         /* defined names: true (default) derive through their bodies                          */
    bool plain;          /* as the rules leave it: not simplified                                              */
    const term *names;   /* defined names that may be put back into the answer; NULL: those that f leads to    */
    uint32_t n_names;
} diff_options;

/* d f / d x. x: SYM, or ACC(array SYM, index terms). f scalar (ARRAY and TUPLE: entry by entry). log may be NULL. */
term diff_by(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log);
/* order-th derivative, one after the other. */
term diff_order(gradus_ctx *ctx, term f, term x, uint32_t order, const diff_options *opt, step_log *log);
/* One partial of several: the same as diff_by, recorded as a step "partial" (the other names are held fixed). */
term diff_partial(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log);
/* A shorter equal form of f (never longer), its rewrites recorded as steps; conditions through term_lose. */
term diff_simplify(gradus_ctx *ctx, term f, step_log *log);
/* All partials of scalar f by n scalar symbols in one reverse sweep: out[i] = df/dx[i]. Cost: linear in the nodes of f. */
gradus_status diff_gradient(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out);
/* The same with a record: one "partial" step per variable below a "gradient" (log NULL: diff_gradient). */
gradus_status diff_partials(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, step_log *log);
/* out[i*n + j] = d f[i]/d x[j], m rows. */
gradus_status diff_jacobian(gradus_ctx *ctx, const term *f, uint32_t m, const term *x, uint32_t n, term *out, step_log *log);
/* out[i*n + j] = d^2 f/(dx[i] dx[j]); symmetric, so only the upper triangle is derived. */
gradus_status diff_hessian(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, step_log *log);
/* dy/dx from equation (a REL_EQ term or an expression taken as = 0). */
term diff_implicit(gradus_ctx *ctx, term equation, term x, term y, step_log *log);
/* Directional derivative of f along v (n entries each). */
term diff_directional(gradus_ctx *ctx, term f, const term *x, const term *v, uint32_t n, step_log *log);
/* Replaces DERIV, LIMIT and primed calls of defined functions by their results, innermost first. */
term diff_resolve(gradus_ctx *ctx, term t);
/* Limit of f as x -> a. GRADUS_UNABLE where not found. */
term diff_limit(gradus_ctx *ctx, term f, term x, term a, term_side side);
/* Kinks: conditions (terms) at which a non-smooth rule was used below f when differentiating by x, each with the table's
 * convention sentence. Appended. */
typedef struct diff_kink { term where; const char *text; } diff_kink;
typedef VEC(diff_kink) diff_kinks;
bool diff_find_kinks(gradus_ctx *ctx, term f, term x, diff_kinks *out);

#endif
