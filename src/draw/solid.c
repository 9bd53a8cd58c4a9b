/* The surface in space, from back to front: cells of the grid as shaded patches, with lines of the mesh
 * between them. Where the surface leaves the box or its domain, cells are split, so that its border is
 * smooth. */
#include "draw/space.h"

#include <math.h>

enum { MESH = 2, SPLIT = 4 }; /* cells between lines of the mesh; parts of a split cell, in each direction */

static const rgb DARK = {0.05, 0.05, 0.1};

/* A cell's corners with their values, or a part of a cell's. */
typedef struct tile {
    double x[2], y[2];
    double z[4];  /* around from (x[0], y[0]) */
    bool mesh[4]; /* whether side k, from corner k to the next, lies on a line of the mesh that this tile
                     draws */
} tile;

static void tile_patch(const view *v, const tile *t, patch *out)
{
    const point3 c[4] = {{t->x[0], t->y[0], t->z[0]},
                         {t->x[1], t->y[0], t->z[1]},
                         {t->x[1], t->y[1], t->z[2]},
                         {t->x[0], t->y[1], t->z[3]}};
    patch_from_cell(&v->fig->surf, c, out);
}

/* Lit from above left, as seen by the viewer; 0 to 1. */
static double light_on(const view *v, const patch *p)
{
    point3 n = {0, 0, 0};
    for (size_t k = 0; k < p->n; k++) { /* Newell's normal */
        point3 a = space_to_box(v, p->at[k].x, p->at[k].y, p->at[k].z), c = p->at[(k + 1) % p->n];
        point3 b = space_to_box(v, c.x, c.y, c.z);
        n.x += (a.y - b.y) * (a.z + b.z);
        n.y += (a.z - b.z) * (a.x + b.x);
        n.z += (a.x - b.x) * (a.y + b.y);
    }
    point3 light = {0.35 * v->toward.x - 0.5 * v->right.x, 0.35 * v->toward.y - 0.5 * v->right.y, 0.8};
    double len = sqrt(space_dot(n, n) * space_dot(light, light));
    return len > 0 ? fabs(space_dot(n, light)) / len : 1;
}

static void path_of(view *v, const patch *p)
{
    for (size_t k = 0; k < p->n; k++) {
        point2 q = space_project(v, p->at[k].x, p->at[k].y, p->at[k].z);
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
        point2 q = space_project(v, a.x, a.y, a.z), r = space_project(v, b.x, b.y, b.z);
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
    patch_cut(&p, v->g.shown.high, 1);
    patch_cut(&p, v->g.shown.low, -1);
    if (p.n < 3) return;
    double z = 0;
    for (size_t k = 0; k < p.n; k++) z += p.at[k].z / (double)p.n;
    rgb c = color_mix(color_map(space_share(v, z)), (rgb){1, 1, 1}, 0.08);
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
        for (int i = 0; i <= SPLIT; i++) z[j][i] = surface_value(&v->fig->surf, x[i], y[j]);
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

void solid_draw(view *v)
{
    for (size_t a = 0; a < v->g.ny; a++)
        for (size_t b = 0; b < v->g.nx; b++)
            draw_cell(v, v->near_x ? b : v->g.nx - 1 - b, v->near_y ? a : v->g.ny - 1 - a);
}
