/* Plane pictures: the frame with its ticks and names, and the order in which its parts are drawn. Margins
 * follow from the measured texts; what is left is the frame. */
#include "draw/plane.h"

#include <math.h>

#define MARGIN 14.0 /* points: free all around */
#define TICK   4.0

static const rgb AXIS = {0.25, 0.25, 0.28}, GRID = {0.90, 0.90, 0.92}, ZERO = {0.62, 0.62, 0.65},
                 WORDS = {0.1, 0.1, 0.12};

typedef struct margins {
    double left, right, top, bottom, below; /* below: height of a legend under the frame, 0 for none */
} margins;

/* ---- layout -------------------------------------------------------------------------------------------- */

static void measure_tick(plane *p, const ticks *t, int64_t k, double *w, double *h)
{
    strbuf b;
    strbuf_init(&b, p->fig->ctx);
    ticks_label(t, k, &b);
    ink_text_size(p->k, strbuf_str(&b), INK_SMALL, w, h);
    strbuf_clear(&b);
}

static double widest_tick(plane *p, const ticks *t)
{
    double widest = 0, w, h;
    for (int64_t k = t->first; k <= t->last; k++) {
        measure_tick(p, t, k, &w, &h);
        widest = fmax(widest, w);
    }
    return widest;
}

static double text_height(plane *p, const char *label, int size)
{
    double w = 0, h = 0;
    if (label) ink_text_size(p->k, label, size, &w, &h);
    return h;
}

/* A name as short as "y" stands upright beside its axis; a longer one is turned. */
static bool is_upright(plane *p)
{
    double w, h;
    ink_text_size(p->k, p->fig->o.y_label, INK_FONT, &w, &h);
    return w <= 26;
}

static double y_label_room(plane *p)
{
    double w, h;
    if (!p->fig->o.y_label) return 0;
    ink_text_size(p->k, p->fig->o.y_label, INK_FONT, &w, &h);
    return (is_upright(p) ? w : h) + 6;
}

static gradus_status find_ticks(plane *p)
{
    bool x = ticks_find(&p->tx, p->w.x, p->w.x_log, p->w.width / 62);
    bool y = ticks_find(&p->ty, p->w.y, p->w.y_log, p->w.height / 46);
    (void)x; /* an axis without ticks (less than a power of ten on a logarithmic one) is an axis still */
    (void)y;
    return ctx_status(p->fig->ctx);
}

static void lay_out(plane *p, margins *m)
{
    draw_options *o = &p->fig->o;
    double width = ink_width(p->k), height = ink_height(p->k), w, h;
    ink_text_size(p->k, "0", INK_SMALL, &w, &h);
    m->top = MARGIN + (o->title ? text_height(p, o->title, INK_TITLE) + 6 : 0);
    m->bottom = MARGIN + TICK + 2 + h + (o->x_label ? text_height(p, o->x_label, INK_FONT) + 2 : 0);
    m->bottom += m->below > 0 ? m->below + 6 : 0;
    m->left = MARGIN + 40;
    m->right = MARGIN + 4;
    for (int round = 0; round < 2; round++) {
        p->w.left = m->left;
        p->w.top = m->top;
        p->w.width = fmax(width - m->left - m->right, 20);
        p->w.height = fmax(height - m->top - m->bottom, 20);
        find_ticks(p);
        if (round == 0 && p->ty.shown_power) m->top += h + 2;
        m->left = MARGIN + y_label_room(p) + widest_tick(p, &p->ty) + TICK + 3;
        double last = 0;
        if (p->tx.last >= p->tx.first) measure_tick(p, &p->tx, p->tx.last, &last, &h);
        m->right = MARGIN + fmax(4, last / 2 - 2);
    }
    p->w.left = m->left;
    p->w.width = fmax(width - m->left - m->right, 20);
    p->w.top = m->top;
    p->w.height = fmax(height - m->top - m->bottom, 20);
}

/* ---- axes ---------------------------------------------------------------------------------------------- */

static void draw_grid_line(plane *p, bool vertical, double at)
{
    window *w = &p->w;
    if (vertical) ink_segment(p->k, at, w->top, at, w->top + w->height);
    else ink_segment(p->k, w->left, at, w->left + w->width, at);
}

