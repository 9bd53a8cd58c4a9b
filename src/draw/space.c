/* Surfaces in space: a box with ticks, contours on its floor, the surface drawn from back to front, paths
 * on both.
 *
 * The projection is parallel. Over a rectangle a surface z = f(x, y) is hidden only by cells nearer to the
 * viewer in x or in y, so going through rows and columns from far to near needs no sorting.
 *
 *     up |  / y            azimuth: the viewer's direction seen from above, from the x axis
 *        | /               elevation: how far the viewer looks down
 *        +---- x */
#include "draw/space.h"
#include "draw/plane.h"

#include <math.h>

#define MARGIN     14.0
#define FLOOR_DROP 0.42 /* how far the floor lies below the surface, in parts of its extent */
#define DEGREE     0.017453292519943295
enum { CELLS = 40, FINE = 96 };

static const rgb AXIS = {0.25, 0.25, 0.28}, GRID = {0.88, 0.88, 0.90}, WALL = {0.965, 0.965, 0.975},
                 WORDS = {0.1, 0.1, 0.12}, DARK = {0.05, 0.05, 0.1};

/* ---- projection ------------------------------------------------------------------------------ */

double space_dot(point3 a, point3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* Data to the box [-1, 1] x [-1, 1] x [-SPACE_HEIGHT, SPACE_HEIGHT]. */
point3 space_to_box(const view *v, double x, double y, double z)
{
    return (point3){2 * (x - v->g.x0) / (v->g.x1 - v->g.x0) - 1, 2 * (y - v->g.y0) / (v->g.y1 - v->g.y0) - 1,
                    SPACE_HEIGHT * (2 * (z - v->z.low) / (v->z.high - v->z.low) - 1)};
}

static point2 box_to_paper(const view *v, point3 b)
{
    return (point2){v->cx + v->scale * space_dot(b, v->right), v->cy - v->scale * space_dot(b, v->up)};
}

point2 space_project(const view *v, double x, double y, double z)
{
    return box_to_paper(v, space_to_box(v, x, y, z));
}

void space_aim(view *v, double azimuth)
{
    double a = azimuth * DEGREE, e = v->fig->o.elevation * DEGREE;
    v->right = (point3){-sin(a), cos(a), 0};
    v->up = (point3){-sin(e) * cos(a), -sin(e) * sin(a), cos(e)};
    v->toward = (point3){cos(e) * cos(a), cos(e) * sin(a), sin(e)};
    v->near_x = cos(a) > 0;
    v->near_y = sin(a) > 0;
}

/* Chooses scale and centre so that the box fills what title, legend and tick labels leave. */
static void fit(view *v)
{
    double left = 0, right = 0, top = 0, bottom = 0;
    for (int c = 0; c < 8; c++) {
        point3 b = {c & 1 ? 1 : -1, c & 2 ? 1 : -1, c & 4 ? SPACE_HEIGHT : -SPACE_HEIGHT};
        left = fmin(left, space_dot(b, v->right));
        right = fmax(right, space_dot(b, v->right));
        bottom = fmin(bottom, space_dot(b, v->up));
        top = fmax(top, space_dot(b, v->up));
    }
    double side = 46, below = 34;
    double w = ink_width(v->k) - 2 * MARGIN - 2 * side;
    double h = ink_height(v->k) - 2 * MARGIN - v->title_room - v->legend_room - below;
    v->scale = fmax(10, fmin(w / (right - left), h / (top - bottom)));
    v->cx = ink_width(v->k) / 2 - v->scale * (left + right) / 2;
    v->cy = MARGIN + v->title_room + fmax(h - v->scale * (top - bottom), 0) / 2 + v->scale * top;
}

double space_share(const view *v, double z)
{
    double t = (z - v->g.shown.low) / (v->g.shown.high - v->g.shown.low);
    return t < 0 || t != t ? 0 : t > 1 ? 1 : t;
}

/* ---- box ------------------------------------------------------------------------------------- */

static double far_x(const view *v)
{
    return v->near_x ? v->g.x0 : v->g.x1;
}

static double far_y(const view *v)
{
    return v->near_y ? v->g.y0 : v->g.y1;
}

static double near_edge_x(const view *v)
{
    return v->near_x ? v->g.x1 : v->g.x0;
}

static double near_edge_y(const view *v)
{
    return v->near_y ? v->g.y1 : v->g.y0;
}

static void segment(view *v, point3 a, point3 b)
{
    point2 p = space_project(v, a.x, a.y, a.z), q = space_project(v, b.x, b.y, b.z);
    ink_segment(v->k, p.x, p.y, q.x, q.y);
}

static void fill_face(view *v, const point3 c[4])
{
    for (int i = 0; i < 4; i++) {
        point2 p = space_project(v, c[i].x, c[i].y, c[i].z);
        if (i == 0) ink_move(v->k, p.x, p.y);
        else ink_line(v->k, p.x, p.y);
    }
    ink_close(v->k);
    ink_fill(v->k);
}

static void draw_walls(view *v)
{
    double x0 = v->g.x0, x1 = v->g.x1, y0 = v->g.y0, y1 = v->g.y1, fx = far_x(v), fy = far_y(v),
           lo = v->z.low, hi = v->z.high;
    ink_color(v->k, WALL, 1);
    fill_face(v, (point3[]){{x0, y0, lo}, {x1, y0, lo}, {x1, y1, lo}, {x0, y1, lo}});
    fill_face(v, (point3[]){{fx, y0, lo}, {fx, y1, lo}, {fx, y1, hi}, {fx, y0, hi}});
    fill_face(v, (point3[]){{x0, fy, lo}, {x1, fy, lo}, {x1, fy, hi}, {x0, fy, hi}});
    ink_color(v->k, GRID, 1);
    ink_pen(v->k, DRAW_LINE_SOLID, 0.6);
    for (int64_t k = v->tx.first; k <= v->tx.last; k++) {
        double x = ticks_value(&v->tx, k);
        segment(v, (point3){x, y0, lo}, (point3){x, y1, lo});
        segment(v, (point3){x, fy, lo}, (point3){x, fy, hi});
    }
    for (int64_t k = v->ty.first; k <= v->ty.last; k++) {
        double y = ticks_value(&v->ty, k);
        segment(v, (point3){x0, y, lo}, (point3){x1, y, lo});
        segment(v, (point3){fx, y, lo}, (point3){fx, y, hi});
    }
    for (int64_t k = v->tz.first; k <= v->tz.last; k++) {
        double z = ticks_value(&v->tz, k);
        segment(v, (point3){x0, fy, z}, (point3){x1, fy, z});
        segment(v, (point3){fx, y0, z}, (point3){fx, y1, z});
    }
}

/* One axis: its line from a to b, ticks pointing along `out` (in the box), labels beyond them, the name
 * further out. */
static void draw_axis(view *v, const ticks *t, point3 a, point3 b, point3 out, const char *name)
{
    point2 p = space_project(v, a.x, a.y, a.z), q = space_project(v, b.x, b.y, b.z);
    double ou = space_dot(out, v->right), ov = -space_dot(out, v->up), widest = 0;
    if (a.z == b.z) ov += 0.2; /* seen from the side, the labels of the floor still stand below it */
    double len = hypot(ou, ov);
    if (len < 1e-6 || hypot(q.x - p.x, q.y - p.y) < 30) return;
    ou /= len;
    ov /= len;
    ink_color(v->k, AXIS, 1);
    ink_pen(v->k, DRAW_LINE_SOLID, 0.8);
    ink_segment(v->k, p.x, p.y, q.x, q.y);
    strbuf s;
    strbuf_init(&s, v->fig->ctx);
    for (int64_t k = t->first; k <= t->last; k++) {
        double at = ticks_value(t, k);
        point3 d = {a.x == b.x ? a.x : at, a.y == b.y ? a.y : at, a.z == b.z ? a.z : at};
        point2 m = space_project(v, d.x, d.y, d.z);
        double w, h;
        strbuf_clear(&s);
        ticks_label(t, k, &s);
        ink_text_size(v->k, strbuf_str(&s), INK_SMALL, &w, &h);
        ink_segment(v->k, m.x, m.y, m.x + 4 * ou, m.y + 4 * ov);
        /* The label's box touches the end of the tick. */
        double reach = 6.5 + fabs(ou) * w / 2 + fabs(ov) * h / 2;
        widest = fmax(widest, 6.5 + fabs(ou) * w + fabs(ov) * h);
        ink_text(v->k, strbuf_str(&s), INK_SMALL, m.x + reach * ou, m.y + reach * ov, INK_MIDDLE, INK_MIDDLE,
                 false);
    }
    strbuf_clear(&s);
    strbuf_init(&s, v->fig->ctx);
    if (name) strbuf_add(&s, name);
    if (t->shown_power) strbuf_printf(&s, " $(×10^%d)$", t->shown_power);
    if (s.n) {
        double w, h;
        ink_text_size(v->k, strbuf_str(&s), INK_FONT, &w, &h);
        double reach = widest + 7 + fabs(ou) * w / 2 + fabs(ov) * h / 2;
        double mu = (p.x + q.x) / 2 + reach * ou, mv = (p.y + q.y) / 2 + reach * ov;
        if (mu - w / 2 < 4) mu = 4 + w / 2;
        if (mu + w / 2 > ink_width(v->k) - 4) mu = ink_width(v->k) - 4 - w / 2;
        ink_color(v->k, WORDS, 1);
        ink_text(v->k, strbuf_str(&s), INK_FONT, mu, mv, INK_MIDDLE, INK_MIDDLE, false);
    }
    strbuf_clear(&s);
}

static void draw_axes(view *v)
{
    double nx = near_edge_x(v), ny = near_edge_y(v), lo = v->z.low, best = INFINITY;
    draw_axis(v, &v->tx, (point3){v->g.x0, ny, lo}, (point3){v->g.x1, ny, lo},
              (point3){0, v->near_y ? 1 : -1, 0}, v->fig->o.x_label);
    draw_axis(v, &v->ty, (point3){nx, v->g.y0, lo}, (point3){nx, v->g.y1, lo},
              (point3){v->near_x ? 1 : -1, 0, 0}, v->fig->o.y_label);
    /* The upright axis stands at the corner furthest to the left. */
    point3 corner = {0, 0, 0};
    for (int c = 0; c < 4; c++) {
        double x = c & 1 ? v->g.x1 : v->g.x0, y = c & 2 ? v->g.y1 : v->g.y0;
        point2 p = space_project(v, x, y, lo);
        if (p.x < best - 1e-9) {
            best = p.x;
            corner = (point3){x, y, lo};
        }
    }
    point3 left = {-v->right.x, -v->right.y, 0};
    draw_axis(v, &v->tz, corner, (point3){corner.x, corner.y, v->z.high}, left, v->fig->o.z_label);
    ink_color(v->k, AXIS, 1);
    ink_pen(v->k, DRAW_LINE_SOLID, 0.5);
    segment(v, (point3){far_x(v), far_y(v), lo}, (point3){far_x(v), far_y(v), v->z.high});
}

/* ---- contours on the floor ------------------------------------------------------------------- */

static bool draw_floor_contours(view *v)
{
    grid fine;
    if (!grid_sample(v->fig, &fine, FINE, FINE)) return false;
    bool ok = true;
    for (size_t k = 0; k < v->l.n && ok; k++) {
        polylines lines = {0};
        ok = contour_trace(v->fig->ctx, &fine, v->l.at[k], &lines);
        ink_color(v->k, color_mix(color_map((double)(k + 1) / (double)(v->l.n + 1)), DARK, 0.18), 1);
        ink_pen(v->k, DRAW_LINE_SOLID, 1);
        for (size_t i = 0; i < lines.lines.n; i++) {
            const polyline *l = &lines.lines.at[i];
            for (size_t j = 0; j < l->at.n; j++) {
                point2 q = space_project(v, l->at.at[j].x, l->at.at[j].y, v->z.low);
                if (j == 0) ink_move(v->k, q.x, q.y);
                else ink_line(v->k, q.x, q.y);
            }
            ink_stroke(v->k);
        }
        polylines_clear(v->fig->ctx, &lines);
    }
    grid_clear(v->fig->ctx, &fine);
    return ok;
}

/* ---- the picture ----------------------------------------------------------------------------- */

static gradus_status refuse_plane_items(draw_figure *fig)
{
    static const char *const names[] = {[ITEM_CURVE] = "a curve",
                                        [ITEM_LINE] = "a secant or tangent",
                                        [ITEM_GUIDE] = "a guide line",
                                        [ITEM_BAND] = "a band",
                                        [ITEM_ARROWS] = "a field of arrows"};
    for (size_t i = 0; i < fig->items.n; i++) {
        const char *name = fig->items.at[i].kind < sizeof names / sizeof *names ? names[fig->items.at[i].kind]
                                                                                : NULL;
        if (name)
            return diag_error(fig->ctx, GRADUS_UNABLE, SPAN_NONE, "draw the surface as a flat contour map",
                              "%s cannot be drawn in the view of a surface in space", name);
    }
    return GRADUS_OK;
}

/* The box: a surface without extent in z gets one; the floor lies below the surface to make room for the
 * contours. */
static gradus_status find_box(view *v)
{
    range *s = &v->g.shown;
    if (!(s->low == s->low)) {
        *s = (range){0, 1};
    } else if (!(s->low < s->high)) {
        double half = fabs(s->low) > 1e-300 ? fabs(s->low) : 1;
        *s = (range){s->low - half, s->low + half};
    } else if (s->high - s->low < 1e-9 * fmax(fabs(s->low), fabs(s->high))) {
        double most = fmax(fabs(s->low), fabs(s->high));
        *s = (range){s->low - most, s->high + most};
    }
    v->z = (range){s->low - FLOOR_DROP * (s->high - s->low), s->high};
    ticks_find(&v->tx, (range){v->g.x0, v->g.x1}, false, 5);
    ticks_find(&v->ty, (range){v->g.y0, v->g.y1}, false, 5);
    ticks_find(&v->tz, *s, false, 5);
    return levels_find(v->fig, &v->g, &v->l) ? GRADUS_OK : ctx_fail(v->fig->ctx, GRADUS_NOMEM);
}

static void draw_words(view *v)
{
    draw_figure *fig = v->fig;
    const char *title = fig->o.title ? fig->o.title : fig->surf.label;
    double width = ink_width(v->k), height = ink_height(v->k);
    ink_color(v->k, WORDS, 1);
    ink_text_limit(v->k, 0);
    if (title) {
        double w, h;
        ink_text_size(v->k, title, INK_TITLE, &w, &h);
        ink_text_limit(v->k, w > width - 2 * MARGIN ? width - 2 * MARGIN : 0);
        ink_text(v->k, title, INK_TITLE, width / 2, MARGIN - 3, INK_MIDDLE, INK_START, false);
        ink_text_limit(v->k, 0);
    }
    if (v->legend_room > 0)
        legend_draw_below(fig, v->k, MARGIN + 20, height - MARGIN + 3 - v->legend_room,
                          width - 2 * MARGIN - 40);
    if (v->g.all.low != v->g.all.low) {
        ink_color(v->k, WORDS, 1);
        ink_text(v->k, "The function has no value on this rectangle", INK_FONT, width / 2, height / 2,
                 INK_MIDDLE, INK_MIDDLE, true);
        if (!fig->warned)
            diag_add(fig->ctx, DIAG_WARNING, GRADUS_DOMAIN, SPAN_NONE, NULL,
                     "the function has no value on this rectangle");
        fig->warned = true;
    }
}

gradus_status space_draw(draw_figure *fig, ink *k)
{
    view v = {.fig = fig, .k = k};
    gradus_status st = refuse_plane_items(fig);
    if (st != GRADUS_OK) return st;
    if (!grid_sample(fig, &v.g, CELLS, CELLS))
        return ctx_status(fig->ctx) ? ctx_status(fig->ctx) : GRADUS_NOMEM;
    v.title_room = fig->o.title || fig->surf.label ? 20 : 0;
    if (legend_is_wanted(fig))
        v.legend_room = legend_height_below(fig, k, ink_width(k) - 2 * MARGIN - 40) + 6;
    st = find_box(&v);
    lift_choose_azimuth(&v);
    fit(&v);
    if (st == GRADUS_OK) {
        draw_walls(&v);
        if (!draw_floor_contours(&v)) st = ctx_status(fig->ctx) ? ctx_status(fig->ctx) : GRADUS_NOMEM;
        lift_draw_items(&v, true);
        draw_axes(&v);
        solid_draw(&v);
        lift_draw_items(&v, false);
        draw_words(&v);
    }
    grid_clear(fig->ctx, &v.g);
    return st ? st : ctx_status(fig->ctx);
}
