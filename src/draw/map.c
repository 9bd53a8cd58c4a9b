/* The contour map: areas between levels in the colours of the map, contour lines on them, and the level
 * written on each line where nothing else stands. */
#include "draw/patch.h"
#include "draw/plane.h"

#include <math.h>

enum { MAP_CELLS = 128, LABEL_TRIES = 24 };

static const rgb LINE = {0.12, 0.12, 0.2}, WHITE = {1, 1, 1};

static rgb area_color(double t)
{
    return color_mix(color_map(t), WHITE, 0.4);
}

static point2 to_paper(const plane *p, double x, double y)
{
    return (point2){window_u(&p->w, x), window_v(&p->w, y)};
}

/* ---- areas ----------------------------------------------------------------------------------- */

static void add_patch(plane *p, const patch *c)
{
    for (size_t k = 0; k < c->n; k++) {
        point2 q = to_paper(p, c->at[k].x, c->at[k].y);
        if (k == 0) ink_move(p->k, q.x, q.y);
        else ink_line(p->k, q.x, q.y);
    }
    if (c->n) ink_close(p->k);
}

static void cell_corners(const grid *g, size_t i, size_t j, point3 c[4])
{
    const double *z = g->z + j * (g->nx + 1) + i;
    double x0 = grid_x(g, i), x1 = grid_x(g, i + 1), y0 = grid_y(g, j), y1 = grid_y(g, j + 1);
    c[0] = (point3){x0, y0, z[0]};
    c[1] = (point3){x1, y0, z[1]};
    c[2] = (point3){x1, y1, z[g->nx + 2]};
    c[3] = (point3){x0, y1, z[g->nx + 1]};
}

typedef VEC(patch) patches;

/* Cells that the border of the domain runs through, cut along it. */
static bool find_border(plane *p, const grid *g, patches *out)
{
    for (size_t j = 0; j < g->ny; j++)
        for (size_t i = 0; i < g->nx; i++) {
            point3 c[4];
            int defined = 0;
            cell_corners(g, i, j, c);
            for (int k = 0; k < 4; k++) defined += c[k].z == c[k].z;
            if (defined == 0 || defined == 4) continue;
            patch cut;
            patch_from_cell(&p->fig->surf, c, &cut);
            if (!vec_push(p->fig->ctx, out, cut)) return false;
        }
    return true;
}

/* Cells from (i, j) on to the right that lie above the level as a whole, as one rectangle; the first that
 * does not. */
static size_t add_whole_cells(plane *p, const grid *g, size_t i, size_t j, double level)
{
    size_t past = i;
    for (; past < g->nx; past++) {
        const double *a = g->z + j * (g->nx + 1) + past, *b = a + g->nx + 1;
        if (!(a[0] >= level && a[1] >= level && b[0] >= level && b[1] >= level)) break;
    }
    if (past > i) {
        /* Corners, not a width: neighbours must round to the same place. */
        point2 a = to_paper(p, grid_x(g, i), grid_y(g, j)),
               b = to_paper(p, grid_x(g, past), grid_y(g, j + 1));
        ink_move(p->k, a.x, a.y);
        ink_line(p->k, b.x, a.y);
        ink_line(p->k, b.x, b.y);
        ink_line(p->k, a.x, b.y);
        ink_close(p->k);
    }
    return past;
}

/* All of one area is one path: cells that touch leave no seam. */
static void fill_above(plane *p, const grid *g, const patches *border, double level, rgb c)
{
    ink_color(p->k, c, 1);
    for (size_t j = 0; j < g->ny; j++)
        for (size_t i = 0, past; i < g->nx; i = past + 1) {
            past = add_whole_cells(p, g, i, j, level);
            if (past == g->nx) break;
            patch part = {.n = 4};
            bool defined = true;
            cell_corners(g, past, j, part.at);
            for (int k = 0; k < 4; k++) defined = defined && part.at[k].z == part.at[k].z;
            patch_cut(&part, level, -1);
            if (defined) add_patch(p, &part);
        }
    for (size_t i = 0; i < border->n; i++) {
        patch part = border->at[i];
        patch_cut(&part, level, -1);
        add_patch(p, &part);
    }
    ink_fill(p->k);
}

/* ---- lines and their labels ------------------------------------------------------------------ */

static double length_of(const plane *p, const polyline *l)
{
    double sum = 0;
    for (size_t i = 1; i < l->at.n; i++) {
        point2 a = to_paper(p, l->at.at[i - 1].x, l->at.at[i - 1].y),
               b = to_paper(p, l->at.at[i].x, l->at.at[i].y);
        sum += hypot(b.x - a.x, b.y - a.y);
    }
    return sum;
}