/* Between powers of ten, when these are neighbours, stand 2 to 9 times a power. */
static void draw_log_minors(plane *p, bool vertical)
{
    const ticks *t = vertical ? &p->tx : &p->ty;
    range r = vertical ? p->w.x : p->w.y;
    if (!t->log || t->last - t->first > 12) return;
    ink_color(p->k, GRID, 0.7);
    ink_pen(p->k, DRAW_LINE_SOLID, 0.4);
    for (int64_t k = t->first - 1; k <= t->last; k++)
        for (int d = 2; d <= 9; d++) {
            double at = d * ticks_value(t, k);
            if (at > r.low && at < r.high)
                draw_grid_line(p, vertical, vertical ? window_u(&p->w, at) : window_v(&p->w, at));
        }
}

static void draw_grid(plane *p)
{
    for (int axis = 0; axis < 2; axis++) {
        const ticks *t = axis == 0 ? &p->tx : &p->ty;
        draw_log_minors(p, axis == 0);
        for (int64_t k = t->first; k <= t->last; k++) {
            bool zero = k == 0 && !t->log;
            ink_color(p->k, zero ? ZERO : GRID, 1);
            ink_pen(p->k, DRAW_LINE_SOLID, zero ? 0.8 : 0.7);
            double at = ticks_value(t, k);
            draw_grid_line(p, axis == 0, axis == 0 ? window_u(&p->w, at) : window_v(&p->w, at));
        }
    }
}

static void draw_power(plane *p, const ticks *t, double x, double y, ink_align across, ink_align down)
{
    strbuf b;
    if (!t->shown_power || t->log) return;
    strbuf_init(&b, p->fig->ctx);
    strbuf_printf(&b, "$×10^%d$", t->shown_power);
    ink_text(p->k, strbuf_str(&b), INK_SMALL, x, y, across, down, false);
    strbuf_clear(&b);
}

static void draw_tick(plane *p, const ticks *t, int64_t k, bool vertical)
{
    window *w = &p->w;
    strbuf b;
    strbuf_init(&b, p->fig->ctx);
    if (!t->log || (k - t->first) % t->log_step == 0) ticks_label(t, k, &b);
    double at = ticks_value(t, k), bottom = w->top + w->height;
    if (!vertical) {
        double u = window_u(w, at);
        ink_segment(p->k, u, bottom, u, bottom + TICK);
        ink_text(p->k, strbuf_str(&b), INK_SMALL, u, bottom + TICK + 2, INK_MIDDLE, INK_START, false);
    } else {
        double v = window_v(w, at);
        ink_segment(p->k, w->left - TICK, v, w->left, v);
        ink_text(p->k, strbuf_str(&b), INK_SMALL, w->left - TICK - 3, v, INK_END, INK_MIDDLE, false);
    }
    strbuf_clear(&b);
}

static void draw_axes(plane *p)
{
    window *w = &p->w;
    double right = w->left + w->width, bottom = w->top + w->height;
    ink_pen(p->k, DRAW_LINE_SOLID, 0.8);
    ink_color(p->k, AXIS, 1);
    ink_move(p->k, w->left, w->top);
    ink_line(p->k, w->left, bottom);
    ink_line(p->k, right, bottom);
    ink_stroke(p->k);
    for (int64_t k = p->tx.first; k <= p->tx.last; k++) draw_tick(p, &p->tx, k, false);
    for (int64_t k = p->ty.first; k <= p->ty.last; k++) draw_tick(p, &p->ty, k, true);
    double w0, h0;
    ink_text_size(p->k, "0", INK_SMALL, &w0, &h0);
    draw_power(p, &p->tx, right, bottom + TICK + 3 + h0, INK_END, INK_START);
    draw_power(p, &p->ty, w->left - TICK, w->top - 4, INK_START, INK_END);
}

static void draw_names(plane *p, const margins *m)
{
    draw_options *o = &p->fig->o;
    window *w = &p->w;
    double width = ink_width(p->k);
    ink_color(p->k, WORDS, 1);
    if (o->title) {
        ink_text_limit(p->k, 0);
        double tw, th;
        ink_text_size(p->k, o->title, INK_TITLE, &tw, &th);
        double middle = w->left + w->width / 2, room = width - 2 * MARGIN;
        /* Centred over the frame if it fits there, over the page if not. */
        if (tw > 2 * fmin(middle - MARGIN, width - MARGIN - middle)) middle = width / 2;
        ink_text_limit(p->k, tw > room ? room : 0);
        ink_text(p->k, o->title, INK_TITLE, middle, w->top - m->top + MARGIN - 3, INK_MIDDLE, INK_START,
                 false);
        ink_text_limit(p->k, 0);
    }
    if (o->x_label)
        ink_text(p->k, o->x_label, INK_FONT, w->left + w->width / 2,
                 w->top + w->height + m->bottom - MARGIN + 4 - (m->below > 0 ? m->below + 6 : 0), INK_MIDDLE,
                 INK_END, false);
    if (o->y_label && is_upright(p))
        ink_text(p->k, o->y_label, INK_FONT, w->left - m->left + MARGIN, w->top + w->height / 2, INK_START,
                 INK_MIDDLE, false);
    else if (o->y_label)
        ink_text_turned(p->k, o->y_label, INK_FONT, w->left - m->left + MARGIN + 5, w->top + w->height / 2,
                        -1.5707963267948966, false);
}

