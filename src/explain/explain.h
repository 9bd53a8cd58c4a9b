/* explain: step records into what a person reads: pages, sentences, hints.
 *
 * Reads step records (step.h) only; knows no calculus. Words come from rules.def (room rule) with the
 * record's bindings put in. Levels collapse by the record's tags; nothing is stored about them. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "step/step.h"
#include "text/text.h"

typedef enum explain_level { EXPLAIN_BRIEF, EXPLAIN_FULL, EXPLAIN_ATOMIC } explain_level;

/* The derivation as a page of lines "  = ...      reason", side calculations lettered, "now simplify",
 * closing lines. form: FORM_TEXT, FORM_UNICODE, FORM_LATEX (an align*). width: columns to aim for (0: 100).
 * Appended. */
void explain_page(strbuf *out, gradus_ctx *ctx, const step *root, explain_level level, text_form form,
                  unsigned width);
/* One full sentence: why this step. Appended, no full stop missing. */
void explain_why(strbuf *out, gradus_ctx *ctx, const step *s);
/* Rung 1..5 of the hint ladder for the derivation (EXPLAIN section 4). Appended. */
void explain_hint(strbuf *out, gradus_ctx *ctx, const step *root, int rung);

#endif
