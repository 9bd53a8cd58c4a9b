/* answer: what a question gets back; filling it from terms and reading it. */
#include "api/api_impl.h"

#include <math.h>
#include "api/study.h"

gradus_answer *answer_new(gradus_ctx *ctx, gradus_op op)
{
    gradus_answer *a = ctx_realloc(ctx, NULL, 0, sizeof *a);
    if (!a)
        return NULL;
    memset(a, 0, sizeof *a);
    a->ctx = ctx;
    a->op = op;
    arena_init(&a->mem, ctx);
    return a;
}

void gradus_answer_free(gradus_answer *a)
{
    if (!a)
        return;
    gradus_ctx *ctx = a->ctx;
    vec_clear(ctx, &a->conditions);
    vec_clear(ctx, &a->kinks);
    vec_clear(ctx, &a->notes);
    study_free(a);
    arena_clear(&a->mem);
    ctx_realloc(ctx, a, sizeof *a, 0);
}

const char *answer_copy(gradus_answer *a, const strbuf *b) { return arena_strndup(&a->mem, strbuf_str(b), b->n); }

void answer_add(gradus_answer *a, string_list *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i], text) == 0)
            return;
    char *copy = arena_strndup(&a->mem, text, strlen(text));
    if (copy)
        (void)vec_push(a->ctx, list, copy);
}

void answer_take_diagnostics(gradus_answer *a)
{
    gradus_ctx *ctx = a->ctx;
    a->status = ctx_status(ctx);
    for (size_t i = 0; i < ctx->diag_count; i++)
        if (ctx->diags[i].severity != DIAG_ERROR)
            answer_add(a, &a->notes, ctx->diags[i].message);
    if (a->status == GRADUS_OK)
        return;
    const diag *d = diag_first_error(ctx);
    strbuf page;
    strbuf_init(&page, ctx);
    if (d) {
        a->message = arena_strndup(&a->mem, d->message, strlen(d->message));
        if (d->hint)
            a->hint = arena_strndup(&a->mem, d->hint, strlen(d->hint));
        a->has_span = d->where.source != 0;
        a->span_first = d->where.first;
        a->span_past = d->where.past;
        for (size_t i = 0; i < ctx->diag_count; i++)
            if (ctx->diags[i].severity == DIAG_ERROR)
                text_print_diag(&page, ctx, &ctx->diags[i]);
    } else {
        a->message = status_sentence(a->status);
        strbuf_printf(&page, "error: %s\n", a->message);
    }
    a->error_page = answer_copy(a, &page);
    strbuf_clear(&page);
}

/* ---- the result ------------------------------------------------------------------------------------------------ */

static const char *printed(problem *p, term t, text_form form)
{
    strbuf b;
    strbuf_init(&b, p->ctx);
    text_print(&b, p->ctx, t, form);
    const char *s = answer_copy(p->a, &b);
    strbuf_clear(&b);
    return s;
}

void answer_set_term(problem *p, term t)
{
    static const text_form forms[] = {[GRADUS_TEXT] = FORM_TEXT, [GRADUS_LATEX] = FORM_LATEX,
                                      [GRADUS_UNICODE] = FORM_UNICODE, [GRADUS_MATHML] = FORM_MATHML,
                                      [GRADUS_JSON] = FORM_JSON};
    if (!t || ctx_status(p->ctx) != GRADUS_OK)
        return;
    p->a->form[GRADUS_TEXT] = printed(p, t, FORM_TEXT);
    p->a->form[GRADUS_LATEX] = printed(p, t, FORM_LATEX);
    gradus_format wanted = p->q->output;
    if (wanted != GRADUS_TEXT && wanted != GRADUS_LATEX)
        p->a->form[wanted] = printed(p, t, forms[wanted]);
}

static bool is_bound(const problem *p, term sym)
{
    for (size_t i = 0; i < p->at.n; i++)
        if (p->at.at[i].sym == sym)
            return true;
    return false;
}

