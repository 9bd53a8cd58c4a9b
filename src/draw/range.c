/* Ranges of the axes, and the map from data to paper. What has a pole would squash all else if its largest
 * sample decided; on the side of a pole the middle of the values decides instead. */
#include "draw/draw_impl.h"

#include <math.h>
#include <stdlib.h>

enum { BASE_POINTS = 400 };

/* ---- window -------------------------------------------------------------------------------------------- */

static double share(range r, bool by_ratio, double x)
{
    if (by_ratio) return (log10(x) - log10(r.low)) / (log10(r.high) - log10(r.low));
    return (x - r.low) / (r.high - r.low);
}

double window_u(const window *w, double x)
{
    return w->left + w->width * share(w->x, w->x_log, x);
}

double window_v(const window *w, double y)
{
    return w->top + w->height * (1 - share(w->y, w->y_log, y));
}

double window_x(const window *w, double u)
{
    double t = (u - w->left) / w->width;
    if (w->x_log) return pow(10, log10(w->x.low) + t * (log10(w->x.high) - log10(w->x.low)));
    return w->x.low + t * (w->x.high - w->x.low);
}

/* Liang and Barsky: the part of p + t*(q - p), 0 <= t <= 1, inside four half planes. */
bool window_clip(const window *w, double margin, point2 *p, point2 *q)
{
    double dx = q->x - p->x, dy = q->y - p->y, from = 0, to = 1;
    double gap[4] = {p->x - (w->left - margin), w->left + w->width + margin - p->x, p->y - (w->top - margin),
                     w->top + w->height + margin - p->y};
    double step[4] = {-dx, dx, -dy, dy};
    for (int i = 0; i < 4; i++) {
        if (step[i] == 0) {
            if (gap[i] < 0) return false;
            continue;
        }
        double t = gap[i] / step[i];
        if (step[i] < 0) from = fmax(from, t);
        else to = fmin(to, t);
    }
    if (!(from <= to)) return false;
    point2 a = *p;
    *p = (point2){a.x + from * dx, a.y + from * dy};
    *q = (point2){a.x + to * dx, a.y + to * dy};
    return true;
}

/* ---- ranges -------------------------------------------------------------------------------------------- */

static const range EMPTY = {INFINITY, -INFINITY};

static void range_add(range *r, double x, bool positive)
{
    if (!(fabs(x) <= 1e300) || (positive && x <= 0)) return;
    r->low = fmin(r->low, x);
    r->high = fmax(r->high, x);
}

static bool range_is_empty(range r)
{
    return !(r.low <= r.high);
}

/* A range without extent gets one; a value and its rounding noise are one value. */
static range widen(range r, bool by_ratio)
{
    if (range_is_empty(r)) return by_ratio ? (range){0.1, 10} : (range){-1, 1};
    double most = fmax(fabs(r.low), fabs(r.high));
    if (r.high - r.low > 1e-9 * most) return r;
    if (by_ratio) return (range){r.low / 10, r.high * 10};
    double half = most > 1e-300 ? most : 1;
    return (range){r.low - half, r.high + half};
}

