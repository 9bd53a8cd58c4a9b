/* The inside of room draw: the figure's record, sampled curves, frames, ticks, labels.
 *
 *   draw_figure --> items (in order of adding; each curve item with its samples)
 *               \-> options (own copies of the strings)
 *   window: the frame's data ranges and its size on paper; window_u/v map data to points, y downwards. */
#ifndef DRAW_IMPL_H
#define DRAW_IMPL_H

#include "draw/draw.h"

typedef struct point2 {
    double x, y;
} point2;

/* A piece of text that both kinds of picture need: where the figure's data end. NaN: not set. */
typedef struct range {
    double low, high;
} range;

/* ---- sampled curves ------------------------------------------------------------------------------------ */

/* What stands at the end of a run: nothing (the interval's end, a pole, the edge of the domain), a point
 * that belongs to the curve, or one that does not. */
typedef enum run_end { END_PLAIN, END_CLOSED, END_OPEN, END_UNDEFINED } run_end;

/* at[first .. first+n) are joined; between two runs lies a jump, a pole or a stretch without values. */
typedef struct run {
    size_t first, n;
    run_end left, right;
} run;

typedef struct samples {
    VEC(point2) at;
    VEC(run) runs;
    VEC(point2) base; /* the first, even pass over the interval; undefined points have y = NaN */
} samples;

/* ---- items --------------------------------------------------------------------------------------------- */

typedef enum item_kind {
    ITEM_CURVE,
    ITEM_LINE, /* secants and tangents: a point and a direction, and one or two marks */
    ITEM_POINT,
    ITEM_GUIDE,
    ITEM_PATH,
    ITEM_SCATTER,
    ITEM_BAND,
    ITEM_ARROWS
} item_kind;

typedef struct item {
    item_kind kind;
    const char *label;
    draw_style style; /* color and line resolved by figure_resolve_styles */
    draw_fn1 f;
    void *user;
    double a, b;   /* curve: interval. guide: a = at, b = 1 when vertical */
    double dx, dy; /* line: direction */
    size_t n;
    double *xs, *ys, *u, *v; /* u, v: low and high, error and none, dx and dy by kind; NULL where absent */
    bool arrows;
    samples s;
} item;

typedef struct surface {
    draw_fn2 f;
    void *user;
    double x0, x1, y0, y1;
    const char *label;
    bool set;
} surface;

struct draw_figure {
    gradus_ctx *ctx;
    arena mem;
    draw_options o;
    VEC(item) items;
    surface surf;
    gradus_status refused; /* the first refusal by an add; every rendering answers it */
    bool warned;           /* curves without values have been told */
};

/* Colors, lines and marks of AUTO items by their kind and number. Idempotent. */
void figure_resolve_styles(draw_figure *fig);

/* ---- the frame ----------------------------------------------------------------------------------------- */

/* Maps data to points on paper inside the rectangle left, top, width, height. */
typedef struct window {
    range x, y;
    bool x_log, y_log;
    double left, top, width, height;
} window;

double window_u(const window *w, double x);
double window_v(const window *w, double y);
/* The x that lies at u. */
double window_x(const window *w, double u);
/* Cuts the segment p..q (on paper) to the rectangle grown by `margin`; false when nothing is left. */
bool window_clip(const window *w, double margin, point2 *p, point2 *q);

/* Ranges of both axes from options, surface and items; samples the first pass of every curve. */
gradus_status range_find(draw_figure *fig, window *w);
/* Stretches the shorter axis until units are equally long. */
void range_equalise(window *w);

/* ---- sampling ------------------------------------------------------------------------------------------ */

/* The even first pass: about `count` points and the round numbers between them. */
bool sample_base(gradus_ctx *ctx, draw_fn1 f, void *user, double a, double b, bool x_log, size_t count,
                 samples *s);
