/* explain_impl: what the files of room explain share.
 *
 * A page is made in this order: page.c walks the record and says what comes when; board.c turns one
 * derivation into lines by rounds; show.c makes a line's term fit to be read; sentence.c gives the reasons;
 * sheet.c sets lines and reasons side by side when all of a block is known. */
#ifndef EXPLAIN_IMPL_H
#define EXPLAIN_IMPL_H

#include "explain/explain.h"
#include "rule/rule.h"

#include <string.h>

/* ---- words (sentence.c) -------------------------------------------------------------------------- */

/* pattern with its {bindings} replaced by printed terms. */
void explain_fill(strbuf *out, gradus_ctx *ctx, const step *s, const char *pattern, text_form form);
/* The short reason that stands beside a line. */
void explain_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form);
/* What a rewrite does to the eye: "common factor x", "one fraction", ... */
void explain_change(strbuf *out, gradus_ctx *ctx, const step *s, text_form form);
/* t as a part of a sentence: in LaTeX between dollars; too long for one: "the formula". */
void explain_term(strbuf *out, gradus_ctx *ctx, term t, text_form form);
/* "x = 0", "x > 0": a condition as a reader writes it. */
void explain_condition(strbuf *out, gradus_ctx *ctx, term cond, text_form form);
/* The binding of that name, TERM_NONE without one. */
term explain_binding(const step *s, const char *name);
/* Adds `one` to the reasons unless it is said already. */
void explain_join(strbuf *reasons, const char *one);

/* ---- lines (sheet.c) ----------------------------------------------------------------------------- */

typedef enum line_kind {
    LINE_HEAD,  /* d/dx (f): begins a block                                  */
    LINE_EQUAL, /* = ...                                                     */
    LINE_SAY,   /* a = b, or any formula that is no line of the equation     */
    LINE_WORDS  /* words over the whole width                                */
} line_kind;

typedef struct sheet_line {
    line_kind kind;
    char letter;         /* of a side calculation, 0: of the main chain */
    unsigned char depth; /* side calculations around it                  */
    size_t text, reason; /* offsets into chars                            */
} sheet_line;

typedef struct sheet {
    gradus_ctx *ctx;
    strbuf *out;
    text_form form;
    unsigned width;
    unsigned char depth;   /* side calculations that are open */
    VEC(sheet_line) lines; /* of the block in work */
    VEC(char) chars;
} sheet;

void sheet_add(sheet *s, line_kind kind, char letter, const char *text, const char *reason);
/* Writes the block with its reasons in one column and begins a new one. */
void sheet_flush(sheet *s);
void sheet_clear(sheet *s);

/* ---- terms to look at (show.c) ------------------------------------------------------------------- */

/* t as written on a board: products in products flat, + 0 left out; what stands inside open derivatives
 * stays. */
term show_flat(gradus_ctx *ctx, term t);
/* b^e with e a number as a power, also where a fraction or a root would be printed. */
term show_power(gradus_ctx *ctx, term b, term e);
/* n*u^(n-1); difference: with 2 - 1 still to be seen. */
term show_power_slope(gradus_ctx *ctx, term u, term n, bool difference);
/* t with fractions and roots as powers: 1/u as u^(-1); t itself where there is none on the outside. */
term show_as_power(gradus_ctx *ctx, term t);
bool show_same(gradus_ctx *ctx, term a, term b);

/* ---- one derivation (board.c) -------------------------------------------------------------------- */

typedef enum node_state { NODE_CLOSED, NODE_OPEN, NODE_DONE } node_state;

typedef struct board_node {
    const step *s;
    uint32_t parent, first, next; /* 0: none; node 0 is not used */
    node_state state;
    char letter; /* of the side calculation that derives it */
    term line;   /* as it stands now                         */
} board_node;

/* The nodes of a derivation in the order of its parts as read: children stand behind their parent. */
typedef struct board {
    gradus_ctx *ctx;
    sheet *sheet;
    explain_level level;
    VEC(board_node) node;
    char letters; /* used so far */
    term last;    /* the last line */
    unsigned lines;
} board;

/* The lines that derive step s, from behind its heading to its result; then: the rewrite that follows, or
 * NULL. */
void board_derive(board *b, const step *s, const step *then);
void board_clear(board *b);
/* One line "= t   reason" unless it looks like the last one. */
void board_line(board *b, term t, const char *reason, char letter);
/* A formula that is no line of the equation: "left = right". */
void board_say(board *b, term left, term right, const char *reason, char letter);

#endif