/* Names in t that have no value at the problem's point. */
static bool open_names(problem *p, term t, term_vec *open)
{
    term_vec names = {0};
    bool ok = term_symbols(p->ctx, t, true, &names);
    for (size_t i = 0; i < names.n && ok; i++) {
        const sym_info *info = term_sym_info(p->ctx, names.at[i]);
        if (!info->values && !is_bound(p, names.at[i]))
            ok = vec_push(p->ctx, open, names.at[i]);
    }
    vec_clear(p->ctx, &names);
    return ok;
}

static void complain_of_open_names(problem *p, const term_vec *open)
{
    strbuf b;
    strbuf_init(&b, p->ctx);
    for (size_t i = 0; i < open->n && i < 8; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", term_sym_name(p->ctx, open->at[i]));
    diag_error(p->ctx, GRADUS_SYNTAX, text_span(p->ctx, open->at[0]), "give every name a value, as in --at x=1,y=2",
               "%s %s no value", strbuf_str(&b), open->n > 1 ? "have" : "has");
    strbuf_clear(&b);
}

static void describe_problem(problem *p)
{
    const eval_problem *e = &p->a->value.problem;
    if (e->code == GRADUS_OK)
        return;
    strbuf b;
    strbuf_init(&b, p->ctx);
    if (e->what) {
        text_print(&b, p->ctx, e->what, FORM_TEXT);
        strbuf_add(&b, e->code == GRADUS_UNABLE ? " could not be decided" : " has no value");
    } else {
        strbuf_add(&b, e->code == GRADUS_UNABLE ? "the value could not be decided" : "there is no value");
    }
    if (e->why)
        strbuf_printf(&b, ": %s", e->why);
    p->a->problem = answer_copy(p->a, &b);
    answer_add(p->a, &p->a->notes, p->a->problem);
    strbuf_clear(&b);
}

void answer_set_value(problem *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    if (!t || ctx_status(ctx) != GRADUS_OK)
        return;
    if (p->subst_from.n)
        t = term_subst(ctx, t, p->subst_from.at, p->subst_to.at, (uint32_t)p->subst_from.n);
    term_vec open = {0};
    if (t && open_names(p, t, &open) && open.n == 0) {
        eval_options opt = {.digits = p->q->digits};
        gradus_status st = p->q->engine == GRADUS_ENGINE_FLOAT
                               ? eval_float(ctx, t, p->at.at, p->at.n, &p->a->mem, &p->a->value)
                               : eval_ball(ctx, t, p->at.at, p->at.n, &opt, &p->a->mem, &p->a->value);
        p->a->has_value = st == GRADUS_OK;
        if (p->a->has_value)
            describe_problem(p);
    } else if (open.n && (p->q->at_count || p->q->op == GRADUS_OP_EVAL)) {
        complain_of_open_names(p, &open);
    }
    vec_clear(ctx, &open);
}

void answer_keep_domain(problem *p)
{
    gradus_ctx *ctx = p->ctx;
    gradus_answer *a = p->a;
    if (!a->has_value || ctx_status(ctx) != GRADUS_OK || p->q->op == GRADUS_OP_IMPLICIT || p->q->op == GRADUS_OP_LIMIT)
        return;
    term_vec needs = {0};
    bool total = rule_harvest(ctx, p->f, &needs) && needs.n == 0;
    vec_clear(ctx, &needs);
    if (total)
        return;
    term f = p->subst_from.n ? term_subst(ctx, p->f, p->subst_from.at, p->subst_to.at, (uint32_t)p->subst_from.n) : p->f;
    eval_result r;
    term_vec open = {0};
    bool closed = f && open_names(p, f, &open) && open.n == 0;
    vec_clear(ctx, &open);
    if (!closed || eval_ball(ctx, f, p->at.at, p->at.n, NULL, &a->mem, &r) != GRADUS_OK || r.problem.code != GRADUS_DOMAIN ||
        r.count != 1)
        return;
    for (size_t i = 0; i < a->value.count; i++)
        a->value.value[i] = NAN;
    a->value.digits = a->value.mid = a->value.rad = NULL;
    a->value.problem = r.problem;
    describe_problem(p);
}

void answer_set_steps(problem *p)
{
    static const explain_level levels[] = {[GRADUS_STEPS_BRIEF] = EXPLAIN_BRIEF, [GRADUS_STEPS_FULL] = EXPLAIN_FULL,
                                           [GRADUS_STEPS_ATOMIC] = EXPLAIN_ATOMIC};
    if (!p->logging || !p->log.root || ctx_status(p->ctx) != GRADUS_OK)
        return;
    strbuf b;
    strbuf_init(&b, p->ctx);
    if (p->q->hint)
        explain_hint(&b, p->ctx, p->log.root, p->q->hint);
    else if (p->q->steps != GRADUS_STEPS_NONE)
        explain_page(&b, p->ctx, p->log.root, levels[p->q->steps],
                     p->q->output == GRADUS_LATEX     ? FORM_LATEX
                     : p->q->output == GRADUS_UNICODE ? FORM_UNICODE
                                                      : FORM_TEXT,
                     p->q->width);
    p->a->steps_page = answer_copy(p->a, &b);
    strbuf_clear(&b);
    if (p->q->steps != GRADUS_STEPS_NONE) {
        strbuf_init(&b, p->ctx);
        reply_steps(&b, p->ctx, p->log.root);
        p->a->steps_json = answer_copy(p->a, &b);
        strbuf_clear(&b);
    }
}

/* ---- reading an answer -------------------------------------------------------------------------------------------- */

gradus_status gradus_answer_status(const gradus_answer *a) { return a->status; }

static const char *or_empty(const char *s) { return s ? s : ""; }

const char *gradus_answer_text(const gradus_answer *a) { return or_empty(a->form[GRADUS_TEXT]); }

const char *gradus_answer_format(const gradus_answer *a, gradus_format format)
{
    return format <= GRADUS_JSON ? or_empty(a->form[format]) : "";
}

const char *gradus_answer_echo(const gradus_answer *a) { return or_empty(a->echo); }

size_t gradus_answer_values(const gradus_answer *a, const double **values, uint32_t *rank, const int64_t **dims)
{
    if (a->study && a->study->point.n) {
        *values = a->study->point.at;
        if (rank)
            *rank = 1;
        if (dims)
            *dims = a->study->point_dims;
        return a->study->point.n;
    }
    if (!a->has_value)
        return 0;
    *values = a->value.value;
    if (rank)
        *rank = a->value.rank;
    if (dims)
        *dims = a->value.dims;
    return a->value.count;
}

const char *gradus_answer_digits(const gradus_answer *a, size_t i)
{
    return a->has_value && a->value.digits && i < a->value.count ? a->value.digits[i] : NULL;
}

const char *gradus_answer_problem(const gradus_answer *a) { return a->problem; }

gradus_status gradus_answer_problem_code(const gradus_answer *a)
{
    return a->has_value ? a->value.problem.code : GRADUS_OK;
}

const char *gradus_answer_direction(const gradus_answer *a) { return a->direction; }

static const char *list_at(const string_list *l, size_t i) { return i < l->n ? l->at[i] : NULL; }
const char *gradus_answer_condition(const gradus_answer *a, size_t i) { return list_at(&a->conditions, i); }
const char *gradus_answer_kink(const gradus_answer *a, size_t i) { return list_at(&a->kinks, i); }
const char *gradus_answer_note(const gradus_answer *a, size_t i) { return list_at(&a->notes, i); }
const char *gradus_answer_steps(const gradus_answer *a) { return or_empty(a->steps_page); }
gradus_truth gradus_answer_equal(const gradus_answer *a) { return a->has_equal ? a->equal : GRADUS_UNKNOWN; }
const char *gradus_answer_verdict(const gradus_answer *a) { return or_empty(a->verdict); }
const char *gradus_answer_error(const gradus_answer *a) { return or_empty(a->error_page); }

/* ---- the whole answer as JSON ------------------------------------------------------------------------------------------ */

static void member_string(strbuf *b, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_printf(b, ",\"%s\":", name);
    reply_string(b, value);
}

static void member_list(strbuf *b, const char *name, const string_list *l)
{
    if (!l->n)
        return;
    strbuf_printf(b, ",\"%s\":[", name);
    for (size_t i = 0; i < l->n; i++) {
        if (i)
            strbuf_addc(b, ',');
        reply_string(b, l->at[i]);
    }
    strbuf_addc(b, ']');
}

static void member_value(strbuf *b, const gradus_answer *a)
{
    const eval_result *v = &a->value;
    strbuf_add(b, ",\"value\":");
    reply_values(b, v->value, v->rank, v->dims, v->count);
    if (v->digits && v->count && v->digits[0]) {
        strbuf_add(b, v->rank ? ",\"digits\":[" : ",\"digits\":");
        for (size_t i = 0; i < v->count; i++) {
            if (i)
                strbuf_addc(b, ',');
            reply_string(b, v->digits[i]);
        }
        if (v->rank)
            strbuf_addc(b, ']');
    }
    if (v->rank == 0 && v->mid && v->mid[0]) {
        strbuf_add(b, ",\"enclosure\":{\"mid\":");
        reply_string(b, v->mid[0]);
        strbuf_add(b, ",\"rad\":");
        reply_string(b, v->rad[0]);
        strbuf_addc(b, '}');
    }
}

static void error_object(strbuf *b, const gradus_answer *a)
{
    strbuf_printf(b, "\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":", status_name(a->status));
    reply_string(b, a->message);
    if (a->has_span)
        strbuf_printf(b, ",\"span\":[%u,%u]", a->span_first, a->span_past);
    member_string(b, "hint", a->hint);
    strbuf_addc(b, '}');
}

const char *gradus_answer_json(gradus_answer *a, const char *id)
{
    strbuf b;
    strbuf_init(&b, a->ctx);
    strbuf_addc(&b, '{');
    if (id)
        strbuf_printf(&b, "\"id\":%s,", id);
    if (a->status != GRADUS_OK) {
        error_object(&b, a);
    } else {
        strbuf_add(&b, "\"ok\":true");
        member_string(&b, "echo", a->echo);
        member_string(&b, "text", a->form[GRADUS_TEXT]);
        member_string(&b, "latex", a->form[GRADUS_LATEX]);
        member_string(&b, "matrix", a->matrix);
        member_string(&b, "unicode", a->form[GRADUS_UNICODE]);
        member_string(&b, "mathml", a->form[GRADUS_MATHML]);
        if (a->form[GRADUS_JSON])
            strbuf_printf(&b, ",\"tree\":%s", a->form[GRADUS_JSON]);
        if (a->has_value)
            member_value(&b, a);
        if (a->has_equal) {
            strbuf_printf(&b, ",\"equal\":%s", a->equal == GRADUS_YES ? "true" : a->equal == GRADUS_NO ? "false" : "null");
            member_string(&b, "verdict", a->verdict);
            if (a->check_json)
                strbuf_add(&b, a->check_json);
        }
        if (a->extra_json)
            strbuf_add(&b, a->extra_json);
        member_list(&b, "conditions", &a->conditions);
        member_list(&b, "kinks", &a->kinks);
        if (a->steps_json)
            strbuf_printf(&b, ",\"steps\":%s", a->steps_json);
    }
    member_list(&b, "notes", &a->notes);
    strbuf_addc(&b, '}');
    a->json = arena_strndup(&a->mem, strbuf_str(&b), b.n);
    strbuf_clear(&b);
    return a->json ? a->json : "{\"ok\":false,\"error\":{\"code\":\"nomem\",\"message\":\"out of memory\"}}";
}
