/* elab_impl: from the syntax tree to raw terms.
 *
 * Every node of the tree gets a value: a number, a condition, an array, a function's name. An array is its
 * entry as a term of *standard indices* (the same fresh symbols ix[0], ix[1], ... for every array of one
 * reading) with a range for each: so entry by entry operations need no renaming, and a transpose is an
 * exchange of two indices. Products of matrices rename one index of each side to a fresh one and sum over it.
 * The tree is walked with an explicit stack of frames; values of the children of a node stand at
 * values[base...].   */
#ifndef ELAB_IMPL_H
#define ELAB_IMPL_H

#include "text/text_impl.h"

typedef enum value_kind { V_NONE, V_NUMBER, V_CONDITION, V_ARRAY, V_LIST, V_FUNCTION } value_kind;

typedef struct shape {
    term lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
} shape;

typedef struct value {
    uint8_t kind, rank;
    bool row;           /* a transposed vector                                                */
    term t;             /* number, condition, entry of an array, list (TUPLE), function symbol   */
    term whole;         /* the array as one term (SYM, MATFN, TUPLE, ARRAY) if there is one      */
    const shape *shape; /* of an array; in the reader's arena                                   */
} value;

typedef struct elab_frame {
    uint32_t node, child; /* the next child to visit, 0: none left */
    uint32_t base;        /* its first value                       */
    uint32_t mark;        /* bindings (and uses) when it was entered */
    uint32_t uses;
    bool skip; /* a transpose: the exponent was not visited */
} elab_frame;

typedef struct binding {
    uint32_t name, outer; /* what the name was bound to before (1 + position) */
    term sym;
    uint32_t node; /* its binder                                        */
    bool stated;   /* has a range of its own                            */
} binding;

/* index (plus shift) stands at an axis of an array that runs lo..hi. */
typedef struct index_use {
    term index, array, lo, hi;
    long shift;
    uint32_t axis, node;
} index_use;

typedef struct elab {
    reader *r;
    gradus_ctx *ctx;
    VEC(elab_frame) frames;
    VEC(value) values;
    VEC(binding) bindings;
    VEC(index_use) uses;
    term ix[SYM_MAX_RANK];
    uint32_t fresh;          /* contraction indices named so far */
    uint32_t defining;       /* the name of the function that is being defined, or 0 */
    uint32_t symbols_before; /* handles below were there before this reading */
} elab;

bool elab_init(elab *e, reader *r);
void elab_clear(elab *e);
/* The value of a node of the tree. false: an error is recorded. */
bool elab_node(elab *e, uint32_t node, value *out);
/* A value as one term: arrays as ARRAY (or SYM, ...). TERM_NONE with an error for function names. */
term elab_term(elab *e, const value *v, uint32_t node);

bool elab_error(elab *e, gradus_status code, uint32_t node, const char *hint, const char *fmt, ...)
    BASE_PRINTF(5, 6);
/* The characters of a node. */
const char *elab_quote(elab *e, uint32_t node);
static inline const tree_node *tree(const elab *e, uint32_t n)
{
    return &e->r->nodes.at[n];
}
static inline const char *elab_name(const elab *e, uint32_t name)
{
    return e->r->names.at[name].text;
}

/* ---- names (elab_name.c) --------------------------------------------------------------------- */

/* What each name is used for in the whole tree. */
void elab_survey(elab *e);
bool elab_bind(elab *e, uint32_t name, term sym, uint32_t node, bool stated);
void elab_unbind(elab *e, uint32_t mark);
term elab_bound(const elab *e, uint32_t name);
/* The symbol of a scalar that stands for itself inside f(x) = ... or lim[x -> 0](...): the name's own where
 * that is a plain scalar, else a fresh one shown under that name. */
