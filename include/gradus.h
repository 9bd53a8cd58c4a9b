/* gradus.h: the public door of Gradus, the calculus engine for machine learning.
 *
 * One context (gradus_ctx) owns everything; one thread uses it at a time. A question is a gradus_query filled by
 * gradus_query_defaults and a few fields; gradus_ask gives a gradus_answer, from which results are read as text, as
 * doubles, or whole as one JSON object (the object that `gradus batch` and every command's --json print).
 * Strings are UTF-8. Pointers inside an answer are borrowed and live until gradus_answer_free.
 *
 *     gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
 *     gradus_query q;
 *     gradus_query_defaults(&q, GRADUS_OP_DIFF);
 *     q.expr = "x^2*sin(x)";
 *     gradus_answer *a = gradus_ask(ctx, &q);
 *     puts(gradus_answer_text(a));              // 2*x*sin(x) + x^2*cos(x)
 *     gradus_answer_free(a);
 *     gradus_ctx_free(ctx);
 *
 * The library never prints, exits or aborts.                                                                     */
#ifndef GRADUS_H
#define GRADUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(GRADUS_BUILD) && defined(__GNUC__)
#define GRADUS_API __attribute__((visibility("default")))
#else
#define GRADUS_API
#endif

#define GRADUS_VERSION_MAJOR 0
#define GRADUS_VERSION_MINOR 1
#define GRADUS_VERSION_PATCH 0

/* "0.1.0" of the library that runs. Since 0.1. */
GRADUS_API const char *gradus_version(void);

/* ---- basics ------------------------------------------------------------------------------------------------- */

/* What a fallible call answers. Names, exit codes and sentences: src/base/error.def; examples: docs/ERRORS.md. */
typedef enum gradus_status {
    GRADUS_OK = 0,
    GRADUS_SYNTAX, /* the text does not follow the formula language                       */
    GRADUS_SHAPE,  /* sizes, ranks or indices do not agree                                */
    GRADUS_DOMAIN, /* mathematics says: no value exists there                             */
    GRADUS_UNABLE, /* a value may exist; we do not know how to find it                    */
    GRADUS_LIMIT,  /* the budget of nodes, memory or seconds is spent                     */
    GRADUS_NOMEM,  /* the allocator refused                                               */
    GRADUS_IO,     /* a file or device failed                                             */
    GRADUS_BUG     /* an invariant of ours failed                                         */
} gradus_status;

/* Three answers to a mathematical question. UNKNOWN is never NO. */
typedef enum gradus_truth { GRADUS_NO = 0, GRADUS_YES = 1, GRADUS_UNKNOWN = 2 } gradus_truth;

/* The one door for memory. size 0 frees; old_size is the size passed when p was obtained (0 for NULL).
 * Returns NULL when it refuses. Must be usable from the thread that uses the context. */
typedef void *(*gradus_alloc_fn)(void *user, void *p, size_t old_size, size_t new_size);

typedef struct gradus_ctx gradus_ctx;
typedef struct gradus_answer gradus_answer;

/* alloc NULL: the C library's. NULL when memory is refused. Exact arithmetic (FLINT) uses its own allocator. Since 0.1. */
GRADUS_API gradus_ctx *gradus_ctx_new(gradus_alloc_fn alloc, void *user);
/* Frees the context; answers made with it must have been freed before. NULL is fine. */
GRADUS_API void gradus_ctx_free(gradus_ctx *ctx);
/* Budgets of every question from now on: interned terms (0: 50 million) and seconds of wall time (0: no limit).
 * Past either the answer's status is GRADUS_LIMIT. */
GRADUS_API void gradus_set_limits(gradus_ctx *ctx, uint64_t nodes, double seconds);
/* Forgets all definitions and given arrays. */
GRADUS_API void gradus_reset(gradus_ctx *ctx);

/* "syntax", "shape", ...: the code of JSON errors. Never NULL. */
GRADUS_API const char *gradus_status_name(gradus_status status);
/* What the command line exits with for it: 0, 2 or 3 (docs/ERRORS.md). */
GRADUS_API int gradus_status_exit_code(gradus_status status);

