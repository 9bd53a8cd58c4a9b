/* read: a query's texts and numbers become terms, variables and bindings. */
#include "api/api_impl.h"

#include <math.h>

static text_door door_of(const gradus_query *q) { return q->format == GRADUS_LATEX ? TEXT_LATEX : TEXT_PLAIN; }

/* A given scalar stays bound until reset; a later value replaces it. */
static void keep_scalar(gradus_ctx *ctx, term sym, double x)
{
    api_state *s = api_of(ctx);
    term value = term_from_double(ctx, x);
    term_sym_forget(ctx, sym);
    for (size_t i = 0; i < s->given.n; i++)
        if (s->given.at[i].sym == sym) {
            s->given.at[i].value = value;
            return;
        }
    (void)vec_push(ctx, &s->given, ((eval_bind){sym, value}));
}

static void drop_scalar(gradus_ctx *ctx, term sym)
{
    api_state *s = api_of(ctx);
    size_t kept = 0;
    for (size_t i = 0; i < s->given.n; i++)
        if (s->given.at[i].sym != sym)
            s->given.at[kept++] = s->given.at[i];
    s->given.n = kept;
}

gradus_status read_given(gradus_ctx *ctx, const gradus_query *q)
{
    if (q->declare) {
        gradus_status st = text_declare(ctx, q->declare, strlen(q->declare));
        if (st != GRADUS_OK)
            return st;
    }
    for (size_t i = 0; i < q->given_count; i++) {
        const gradus_array *g = &q->given[i];
        if (g->rank > SYM_MAX_RANK)
            return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "%s: at most %d indices are supported, this has %u",
                              g->name, SYM_MAX_RANK, g->rank);
        term sym = term_sym(ctx, g->name, strlen(g->name));
        if (sym && g->rank == 0) {
            keep_scalar(ctx, sym, g->values[0]);
            continue;
        }
        if (sym)
            drop_scalar(ctx, sym);
        if (!sym || !term_sym_bind(ctx, sym, g->rank, g->dims, g->values))
            return ctx_status(ctx);
    }
    return q->given_count ? text_check_sizes(ctx) : ctx_status(ctx);
}

term read_expression(problem *p, const char *text, size_t n)
{
    term t = text_parse(p->ctx, text, n, door_of(p->q));
    return t && ctx_status(p->ctx) == GRADUS_OK ? t : TERM_NONE;
}

/* ---- the point ------------------------------------------------------------------------------------------------- */

static bool is_infinite_constant(gradus_ctx *ctx, term t)
{
    term inf = term_constant(ctx, CONST_INF);
    return t == inf || t == term_neg(ctx, inf);
}

static void bind_value(problem *p, const gradus_value *v)
{
    gradus_ctx *ctx = p->ctx;
    term sym = term_sym(ctx, v->name, strlen(v->name)), value;
    if (!sym)
        return;
    for (size_t i = 0; i < p->wrt_index.n; i++) /* an index of `wrt` runs over its range, whatever else has its name */
        if (p->wrt_index.at[i] == sym)
            return;
    if (v->text)
        value = term_canon(ctx, text_parse(ctx, v->text, strlen(v->text), TEXT_PLAIN));
    else
        value = term_from_double(ctx, v->value);
    if (!value)
        return;
    if (term_is_num(ctx, value) || is_infinite_constant(ctx, value)) {
        (void)vec_push(ctx, &p->at, ((eval_bind){sym, value}));
    } else if (term_get_flags(ctx, value) & TF_NUMERIC) {
        (void)vec_push(ctx, &p->subst_from, sym);
        (void)vec_push(ctx, &p->subst_to, value);
    } else {
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "write a number: 2, 0.1, 1/3, pi/2", "the value given for %s is not a number",
                   v->name);
    }
}

/* Is name an index of some w[k] in wrt? Then it is no name with a value there. */
static bool is_wrt_index(const problem *p, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < p->q->wrt_count; i++)
        for (const char *s = strchr(p->q->wrt[i], '['); s && (s = strstr(s, name)); s++) {
            char after = s[n];
            bool starts = strchr("[, ", s[-1]) != NULL;
            if (starts && (after == ']' || after == ',' || after == ' '))
                return true;
        }
    return false;
}

static void announce_names(problem *p)
{
    text_forget_names(p->ctx);
    for (size_t i = 0; i < p->q->at_count; i++)
        if (!is_wrt_index(p, p->q->at[i].name))
            text_know_name(p->ctx, p->q->at[i].name, strlen(p->q->at[i].name));
    for (size_t i = 0; i < p->q->wrt_count; i++)
        text_know_name(p->ctx, p->q->wrt[i], strcspn(p->q->wrt[i], "["));
}

/* ---- variables ----------------------------------------------------------------------------------------------------- */

