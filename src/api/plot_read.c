/* plot_read: formulas, variables, derivatives and labels of a picture. */
#include "api/plot_impl.h"

#include <ctype.h>
#include <math.h>

enum { LABEL_COLUMNS = 48 }; /* longer formulas are called f(x) */

/* ---- one formula
 * ------------------------------------------------------------------------------------------- */

static size_t skip_blanks(const char *s, size_t i)
{
    while (isspace((unsigned char)s[i])) i++;
    return i;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of "f(x)" at the start of "f(x) = ...", 0 when the text is no such definition. */
static size_t defined_call(const char *s)
{
    size_t i = skip_blanks(s, 0), start = i;
    while (is_name_char(s[i])) i++;
    if (i == start || isdigit((unsigned char)s[start]) || s[i] != '(') return 0;
    for (i++; is_name_char(s[i]) || s[i] == ',' || s[i] == ' '; i++)
        ;
    if (s[i] != ')') return 0;
    size_t past = i + 1, eq = skip_blanks(s, past);
    return s[eq] == '=' && s[eq + 1] != '=' ? past : 0;
}

static const char *printed(plot_work *w, term t)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    text_print(&b, w->ctx, t, FORM_TEXT);
    const char *s = arena_strndup(&w->mem, strbuf_str(&b), b.n);
    strbuf_clear(&b);
    return s ? s : "";
}

/* f with the fixed names replaced by their values, also inside definitions. */
static term put_values(problem *p, term f)
{
    gradus_ctx *ctx = p->ctx;
    for (size_t i = 0; i < p->at.n; i++)
        if (!vec_push(ctx, &p->subst_from, p->at.at[i].sym) ||
            !vec_push(ctx, &p->subst_to, p->at.at[i].value))
            return TERM_NONE;
    if (p->subst_from.n == 0 || !f) return f;
    if (term_get_flags(ctx, f) & TF_DEFINED) f = term_unfold(ctx, f);
    return f ? term_raw_subst(ctx, f, p->subst_from.at, p->subst_to.at, (uint32_t)p->subst_from.n)
             : TERM_NONE;
}

static bool is_array(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_ARRAY) || term_is(ctx, t, OP_TUPLE) || term_is(ctx, t, OP_MATFN) ||
           (term_is(ctx, t, OP_SYM) && term_sym_info(ctx, t)->rank > 0);
}

/* The name in `y = ...`, with *f then its right side; NULL when the formula is no such equation. */
static const char *equation_name(gradus_ctx *ctx, term *f)
{
    if (!term_is(ctx, *f, OP_REL) || term_aux(ctx, *f) != REL_EQ) return NULL;
    for (uint32_t side = 0; side < 2; side++) {
        term name = term_arg(ctx, *f, side), value = term_arg(ctx, *f, 1 - side);
        if (!term_is(ctx, name, OP_SYM) || term_sym_info(ctx, name)->role != ROLE_VARIABLE ||
            term_sym_info(ctx, name)->rank > 0 || term_depends(ctx, value, name))
            continue;
        *f = value;
        return term_sym_name(ctx, name);
    }
    return NULL;
}

static bool add_curve(plot_work *w, problem *p, term typed, term f)
{
    gradus_ctx *ctx = w->ctx;
    plot_curve c = {0};
    c.name = equation_name(ctx, &typed);
    if (c.name && !equation_name(ctx, &f)) f = typed;
    if (term_get_flags(ctx, f) & TF_COND && !term_is(ctx, f, OP_BRACKET)) {
        diag_error(ctx, GRADUS_SHAPE, SPAN_NONE,
                   "write y = ... for a curve, or [x < 1] for a step from 0 to 1",
                   "%s is a condition, which has no values to draw", printed(w, typed));
        return false;
    }
    if (is_array(ctx, f)) {
        diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "draw its entries one by one",
                   "%s has several values at each point; a picture needs one", printed(w, typed));
        return false;
    }
    c.echo = printed(w, typed);
    c.typed = typed;
    if (term_is(ctx, typed, OP_CALL) && strchr(c.echo, '(')) c.call = c.echo;
    c.f = put_values(p, f);
    return c.f && vec_push(ctx, &w->curves, c);
}