/* ---- what cannot be drawn ------------------------------------------------------------------------------ */

static void tell_undefined(plane *p)
{
    double y = p->w.top + p->w.height / 2;
    for (size_t i = 0; i < p->fig->items.n; i++) {
        const item *it = &p->fig->items.at[i];
        if (it->kind != ITEM_CURVE || it->s.base.n == 0 || curve_has_value(it)) continue;
        strbuf b;
        strbuf_init(&b, p->fig->ctx);
        curve_tell_undefined(p->fig, it, &b);
        ink_color(p->k, WORDS, 1);
        ink_text(p->k, strbuf_str(&b), INK_FONT, p->w.left + p->w.width / 2, y, INK_MIDDLE, INK_MIDDLE, true);
        y += 16;
        strbuf_clear(&b);
    }
    p->fig->warned = true;
}

/* ---- the picture --------------------------------------------------------------------------------------- */

static gradus_status sample_all(plane *p)
{
    for (size_t i = 0; i < p->fig->items.n; i++) {
        item *it = &p->fig->items.at[i];
        if (it->kind == ITEM_CURVE && !sample_curve(p->fig->ctx, it->f, it->user, &p->w, &it->s))
            return ctx_status(p->fig->ctx) ? ctx_status(p->fig->ctx) : GRADUS_NOMEM;
    }
    return GRADUS_OK;
}

/* A map keeps its ranges: the frame becomes smaller until units are equally long, if that is not a strip. */
static void shrink_frame(plane *p)
{
    window *w = &p->w;
    double sides = (w->x.high - w->x.low) / (w->y.high - w->y.low), now = w->width / w->height;
    if (!p->fig->o.equal && (sides > 3 || sides < 1 / 3.0)) return;
    if (now > sides) {
        w->left += (w->width - w->height * sides) / 2;
        w->width = w->height * sides;
    } else {
        w->top += (w->height - w->width / sides) / 2;
        w->height = w->width / sides;
    }
}

/* Lays out, samples, and finds room for the legend. *box has no width when there is none to be drawn
 * inside. */
static gradus_status prepare(plane *p, margins *m, rect *box)
{
    double w = 0, h = 0;
    *box = (rect){0, 0, 0, 0};
    lay_out(p, m);
    if (p->fig->surf.set) shrink_frame(p);
    else if (p->fig->o.equal) range_equalise(&p->w);
    find_ticks(p);
    gradus_status st = sample_all(p);
    if (st != GRADUS_OK) return st;
    if (!place_init(&p->room, p->fig->ctx, (rect){p->w.left, p->w.top, p->w.width, p->w.height}))
        return GRADUS_NOMEM;
    marks_reserve(p);
    if (!legend_is_wanted(p->fig) || m->below > 0) return GRADUS_OK;
    legend_size_box(p->fig, p->k, &w, &h);
    bool covers = p->fig->surf.set || place_in_frame(&p->room, w, h, 7, box) > 0 || w > 0.7 * p->w.width;
    if (!covers) {
        place_mark_rect(&p->room, *box);
        return GRADUS_OK;
    }
    place_clear(&p->room);
    m->below = legend_height_below(p->fig, p->k, ink_width(p->k) - m->left - m->right);
    return prepare(p, m, box);
}

gradus_status plane_draw(draw_figure *fig, ink *k)
{
    plane p = {.fig = fig, .k = k};
    margins m = {0};
    rect box;
    gradus_status st = range_find(fig, &p.w);
    if (st == GRADUS_OK) st = prepare(&p, &m, &box);
    if (st == GRADUS_OK) {
        if (fig->surf.set) st = map_draw(&p);
        else if (fig->o.grid) draw_grid(&p);
        draw_axes(&p);
        draw_names(&p, &m);
        marks_draw(&p);
        tell_undefined(&p);
        if (box.w > 0) legend_draw_box(fig, k, box);
        if (m.below > 0)
            legend_draw_below(fig, k, m.left, ink_height(k) - MARGIN + 3 - m.below,
                              ink_width(k) - m.left - m.right);
    }
    place_clear(&p.room);
    return st ? st : ctx_status(fig->ctx);
}
