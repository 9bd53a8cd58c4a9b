/* hint: five rungs, each saying a little more (EXPLAIN section 4); the answer itself is never one of them. */
#include "explain/explain_impl.h"

/* The first rule of the derivation: the outermost operation. */
static const step *first_rule(const step *s)
{
    while (s && s->kind != STEP_RULE)
        s = s->sub;
    return s;
}

static const step *first_part(const step *s)
{
    for (const step *c = s->sub; c; c = c->next)
        if (c->kind == STEP_RULE)
            return c;
    return NULL;
}

static void where_to_look(strbuf *out, gradus_ctx *ctx, const step *s)
{
    strbuf_add(out, "Which operation is done last when you compute ");
    text_print(out, ctx, s->before && term_is(ctx, s->before, OP_DERIV) ? term_arg(ctx, s->before, 0) : s->before, FORM_TEXT);
    strbuf_add(out, " for a number?");
}

void explain_hint(strbuf *out, gradus_ctx *ctx, const step *root, int rung)
{
    const step *s = first_rule(root);
    const rule_row *r = s ? rule_find(s->rule) : NULL;
    if (!r)
        return;
    switch (rung) {
    case 1: where_to_look(out, ctx, s); break;
    case 2:
        explain_fill(out, ctx, s, r->hint ? r->hint : "which table entry?", FORM_TEXT);
        break;
    case 3: strbuf_add(out, r->general ? r->general : "look it up in the table of derivatives"); break;
    case 4:
        if (s->shown) {
            strbuf_add(out, "= ");
            text_print(out, ctx, s->shown, FORM_TEXT);
        } else {
            explain_why(out, ctx, s);
        }
        break;
    default: {
        const step *c = first_part(s);
        text_print(out, ctx, c ? c->before : s->before, FORM_TEXT);
        strbuf_add(out, " = ");
        text_print(out, ctx, c ? c->after : s->after, FORM_TEXT);
    }
    }
    strbuf_addc(out, '\n');
}
