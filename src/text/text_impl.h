/* text_impl: what the files of the reading half of room text share.
 *
 * A reader holds one reading: the source's characters, the table of names, the tokens, the syntax tree. Both
 * doors make the same tokens (lexer.c for plain text, latex*.c for LaTeX); parser*.c makes the tree;
 * elaborate*.c walks it. Nodes and names are numbers into growing vectors: do not keep pointers to them
 * across a call that may add one. Number 0 is no node and no name. */
#ifndef TEXT_IMPL_H
#define TEXT_IMPL_H

#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what lasts: room_state[SLOT_TEXT] (source.c) -------------------------------------------- */

typedef struct source_text {
    const char *s;
    size_t n;
    uint32_t stamp;    /* number of terms when it was read                   */
    arena_mark before; /* `texts` before it                                  */
} source_text;

/* hi of one array's axis and of another's are the same number: assumed, to be checked when both are known. */
typedef struct same_size {
    term a, b;                           /* sizes                                        */
    const char *a_what, *b_what, *index; /* "X's axis 2"; index name or ""; in `texts` */
    uint32_t stamp;                      /* number of terms when its source was read    */
} same_size;

/* A definition that was refused: uses of the name repeat why. `stamp`: number of terms when it was. */
typedef struct refused_name {
    const char *name, *message, *hint;
    uint32_t stamp;
} refused_name;

/* Where a term was typed (source 0: nowhere), and the term it was made from. */
typedef struct term_place {
    term key; /* 0: a free slot */
    span where;
    term ancestor;
} term_place;

typedef struct text_state {
    arena texts; /* sources and what belongs to them: they go with the terms that were read from them */
    arena names; /* of `known`                                                                      */
    arena mem;   /* the rest                                                                        */
    VEC(source_text) sources;
    size_t sources_kept; /* sources from here on go before the next reading; SIZE_MAX: none */
    term_place *places;  /* open addressing */
    size_t place_cap, place_used;
    VEC(const char *) known;
    VEC(same_size) sizes;
    bool own;       /* what is read is a formula of the function table: names mean what they mean there */
    unsigned noted; /* bits of enum noted_key: matrix notation that the last text_parse lowered */
    VEC(refused_name) refused;
} text_state;

enum noted_key { NOTED_TRACE, NOTED_NORM, NOTED_PRODUCT, NOTED_ENTRIES, NOTED_QUADRATIC, NOTED_COUNT };

/* NULL on NOMEM. */
text_state *text_state_get(gradus_ctx *ctx);
/* Remembers until its source goes that two sizes are taken to agree; the words are copied. */
bool text_assume_same(gradus_ctx *ctx, term a, const char *a_what, term b, const char *b_what,
                      const char *index);
/* Remembers where t was typed unless it is remembered already. */
void text_note_span(gradus_ctx *ctx, term t, span where);
/* Of all sizes that are taken to agree with this one, the first that was made: one size has one name. */
term text_same_size(gradus_ctx *ctx, term size);
/* The range of an axis of array symbol sym, as its declaration, its definition or its data say;
 * else 1..EXTENT. */
void text_axis_range(gradus_ctx *ctx, term sym, uint32_t axis, term *lo, term *hi);
/* Is it a name with a meaning: announced, bound, declared or defined? */
bool text_is_known(gradus_ctx *ctx, const char *name, size_t n);

/* ---- tokens ---------------------------------------------------------------------------------- */

typedef enum token_kind {
    TK_END,
    TK_SEPARATOR, /* newline or ;; between statements            */
    TK_NUMBER,
    TK_NAME,
    TK_PLUS,
    TK_MINUS,
    TK_TIMES,
    TK_DIVIDE,
    TK_POWER,
    TK_DOT_TIMES,
    TK_DOT_DIVIDE,
    TK_DOT_POWER,
    TK_IMPLIED, /* a product that LaTeX writes by juxtaposition */
    TK_EQUALS,  /* =                                            */
    TK_EQ,      /* ==                                           */
    TK_NE,
    TK_LT,
    TK_LE,
    TK_GT,
    TK_GE,
    TK_LPAREN,
    TK_RPAREN,
    TK_LBRACKET,
    TK_RBRACKET,
    TK_LBRACE,
    TK_RBRACE,
    TK_BAR,
    TK_COMMA,
    TK_SEMICOLON,
    TK_COLON,
    TK_RANGE,      /* ..                                             */
    TK_ARROW,      /* ->                                             */
    TK_PRIME,      /* count: how many                                */
    TK_ROOT,       /* the sign for square root                       */
    TK_DERIVATIVE, /* d/, d^2L/: name is L or 0, count the order; TK_VARIABLEs follow */
    TK_VARIABLE,   /* dx^2 after it: name x, count 2                                  */
    TK_SUBSCRIPT,  /* LaTeX x_{ij}: name of the whole ("x_ij"), the base came before; indices in brackets
                      follow */
    TK_KINDS
} token_kind;