/* A tuple is several curves. */
static bool add_formula(plot_work *w, problem *p)
{
    gradus_ctx *ctx = w->ctx;
    bool tuple = term_is(ctx, p->raw, OP_TUPLE) && term_is(ctx, p->f, OP_TUPLE);
    uint32_t n = tuple ? term_argc(ctx, p->raw) : 1;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++)
        ok =
            add_curve(w, p, tuple ? term_arg(ctx, p->raw, i) : p->raw, tuple ? term_arg(ctx, p->f, i) : p->f);
    return ok;
}

static gradus_status read_formula(plot_work *w, const char *text)
{
    const gradus_plot_query *q = w->q;
    gradus_query one;
    gradus_query_defaults(&one, GRADUS_OP_EVAL);
    one.expr = text;
    one.format = q->format;
    one.at = q->at;
    one.at_count = q->at_count;
    if (q->format == GRADUS_TEXT && (one.expr_length = defined_call(text)) > 0) {
        term sym;
        gradus_status st = text_define(w->ctx, text, strlen(text), TEXT_PLAIN, &sym);
        if (st != GRADUS_OK) return st;
    }
    problem p = {.ctx = w->ctx, .q = &one, .a = w->a};
    if (read_problem(&p) == GRADUS_OK) (void)add_formula(w, &p);
    problem_clear(&p);
    return ctx_status(w->ctx);
}

/* ---- variables
 * --------------------------------------------------------------------------------------------- */

static bool has(const term_vec *v, term t)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->at[i] == t) return true;
    return false;
}

static gradus_status free_names(plot_work *w, term_vec *out)
{
    gradus_ctx *ctx = w->ctx;
    term_vec names = {0};
    for (size_t i = 0; i < w->curves.n; i++) {
        names.n = 0;
        if (!term_symbols(ctx, w->curves.at[i].f, true, &names)) break;
        for (size_t k = 0; k < names.n; k++) {
            const sym_info *info = term_sym_info(ctx, names.at[k]);
            if (info->values || info->role == ROLE_INDEX || has(out, names.at[k])) continue;
            if (info->rank > 0)
                diag_error(ctx, GRADUS_SYNTAX, text_span(ctx, names.at[k]),
                           "give it numbers, as in --given 'v=[1,2,3]'", "the array %s has no values",
                           info->name);
            else (void)vec_push(ctx, out, names.at[k]);
        }
    }
    vec_clear(ctx, &names);
    return ctx_status(ctx);
}

/* By name, so that x lies before y whatever the formula says first. */
static void sort_names(gradus_ctx *ctx, term_vec *v)
{
    for (size_t i = 1; i < v->n; i++)
        for (size_t k = i;
             k > 0 && strcmp(term_sym_name(ctx, v->at[k - 1]), term_sym_name(ctx, v->at[k])) > 0; k--) {
            term t = v->at[k];
            v->at[k] = v->at[k - 1];
            v->at[k - 1] = t;
        }
}

static gradus_status too_many(plot_work *w, const term_vec *names, uint32_t most)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    for (size_t i = 0; i < names->n && i < 8; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", term_sym_name(w->ctx, names->at[i]));
    const char *last = term_sym_name(w->ctx, names->at[names->n - 1]);
    const char *hint = arena_printf(&w->mem, "hold the others fixed, as in --at %s=1", last);
    if (most == 1)
        diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, hint, "%s one variable, but the formulas have %s",
                   w->curves.n > 1 ? "several curves share" : "derivatives, tangents and secants need",
                   strbuf_str(&b));
    else
        diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, hint,
                   "a picture has one variable or two; this has %zu: %s", names->n, strbuf_str(&b));
    strbuf_clear(&b);
    return GRADUS_SYNTAX;
}

static bool is_flat(const plot_work *w)
{
    bool lines = w->q->derivatives > 0;
    for (size_t i = 0; i < w->q->mark_count; i++) lines |= w->q->mark[i].kind != GRADUS_MARK_POINT;
    return lines || w->curves.n > 1;
}

/* A variable for a formula that has none: x, or what the first range names. */
static term missing_variable(plot_work *w, term taken)
{
    const char *other = taken && strcmp(term_sym_name(w->ctx, taken), "y") == 0 ? "x" : taken ? "y" : "x";
    return term_sym(w->ctx, other, 1);
}

