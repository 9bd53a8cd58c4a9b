/* slope: the derivative from the beginning: slopes of secants, their limit, and the rules beside it.
 *
 * A secant's slope in doubles is off for two reasons. Truncation: the secant is not the tangent; it shrinks with dx.
 * Rounding: f(a + dx) - f(a) cancels; it grows as dx shrinks. Both are told apart by the secant's true slope, which a
 * ball gives.                                                                                                     */
#include "api/api_impl.h"

#include <math.h>

typedef struct secant {
    char dx_text[16];
    double dx, slope, exact, truncation, rounding;
} secant;

typedef struct slope_work {
    problem *p;
    term x, a;         /* variable, exact point (NUM) */
    term f, df;
    VEC(eval_bind) others;
    double derivative;
    VEC(secant) rows;
} slope_work;

static term number(gradus_ctx *ctx, const char *text)
{
    fmpq_t q;
    fmpq_init(q);
    term t = num_parse_decimal(q, text, strlen(text)) ? term_from_fmpq(ctx, q) : TERM_NONE;
    fmpq_clear(q);
    return t;
}

/* Value of t in both ways at the point with x put to `at`. */
static bool value_at(slope_work *w, term t, term at, bool ball, double *out)
{
    problem *p = w->p;
    eval_result r;
    arena scratch;
    size_t n = w->others.n;
    if (!vec_push(p->ctx, &w->others, ((eval_bind){w->x, at})))
        return false;
    arena_init(&scratch, p->ctx);
    gradus_status st = ball ? eval_ball(p->ctx, t, w->others.at, w->others.n, NULL, &scratch, &r)
                            : eval_float(p->ctx, t, w->others.at, w->others.n, &scratch, &r);
    if (st == GRADUS_OK)
        *out = r.value[0];
    arena_clear(&scratch);
    w->others.n = n;
    return st == GRADUS_OK;
}

static bool add_secant(slope_work *w, const char *dx_text)
{
    gradus_ctx *ctx = w->p->ctx;
    secant s = {0};
    snprintf(s.dx_text, sizeof s.dx_text, "%s", dx_text);
    term dx = number(ctx, dx_text), b = term_add2(ctx, w->a, dx);
    double fa, fb;
    num_parse_double(&s.dx, dx_text, strlen(dx_text));
    if (!value_at(w, w->f, w->a, false, &fa) || !value_at(w, w->f, b, false, &fb))
        return false;
    s.slope = (fb - fa) / s.dx;
    term true_slope = term_div(ctx, term_sub(ctx, term_subst(ctx, w->f, &w->x, &b, 1), term_subst(ctx, w->f, &w->x, &w->a, 1)), dx);
    if (!true_slope || !value_at(w, true_slope, w->a, true, &s.exact))
        return false;
    term off = term_sub(ctx, true_slope, term_subst(ctx, w->df, &w->x, &w->a, 1));
    if (!off || !value_at(w, off, w->a, true, &s.truncation))
        return false;
    s.rounding = s.slope - s.exact;
    return vec_push(ctx, &w->rows, s);
}

/* (f(a + dx) - f(a))/dx with its numbers, as the lecture prints it. */
static void print_secant_formula(slope_work *w, strbuf *b, const secant *s)
{
    gradus_ctx *ctx = w->p->ctx;
    term at = term_add2(ctx, w->a, number(ctx, s->dx_text));
    double v;
    strbuf left, right, va;
    strbuf_init(&left, ctx);
    strbuf_init(&right, ctx);
    strbuf_init(&va, ctx);
    if (term_size(ctx, w->p->f) < 40) {
        /* Decimals read better than fractions here; the point is shown as typed. */
        v = num_fmpq_get_double(term_num(ctx, at));
        num_print_double(&va, v);
        term shown = term_sym(ctx, strbuf_str(&va), va.n);
        text_print(&left, ctx, term_raw_subst(ctx, w->p->f, &w->x, &shown, 1), FORM_TEXT);
        va.n = 0;
        num_print_double(&va, num_fmpq_get_double(term_num(ctx, w->a)));
        shown = term_sym(ctx, strbuf_str(&va), va.n);
        text_print(&right, ctx, term_raw_subst(ctx, w->p->f, &w->x, &shown, 1), FORM_TEXT);
        strbuf_printf(b, "(%s - %s)/%s", strbuf_str(&left), strbuf_str(&right), s->dx_text);
    }
    strbuf_clear(&left);
    strbuf_clear(&right);
    strbuf_clear(&va);
}

