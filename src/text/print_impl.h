/* print_impl.h: the inside of the printers.
 *
 *   term --layout--> display node --writer of the form--> strings and smaller display nodes, on a stack
 *
 * A *display node* says how a teacher would arrange one term: a canonical product x^1*y^(-1/2) becomes a
 * fraction with a root below. Layout is the same for every form; a writer only knows how a fraction, a power,
 * a sum looks. Display nodes are lazy: a child is a D_TERM that is laid out when it is reached, and what its
 * layout took from the scratch arena is given back when it is done, so memory follows the depth and not the
 * printed size.
 *
 * Some characters can be judged only after what follows them is written: the range of a binder is not wanted
 * when the body shows it, \left( not when nothing tall is inside. Both are written at once and remembered as
 * a *hole*; holes that proved unwanted are cut out in one pass at the end. */
#ifndef TEXT_PRINT_IMPL_H
#define TEXT_PRINT_IMPL_H

#include "text/text.h"

/* How tightly a display node holds together, loosest first. A node is put in brackets where its own tightness
 * is below what its place asks for. */
typedef enum print_prec {
    PREC_ANY,
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_REL,
    PREC_TIGHT, /* asked for by indices and ranges: a sum without blanks, h[t-1] */
    PREC_SUM,
    PREC_NEG,    /* begins with a minus                                        */
    PREC_MUL,    /* a product or a quotient                                    */
    PREC_PREFIX, /* d/dx (...)                                                 */
    PREC_POW,    /* a power, a reducer: may stand below a fraction bar         */
    PREC_CALL,   /* f(x): may be the base of a power                           */
    PREC_ATOM    /* a name, a number, an element: may be an exponent           */
} print_prec;

typedef enum dnode_kind {
    D_TERM,  /* t, not laid out yet                                            */
    D_SCALE, /* |k|*t, not laid out yet: the piece of a sum                    */
    D_NUM,   /* str: digits, never negative                                    */
    D_EXP,   /* the number e as a base                                         */
    D_SUM,   /* kids, each with its sign (neg)                                 */
    D_NEG,   /* minus the kid                                                  */
    D_PROD,
    D_FRAC, /* kid[0] over kid[1]                                             */
    D_POW,  /* kid[0] to the kid[1]                                           */
    D_SQRT,
    D_NODE /* t, of a kind that each writer treats by its operator           */
} dnode_kind;

typedef struct dnode dnode;
struct dnode {
    uint8_t kind, prec;
    bool neg;   /* of a piece of a sum: taken away   */
    bool tight; /* of a sum: without blanks          */
    uint32_t n; /* kids */
    term t, k;
    dnode *kid;
    const char *str;
};

/* A stretch of the output that is taken out at the end if `cut`. */
typedef struct print_hole {
    size_t from, to;
    size_t tall; /* of the first hole of a pair of brackets: tall things written before it */
    bool cut;
} print_hole;

/* One bound index while its binder is being written. The range is cut when `shown` and not `differs`: some
 * array in the body is indexed by the index itself, and from there the reader would take just this range. */
typedef struct print_scope {
    uint32_t level;
    const char *name;
    term lo, hi;
    bool shown, differs;
    uint32_t hole[2];
    uint32_t hole_count;
} print_scope;

typedef enum item_kind {
    I_STR,
    I_KID,       /* a display node                                              */
    I_TERM,      /* a term (id)                                                 */
    I_REST,      /* the kids of a long sum from number id on                    */
    I_REWIND,    /* give scratch back                                           */
    I_HOLE_FROM, /* hole id begins, ends here                                   */
    I_HOLE_TO,
    I_ENTER, /* the bound name of scope id is visible from here, to there   */
    I_LEAVE,
    I_TALL,       /* something tall begins                                       */
    I_SHORT_FROM, /* cut holes id and id + 1 unless something tall is written in between */
    I_SHORT_TO
} item_kind;

/* One thing still to be written. */
typedef struct print_item {
    uint8_t kind, prec;
    uint32_t id;
    union {
        const char *str;
        const dnode *kid;
        arena_mark mark;
    } u;
} print_item;

typedef struct name_slot {
    const char *name;
    uint32_t uses;
    term owner; /* the symbol shown under that name, or TERM_NONE for a bound index */
} name_slot;

typedef struct sym_alias {
    term sym;
    const char *name;
} sym_alias;