/* ---- questions ------------------------------------------------------------------------------------------------- */

typedef enum gradus_op {
    GRADUS_OP_DIFF,      /* derivative of expr by wrt[0], order times                                   */
    GRADUS_OP_EVAL,      /* value of expr                                                              */
    GRADUS_OP_GRAD,      /* gradient: by every variable, or wrt; of an array variable: its shape        */
    GRADUS_OP_JACOBIAN,  /* entries of expr by entries of wrt; arrays column by column                  */
    GRADUS_OP_HESSIAN,   /* second partials                                                            */
    GRADUS_OP_SLOPE,     /* secant table, limit by the definition and derivative by rules at a point    */
    GRADUS_OP_CHECK,     /* is expr (several lines allowed) equal to `of`?                              */
    GRADUS_OP_SIMPLIFY,  /* a shorter equal form with its conditions                                    */
    GRADUS_OP_LIMIT,     /* expr is lim[x -> a](...)                                                    */
    GRADUS_OP_PRINT,     /* expr echoed with its reading                                                */
    GRADUS_OP_DEFINE,    /* expr is a definition: f(x) = ..., L = ..., h[t] = ... for t = 1..T           */
    GRADUS_OP_RESET,     /* forget definitions and given arrays                                         */
    GRADUS_OP_FUNCTIONS, /* the function table                                                          */
    GRADUS_OP_IMPLICIT,  /* dy/dx from the equation expr; wrt = x, y                                    */
    GRADUS_OP_DIRECTION, /* directional derivative of expr by wrt along `along`                          */
    GRADUS_OP_COUNT
} gradus_op;

typedef enum gradus_format { GRADUS_TEXT, GRADUS_LATEX, GRADUS_UNICODE, GRADUS_MATHML, GRADUS_JSON } gradus_format;
typedef enum gradus_engine { GRADUS_ENGINE_BALL, GRADUS_ENGINE_FLOAT } gradus_engine;
typedef enum gradus_level { GRADUS_STEPS_NONE, GRADUS_STEPS_BRIEF, GRADUS_STEPS_FULL, GRADUS_STEPS_ATOMIC } gradus_level;

/* name has this value. text, when not NULL, is a number as typed ("0.1", "1/3", "pi/2"), read exactly, and wins. */
typedef struct gradus_value {
    const char *name;
    double value;
    const char *text;
} gradus_value;

/* A given array: row-major doubles of shape dims[0..rank). Copied by gradus_ask. rank 0: a scalar. */
typedef struct gradus_array {
    const char *name;
    uint32_t rank;
    const int64_t *dims;
    const double *values;
} gradus_array;

/* All pointers borrowed for the duration of the call. Made by gradus_query_defaults, then changed field by field. */
typedef struct gradus_query {
    size_t size; /* sizeof(gradus_query): lets the struct grow */
    gradus_op op;
    const char *expr;
    size_t expr_length;      /* bytes; 0: up to the NUL                                                     */
    gradus_format format;    /* of expr and of: GRADUS_TEXT or GRADUS_LATEX                                  */
    gradus_format output;    /* format made besides text and LaTeX; also of the steps                        */
    const char *const *wrt;  /* variables; w[k] and X[a,b] are allowed                                        */
    size_t wrt_count;        /* 0: the only variable, or all                                                 */
    uint32_t order;          /* default 1                                                                    */
    const gradus_value *at;  /* the point                                                                    */
    size_t at_count;
    const gradus_array *given; /* kept until gradus_reset                                                     */
    size_t given_count;
    const char *declare;     /* array declarations "X[i=1..n, j=1..p], y[i=1..n]", or NULL; kept until reset     */
    const char *of;          /* check: the question, e.g. "d/dx (sin(x^2))"                                   */
    const char *const *along;/* direction: one expression per wrt                                             */
    size_t along_count;
    const char *method;      /* "quotient", "power", "logarithmic", "definition", ..., or NULL               */
    long digits;             /* proven decimal digits wanted; 0: doubles                                       */
    gradus_engine engine;
    gradus_level steps;
    int hint;                /* 1..5: that rung of the hint ladder; 0: none                                    */
    unsigned width;          /* columns of the steps page; 0: 100                                               */
} gradus_query;

