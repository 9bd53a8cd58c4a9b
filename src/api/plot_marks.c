/* plot_marks: what lies over the curves: points, tangents, secants, the path of a descent; and data under
 * them. */
#include "api/plot_impl.h"
#include "api/study.h"

#include <math.h>

/* ---- numbers
 * ------------------------------------------------------------------------------------------------- */

static const char *kind_name(gradus_mark_kind k)
{
    static const char *const names[] = {"point", "tangent", "secant"};
    return names[k];
}

static gradus_status read_mark(plot_work *w, const gradus_mark *m)
{
    plot_mark p = {.kind = m->kind, .y = NAN};
    const char *x = term_sym_name(w->ctx, w->var[0]), *what = kind_name(m->kind);
    if (w->vars == 1 && m->name && strcmp(m->name, x) != 0)
        return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                          "a %s is asked for at %s = %s, but the variable is %s", what, m->name,
                          m->first ? m->first : "", x);
    if (!plot_number(w, what, m->first, &p.at, &p.x) ||
        ((m->second || m->kind == GRADUS_MARK_SECANT) && !plot_number(w, what, m->second, &p.at2, &p.y)))
        return ctx_status(w->ctx) ? ctx_status(w->ctx)
                                  : diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "a %s needs %s", what,
                                               m->kind == GRADUS_MARK_SECANT ? "two places, as in x=1,2"
                                                                             : "a place, as in x=1");
    if (w->vars == 2 && m->kind != GRADUS_MARK_POINT)
        return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, "hold one of the variables fixed",
                          "a %s belongs to a curve, but the formula has two variables", what);
    if (w->vars == 2 && !m->second)
        return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, "as in 1,1",
                          "a point of a surface needs two numbers");
    if (w->curves.n == 0 && (m->kind != GRADUS_MARK_POINT || !m->second))
        return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "a %s needs a formula", what);
    (void)vec_push(w->ctx, &w->marks, p);
    return ctx_status(w->ctx);
}

gradus_status plot_read_marks(plot_work *w)
{
    for (size_t i = 0; i < w->q->mark_count; i++)
        if (read_mark(w, &w->q->mark[i]) != GRADUS_OK) break;
    return ctx_status(w->ctx);
}

/* A number in a label: exact where it is short, else three digits. */
static void add_number(strbuf *b, gradus_ctx *ctx, term exact, double value)
{
    size_t start = b->n;
    if (exact && (term_is_num(ctx, exact) || term_size(ctx, exact) < 6)) {
        text_print(b, ctx, exact, FORM_TEXT);
        if (b->n - start <= 8) return;
        b->n = start;
        if (b->at) b->at[start] = 0;
    }
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    strbuf_add(b, text);
}

static void add_place(strbuf *b, gradus_ctx *ctx, term x, double xv, term y, double yv)
{
    strbuf_add(b, "$(");
    add_number(b, ctx, x, xv);
    strbuf_add(b, ", ");
    add_number(b, ctx, y, yv);
    strbuf_add(b, ")$");
}

/* The point of the first curve over the mark; false with a diagnostic where there is none. */
static bool curve_point(plot_work *w, const char *what, term at, double x, term *y_term, double *y)
{
    plot_curve *c = &w->curves.at[0];
    const char *why;
    *y = plot_exact_value(w, c->f, at, y_term, &why);
    if (isfinite(*y)) return true;
    if (ctx_status(w->ctx) == GRADUS_OK) {
        char text[32];
        snprintf(text, sizeof text, "%.6g", x);
        diag_error(w->ctx, GRADUS_DOMAIN, SPAN_NONE, NULL,
                   "there is no %s at %s = %s: %s has no value there%s%s", what,
                   term_sym_name(w->ctx, w->var[0]), text, plot_said(c), why ? ": " : "", why ? why : "");
    }
    return false;
}

/* ---- tangents
 * ------------------------------------------------------------------------------------------------- */

