/* simple: eval, print, simplify and the function table. */
#include "api/api_impl.h"

void ask_eval(problem *p)
{
    term_record_start(p->ctx);
    term c = term_canon(p->ctx, p->f);
    size_t n;
    const term_lost *lost = term_record_stop(p->ctx, &n);
    if (!c)
        return;
    answer_set_term(p, p->f);
    if (p->q->engine == GRADUS_ENGINE_FLOAT || n == 0) {
        answer_set_value(p, p->q->engine == GRADUS_ENGINE_FLOAT ? p->f : c);
        return;
    }
    /* The canonical form may have a value where the formula as typed has none: x/x at 0. */
    answer_set_value(p, p->f);
    (void)lost;
}

void ask_print(problem *p) { answer_set_term(p, p->raw); }

void ask_simplify(problem *p)
{
    term_record_start(p->ctx);
    term s = diff_simplify(p->ctx, p->f, p->logging ? &p->log : NULL);
    size_t n;
    const term_lost *lost = term_record_stop(p->ctx, &n);
    if (!s)
        return;
    answer_set_conditions(p, p->f, s, lost, n);
    answer_set_term(p, s);
    answer_set_value(p, s);
    answer_set_steps(p);
}

static void member(strbuf *b, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_printf(b, ",\"%s\":", name);
    reply_string(b, value);
}

static void function_row(strbuf *b, const fn_row *r)
{
    strbuf_add(b, "{\"name\":");
    reply_string(b, r->name);
    member(b, "aliases", r->aliases && *r->aliases ? r->aliases : NULL);
    strbuf_printf(b, ",\"arity\":%d", r->arity);
    strbuf_add(b, ",\"derivatives\":[");
    for (int k = 0; k < r->arity && k < FN_MAX_ARITY; k++) {
        static const char *const kinds[] = {[FN_D_ZERO] = "0", [FN_D_NONE] = "", [FN_D_SPECIAL] = "cases"};
        if (k)
            strbuf_addc(b, ',');
        const char *d = r->dkind[k] == FN_D_FORMULA ? r->d[k] : kinds[r->dkind[k]];
        if (*d)
            reply_string(b, d);
        else
            strbuf_add(b, "null");
    }
    strbuf_addc(b, ']');
    member(b, "domain", r->domain && *r->domain ? r->domain : NULL);
    member(b, "range", r->range);
    member(b, "kinks", r->kinks);
    member(b, "convention", r->kink_text);
    member(b, "about", r->about);
    member(b, "source", r->source);
    strbuf_addc(b, '}');
}

static void function_line(strbuf *b, const fn_row *r)
{
    static const char args[] = "uvw";
    strbuf_printf(b, "%s(", r->name);
    for (int k = 0; k < r->arity; k++)
        strbuf_printf(b, "%s%c", k ? ", " : "", args[k < 3 ? k : 2]);
    strbuf_printf(b, "%s)", r->flags & FN_VARIADIC ? ", ..." : "");
    strbuf_printf(b, "  %s", r->about ? r->about : "");
    if (r->dkind[0] == FN_D_FORMULA)
        strbuf_printf(b, "  d/du: %s", r->d[0]);
    strbuf_addc(b, '\n');
}

void ask_functions(problem *p)
{
    strbuf json, text;
    strbuf_init(&json, p->ctx);
    strbuf_init(&text, p->ctx);
    strbuf_add(&json, ",\"functions\":[");
    for (int f = 1; f < FN_COUNT; f++) {
        const fn_row *r = fn_get((fn_id)f);
        if (f > 1)
            strbuf_addc(&json, ',');
        function_row(&json, r);
        function_line(&text, r);
    }
    strbuf_addc(&json, ']');
    p->a->extra_json = answer_copy(p->a, &json);
    p->a->form[GRADUS_TEXT] = answer_copy(p->a, &text);
    strbuf_clear(&json);
    strbuf_clear(&text);
}
