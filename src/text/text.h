/* text: from characters to terms and back. The one formula language (docs/LANGUAGE.md) through two doors,
 * plain text and LaTeX, and five printers.
 *
 *   characters --lexer--> tokens --parser--> syntax tree (nodes with spans) --elaborate--> raw terms
 *
 * The reader never guesses: two readings are refused with both mends, or, where one is the settled convention,
 * accepted with a note. It makes *raw* terms (the structure the user typed) with DERIV and LIMIT nodes for
 * derivatives: text knows no calculus. Matrix notation and array expressions are lowered to indices here (an
 * array-valued expression becomes an ARRAY node). No recursion on input depth anywhere.
 * Spans: text_span answers for every raw term where it was typed.
 * parse(print(t)) == t for plain text and LaTeX (canonical forms equal), for every term.                         */
#ifndef TEXT_H
#define TEXT_H

#include "term/term.h"

typedef enum text_door { TEXT_PLAIN, TEXT_LATEX } text_door;

/* Reads one expression (or condition, or equation a = b which becomes REL_EQ): a raw term, TERM_NONE on error
 * (diagnostics in ctx, several may be reported, the first one is right). The text is copied as a new source.
 * Unknown names become scalar variables (array symbols when indexed, with extents EXTENT(sym, axis)); unknown
 * *functions* are an error with the nearest spelling. */
term text_parse(gradus_ctx *ctx, const char *s, size_t n, text_door door);

/* The same for a formula of Gradus's own tables: functions and constants are the built-in ones, whatever the user has
 * defined under their names. */
term text_parse_own(gradus_ctx *ctx, const char *s, size_t n);

/* Reads a definition: `L = ...`, `f(x,y) = ...`, `z[i] = ...`, `h[0] = ...`, `h[t] = ... for t = 1..T`,
 * `f(x) = ...`; several separated by ';;' or newlines. Each is entered into the symbol table (term_sym_define).
 * *sym receives the last defined symbol. */
gradus_status text_define(gradus_ctx *ctx, const char *s, size_t n, text_door door, term *sym);

/* Reads a variable to differentiate by: `x`, `w[k]`, `X[a,b]` (k, a, b become free indices with the array's ranges),
 * or a bare array name. */
term text_parse_variable(gradus_ctx *ctx, const char *s, size_t n);

/* Declares arrays with symbolic sizes: "X[i=1..n, j=1..p], y[i=1..n], b". Array symbols keep their extents. */
gradus_status text_declare(gradus_ctx *ctx, const char *s, size_t n);

/* Definitions separated by ';;' or newlines, the last piece an expression (an adjoint as a block): the definitions are
 * entered, the expression is returned. */
term text_parse_block(gradus_ctx *ctx, const char *s, size_t n, text_door door);

/* A name that the caller is going to bind to a number (a request's "at"): so `xy` is told from x*y where x and y are
 * known and xy is not. Lasts until text_forget_names. */
bool text_know_name(gradus_ctx *ctx, const char *name, size_t n);
void text_forget_names(gradus_ctx *ctx);
/* Forgets announced names, refused definitions and assumed sizes: for a caller that has rewound all definitions. */
void text_reset(gradus_ctx *ctx);

/* Ranges that were taken to agree while their sizes were unknown (sum[j](w[j]*X[i,j]) before w and X are bound) are
 * compared again: GRADUS_SHAPE naming both where the sizes, now bound, differ. Call after binding. */
gradus_status text_check_sizes(gradus_ctx *ctx);

/* Where t was typed (first occurrence), SPAN_NONE if it was not. Rewritten terms: text_origin records an ancestor. */
span text_span(gradus_ctx *ctx, term t);
void text_set_origin(gradus_ctx *ctx, term derived, term ancestor);
/* The characters of source `id` (borrowed, NUL-terminated) and its length. */
const char *text_source(gradus_ctx *ctx, uint32_t id, size_t *n);

/* Writes a diagnostic as a person reads it: the message, the line of the source, carets as wide as the span, the hint. */
void text_print_diag(strbuf *out, gradus_ctx *ctx, const diag *d);

typedef enum text_form { FORM_TEXT, FORM_UNICODE, FORM_LATEX, FORM_MATHML, FORM_JSON } text_form;

/* Appends t (raw or canonical). FORM_TEXT and FORM_LATEX read back as the same canonical term.
 * No recursion on depth; cost linear in the *printed* size; stops with LIMIT past 64 MiB. */
void text_print(strbuf *out, gradus_ctx *ctx, term t, text_form form);

/* Appends a matrix reading of an ARRAY of rank 1 or 2 (a vector is a column), as in 2*X^T*(X*w - y); false: none found,
 * nothing appended. A proposal: read it back and compare before showing it. */
bool text_raise(strbuf *out, gradus_ctx *ctx, term array);

/* Rule keys of the matrix notation that the last text_parse lowered to indices ("trace", "norm", "matrix-product",
 * "elementwise", "quadratic-form"): one per index from 0, NULL past the end. */
const char *text_notation_key(gradus_ctx *ctx, unsigned i);

#endif
