/* draw: figures. Curves with secants, tangents, points, paths and data; surfaces z = f(x, y) with contours
 * and paths; as SVG, PDF, PNG or characters for the terminal. Knows nothing of terms: functions are
 * callbacks.
 *
 * A draw_figure is a list of items that the caller adds in any order; nothing is computed until a picture
 * is asked for, and one figure may be rendered several times, in several formats. A figure is plane
 * (curves, points, ...) until draw_set_surface makes it spatial; options.map then shows the surface from
 * above.
 *
 *     items --sample.c--> runs of points --range.c, ticks.c--> frame --plane.c, space.c--> ink (Cairo, Pango)
 *                                                                   \--terminal.c--> characters
 *
 * Invariants: a run never crosses a jump, a pole or a point where the function is undefined; a picture
 * depends on the figure alone (no dates, no addresses, no earlier pictures), so the same figure gives the
 * same bytes; everything told by colour is also told by line style or marker; a file is either written
 * whole or not at all.
 *
 * Labels are plain text; between dollar signs they are formulas: "slope of $x^2$ at $x = 1$" sets x in
 * italics and 2 as an exponent. "\$" is a dollar sign. A label may be NULL: none.
 *
 * Cairo and Pango are loaded at the first picture, not at start-up (loading them costs more than a whole
 * `diff`); they keep their own memory. Start reading at draw_impl.h, then sample.c and plane.c. */
#ifndef DRAW_H
#define DRAW_H

#include "base/base.h"

/* A function to draw. Answers NaN where it is undefined. `user` is borrowed until the figure is freed. A
 * callback may make the context's status sticky (a spent budget, say): rendering then stops with that
 * status. */
typedef double (*draw_fn1)(void *user, double x);
typedef double (*draw_fn2)(void *user, double x, double y);

typedef enum draw_line {
    DRAW_LINE_AUTO, /* the item's kind and its number decide */
    DRAW_LINE_NONE,
    DRAW_LINE_SOLID,
    DRAW_LINE_DASHED,
    DRAW_LINE_DASHDOT,
    DRAW_LINE_DOTTED,
    DRAW_LINE_LONGDASH
} draw_line;

typedef enum draw_mark {
    DRAW_MARK_AUTO,
    DRAW_MARK_NONE,
    DRAW_MARK_DISC,
    DRAW_MARK_CIRCLE,
    DRAW_MARK_SQUARE,
    DRAW_MARK_TRIANGLE,
    DRAW_MARK_DIAMOND,
    DRAW_MARK_CROSS
} draw_mark;

#define DRAW_COLOR_AUTO  (-1) /* the next of the palette */
#define DRAW_COLOR_BLACK 6    /* 0 blue, 1 vermilion, 2 green, 3 purple, 4 orange, 5 sky, 6 black, 7 grey */

/* How an item looks. NULL where one is asked for means draw_style_default. */
typedef struct draw_style {
    int color; /* DRAW_COLOR_AUTO or a palette number; taken modulo 8 */
    draw_line line;
    draw_mark mark;
    double width; /* points; 0: the usual one */
} draw_style;
draw_style draw_style_default(void);

typedef enum draw_format { DRAW_SVG, DRAW_PDF, DRAW_PNG } draw_format;

/* Everything about the whole figure. NaN in a range: found from what is drawn. */
typedef struct draw_options {
    const char *title, *x_label, *y_label, *z_label;
    const char *description; /* text alternative of the SVG; NULL: composed from the items */
    double x_min, x_max, y_min, y_max, z_min, z_max;
    bool x_log, y_log; /* logarithmic axes (plane figures) */
    bool equal; /* one unit is equally long on both axes; in maps it is anyway, unless the sides differ a lot
                 */
    bool grid, legend;
    double width, height; /* points; the PNG has png_scale pixels to a point */
    double png_scale;
    /* surfaces */
    bool map;       /* a flat contour map instead of the view in space */
    double azimuth; /* where the viewer stands, in degrees from the x axis; NaN: where paths are seen best */
    double elevation; /* how far the viewer looks down, 0 to 90 degrees */
    /* terminal */
    unsigned columns, rows; /* size of the whole picture in characters */
    bool ascii;             /* only ASCII characters */
    bool color;             /* ANSI colours; the caller honours NO_COLOR and isatty */
} draw_options;
void draw_options_defaults(draw_options *o);

