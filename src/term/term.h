/* term: interned terms, the one graph that is parsed, explained, differentiated, evaluated and compiled.
 *
 * A term is a 32-bit handle into the context; 0 is TERM_NONE (a failure already recorded: every constructor
 * passes it on). Equal terms are the same handle. A node's arguments always have smaller handles than the
 * node, so ascending handles are a topological order: walks over "all nodes under t" are loops over sorted
 * handles, never recursion (term_reachable).
 *
 * Two families of constructors.
 *   Canonical (term_add, term_mul, term_pow, term_apply, ...): flat n-ary sums with rational coefficients,
 *   flat products with rational exponents, like terms merged, numbers folded, brackets and deltas eliminated;
 *   equal up to the order of commutative arguments and the names of bound indices. There is no neg, sub, div,
 *   sqrt node: -a is ADD(0; -1 a), a/b is MUL(a^1 b^-1), sqrt(a) is MUL(a^1/2). A coefficient lives only in a
 *   sum: 3*x is ADD(0; 3 x). exp(u) is FN exp; pow(b, e) with symbolic e is POW; e^u is always exp(u).
 *   A cancellation that enlarges the domain (x/x, 0*log(x), sqrt(x)*sqrt(x)) is *recorded* (term_lost) while
 *   recording is on.
 *   Raw (term_raw_*): keep the structure as written or as a derivation shows it: nested, unmerged, in order.
 *   A raw node uses the same operators and layouts, flagged TF_RAW, so every reader works on both;
 *   term_canon(t) gives the canonical term. A raw node equal in structure and display order to its canonical
 *   form *is* that form.
 *
 * Arguments of ADD and MUL stand in *display order*: the order in which the node was first built. Identity
 * ignores that order (multiset comparison), so nothing depends on hashes, and what a user typed first prints first.
 *
 * Bound indices are BOUND nodes numbered by level (1 + highest level inside the body): alpha-equal terms are one
 * handle. To look under a binder, open it (term_open) with a fresh index and close again with term_reduce.
 *
 * Start reading: enum term_op (op.def), then intern.c, arith.c (canonical sums and products), reduce.c.         */
#ifndef TERM_H
#define TERM_H

#include "func/func.h"
#include "num/num.h"

typedef uint32_t term;
enum { TERM_NONE = 0 };
typedef VEC(term) term_vec;

typedef enum term_op {
    OP_INVALID = 0,
#define OP(id, name, about) OP_##id,
#include "term/op.def"
#undef OP
    OP_COUNT
} term_op;

typedef enum term_const { CONST_PI, CONST_E, CONST_INF } term_const; /* -inf is ADD(0; -1 inf) */
typedef enum term_rel { REL_EQ, REL_NE, REL_LT, REL_LE } term_rel;   /* > and >= swap the sides; display keeps a flag */
typedef enum term_red { RED_SUM, RED_PROD, RED_MAX, RED_MIN, RED_MEAN, RED_ARGMAX, RED_ARGMIN, RED_LOGSUMEXP } term_red;
typedef enum term_matfn { MATFN_INV, MATFN_DET, MATFN_LOGDET } term_matfn;
typedef enum term_side { SIDE_BOTH, SIDE_RIGHT /* x -> a+ */, SIDE_LEFT } term_side;

enum term_flag {
    TF_RAW = 1 << 0,      /* not canonical, or has a non-canonical part             */
    TF_DERIV = 1 << 1,    /* a DERIV or LIMIT occurs inside                         */
    TF_BINDER = 1 << 2,   /* a REDUCE or ARRAY occurs inside                        */
    TF_DANGLING = 1 << 3, /* a BOUND occurs whose binder is outside                 */
    TF_NUMERIC = 1 << 4,  /* built from NUM, CONST and functions only: no symbol    */
    TF_COND = 1 << 5,     /* is a condition (REL, AND, OR, NOT, BOOL)               */
    TF_DEFINED = 1 << 6,  /* a defined name (SYM with a body, CALL) occurs inside   */
    TF_SWAPPED = 1 << 7   /* REL shown with > or >= (raw only)                      */
};

/* Called before any other; idempotent. false on NOMEM. */
bool term_room_init(gradus_ctx *ctx);

/* ---- reading nodes ------------------------------------------------------------------------------- */

term_op term_get_op(const gradus_ctx *ctx, term t);
unsigned term_get_flags(const gradus_ctx *ctx, term t);
uint32_t term_argc(const gradus_ctx *ctx, term t);
/* Borrowed; stays valid until the term store is rewound (blocks never move). */
const term *term_args(const gradus_ctx *ctx, term t);
term term_arg(const gradus_ctx *ctx, term t, uint32_t i);
/* The small payload: fn_id of FN, term_const, term_rel, term_red, term_matfn, term_side, level of BOUND, 0/1 of BOOL;
 * ADD: how many entries are displayed before the constant c0 (0: it stands first). */
