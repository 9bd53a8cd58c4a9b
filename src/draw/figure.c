/* Figures: what the caller adds is checked and copied here; nothing is computed yet. */
#include "draw/draw_impl.h"

#include <math.h>
#include <string.h>

/* Beyond this size differences of coordinates overflow. */
#define COORDINATE_MOST 1e300

draw_style draw_style_default(void)
{
    return (draw_style){DRAW_COLOR_AUTO, DRAW_LINE_AUTO, DRAW_MARK_AUTO, 0};
}

void draw_options_defaults(draw_options *o)
{
    *o = (draw_options){.x_min = NAN,
                        .x_max = NAN,
                        .y_min = NAN,
                        .y_max = NAN,
                        .z_min = NAN,
                        .z_max = NAN,
                        .grid = true,
                        .legend = true,
                        .width = 480,
                        .height = 360,
                        .png_scale = 2,
                        .azimuth = NAN,
                        .elevation = 28,
                        .columns = 72,
                        .rows = 24};
}

static const char *copy_text(draw_figure *fig, const char *s)
{
    return s && *s ? arena_strndup(&fig->mem, s, strlen(s)) : NULL;
}

static void copy_strings(draw_figure *fig)
{
    draw_options *o = &fig->o;
    o->title = copy_text(fig, o->title);
    o->description = copy_text(fig, o->description);
    o->x_label = copy_text(fig, o->x_label);
    o->y_label = copy_text(fig, o->y_label);
    o->z_label = copy_text(fig, o->z_label);
}

static double clamp_or(double v, double low, double high, double otherwise)
{
    return !(v > 0) ? otherwise : v < low ? low : v > high ? high : v;
}

/* Sizes that no paper and no memory has are brought back to ones that exist. */
static void tame_options(draw_options *o)
{
    o->width = clamp_or(o->width, 120, 14400, 480);
    o->height = clamp_or(o->height, 90, 14400, 360);
    o->png_scale = clamp_or(o->png_scale, 0.25, 20, 2);
    while (o->png_scale > 0.25 && o->width * o->height * o->png_scale * o->png_scale > 2e8) o->png_scale /= 2;
    o->columns = o->columns < 24 ? 24 : o->columns > 1000 ? 1000 : o->columns;
    o->rows = o->rows < 8 ? 8 : o->rows > 500 ? 500 : o->rows;
    o->azimuth = isfinite(o->azimuth) ? fmod(o->azimuth, 360) : NAN;
    o->elevation = !isfinite(o->elevation) ? 28
                   : o->elevation < 0      ? 0
                   : o->elevation > 90     ? 90
                                           : o->elevation;
}

draw_figure *draw_new(gradus_ctx *ctx, const draw_options *o)
{
    draw_figure *fig = ctx_realloc(ctx, NULL, 0, sizeof *fig);
    if (!fig) return NULL;
    memset(fig, 0, sizeof *fig);
    fig->ctx = ctx;
    arena_init(&fig->mem, ctx);
    if (o) fig->o = *o;
    else draw_options_defaults(&fig->o);
    copy_strings(fig);
    tame_options(&fig->o);
    return fig;
}

void samples_clear(gradus_ctx *ctx, samples *s)
{
    vec_clear(ctx, &s->at);
    vec_clear(ctx, &s->runs);
    vec_clear(ctx, &s->base);
}

void draw_free(draw_figure *fig)
{
    if (!fig) return;
    gradus_ctx *ctx = fig->ctx;
    for (size_t i = 0; i < fig->items.n; i++) samples_clear(ctx, &fig->items.at[i].s);
    vec_clear(ctx, &fig->items);
    arena_clear(&fig->mem);
    ctx_realloc(ctx, fig, sizeof *fig, 0);
}

/* ---- checks ---------------------------------------------------------------------------------------------
 */

static bool is_coordinate(double x)
{
    return fabs(x) <= COORDINATE_MOST;
}

static void refuse(draw_figure *fig, gradus_status code)
{
    if (fig->refused == GRADUS_OK) fig->refused = code;
}

static bool check_finite(draw_figure *fig, const char *what, double x, double y)
{
    if (is_coordinate(x) && is_coordinate(y)) return true;
    refuse(fig, diag_error(fig->ctx, GRADUS_DOMAIN, SPAN_NONE, NULL,
                           "%s (%g, %g) cannot be drawn: coordinates are "
                           "numbers up to 1e300 in size",
                           what, x, y));
    return false;
}