typedef struct printer {
    gradus_ctx *ctx;
    strbuf *out;
    text_form form;
    bool broken;    /* memory was refused: stop       */
    bool partial_d; /* several variables: the round d */
    arena scratch;  /* display nodes; rewound         */
    arena keep;     /* made-up names                  */
    VEC(print_item) stack;
    VEC(print_item) next; /* what the current writer put, in reading order */
    VEC(print_hole) holes;
    VEC(uint32_t) hole_order; /* their numbers in the order in which they begin in the text */
    VEC(print_scope) scopes;
    VEC(uint32_t) scope_of_level; /* 1 + place in scopes; 0: not in scope */
    name_slot *names;
    size_t name_cap, name_count;
    VEC(sym_alias) aliases; /* symbols not shown under their own name, ascending */
    uint32_t made;          /* names made up so far: keeps the search for the next one short */
    size_t tall;            /* tall things written so far */
} printer;

/* ---- print.c: what a writer puts ------------------------------------------------------------ */

/* s must live until it is written: a literal, or text in p->scratch, p->keep or the term store. */
void text_put(printer *p, const char *s);
void text_put_kid(printer *p, const dnode *d, print_prec at_least);
void text_put_term(printer *p, term t, print_prec at_least);
/* Terms separated by sep. */
void text_put_list(printer *p, const term *t, uint32_t n, const char *sep, print_prec at_least);
void text_put_item(printer *p, item_kind kind, uint32_t id);
void text_put_rest(printer *p, const dnode *sum, uint32_t from);
/* n new holes; the number of the first. */
uint32_t text_hole_new(printer *p, uint32_t n);
/* Text that is cut out if the range of the scope need not be shown; how: between these two calls put the
 * range. */
void text_put_range_from(printer *p, uint32_t scope, uint32_t which);
void text_put_range_to(printer *p, uint32_t scope, uint32_t which);
/* Brackets around what is put in between; LaTeX decides at the end how tall they are. */
void text_put_open(printer *p, uint32_t *holes);
void text_put_close(printer *p, uint32_t holes);
/* A decimal number kept in scratch. */
const char *text_decimal(printer *p, unsigned long v);

/* ---- print_names.c -------------------------------------------------------------------------- */

/* Collects the symbols under root. false on failure. */
bool text_names_init(printer *p, term root);
void text_names_clear(printer *p);
/* The name under which a SYM or BOUND is shown. */
const char *text_name(printer *p, term t);
/* Opens a scope for the k-th bound index of a binder, gives it a name that nothing visible has; its number.
 */
uint32_t text_scope_new(printer *p, term binder, uint32_t k);
void text_scope_enter(printer *p, uint32_t scope);
void text_scope_leave(printer *p, uint32_t scope);
/* An element access array[..., index at axis k, ...] is being written: tells the index's scope, if it is
 * bound. */
void text_scope_note(printer *p, term array, uint32_t axis, term index);
/* The English name, and the letter, of a Greek letter given by either; NULL for anything else. */
const char *text_greek_name(const char *name);
const char *text_greek_utf8(const char *name);

/* ---- print_layout.c, print_number.c --------------------------------------------------------- */

/* The display node of a D_TERM or D_SCALE. */
dnode text_layout(printer *p, const dnode *lazy);
/* |q| as D_NUM or as a D_FRAC of two. */
dnode text_layout_number(printer *p, const fmpq *q);
dnode text_lazy(term t);
static inline bool dnode_is_number(const dnode *d)
{
    return d->kind == D_NUM || (d->kind == D_FRAC && d->kid[0].kind == D_NUM && d->kid[1].kind == D_NUM);
}
/* The symbol X when t is the array of all X[i,...,j] in order; *transposed when it is all X[j,i]. TERM_NONE
 * if neither. */
term text_eta(printer *p, term t, bool *transposed);

/* Is the comparison shown with > or >=, its sides exchanged? Always so where a number would stand alone on
 * the left. */
bool text_rel_turned(const printer *p, term rel);
/* Is `both` the conjunction a < x and x < b, shown a < x < b? */
bool text_rel_chain(const printer *p, term both, term *low, term *high);
const char *text_matfn_name(term_matfn f);

/* ---- the writers: put what d, laid out, consists of; of a sum the kids from number `from` on  */

enum { PRINT_CHUNK = 128 }; /* kids of a sum put at once */

void text_write_plain(printer *p, const dnode *d, uint32_t from);
void text_write_latex(printer *p, const dnode *d, uint32_t from);
void text_write_mathml(printer *p, const dnode *d, uint32_t from);
/* JSON shows the term as it is stored and needs no layout. */
void text_write_json(printer *p, term t);

#endif
