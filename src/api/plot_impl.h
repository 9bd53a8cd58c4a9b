/* plot: from formulas to a figure of room draw.
 *
 *   gradus_plot_query --plot_read.c--> curves (terms, labels), variables
 *                     --plot_range.c--> the part of the axes that is shown
 *                     --plot_marks.c--> tangents, secants, points, paths, data
 *                     --plot.c--> draw_figure --> file, bytes or characters
 *
 * The functions that draw calls are plot_fn's: doubles from a compiled plan, balls where these are in doubt
 * (plot_value.c). A plot_fn lives until the figure is freed; terms live until the question is forgotten. */
#ifndef PLOT_IMPL_H
#define PLOT_IMPL_H

#include "api/api_impl.h"
#include "draw/draw.h"

enum { PLOT_DERIVATIVES_MOST = 4 };

/* A formula of one or two variables as a function of doubles. */
typedef struct plot_fn {
    gradus_ctx *ctx;
    eval_plan *plan;
    term root[2]; /* what is drawn; and what must have a value, too (n = 2) */
    uint32_t n;
    term var[2];
    uint32_t vars;
    bool exact;        /* doubles were seen to be wrong: every value comes from balls */
    bool large;        /* one value costs more than a look at the clock             */
    size_t balls_left; /* doubtful points that may still be looked at closely       */
} plot_fn;

typedef struct plot_curve {
    term typed;       /* its formula as read */
    term f;           /* raw; fixed names have their values */
    const char *echo; /* as it was read                     */
    const char *name; /* "y" of y = ..., or NULL            */
    const char *call; /* "S(x)" of a defined function, or NULL */
    plot_fn *fn;
    term df[PLOT_DERIVATIVES_MOST + 1]; /* df[k]: derivative k, made when asked for */
    plot_fn *dfn[PLOT_DERIVATIVES_MOST + 1];
} plot_curve;

/* A mark with its numbers; y NAN (and no term): on the curve. */
typedef struct plot_mark {
    gradus_mark_kind kind;
    term at, at2;
    double x, y;
} plot_mark;

typedef struct plot_work {
    gradus_ctx *ctx;
    const gradus_plot_query *q;
    gradus_answer *a;
    arena mem;
    VEC(plot_curve) curves;
    VEC(plot_fn *) fns;
    term var[2];
    uint32_t vars; /* 1: curves, 2: a surface                */
    VEC(plot_mark) marks;
    size_t data_rows; /* measured points, in the answer's memory */
    double *data_x, *data_y, *data_error;
    const char *data_name, *data_x_name;
    double low[2], high[2]; /* of the variables; NaN until chosen     */
    double value_low, value_high;
    draw_options o;
    draw_figure *fig;
} plot_work;

/* ---- plot_read.c
 * ------------------------------------------------------------------------------------------- */

/* Formulas, variables, ranges as far as given. */
gradus_status plot_read(plot_work *w);
/* Derivative k of the curve by the first variable. TERM_NONE with a diagnostic. */
term plot_derivative(plot_work *w, plot_curve *c, uint32_t k);
/* A number as typed, as a term and as a double (infinite where it is). false: complained; what: "the range of
 * x". */
bool plot_number(plot_work *w, const char *what, const char *text, term *t, double *value);
/* The formula as messages say it: as it was read, or "the formula" when it is long. */
const char *plot_said(const plot_curve *c);
/* The curve's label and that of its derivative k. */
const char *plot_label(plot_work *w, size_t curve, uint32_t k);
/* Labels tell of fixed names where that fits; else the title does. */
bool plot_has_room_for_values(plot_work *w);
const char *plot_fixed_values(plot_work *w);

/* ---- plot_value.c
 * ------------------------------------------------------------------------------------------ */

/* NULL: failed. with: TERM_NONE, or a term that must have a value where f is drawn. */
plot_fn *plot_fn_new(plot_work *w, term f, term with);
double plot_fn_value(plot_fn *fn, const double *x);
double plot_fn_value1(void *fn, double x);
double plot_fn_value2(void *fn, double x, double y);
/* Compares doubles with balls at some points of the box; where they differ visibly, fn->exact is set. */
void plot_fn_inspect(plot_fn *fn, const double *low, const double *high);
void plot_fn_free(plot_fn *fn);
/* The value of t with the variable put to `at`, exactly, as a double and (if not NULL) as a term; NaN with
 * *why (if not NULL) where there is none. */
double plot_exact_value(plot_work *w, term t, term at, term *as_term, const char **why);

/* ---- plot_range.c
 * ------------------------------------------------------------------------------------------ */

/* Chooses what is not given; complains when no curve has a value there. */
gradus_status plot_find_range(plot_work *w);

/* ---- plot_marks.c
 * ------------------------------------------------------------------------------------------ */

/* The numbers of marks, path and data, before the range is chosen. */
gradus_status plot_read_marks(plot_work *w);
gradus_status plot_read_data(plot_work *w);
void plot_add_data(plot_work *w);
/* Secants, tangents, points, the path: what lies over the curves. */
void plot_add_marks(plot_work *w);

#endif