/* The slope a little beside x, in doubles. */
static double slope_beside(plot_work *w, plot_curve *c, double x, double part)
{
    double at = x + part * fmax(1, fabs(x));
    if (!c->dfn[1]) c->dfn[1] = plot_fn_new(w, c->df[1], c->f);
    return c->dfn[1] ? plot_fn_value(c->dfn[1], &at) : NAN;
}

/* A kink is where the slopes of both sides differ; the derivative's convention there is no tangent. */
static bool is_kink(plot_work *w, plot_curve *c, double x)
{
    diff_kinks kinks = {0};
    bool suspect = !diff_find_kinks(w->ctx, c->f, w->var[0], &kinks) || kinks.n > 0;
    vec_clear(w->ctx, &kinks);
    if (!suspect) return false;
    double l = slope_beside(w, c, x, -1e-7), r = slope_beside(w, c, x, 1e-7);
    double far = slope_beside(w, c, x, 1e-3) - slope_beside(w, c, x, -1e-3);
    /* The slope jumps when the difference between both sides does not shrink with the distance. */
    return isfinite(l) && isfinite(r) && fabs(r - l) > 1e-3 * fmax(fabs(l), fabs(r)) &&
           fabs(r - l) > 0.5 * fabs(far);
}

/* Infinite where the slope grows beyond bounds towards x with the same sign on the sides where it exists. */
static double steep_slope(plot_work *w, plot_curve *c, double x)
{
    double sign = 0;
    for (int side = -1; side <= 1; side += 2) {
        double s6 = slope_beside(w, c, x, side * 1e-6), s12 = slope_beside(w, c, x, side * 1e-12);
        if (isnan(s12) && isnan(s6)) continue;
        if (!(fabs(s12) > 30 * fabs(s6)) || (sign != 0 && (s12 > 0) != (sign > 0))) return NAN;
        sign = s12;
    }
    return sign == 0 ? NAN : sign > 0 ? INFINITY : -INFINITY;
}

static void add_tangent(plot_work *w, const plot_mark *m)
{
    gradus_ctx *ctx = w->ctx;
    plot_curve *c = &w->curves.at[0];
    term y_term, slope_term = TERM_NONE, d = plot_derivative(w, c, 1);
    const char *why;
    double y, slope;
    if (!d || !curve_point(w, "tangent", m->at, m->x, &y_term, &y)) return;
    slope = plot_exact_value(w, d, m->at, &slope_term, &why);
    if (!isfinite(slope) && ctx_status(ctx) == GRADUS_OK) slope = steep_slope(w, c, m->x);
    bool kink = is_kink(w, c, m->x);
    char text[32];
    snprintf(text, sizeof text, "%.6g", m->x);
    if (isnan(slope) || kink) {
        diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, NULL, "there is no tangent at %s = %s: %s",
                   term_sym_name(ctx, w->var[0]), text,
                   kink  ? "the slopes from the left and from the right differ"
                   : why ? why
                         : "the derivative has no value there");
        return;
    }
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_add(&b, "tangent at ");
    add_place(&b, ctx, m->at, m->x, y_term, y);
    if (isinf(slope)) {
        strbuf_add(&b, ", upright");
    } else {
        strbuf_add(&b, ", slope $");
        add_number(&b, ctx, slope_term, slope);
        strbuf_addc(&b, '$');
    }
    draw_add_tangent(w->fig, m->x, y, slope, strbuf_str(&b), NULL);
    strbuf_clear(&b);
}

/* ---- secants and points
 * -------------------------------------------------------------------------------------------- */

