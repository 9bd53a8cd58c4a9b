/* plot_range: which part of the axes a picture shows when nobody said it.
 *
 * First what must be seen: marks, paths, data. Else -5 to 5 (two periods where the formula has an angle), cut
 * to where the formulas have values, found by probing; when they have none there, further away. All from the
 * formulas alone, so the same question gives the same picture. */
#include "api/plot_impl.h"

#include <math.h>

enum { PROBES = 400, PROBES_2D = 24, BISECTIONS = 60 };

typedef struct interval {
    double low, high;
} interval;

static const interval nothing = {INFINITY, -INFINITY};

static interval include(interval i, double x)
{
    return isfinite(x) ? (interval){fmin(i.low, x), fmax(i.high, x)} : i;
}

/* ---- what must be seen
 * -------------------------------------------------------------------------------------- */

static interval seen(const plot_work *w, uint32_t axis)
{
    interval i = nothing;
    for (size_t k = 0; k < w->marks.n; k++) {
        const plot_mark *m = &w->marks.at[k];
        if (axis == 0) i = include(i, m->x);
        if (axis == 1 || m->kind == GRADUS_MARK_SECANT) i = include(i, m->y);
    }
    for (size_t k = 0; k < w->q->path_count; k++) i = include(i, w->q->path[k * w->vars + axis]);
    for (size_t k = 0; k < w->data_rows && w->vars == 1; k++) i = include(i, w->data_x[k]);
    return i;
}

/* Outward to round numbers: at most a twentieth of the width is added at each end. */
static interval round_outward(interval i)
{
    double width = i.high - i.low, unit = pow(10, floor(log10(width / 20)));
    unit *= width / 20 >= 5 * unit ? 5 : width / 20 >= 2 * unit ? 2 : 1;
    double low = floor(i.low / unit + 1e-9), high = ceil(i.high / unit - 1e-9);
    if (unit >= 1) return (interval){low * unit, high * unit};
    double parts = nearbyint(1 / unit); /* whole: 12/5 is the double 2.4, 12*0.2 is not */
    return (interval){low / parts, high / parts};
}

/* Curves: the places in the middle, with as much room as shows the bend around them. */
static interval around_marks(interval s)
{
    double centre = (s.low + s.high) / 2;
    double half = fmax(fmax(2, 2 * (s.high - s.low)), fabs(centre));
    return round_outward((interval){centre - half, centre + half});
}

/* Data fill the frame. */
static interval around_data(interval s)
{
    double margin = s.high > s.low ? (s.high - s.low) / 20 : fmax(1, fabs(s.low));
    return (interval){s.low - margin, s.high + margin};
}

/* A path ends near a minimum, which is shown from all sides. */
static interval around_path(const plot_work *w, interval s, uint32_t axis)
{
    size_t n = w->q->path_count;
    double length = 0, last = w->q->path[(n - 1) * w->vars + axis];
    for (uint32_t k = 0; k < w->vars; k++)
        length = hypot(length, w->q->path[(n - 1) * w->vars + k] - w->q->path[k]);
    double room = isfinite(length) && length > 0 ? 0.6 * length : fmax(1, fabs(last));
    double far = fmax(s.high - last, last - s.low);
    room = far <= 1.5 * room ? fmax(room, far)
                             : room; /* the end in the middle, unless that costs much room */
    s = include(include(s, last - room), last + room);
    double margin = 0.15 * (s.high - s.low);
    return round_outward((interval){s.low - margin, s.high + margin});
}

/* ---- where there are values
 * ------------------------------------------------------------------------------------ */

static bool has_value(const plot_work *w, double x)
{
    for (size_t i = 0; i < w->curves.n; i++)
        if (!isnan(plot_fn_value(w->curves.at[i].fn, &x))) return true;
    return w->curves.n == 0;
}

/* The border between `in`, which has a value, and `out`, which has none. */
static double border(const plot_work *w, double in, double out)
{
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = in + (out - in) / 2;
        if (has_value(w, middle)) in = middle;
        else out = middle;
    }
    double round = nearbyint(in * 1e9) / 1e9; /* 0 rather than 4.9e-18 */
    return fabs(round - in) < 1e-12 * fmax(1, fabs(in)) ? round : in;
}

