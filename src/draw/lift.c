/* Paths and points on a surface: lifted to their height, or lying on the floor. What the surface hides is
 * found by following the line of sight, and dotted. */
#include "draw/space.h"

#include <math.h>

enum { SIGHT_STEPS = 64 };

static const rgb WORDS = {0.1, 0.1, 0.12};

static bool is_inside(const view *v, double x, double y)
{
    return x >= v->g.x0 && x <= v->g.x1 && y >= v->g.y0 && y <= v->g.y1;
}

/* Whether the surface stands between the viewer and a point on it: follows the line of sight through the
 * grid. */
static bool is_hidden(const view *v, double x, double y, double z)
{
    point3 b = space_to_box(v, x, y, z);
    for (int i = 1; i <= SIGHT_STEPS; i++) {
        double t = 0.03 + 2.9 * i / SIGHT_STEPS;
        point3 c = {b.x + t * v->toward.x, b.y + t * v->toward.y, b.z + t * v->toward.z};
        if (fabs(c.x) > 1 || fabs(c.y) > 1 || c.z > SPACE_HEIGHT) return false;
        double cx = v->g.x0 + (c.x + 1) / 2 * (v->g.x1 - v->g.x0),
               cy = v->g.y0 + (c.y + 1) / 2 * (v->g.y1 - v->g.y0);
        double s = grid_at(&v->g, cx, cy);
        if (s >= v->g.shown.low && s <= v->g.shown.high && space_to_box(v, cx, cy, s).z > c.z + 0.02)
            return true;
    }
    return false;
}

typedef struct lifted {
    point2 at;
    bool defined, hidden;
} lifted;

static lifted lift(const view *v, double x, double y, bool floor)
{
    lifted q = {{0, 0}, is_inside(v, x, y), false};
    double z = v->z.low;
    if (q.defined && !floor) {
        z = surface_value(&v->fig->surf, x, y);
        q.defined = z >= v->g.shown.low && z <= v->g.shown.high;
        q.hidden = q.defined && is_hidden(v, x, y, z);
    }
    if (q.defined) q.at = space_project(v, x, y, z);
    return q;
}

/* How many of the points of all paths are seen. */
static size_t count_seen(const view *v)
{
    size_t seen = 0;
    for (size_t i = 0; i < v->fig->items.n; i++) {
        const item *it = &v->fig->items.at[i];
        size_t step = it->n / 200 + 1;
        for (size_t k = 0; k < it->n; k += step) {
            lifted q = lift(v, it->xs[k], it->ys[k], false);
            seen += q.defined && !q.hidden;
        }
    }
    return seen;
}

/* The viewer goes where most of the paths is seen; the usual places come first. */
void lift_choose_azimuth(view *v)
{
    static const double places[] = {-60, -120, -30, -150, 30, 150, 60, 120};
    double best = places[0];
    size_t most = 0;
    if (v->fig->o.azimuth == v->fig->o.azimuth) {
        space_aim(v, v->fig->o.azimuth);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        space_aim(v, places[i]);
        size_t seen = count_seen(v);
        if (i == 0 || seen > most + most / 50) {
            best = places[i];
            most = seen;
        }
    }
    space_aim(v, best);
}

/* A path between two of its points follows the surface: it is cut into short pieces. Hidden pieces are
 * drawn in a second pass, dotted. */
static void draw_path_lines(view *v, const item *it, bool floor, bool hidden)
{
    for (size_t i = 1; i < it->n; i++) {
        double x0 = it->xs[i - 1], y0 = it->ys[i - 1], dx = it->xs[i] - x0, dy = it->ys[i] - y0;
        double part = hypot(dx / (v->g.x1 - v->g.x0), dy / (v->g.y1 - v->g.y0));
        int pieces = floor ? 1 : (int)fmin(fmax(ceil(part * 60), 1), 60);
        lifted a = lift(v, x0, y0, floor);
        for (int k = 1; k <= pieces; k++) {
            double t = (double)k / pieces;
            lifted b = lift(v, x0 + t * dx, y0 + t * dy, floor);
            if (a.defined && b.defined && (a.hidden || b.hidden) == hidden) {
                ink_move(v->k, a.at.x, a.at.y);
                ink_line(v->k, b.at.x, b.at.y);
            }
            a = b;
        }
    }
    ink_stroke(v->k);
}

static void put_mark(view *v, draw_mark m, double x, double y, bool floor, double size, rgb c)
{
    lifted q = lift(v, x, y, floor);
    if (q.defined && !q.hidden) ink_mark(v->k, m, q.at.x, q.at.y, size, c);
}

static void draw_path_marks(view *v, const item *it, bool floor, rgb c)
{
    point2 last = {NAN, NAN};
    for (size_t i = 1; i + 1 < it->n && it->arrows; i++) {
        lifted q = lift(v, it->xs[i], it->ys[i], floor);
        if (!q.defined || hypot(q.at.x - last.x, q.at.y - last.y) < 5) continue;
        put_mark(v, it->style.mark, it->xs[i], it->ys[i], floor, floor ? 3 : 4.2, c);
        last = q.at;
    }
    if (it->n && it->arrows) {
        put_mark(v, DRAW_MARK_CIRCLE, it->xs[0], it->ys[0], floor, floor ? 5 : 7, c);
        put_mark(v, DRAW_MARK_DIAMOND, it->xs[it->n - 1], it->ys[it->n - 1], floor, floor ? 5.5 : 7.5, c);
    }
}

static void draw_path(view *v, const item *it, bool floor)
{
    rgb c = color_palette(it->style.color);
    double width = it->style.width > 0 ? it->style.width : 1.6;
    if (floor) {
        ink_color(v->k, color_mix(c, (rgb){1, 1, 1}, 0.25), 1);
        ink_pen(v->k, it->style.line, width * 0.7);
        draw_path_lines(v, it, true, false);
    } else {
        /* A light edge keeps the line apart from a dark surface. */
        ink_color(v->k, (rgb){1, 1, 1}, 0.75);
        ink_pen(v->k, DRAW_LINE_SOLID, width + 1.8);
        draw_path_lines(v, it, false, false);
        ink_color(v->k, c, 1);
        ink_pen(v->k, it->style.line, width);
        draw_path_lines(v, it, false, false);
        ink_color(v->k, c, 0.8);
        ink_pen(v->k, DRAW_LINE_DOTTED, width * 0.7);
        draw_path_lines(v, it, false, true);
    }
    draw_path_marks(v, it, floor, c);
}

static void draw_point(view *v, const item *it)
{
    rgb c = color_palette(it->style.color);
    lifted q = lift(v, it->xs[0], it->ys[0], false);
    if (!q.defined) return;
    ink_mark(v->k, q.hidden ? DRAW_MARK_CIRCLE : it->style.mark, q.at.x, q.at.y, 7.5, c);
    if (it->label) {
        ink_color(v->k, WORDS, 1);
        ink_text(v->k, it->label, INK_FONT, q.at.x + 7, q.at.y - 3, INK_START, INK_END, true);
    }
}

void lift_draw_items(view *v, bool floor)
{
    for (size_t i = 0; i < v->fig->items.n; i++) {
        const item *it = &v->fig->items.at[i];
        if (it->kind == ITEM_PATH) draw_path(v, it, floor);
        else if (it->kind == ITEM_SCATTER)
            for (size_t k = 0; k < it->n; k++)
                put_mark(v, it->style.mark, it->xs[k], it->ys[k], floor, floor ? 3.5 : 5.5,
                         color_palette(it->style.color));
        else if (it->kind == ITEM_POINT && !floor) draw_point(v, it);
    }
}
