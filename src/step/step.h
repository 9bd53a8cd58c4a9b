/* step: the record of a derivation, and the checker that re-verifies it.
 *
 * A derivation is a tree (a DAG by repeat-of) of step records, written by diff and the simplifier while they
 * work: the trace *is* the explanation. A record holds keys and terms, no words; room explain makes
 * sentences. Invariants: before = after wherever before is defined; after is the rule's right side with the
 * sub-steps' results put in; the root's after is the term the caller gets; a shared sub-term is derived once
 * (later uses: tag REPEAT). What each rule records (bindings, sub-steps, roles): Note [What a record holds]
 * in step.c. Central structure: struct step. Start at step.c (recording), then checker.c (independent of
 * diff). */
#ifndef STEP_H
#define STEP_H

#include "term/term.h"

typedef enum step_kind {
    STEP_RULE,    /* one rule applied: a leaf or with sub-derivations           */
    STEP_CHAIN,   /* lines of one equation                                      */
    STEP_TASK,    /* side calculation                                           */
    STEP_REWRITE  /* no derivative involved: simplify, rewrite, fold, raise ... */
} step_kind;

typedef enum step_tag {
    STEP_PLAIN,
    STEP_LINEAR,
    STEP_TRIVIAL,
    STEP_COSMETIC,
    STEP_INVISIBLE,
    STEP_REPEAT
} step_tag;

typedef struct step step;
/* Names are static: "f", "g", "n", "a", "k", ... */
typedef struct step_binding {
    const char *name;
    term value;
} step_binding;

struct step {
    step_kind kind;
    step_tag tag;
    const char *rule; /* key of rules.def or of a func.def row; static                              */
    term before;      /* DERIV node (raw) for a rule; any raw term for a rewrite                     */
    term after;       /* result with sub-results put in, canonical                                   */
    term shown;       /* raw: the rule's right side with derivatives still open (f'*g + f*g');
                         TERM_NONE when there is nothing between before and after                    */
    const char *role; /* in the parent: "outer", "inner", "factor", "numerator", "branch"; or NULL   */
    step_binding bind[6];
    unsigned bind_count;
    term inner_name, inner_is; /* chain: the name given to the inner function, what it stands for    */
    term cond;                 /* a condition term under which it holds; TERM_NONE: always           */
    const step *repeat_of;
    step *sub, *last_sub, *next; /* ordered sub-derivations */
    step *parent;
};

/* A log owns its steps in its arena. */
typedef struct step_log {
    gradus_ctx *ctx;
    arena mem;
    step *root, *open; /* open: where new steps are attached */
} step_log;

void step_log_init(step_log *log, gradus_ctx *ctx);
void step_log_clear(step_log *log);
/* All of these accept log == NULL and then do nothing (recording off costs nothing). */
step *step_begin(step_log *log, step_kind kind, const char *rule, term before);
/* A rewrite as a whole: before = after, for the reason `rule`. NULL when log is. */
step *step_rewrite(step_log *log, const char *rule, term before, term after);
void step_bind(step *s, const char *name, term value);
void step_end(step_log *log, step *s, term after);

/* Re-verifies every step below root by rule, bindings and sub-results; fails closed (unknown rule: reject).
 * Reads nothing of room diff: every rule's formula is written down anew. GRADUS_OK: all hold, *bad and *why
 * are NULL. GRADUS_BUG: *bad is the first step that does not follow and *why says what failed. Another
 * status: the context failed on the way; *bad is the step then under check. The caller compares root->after
 * with the term it got. Words that change nothing (matrix readings, method names) are not judged. */
gradus_status step_check(gradus_ctx *ctx, const step *root, const step **bad, const char **why);
/* a = b wherever both have a value? Asked where canonical form and multiplying out do not show it. */
typedef gradus_truth (*step_equal_fn)(void *user, gradus_ctx *ctx, term a, term b);
/* The same with a prover; equal NULL: what canonical form cannot show is refused. */
gradus_status step_check_with(gradus_ctx *ctx, const step *root, step_equal_fn equal, void *user,
                              const step **bad, const char **why);

#endif