static void pad_to(strbuf *b, size_t line_start, size_t column)
{
    size_t have = utf8_width(b->at + line_start, b->n - line_start);
    do
        strbuf_addc(b, ' ');
    while (++have < column);
}

static void print_table(slope_work *w, strbuf *b)
{
    size_t widest = strlen("(f(a + dx) - f(a))/dx");
    strbuf cell;
    strbuf_init(&cell, w->p->ctx);
    for (size_t i = 0; i < w->rows.n && i < 5; i++) {
        cell.n = 0;
        print_secant_formula(w, &cell, &w->rows.at[i]);
        if (cell.n > widest && cell.n < 60)
            widest = cell.n;
    }
    strbuf_clear(&cell);
    size_t c1 = 10, c2 = c1 + widest + 2, c3 = c2 + 22, c4 = c3 + 14;
    size_t line = b->n;
    strbuf_add(b, "  dx");
    pad_to(b, line, c1);
    strbuf_add(b, "(f(a + dx) - f(a))/dx");
    pad_to(b, line, c2);
    strbuf_add(b, "slope");
    pad_to(b, line, c3);
    strbuf_add(b, "truncation");
    pad_to(b, line, c4);
    strbuf_add(b, "rounding\n");
    for (size_t i = 0; i < w->rows.n; i++) {
        const secant *s = &w->rows.at[i];
        line = b->n;
        strbuf_printf(b, "  %s", s->dx_text);
        pad_to(b, line, c1);
        if (i < 5)
            print_secant_formula(w, b, s);
        pad_to(b, line, c2);
        num_print_double(b, s->slope);
        pad_to(b, line, c3);
        strbuf_printf(b, "%.3g", s->truncation);
        pad_to(b, line, c4);
        strbuf_printf(b, "%.2g\n", s->rounding);
    }
}

static void print_json(slope_work *w, strbuf *b, term limit)
{
    strbuf_add(b, ",\"secants\":[");
    for (size_t i = 0; i < w->rows.n; i++) {
        const secant *s = &w->rows.at[i];
        const struct {
            const char *name;
            double v;
        } m[] = {{"dx", s->dx}, {"slope", s->slope}, {"exact", s->exact}, {"truncation", s->truncation}, {"rounding", s->rounding}};
        strbuf_add(b, i ? ",{" : "{");
        for (size_t k = 0; k < 5; k++) {
            strbuf_printf(b, "%s\"%s\":", k ? "," : "", m[k].name);
            reply_double(b, m[k].v);
        }
        strbuf_addc(b, '}');
    }
    strbuf_add(b, "]");
    if (limit) {
        strbuf t;
        strbuf_init(&t, w->p->ctx);
        text_print(&t, w->p->ctx, limit, FORM_TEXT);
        strbuf_add(b, ",\"limit\":");
        reply_string(b, strbuf_str(&t));
        strbuf_clear(&t);
    }
}