static void stroke_line(plane *p, const polyline *l)
{
    for (size_t i = 0; i < l->at.n; i++) {
        point2 q = to_paper(p, l->at.at[i].x, l->at.at[i].y);
        if (i == 0) ink_move(p->k, q.x, q.y);
        else ink_line(p->k, q.x, q.y);
    }
    ink_stroke(p->k);
}

/* Where along the line the label costs least; it stands along the line, never upside down. */
static void label_line(plane *p, const polyline *l, const char *text)
{
    double w, h;
    ink_text_size(p->k, text, INK_SMALL, &w, &h);
    if (length_of(p, l) < 3 * w + 20) return;
    size_t best = 0, least = SIZE_MAX;
    double best_angle = 0;
    for (size_t t = 1; t < LABEL_TRIES; t++) {
        size_t i = l->at.n * t / LABEL_TRIES, reach = 2;
        if (i < reach || i + reach >= l->at.n) continue;
        point2 a = to_paper(p, l->at.at[i - reach].x, l->at.at[i - reach].y);
        point2 b = to_paper(p, l->at.at[i + reach].x, l->at.at[i + reach].y);
        point2 q = to_paper(p, l->at.at[i].x, l->at.at[i].y);
        double angle = atan((b.y - a.y) / (b.x - a.x)), s = fabs(sin(angle)), c = fabs(cos(angle));
        double bw = w * c + h * s + 8, bh = w * s + h * c + 8;
        size_t cost = 10 * place_cost(&p->room, (rect){q.x - bw / 2, q.y - bh / 2, bw, bh}) + (size_t)(6 * s);
        if (angle == angle && cost < least) {
            least = cost;
            best = i;
            best_angle = angle;
        }
    }
    if (least > 60) return;
    point2 q = to_paper(p, l->at.at[best].x, l->at.at[best].y);
    double s = fabs(sin(best_angle)), c = fabs(cos(best_angle)), bw = w * c + h * s, bh = w * s + h * c;
    place_mark_rect(&p->room, (rect){q.x - bw / 2 - 8, q.y - bh / 2 - 8, bw + 16, bh + 16});
    ink_color(p->k, LINE, 1);
    ink_text_turned(p->k, text, INK_SMALL, q.x, q.y, best_angle, true);
}

/* In a cell at the border of the domain a level runs straight from side to side. */
static void stroke_border_cells(plane *p, const patches *border, double level)
{
    for (size_t i = 0; i < border->n; i++) {
        const patch *c = &border->at[i];
        point2 at[2];
        size_t n = 0;
        for (size_t k = 0; k < c->n && n < 2; k++) {
            point3 a = c->at[k], b = c->at[(k + 1) % c->n];
            if ((a.z >= level) == (b.z >= level)) continue;
            double s = (level - a.z) / (b.z - a.z);
            at[n++] = to_paper(p, a.x + s * (b.x - a.x), a.y + s * (b.y - a.y));
        }
        if (n == 2) ink_segment(p->k, at[0].x, at[0].y, at[1].x, at[1].y);
    }
}

static bool draw_lines(plane *p, const grid *g, const patches *border, const levels *l, size_t k, bool labels)
{
    polylines lines = {0};
    bool ok = contour_trace(p->fig->ctx, g, l->at[k], &lines);
    ink_pen(p->k, DRAW_LINE_SOLID, 0.7);
    for (size_t i = 0; i < lines.lines.n; i++) {
        ink_color(p->k, LINE, 0.75);
        if (labels) label_line(p, &lines.lines.at[i], l->text[k]);
        else stroke_line(p, &lines.lines.at[i]);
    }
    if (!labels) {
        ink_color(p->k, LINE, 0.75);
        stroke_border_cells(p, border, l->at[k]);
    }
    polylines_clear(p->fig->ctx, &lines);
    return ok;
}

gradus_status map_draw(plane *p)
{
    gradus_ctx *ctx = p->fig->ctx;
    grid g;
    levels l;
    patches border = {0};
    if (!grid_sample(p->fig, &g, MAP_CELLS, MAP_CELLS))
        return ctx_status(ctx) ? ctx_status(ctx) : GRADUS_NOMEM;
    bool ok = levels_find(p->fig, &g, &l) && find_border(p, &g, &border);
    ink_clip(p->k, (rect){p->w.left, p->w.top, p->w.width, p->w.height});
    if (ok) fill_above(p, &g, &border, -INFINITY, area_color(0));
    for (size_t k = 0; k < l.n && ok; k++)
        fill_above(p, &g, &border, l.at[k], area_color((double)(k + 1) / (double)l.n));
    for (int labels = 0; labels < 2; labels++)
        for (size_t k = 0; k < l.n && ok; k++) ok = draw_lines(p, &g, &border, &l, k, labels);
    ink_unclip(p->k);
    vec_clear(ctx, &border);
    grid_clear(ctx, &g);
    return ok ? ctx_status(ctx) : ctx_fail(ctx, GRADUS_NOMEM);
}
