/* series: the derivative of a measured series, with an error band. Rows are sorted; places that repeat become
 * one row. */
#include "api/study.h"
#include "optim/optim.h"

#include <math.h>

typedef struct series {
    gradus_ctx *ctx;
    const gradus_series_query *q;
    gradus_answer *a;
    measured data;
    size_t n;
    double *memory; /* five columns of n */
    double *x, *y, *value, *slope, *stderrs;
} series;

/* ---- rows in order of x
 * ---------------------------------------------------------------------------------------- */

static bool is_sorted(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] < x[i - 1]) return false;
    return true;
}

/* Merges the runs [low, mid) and [mid, high) of (x, y) into (to_x, to_y). */
static void merge(const double *x, const double *y, size_t low, size_t mid, size_t high, double *to_x,
                  double *to_y)
{
    size_t i = low, j = mid;
    for (size_t k = low; k < high; k++) {
        bool left = j == high || (i < mid && x[i] <= x[j]);
        size_t from = left ? i++ : j++;
        to_x[k] = x[from];
        to_y[k] = y[from];
    }
}

/* Stable merge sort by x, from the bottom up; value and slope serve as the second pair of columns. */
static void sort_rows(series *s)
{
    for (size_t run = 1; run < s->n; run *= 2) {
        for (size_t low = 0; low < s->n; low += 2 * run) {
            size_t mid = low + run < s->n ? low + run : s->n, high = mid + run < s->n ? mid + run : s->n;
            merge(s->x, s->y, low, mid, high, s->value, s->slope);
        }
        double *x = s->x, *y = s->y;
        s->x = s->value, s->y = s->slope;
        s->value = x, s->slope = y;
    }
}

static bool read_rows(series *s)
{
    gradus_ctx *ctx = s->ctx;
    const char *names[2] = {s->q->x, s->q->y};
    size_t bytes;
    if (!names[0] || !names[1])
        return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                          "a series needs the names of two columns, x and y") == GRADUS_OK;
    if (!measured_use(&s->data, names, 2)) return false;
    s->n = s->data.rows;
    if (!size_mul(s->n, 5 * sizeof(double), &bytes)) return ctx_fail(ctx, GRADUS_NOMEM) == GRADUS_OK;
    double *at = s->memory = ctx_realloc(ctx, NULL, 0, bytes);
    if (!at) return false;
    double **part[] = {&s->x, &s->y, &s->value, &s->slope, &s->stderrs};
    for (size_t k = 0; k < 5; k++, at += s->n) *part[k] = at;
    memcpy(s->x, measured_at(&s->data, 0), s->n * sizeof *s->x);
    memcpy(s->y, measured_at(&s->data, 1), s->n * sizeof *s->y);
    if (!is_sorted(s->x, s->n)) {
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "%s: the rows are not in order of %s; they were sorted", s->data.source, s->q->x);
        sort_rows(s);
    }
    return true;
}

/* ---- the answer
 * -------------------------------------------------------------------------------------------------- */

static bool fill_table(series *s)
{
    gradus_answer *a = s->a;
    struct study *st = study_of(a);
    bool ok = st && study_add_column(a, s->q->x) && study_add_column(a, "value") &&
              study_add_column(a, "slope") && study_add_column(a, "stderr");
    for (size_t i = 0; ok && i < s->n; i++)
        if (i == 0 || s->x[i] > s->x[i - 1])
            ok = vec_push(s->ctx, &st->table, s->x[i]) && vec_push(s->ctx, &st->table, s->value[i]) &&
                 vec_push(s->ctx, &st->table, s->slope[i]) && vec_push(s->ctx, &st->table, s->stderrs[i]);
    return ok;
}

static void add_notes(series *s, const optim_smooth_result *res)
{
    gradus_ctx *ctx = s->ctx;
    if (res->distinct < s->n)
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "%s: %zu rows, %zu different values of %s",
                 s->data.source, s->n, res->distinct, s->q->x);
    if (res->degree < s->q->order + 2)
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "few points: polynomials of degree %u instead of %u", res->degree, s->q->order + 2);
    if (isnan(res->sigma))
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "no error band: the polynomials take up all points and leave nothing to tell the noise by");
    else
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "the band is one standard error from noise alone; smoothing also flattens what bends within "
                 "the window");
    if (res->capped)
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "wider windows were not tried, they would take too long; give the half width to force one");
}

static void set_json(series *s)
{
    strbuf b;
    strbuf_init(&b, s->ctx);
    strbuf_printf(&b, ",\"order\":%u,\"x\":", s->q->order);
    reply_string(&b, s->q->x);
    strbuf_add(&b, ",\"y\":");
    reply_string(&b, s->q->y);
    study_print_numbers(s->a, &b);
    strbuf_add(&b, ",\"table\":");
    study_print_table(s->a, &b);
    s->a->extra_json = answer_copy(s->a, &b);
    strbuf_clear(&b);
}

static void differentiate(series *s)
{
    optim_smooth_options o;
    optim_smooth_result res;
    optim_smooth_defaults(&o);
    o.order = s->q->order;
    o.half_width = s->q->smooth;
    if (optim_smooth(s->ctx, s->n, s->x, s->y, &o, &res, s->value, s->slope, s->stderrs) != GRADUS_OK) return;
    add_notes(s, &res);
    gradus_answer *a = s->a;
    if (fill_table(s) && study_add_number(a, "smooth", res.half_width) &&
        study_add_number(a, "degree", res.degree) && study_add_number(a, "sigma", res.sigma) &&
        study_add_number(a, "rows", (double)s->n) && study_add_number(a, "window", (double)res.window))
        set_json(s);
}

void gradus_series_query_defaults(gradus_series_query *q)
{
    memset(q, 0, sizeof *q);
    q->size = sizeof *q;
    q->order = 1;
}

gradus_answer *gradus_series(gradus_ctx *ctx, const gradus_series_query *query)
{
    gradus_series_query full;
    gradus_series_query_defaults(&full);
    memcpy(&full, query, query->size < sizeof full ? query->size : sizeof full);
    ctx_begin(ctx);
    gradus_answer *a = answer_new(ctx, GRADUS_OP_SLOPE);
    if (!a) return NULL;
    series s = {.ctx = ctx, .q = &full, .a = a};
    if (full.order == 0 || !(full.smooth >= 0) || isinf(full.smooth))
        diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
                   "the order is at least 1 and the half width of the window positive");
    else if (measured_open(&s.data, ctx, &full.data) && read_rows(&s)) differentiate(&s);
    answer_take_diagnostics(a);
    if (s.memory) ctx_realloc(ctx, s.memory, 5 * s.n * sizeof(double), 0);
    s.data.ctx = ctx;
    measured_close(&s.data);
    return a;
}
