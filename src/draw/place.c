#include "draw/place.h"

#include <math.h>
#include <string.h>

#define CELL 2.5 /* points */

bool place_init(place *p, gradus_ctx *ctx, rect area)
{
    p->ctx = ctx;
    p->area = area;
    p->nx = (size_t)fmax(1, ceil(area.w / CELL));
    p->ny = (size_t)fmax(1, ceil(area.h / CELL));
    p->cells = ctx_realloc(ctx, NULL, 0, p->nx * p->ny);
    if (p->cells) memset(p->cells, 0, p->nx * p->ny);
    return p->cells != NULL;
}

void place_clear(place *p)
{
    if (p->cells) ctx_realloc(p->ctx, p->cells, p->nx * p->ny, 0);
    p->cells = NULL;
}

static size_t cell_of(double offset, size_t n)
{
    double c = floor(offset / CELL);
    return c <= 0 ? 0 : c >= (double)n ? n - 1 : (size_t)c;
}

void place_mark_segment(place *p, point2 a, point2 b)
{
    double len = hypot(b.x - a.x, b.y - a.y);
    size_t steps = (size_t)fmin(ceil(len / (CELL / 2)), 1e5) + 1;
    for (size_t i = 0; i <= steps; i++) {
        double t = (double)i / (double)steps;
        size_t cx = cell_of(a.x + t * (b.x - a.x) - p->area.x, p->nx);
        size_t cy = cell_of(a.y + t * (b.y - a.y) - p->area.y, p->ny);
        p->cells[cy * p->nx + cx] = 1;
    }
}

void place_mark_rect(place *p, rect r)
{
    size_t x1 = cell_of(r.x + r.w - p->area.x, p->nx), y1 = cell_of(r.y + r.h - p->area.y, p->ny);
    for (size_t y = cell_of(r.y - p->area.y, p->ny); y <= y1; y++)
        for (size_t x = cell_of(r.x - p->area.x, p->nx); x <= x1; x++) p->cells[y * p->nx + x] = 1;
}

size_t place_cost(const place *p, rect r)
{
    size_t cost = 0;
    double past_x = fmax(0, p->area.x - r.x) + fmax(0, r.x + r.w - p->area.x - p->area.w);
    double past_y = fmax(0, p->area.y - r.y) + fmax(0, r.y + r.h - p->area.y - p->area.h);
    cost += (size_t)((past_x * r.h + past_y * r.w) / (CELL * CELL) * 2);
    size_t x1 = cell_of(r.x + r.w - p->area.x, p->nx), y1 = cell_of(r.y + r.h - p->area.y, p->ny);
    for (size_t y = cell_of(r.y - p->area.y, p->ny); y <= y1; y++)
        for (size_t x = cell_of(r.x - p->area.x, p->nx); x <= x1; x++) cost += p->cells[y * p->nx + x];
    return cost;
}

size_t place_in_frame(const place *p, double w, double h, double inset, rect *out)
{
    /* Shares of the free room to the left and above; corners first. */
    static const double anchors[][2] = {{1, 0},    {0, 0},    {1, 1},    {0, 1},    {1, 0.5},  {0, 0.5},
                                        {0.5, 0},  {0.5, 1},  {0.75, 0}, {0.25, 0}, {0.75, 1}, {0.25, 1},
                                        {1, 0.25}, {0, 0.25}, {1, 0.75}, {0, 0.75}};
    double free_w = p->area.w - w - 2 * inset, free_h = p->area.h - h - 2 * inset;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors && free_w >= 0 && free_h >= 0; i++) {
        rect r = {p->area.x + inset + anchors[i][0] * free_w, p->area.y + inset + anchors[i][1] * free_h, w,
                  h};
        size_t cost = place_cost(p, r);
        if (cost < best) {
            best = cost;
            *out = r;
        }
    }
    return best;
}

rect place_beside(place *p, double x, double y, double w, double h, double gap)
{
    static const double around[][2] = {{1, -1}, {-1, -1}, {1, 1}, {-1, 1}, {1, 0}, {-1, 0}, {0, -1}, {0, 1}};
    rect best = {x + gap, y - gap - h, w, h};
    size_t least = SIZE_MAX;
    for (int ring = 1; ring <= 3; ring++)
        for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
            double dx = around[i][0], dy = around[i][1], g = gap * ring;
            /* Beside a corner the box need not keep the gap in both directions. */
            double part = dx != 0 && dy != 0 ? 0.6 : 1;
            rect r = {x + (dx > 0   ? g * part
                           : dx < 0 ? -g * part - w
                                    : -w / 2),
                      y + (dy > 0   ? g * part
                           : dy < 0 ? -g * part - h
                                    : -h / 2),
                      w, h};
            size_t cost = place_cost(p, r) * 4 + (size_t)(ring - 1);
            if (cost < least) {
                least = cost;
                best = r;
            }
        }
    place_mark_rect(p, best);
    return best;
}