GRADUS_API void gradus_query_defaults(gradus_query *q, gradus_op op);

/* Answers. Never NULL except when memory is refused at once; a failure is an answer with a status.
 * Definitions and given arrays stay in the context; everything else made for the answer is dropped from it. Since 0.1. */
GRADUS_API gradus_answer *gradus_ask(gradus_ctx *ctx, const gradus_query *q);
GRADUS_API void gradus_answer_free(gradus_answer *a);

/* ---- reading an answer -------------------------------------------------------------------------------------------- */

GRADUS_API gradus_status gradus_answer_status(const gradus_answer *a);
/* The result in a format; "" when there is none. */
GRADUS_API const char *gradus_answer_text(const gradus_answer *a);
GRADUS_API const char *gradus_answer_format(const gradus_answer *a, gradus_format format);
/* The input as it was read, in text. */
GRADUS_API const char *gradus_answer_echo(const gradus_answer *a);
/* Values: count doubles row-major (NaN where undefined), their shape; 0 when no point was given or names are open. */
GRADUS_API size_t gradus_answer_values(const gradus_answer *a, const double **values, uint32_t *rank, const int64_t **dims);
/* Proven decimal digits of value i, or NULL. */
GRADUS_API const char *gradus_answer_digits(const gradus_answer *a, size_t i);
/* Why value() has a NaN: the part to blame and the reason, or NULL. */
GRADUS_API const char *gradus_answer_problem(const gradus_answer *a);
/* grad at a point: the direction of steepest descent and its length in words, or NULL. */
GRADUS_API const char *gradus_answer_direction(const gradus_answer *a);
/* GRADUS_OK, GRADUS_DOMAIN (no value exists) or GRADUS_UNABLE (not decided): of the first value that is NaN. */
GRADUS_API gradus_status gradus_answer_problem_code(const gradus_answer *a);
/* Conditions, kink conventions and notes, one per index; NULL past the end. */
GRADUS_API const char *gradus_answer_condition(const gradus_answer *a, size_t i);
GRADUS_API const char *gradus_answer_kink(const gradus_answer *a, size_t i);
GRADUS_API const char *gradus_answer_note(const gradus_answer *a, size_t i);
/* The derivation as a page of lines (query.steps), or a hint (query.hint); "" if none. */
GRADUS_API const char *gradus_answer_steps(const gradus_answer *a);
/* check: the verdict, and a sentence with its reason or witness. */
GRADUS_API gradus_truth gradus_answer_equal(const gradus_answer *a);
GRADUS_API const char *gradus_answer_verdict(const gradus_answer *a);
/* The error as a person reads it (line, carets, mend), or "". */
GRADUS_API const char *gradus_answer_error(const gradus_answer *a);
/* The whole answer as one JSON object on one line (docs/BATCH.md). id: JSON text to show as "id", or NULL. */
GRADUS_API const char *gradus_answer_json(gradus_answer *a, const char *id);

/* ---- the machine face ------------------------------------------------------------------------------------------------ */

/* One request line of `gradus batch` (docs/BATCH.md): the reply line without newline, NUL-terminated, to be freed with
 * gradus_string_free. Never NULL except when memory is refused. n bytes, which may be anything. Since 0.1. */
GRADUS_API char *gradus_batch_line(gradus_ctx *ctx, const char *line, size_t n);
GRADUS_API void gradus_string_free(gradus_ctx *ctx, char *s);

/* ---- measured data, fits and descents ---------------------------------------------------------------------------------
 * Their answers are gradus_answers like all others (status, error, notes, JSON) with a stop reason, named numbers and
 * one table. A run that ends without reaching a minimum is an answer with status GRADUS_OK and another stop.
 * Definitions made and arrays given before (gradus_ask) are known.                                                   */

