/* Surfaces in space: a box with ticks, contours on its floor, the surface drawn from back to front, paths
 * on both.
 *
 * The projection is parallel. Over a rectangle a surface z = f(x, y) is hidden only by cells nearer to the
 * viewer in x or in y, so going through rows and columns from far to near needs no sorting.
 *
 *     up |  / y            azimuth: the viewer's direction seen from above, from the x axis
 *        | /               elevation: how far the viewer looks down
 *        +---- x */
#include "draw/ink.h"
#include "draw/plane.h"

#include <math.h>

#define MARGIN     14.0
#define HEIGHT     0.72 /* half height of the box; half its width is 1 */
#define FLOOR_DROP 0.42 /* how far the floor lies below the surface, in parts of its extent */
#define DEGREE     0.017453292519943295
enum { CELLS = 40, MESH = 2, SPLIT = 4, FINE = 96, SIGHT_STEPS = 64, CORNERS_MOST = 12 };

static const rgb AXIS = {0.25, 0.25, 0.28}, GRID = {0.88, 0.88, 0.90}, WALL = {0.965, 0.965, 0.975},
                 WORDS = {0.1, 0.1, 0.12}, DARK = {0.05, 0.05, 0.1};

typedef struct point3 {
    double x, y, z;
} point3;

typedef struct view {
    draw_figure *fig;
    ink *k;
    grid g;
    levels l;
    range z; /* of the box: floor to top */
    point3 right, up, toward;
    double scale, cx, cy;
    bool near_x, near_y; /* whether the greater end of the axis is nearer */
    ticks tx, ty, tz;
    double title_room, legend_room;
} view;

/* ---- projection ----------------------------------------------------------------------------------------- */

static double dot(point3 a, point3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* Data to the box [-1, 1] x [-1, 1] x [-HEIGHT, HEIGHT]. */
static point3 to_box(const view *v, double x, double y, double z)
{
    return (point3){2 * (x - v->g.x0) / (v->g.x1 - v->g.x0) - 1, 2 * (y - v->g.y0) / (v->g.y1 - v->g.y0) - 1,
                    HEIGHT * (2 * (z - v->z.low) / (v->z.high - v->z.low) - 1)};
}

static point2 box_to_paper(const view *v, point3 b)
{
    return (point2){v->cx + v->scale * dot(b, v->right), v->cy - v->scale * dot(b, v->up)};
}

static point2 project(const view *v, double x, double y, double z)
{
    return box_to_paper(v, to_box(v, x, y, z));
}

static void aim(view *v, double azimuth)
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
        point3 b = {c & 1 ? 1 : -1, c & 2 ? 1 : -1, c & 4 ? HEIGHT : -HEIGHT};
        left = fmin(left, dot(b, v->right));
        right = fmax(right, dot(b, v->right));
        bottom = fmin(bottom, dot(b, v->up));
        top = fmax(top, dot(b, v->up));
    }
    double side = 46, below = 34;
    double w = ink_width(v->k) - 2 * MARGIN - 2 * side;
    double h = ink_height(v->k) - 2 * MARGIN - v->title_room - v->legend_room - below;
    v->scale = fmax(10, fmin(w / (right - left), h / (top - bottom)));
    v->cx = ink_width(v->k) / 2 - v->scale * (left + right) / 2;
    v->cy = MARGIN + v->title_room + fmax(h - v->scale * (top - bottom), 0) / 2 + v->scale * top;
}

/* ---- box ------------------------------------------------------------------------------------------------ */

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
    point2 p = project(v, a.x, a.y, a.z), q = project(v, b.x, b.y, b.z);
    ink_segment(v->k, p.x, p.y, q.x, q.y);
}

