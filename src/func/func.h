/* func: the table of elementary functions. Everything known about a function stands in one entry of
 * func.def; the enum, name lookup, printers, evaluators, derivative rules, explanations, reference pages
 * and tests are generated from it. Adding a function is one entry there plus a line in NEWS.
 *
 * Formulas in the table (partials, domain, kinks) are strings in the Gradus language with u, v, w for the
 * arguments and y for the function's own value; room rule reads them into terms. So this room needs to know
 * nothing of terms.                                                                                       */
#ifndef FUNC_H
#define FUNC_H

#include "num/num.h"

typedef enum fn_id {
    FN_NONE = 0,
#define FUNC(id, ...) FN_##id,
#include "func/func.def"
#undef FUNC
    FN_COUNT
} fn_id;

enum fn_flag {
    FN_ODD = 1 << 0,        /* f(-u) = -f(u) on the whole domain                       */
    FN_EVEN = 1 << 1,       /* f(-u) = f(u)                                            */
    FN_INCREASING = 1 << 2, /* strictly, on each piece of the domain (arity 1)         */
    FN_DECREASING = 1 << 3,
    FN_SMOOTH = 1 << 4,     /* differentiable everywhere in the interior of the domain */
    FN_TOTAL = 1 << 5,      /* a value for every real argument                         */
    FN_STEP = 1 << 6,       /* locally constant: derivative 0 off the kinks            */
    FN_INTEGER = 1 << 7,    /* value is an integer                                     */
    FN_COMMUTES = 1 << 8,   /* arguments may be exchanged                              */
    FN_VARIADIC = 1 << 9,   /* arity or more arguments                                 */
    FN_BOUNDED = 1 << 10
};

enum { FN_MAX_ARITY = 3 };

/* How a partial is known. */
typedef enum fn_partial_kind {
    FN_D_FORMULA, /* .d[k] is a formula                                   */
    FN_D_ZERO,    /* locally constant: 0 off the kinks                    */
    FN_D_NONE,    /* no derivative known: asking for it is GRADUS_UNABLE  */
    FN_D_SPECIAL  /* handled by a rule of its own (max, min)              */
} fn_partial_kind;

/* What a ball evaluation found. */
typedef enum fn_ball { FN_BALL_OK, FN_BALL_OUTSIDE /* every point of the argument ball is outside the domain */,
                       FN_BALL_UNSURE /* the ball meets the border: more precision, or none will do */ } fn_ball;

typedef struct fn_row {
    const char *name;    /* as printed and read: "log"                                             */
    const char *aliases; /* further spellings, blank-separated: "ln"                               */
    const char *latex;   /* "\\ln": applied as \ln\left(...\right) by the printer                   */
    const char *c;       /* C spelling for emitted code: "log"; NULL: needs an expansion            */
    int arity;
    unsigned flags;
    fn_partial_kind dkind[FN_MAX_ARITY];
    const char *d[FN_MAX_ARITY];
    const char *domain;  /* condition on u, v, w: "u > 0"; "" with FN_TOTAL                          */
    const char *ddomain; /* where the partials exist if smaller than domain's interior, else NULL    */
    const char *kinks;   /* "u == 0": where one-sided derivatives differ or jump; NULL: none         */
    const char *kink_text; /* the convention taken there, a sentence; NULL with no kinks             */
    const char *range;   /* "-1 <= y <= 1"; NULL: all reals                                          */
    const char *at0, *at1; /* exact values at 0 and 1 when rational ("0", "1"), else NULL             */
    const char *key;     /* rule key of explanations: "sin", "ln", "arcsin"                          */
    const char *say;     /* full sentence of its derivative rule                                     */
    const char *about;   /* what it is, one sentence                                                 */
    const char *source;  /* DLMF section or the like                                                 */
    double (*f)(const double *args, int n);                                   /* plain double         */
    fn_ball (*ball)(arb_t out, const arb_struct *args, int n, slong prec);    /* rigorous enclosure   */
} fn_row;

/* Row of id; id in 1..FN_COUNT-1. Never NULL. */
const fn_row *fn_get(fn_id id);
/* By name or alias (n bytes), FN_NONE if there is none. */
fn_id fn_find(const char *name, size_t n);
/* Name nearest in spelling (edit distance at most 2) for "did you mean", or NULL. */
const char *fn_find_similar(const char *name, size_t n);

#endif
