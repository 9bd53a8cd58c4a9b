/* sentence: a rule's words with the record's bindings put in. */
#include "explain/explain_impl.h"

static const term *binding(const step *s, const char *name, size_t n)
{
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strlen(s->bind[i].name) == n && memcmp(s->bind[i].name, name, n) == 0)
            return &s->bind[i].value;
    return NULL;
}

/* Names every record has without binding them: the variable, the result, both sides of a rewrite. */
static term standing_name(gradus_ctx *ctx, const step *s, const char *name, size_t n)
{
#define IS(word) (n == sizeof word - 1 && memcmp(name, word, n) == 0)
    bool deriv = s->before && term_is(ctx, s->before, OP_DERIV);
    if (IS("x"))
        return deriv ? term_arg(ctx, s->before, 1) : TERM_NONE;
    if (IS("f"))
        return deriv ? term_arg(ctx, s->before, 0) : s->before;
    if (IS("value") || IS("new"))
        return s->after;
    if (IS("old"))
        return s->before;
    if (IS("inner"))
        return s->inner_is;
    return TERM_NONE;
#undef IS
}

/* A term too long to sit inside a sentence is called "it". */
enum { LONGEST_BINDING = 60 };

static void add_term(strbuf *out, gradus_ctx *ctx, term t, text_form form)
{
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, t, form == FORM_LATEX ? FORM_TEXT : form);
    strbuf_add(out, b.n <= LONGEST_BINDING ? strbuf_str(&b) : "the formula");
    strbuf_clear(&b);
}

void explain_fill(strbuf *out, gradus_ctx *ctx, const step *s, const char *pattern, text_form form)
{
    for (const char *p = pattern; *p; p++) {
        const char *close = *p == '{' ? strchr(p, '}') : NULL;
        if (!close) {
            strbuf_addc(out, *p);
            continue;
        }
        size_t n = (size_t)(close - p - 1);
        const term *bound = binding(s, p + 1, n);
        term t = bound ? *bound : standing_name(ctx, s, p + 1, n);
        if (t)
            add_term(out, ctx, t, form);
        else
            strbuf_add(out, "it");
        p = close;
    }
}

void explain_why(strbuf *out, gradus_ctx *ctx, const step *s)
{
    const rule_row *r = rule_find(s->rule);
    size_t start = out->n;
    if (s->tag == STEP_REPEAT) {
        strbuf_add(out, "the same sub-formula as before");
        return;
    }
    if (!r) {
        strbuf_add(out, s->rule);
        return;
    }
    explain_fill(out, ctx, s, r->full ? r->full : r->key, FORM_TEXT);
    if (out->at && out->n > start && out->at[start] >= 'a' && out->at[start] <= 'z' && r->brief && r->brief[0] >= 'A' &&
        r->brief[0] <= 'Z')
        out->at[start] = (char)(out->at[start] - 'a' + 'A');
}

/* The short reason beside a line: the brief phrase, with f and g named where the rule has two parts. */
void explain_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    const rule_row *r = rule_find(s->rule);
    if (s->tag == STEP_REPEAT) {
        strbuf_add(out, "as before");
        return;
    }
    if (!r) {
        strbuf_add(out, s->rule);
        return;
    }
    if (strcmp(s->rule, "chain") == 0 && s->inner_name) {
        strbuf_add(out, "chain rule: inner ");
        text_print(out, ctx, s->inner_name, form == FORM_LATEX ? FORM_TEXT : form);
        strbuf_add(out, " = ");
        add_term(out, ctx, s->inner_is, form);
        return;
    }
    bool two = strcmp(s->rule, "product") == 0 || strcmp(s->rule, "quotient") == 0;
    explain_fill(out, ctx, s, r->brief ? r->brief : r->full ? r->full : r->key, form);
    if (two && r->general) {
        const char *eq = strstr(r->general, " = ");
        strbuf_printf(out, " %s", eq ? eq + 3 : r->general);
    }
}