static void fill_face(view *v, const point3 c[4])
{
    for (int i = 0; i < 4; i++) {
        point2 p = project(v, c[i].x, c[i].y, c[i].z);
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
    point2 p = project(v, a.x, a.y, a.z), q = project(v, b.x, b.y, b.z);
    double ou = dot(out, v->right), ov = -dot(out, v->up), len = hypot(ou, ov), widest = 0;
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
        point2 m = project(v, d.x, d.y, d.z);
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
        point2 p = project(v, x, y, lo);
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

/* ---- surface -------------------------------------------------------------------------------------------- */

typedef struct patch {
    point3 at[CORNERS_MOST];
    size_t n;
} patch;

static double value(const view *v, double x, double y)
{
    double z = v->fig->surf.f(v->fig->surf.user, x, y);
    return fabs(z) <= 1e300 ? z : NAN;
}

/* On the side from a (defined) to b (not): the last defined point, found by halving. */
static point3 border_point(const view *v, point3 a, point3 b)
{
    for (int k = 0; k < 14; k++) {
        point3 m = {(a.x + b.x) / 2, (a.y + b.y) / 2, 0};
        m.z = value(v, m.x, m.y);
        if (m.z == m.z) a = m;
        else b = m;
    }
    return a;
}

/* A cell's corners with their values, or a part of a cell's. */
typedef struct tile {
    double x[2], y[2];
    double z[4];  /* around from (x[0], y[0]) */
    bool mesh[4]; /* whether side k, from corner k to the next, lies on a line of the mesh that this tile
                     draws */
} tile;

static void tile_patch(const view *v, const tile *t, patch *out)
{
    point3 c[4] = {{t->x[0], t->y[0], t->z[0]},
                   {t->x[1], t->y[0], t->z[1]},
                   {t->x[1], t->y[1], t->z[2]},
                   {t->x[0], t->y[1], t->z[3]}};
    out->n = 0;
    for (int k = 0; k < 4; k++) {
        point3 a = c[k], b = c[(k + 1) % 4];
        bool here = a.z == a.z, there = b.z == b.z;
        if (here) out->at[out->n++] = a;
        if (here != there) out->at[out->n++] = here ? border_point(v, a, b) : border_point(v, b, a);
    }
}

/* Cuts the patch at a height; sign 1 keeps what lies below. */
static void cut_patch(patch *p, double height, double sign)
{
    patch in = *p;
    p->n = 0;
    for (size_t k = 0; k < in.n && p->n + 2 <= CORNERS_MOST; k++) {
        point3 a = in.at[k], b = in.at[(k + 1) % in.n];
        bool here = sign * (a.z - height) <= 0, there = sign * (b.z - height) <= 0;
        if (here) p->at[p->n++] = a;
        if (here != there) {
            double s = (height - a.z) / (b.z - a.z);
            p->at[p->n++] = (point3){a.x + s * (b.x - a.x), a.y + s * (b.y - a.y), height};
        }
    }
}

/* Lit from above left, as seen by the viewer; 0 to 1. */
static double light_on(const view *v, const patch *p)
{
    point3 n = {0, 0, 0};
    for (size_t k = 0; k < p->n; k++) { /* Newell's normal */
        point3 a = to_box(v, p->at[k].x, p->at[k].y, p->at[k].z), c = p->at[(k + 1) % p->n];
        point3 b = to_box(v, c.x, c.y, c.z);
        n.x += (a.y - b.y) * (a.z + b.z);
        n.y += (a.z - b.z) * (a.x + b.x);
        n.z += (a.x - b.x) * (a.y + b.y);
    }
    point3 light = {0.35 * v->toward.x - 0.5 * v->right.x, 0.35 * v->toward.y - 0.5 * v->right.y, 0.8};
    double len = sqrt(dot(n, n) * dot(light, light));
    return len > 0 ? fabs(dot(n, light)) / len : 1;
}

static double level_share(const view *v, double z)
{
    double t = (z - v->g.shown.low) / (v->g.shown.high - v->g.shown.low);
    return t < 0 || t != t ? 0 : t > 1 ? 1 : t;
}

static void path_of(view *v, const patch *p)
{
    for (size_t k = 0; k < p->n; k++) {
        point2 q = project(v, p->at[k].x, p->at[k].y, p->at[k].z);
        if (k == 0) ink_move(v->k, q.x, q.y);
        else ink_line(v->k, q.x, q.y);
    }
    ink_close(v->k);
}

static bool on_mesh(size_t line, size_t last)
{
    return line % MESH == 0 || line == last;
}

/* Sides of the patch that lie on lines of the mesh. */
static void draw_mesh(view *v, const tile *t, const patch *p, rgb c)
{
    double fixed[4] = {t->y[0], t->x[1], t->y[1], t->x[0]};
    bool drawn = false;
    for (size_t k = 0; k < p->n; k++) {
        point3 a = p->at[k], b = p->at[(k + 1) % p->n];
        bool mesh = false;
        for (int s = 0; s < 4; s++)
            mesh = mesh || (t->mesh[s] && (s % 2 ? a.x == fixed[s] && b.x == fixed[s]
                                                 : a.y == fixed[s] && b.y == fixed[s]));
        if (!mesh) continue;
        point2 q = project(v, a.x, a.y, a.z), r = project(v, b.x, b.y, b.z);
        ink_move(v->k, q.x, q.y);
        ink_line(v->k, r.x, r.y);
        drawn = true;
    }
    if (!drawn) return;
    ink_color(v->k, color_mix(c, DARK, 0.45), 1);
    ink_pen(v->k, DRAW_LINE_SOLID, 0.45);
    ink_stroke(v->k);
}

static void draw_tile(view *v, const tile *t)
{
    patch p;
    tile_patch(v, t, &p);
    cut_patch(&p, v->g.shown.high, 1);
    cut_patch(&p, v->g.shown.low, -1);
    if (p.n < 3) return;
    double z = 0;
    for (size_t k = 0; k < p.n; k++) z += p.at[k].z / (double)p.n;
    rgb c = color_mix(color_map(level_share(v, z)), (rgb){1, 1, 1}, 0.08);
    double light = light_on(v, &p);
    c = light < 0.75 ? color_mix(c, DARK, 0.3 * (0.75 - light))
                     : color_mix(c, (rgb){1, 1, 1}, 0.5 * (light - 0.75));
    ink_color(v->k, c, 1);
    ink_pen(v->k, DRAW_LINE_SOLID, 0.5);
    path_of(v, &p);
    ink_fill_stroke(v->k);
    draw_mesh(v, t, &p, c);
}

/* Where the surface leaves the box or the domain, the cell is drawn in finer parts. */
static void draw_split_tile(view *v, const tile *t)
{
    double x[SPLIT + 1], y[SPLIT + 1], z[SPLIT + 1][SPLIT + 1];
    for (int i = 0; i <= SPLIT; i++) {
        x[i] = i == SPLIT ? t->x[1] : t->x[0] + (t->x[1] - t->x[0]) * i / SPLIT;
        y[i] = i == SPLIT ? t->y[1] : t->y[0] + (t->y[1] - t->y[0]) * i / SPLIT;
    }
    for (int j = 0; j <= SPLIT; j++)
        for (int i = 0; i <= SPLIT; i++) z[j][i] = value(v, x[i], y[j]);
    for (int a = 0; a < SPLIT; a++)
        for (int b = 0; b < SPLIT; b++) {
            int i = v->near_x ? b : SPLIT - 1 - b, j = v->near_y ? a : SPLIT - 1 - a;
            tile part = {{x[i], x[i + 1]},
                         {y[j], y[j + 1]},
                         {z[j][i], z[j][i + 1], z[j + 1][i + 1], z[j + 1][i]},
                         {j == 0 && t->mesh[0], i == SPLIT - 1 && t->mesh[1], j == SPLIT - 1 && t->mesh[2],
                          i == 0 && t->mesh[3]}};
            draw_tile(v, &part);
        }
}

static bool is_cut(const view *v, const tile *t)
{
    bool inside = false, outside = false;
    for (int k = 0; k < 4; k++) {
        bool in = t->z[k] >= v->g.shown.low && t->z[k] <= v->g.shown.high;
        inside = inside || in;
        outside = outside || !in;
    }
    return inside && outside;
}

/* A side is drawn with the nearer of its two cells: the farther one would be painted over by half. */
static void draw_cell(view *v, size_t i, size_t j)
{
    const grid *g = &v->g;
    const double *z = g->z + j * (g->nx + 1) + i;
    tile t = {{grid_x(g, i), grid_x(g, i + 1)},
              {grid_y(g, j), grid_y(g, j + 1)},
              {z[0], z[1], z[g->nx + 2], z[g->nx + 1]},
              {on_mesh(j, g->ny) && (v->near_y || j == 0),
               on_mesh(i + 1, g->nx) && (!v->near_x || i + 1 == g->nx),
               on_mesh(j + 1, g->ny) && (!v->near_y || j + 1 == g->ny),
               on_mesh(i, g->nx) && (v->near_x || i == 0)}};
    if (is_cut(v, &t)) draw_split_tile(v, &t);
    else draw_tile(v, &t);
}

static void draw_surface(view *v)
{
    for (size_t a = 0; a < v->g.ny; a++)
        for (size_t b = 0; b < v->g.nx; b++)
            draw_cell(v, v->near_x ? b : v->g.nx - 1 - b, v->near_y ? a : v->g.ny - 1 - a);
}

/* ---- contours on the floor ------------------------------------------------------------------------------ */

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
                point2 q = project(v, l->at.at[j].x, l->at.at[j].y, v->z.low);
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

/* ---- paths and points ----------------------------------------------------------------------------------- */

static bool is_inside(const view *v, double x, double y)
{
    return x >= v->g.x0 && x <= v->g.x1 && y >= v->g.y0 && y <= v->g.y1;
}

/* Whether the surface stands between the viewer and a point on it: follows the line of sight through the
 * grid. */
static bool is_hidden(const view *v, double x, double y, double z)
{
    point3 b = to_box(v, x, y, z);
    for (int i = 1; i <= SIGHT_STEPS; i++) {
        double t = 0.03 + 2.9 * i / SIGHT_STEPS;
        point3 c = {b.x + t * v->toward.x, b.y + t * v->toward.y, b.z + t * v->toward.z};
        if (fabs(c.x) > 1 || fabs(c.y) > 1 || c.z > HEIGHT) return false;
        double cx = v->g.x0 + (c.x + 1) / 2 * (v->g.x1 - v->g.x0),
               cy = v->g.y0 + (c.y + 1) / 2 * (v->g.y1 - v->g.y0);
        double s = grid_at(&v->g, cx, cy);
        if (s >= v->g.shown.low && s <= v->g.shown.high && to_box(v, cx, cy, s).z > c.z + 0.02) return true;
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
        z = value(v, x, y);
        q.defined = z >= v->g.shown.low && z <= v->g.shown.high;
        q.hidden = q.defined && is_hidden(v, x, y, z);
    }
    if (q.defined) q.at = project(v, x, y, z);
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
static void choose_azimuth(view *v)
{
    static const double places[] = {-60, -120, -30, -150, 30, 150, 60, 120};
    double best = places[0];
    size_t most = 0;
    if (v->fig->o.azimuth == v->fig->o.azimuth) {
        aim(v, v->fig->o.azimuth);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        aim(v, places[i]);
        size_t seen = count_seen(v);
        if (i == 0 || seen > most + most / 50) {
            best = places[i];
            most = seen;
        }
    }
    aim(v, best);
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

static void draw_items(view *v, bool floor)
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

/* ---- the picture ---------------------------------------------------------------------------------------- */

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
    choose_azimuth(&v);
    fit(&v);
    if (st == GRADUS_OK) {
        draw_walls(&v);
        if (!draw_floor_contours(&v)) st = ctx_status(fig->ctx) ? ctx_status(fig->ctx) : GRADUS_NOMEM;
        draw_items(&v, true);
        draw_axes(&v);
        draw_surface(&v);
        draw_items(&v, false);
        draw_words(&v);
    }
    grid_clear(fig->ctx, &v.g);
    return st ? st : ctx_status(fig->ctx);
}