typedef struct draw_figure draw_figure;

/* A figure on ctx; o is copied with its strings (NULL: the defaults). NULL on NOMEM. */
draw_figure *draw_new(gradus_ctx *ctx, const draw_options *o);
void draw_free(draw_figure *fig);

/* Adding never fails by itself: a refused item puts a diagnostic on the context (sticky status,
 * GRADUS_DOMAIN for an empty, infinite or too narrow interval and for coordinates that are not finite) and
 * the next rendering answers it. Strings and arrays are copied. */

/* y = f(x) for a <= x <= b. Sampled adaptively: see sample.c. */
void draw_add_curve(draw_figure *fig, draw_fn1 f, void *user, double a, double b, const char *label,
                    const draw_style *style);
/* The line through both points, drawn across the whole frame, both points marked. x0 != x1 or y0 != y1. */
void draw_add_secant(draw_figure *fig, double x0, double y0, double x1, double y1, const char *label,
                     const draw_style *style);
/* The line through the point with that slope (an infinite slope is a vertical line), the point marked. */
void draw_add_tangent(draw_figure *fig, double x, double y, double slope, const char *label,
                      const draw_style *style);
/* A marked point; its label stands beside it. */
void draw_add_point(draw_figure *fig, double x, double y, const char *label, const draw_style *style);
/* A thin line across the frame: x = at (vertical) or y = at: an asymptote, a level. */
void draw_add_guide(draw_figure *fig, bool vertical, double at, const char *label, const draw_style *style);
/* n points joined in order (NaN: a gap). arrows: marks at the points, arrow heads, start and end told
 * apart: the path of a descent. On a surface the path lies on the surface and once more on the floor. */
void draw_add_path(draw_figure *fig, size_t n, const double *xs, const double *ys, bool arrows,
                   const char *label, const draw_style *style);
/* Data: marks without lines. error: half lengths of vertical error bars, or NULL. */
void draw_add_scatter(draw_figure *fig, size_t n, const double *xs, const double *ys, const double *error,
                      const char *label, const draw_style *style);
/* The area between low and high. */
void draw_add_band(draw_figure *fig, size_t n, const double *xs, const double *low, const double *high,
                   const char *label, const draw_style *style);
/* n arrows at (xs, ys) with the direction (dx, dy) in units of the axes; lengths are scaled to the longest
 * one, which takes the room between neighbours. Gradients, fields. */
void draw_add_arrows(draw_figure *fig, size_t n, const double *xs, const double *ys, const double *dx,
                     const double *dy, const char *label, const draw_style *style);
/* z = f(x, y) over a rectangle; at most one. Curves, secants, tangents, guides, bands and error bars have
 * no place in the view in space and are refused there with GRADUS_UNABLE; in the map they are drawn. */
void draw_set_surface(draw_figure *fig, draw_fn2 f, void *user, double x0, double x1, double y0, double y1,
                      const char *label);

/* Appends the bytes of a picture to out. A curve that is undefined all over its interval is told by words
 * in the picture and by a warning. GRADUS_DOMAIN: the axes cannot be laid out. GRADUS_UNABLE: Cairo or
 * Pango is missing. */
BASE_MUST_USE gradus_status draw_render(draw_figure *fig, draw_format format, strbuf *out);
/* The same into a file whose name ends in .svg, .pdf or .png. The file appears whole or not at all; devices
 * and pipes are written directly. GRADUS_IO with the system's reason; GRADUS_UNABLE for another ending. */
BASE_MUST_USE gradus_status draw_write(draw_figure *fig, const char *path);
/* The same in characters: lines of at most options.columns columns, each ended by a newline. */
BASE_MUST_USE gradus_status draw_terminal(draw_figure *fig, strbuf *out);
/* What the picture shows, in sentences (the text alternative of the SVG); appended. */
void draw_describe(draw_figure *fig, strbuf *out);
/* The format that a file name asks for; false when its ending names none. A device (/dev/...) without one
 * gets SVG. */
bool draw_format_of(const char *path, draw_format *out);

#endif