static void note_indices(problem *p, term x)
{
    if (!term_is(p->ctx, x, OP_ACC))
        return;
    for (uint32_t i = 1; i < term_argc(p->ctx, x); i++) {
        term k = term_arg(p->ctx, x, i);
        bool index = term_is(p->ctx, k, OP_SYM) && term_sym_info(p->ctx, k)->role == ROLE_INDEX;
        bool known = false;
        for (size_t j = 0; j < p->wrt_index.n; j++)
            known |= p->wrt_index.at[j] == k;
        if (index && !known)
            (void)vec_push(p->ctx, &p->wrt_index, k);
    }
}

static void read_variables(problem *p)
{
    for (size_t i = 0; i < p->q->wrt_count; i++) {
        const char *name = p->q->wrt[i];
        term x = text_parse_variable(p->ctx, name, strlen(name));
        if (!x || !vec_push(p->ctx, &p->wrt, x))
            return;
        note_indices(p, x);
    }
}

gradus_status read_default_variable(problem *p)
{
    gradus_ctx *ctx = p->ctx;
    if (p->wrt.n)
        return ctx_status(ctx);
    term_vec names = {0}, free_names = {0};
    if (!term_symbols(ctx, p->f, true, &names))
        return ctx_status(ctx);
    bool has_x = false;
    for (size_t i = 0; i < names.n; i++) {
        const sym_info *info = term_sym_info(ctx, names.at[i]);
        if (info->role == ROLE_VARIABLE && info->rank == 0)
            (void)vec_push(ctx, &free_names, names.at[i]);
        has_x |= strcmp(info->name, "x") == 0 && info->role == ROLE_VARIABLE;
    }
    if (free_names.n == 1)
        (void)vec_push(ctx, &p->wrt, free_names.at[0]);
    else if (has_x || free_names.n == 0)
        (void)vec_push(ctx, &p->wrt, term_sym(ctx, "x", 1));
    else
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "say which one, as in --wrt x", "several names could be the variable: %s, %s%s",
                   term_sym_name(ctx, free_names.at[0]), term_sym_name(ctx, free_names.at[1]), free_names.n > 2 ? ", ..." : "");
    if (p->wrt.n && free_names.n > 1)
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "by x; the other names are held fixed (--wrt NAME for another)");
    vec_clear(ctx, &names);
    vec_clear(ctx, &free_names);
    return ctx_status(ctx);
}

/* ---- the whole question ---------------------------------------------------------------------------------------------- */

static size_t expression_length(const gradus_query *q)
{
    return q->expr_length ? q->expr_length : q->expr ? strlen(q->expr) : 0;
}

gradus_status read_problem(problem *p)
{
    const gradus_query *q = p->q;
    announce_names(p);
    if (q->op == GRADUS_OP_CHECK) /* several lines: ask_check reads them */
        read_variables(p);
    else {
        p->raw = read_expression(p, q->expr ? q->expr : "", expression_length(q));
        for (unsigned i = 0; i < 8 && text_notation_key(p->ctx, i); i++)
            p->notation[i] = text_notation_key(p->ctx, i);
        if (p->raw && q->op != GRADUS_OP_PRINT)
            read_variables(p);
    }
    if (ctx_status(p->ctx) != GRADUS_OK)
        return ctx_status(p->ctx);
    for (size_t i = 0; i < q->at_count; i++)
        bind_value(p, &q->at[i]);
    const api_state *api = api_of(p->ctx);
    for (size_t i = 0; i < api->given.n; i++) { /* given scalars, where the point says nothing else */
        bool known = false;
        for (size_t k = 0; k < p->at.n; k++)
            known |= p->at.at[k].sym == api->given.at[i].sym;
        if (!known)
            (void)vec_push(p->ctx, &p->at, api->given.at[i]);
    }
    term_defined_names(p->ctx, &p->names);
    p->f = p->raw;
    if (p->raw && (term_get_flags(p->ctx, p->raw) & (TF_DERIV | TF_DEFINED)) && q->op != GRADUS_OP_PRINT)
        p->f = diff_resolve(p->ctx, p->raw);
    if (p->raw) {
        strbuf b;
        strbuf_init(&b, p->ctx);
        text_print(&b, p->ctx, p->raw, FORM_TEXT);
        p->a->echo = answer_copy(p->a, &b);
        strbuf_clear(&b);
    }
    if (q->steps != GRADUS_STEPS_NONE || q->hint) {
        step_log_init(&p->log, p->ctx);
        p->logging = true;
    }
    return ctx_status(p->ctx);
}

void problem_clear(problem *p)
{
    if (p->logging)
        step_log_clear(&p->log);
    vec_clear(p->ctx, &p->names);
    vec_clear(p->ctx, &p->wrt);
    vec_clear(p->ctx, &p->wrt_index);
    vec_clear(p->ctx, &p->at);
    vec_clear(p->ctx, &p->subst_from);
    vec_clear(p->ctx, &p->subst_to);
}