/* Where measurements come from: a file, or memory. With path: a text file whose first line names the columns (commas,
 * semicolons or tabs; missing cells are empty or NA). Else `column`: arrays of rank 1 and equal length, NaN: missing.
 * All borrowed during the call. Rows with a missing cell in a column that is used are left out, and a note names them. */
typedef struct gradus_data {
    const char *path;
    const gradus_array *column;
    size_t column_count;
} gradus_data;

typedef struct gradus_fit_query {
    size_t size;                /* sizeof(gradus_fit_query)                                                  */
    const char *model;          /* "y = b1*(1 - exp(-b2*x))"; left: any formula of columns, as log(y)         */
    gradus_format format;       /* of model: GRADUS_TEXT or GRADUS_LATEX                                      */
    gradus_data data;
    const gradus_value *start;  /* the parameters and where to begin; every other name must be a column       */
    size_t start_count;
    uint64_t max_steps;         /* 0: 2000                                                                    */
    double tolerance;           /* relative; 0: 1e-15, of the order of rounding                               */
} gradus_fit_query;
GRADUS_API void gradus_fit_query_defaults(gradus_fit_query *q);
/* Least squares: the parameters that make the sum over the rows of (right side - left side)^2 least, by a damped
 * Gauss-Newton method on derivatives by rules. Names: the parameters. Table: one row a parameter in the order of
 * `start`, columns "value" and "stderr" (NaN where the data do not determine it; a note says why). Numbers: "rss" (sum
 * of squares, in units of the left side squared), "sigma" (sqrt(rss/(rows - parameters))), "rows", "iterations".
 * Errors: GRADUS_IO, GRADUS_SYNTAX (model, names, file), GRADUS_SHAPE (fewer rows than parameters), GRADUS_DOMAIN (no
 * value at the start, with the row and the part to blame), GRADUS_LIMIT, GRADUS_NOMEM. Cost: an iteration evaluates
 * model and partials once a row, memory is rows times (columns + parameters + 1) doubles.
 * Source: Moré, The Levenberg-Marquardt algorithm: implementation and theory, 1978. Since 0.1. */
GRADUS_API gradus_answer *gradus_fit(gradus_ctx *ctx, const gradus_fit_query *q);

typedef enum gradus_descent { GRADUS_DESCENT_LINESEARCH, GRADUS_DESCENT_RATE, GRADUS_DESCENT_MOMENTUM } gradus_descent;

typedef struct gradus_descend_query {
    size_t size;                /* sizeof(gradus_descend_query)                                              */
    const char *expr;           /* the function to make least; one number                                     */
    gradus_format format;       /* of expr: GRADUS_TEXT or GRADUS_LATEX                                       */
    const gradus_value *from;   /* the variables and where to begin                                           */
    size_t from_count;
    const gradus_value *at;     /* values of names that stay fixed                                            */
    size_t at_count;
    gradus_data data;           /* each numeric column is an array of that name: sum[i]((w*x[i] - y[i])^2)      */
    gradus_descent method;
    double rate;                /* fixed rate, or the first length that a line search tries; 0: 0.1, or 1        */
    double momentum;            /* part of the last step kept, in [0, 1); 0 with GRADUS_DESCENT_MOMENTUM: 0.9    */
    uint64_t max_steps;         /* 0: 10000                                                                    */
    double tolerance;           /* converged when the gradient is no longer than this; 0: 1e-8                 */
    bool trace;                 /* keep every step in the table; else only the first and the last few          */
} gradus_descend_query;
GRADUS_API void gradus_descend_query_defaults(gradus_descend_query *q);
/* Gradient descent: x goes to x - rate*gradient(x), the gradient by one reverse sweep over the formula. Names: the
 * variables. Values: the lowest point, or the one of convergence. Table: a row for each step kept, columns "step", the
 * variables, "value", "gradient" (its length) and "rate" (used on the way there; NaN at the start). Numbers: "value",
 * "gradient", "iterations", "evaluations", "curvature" and "largest_rate" (NaN: not measured; beyond it a fixed rate
 * diverges), "rate_too_large" (0 or 1). Errors: as gradus_fit; GRADUS_DOMAIN when the start has no value. Cost: a value
 * and gradient a step, linear in the size of the formula and its sums. Source: Cauchy 1847; Armijo 1966 (line search);
 * Polyak 1964 (momentum). Since 0.1. */
