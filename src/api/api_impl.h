/* api_impl: how a question becomes an answer. The only room that sees all others.
 *
 *   gradus_query --ask_read--> problem (terms, variables, bindings) --ask_<op>--> gradus_answer --json--> one line
 *
 * Everything made while answering lives after a mark of the term store and is forgotten at the end; an answer holds
 * strings and doubles only, in its own arena. What persists (definitions, given arrays) is made before the mark.   */
#ifndef API_IMPL_H
#define API_IMPL_H

#include "diff/diff.h"
#include "eval/eval.h"
#include "explain/explain.h"
#include "gradus.h"
#include "prove/prove.h"
#include "rule/rule.h"
#include "step/step.h"
#include "term/term.h"
#include "text/text.h"

#include <string.h>

typedef VEC(char *) string_list;

struct gradus_answer {
    gradus_ctx *ctx;
    arena mem;
    gradus_op op;
    gradus_status status;
    /* error */
    const char *message, *hint, *error_page;
    uint32_t span_first, span_past;
    bool has_span;
    /* result */
    const char *form[GRADUS_JSON + 1]; /* by gradus_format; NULL: not made */
    const char *echo;
    eval_result value;
    bool has_value;
    const char *problem;
    const char *matrix;               /* the result in matrix notation, or NULL              */
    const char *direction;            /* grad: the way down in words                         */
    string_list conditions, kinks, notes;
    const char *steps_page, *steps_json;
    /* check */
    bool has_equal;
    gradus_truth equal;
    const char *verdict, *check_json; /* members "mistake", "witness", ... already as JSON text, or NULL */
    const char *extra_json;           /* further members, or NULL */
    struct study *study;              /* stop reason, numbers, table (study.h), or NULL */
    const void *picture;              /* bytes of a picture made without a file, or NULL */
    size_t picture_size;
    char *json;
};

/* A question read into terms. */
typedef struct problem {
    gradus_ctx *ctx;
    const gradus_query *q;
    gradus_answer *a;
    term raw;              /* as typed                                                      */
    term f;                /* with inner derivatives and limits resolved; raw if it can be    */
    term_vec wrt;          /* variables: SYM or ACC                                           */
    term_vec wrt_index;    /* the free indices that wrt's accesses run over                    */
    VEC(eval_bind) at;
    term_vec subst_from, subst_to; /* values that are not rational: put in before evaluating   */
    term_vec names;        /* all defined names: an answer may be written with them             */
    const char *notation[8]; /* rule keys of the matrix notation that was lowered to indices    */
    step_log log;
    bool logging;
} problem;

/* ---- answers (answer.c) ------------------------------------------------------------------------------------------ */

gradus_answer *answer_new(gradus_ctx *ctx, gradus_op op);
/* Copies the context's first error and its notes into the answer. */
void answer_take_diagnostics(gradus_answer *a);
const char *answer_copy(gradus_answer *a, const strbuf *b);
void answer_add(gradus_answer *a, string_list *list, const char *text);
/* A gradient by an array in matrix notation, where a reading is found and proved equal: its text and a step `raise`.
 * false: the index form stands. */
bool answer_set_matrix(problem *p, term array);
/* The matrix notation of the question as steps: written out in indices. */
void answer_note_notation(problem *p);
/* Prints the result term in every format wanted. */
void answer_set_term(problem *p, term t);
/* The value of t at the problem's point, if every free name is bound; complains if a point was given and one is not. */
void answer_set_value(problem *p, term t);
/* A derivative has no value where the formula has none, though its own formula may: ln at -1. */
void answer_keep_domain(problem *p);
/* What the answer assumes: lost conditions and requirements of f that the result does not show. */
void answer_set_conditions(problem *p, term f, term result, const term_lost *lost, size_t n_lost);
void answer_set_kinks(problem *p, term f);
void answer_set_steps(problem *p);

/* ---- reading (read.c) ----------------------------------------------------------------------------------------------- */

/* What an api keeps on the context between questions. */
typedef struct api_state {
    term_mark base;       /* the empty store: gradus_reset goes back to it        */
    VEC(eval_bind) given; /* scalars among the given values, by name              */
} api_state;
static inline api_state *api_of(gradus_ctx *ctx) { return ctx->room_state[SLOT_API]; }

/* Persistent parts: given arrays, declarations. */
gradus_status read_given(gradus_ctx *ctx, const gradus_query *q);
gradus_status read_problem(problem *p);
void problem_clear(problem *p);
term read_expression(problem *p, const char *text, size_t n);
/* The variable when the user named none: the only free scalar name; an error that lists them otherwise. */
gradus_status read_default_variable(problem *p);

/* ---- operations -------------------------------------------------------------------------------------------------------- */

void ask_diff(problem *p);
void ask_eval(problem *p);
void ask_grad(problem *p);
void ask_jacobian(problem *p);
void ask_hessian(problem *p);
void ask_slope(problem *p);
void ask_check(problem *p);
void ask_simplify(problem *p);
void ask_limit(problem *p);
void ask_print(problem *p);
void ask_functions(problem *p);
void ask_implicit(problem *p);
void ask_direction(problem *p);

/* ---- JSON text (reply.c) -------------------------------------------------------------------------------------------------- */

void reply_string(strbuf *b, const char *s);
void reply_string_n(strbuf *b, const char *s, size_t n);
/* A number that reads back equal, or "nan", "inf", "-inf" in quotes. */
void reply_double(strbuf *b, double x);
/* count doubles of a shape as nested arrays. */
void reply_values(strbuf *b, const double *v, uint32_t rank, const int64_t *dims, size_t count);
void reply_steps(strbuf *b, gradus_ctx *ctx, const step *root);

#endif