static range pad(range r, double part, bool by_ratio)
{
    if (by_ratio) {
        double grow = pow(r.high / r.low, part);
        return (range){r.low / grow, r.high * grow};
    }
    double grow = (r.high - r.low) * part;
    return (range){r.low - grow, r.high + grow};
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* On a side with a pole the limit is what shows the rest well: the tenth part that is largest may be cut,
 * but three quarters' spreads beyond the quarters are kept. */
static range quiet_range(gradus_ctx *ctx, const samples *s, bool high_pole, bool low_pole, range all)
{
    double *y = ctx_realloc(ctx, NULL, 0, s->base.n * sizeof *y);
    size_t n = 0;
    if (!y) return all;
    for (size_t i = 0; i < s->base.n; i++)
        if (s->base.at[i].y == s->base.at[i].y) y[n++] = s->base.at[i].y;
    qsort(y, n, sizeof *y, compare_doubles);
    double q10 = y[n / 10], q25 = y[n / 4], q75 = y[n - 1 - n / 4], q90 = y[n - 1 - n / 10];
    ctx_realloc(ctx, y, s->base.n * sizeof *y, 0);
    double high = fmax(q90 + 0.5 * (q90 - q10), q75 + 3 * (q75 - q25));
    double low = fmin(q10 - 0.5 * (q90 - q10), q25 - 3 * (q75 - q25));
    if (high_pole) all.high = fmin(all.high, high);
    if (low_pole) all.low = fmax(all.low, low);
    return all;
}

static void add_curve_range(draw_figure *fig, item *it, range *y)
{
    const samples *s = &it->s;
    range all = EMPTY;
    size_t low = 0, high = 0;
    for (size_t i = 0; i < s->base.n; i++) {
        double v = s->base.at[i].y;
        if (v != v || (fig->o.y_log && v <= 0)) continue;
        low = v < all.low ? i : low;
        high = v > all.high ? i : high;
        range_add(&all, v, fig->o.y_log);
    }
    if (range_is_empty(all)) return;
    if (!fig->o.y_log) {
        bool high_pole = sample_is_pole(it->f, it->user, s, high),
             low_pole = sample_is_pole(it->f, it->user, s, low);
        if (high_pole || low_pole) all = quiet_range(fig->ctx, s, high_pole, low_pole, all);
    }
    range_add(y, all.low, fig->o.y_log);
    range_add(y, all.high, fig->o.y_log);
}

static void add_item_x(const draw_figure *fig, const item *it, range *fixed, range *loose)
{
    if (it->kind == ITEM_CURVE) {
        range_add(fixed, it->a, fig->o.x_log);
        range_add(fixed, it->b, fig->o.x_log);
        return;
    }
    if (it->kind == ITEM_GUIDE && it->b != 0) range_add(loose, it->a, fig->o.x_log);
    for (size_t i = 0; i < it->n; i++) range_add(loose, it->xs[i], fig->o.x_log);
}

static void add_item_y(const draw_figure *fig, const item *it, range *y)
{
    if (it->kind == ITEM_GUIDE && it->b == 0) range_add(y, it->a, fig->o.y_log);
    for (size_t i = 0; i < it->n; i++) {
        double off = it->kind == ITEM_SCATTER && it->u && isfinite(it->u[i]) ? fabs(it->u[i]) : 0;
        range_add(y, it->ys[i] + off, fig->o.y_log);
        range_add(y, it->ys[i] - off, fig->o.y_log);
        if (it->kind == ITEM_BAND && it->v) range_add(y, it->v[i], fig->o.y_log);
    }
}

static range find_x(draw_figure *fig)
{
    range fixed = EMPTY, loose = EMPTY;
    for (size_t i = 0; i < fig->items.n; i++) add_item_x(fig, &fig->items.at[i], &fixed, &loose);
    if (fig->surf.set) fixed = (range){fig->surf.x0, fig->surf.x1};
    if (!range_is_empty(loose)) {
        loose = range_is_empty(fixed) ? pad(widen(loose, fig->o.x_log), 0.06, fig->o.x_log) : loose;
        if (!fig->surf.set) {
            range_add(&fixed, loose.low, fig->o.x_log);
            range_add(&fixed, loose.high, fig->o.x_log);
        }
    }
    if (fig->o.x_min == fig->o.x_min) fixed.low = fig->o.x_min;
    if (fig->o.x_max == fig->o.x_max) fixed.high = fig->o.x_max;
    return fixed.low < fixed.high ? fixed : widen(fixed, fig->o.x_log);
}

/* The curve's own interval, cut to what the frame shows. */
static bool sample_item(draw_figure *fig, item *it, range x)
{
    double a = fmax(it->a, x.low), b = fmin(it->b, x.high);
    it->s.base.n = it->s.at.n = it->s.runs.n = 0;
    if (!(a < b)) return true;
    return sample_base(fig->ctx, it->f, it->user, a, b, fig->o.x_log, BASE_POINTS, &it->s);
}

static gradus_status find_y(draw_figure *fig, range x, range *out)
{
    range y = EMPTY;
    for (size_t i = 0; i < fig->items.n; i++) {
        item *it = &fig->items.at[i];
        add_item_y(fig, it, &y);
        if (it->kind != ITEM_CURVE) continue;
        if (!sample_item(fig, it, x)) return ctx_status(fig->ctx) ? ctx_status(fig->ctx) : GRADUS_NOMEM;
        add_curve_range(fig, it, &y);
    }
    if (fig->surf.set) y = (range){fig->surf.y0, fig->surf.y1};
    else y = pad(widen(y, fig->o.y_log), 0.05, fig->o.y_log);
    if (fig->o.y_min == fig->o.y_min) y.low = fig->o.y_min;
    if (fig->o.y_max == fig->o.y_max) y.high = fig->o.y_max;
    *out = y;
    return GRADUS_OK;
}

static gradus_status check_range(draw_figure *fig, const char *axis, range r, bool by_ratio)
{
    const char *why = NULL;
    if (!(fabs(r.low) <= 1e300 && fabs(r.high) <= 1e300))
        why = "must have finite ends, at most 1e300 in size";
    else if (!(r.low < r.high)) why = "is empty";
    else if (r.high - r.low < 1e-12 * fmax(fabs(r.low), fabs(r.high)))
        why = "is too narrow: its numbers can hardly be told apart";
    else if (by_ratio && !(r.low > 0)) why = "must be positive on a logarithmic axis";
    if (!why) return GRADUS_OK;
    return diag_error(fig->ctx, GRADUS_DOMAIN, SPAN_NONE, NULL,
                      "the range of the %s axis, %.17g to %.17g, %s", axis, r.low, r.high, why);
}

gradus_status range_find(draw_figure *fig, window *w)
{
    w->x_log = fig->o.x_log;
    w->y_log = fig->o.y_log;
    w->x = find_x(fig);
    gradus_status st = check_range(fig, "horizontal", w->x, w->x_log);
    if (st == GRADUS_OK) st = find_y(fig, w->x, &w->y);
    return st == GRADUS_OK ? check_range(fig, "vertical", w->y, w->y_log) : st;
}

void range_equalise(window *w)
{
    if (w->x_log || w->y_log) return;
    double across = (w->x.high - w->x.low) / w->width, down = (w->y.high - w->y.low) / w->height;
    range *r = across < down ? &w->x : &w->y;
    double most = across < down ? down * w->width : across * w->height;
    double extra = (most - (r->high - r->low)) / 2;
    r->low -= extra;
    r->high += extra;
}