GRADUS_API gradus_answer *gradus_descend(gradus_ctx *ctx, const gradus_descend_query *q);

typedef struct gradus_series_query {
    size_t size;       /* sizeof(gradus_series_query)                                                  */
    gradus_data data;
    const char *x, *y; /* columns: measured against, and measured                                        */
    uint32_t order;    /* of the derivative, 1 to 4; default 1                                           */
    double smooth;     /* half width of the window in units of x; 0: chosen by cross-validation          */
} gradus_series_query;
GRADUS_API void gradus_series_query_defaults(gradus_series_query *q);
/* The derivative of a measured series, as velocity from positions. Around each place a polynomial of degree order + 2 is
 * fitted to the samples within the window, nearer ones weighing more; its derivative there is the slope. Rows may stand in
 * any order and places may repeat. Table: a row for each different x, ascending; columns: x by its name, "value" (the
 * smoothed y), "slope" (in units of y per x^order) and "stderr" (of the slope, for independent noise of one size; the bias
 * of smoothing is not in it and grows with the window; NaN where no sample is left over to tell noise by). Numbers:
 * "smooth" (half width used), "degree", "sigma" (standard deviation of the noise of y), "rows", "window" (samples in the
 * largest window). Errors: as gradus_fit; GRADUS_SHAPE for fewer than order + 2 different x. Cost: rows times samples in
 * a window. Source: Cleveland and Devlin 1988; Fan and Gijbels, Local polynomial modelling, 1996. Since 0.1. */
GRADUS_API gradus_answer *gradus_series(gradus_ctx *ctx, const gradus_series_query *q);

/* Why a fit or a descent ended: "converged", "diverged", "stalled", "limit"; "" for other answers. A sentence about it. */
GRADUS_API const char *gradus_answer_stop(const gradus_answer *a);
GRADUS_API const char *gradus_answer_reason(const gradus_answer *a);
/* The number of that name; NaN if the answer has none. */
GRADUS_API double gradus_answer_number(const gradus_answer *a, const char *name);
/* The parameters or variables, one per index; NULL past the end. */
GRADUS_API const char *gradus_answer_name(const gradus_answer *a, size_t i);
/* The table: answers how many rows; *values is row-major, *column_count numbers a row. Any pointer may be NULL. */
GRADUS_API size_t gradus_answer_table(const gradus_answer *a, const char *const **columns, size_t *column_count,
                                      const double **values);
/* The table as CSV with a header, or as a JSON array of objects. Numbers read back equal. NULL when memory is refused. */
GRADUS_API const char *gradus_answer_table_text(gradus_answer *a, bool json);
/* Writes n bytes to a file. A regular file is replaced as a whole or left as it was, also when the disk is full.
 * GRADUS_IO with path and reason. */
GRADUS_API gradus_answer *gradus_write_file(gradus_ctx *ctx, const char *path, const void *bytes, size_t n);

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

typedef enum gradus_picture {
    GRADUS_PICTURE_TERMINAL, /* lines of characters: gradus_answer_text */
    GRADUS_PICTURE_SVG,
    GRADUS_PICTURE_PDF,
    GRADUS_PICTURE_PNG
} gradus_picture;

/* How two variables are shown. */
typedef enum gradus_view {
    GRADUS_VIEW_AUTO,  /* two free names: in space; one: a curve */
    GRADUS_VIEW_SPACE, /* the surface in space                   */
    GRADUS_VIEW_MAP    /* the surface from above, by contours    */
} gradus_view;

