/* rule: the tables' formulas as terms, and what is known about terms (facts).
 *
 * rule_partial reads func.def's derivative formulas through room text once per context. Facts are three-valued:
 * only a proven YES lets a rewrite fire; UNKNOWN is never NO. They come from intervals of func.def ranges, signs,
 * integer-ness and what the formula needs to be defined (harvest). rules.def holds the derivative and rewrite rules'
 * keys, general formulas, sentences.                                                                                */
#ifndef RULE_H
#define RULE_H

#include "term/term.h"

/* Partial derivative of FN term y = f(args) by argument k, as a canonical term. Statuses: UNABLE when the row says so. */
term rule_partial(gradus_ctx *ctx, term y, uint32_t k);
/* The domain condition of FN term (a condition term; BOOL true when total). */
term rule_domain(gradus_ctx *ctx, term y);
/* The kink condition of an FN term, TERM_NONE if smooth. */
term rule_kink(gradus_ctx *ctx, term y);

/* FN term y through simpler functions (expand.def), equal on its whole domain; y itself if there is no such row. */
term rule_expand(gradus_ctx *ctx, term y);

/* Facts. `given`: conditions assumed to hold (n of them), e.g. harvested ones. */
gradus_truth rule_decide_nonzero(gradus_ctx *ctx, term t, const term *given, uint32_t n);
gradus_truth rule_decide_positive(gradus_ctx *ctx, term t, const term *given, uint32_t n);
gradus_truth rule_decide_nonnegative(gradus_ctx *ctx, term t, const term *given, uint32_t n);
gradus_truth rule_decide_integer(gradus_ctx *ctx, term t);
gradus_truth rule_decide(gradus_ctx *ctx, term cond, const term *given, uint32_t n);
/* What t needs to have a value: conditions (REL terms in shortest form: x^2 > 0 becomes x != 0), appended without repeats. */
bool rule_harvest(gradus_ctx *ctx, term t, term_vec *out);

typedef struct rule_row {
    const char *key;      /* "product"                                                              */
    const char *general;  /* the rule in general letters: "d/dx (f*g) = f'*g + f*g'"                */
    const char *brief, *full, *hint; /* sentences with {bindings} (EXPLAIN section 3)                */
    double weight;        /* difficulty (EXPLAIN section 9)                                         */
    const char *source;
} rule_row;
/* NULL: unknown key. Keys of func.def are known too: full is the row's sentence; general, brief and hint are NULL and
 * weight 0 there: those of the rule "table" stand in for them. */
const rule_row *rule_find(const char *key);

#endif