uint32_t term_aux(const gradus_ctx *ctx, term t);
/* Nodes of the tree written out, saturating at UINT32_MAX. */
uint32_t term_size(const gradus_ctx *ctx, term t);
const fmpq *term_num(const gradus_ctx *ctx, term t);    /* of a NUM */
bool term_is_int(const gradus_ctx *ctx, term t, long n); /* NUM equal to n */
bool term_is_num(const gradus_ctx *ctx, term t);
/* true and *out when t is a NUM that is an integer fitting a long. */
bool term_get_long(const gradus_ctx *ctx, term t, long *out);
/* Sign of a NUM: -1, 0, 1. */
int term_num_sign(const gradus_ctx *ctx, term t);
static inline bool term_is(const gradus_ctx *ctx, term t, term_op op) { return term_get_op(ctx, t) == op; }
const char *term_op_name(term_op op);
const char *term_red_name(term_red r); /* "sum" */

/* ---- atoms --------------------------------------------------------------------------------------------- */

term term_int(gradus_ctx *ctx, long n);
term term_rational(gradus_ctx *ctx, long p, long q); /* q != 0 */
term term_from_fmpq(gradus_ctx *ctx, const fmpq_t q);
term term_from_double(gradus_ctx *ctx, double x);    /* exact; x finite; infinities give CONST_INF; NaN gives UNDEF */
term term_constant(gradus_ctx *ctx, term_const c);
term term_undefined(gradus_ctx *ctx);

/* ---- symbols --------------------------------------------------------------------------------------------- */

typedef enum sym_role {
    ROLE_VARIABLE,  /* scalar or array that may be differentiated; the default       */
    ROLE_DATA,      /* array with values (given): differentiable too when asked      */
    ROLE_INDEX,     /* free index; sym_range                                          */
    ROLE_DEFINED,   /* scalar or array with a body: L = ..., z[i] = ..., recurrences  */
    ROLE_FUNCTION   /* f(x) = ..., or an undefined function f applied                 */
} sym_role;

enum { SYM_MAX_RANK = 6 };

/* One rule of a definition. Formals are ROLE_INDEX (array) or ROLE_VARIABLE (function) symbols used in body.
 * A recurrence has base rules whose index terms are numbers, e.g. h[0] = ..., and one general rule.          */
typedef struct sym_rule {
    uint32_t n;                   /* formals or index positions                                   */
    term index[SYM_MAX_RANK];     /* a formal symbol, or (base case) an integer-valued term        */
    term lo[SYM_MAX_RANK], hi[SYM_MAX_RANK]; /* ranges of formal indices; TERM_NONE if not stated   */
    bool downward;                /* for t = T..1: looks at larger t                               */
    term body;                    /* as written (may be raw)                                       */
} sym_rule;

typedef struct sym_info {
    const char *name;      /* NUL-terminated, stable                                              */
    sym_role role;
    uint32_t rank;         /* 0 scalar; arrays r; functions: arity                                */
    int64_t dims[SYM_MAX_RANK];   /* extents of bound data, -1 unknown                              */
    const double *values;  /* bound data, row-major, prod(dims) doubles, owned by the term store; or NULL */
    term lo, hi;           /* ROLE_INDEX: range if known, else TERM_NONE                           */
    sym_rule *rules;       /* ROLE_DEFINED / ROLE_FUNCTION                                          */
    uint32_t rule_count;   /* 0 for an undefined function                                           */
    bool recursive;        /* a rule reads the symbol itself                                        */
    /* Declared ranges of an array's axes (text_declare: X[i=1..n]), TERM_NONE where none was stated. term_extent answers
     * from them when the size itself is not known. */
    term axis_lo[SYM_MAX_RANK], axis_hi[SYM_MAX_RANK];
    bool integer;          /* declared `:class`: entries are whole numbers from 1, usable as indices */
} sym_info;