/* lim[dx -> 0]((f(a + dx) - f(a))/dx), from the definition alone; TERM_NONE (and no error) where it is not found. */
static term limit_by_definition(slope_work *w, term *quotient)
{
    gradus_ctx *ctx = w->p->ctx;
    term dx = term_sym(ctx, "dx", 2), b = term_add2(ctx, w->a, dx);
    term top = term_sub(ctx, term_subst(ctx, w->f, &w->x, &b, 1), term_subst(ctx, w->f, &w->x, &w->a, 1));
    *quotient = term_div(ctx, top, dx);
    gradus_status before = ctx_status(ctx);
    term l = *quotient ? diff_limit(ctx, *quotient, dx, term_int(ctx, 0), SIDE_BOTH) : TERM_NONE;
    if (!l && before == GRADUS_OK && ctx_status(ctx) == GRADUS_UNABLE)
        ctx_begin(ctx);
    return l;
}

static void print_page(slope_work *w, strbuf *b, term limit, term quotient)
{
    gradus_ctx *ctx = w->p->ctx;
    problem *p = w->p;
    const char *x = term_sym_name(ctx, w->x);
    strbuf_printf(b, "slope of %s at %s = ", p->a->echo, x);
    text_print(b, ctx, w->a, FORM_TEXT);
    strbuf_add(b, "\n");
    print_table(w, b);
    strbuf_add(b, "  0         0/0: no value, hence the limit\n");
    if (limit) {
        strbuf_add(b, "by definition: as dx -> 0, ");
        text_print(b, ctx, quotient, FORM_TEXT);
        strbuf_add(b, " -> ");
        text_print(b, ctx, limit, FORM_TEXT);
        strbuf_addc(b, '\n');
    }
    strbuf_printf(b, "by the rules: d/d%s (%s) = ", x, p->a->echo);
    text_print(b, ctx, w->df, FORM_TEXT);
    strbuf_printf(b, "; at %s = ", x);
    text_print(b, ctx, w->a, FORM_TEXT);
    strbuf_add(b, ": ");
    if (p->a->value.digits && p->a->value.digits[0])
        strbuf_add(b, p->a->value.digits[0]);
    else
        num_print_double(b, w->derivative);
    strbuf_addc(b, '\n');
}

static bool find_point(slope_work *w)
{
    problem *p = w->p;
    for (size_t i = 0; i < p->at.n; i++)
        if (p->at.at[i].sym == w->x)
            w->a = p->at.at[i].value;
        else if (!vec_push(p->ctx, &w->others, p->at.at[i]))
            return false;
    if (w->a && term_is_num(p->ctx, w->a))
        return true;
    diag_error(p->ctx, GRADUS_SYNTAX, SPAN_NONE, "say where, as in --at x=1", "a slope needs a point: %s has no (rational) value",
               term_sym_name(p->ctx, w->x));
    return false;
}

static void slope_table(slope_work *w)
{
    static const char *const steps[] = {"1", "0.5", "0.25", "0.1", "0.01", "0.001", "1e-4", "1e-5", "1e-6",
                                        "1e-7", "1e-8", "1e-9", "1e-10", "1e-11", "1e-12"};
    problem *p = w->p;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (!add_secant(w, steps[i]))
            return;
    answer_set_value(p, w->df);
    if (!p->a->has_value)
        return;
    w->derivative = p->a->value.value[0];
    term quotient, limit = limit_by_definition(w, &quotient);
    strbuf b;
    strbuf_init(&b, p->ctx);
    print_json(w, &b, limit);
    p->a->extra_json = answer_copy(p->a, &b);
    b.n = 0;
    print_page(w, &b, limit, quotient);
    p->a->steps_page = answer_copy(p->a, &b);
    strbuf_clear(&b);
}

void ask_slope(problem *p)
{
    slope_work w = {.p = p};
    if (read_default_variable(p) != GRADUS_OK)
        return;
    w.x = p->wrt.at[0];
    w.f = term_canon(p->ctx, p->f);
    w.df = diff_by(p->ctx, p->f, w.x, NULL, NULL);
    if (w.f && w.df && find_point(&w)) {
        answer_set_term(p, w.df);
        slope_table(&w);
    }
    vec_clear(p->ctx, &w.others);
    vec_clear(p->ctx, &w.rows);
}