term elab_formal(elab *e, uint32_t name);
/* Is it an array, or used as one in this text? */
bool elab_is_array(elab *e, uint32_t name);
/* The global symbol of a name, made if new, its rank settled by its use here. TERM_NONE: error recorded. */
term elab_symbol(elab *e, uint32_t name, uint32_t node);
bool elab_name_value(elab *e, uint32_t node, value *out);
term elab_dependent_call(elab *e, uint32_t name, uint32_t node);
value elab_symbol_value(elab *e, term sym);
/* Range of an axis of array symbol sym. */
void elab_axis(elab *e, term sym, uint32_t axis, term *lo, term *hi);
bool elab_unknown_function(elab *e, uint32_t node);
/* "did you mean": a known name near this one, or NULL. */
const char *elab_similar(elab *e, const char *name, size_t n);

/* ---- arithmetic and arrays (elab_arith.c, elab_array.c) -------------------------------------- */

static inline value number_value(term t)
{
    return (value){.kind = V_NUMBER, .t = t};
}
bool need_number(elab *e, const value *v, uint32_t node, const char *where);
bool need_condition(elab *e, const value *v, uint32_t node);
/* A number or an array. */
bool need_value(elab *e, const value *v, uint32_t node);

bool elab_sum(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_product(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_power(elab *e, uint32_t node, const value *base, const value *exponent, value *out);
bool elab_negative(elab *e, uint32_t node, const value *v, value *out);
term elab_power_term(elab *e, uint32_t node, term base, term exponent);

/* n arguments that must agree in shape (numbers go with any shape): *out gets the shape, t left to be set. */
bool array_agree(elab *e, const value *v, const uint32_t *nodes, uint32_t n, uint32_t node, value *out);
bool array_same_range(elab *e, term lo1, term hi1, uint32_t node1, uint32_t axis1, term lo2, term hi2,
                      uint32_t node2, uint32_t axis2, uint32_t where, const char *what);
bool array_matmul(elab *e, uint32_t node, const value *a, uint32_t a_node, const value *b, uint32_t b_node,
                  value *out);
void array_transpose(elab *e, const value *a, value *out);
/* Entry by entry work on literal vectors v[0..n) gives a literal vector again: *out made one if it can be. */
bool array_literal(elab *e, const value *v, uint32_t n, value *out);
bool array_square(elab *e, const value *a, uint32_t node, const char *what);
value array_value(elab *e, uint32_t rank, const shape *s, term entry);
/* An array given as one term, with its shape: entries are its elements. */
value array_whole(elab *e, uint32_t rank, const shape *s, term whole);
term array_entry(elab *e, const value *a, const term *index);
/* A fresh index with a display name not used in the text. */
term array_fresh_index(elab *e, term lo, term hi);
term array_size(elab *e, const value *a, uint32_t axis);
const char *array_words(elab *e, const value *v); /* "a 3 x 4 matrix" */
/* A literal vector of n numbers (or of n vectors: a matrix). */
bool array_tuple(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
term array_red(elab *e, term_red red, const value *v, uint32_t axis, term index, term body);

/* ---- functions (elab_call.c, elab_notation.c) ------------------------------------------------ */

bool elab_call(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_primed(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_partial(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_user_call(elab *e, uint32_t node, term f, const uint32_t *orders, const value *v, uint32_t n,
                    value *out);
/* Is the name one of notation.def? */
bool notation_find(const char *name, size_t n, int *which);
const char *notation_similar(const char *name, size_t n);
bool notation_call(elab *e, uint32_t node, int which, const value *v, uint32_t n, value *out);
bool elab_apply_fn(elab *e, uint32_t node, fn_id f, const value *v, uint32_t n, value *out);

/* ---- binders and derivatives (elab_binder.c, elab_deriv.c) ----------------------------------- */

bool elab_enter_binder(elab *e, uint32_t node, const value *v, uint32_t n);
bool elab_reduce(elab *e, const elab_frame *f, const value *v, uint32_t n, value *out);
bool elab_index(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
/* The range of index from the arrays it indexes (uses from `from` on). *lo TERM_NONE: it indexes none. */
bool elab_infer_range(elab *e, term index, uint32_t from, uint32_t node, term *lo, term *hi);
void elab_drop_uses(elab *e, term index, uint32_t from);
bool elab_variable(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_derivative(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_operator(elab *e, uint32_t node, const value *v, uint32_t n, value *out);
bool elab_operator_at(elab *e, uint32_t node, const value *v, uint32_t n, value *out);

#endif
