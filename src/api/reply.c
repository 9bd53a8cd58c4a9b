/* reply: writing JSON text. (Reading is jansson's work, in batch.c.) */
#include "api/api_impl.h"

#include <math.h>

void reply_string_n(strbuf *b, const char *s, size_t n)
{
    strbuf_addc(b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\') {
            strbuf_addc(b, '\\');
            strbuf_addc(b, (char)c);
        } else if (c == '\n') {
            strbuf_add(b, "\\n");
        } else if (c < 0x20 || c == 0x7f) {
            strbuf_printf(b, "\\u%04x", c);
        } else {
            uint32_t code;
            int k = utf8_decode(s + i, n - i, &code);
            if (k <= 0) { /* not UTF-8: replacement character */
                strbuf_add(b, "\\ufffd");
                continue;
            }
            strbuf_addn(b, s + i, (size_t)k);
            i += (size_t)k - 1;
        }
    }
    strbuf_addc(b, '"');
}

void reply_string(strbuf *b, const char *s) { reply_string_n(b, s ? s : "", s ? strlen(s) : 0); }

void reply_double(strbuf *b, double x)
{
    if (isfinite(x)) {
        num_print_double(b, x);
        return;
    }
    strbuf_add(b, isnan(x) ? "\"nan\"" : x > 0 ? "\"inf\"" : "\"-inf\"");
}

void reply_values(strbuf *b, const double *v, uint32_t rank, const int64_t *dims, size_t count)
{
    if (rank == 0) {
        reply_double(b, count ? v[0] : NAN);
        return;
    }
    if (count == 0) {
        strbuf_add(b, "[]");
        return;
    }
    /* size[d]: entries below one step of axis d: brackets open and close where an index is a multiple of it. */
    size_t size[SYM_MAX_RANK + 1];
    size[rank] = 1;
    for (uint32_t d = rank; d-- > 0;)
        size[d] = size[d + 1] * (size_t)dims[d];
    for (size_t i = 0; i < count; i++) {
        if (i)
            strbuf_addc(b, ',');
        for (uint32_t d = 0; d < rank; d++)
            if (i % size[d] == 0)
                strbuf_addc(b, '[');
        reply_double(b, v[i]);
        for (uint32_t d = 0; d < rank; d++)
            if ((i + 1) % size[d] == 0)
                strbuf_addc(b, ']');
    }
}

/* ---- steps ---------------------------------------------------------------------------------------------------- */

static void member_term(strbuf *b, gradus_ctx *ctx, const char *name, term t)
{
    if (!t)
        return;
    strbuf text;
    strbuf_init(&text, ctx);
    text_print(&text, ctx, t, FORM_TEXT);
    strbuf_printf(b, ",\"%s\":", name);
    reply_string(b, strbuf_str(&text));
    strbuf_clear(&text);
}

static void step_head(strbuf *b, gradus_ctx *ctx, const step *s)
{
    strbuf why;
    strbuf_init(&why, ctx);
    strbuf_add(b, "{\"rule\":");
    reply_string(b, s->rule);
    member_term(b, ctx, "before", s->before);
    member_term(b, ctx, "shown", s->shown);
    member_term(b, ctx, "after", s->after);
    explain_why(&why, ctx, s);
    strbuf_add(b, ",\"why\":");
    reply_string(b, strbuf_str(&why));
    if (s->role) {
        strbuf_add(b, ",\"role\":");
        reply_string(b, s->role);
    }
    if (s->tag == STEP_REPEAT)
        strbuf_add(b, ",\"repeat\":true");
    if (s->cond)
        member_term(b, ctx, "condition", s->cond);
    if (s->inner_name) {
        member_term(b, ctx, "inner", s->inner_name);
        member_term(b, ctx, "inner_is", s->inner_is);
    }
    strbuf_add(b, ",\"steps\":[");
    strbuf_clear(&why);
}

/* The tree in order, without recursion: down by sub, across by next, up by parent. */
void reply_steps(strbuf *b, gradus_ctx *ctx, const step *root)
{
    strbuf_addc(b, '[');
    const step *s = root;
    while (s) {
        step_head(b, ctx, s);
        if (s->sub) {
            s = s->sub;
            continue;
        }
        strbuf_add(b, "]}");
        while (s != root && !s->next) {
            s = s->parent;
            strbuf_add(b, "]}");
        }
        if (s == root)
            break;
        s = s->next;
        strbuf_addc(b, ',');
    }
    strbuf_addc(b, ']');
}