enum token_flag {
    TOKEN_SPACED = 1 << 0, /* blanks before it                                        */
    TOKEN_HIDDEN = 1 << 1, /* a bracket that the LaTeX reader put in                    */
    TOKEN_ROUND = 1 << 2   /* the round d of a partial derivative                       */
};

typedef struct token {
    uint8_t kind, flags;
    uint16_t count;
    uint32_t name;
    uint32_t first, past;
} token;

/* Names with a meaning in the grammar; they are entered first, so their numbers are known. */
enum keyword {
    KW_NONE,
    KW_AND,
    KW_OR,
    KW_NOT,
    KW_IF,
    KW_OTHERWISE,
    KW_FOR,
    KW_UNTIL,
    KW_SUM, /* the reducers stand in the order of term_red */
    KW_PROD,
    KW_MAX,
    KW_MIN,
    KW_MEAN,
    KW_ARGMAX,
    KW_ARGMIN,
    KW_LOGSUMEXP,
    KW_ARRAY,
    KW_LIM,
    KW_GRAD,
    KW_JAC,
    KW_HESS,
    KW_D,
    KW_T,
    KW_E,
    KW_PI,
    KW_INF,
    KW_SQRT,
    KW_TRUE,
    KW_FALSE,
    KW_UNDEFINED,
    KW_COUNT
};

typedef struct name_entry {
    const char *text;
    uint32_t length;
    uint32_t binding; /* 1 + position of the innermost binding in elab.bindings; 0: none    */
    term sym;         /* the global symbol once looked up, else TERM_NONE                    */
    uint8_t indexed;  /* rank with which this text indexes it; 0: it does not                */
    uint8_t applied;  /* number of arguments it is applied to, plus 1; 0: it is not          */
    bool as_scalar, is_index;
    bool dependent; /* LaTeX: the z of dz/dx, defined nowhere: a function of what it is differentiated by */
    term call;      /* z(x, y) then                                                         */
} name_entry;

/* ---- the tree -------------------------------------------------------------------------------- */

typedef enum node_kind {
    NODE_NONE,
    NODE_NUMBER,    /* literal: the characters of the span                                        */
    NODE_NAME,      /* name                                                                       */
    NODE_SUBSCRIPT, /* LaTeX x_{ij}: name the whole, extra the base name; children the indices      */
    NODE_SUM,       /* terms; NF_MINUS on subtracted ones                                         */
    NODE_PRODUCT,   /* factors; NF_DIVIDE, NF_DOT                                                   */
    NODE_NEGATIVE,
    NODE_POWER,   /* base, exponent; NF_DOT                                                       */
    NODE_ROOT,    /* child                                                                      */
    NODE_CALL,    /* name; arguments; extra: number of arguments before ';' (NO_SEMICOLON)        */
    NODE_APPLY,   /* grad(F)(p): first child a call of an operator, then the arguments             */
    NODE_INDEX,   /* array, indices                                                             */
    NODE_PRIMED,  /* name; extra: primes; children: arguments (none: f' alone)                      */
    NODE_PARTIAL, /* D[1,2](f)(x, y): name f; arguments; extra: order in argument k in bits 5k...    */
    NODE_BRACKET, /* Iverson: condition                                                           */
    NODE_ABS,
    NODE_CASES, /* v1, c1, v2, c2, ..., [else]; NF_ELSE                                           */
    NODE_TUPLE,
    NODE_COMPARE, /* a, b, c, ...: extra of each child after the first: token kind before it         */
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_REDUCE,     /* extra: keyword; binders, [condition: NF_CONDITION], body                        */
    NODE_BINDER,     /* name; [lo, hi]                                                               */
    NODE_LIMIT,      /* name; target, body; extra: term_side                                           */
    NODE_DERIVATIVE, /* variables, body (or none: NAME in `name`, as in dL/dw)                        */
    NODE_VARIABLE,   /* name; indices; extra: order                                                  */
    NODE_DECLARE,    /* X[i=1..n, j]: name; binders                                                  */
    NODE_STATEMENT,  /* expression, [for binders]; a declaration's word after ':' in name              */
    NODE_BLOCK
} node_kind;