/* Ends are numbers as typed: "-5", "0.1", "2*pi". name NULL: the only variable. A name that is no variable of the
 * formulas is the axis of values: "y" (also "z" of a surface, and v where the formula reads v = ...). */
typedef struct gradus_range {
    const char *name, *low, *high;
} gradus_range;

typedef enum gradus_mark_kind { GRADUS_MARK_POINT, GRADUS_MARK_TANGENT, GRADUS_MARK_SECANT } gradus_mark_kind;

/* Numbers as typed. Point: (first, second); second NULL: on the first curve at first. Tangent: touches the first curve
 * at first. Secant: cuts it at first and second. name: the variable that first belongs to, checked; NULL: the only. */
typedef struct gradus_mark {
    gradus_mark_kind kind;
    const char *name, *first, *second;
} gradus_mark;

/* All pointers borrowed for the duration of the call. Made by gradus_plot_query_defaults, then changed. */
typedef struct gradus_plot_query {
    size_t size;                /* sizeof(gradus_plot_query)                                                       */
    const char *const *expr;    /* formulas of one variable: curves; one formula of two: a surface. "y = x^2",
                                 * "f(x) = x^2" and "(sin(x), cos(x))" are read as what they say                    */
    size_t expr_count;
    gradus_format format;       /* of expr: GRADUS_TEXT or GRADUS_LATEX                                            */
    const gradus_range *range;  /* what is not given is chosen from the formulas and the marks                     */
    size_t range_count;
    const gradus_value *at;     /* names held fixed                                                                */
    size_t at_count;
    unsigned derivatives;       /* how many derivatives are drawn beside each curve, at most 4                      */
    const gradus_mark *mark;
    size_t mark_count;
    gradus_view view;
    const double *path;         /* points of a descent, row by row: one number each (a curve's x) or two (x, y)      */
    size_t path_count;          /* points                                                                           */
    const char *path_label;
    gradus_data data;           /* measured points under the curves                                                 */
    const char *data_x, *data_y, *data_error; /* its columns; NULL: the variable, the name in y = ..., none. error: half length of bars */
    const char *title, *x_label, *y_label;    /* text; between dollar signs a formula. NULL: made from the formulas  */
    bool log_x, log_y;          /* logarithmic axes                                                                 */
    const char *file;           /* written to: .svg, .pdf or .png; NULL: the picture goes into the answer            */
    gradus_picture picture;     /* without a file: what is made                                                     */
    double width, height;       /* of a file's picture in points (1/72 inch; a PNG has two pixels to a point); of the
                                 * terminal's in characters. 0: 480 by 360, 72 by 24                                  */
    bool ascii, color;          /* terminal: only ASCII characters; ANSI colours                                     */
} gradus_plot_query;
GRADUS_API void gradus_plot_query_defaults(gradus_plot_query *q);
/* Draws. Values come from plain doubles; where those fail or disagree with balls, from balls. Undefined stretches are
 * gaps, poles and jumps are not joined, a derivative is drawn only where its function has a value. Text: the terminal's
 * picture, or one sentence about the file written. A file appears whole or not at all.
 * Errors: GRADUS_SYNTAX (formulas, names, ranges, a file name without a known ending), GRADUS_SHAPE (a formula that is
 * no number), GRADUS_DOMAIN (an empty or infinite range; no value anywhere; no tangent there), GRADUS_UNABLE (no
 * derivative known), GRADUS_IO, GRADUS_LIMIT, GRADUS_NOMEM. Cost: about a thousand values a curve, some ten thousand a
 * surface. Since 0.1. */
GRADUS_API gradus_answer *gradus_plot(gradus_ctx *ctx, const gradus_plot_query *q);
/* The bytes of a picture made without a file, and how many; NULL: none. */
GRADUS_API const void *gradus_answer_picture(const gradus_answer *a, size_t *size);

/* @@faces@@ */

#ifdef __cplusplus
}
#endif
#endif