/* From the first probe with a value to the last one. */
static interval defined_part(const plot_work *w, interval i)
{
    interval found = nothing;
    for (int k = 0; k <= PROBES; k++) {
        double x = i.low + (i.high - i.low) * k / PROBES;
        if (has_value(w, x)) found = include(found, x);
    }
    return found;
}

/* Cuts i to where there are values, with a little room beyond a border so that one sees it. */
static interval cut(const plot_work *w, interval i)
{
    interval d = defined_part(w, i);
    if (d.low > d.high) return nothing;
    double gap = (i.high - i.low) / PROBES;
    bool left = d.low > i.low, right = d.high < i.high;
    /* A hole at the very end (1/x from 0) is no border worth a cut. */
    interval c = {left ? border(w, d.low, d.low - gap) : i.low,
                  right ? border(w, d.high, d.high + gap) : i.high};
    double room = (c.high - c.low) / (left && right ? 8 : 20);
    if (left) c.low -= room;
    if (right) c.high += room;
    return c.high > c.low ? c : i;
}

/* Values far away or very near 0: the nearest power of two with one decides. */
static interval search(const plot_work *w)
{
    for (int k = 1; k <= 60; k++)
        for (int j = 0; j < 16; j++) {
            double far = ldexp(5 + j * 5.0 / 16, k - 1), near = ldexp(5 - j * 2.5 / 16, -k);
            const double tries[] = {far, -far, near, -near};
            for (size_t t = 0; t < 4; t++) {
                double x = tries[t], size = fabs(x);
                if (!has_value(w, x)) continue;
                interval c = cut(w, (interval){x - size, x + size});
                return c.low < c.high ? c : (interval){x - size, x + size};
            }
        }
    return nothing;
}

/* ---- choosing
 * ------------------------------------------------------------------------------------------------- */

static bool has_angle(const plot_work *w)
{
    static const fn_id angles[] = {FN_sin, FN_cos, FN_tan, FN_cot, FN_sec, FN_csc};
    term_vec nodes = {0};
    bool found = false, other = false;
    for (size_t i = 0; i < w->curves.n; i++) {
        term f = w->curves.at[i].f;
        nodes.n = 0;
        (void)term_reachable(w->ctx, &f, 1, &nodes);
        for (size_t k = 0; k < nodes.n; k++)
            for (size_t j = 0; j < sizeof angles / sizeof *angles; j++)
                if (term_is(w->ctx, nodes.at[k], OP_FN) && term_aux(w->ctx, nodes.at[k]) == angles[j]) {
                    found = true;
                    other |= term_arg(w->ctx, nodes.at[k], 0) != w->var[0];
                }
    }
    vec_clear(w->ctx, &nodes);
    return found && !other;
}

/* Roots and turning points of the first curve lie closer together than -5 to 5, and beyond them it only
 * grows: then they are what there is to see. Answers i otherwise. */
static interval around_features(const plot_work *w, interval i)
{
    double y[PROBES + 1], gap = (i.high - i.low) / PROBES, before = 0;
    interval found = nothing;
    size_t features = 0;
    for (int k = 0; k <= PROBES; k++) {
        double x = i.low + gap * k;
        y[k] = w->curves.n == 1 ? plot_fn_value(w->curves.at[0].fn, &x) : NAN;
        if (k == 0 || isnan(y[k]) || isnan(y[k - 1])) continue;
        double rise = y[k] - y[k - 1];
        bool root = (y[k] > 0) != (y[k - 1] > 0), turn = rise * before < 0;
        if (root || turn) found = include(include(found, x), x - gap);
        features += root + turn;
        before = rise != 0 ? rise : before;
    }
    double width = found.high - found.low, inside = 0, outside = 0;
    if (features < 2 || width < 4 * gap) return i; /* one root that is a turning point, too */
    interval near = round_outward((interval){found.low - 0.6 * width, found.high + 0.6 * width});
    for (int k = 0; k <= PROBES; k++) {
        double x = i.low + gap * k, *most = x >= near.low && x <= near.high ? &inside : &outside;
        *most = fmax(*most, fabs(y[k]));
    }
    bool smaller = near.low > i.low && near.high < i.high;
    return smaller && outside > 8 * inside ? near : i;
}