/* An interval is drawn when it has two ends, in order, that differ by more than rounding. */
static bool check_interval(draw_figure *fig, const char *name, double a, double b, bool log)
{
    const char *why = NULL;
    if (!is_coordinate(a) || !is_coordinate(b)) why = "must have finite ends, at most 1e300 in size";
    else if (a == b) why = "is empty: both ends are the same";
    else if (a > b) why = "is empty: its first end is greater than its last";
    else if (b - a < 1e-12 * fmax(fabs(a), fabs(b)))
        why = "is too narrow: its numbers can hardly be told apart";
    else if (log && a <= 0) why = "must be positive for a logarithmic axis";
    if (!why) return true;
    refuse(fig, diag_error(fig->ctx, GRADUS_DOMAIN, SPAN_NONE, "give an interval such as -5 to 5",
                           "the interval for %s, from %.17g to %.17g, %s", name, a, b, why));
    return false;
}

/* ---- adding ---------------------------------------------------------------------------------------------
 */

static item *add_item(draw_figure *fig, item_kind kind, const char *label, const draw_style *style)
{
    item it = {.kind = kind, .style = style ? *style : draw_style_default()};
    it.label = copy_text(fig, label);
    if (!vec_push(fig->ctx, &fig->items, it)) {
        refuse(fig, GRADUS_NOMEM);
        return NULL;
    }
    return &fig->items.at[fig->items.n - 1];
}

static double *copy_numbers(draw_figure *fig, const double *p, size_t n)
{
    size_t bytes;
    if (!p || n == 0) return NULL;
    double *q = size_mul(n, sizeof *p, &bytes) ? arena_copy(&fig->mem, p, bytes) : NULL;
    if (!q) refuse(fig, GRADUS_NOMEM);
    return q;
}

void draw_add_curve(draw_figure *fig, draw_fn1 f, void *user, double a, double b, const char *label,
                    const draw_style *style)
{
    if (!fig || !check_interval(fig, "the horizontal axis", a, b, fig->o.x_log)) return;
    item *it = add_item(fig, ITEM_CURVE, label, style);
    if (!it) return;
    it->f = f;
    it->user = user;
    it->a = a;
    it->b = b;
}

static void add_line(draw_figure *fig, const double xs[2], const double ys[2], size_t marks, double dx,
                     double dy, const char *label, const draw_style *style)
{
    item *it = add_item(fig, ITEM_LINE, label, style);
    if (!it) return;
    it->n = marks;
    it->xs = copy_numbers(fig, xs, marks);
    it->ys = copy_numbers(fig, ys, marks);
    it->dx = dx;
    it->dy = dy;
}

void draw_add_secant(draw_figure *fig, double x0, double y0, double x1, double y1, const char *label,
                     const draw_style *style)
{
    if (!fig || !check_finite(fig, "the secant's first point", x0, y0) ||
        !check_finite(fig, "the secant's second point", x1, y1))
        return;
    if (x0 == x1 && y0 == y1) {
        refuse(fig, diag_error(fig->ctx, GRADUS_DOMAIN, SPAN_NONE, "a tangent needs one point",
                               "a secant needs two different points; both are (%.17g, %.17g)", x0, y0));
        return;
    }
    add_line(fig, (double[]){x0, x1}, (double[]){y0, y1}, 2, x1 - x0, y1 - y0, label, style);
}

void draw_add_tangent(draw_figure *fig, double x, double y, double slope, const char *label,
                      const draw_style *style)
{
    if (!fig || !check_finite(fig, "the point of the tangent", x, y)) return;
    if (isnan(slope)) {
        refuse(fig, diag_error(fig->ctx, GRADUS_DOMAIN, SPAN_NONE, NULL,
                               "there is no tangent at x = %.17g: the slope is undefined", x));
        return;
    }
    bool upright = fabs(slope) > COORDINATE_MOST;
    add_line(fig, (double[]){x, x}, (double[]){y, y}, 1, upright ? 0 : 1, upright ? 1 : slope, label, style);
}

void draw_add_point(draw_figure *fig, double x, double y, const char *label, const draw_style *style)
{
    if (!fig || !check_finite(fig, "the point", x, y)) return;
    item *it = add_item(fig, ITEM_POINT, label, style);
    if (!it) return;
    it->n = 1;
    it->xs = copy_numbers(fig, &x, 1);
    it->ys = copy_numbers(fig, &y, 1);
}

void draw_add_guide(draw_figure *fig, bool vertical, double at, const char *label, const draw_style *style)
{
    if (!fig || !check_finite(fig, "the guide's place", at, 0)) return;
    item *it = add_item(fig, ITEM_GUIDE, label, style);
    if (!it) return;
    it->a = at;
    it->b = vertical;
}

