/* Surfaces on a grid: sampling, contour lines by marching squares, round levels.
 *
 * A contour crosses the edges of the grid. Each crossed edge is met by at most two cells, so the segments
 * of all cells form chains; they are linked edge by edge and then walked, open chains first.
 *
 *     edges 0 .. nx*(ny+1)-1 lie across, the others upright:     +--H--+
 *     H(i,j) from node (i,j) to (i+1,j)                          V     V
 *     V(i,j) from node (i,j) to (i,j+1)                          +--H--+ */
#include "draw/draw_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_EDGE UINT32_MAX

/* ---- sampling ------------------------------------------------------------------------------------------ */

double grid_x(const grid *g, size_t i)
{
    return i == g->nx ? g->x1 : g->x0 + (g->x1 - g->x0) * ((double)i / (double)g->nx);
}

double grid_y(const grid *g, size_t j)
{
    return j == g->ny ? g->y1 : g->y0 + (g->y1 - g->y0) * ((double)j / (double)g->ny);
}

static size_t node_count(const grid *g)
{
    return (g->nx + 1) * (g->ny + 1);
}

void grid_clear(gradus_ctx *ctx, grid *g)
{
    if (g->z) ctx_realloc(ctx, g->z, node_count(g) * sizeof *g->z, 0);
    g->z = NULL;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The finite values in order; the caller frees node_count doubles. */
static double *sorted_values(gradus_ctx *ctx, const grid *g, size_t *n)
{
    double *v = ctx_realloc(ctx, NULL, 0, node_count(g) * sizeof *v);
    *n = 0;
    for (size_t i = 0; v && i < node_count(g); i++)
        if (g->z[i] == g->z[i]) v[(*n)++] = g->z[i];
    if (v) qsort(v, *n, sizeof *v, compare_doubles);
    return v;
}

/* Few values far out, many together: a pole. What is shown then ends a spread beyond the bulk. */
static bool find_ranges(draw_figure *fig, grid *g)
{
    size_t n;
    double *v = sorted_values(fig->ctx, g, &n);
    if (!v) return false;
    if (n == 0) {
        g->all = g->shown = (range){NAN, NAN};
    } else {
        g->all = g->shown = (range){v[0], v[n - 1]};
        double low = v[n / 20], high = v[n - 1 - n / 20], spread = high - low;
        if (g->all.high - g->all.low > 20 * spread && spread > 0) {
            g->shown.high = fmin(g->all.high, high + spread);
            g->shown.low = fmax(g->all.low, low - spread);
        }
    }
    ctx_realloc(fig->ctx, v, node_count(g) * sizeof *v, 0);
    if (fig->o.z_min == fig->o.z_min) g->shown.low = fig->o.z_min;
    if (fig->o.z_max == fig->o.z_max) g->shown.high = fig->o.z_max;
    return true;
}

bool grid_sample(draw_figure *fig, grid *g, size_t nx, size_t ny)
{
    const surface *s = &fig->surf;
    *g = (grid){.nx = nx, .ny = ny, .x0 = s->x0, .x1 = s->x1, .y0 = s->y0, .y1 = s->y1};
    g->z = ctx_realloc(fig->ctx, NULL, 0, node_count(g) * sizeof *g->z);
    if (!g->z) return false;
    for (size_t j = 0; j <= ny; j++)
        for (size_t i = 0; i <= nx; i++) {
            if (!ctx_tick(fig->ctx)) {
                grid_clear(fig->ctx, g);
                return false;
            }
            double z = s->f(s->user, grid_x(g, i), grid_y(g, j));
            g->z[j * (nx + 1) + i] = fabs(z) <= 1e300 ? z : NAN;
        }
    if (find_ranges(fig, g)) return true;
    grid_clear(fig->ctx, g);
    return false;
}

double grid_at(const grid *g, double x, double y)
{
    double s = (x - g->x0) / (g->x1 - g->x0) * (double)g->nx,
           t = (y - g->y0) / (g->y1 - g->y0) * (double)g->ny;
    if (!(s >= 0 && t >= 0 && s <= (double)g->nx && t <= (double)g->ny)) return NAN;
    size_t i = s >= (double)g->nx ? g->nx - 1 : (size_t)s, j = t >= (double)g->ny ? g->ny - 1 : (size_t)t;
    const double *z = g->z + j * (g->nx + 1) + i;
    s -= (double)i;
    t -= (double)j;
    return (1 - t) * ((1 - s) * z[0] + s * z[1]) + t * ((1 - s) * z[g->nx + 1] + s * z[g->nx + 2]);
}

/* ---- contour lines ------------------------------------------------------------------------------------- */

typedef struct tracer {
    gradus_ctx *ctx;
    const grid *g;
    double level;
    uint32_t *link; /* two neighbours of each edge */
    size_t edges;
} tracer;

static uint32_t edge_across(const grid *g, size_t i, size_t j)
{
    return (uint32_t)(j * g->nx + i);
}

static uint32_t edge_upright(const grid *g, size_t i, size_t j)
{
    return (uint32_t)(g->nx * (g->ny + 1) + j * (g->nx + 1) + i);
}

static double node(const grid *g, size_t i, size_t j)
{
    return g->z[j * (g->nx + 1) + i];
}

static point2 crossing(const tracer *t, uint32_t edge)
{
    const grid *g = t->g;
    size_t across = g->nx * (g->ny + 1), i, j, i2, j2;
    if (edge < across) {
        i = edge % g->nx;
        j = edge / g->nx;
        i2 = i + 1;
        j2 = j;
    } else {
        i = (edge - across) % (g->nx + 1);
        j = (edge - across) / (g->nx + 1);
        i2 = i;
        j2 = j + 1;
    }
    double a = node(g, i, j), b = node(g, i2, j2), s = (t->level - a) / (b - a);
    if (!(s >= 0 && s <= 1)) s = 0.5; /* differences that overflow */
    return (point2){grid_x(g, i) + s * (grid_x(g, i2) - grid_x(g, i)),
                    grid_y(g, j) + s * (grid_y(g, j2) - grid_y(g, j))};
}

static void join_edges(tracer *t, uint32_t a, uint32_t b)
{
    t->link[2 * a + (t->link[2 * a] != NO_EDGE)] = b;
    t->link[2 * b + (t->link[2 * b] != NO_EDGE)] = a;
}

/* Corners counted around the cell from the lower left; bit k: corner k lies at or above the level. In a
 * saddle the high corners belong together, as in the filled map. */
static void do_cell(tracer *t, size_t i, size_t j)
{
    const grid *g = t->g;
    double z[4] = {node(g, i, j), node(g, i + 1, j), node(g, i + 1, j + 1), node(g, i, j + 1)};
    unsigned high = 0;
    for (unsigned k = 0; k < 4; k++) {
        if (z[k] != z[k]) return;
        high |= (unsigned)(z[k] >= t->level) << k;
    }
    uint32_t bottom = edge_across(g, i, j), top = edge_across(g, i, j + 1), left = edge_upright(g, i, j),
             right = edge_upright(g, i + 1, j);
    switch (high) {
    case 1:
    case 14: join_edges(t, bottom, left); break;
    case 2:
    case 13: join_edges(t, bottom, right); break;
    case 4:
    case 11: join_edges(t, right, top); break;
    case 8:
    case 7: join_edges(t, left, top); break;
    case 3:
    case 12: join_edges(t, left, right); break;
    case 6:
    case 9: join_edges(t, bottom, top); break;
    case 5:
        join_edges(t, bottom, right);
        join_edges(t, left, top);
        break;
    case 10:
        join_edges(t, bottom, left);
        join_edges(t, right, top);
        break;
    default: break;
    }
}

static void unlink_edge(tracer *t, uint32_t from, uint32_t to)
{
    for (uint32_t k = 0; k < 2; k++) {
        if (t->link[2 * from + k] == to) t->link[2 * from + k] = NO_EDGE;
        if (t->link[2 * to + k] == from) t->link[2 * to + k] = NO_EDGE;
    }
}

static bool on_border(const grid *g, point2 p)
{
    return p.x == g->x0 || p.x == g->x1 || p.y == g->y0 || p.y == g->y1;
}

/* Where a level runs along the edge of the domain, cells without all four values leave short broken pieces.
 */
static bool is_crumb(const grid *g, const polyline *l)
{
    return l->at.n < 8 && !on_border(g, l->at.at[0]) && !on_border(g, l->at.at[l->at.n - 1]);
}

static bool walk(tracer *t, uint32_t start, bool closed, polylines *out)
{
    polyline line = {.closed = closed};
    uint32_t at = start;
    bool ok = vec_push(t->ctx, &line.at, crossing(t, at));
    while (ok) {
        uint32_t next = t->link[2 * at] != NO_EDGE ? t->link[2 * at] : t->link[2 * at + 1];
        if (next == NO_EDGE) break;
        unlink_edge(t, at, next);
        at = next;
        ok = vec_push(t->ctx, &line.at, crossing(t, at));
    }
    if (ok && !closed && is_crumb(t->g, &line)) {
        vec_clear(t->ctx, &line.at);
        return true;
    }
    if (ok && vec_push(t->ctx, &out->lines, line)) return true;
    vec_clear(t->ctx, &line.at);
    return false;
}

bool contour_trace(gradus_ctx *ctx, const grid *g, double level, polylines *out)
{
    tracer t = {.ctx = ctx, .g = g, .level = level, .edges = g->nx * (g->ny + 1) + (g->nx + 1) * g->ny};
    size_t bytes = 2 * t.edges * sizeof *t.link;
    t.link = ctx_realloc(ctx, NULL, 0, bytes);
    if (!t.link) return false;
    memset(t.link, 0xff, bytes);
    for (size_t j = 0; j < g->ny; j++)
        for (size_t i = 0; i < g->nx; i++) do_cell(&t, i, j);
    bool ok = true;
    for (int closed = 0; closed < 2; closed++)
        for (uint32_t e = 0; e < t.edges && ok; e++) {
            bool first = t.link[2 * e] != NO_EDGE, second = t.link[2 * e + 1] != NO_EDGE;
            if (closed ? first || second : first != second) ok = walk(&t, e, closed, out);
        }
    ctx_realloc(ctx, t.link, bytes, 0);
    return ok;
}

void polylines_clear(gradus_ctx *ctx, polylines *p)
{
    for (size_t i = 0; i < p->lines.n; i++) vec_clear(ctx, &p->lines.at[i].at);
    vec_clear(ctx, &p->lines);
}

/* ---- levels -------------------------------------------------------------------------------------------- */

static void add_level(draw_figure *fig, levels *out, const ticks *t, int64_t k)
{
    if (out->n == LEVELS_MOST) return;
    strbuf b;
    strbuf_init(&b, fig->ctx);
    ticks plain = *t;
    if (abs(t->shown_power) < 7) plain.shown_power = 0;
    ticks_label(&plain, k, &b);
    if (plain.shown_power) strbuf_printf(&b, "$·10^%d$", plain.shown_power);
    strncpy(out->text[out->n], strbuf_str(&b), sizeof out->text[0] - 1);
    out->text[out->n][sizeof out->text[0] - 1] = 0;
    out->at[out->n++] = ticks_value(t, k);
    strbuf_clear(&b);
}

/* 1, 2, 5 times each power of ten from low to high. */
static void add_ratio_levels(draw_figure *fig, levels *out, double low, double high)
{
    static const int lead[] = {1, 2, 5};
    int first = (int)floor(log10(low)), last = (int)ceil(log10(high)),
        per = last - first > 6   ? 1
              : last - first > 3 ? 2
                                 : 3;
    for (int e = first; e <= last; e++)
        for (int i = 0; i < per; i++) {
            ticks t = {.first = 1, .last = 1, .mantissa = per == 2 && i == 1 ? 3 : lead[i], .exponent = e};
            t.shown_power = e > 5 || e < -3 ? e : 0;
            double z = ticks_value(&t, 1);
            if (z >= low && z <= high) add_level(fig, out, &t, 1);
        }
}

bool levels_find(draw_figure *fig, const grid *g, levels *out)
{
    size_t n;
    memset(out, 0, sizeof *out);
    double *v = sorted_values(fig->ctx, g, &n);
    if (!v) return false;
    if (n > 0 && g->shown.high > g->shown.low) {
        double low = g->shown.low, high = g->shown.high, extent = high - low;
        bool crowded = v[n / 2] - low < 0.2 * extent && low >= -1e-3 * extent;
        double least = fmax(v[n / 50], high * 1e-5);
        ticks t;
        if (crowded && least > 0 && high / least > 30) add_ratio_levels(fig, out, least, high);
        else if (ticks_find(&t, (range){low, high}, false, 10))
            for (int64_t k = t.first; k <= t.last; k++)
                if (ticks_value(&t, k) > low && ticks_value(&t, k) < high) add_level(fig, out, &t, k);
    }
    ctx_realloc(fig->ctx, v, node_count(g) * sizeof *v, 0);
    return true;
}