static void choose_curve_range(plot_work *w)
{
    interval s = seen(w, 0), i;
    if (w->data_rows) i = around_data(s);
    else if (w->q->path_count) i = around_path(w, s, 0);
    else if (s.low <= s.high) i = around_marks(s);
    else if (has_angle(w)) i = (interval){-6.5, 6.5};
    else i = (interval){-5, 5};
    if (w->o.x_log)
        i = s.low > 0 && s.low <= s.high ? (interval){s.low / 10, s.high * 10} : (interval){0.01, 100};
    interval c = isfinite(w->low[0]) || w->data_rows || w->o.x_log ? i : cut(w, i);
    if (c.low > c.high && s.low > s.high) c = search(w);
    if (c.low <= c.high) i = c;
    if (s.low > s.high && !w->o.x_log) i = around_features(w, i);
    w->low[0] = i.low;
    w->high[0] = i.high;
}

static void choose_surface_range(plot_work *w, uint32_t axis)
{
    interval s = seen(w, axis), i = {-3, 3};
    if (w->q->path_count) i = around_path(w, s, axis);
    else if (s.low <= s.high) i = around_marks(s);
    w->low[axis] = i.low;
    w->high[axis] = i.high;
}

/* ---- nowhere a value
 * -------------------------------------------------------------------------------------------- */

static bool surface_has_value(const plot_work *w)
{
    for (int i = 0; i <= PROBES_2D; i++)
        for (int k = 0; k <= PROBES_2D; k++) {
            double at[2] = {w->low[0] + (w->high[0] - w->low[0]) * i / PROBES_2D,
                            w->low[1] + (w->high[1] - w->low[1]) * k / PROBES_2D};
            if (!isnan(plot_fn_value(w->curves.at[0].fn, at))) return true;
        }
    return false;
}

/* Why the formula has no value in the middle of the picture, as words to append; "" where it is not known. */
static const char *why_not(plot_work *w, plot_curve *c)
{
    eval_bind at[2];
    eval_result r;
    for (uint32_t i = 0; i < w->vars; i++)
        at[i] = (eval_bind){w->var[i], term_from_double(w->ctx, (w->low[i] + w->high[i]) / 2)};
    if (eval_ball(w->ctx, c->f, at, w->vars, NULL, &w->mem, &r) != GRADUS_OK || !r.problem.why) return "";
    const char *s = arena_printf(&w->mem, ": %s", r.problem.why);
    return s ? s : "";
}

static void number(strbuf *b, double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", x);
    strbuf_add(b, text);
}

static gradus_status complain_of_nothing(plot_work *w)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    for (uint32_t i = 0; i < w->vars; i++) {
        strbuf_printf(&b, "%s %s from ", i ? " and" : "", term_sym_name(w->ctx, w->var[i]));
        number(&b, w->low[i]);
        strbuf_add(&b, " to ");
        number(&b, w->high[i]);
    }
    plot_curve *c = &w->curves.at[0];
    gradus_status st = diag_error(
        w->ctx, GRADUS_DOMAIN, SPAN_NONE, "another range, as in x=0..1, or another formula",
        "there is nothing to see: %s has no value for%s%s", plot_said(c), strbuf_str(&b), why_not(w, c));
    strbuf_clear(&b);
    return st;
}

static bool curves_have_value(const plot_work *w)
{
    interval i = defined_part(w, (interval){w->low[0], w->high[0]});
    if (i.low <= i.high) return true;
    /* Single points and needles between the probes: more places, at odd distances. */
    for (int k = 1; k < 5 * PROBES; k++)
        if (has_value(w, w->low[0] + (w->high[0] - w->low[0]) * fmod(k * 0.6180339887498949, 1))) return true;
    return false;
}

gradus_status plot_find_range(plot_work *w)
{
    for (uint32_t i = 0; i < w->vars; i++)
        if (!isfinite(w->low[i])) {
            if (w->vars == 1) choose_curve_range(w);
            else choose_surface_range(w, i);
        }
    if (ctx_status(w->ctx) != GRADUS_OK || w->curves.n == 0) return ctx_status(w->ctx);
    if (w->vars == 2 ? !surface_has_value(w) : !curves_have_value(w)) return complain_of_nothing(w);
    return ctx_status(w->ctx);
}
