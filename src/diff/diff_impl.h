/* diff_impl: what the files of room diff share.
 *
 * struct engine is one run of diff_by: an explicit stack of frames, one per rule that waits for the derivatives of its
 * parts. Entering a term either answers at once (constants, leaves, terms seen before) or pushes a frame; when the last
 * part of a frame has its derivative, the frame is finished and its result goes to the frame below.
 *
 * See Note [Spines] in engine.c for why frames with one part do not multiply at once.                              */
#ifndef DIFF_IMPL_H
#define DIFF_IMPL_H

#include "diff/diff.h"
#include "eval/eval.h"
#include "rule/rule.h"

#include <string.h>

/* How a term depends on the variable. LINEAR: a*x + b in the shape of the term itself, a not 0. */
typedef enum node_class { CLASS_UNSEEN, CLASS_CONST, CLASS_LINEAR, CLASS_OTHER } node_class;

typedef struct memo_slot {
    term key, deriv; /* deriv TERM_NONE: not yet derived */
    uint32_t run;    /* of which run; others are free    */
    uint8_t cls;
    step *first;     /* the step that derived it, for repeats */
} memo_slot;

typedef enum frame_kind {
    FRAME_LINEAR,    /* parts: the term itself, recorded in detail              */
    FRAME_PASS,      /* the part itself: brackets that group                     */
    FRAME_SCALE,     /* a * part                                                */
    FRAME_SUM,       /* sum of weight*part                                      */
    FRAME_PRODUCT,   /* parts: the factors                                      */
    FRAME_QUOTIENT,  /* parts: numerator, denominator                           */
    FRAME_CHAIN,     /* a * part: outer derivative at the inner, inner          */
    FRAME_TOTAL,     /* sum of weight*part                                      */
    FRAME_POWER,     /* u^v, part v*ln(u): a * part                             */
    FRAME_EXTREMUM,  /* max, min: parts are the arguments                       */
    FRAME_CASES,     /* parts: the branches                                     */
    FRAME_UNFOLD,    /* part: the body of a name                                */
    FRAME_REDUCE,    /* part: the opened body; a: its index                     */
    FRAME_ARRAY,     /* part: the opened body                                   */
    FRAME_TUPLE,     /* parts: the entries                                      */
    FRAME_ELEMENT,   /* part: the array, differentiated as a whole               */
    FRAME_MATRIX     /* det, logdet, entry of inv; part: entry (a, b) of the argument */
} frame_kind;

typedef struct part {
    term body, deriv, weight;
    const char *role;
} part;

typedef struct frame {
    term t;
    frame_kind kind;
    uint32_t first, count, next; /* parts */
    term a, b, c;                /* by kind */
    step *outer, *inner;         /* open steps of the record; inner lies within outer */
} frame;

/* Derivative of user function f by its argument k, in its formals. */
typedef struct user_slope {
    term f, slope;
    uint32_t k;
} user_slope;

/* s is the derivative of the recurrence h by x (a symbol; of an array: by its elements, whose indices follow). */
typedef struct sensitivity {
    term h, x, s;
} sensitivity;
typedef VEC(sensitivity) sensitivities;

typedef struct engine engine;
struct engine {
    gradus_ctx *ctx;
    term x, x_array; /* the variable; the array if it is an element                   */
    const diff_options *opt;
    step_log *log;
    memo_slot *slot;
    size_t slot_cap, slot_used;
    uint32_t run;
    VEC(frame) frames;
    VEC(part) parts;
    term_vec stack;   /* of the classifier                                           */
    term_vec pending; /* factors of the result still to be multiplied                  */
    term_vec list, list2; /* scratch of one rule                                        */
    term_vec names;   /* symbols of the term: not to be used for inner functions        */
    term_vec inner_names; /* for inner functions, by depth                               */
    uint32_t names_tried;
    term_vec open_indices; /* of the reducers that are open                              */
    term ret;
    bool failed;
    uint32_t linear_depth, chain_depth, depth;
    VEC(user_slope) slopes;
    sensitivities own, *shared; /* shared: of the outermost of nested engines               */
    engine *next;     /* in the list of free engines                                    */
};

/* Engines are kept for the next run: nothing is allocated for a small derivative. */
engine *engine_take(gradus_ctx *ctx, term x, const diff_options *opt, step_log *log);
void engine_give(engine *e);
/* d f / d x; role: of the step in its parent. */
term engine_run(engine *e, term f);

/* The derivative of the body of user function fsym by its formal argument k. */
term engine_slope_of(engine *e, term fsym, uint32_t k);
node_class engine_classify(engine *e, term t);
memo_slot *engine_memo(engine *e, term t);