static void add_series(draw_figure *fig, item_kind kind, size_t n, const double *xs, const double *ys,
                       const double *u, const double *v, bool arrows, const char *label,
                       const draw_style *style)
{
    if (!fig) return;
    item *it = add_item(fig, kind, label, style);
    if (!it) return;
    it->n = n;
    it->arrows = arrows;
    it->xs = copy_numbers(fig, xs, n);
    it->ys = copy_numbers(fig, ys, n);
    it->u = copy_numbers(fig, u, n);
    it->v = copy_numbers(fig, v, n);
    if (n && (!it->xs || !it->ys)) it->n = 0;
}

void draw_add_path(draw_figure *fig, size_t n, const double *xs, const double *ys, bool arrows,
                   const char *label, const draw_style *style)
{
    add_series(fig, ITEM_PATH, n, xs, ys, NULL, NULL, arrows, label, style);
}

void draw_add_scatter(draw_figure *fig, size_t n, const double *xs, const double *ys, const double *error,
                      const char *label, const draw_style *style)
{
    add_series(fig, ITEM_SCATTER, n, xs, ys, error, NULL, false, label, style);
}

void draw_add_band(draw_figure *fig, size_t n, const double *xs, const double *low, const double *high,
                   const char *label, const draw_style *style)
{
    add_series(fig, ITEM_BAND, n, xs, low, low, high, false, label, style);
}

void draw_add_arrows(draw_figure *fig, size_t n, const double *xs, const double *ys, const double *dx,
                     const double *dy, const char *label, const draw_style *style)
{
    add_series(fig, ITEM_ARROWS, n, xs, ys, dx, dy, false, label, style);
}

void draw_set_surface(draw_figure *fig, draw_fn2 f, void *user, double x0, double x1, double y0, double y1,
                      const char *label)
{
    if (!fig || !check_interval(fig, "the first horizontal axis", x0, x1, false) ||
        !check_interval(fig, "the second horizontal axis", y0, y1, false))
        return;
    fig->surf = (surface){f, user, x0, x1, y0, y1, copy_text(fig, label), true};
}

/* ---- looks ----------------------------------------------------------------------------------------------
 */

/* Kinds that take the next palette colour when they are AUTO; the others have one colour of their own. */
static bool takes_color(item_kind k)
{
    return k == ITEM_CURVE || k == ITEM_LINE || k == ITEM_PATH || k == ITEM_SCATTER || k == ITEM_BAND;
}

static draw_line auto_line(const item *it, int number)
{
    static const draw_line cycle[] = {DRAW_LINE_SOLID, DRAW_LINE_DASHED, DRAW_LINE_DASHDOT,
                                      DRAW_LINE_LONGDASH, DRAW_LINE_DOTTED};
    switch (it->kind) {
    case ITEM_CURVE:
    case ITEM_LINE: return cycle[number % 5];
    case ITEM_GUIDE: return DRAW_LINE_DASHED;
    case ITEM_SCATTER:
    case ITEM_POINT: return DRAW_LINE_NONE;
    default: return DRAW_LINE_SOLID;
    }
}

static draw_mark auto_mark(const item *it, int number)
{
    static const draw_mark cycle[] = {DRAW_MARK_CIRCLE, DRAW_MARK_SQUARE, DRAW_MARK_TRIANGLE,
                                      DRAW_MARK_DIAMOND, DRAW_MARK_CROSS};
    switch (it->kind) {
    case ITEM_SCATTER: return cycle[number % 5];
    case ITEM_POINT:
    case ITEM_LINE:
    case ITEM_PATH: return DRAW_MARK_DISC;
    default: return DRAW_MARK_NONE;
    }
}

void figure_resolve_styles(draw_figure *fig)
{
    /* On a surface, whose colours begin with blue, the next one is the first. */
    int color = fig->surf.set, line = 0, scatter = 0;
    for (size_t i = 0; i < fig->items.n; i++) {
        item *it = &fig->items.at[i];
        draw_style *s = &it->style;
        bool counted = takes_color(it->kind);
        int number = it->kind == ITEM_SCATTER ? scatter : line;
        if (s->line == DRAW_LINE_AUTO) s->line = auto_line(it, number);
        if (s->mark == DRAW_MARK_AUTO) s->mark = auto_mark(it, number);
        if (s->color < 0) s->color = counted ? color % 6 : it->kind == ITEM_GUIDE ? 7 : DRAW_COLOR_BLACK;
        if (s->width <= 0 && number > 4 && it->kind != ITEM_SCATTER)
            s->width = 1; /* the patterns begin anew */
        color += counted;
        line += it->kind == ITEM_CURVE || it->kind == ITEM_LINE;
        scatter += it->kind == ITEM_SCATTER;
    }
}
