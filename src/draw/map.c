/* The contour map: areas between levels in the colours of the map, contour lines on them, and the level
 * written on each line where nothing else stands. */
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

/* ---- areas ---------------------------------------------------------------------------------------------- */

/* The part of a cell where z >= level, walked around its border. */
static void add_cell_part(plane *p, const grid *g, size_t i, size_t j, const double z[4], double level)
{
    double x[4] = {grid_x(g, i), grid_x(g, i + 1), grid_x(g, i + 1), grid_x(g, i)};
    double y[4] = {grid_y(g, j), grid_y(g, j), grid_y(g, j + 1), grid_y(g, j + 1)};
    bool any = false;
    for (int k = 0; k < 4; k++) {
        int n = (k + 1) % 4;
        point2 q = to_paper(p, x[k], y[k]);
        if (z[k] >= level) {
            if (any) ink_line(p->k, q.x, q.y);
            else ink_move(p->k, q.x, q.y);
            any = true;
        }
        if ((z[k] >= level) != (z[n] >= level)) {
            double s = (level - z[k]) / (z[n] - z[k]);
            q = to_paper(p, x[k] + s * (x[n] - x[k]), y[k] + s * (y[n] - y[k]));
            if (any) ink_line(p->k, q.x, q.y);
            else ink_move(p->k, q.x, q.y);
            any = true;
        }
    }
    if (any) ink_close(p->k);
}

/* All of one area is one path: cells that touch leave no seam. Whole cells in a row are one rectangle. */
static void fill_above(plane *p, const grid *g, double level, rgb c)
{
    ink_color(p->k, c, 1);
    for (size_t j = 0; j < g->ny; j++)
        for (size_t i = 0; i < g->nx; i++) {
            size_t from = i;
            double z[4];
            bool whole = true, some = false;
            for (; i < g->nx && whole; i++) {
                const double *a = g->z + j * (g->nx + 1) + i, *b = a + g->nx + 1;
                z[0] = a[0];
                z[1] = a[1];
                z[2] = b[1];
                z[3] = b[0];
                bool defined = true;
                some = false;
                for (int k = 0; k < 4; k++) {
                    defined = defined && z[k] == z[k];
                    whole = whole && z[k] >= level;
                    some = some || z[k] >= level;
                }
                some = some && defined;
            }
            size_t past = whole ? i : i - 1; /* whole cells from..past-1, then one in z */
            if (past > from) {
                point2 a = to_paper(p, grid_x(g, from), grid_y(g, j + 1));
                point2 b = to_paper(p, grid_x(g, past), grid_y(g, j));
                /* Corners, not a width: neighbours must round to the same place. */
                ink_move(p->k, a.x, b.y);
                ink_line(p->k, b.x, b.y);
                ink_line(p->k, b.x, a.y);
                ink_line(p->k, a.x, a.y);
                ink_close(p->k);
            }
            if (!whole && some) add_cell_part(p, g, past, j, z, level);
            i = whole ? i : i - 1;
        }
    ink_fill(p->k);
}

/* ---- lines and their labels ----------------------------------------------------------------------------- */

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

static bool draw_lines(plane *p, const grid *g, const levels *l, size_t k, bool labels)
{
    polylines lines = {0};
    bool ok = contour_trace(p->fig->ctx, g, l->at[k], &lines);
    ink_pen(p->k, DRAW_LINE_SOLID, 0.7);
    for (size_t i = 0; i < lines.lines.n; i++) {
        ink_color(p->k, LINE, 0.75);
        if (labels) label_line(p, &lines.lines.at[i], l->text[k]);
        else stroke_line(p, &lines.lines.at[i]);
    }
    polylines_clear(p->fig->ctx, &lines);
    return ok;
}

gradus_status map_draw(plane *p)
{
    grid g;
    levels l;
    if (!grid_sample(p->fig, &g, MAP_CELLS, MAP_CELLS))
        return ctx_status(p->fig->ctx) ? ctx_status(p->fig->ctx) : GRADUS_NOMEM;
    bool ok = levels_find(p->fig, &g, &l);
    ink_clip(p->k, (rect){p->w.left, p->w.top, p->w.width, p->w.height});
    fill_above(p, &g, -INFINITY, area_color(0));
    for (size_t k = 0; k < l.n && ok; k++)
        fill_above(p, &g, l.at[k], area_color((double)(k + 1) / (double)l.n));
    for (int labels = 0; labels < 2; labels++)
        for (size_t k = 0; k < l.n && ok; k++) ok = draw_lines(p, &g, &l, k, labels);
    ink_unclip(p->k);
    grid_clear(p->fig->ctx, &g);
    return ok ? ctx_status(p->fig->ctx) : ctx_fail(p->fig->ctx, GRADUS_NOMEM);
}