/* Entering a term: true when e->ret has the answer, false when a frame was pushed. */
bool enter_term(engine *e, term t, const char *role);
bool enter_add(engine *e, term t, const char *role);
bool enter_mul(engine *e, term t, const char *role);
bool enter_pow(engine *e, term t, const char *role);
bool enter_fn(engine *e, term t, const char *role);
bool enter_call(engine *e, term t, const char *role);
bool enter_cases(engine *e, term t, const char *role);
bool enter_bracket(engine *e, term t, const char *role);
bool enter_reduce(engine *e, term t, const char *role);
bool enter_acc(engine *e, term t, const char *role);
bool enter_matfn(engine *e, term t, const char *role);
bool enter_defined(engine *e, term t, const char *role);
bool enter_array(engine *e, term t, const char *role);
bool enter_tuple(engine *e, term t, const char *role);

/* Finishing a frame whose parts have their derivatives: the result (TERM_NONE: failed). */
term finish_sum(engine *e, frame *f);
term finish_product(engine *e, frame *f);
term finish_quotient(engine *e, frame *f);
term finish_extremum(engine *e, frame *f);
term finish_cases(engine *e, frame *f);
term finish_reduce(engine *e, frame *f);
term finish_array(engine *e, frame *f);
term finish_tuple(engine *e, frame *f);
term finish_matrix(engine *e, frame *f);
term finish_element(engine *e, frame *f);

/* Pushes a frame without parts yet; the pointer is valid until the next push. */
frame *engine_push(engine *e, frame_kind kind, term t);
bool engine_add_part(engine *e, term body, term weight, const char *role);
static inline part *frame_part(engine *e, const frame *f, uint32_t i) { return &e->parts.at[f->first + i]; }
/* Answers at once. */
static inline bool engine_answer(engine *e, term result)
{
    e->ret = result;
    e->failed |= result == TERM_NONE;
    return true;
}
/* t is body, only written otherwise (a sum of one term): no rule of its own. */
bool engine_pass(engine *e, term t, term body, const char *role);
/* Answers with a failure. */
bool engine_unable(engine *e, const char *what);

/* All defined names that t leads to, through bodies; each once; appended. */
bool diff_collect_names(gradus_ctx *ctx, term t, term_vec *names);
/* d, the derivative of f, in a shorter form if there is one; with a log each change is a rewrite. */
term diff_tidy(gradus_ctx *ctx, term f, term d, const diff_options *opt, step_log *log);

/* A shorter term equal to t wherever t has a value; t itself if none was found. seen: what the reader knows already. */
term simplify_arithmetic(gradus_ctx *ctx, term t, const term *seen, uint32_t n);
/* The same by putting defined names back in; *used: the name, TERM_NONE if t stands. */
term simplify_fold(gradus_ctx *ctx, term t, const term *names, uint32_t n_names, const term *seen, uint32_t n, term *used);
/* f in a form whose derivative is simpler, before any rule is used; f itself mostly. */
term simplify_before(gradus_ctx *ctx, term f);
/* Records how d = u/(1 + u)^2 becomes r = N*(1 - N); false: they are not of that form. */
bool complement_record(gradus_ctx *ctx, term d, term r, term fsym, step_log *log);

/* The limit, TERM_NONE if it is not found, which is no error; *jumps: left and right were found and differ. Steps are
 * recorded as rewrites below the open step. */
term limit_search(gradus_ctx *ctx, term f, term x, term a, term_side side, step_log *log, bool *jumps);
/* The derivative by the limit of the secant's slope (definition.c); TERM_NONE without failure: not found. */
term definition_derive(gradus_ctx *ctx, term f, term x, step_log *log);

/* Other first rules (method.c). */
bool method_is(const engine *e, const char *name);
/* Is the method one of the known ones? Complains if not. */
bool method_check(gradus_ctx *ctx, const diff_options *opt);
term method_expand(gradus_ctx *ctx, term t);
void method_record_alternatives(gradus_ctx *ctx, term f, term x, term d, const diff_options *opt, step_log *log);

/* Matrix notation, for the record (raise.c). */

/* ---- the record (record.c): all of these do nothing when there is no log ------------------------------------- */

term record_deriv(engine *e, term body);
step *record_begin(engine *e, const char *rule, term body, const char *role);
void record_end(engine *e, step *s, term after);
/* A step without sub-steps. */
step *record_leaf(engine *e, const char *rule, term body, const char *role, term after);
void record_constant(engine *e, term body, const char *role);
/* The inner function of a chain gets a name; the outer derivative is recorded as a leaf. outer: the outer function
 * applied to that name (raw), with rule `rule` and derivative `slope` in that name. */
step *record_chain(engine *e, term t, term inner, const char *role);
term record_inner_name(engine *e);

#endif