enum node_flag {
    NF_MINUS = 1 << 0,
    NF_DIVIDE = 1 << 1,
    NF_DOT = 1 << 2,
    NF_PAREN = 1 << 3, /* stood in brackets of its own */
    NF_ELSE = 1 << 4,
    NF_CONDITION = 1 << 5,
    NF_IMPLIED = 1 << 6,
    NF_ROUND = 1 << 7
};

typedef struct tree_node {
    uint8_t kind, flags;
    uint16_t spare;
    uint32_t n; /* children */
    uint32_t first, past;
    uint32_t child, last, next;
    uint32_t name, extra;
} tree_node;

enum { NO_SEMICOLON = UINT32_MAX };

typedef struct reader {
    gradus_ctx *ctx;
    text_state *state;
    uint32_t source;
    const char *s;
    size_t n;
    text_door door;
    arena mem;
    VEC(token) tokens;
    VEC(name_entry) names;
    uint32_t *name_slot;
    size_t name_cap;
    VEC(tree_node) nodes;
    uint32_t root;  /* NODE_BLOCK */
    bool defining;  /* statements are definitions */
    bool declaring; /* the text is a list of declarations, not of formulas */
    bool failed;
} reader;

/* A new reading of a copy of s: names of keywords entered, nothing read. false on NOMEM. */
bool reader_init(reader *r, gradus_ctx *ctx, const char *s, size_t n, text_door door);
void reader_clear(reader *r);
static inline span reader_span(const reader *r, uint32_t first, uint32_t past)
{
    return (span){r->source, first, past};
}
/* A syntax error at [first, past): the reading has failed. Always false. */
bool reader_error(reader *r, uint32_t first, uint32_t past, const char *hint, const char *fmt, ...)
    BASE_PRINTF(5, 6);
bool reader_error_as(reader *r, gradus_status code, uint32_t first, uint32_t past, const char *hint,
                     const char *fmt, ...) BASE_PRINTF(6, 7);
void reader_note(reader *r, uint32_t first, uint32_t past, const char *fmt, ...) BASE_PRINTF(4, 5);
/* A string for a hint, in the reader's arena; never NULL. */
const char *reader_text(reader *r, const char *fmt, ...) BASE_PRINTF(2, 3);
/* The characters [first, past) as a string, long ones shortened; never NULL. */
const char *reader_quote(reader *r, uint32_t first, uint32_t past);

/* The number of a name; 0 on NOMEM. */
uint32_t reader_name(reader *r, const char *text, size_t n);
static inline const char *name_text(const reader *r, uint32_t name)
{
    return r->names.at[name].text;
}

bool reader_token(reader *r, token t);
/* Tokens of the whole source, closed by TK_END. false: error reported. */
bool lex_plain(reader *r);
bool lex_latex(reader *r);
/* Is c a letter of a name (digits and the underscore are not)? */
bool lex_is_letter(uint32_t c);
/* The spelled name of a Greek letter ("alpha"), NULL for others. */
const char *lex_greek(uint32_t c);
/* The token that a Unicode sign stands for; *name for names (NULL: none). false: it has no meaning. */
bool lex_spelling(uint32_t c, token_kind *kind, const char **name);
/* The variables of a derivative "dx^2dy" after its slash: tokens for the chunk of letters [first, past),
 * *left the order still to be accounted for, wanted the order of the `^` after it or 1. */
bool lex_split_variables(reader *r, uint32_t first, uint32_t past, uint32_t *left, uint32_t power);

/* The tree of r's tokens: r->root is a NODE_BLOCK of NODE_STATEMENTs. */
bool parse_tokens(reader *r);
const char *parse_token_words(const reader *r, const token *t);

static inline tree_node *node_of(const reader *r, uint32_t n)
{
    return &r->nodes.at[n];
}
/* 0 on NOMEM. */
uint32_t node_new(reader *r, node_kind kind, uint32_t first, uint32_t past);
void node_append(reader *r, uint32_t parent, uint32_t child);

#endif
