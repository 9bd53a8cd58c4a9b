/* rule_impl: what the files of room rule share.
 *
 * A formula of func.def is compiled once per context into a short program (struct formula) whose slots are earlier
 * results: instantiating it with arguments runs canonical constructors in order. It holds no term handles, so rewinding
 * the store cannot make it stale.                                                                                  */
#ifndef RULE_IMPL_H
#define RULE_IMPL_H

#include "rule/rule.h"

/* Slots 0..3 of every program are u, v, w and y; the others are results of ops, in order. */
enum { SLOT_U, SLOT_V, SLOT_W, SLOT_Y, SLOT_FIRST };

typedef struct formula_op {
    uint8_t op;     /* term_op                                        */
    uint32_t aux;   /* as in the term                                 */
    uint32_t first; /* first of argc slots in formula.arg; NUM: index */
    uint32_t argc;
} formula_op;

typedef struct formula {
    VEC(formula_op) ops;
    VEC(uint32_t) arg;
    VEC(fmpq) num;
    bool failed; /* could not be read: said once, then UNABLE */
} formula;

typedef enum row_formula { ROW_D0, ROW_D1, ROW_D2, ROW_DOMAIN, ROW_KINK, ROW_RANGE, ROW_EXPAND, ROW_FORMULAS } row_formula;

typedef struct rule_state {
    formula *of[FN_COUNT][ROW_FORMULAS]; /* NULL until first asked for */
} rule_state;

rule_state *rule_state_get(gradus_ctx *ctx);
/* The compiled formula, NULL if the row has none or on failure (sticky status tells which). */
const formula *rule_formula(gradus_ctx *ctx, fn_id f, row_formula which);
/* The formula at arguments (n of them, at most 3 used) and own value y. */
term formula_make(gradus_ctx *ctx, const formula *f, const term *args, uint32_t n, term y);

bool formula_compile(gradus_ctx *ctx, formula *out, const char *text);
void formula_clear(gradus_ctx *ctx, formula *f);

/* The row's formula of expand.def, or NULL. */
const char *rule_expansion_text(const fn_row *row);

/* What is known of a value wherever it is defined: an interval with open or closed ends. */
typedef struct fact {
    double lo, hi;
    bool lo_open, hi_open, nonzero, integer;
} fact;
/* Facts of t under the given conditions. */
fact rule_fact(gradus_ctx *ctx, term t, const term *given, uint32_t n);

#endif
