/* explain_impl: what the files of room explain share. */
#ifndef EXPLAIN_IMPL_H
#define EXPLAIN_IMPL_H

#include "explain/explain.h"
#include "rule/rule.h"

#include <string.h>

/* pattern with its {bindings} replaced by printed terms. */
void explain_fill(strbuf *out, gradus_ctx *ctx, const step *s, const char *pattern, text_form form);
/* The short reason that stands beside a line. */
void explain_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form);

#endif
