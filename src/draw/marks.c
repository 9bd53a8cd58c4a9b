/* The items of a plane picture. Every line goes through trace(), which either reserves room or draws, so
 * what labels avoid is exactly what is drawn. */
#include "draw/plane.h"

#include <math.h>

#define PAPER_MOST 1e7
enum { LINE_STEPS = 200, ENDS_MOST = 24, HEADS_MOST = 400 };

static const rgb INK_DARK = {0.1, 0.1, 0.12};

static double keep(double v)
{
    return v > PAPER_MOST ? PAPER_MOST : v < -PAPER_MOST ? -PAPER_MOST : v;
}

static point2 to_paper(const plane *p, double x, double y)
{
    return (point2){keep(window_u(&p->w, x)), keep(window_v(&p->w, y))};
}

static bool is_point(point2 q)
{
    return q.x == q.x && q.y == q.y;
}

static bool is_seen(const plane *p, point2 q)
{
    return q.x >= p->w.left - 0.01 && q.x <= p->w.left + p->w.width + 0.01 && q.y >= p->w.top - 0.01 &&
           q.y <= p->w.top + p->w.height + 0.01;
}

static double item_width(const item *it)
{
    if (it->style.width > 0) return it->style.width;
    switch (it->kind) {
    case ITEM_CURVE: return 1.8;
    case ITEM_GUIDE: return 1.0;
    case ITEM_LINE: return 1.4;
    default: return 1.3;
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void trace(plane *p, bool draw, point2 a, point2 b)
{
    if (!is_point(a) || !is_point(b) || !window_clip(&p->w, draw ? 8 : 0, &a, &b)) return;
    if (!draw) {
        place_mark_segment(&p->room, a, b);
        return;
    }
    if (!p->pen_down || p->pen.x != a.x || p->pen.y != a.y) ink_move(p->k, a.x, a.y);
    ink_line(p->k, b.x, b.y);
    p->pen = b;
    p->pen_down = true;
}

static void finish(plane *p, bool draw)
{
    if (draw) ink_stroke(p->k);
    p->pen_down = false;
}

static void trace_curve(plane *p, const item *it, bool draw)
{
    for (size_t r = 0; r < it->s.runs.n; r++) {
        const run *a = &it->s.runs.at[r];
        point2 last = {NAN, NAN};
        for (size_t i = a->first; i < a->first + a->n; i++) {
            point2 q = to_paper(p, it->s.at.at[i].x, it->s.at.at[i].y);
            trace(p, draw, last, q);
            last = q;
        }
        finish(p, draw);
    }
}

/* A straight line in data is straight on paper only between linear axes. */
static void trace_line(plane *p, const item *it, bool draw)
{
    double x = it->xs[0], y = it->ys[0];
    if (p->w.x_log || p->w.y_log) {
        point2 last = {NAN, NAN};
        for (int i = 0; i <= LINE_STEPS && it->dx != 0; i++) {
            double at = window_x(&p->w, p->w.left + p->w.width * i / LINE_STEPS);
            double value = y + (at - x) * (it->dy / it->dx);
            point2 q = p->w.y_log && value <= 0 ? (point2){NAN, NAN} : to_paper(p, at, value);
            trace(p, draw, last, q);
            last = q;
        }
    } else {
        point2 c = to_paper(p, x, y);
        double du = it->dx / (p->w.x.high - p->w.x.low) * p->w.width;
        double dv = -it->dy / (p->w.y.high - p->w.y.low) * p->w.height;
        double len = hypot(du, dv);
        double reach = fabs(c.x) + fabs(c.y) + p->w.left + p->w.top + p->w.width + p->w.height;
        if (isinf(len)) {
            du = isinf(du) ? copysign(1, du) : 0;
            dv = isinf(dv) ? copysign(1, dv) : 0;
            len = hypot(du, dv);
        }
        du *= reach / len;
        dv *= reach / len;
        trace(p, draw, (point2){c.x - du, c.y - dv}, (point2){c.x + du, c.y + dv});
    }
    finish(p, draw);
}

static void trace_guide(plane *p, const item *it, bool draw)
{
    point2 q = to_paper(p, it->a, it->a);
    if (it->b != 0) trace(p, draw, (point2){q.x, p->w.top}, (point2){q.x, p->w.top + p->w.height});
    else trace(p, draw, (point2){p->w.left, q.y}, (point2){p->w.left + p->w.width, q.y});
    finish(p, draw);
}

static void trace_path(plane *p, const item *it, bool draw)
{
    point2 last = {NAN, NAN};
    for (size_t i = 0; i < it->n; i++) {
        point2 q = to_paper(p, it->xs[i], it->ys[i]);
        trace(p, draw, last, q);
        last = q;
    }
    finish(p, draw);
}

/* ---- marks on and beside lines --------------------------------------------------------------- */

static void put_mark(plane *p, bool draw, draw_mark m, point2 q, double size, rgb c)
{
    if (!is_point(q) || !is_seen(p, q) || m == DRAW_MARK_NONE) return;
    if (draw) ink_mark(p->k, m, q.x, q.y, size, c);
    else place_mark_rect(&p->room, (rect){q.x - size / 2, q.y - size / 2, size, size});
}

static void mark_items_points(plane *p, const item *it, bool draw, double size, rgb c)
{
    for (size_t i = 0; i < it->n; i++)
        put_mark(p, draw, it->style.mark, to_paper(p, it->xs[i], it->ys[i]), size, c);
}

/* At a jump the end that belongs to the curve is filled and the other open; a hole is open. */
static void mark_ends(plane *p, const item *it, bool draw, rgb c)
{
    size_t ends = 0;
    for (size_t r = 0; r < it->s.runs.n; r++)
        ends += (size_t)(it->s.runs.at[r].left != END_PLAIN) + (size_t)(it->s.runs.at[r].right != END_PLAIN);
    for (int pass = 0; pass < 2; pass++) /* filled ones lie on top */
        for (size_t r = 0; r < it->s.runs.n; r++) {
            const run *a = &it->s.runs.at[r];
            for (int side = 0; side < 2; side++) {
                const point2 *q = &it->s.at.at[side ? a->first + a->n - 1 : a->first];
                run_end e = side ? a->right : a->left;
                if (a->n == 1) e = END_CLOSED;
                if (e == (pass ? END_CLOSED : END_OPEN) && (ends <= ENDS_MOST || a->n == 1))
                    put_mark(p, draw, pass ? DRAW_MARK_DISC : DRAW_MARK_CIRCLE, to_paper(p, q->x, q->y),
                             pass ? 6.8 : 6, c);
            }
        }
}

/* Heads show the direction where there is room for them; marks stand where steps can be told apart. */
static void mark_path(plane *p, const item *it, bool draw, rgb c)
{
    point2 last_mark = {NAN, NAN}, last = {NAN, NAN};
    size_t heads = 0;
    double width = item_width(it);
    for (size_t i = 0; i < it->n; i++) {
        point2 q = to_paper(p, it->xs[i], it->ys[i]);
        double len = hypot(q.x - last.x, q.y - last.y);
        point2 a = last, b = q;
        if (draw && len > 18 && heads < HEADS_MOST && window_clip(&p->w, 0, &a, &b)) {
            double t = fmin(1, 0.5 + 4 / len);
            ink_color(p->k, c, 1);
            ink_arrow_head(p->k, last.x + t * (q.x - last.x), last.y + t * (q.y - last.y), q.x - last.x,
                           q.y - last.y, 5 + 1.5 * width);
            heads++;
        }
        if (i > 0 && i + 1 < it->n && !(hypot(q.x - last_mark.x, q.y - last_mark.y) < 5)) {
            put_mark(p, draw, it->style.mark, q, 4.2, c);
            last_mark = q;
        }
        if (is_point(q)) last = q;
    }
    if (it->n) {
        put_mark(p, draw, DRAW_MARK_CIRCLE, to_paper(p, it->xs[0], it->ys[0]), 7, c);
        put_mark(p, draw, DRAW_MARK_DIAMOND, to_paper(p, it->xs[it->n - 1], it->ys[it->n - 1]), 7.5, c);
    }
}

static void draw_error_bars(plane *p, const item *it, bool draw)
{
    for (size_t i = 0; i < it->n && it->u; i++) {
        double e = fabs(it->u[i]);
        if (!(e > 0)) continue;
        double bottom = it->ys[i] - e;
        point2 low = p->w.y_log && bottom <= 0 ? (point2){window_u(&p->w, it->xs[i]), PAPER_MOST}
                                               : to_paper(p, it->xs[i], bottom);
        point2 high = to_paper(p, it->xs[i], it->ys[i] + e);
        trace(p, draw, low, high);
        for (int side = 0; side < 2; side++) {
            point2 q = side ? low : high;
            trace(p, draw, (point2){q.x - 2.5, q.y}, (point2){q.x + 2.5, q.y});
        }
    }
    finish(p, draw);
}

static void fill_band(plane *p, const item *it, rgb c)
{
    for (size_t from = 0; from < it->n;) {
        size_t past = from;
        while (past < it->n && isfinite(it->xs[past]) && isfinite(it->u[past]) && isfinite(it->v[past]))
            past++;
        if (past - from > 1) {
            for (size_t i = from; i < past; i++) {
                point2 q = to_paper(p, it->xs[i], it->u[i]);
                ink_line(p->k, q.x, q.y);
            }
            for (size_t i = past; i-- > from;) {
                point2 q = to_paper(p, it->xs[i], it->v[i]);
                ink_line(p->k, q.x, q.y);
            }
            ink_close(p->k);
            ink_color(p->k, c, 0.2);
            ink_fill(p->k);
        }
        from = past > from ? past : from + 1;
    }
}

static void draw_arrows(plane *p, const item *it, bool draw, rgb c)
{
    double longest = 0;
    for (int pass = 0; pass < 2; pass++) {
        double room = it->n > 1 ? fmin(0.85 * sqrt(p->w.width * p->w.height / (double)it->n), 60) : 45;
        for (size_t i = 0; i < it->n; i++) {
            double du = it->u[i] / (p->w.x.high - p->w.x.low) * p->w.width;
            double dv = -it->v[i] / (p->w.y.high - p->w.y.low) * p->w.height;
            double len = hypot(du, dv);
            if (!isfinite(len) || len == 0) continue;
            if (pass == 0) {
                longest = fmax(longest, len);
                continue;
            }
            double part = room * len / longest;
            point2 a = to_paper(p, it->xs[i], it->ys[i]);
            point2 b = {a.x + du / len * part, a.y + dv / len * part};
            double head = fmin(7, 0.6 * part);
            point2 neck = {b.x - du / len * head * 0.6, b.y - dv / len * head * 0.6};
            if (!is_point(a) || !is_seen(p, a) || part < 0.7) continue;
            trace(p, draw, a, neck);
            finish(p, draw);
            if (draw) {
                ink_color(p->k, c, 1);
                ink_arrow_head(p->k, b.x, b.y, du, dv, head);
            }
        }
    }
}

/* ---- all items ------------------------------------------------------------------------------- */

/* A light edge keeps a path apart from the areas of a map. */
static void draw_path_edge(plane *p, const item *it, rgb c, double width)
{
    ink_color(p->k, (rgb){1, 1, 1}, 0.7);
    ink_pen(p->k, DRAW_LINE_SOLID, width + 1.8);
    trace_path(p, it, true);
    ink_color(p->k, c, 1);
    ink_pen(p->k, it->style.line, width);
}

static void do_item(plane *p, const item *it, bool draw)
{
    rgb c = color_palette(it->style.color);
    double width = item_width(it);
    if (draw) {
        ink_color(p->k, c, 1);
        ink_pen(p->k, it->style.line, width);
    }
    bool lined = it->style.line != DRAW_LINE_NONE;
    switch (it->kind) {
    case ITEM_CURVE:
        if (lined) trace_curve(p, it, draw);
        if (!draw) mark_ends(p, it, draw, c);
        break;
    case ITEM_LINE:
        trace_line(p, it, draw);
        mark_items_points(p, it, draw, 7.5, c);
        break;
    case ITEM_GUIDE: trace_guide(p, it, draw); break;
    case ITEM_PATH:
        if (lined && draw && p->fig->surf.set) draw_path_edge(p, it, c, width);
        if (lined) trace_path(p, it, draw);
        if (it->arrows) mark_path(p, it, draw, c);
        break;
    case ITEM_SCATTER:
        if (draw) ink_pen(p->k, DRAW_LINE_SOLID, 0.9);
        draw_error_bars(p, it, draw);
        mark_items_points(p, it, draw, it->n > 300 ? 3 : it->n > 100 ? 4 : 5.5, c);
        break;
    case ITEM_POINT: mark_items_points(p, it, draw, 7.5, c); break;
    case ITEM_BAND:
        if (draw) fill_band(p, it, c);
        break;
    case ITEM_ARROWS: draw_arrows(p, it, draw, c); break;
    }
}

void marks_reserve(plane *p)
{
    for (size_t i = 0; i < p->fig->items.n; i++) do_item(p, &p->fig->items.at[i], false);
}

/* Areas lie below lines, lines below marks that stand alone. */
static int layer_of(const item *it)
{
    switch (it->kind) {
    case ITEM_BAND: return 0;
    case ITEM_GUIDE: return 1;
    case ITEM_CURVE: return 2;
    case ITEM_LINE:
    case ITEM_ARROWS: return 3;
    case ITEM_PATH:
    case ITEM_SCATTER: return 4;
    default: return 5;
    }
}

/* Labels also keep off the axes' zero lines, which the legend need not. */
static void reserve_zero_lines(plane *p)
{
    point2 zero = to_paper(p, 0, 0), a = {zero.x, p->w.top}, b = {zero.x, p->w.top + p->w.height};
    if (!p->w.x_log && window_clip(&p->w, 0, &a, &b)) place_mark_segment(&p->room, a, b);
    a = (point2){p->w.left, zero.y};
    b = (point2){p->w.left + p->w.width, zero.y};
    if (!p->w.y_log && window_clip(&p->w, 0, &a, &b)) place_mark_segment(&p->room, a, b);
}

static void draw_point_labels(plane *p)
{
    reserve_zero_lines(p);
    ink_color(p->k, INK_DARK, 1);
    for (size_t i = 0; i < p->fig->items.n; i++) {
        const item *it = &p->fig->items.at[i];
        point2 q = it->n ? to_paper(p, it->xs[0], it->ys[0]) : (point2){NAN, NAN};
        if (it->kind != ITEM_POINT || !it->label || !is_point(q) || !is_seen(p, q)) continue;
        double w, h;
        ink_text_limit(p->k, 0);
        ink_text_size(p->k, it->label, INK_FONT, &w, &h);
        double widest = 0.6 * p->w.width;
        ink_text_limit(p->k, w > widest ? widest : 0);
        rect r = place_beside(&p->room, q.x, q.y, fmin(w, widest), h, 8);
        ink_text(p->k, it->label, INK_FONT, r.x, r.y, INK_START, INK_START, true);
        ink_text_limit(p->k, 0);
    }
}

void marks_draw(plane *p)
{
    ink_clip(p->k, (rect){p->w.left, p->w.top, p->w.width, p->w.height});
    for (int layer = 0; layer < 4; layer++)
        for (size_t i = 0; i < p->fig->items.n; i++)
            if (layer_of(&p->fig->items.at[i]) == layer) do_item(p, &p->fig->items.at[i], true);
    ink_unclip(p->k);
    /* Marks on the border are drawn whole. */
    for (size_t i = 0; i < p->fig->items.n; i++)
        if (p->fig->items.at[i].kind == ITEM_CURVE)
            mark_ends(p, &p->fig->items.at[i], true, color_palette(p->fig->items.at[i].style.color));
    for (int layer = 4; layer < 6; layer++)
        for (size_t i = 0; i < p->fig->items.n; i++)
            if (layer_of(&p->fig->items.at[i]) == layer) do_item(p, &p->fig->items.at[i], true);
    draw_point_labels(p);
}

void marks_sample(ink *k, const item *it, double x, double y, double width)
{
    rgb c = color_palette(it->style.color);
    if (it->kind == ITEM_BAND) {
        ink_color(k, c, 0.25);
        ink_rect(k, (rect){x, y - 4, width, 8});
        ink_fill(k);
        return;
    }
    if (it->style.line != DRAW_LINE_NONE) {
        ink_color(k, c, 1);
        ink_pen(k, it->style.line, item_width(it));
        ink_segment(k, x, y, it->kind == ITEM_ARROWS ? x + width - 5 : x + width, y);
        if (it->kind == ITEM_ARROWS || (it->kind == ITEM_PATH && it->arrows))
            ink_arrow_head(k, it->kind == ITEM_ARROWS ? x + width : x + width / 2 + 4, y, 1, 0, 7);
    }
    if (it->kind == ITEM_SCATTER || it->kind == ITEM_LINE)
        ink_mark(k, it->style.mark, x + width / 2, y, it->kind == ITEM_LINE ? 6.5 : 5.5, c);
}