static gradus_status find_variables(plot_work *w)
{
    term_vec names = {0};
    gradus_status st = free_names(w, &names);
    sort_names(w->ctx, &names);
    uint32_t most = is_flat(w) ? 1 : 2;
    if (st == GRADUS_OK && names.n > most) st = too_many(w, &names, most);
    if (st == GRADUS_OK) {
        w->vars = names.n == 2 || (w->q->view != GRADUS_VIEW_AUTO && most == 2) ? 2 : 1;
        for (uint32_t i = 0; i < w->vars; i++)
            w->var[i] = i < names.n ? names.at[i] : missing_variable(w, i ? w->var[0] : TERM_NONE);
    }
    vec_clear(w->ctx, &names);
    return st ? st : ctx_status(w->ctx);
}

/* ---- numbers and ranges
 * ------------------------------------------------------------------------------------- */

bool plot_number(plot_work *w, const char *what, const char *text, term *t, double *value)
{
    gradus_ctx *ctx = w->ctx;
    *t = text ? term_canon(ctx, text_parse(ctx, text, strlen(text), TEXT_PLAIN)) : TERM_NONE;
    if (!*t || ctx_status(ctx) != GRADUS_OK) return false;
    eval_result r;
    arena scratch;
    bool ok = (term_get_flags(ctx, *t) & TF_NUMERIC) || term_is_num(ctx, *t);
    arena_init(&scratch, ctx);
    ok = ok && eval_ball(ctx, *t, NULL, 0, NULL, &scratch, &r) == GRADUS_OK && r.rank == 0 &&
         !isnan(r.value[0]);
    if (ok) *value = r.value[0];
    arena_clear(&scratch);
    if (!ok && ctx_status(ctx) == GRADUS_OK)
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "write numbers: 2, -0.1, 1/3, 2*pi",
                   "%s: %s is not a number", what, text);
    return ok;
}

static bool is_value_axis(const plot_work *w, const char *name)
{
    for (size_t i = 0; i < w->curves.n; i++)
        if (w->curves.at[i].name && strcmp(w->curves.at[i].name, name) == 0) return true;
    return strcmp(name, "y") == 0 || (w->vars == 2 && strcmp(name, "z") == 0);
}

/* The ends of the axis that the range names; NULL with a diagnostic. */
static double *range_axis(plot_work *w, const gradus_range *r, double **high)
{
    for (uint32_t i = 0; i < w->vars; i++)
        if (r->name ? strcmp(term_sym_name(w->ctx, w->var[i]), r->name) == 0 : w->vars == 1) {
            *high = &w->high[i];
            return &w->low[i];
        }
    if (r->name && is_value_axis(w, r->name)) {
        *high = &w->value_high;
        return &w->value_low;
    }
    const char *x = term_sym_name(w->ctx, w->var[0]);
    const char *both = w->vars == 2 ? arena_printf(&w->mem, "%s and %s", x, term_sym_name(w->ctx, w->var[1]))
                                    : x;
    if (r->name)
        diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "a range is given for %s, but the picture has %s",
                   r->name, both ? both : "");
    else
        diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, "name it, as in x=-5..5",
                   "the range could be that of %s", both ? both : "");
    return NULL;
}

static gradus_status read_range(plot_work *w, const gradus_range *r)
{
    double *high = NULL, *low = range_axis(w, r, &high), a, b;
    term t;
    const char *name = r->name ? r->name : term_sym_name(w->ctx, w->var[0]);
    const char *what = arena_printf(&w->mem, "the range of %s", name);
    if (!low || !what || !plot_number(w, what, r->low, &t, &a) || !plot_number(w, what, r->high, &t, &b))
        return ctx_status(w->ctx);
    const char *why = !isfinite(a) || !isfinite(b) ? "is infinite: a picture ends somewhere"
                      : a == b                     ? "is empty: both ends are the same"
                      : a > b                      ? "is empty: its first end is greater than its last"
                                                   : NULL;
    if (why)
        return diag_error(w->ctx, GRADUS_DOMAIN, SPAN_NONE, "a range reads low..high, as in x=-5..5",
                          "%s, %s..%s, %s", what, r->low, r->high, why);
    *low = a;
    *high = b;
    return GRADUS_OK;
}

