/* hint: five rungs, each saying a little more; the answer itself is never one of them unless it is the next
 * line. */
#include "explain/explain_impl.h"

/* The first rule of the derivation: the outermost operation. */
static const step *first_rule(const step *s)
{
    while (s && s->kind != STEP_RULE) {
        const step *next = NULL;
        for (const step *c = s->sub; c && !next; c = c->next) next = c->kind != STEP_REWRITE ? c : NULL;
        s = next;
    }
    return s;
}

static void where_to_look(strbuf *out, gradus_ctx *ctx, const step *s)
{
    strbuf_add(out, "Which operation is done last when you compute ");
    text_print(out, ctx, term_is(ctx, s->before, OP_DERIV) ? term_arg(ctx, s->before, 0) : s->before,
               FORM_TEXT);
    strbuf_add(out, " for a number?");
}

static void question(strbuf *out, gradus_ctx *ctx, const step *s, const rule_row *r)
{
    size_t start = out->n;
    const rule_row *table = rule_find("table");
    explain_fill(out, ctx, s,
                 r->hint                ? r->hint
                 : table && table->hint ? table->hint
                                        : "which rule?",
                 FORM_TEXT);
    if (out->at && out->n > start && out->at[start] >= 'a' && out->at[start] <= 'z')
        out->at[start] = (char)(out->at[start] - 'a' + 'A');
}

/* Line number n (from 1) of the derivation as its page would show it, with its reason; the last one if it is
 * shorter. */
static void page_line(strbuf *out, gradus_ctx *ctx, const step *s, unsigned n)
{
    strbuf nowhere;
    strbuf_init(&nowhere, ctx);
    sheet page = {.ctx = ctx, .out = &nowhere, .form = FORM_TEXT, .width = 100};
    board b = {.ctx = ctx, .sheet = &page, .level = EXPLAIN_FULL};
    const sheet_line *found = NULL;
    board_derive(&b, s, NULL);
    for (size_t i = 0; i < page.lines.n && n; i++)
        if (page.lines.at[i].kind == LINE_EQUAL && !page.lines.at[i].letter) {
            found = &page.lines.at[i];
            n--;
        }
    if (found) {
        strbuf_printf(out, "= %s", page.chars.at + found->text);
        if (page.chars.at[found->reason]) strbuf_printf(out, "   (%s)", page.chars.at + found->reason);
    }
    board_clear(&b);
    sheet_clear(&page);
    strbuf_clear(&nowhere);
}

void explain_hint(strbuf *out, gradus_ctx *ctx, const step *root, int rung)
{
    const step *s = first_rule(root);
    const rule_row *r = s ? rule_find(s->rule) : NULL;
    if (!r) return;
    switch (rung) {
    case 1: where_to_look(out, ctx, s); break;
    case 2: question(out, ctx, s, r); break;
    case 3: strbuf_add(out, r->general ? r->general : "look it up in the table of derivatives"); break;
    case 4: page_line(out, ctx, s, 1); break;
    default: page_line(out, ctx, s, 2); break;
    }
    strbuf_addc(out, '\n');
}