/* The symbol of that name, made as a scalar ROLE_VARIABLE if new. Names live with the store. */
term term_sym(gradus_ctx *ctx, const char *name, size_t n);
/* TERM_NONE if no such symbol was made. Not a failure. */
term term_find_sym(gradus_ctx *ctx, const char *name, size_t n);
/* A symbol that equals no other and hashes like every index; shown as `hint` (a SYM's or BOUND's display name, or NULL). */
term term_fresh_index(gradus_ctx *ctx, const char *hint, term lo, term hi);
/* Borrowed, writable (roles are set by definitions); valid until rewind. t must be a SYM. */
sym_info *term_sym_info(gradus_ctx *ctx, term sym);
const char *term_sym_name(const gradus_ctx *ctx, term sym);
/* Copies `count` doubles into the store and sets role DATA, rank and dims. false on NOMEM. */
bool term_sym_bind(gradus_ctx *ctx, term sym, uint32_t rank, const int64_t *dims, const double *values);
/* Every name with a definition, in the order in which the names were made, appended. */
bool term_defined_names(gradus_ctx *ctx, term_vec *out);
/* Makes sym a plain scalar variable again: no data, no definition. */
void term_sym_forget(gradus_ctx *ctx, term sym);
/* Appends a rule (copied) and sets role DEFINED (or FUNCTION). */
bool term_sym_define(gradus_ctx *ctx, term sym, sym_role role, const sym_rule *rule);

/* ---- canonical constructors ------------------------------------------------------------------------------------ */

term term_add2(gradus_ctx *ctx, term a, term b);
term term_sub(gradus_ctx *ctx, term a, term b);
term term_neg(gradus_ctx *ctx, term a);
term term_mul2(gradus_ctx *ctx, term a, term b);
term term_div(gradus_ctx *ctx, term a, term b);             /* b the number 0: UNDEF */
term term_add(gradus_ctx *ctx, const term *t, uint32_t n);  /* sum of n terms; n = 0: 0 */
term term_mul(gradus_ctx *ctx, const term *t, uint32_t n);
/* sum of k[i]*t[i], k NUM */
term term_lincomb(gradus_ctx *ctx, const term *k, const term *t, uint32_t n);
/* product of b[i]^e[i], e NUM */
term term_powprod(gradus_ctx *ctx, const term *b, const term *e, uint32_t n);
/* b^e for any e: MUL entry for a rational e, exp for b = e, POW otherwise. */
term term_pow(gradus_ctx *ctx, term b, term e);
term term_pow_int(gradus_ctx *ctx, term b, long e);
term term_sqrt(gradus_ctx *ctx, term a);
/* Function of func.def; n arguments (checked against arity: GRADUS_BUG). Folds exact values, parity, log(exp u). */
term term_apply(gradus_ctx *ctx, fn_id f, const term *args, uint32_t n);
term term_apply1(gradus_ctx *ctx, fn_id f, term a);
term term_call(gradus_ctx *ctx, term fsym, const uint32_t *orders /* NULL: zeros */, const term *args, uint32_t n);
/* Element. Of ARRAY: the indices put in; of TUPLE with integer indices: the entry; indices are integer-valued terms. */
term term_acc(gradus_ctx *ctx, term array, const term *index, uint32_t n);
term term_rel_make(gradus_ctx *ctx, term_rel r, term a, term b); /* decided when both are numbers, or a - b is one */
term term_and(gradus_ctx *ctx, const term *c, uint32_t n);
term term_or(gradus_ctx *ctx, const term *c, uint32_t n);
term term_not(gradus_ctx *ctx, term c);
term term_bool(gradus_ctx *ctx, bool b);
term term_bracket(gradus_ctx *ctx, term cond);
/* c1, v1, ..., cn, vn and else (TERM_NONE: undefined elsewhere). Drops false branches, stops at true. */
term term_cases(gradus_ctx *ctx, const term *cv, uint32_t pairs, term otherwise);
/* index: a ROLE_INDEX SYM (or BOUND) occurring free in body; it is renamed to its level. Range lo..hi inclusive.
 * Sums: linear terms split? no; factors free of the index are pulled out; [index == e] is eliminated (with the
 * bracket lo <= e <= hi where that is not known). */
term term_reduce(gradus_ctx *ctx, term_red r, term index, term lo, term hi, term body);
/* The same without eliminating deltas or pulling factors (alpha-normal only): what a derivation shows. */
term term_raw_reduce(gradus_ctx *ctx, term_red r, term index, term lo, term hi, term body);
term term_array(gradus_ctx *ctx, const term *index, const term *lo, const term *hi, uint32_t rank, term body);
term term_tuple(gradus_ctx *ctx, const term *entry, uint32_t n);
term term_matfn_make(gradus_ctx *ctx, term_matfn f, term array);
term term_extent(gradus_ctx *ctx, term array, uint32_t axis); /* axis from 0; a NUM when known */
term term_deriv(gradus_ctx *ctx, term body, const term *x, const uint32_t *order, uint32_t n);
term term_limit(gradus_ctx *ctx, term body, term x, term target, term_side side);

/* ---- raw constructors -------------------------------------------------------------------------------------------- */