gradus_status plot_read(plot_work *w)
{
    gradus_ctx *ctx = w->ctx;
    const gradus_plot_query *q = w->q;
    w->low[0] = w->low[1] = w->high[0] = w->high[1] = w->value_low = w->value_high = NAN;
    if (q->derivatives > PLOT_DERIVATIVES_MOST)
        return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                          "%u derivatives are too many for one picture: at most %d", q->derivatives,
                          PLOT_DERIVATIVES_MOST);
    if (q->expr_count == 0 && !q->data.path && !q->data.column_count)
        return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "give a formula, as in x^2",
                          "there is nothing to draw");
    for (size_t i = 0; i < q->expr_count; i++)
        if (read_formula(w, q->expr[i]) != GRADUS_OK) return ctx_status(ctx);
    if (find_variables(w) != GRADUS_OK) return ctx_status(ctx);
    for (size_t i = 0; i < q->range_count; i++)
        if (read_range(w, &q->range[i]) != GRADUS_OK) return ctx_status(ctx);
    return ctx_status(ctx);
}

/* ---- derivatives and labels
 * --------------------------------------------------------------------------------- */

term plot_derivative(plot_work *w, plot_curve *c, uint32_t k)
{
    static const diff_options opt = {.unfold = true};
    c->df[0] = c->f;
    for (uint32_t i = 1; i <= k; i++)
        if (!c->df[i] && !(c->df[i] = diff_by(w->ctx, c->df[i - 1], w->var[0], &opt, NULL))) return TERM_NONE;
    return c->df[k];
}

static bool is_short(const char *s)
{
    return utf8_width(s, strlen(s)) <= LABEL_COLUMNS;
}

const char *plot_said(const plot_curve *c)
{
    return is_short(c->echo) ? c->echo : "the formula";
}

/* f, g, h, ... for formulas without a name. */
static const char *letter_call(plot_work *w, size_t curve)
{
    static const char letters[] = "fghpqrsuvw";
    const char *x = term_sym_name(w->ctx, w->var[0]);
    char f = letters[curve % (sizeof letters - 1)];
    return arena_printf(&w->mem, "%c(%s)", f, x);
}

/* f(x) as f'(x), y as y'. */
static const char *primed(plot_work *w, const char *call, uint32_t k)
{
    size_t n = strcspn(call, "(");
    return arena_printf(&w->mem, "%.*s%.*s%s", (int)n, call, (int)k, "''''", call + n);
}

/* ", $a = 2$, $b = 0.1$"; numbers that came as doubles to four digits. "" without fixed names. */
const char *plot_fixed_values(plot_work *w)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    for (size_t i = 0; i < w->q->at_count; i++) {
        const gradus_value *v = &w->q->at[i];
        char number[32];
        snprintf(number, sizeof number, "%.4g", v->value);
        strbuf_printf(&b, ", $%s = %s$", v->name, v->text ? v->text : number);
    }
    const char *s = arena_strndup(&w->mem, strbuf_str(&b), b.n);
    strbuf_clear(&b);
    return s ? s : "";
}

bool plot_has_room_for_values(plot_work *w)
{
    size_t width = 0;
    for (size_t i = 0; i < w->curves.n; i++) {
        size_t n = utf8_width(w->curves.at[i].echo, strlen(w->curves.at[i].echo));
        width = n > width ? n : width;
    }
    return width + strlen(plot_fixed_values(w)) <= LABEL_COLUMNS;
}

/* What a defined name stands for, if it is short: the right side of S(x) = ... */
static const char *body_of(plot_work *w, const plot_curve *c)
{
    term body = c->call ? term_unfold_once(w->ctx, c->typed) : TERM_NONE;
    return body && body != c->typed ? printed(w, body) : NULL;
}

const char *plot_label(plot_work *w, size_t curve, uint32_t k)
{
    plot_curve *c = &w->curves.at[curve];
    bool measured = c->name && w->data_name && strcmp(c->name, w->data_name) == 0;
    const char *name = measured ? NULL : c->name;
    const char *call = c->call ? c->call : c->name ? c->name : w->vars == 2 ? "z" : letter_call(w, curve);
    const char *value = k > 0 ? c->df[k] ? printed(w, c->df[k]) : NULL : c->call ? body_of(w, c) : c->echo;
    const char *values = k == 0 && plot_has_room_for_values(w) ? plot_fixed_values(w) : "", *label;
    if (k > 0) call = call ? primed(w, call, k) : NULL;
    if (!call) return "";
    bool bare = k == 0 && !c->call && !name && w->q->derivatives == 0 && w->vars == 1;
    if (!value || !is_short(value)) label = arena_printf(&w->mem, "$%s$%s", call, values);
    else if (bare) label = arena_printf(&w->mem, "$%s$%s", value, values);
    else label = arena_printf(&w->mem, "$%s = %s$%s", call, value, values);
    return label ? label : "";
}
