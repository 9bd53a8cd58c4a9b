/* latex_impl: the LaTeX door. LaTeX is first cut into pieces (latex_lex.c), then walked (latex.c,
 * latex_parts.c) and put out as the tokens of the plain language: \frac{a}{b} as ((a)/(b)), juxtaposition as
 * TK_IMPLIED, the reach of \sum, \lim, d/dx as hidden brackets. So there is one parser, one tree, one
 * elaboration.
 *
 * The walk keeps a stack of work: ranges of pieces still to be put out and tokens that follow them. Open
 * *scopes* are hidden brackets whose end is not marked in the source: `\sum_i x_i + 1` closes its scope at
 * the +.               */
#ifndef LATEX_IMPL_H
#define LATEX_IMPL_H

#include "text/text_impl.h"

typedef enum piece_kind {
    P_LETTER, /* name: the letter                              */
    P_NUMBER,
    P_COMMAND, /* name without the backslash                     */
    P_OPEN,    /* { ; mate: its }                                 */
    P_CLOSE,
    P_SUP,
    P_SUB,
    P_CHAR,  /* c                                             */
    P_BREAK, /* \\                                            */
    P_AMP,
    P_WORD,  /* \text{...}: name                              */
    P_BEGIN, /* \begin{name}; mate: its \end                    */
    P_END,
    P_UNICODE /* c: token kind, name                            */
} piece_kind;

typedef struct piece {
    uint8_t kind, c;
    bool spaced;
    uint32_t name, mate; /* mate of brackets too: ( and its ), or 0 */
    uint32_t first, past;
} piece;

typedef enum scope_kind { SCOPE_SUM, SCOPE_DERIVATIVE, SCOPE_FUNCTION } scope_kind;

typedef struct latex_scope {
    uint8_t kind;
    bool noted;                  /* the assumed bracket has been worth a note: more than one factor */
    uint32_t first;              /* where its operator begins in the source                          */
    uint32_t body;               /* number of tokens when it opened                                  */
    uint32_t base_from, base_to; /* \log_b: pieces of the base, put out after the argument     */
} latex_scope;

typedef struct latex_work {
    uint8_t kind; /* token kind, or WORK_RANGE, ...  */
    uint32_t from, to;
    uint32_t name, scopes, brackets;
} latex_work;
enum { WORK_RANGE = 200, WORK_OPEN_SCOPE };

typedef struct latex_bracket {
    uint8_t kind; /* the closing token kind  */
    uint32_t scopes;
} latex_bracket;

typedef struct latex {
    reader *r;
    VEC(piece) at;
    VEC(latex_work) work;  /* what is still to be done, the next thing last            */
    VEC(latex_work) later; /* what the present step wants done after it, in that order */
    VEC(latex_scope) scopes;
    VEC(latex_bracket) brackets;
    VEC(uint8_t) environments; /* of \begin: ENV_ */
    bool list;                 /* commas outside brackets: a vector */
    bool have;                 /* a value has just ended */
    uint32_t first, past;      /* the place of tokens put out now */
} latex;
enum { ENV_CASES, ENV_MATRIX, ENV_COLUMN };

bool latex_cut(latex *x);

static inline const piece *piece_at(const latex *x, uint32_t i)
{
    return &x->at.at[i];
}
static inline bool piece_is(const latex *x, uint32_t i, uint32_t to, char c)
{
    return i < to && piece_at(x, i)->kind == P_CHAR && piece_at(x, i)->c == (uint8_t)c;
}
bool piece_command(const latex *x, uint32_t i, uint32_t to, const char *name);
/* One argument at i: a group's inside or a single piece. Moves *next behind it. false: error reported. */
bool latex_argument(latex *x, uint32_t i, uint32_t to, uint32_t *from, uint32_t *end, uint32_t *next);
bool latex_error(latex *x, uint32_t i, const char *hint, const char *fmt, ...) BASE_PRINTF(4, 5);

bool latex_put(latex *x, token_kind kind, uint32_t name);
bool latex_push(latex *x, token_kind kind, uint32_t name);
bool latex_push_range(latex *x, uint32_t from, uint32_t to);
/* A value begins: a product sign if one has just ended. */
bool latex_begin(latex *x);
bool latex_open_scope(latex *x, scope_kind kind, uint32_t first);

/* Walkers of one construct at i: work is pushed for what it holds, *next set behind it. */
bool latex_letter(latex *x, uint32_t i, uint32_t to, uint32_t *next);
bool latex_command(latex *x, uint32_t i, uint32_t to, uint32_t *next);
bool latex_name(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next);
bool latex_fraction(latex *x, uint32_t i, uint32_t to, uint32_t *next);
bool latex_reducer(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next);
bool latex_limit(latex *x, uint32_t i, uint32_t to, uint32_t *next);
bool latex_function(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next);
/* Is there a name (letter, Greek, \mathrm{..}) at i? Its number and the piece behind it. */
bool latex_sign(latex *x, const char *s, bool *is);
bool notation_find(const char *name, size_t n, int *which);
bool latex_find_name(latex *x, uint32_t i, uint32_t to, uint32_t *name, uint32_t *after);
bool latex_is_bracket(const latex *x, uint32_t i, uint32_t to, uint32_t *open);

#endif