term term_raw_add(gradus_ctx *ctx, const term *k, const term *t, uint32_t n);    /* k NULL: all 1 */
term term_raw_mul(gradus_ctx *ctx, const term *b, const term *e, uint32_t n);    /* e NULL: all 1 */
/* A product that stays raw and in this order whatever its factors are: matrix products do not commute. n >= 2. */
term term_raw_ordered_mul(gradus_ctx *ctx, const term *b, const term *e, uint32_t n);
term term_raw_pow(gradus_ctx *ctx, term b, term e);
term term_raw_apply(gradus_ctx *ctx, fn_id f, const term *args, uint32_t n);
/* Any other operator as written: args laid out as in op.def, none a binder (term_raw_reduce, term_array). The canonical
 * node where that looks the same. */
term term_raw_node(gradus_ctx *ctx, term_op op, uint32_t aux, const term *args, uint32_t n);
/* Rebuilds node t with other arguments, keeping it raw in the same way. */
term term_raw_with_args(gradus_ctx *ctx, term t, const term *args, uint32_t n);

/* ---- whole-term operations ------------------------------------------------------------------------------------------ */

/* The canonical form. Memoised; t itself when not TF_RAW. */
term term_canon(gradus_ctx *ctx, term t);
/* Rebuilds t with new arguments through the canonical constructors (binders: args as stored). */
term term_rebuild(gradus_ctx *ctx, term t, const term *args, uint32_t n);
/* t with every `from[i]` (SYM, BOUND or any subterm) replaced at once by to[i]; canonical result; binders respected. */
term term_subst(gradus_ctx *ctx, term t, const term *from, const term *to, uint32_t n);
/* The same, keeping raw structure. */
term term_raw_subst(gradus_ctx *ctx, term t, const term *from, const term *to, uint32_t n);
/* Opens a REDUCE or ARRAY: fresh indices (with ranges and the display names) in place of its bound ones.
 * index: at least rank entries (1 for REDUCE). Returns the opened body. */
term term_open(gradus_ctx *ctx, term binder, term *index);
/* Display name of the bound index at position k of a REDUCE or ARRAY (a name the user typed, or one made up). */
const char *term_binder_name(const gradus_ctx *ctx, term binder, uint32_t k);
/* Does the symbol (or element access of array symbol) x occur in t, defined names looked through? */
bool term_depends(gradus_ctx *ctx, term t, term x);
/* Does x (any term) occur in t as it stands, defined names not looked through? */
bool term_occurs(gradus_ctx *ctx, term t, term x);
/* All nodes under the n roots in ascending (topological) order, appended to out. false on failure. */
bool term_reachable(gradus_ctx *ctx, const term *roots, uint32_t n, term_vec *out);
/* The free symbols of t (not function names or bound indices; defined names not looked through unless `deep`),
 * in order of first occurrence in display order. */
bool term_symbols(gradus_ctx *ctx, term t, bool deep, term_vec *out);
/* Replaces defined names (L, z[i], S(x), primes of defined functions excepted) by their bodies, everywhere, except
 * elements of recursive definitions. Canonical. */
term term_unfold(gradus_ctx *ctx, term t);
/* The body of a non-recursive definition applied to its arguments: sym of `L`; args of `S(x)`, `z[i]`. keeps raw. */
term term_unfold_once(gradus_ctx *ctx, term t);

/* ---- what canonical constructors gave up ------------------------------------------------------------------------------ */

typedef enum lost_kind { LOST_NONZERO, LOST_NONNEGATIVE, LOST_POSITIVE, LOST_DEFINED } lost_kind;
typedef struct term_lost { lost_kind kind; term what; } term_lost;
/* Starts recording into an empty list / stops and hands out the list (borrowed until the next start). */
void term_record_start(gradus_ctx *ctx);
const term_lost *term_record_stop(gradus_ctx *ctx, size_t *n);

/* ---- marks -------------------------------------------------------------------------------------------------------------- */

/* Everything interned, defined or bound after the mark is forgotten by rewind; handles made since are then invalid.
 * Rewinding restores roles and definitions of older symbols too. */
typedef struct term_mark { uint32_t id; } term_mark;
term_mark term_get_mark(gradus_ctx *ctx);
void term_rewind(gradus_ctx *ctx, term_mark m);
/* Forgets the mark (and later ones) but keeps what was made since. */
void term_drop_mark(gradus_ctx *ctx, term_mark m);
uint32_t term_count(const gradus_ctx *ctx);
/* fn is called after every rewind with the number of nodes left: handles from there on are invalid (caches of other
 * rooms drop them). */
bool term_on_rewind(gradus_ctx *ctx, void (*fn)(gradus_ctx *ctx, void *user, uint32_t count), void *user);

#endif