static void add_secant(plot_work *w, const plot_mark *m)
{
    gradus_ctx *ctx = w->ctx;
    term y1, y2;
    double v1, v2;
    if (!curve_point(w, "secant", m->at, m->x, &y1, &v1) || !curve_point(w, "secant", m->at2, m->y, &y2, &v2))
        return;
    if (m->x == m->y) {
        diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, "for a line that touches at one place ask for a tangent",
                   "a secant needs two different places");
        return;
    }
    term rise = term_sub(ctx, y2, y1), run = term_sub(ctx, m->at2, m->at), slope = term_div(ctx, rise, run);
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_add(&b, "secant through ");
    add_place(&b, ctx, m->at, m->x, y1, v1);
    strbuf_add(&b, " and ");
    add_place(&b, ctx, m->at2, m->y, y2, v2);
    strbuf_add(&b, ", slope $");
    add_number(&b, ctx, slope, (v2 - v1) / (m->y - m->x));
    strbuf_addc(&b, '$');
    draw_add_secant(w->fig, m->x, v1, m->y, v2, strbuf_str(&b), NULL);
    strbuf_clear(&b);
}

static void add_point(plot_work *w, const plot_mark *m)
{
    term y = m->at2;
    double value = m->y;
    if (!y && !curve_point(w, "point", m->at, m->x, &y, &value)) return;
    strbuf b;
    strbuf_init(&b, w->ctx);
    add_place(&b, w->ctx, m->at, m->x, y, value);
    draw_add_point(w->fig, m->x, value, strbuf_str(&b), NULL);
    strbuf_clear(&b);
}

/* ---- paths and data
 * --------------------------------------------------------------------------------------------------- */

static void add_path(plot_work *w)
{
    const gradus_plot_query *q = w->q;
    size_t n = q->path_count, bytes;
    if (n == 0 || !size_mul(n, 2 * sizeof(double), &bytes)) return;
    double *xs = arena_alloc(&w->mem, bytes), *ys = xs ? xs + n : NULL;
    if (!xs) return;
    for (size_t i = 0; i < n; i++) {
        xs[i] = q->path[i * w->vars];
        ys[i] = w->vars == 2  ? q->path[i * 2 + 1]
                : w->curves.n ? plot_fn_value(w->curves.at[0].fn, &xs[i])
                              : NAN;
    }
    draw_add_path(w->fig, n, xs, ys, true, q->path_label ? q->path_label : "path of the descent", NULL);
}

void plot_add_marks(plot_work *w)
{
    static void (*const add[])(plot_work *, const plot_mark *) = {add_point, add_tangent, add_secant};
    for (size_t i = 0; i < w->marks.n && ctx_status(w->ctx) == GRADUS_OK; i++)
        add[w->marks.at[i].kind](w, &w->marks.at[i]);
    add_path(w);
}

gradus_status plot_read_data(plot_work *w)
{
    const gradus_plot_query *q = w->q;
    const char *names[3] = {q->data_x, q->data_y, q->data_error};
    measured m = {0};
    if (!q->data.path && !q->data.column_count) return GRADUS_OK;
    if (!names[0] && w->curves.n) names[0] = term_sym_name(w->ctx, w->var[0]);
    for (size_t i = 0; i < w->curves.n && !names[1]; i++) names[1] = w->curves.at[i].name;
    if (!names[0] || !names[1])
        return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, "say which, as in x = t, y = d",
                          "measurements need two columns, one for each axis");
    if (measured_open(&m, w->ctx, &q->data) && measured_use(&m, names, q->data_error ? 3 : 2)) {
        size_t bytes = m.rows * sizeof(double);
        w->data_rows = m.rows;
        w->data_name = arena_strndup(&w->mem, names[1], strlen(names[1]));
        w->data_x_name = arena_strndup(&w->mem, names[0], strlen(names[0]));
        w->data_x = arena_copy(&w->mem, measured_at(&m, 0), bytes);
        w->data_y = arena_copy(&w->mem, measured_at(&m, 1), bytes);
        w->data_error = q->data_error ? arena_copy(&w->mem, measured_at(&m, 2), bytes) : NULL;
        if (!w->data_x || !w->data_y) w->data_rows = 0;
    }
    measured_close(&m);
    return ctx_status(w->ctx);
}

void plot_add_data(plot_work *w)
{
    if (w->data_rows)
        draw_add_scatter(w->fig, w->data_rows, w->data_x, w->data_y, w->data_error, w->data_name, NULL);
}