/* The runs of f over the base interval, fine enough for the window. */
bool sample_curve(gradus_ctx *ctx, draw_fn1 f, void *user, const window *w, samples *s);
void samples_clear(gradus_ctx *ctx, samples *s);
/* Whether the value of greatest size near base point i grows without bound when looked at more closely. */
bool sample_is_pole(draw_fn1 f, void *user, const samples *s, size_t i);

/* ---- ticks --------------------------------------------------------------------------------------------- */

/* Tick number k (first <= k <= last) stands at k*mantissa*10^exponent; on a logarithmic axis at
 * mantissa*10^k for each mantissa of `minor`. Labels are written from the integers, so 0.3 is "0.3". */
typedef struct ticks {
    int64_t first, last;
    int mantissa, exponent;
    bool log;
    int log_step;    /* log axes: powers between labels                        */
    int shown_power; /* labels are divided by 10^shown_power; 0: as they are   */
} ticks;

enum { TICKS_MOST = 64 };

/* About `want` ticks inside the range. false when the range cannot carry ticks (not finite, too narrow). */
bool ticks_find(ticks *t, range r, bool log, double want);
double ticks_value(const ticks *t, int64_t k);
/* "0.3", "-2", on log axes "10^4" as $10^4$; appended. */
void ticks_label(const ticks *t, int64_t k, strbuf *out);

/* ---- labels -------------------------------------------------------------------------------------------- */

/* Pango markup; what stands between dollar signs is set as a formula. Appended. */
void label_to_markup(strbuf *out, const char *label);
/* Plain text for terminals and text alternatives: no dollar signs; ascii false: exponents that have Unicode
 * signs get them. */
void label_to_plain(strbuf *out, const char *label, bool ascii);

/* ---- colours ------------------------------------------------------------------------------------------- */

typedef struct rgb {
    double r, g, b;
} rgb;
rgb color_palette(int number);
/* t in [0, 1], dark to light: lightness alone carries the value, so it reads in grey. */
rgb color_map(double t);
rgb color_mix(rgb a, rgb b, double t);

/* ---- grids of a surface -------------------------------------------------------------------------------- */

/* z at (nx+1)*(ny+1) nodes, row by row from y0. NaN where undefined. */
typedef struct grid {
    size_t nx, ny;
    double x0, x1, y0, y1;
    double *z;
    range all, shown; /* of the finite values; shown leaves out poles */
} grid;
bool grid_sample(draw_figure *fig, grid *g, size_t nx, size_t ny);
/* Bilinear between the nodes; NaN where one of them is undefined or (x, y) lies outside. */
double grid_at(const grid *g, double x, double y);
void grid_clear(gradus_ctx *ctx, grid *g);
double grid_x(const grid *g, size_t i);
double grid_y(const grid *g, size_t j);

typedef struct polyline {
    VEC(point2) at;
    bool closed;
} polyline;
typedef struct polylines {
    VEC(polyline) lines;
} polylines;
/* The lines where z = level. */
bool contour_trace(gradus_ctx *ctx, const grid *g, double level, polylines *out);
void polylines_clear(gradus_ctx *ctx, polylines *p);

/* Levels for contours: 1-2-5 steps; where values crowd at the bottom, 1-2-5 per power of ten. At most
 * LEVELS_MOST. */
enum { LEVELS_MOST = 24 };
typedef struct levels {
    size_t n;
    double at[LEVELS_MOST];
    char text[LEVELS_MOST][32]; /* labels */
} levels;
bool levels_find(draw_figure *fig, const grid *g, levels *out);

/* ---- pictures ------------------------------------------------------------------------------------------ */

typedef struct ink ink;
gradus_status plane_draw(draw_figure *fig, ink *k);
gradus_status space_draw(draw_figure *fig, ink *k);
/* Whether the first pass over a curve met any value. */
bool curve_has_value(const item *it);
/* "f(x) has no value from a to b" as a label; the first time it is a warning on the context, too. */
void curve_tell_undefined(draw_figure *fig, const item *it, strbuf *out);

#endif
