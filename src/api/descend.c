/* descend: gradient descent on a formula, every step kept for inspection.
 *
 *   formula --read--> one number of the variables; data columns are arrays in it
 *   it and its gradient (one reverse sweep)  --one plan, shared sub-terms once-->  value and slope at a point
 *
 * The table holds the steps: all with `trace`, else the first and the last KEEP. */
#include "api/study.h"
#include "optim/optim.h"

#include <math.h>

enum { KEEP = 6 };

typedef struct descending {
    gradus_ctx *ctx;
    const gradus_descend_query *q;
    problem p; /* the formula as read; p.wrt: the variables             */
    measured data;
    eval_plan *plan; /* the value, then the gradient                           */
    term_vec roots;
    VEC(double) x, out, bad; /* the point; results; the last point without a value      */
    size_t steps;            /* reported so far                                         */
    size_t bad_step;         /* how many were reported before the last failure           */
} descending;

/* ---- data
 * --------------------------------------------------------------------------------------------------- */

/* Columns of the file that the formula reads. */
static bool columns_used(descending *w, string_list *used)
{
    gradus_ctx *ctx = w->ctx;
    term_vec names = {0};
    bool ok = term_symbols(ctx, w->p.raw, true, &names);
    for (size_t i = 0; ok && i < names.n; i++) {
        const char *name = term_sym_name(ctx, names.at[i]);
        if (measured_find(&w->data, name) >= 0) {
            char *copy = arena_strndup(&w->p.a->mem, name, strlen(name));
            ok = copy && vec_push(ctx, used, copy);
        }
    }
    vec_clear(ctx, &names);
    return ok;
}

static bool bind_array(gradus_ctx *ctx, const char *name, const double *values, size_t rows)
{
    int64_t dims[1] = {(int64_t)rows};
    term sym = term_sym(ctx, name, strlen(name));
    return sym && term_sym_bind(ctx, sym, 1, dims, values);
}

/* All numeric columns as they stand: enough to read the formula. */
static bool bind_all(descending *w)
{
    bool ok = true;
    for (size_t k = 0; ok && k < w->data.column.n; k++) {
        const measured_column *c = &w->data.column.at[k];
        for (size_t i = 0; i < w->q->from_count; i++)
            if (strcmp(w->q->from[i].name, c->name) == 0)
                return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE, "rename one of them",
                                  "%s is a column of %s, so it cannot be a variable", c->name,
                                  w->data.source) == GRADUS_OK;
        ok = !c->at || bind_array(w->ctx, c->name, c->at, w->data.source_rows);
    }
    return ok;
}

/* Reads the formula with whole columns; if rows must be left out, once more with what remains. */
static bool read_with_data(descending *w)
{
    gradus_ctx *ctx = w->ctx;
    string_list used = {0};
    term_mark mark = term_get_mark(ctx);
    bool ok = bind_all(w) && read_problem(&w->p) == GRADUS_OK && columns_used(w, &used) &&
              (used.n == 0 || measured_use(&w->data, (const char *const *)used.at, used.n));
    if (ok && used.n && w->data.rows < w->data.source_rows) {
        problem_clear(&w->p);
        w->p = (problem){.ctx = ctx, .q = w->p.q, .a = w->p.a};
        term_rewind(ctx, mark);
        for (size_t k = 0; ok && k < used.n; k++)
            ok = bind_array(ctx, used.at[k], measured_at(&w->data, k), w->data.rows);
        ok = ok && read_problem(&w->p) == GRADUS_OK;
    } else {
        term_drop_mark(ctx, mark);
    }
    vec_clear(ctx, &used);
    return ok;
}

/* ---- names
 * -------------------------------------------------------------------------------------------------- */

static gradus_status unknown_name(descending *w, term sym)
{
    gradus_ctx *ctx = w->ctx;
    const char *name = term_sym_name(ctx, sym), *best = NULL;
    int distance = 1000;
    strbuf hint, columns;
    strbuf_init(&hint, ctx), strbuf_init(&columns, ctx);
    if (w->data.column.n) {
        strbuf_printf(&columns, "; the columns of %s are ", w->data.source);
        measured_list(&w->data, &columns);
    }
    for (size_t i = 0; i < w->q->from_count; i++) study_nearest(name, w->q->from[i].name, &best, &distance);
    for (size_t k = 0; k < w->data.column.n; k++)
        study_nearest(name, w->data.column.at[k].name, &best, &distance);
    if (best) strbuf_printf(&hint, "did you mean %s? else ", best);
    strbuf_printf(&hint, "name it among the variables with a start, or give it a value");
    gradus_status st = diag_error(ctx, GRADUS_SYNTAX, text_span(ctx, sym), strbuf_str(&hint),
                                  "%s has neither a start nor a value%s", name, strbuf_str(&columns));
    strbuf_clear(&hint), strbuf_clear(&columns);
    return st;
}

/* Every name has a start or a value; variables that do not occur are mentioned. */
static gradus_status check_names(descending *w, term f)
{
    gradus_ctx *ctx = w->ctx;
    term_vec names = {0};
    bool ok = term_symbols(ctx, f, true, &names);
    for (size_t i = 0; ok && i < names.n; i++) {
        bool known = term_sym_info(ctx, names.at[i])->values != NULL;
        for (size_t k = 0; k < w->p.wrt.n; k++) known |= w->p.wrt.at[k] == names.at[i];
        ok = known || unknown_name(w, names.at[i]) == GRADUS_OK;
    }
    vec_clear(ctx, &names);
    for (size_t k = 0; ok && k < w->p.wrt.n; k++)
        if (!term_depends(ctx, f, w->p.wrt.at[k]))
            diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                     "%s does not occur in the formula and stays where it is",
                     term_sym_name(ctx, w->p.wrt.at[k]));
    return ctx_status(ctx);
}

static gradus_status read_start(descending *w)
{
    gradus_ctx *ctx = w->ctx;
    for (size_t i = 0; i < w->q->from_count; i++) {
        double v;
        if (!term_is(ctx, w->p.wrt.at[i], OP_SYM) || term_sym_info(ctx, w->p.wrt.at[i])->rank)
            return diag_error(ctx, GRADUS_UNABLE, SPAN_NONE,
                              "name its entries one by one as variables of their own",
                              "descent is in single numbers; %s is an array", w->q->from[i].name);
        for (size_t k = 0; k < i; k++)
            if (w->p.wrt.at[k] == w->p.wrt.at[i])
                return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "%s is given two starts",
                                  w->q->from[i].name);
        if (!study_value(ctx, &w->q->from[i], &v) || !vec_push(ctx, &w->x, v) ||
            !study_add_name(w->p.a, w->q->from[i].name))
            return ctx_status(ctx);
    }
    if (w->x.n == 0)
        return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "as in x=1,y=1",
                          "a descent needs a point to start from");
    return ctx_status(ctx);
}

/* The formula with fixed values put in. */
static term settle(descending *w)
{
    problem *p = &w->p;
    term f = term_canon(p->ctx, p->f);
    for (size_t i = 0; f && i < p->at.n; i++)
        f = term_subst(p->ctx, f, &p->at.at[i].sym, &p->at.at[i].value, 1);
    if (f && p->subst_from.n)
        f = term_subst(p->ctx, f, p->subst_from.at, p->subst_to.at, (uint32_t)p->subst_from.n);
    if (f && (term_is(p->ctx, f, OP_ARRAY) || term_is(p->ctx, f, OP_TUPLE) || term_is(p->ctx, f, OP_REL) ||
              (term_is(p->ctx, f, OP_SYM) && term_sym_info(p->ctx, f)->rank))) {
        diag_error(p->ctx, GRADUS_SHAPE, text_span(p->ctx, p->raw),
                   "its length, or the sum of its squares, is one number",
                   "the formula to descend on must be one number");
        return TERM_NONE;
    }
    return f;
}

static bool make_plan(descending *w, term f)
{
    gradus_ctx *ctx = w->ctx;
    size_t n = w->p.wrt.n;
    if (!vec_reserve(ctx, &w->roots, n + 1) || !vec_reserve(ctx, &w->out, n + 1) ||
        !vec_reserve(ctx, &w->bad, n))
        return false;
    w->roots.n = n + 1;
    w->roots.at[0] = f;
    if (diff_gradient(ctx, f, w->p.wrt.at, (uint32_t)n, w->roots.at + 1) != GRADUS_OK) return false;
    w->plan = eval_plan_new(ctx, w->roots.at, (uint32_t)n + 1, w->p.wrt.at, (uint32_t)n);
    return w->plan != NULL;
}

/* ---- the run
 * --------------------------------------------------------------------------------------------------- */

static bool value_at(void *user, const double *x, double *f, double *g)
{
    descending *w = user;
    size_t n = w->p.wrt.n;
    eval_plan_run(w->plan, x, w->out.at);
    *f = w->out.at[0];
    bool ok = isfinite(*f);
    for (size_t k = 0; k < n; k++) {
        ok &= isfinite(w->out.at[1 + k]);
        if (g) g[k] = w->out.at[1 + k];
    }
    if (!ok) {
        memcpy(w->bad.at, x, n * sizeof *x);
        w->bad_step = w->steps;
    }
    return ok;
}

/* A row of the table. Without a trace the rows after the first KEEP go round in a ring of KEEP. */
static bool keep_step(void *user, const optim_step *s)
{
    descending *w = user;
    struct study *st = w->p.a->study;
    size_t n = w->p.wrt.n, width = n + 4, row = w->steps++;
    if (!w->q->trace && row >= KEEP) row = KEEP + (row - KEEP) % KEEP;
    if (!vec_reserve(w->ctx, &st->table, (row + 1) * width)) return false;
    if (st->table.n < (row + 1) * width) st->table.n = (row + 1) * width;
    double *to = st->table.at + row * width;
    to[0] = (double)s->iteration;
    memcpy(to + 1, s->x, n * sizeof *to);
    to[n + 1] = s->f;
    to[n + 2] = s->g_length;
    to[n + 3] = s->rate;
    return true;
}

static void swap_rows(double *a, double *b, size_t width)
{
    for (size_t k = 0; k < width; k++) {
        double t = a[k];
        a[k] = b[k], b[k] = t;
    }
}

/* The ring of the last rows in order of steps. At most KEEP of them. */
static void order_rows(descending *w)
{
    struct study *st = w->p.a->study;
    size_t width = w->p.wrt.n + 4, rows = st->table.n / width;
    for (size_t i = KEEP; !w->q->trace && i < rows; i++)
        for (size_t k = i; k > KEEP && st->table.at[k * width] < st->table.at[(k - 1) * width]; k--)
            swap_rows(st->table.at + k * width, st->table.at + (k - 1) * width, width);
}

static optim_descent_options options_of(descending *w)
{
    const gradus_descend_query *q = w->q;
    optim_descent_options o;
    optim_descent_defaults(&o);
    o.line_search = q->method == GRADUS_DESCENT_LINESEARCH;
    o.rate = q->rate != 0 ? q->rate : o.line_search ? 1 : 0.1;
    o.momentum = q->momentum != 0 ? q->momentum : q->method == GRADUS_DESCENT_MOMENTUM ? 0.9 : 0;
    if (q->max_steps) o.max_iterations = (size_t)q->max_steps;
    if (q->tolerance != 0) o.tolerance = q->tolerance;
    o.on_step = keep_step;
    o.step_user = w;
    return o;
}

/* Which part of the value, or else of a partial, has no value at x: "log(x): log of a negative number". */
static void explain_no_value(descending *w, strbuf *b, const double *x)
{
    for (size_t k = 0; k < w->roots.n && b->n == 0; k++)
        study_blame(w->ctx, b, w->roots.at[k], w->p.wrt.at, x, w->p.wrt.n);
}

static void print_point(descending *w, strbuf *b, const double *x)
{
    for (size_t k = 0; k < w->p.wrt.n && k < 8; k++) {
        strbuf_printf(b, "%s%s = ", k ? ", " : "", term_sym_name(w->ctx, w->p.wrt.at[k]));
        num_print_double(b, x[k]);
    }
    if (w->p.wrt.n > 8) strbuf_add(b, ", ...");
}

static bool check_start(descending *w)
{
    double f;
    if (value_at(w, w->x.at, &f, NULL) || ctx_status(w->ctx) != GRADUS_OK)
        return ctx_status(w->ctx) == GRADUS_OK;
    strbuf b, at;
    strbuf_init(&b, w->ctx), strbuf_init(&at, w->ctx);
    explain_no_value(w, &b, w->x.at);
    print_point(w, &at, w->x.at);
    diag_error(w->ctx, GRADUS_DOMAIN, SPAN_NONE, "start from another point",
               "no value or slope at the start, %s%s%s", strbuf_str(&at), b.n ? ": " : "", strbuf_str(&b));
    strbuf_clear(&b), strbuf_clear(&at);
    return false;
}

/* ---- the answer
 * -------------------------------------------------------------------------------------------------- */

static void note_no_value(descending *w, const optim_descent_result *res)
{
    if (w->bad_step < w->steps || res->stop == OPTIM_CONVERGED) /* it went on from there */
        return;
    strbuf b, at;
    strbuf_init(&b, w->ctx), strbuf_init(&at, w->ctx);
    explain_no_value(w, &b, w->bad.at);
    print_point(w, &at, w->bad.at);
    if (b.n)
        diag_add(w->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "at %s: %s", strbuf_str(&at), strbuf_str(&b));
    strbuf_clear(&b), strbuf_clear(&at);
}

static void print_json(descending *w, const optim_descent_result *res)
{
    gradus_answer *a = w->p.a;
    strbuf b;
    strbuf_init(&b, w->ctx);
    strbuf_add(&b, ",\"point\":{");
    for (size_t k = 0; k < w->x.n; k++) {
        if (k) strbuf_addc(&b, ',');
        reply_string(&b, term_sym_name(w->ctx, w->p.wrt.at[k]));
        strbuf_addc(&b, ':');
        reply_double(&b, w->x.at[k]);
    }
    strbuf_addc(&b, '}');
    study_print_numbers(a, &b);
    strbuf_printf(&b, ",\"rate_too_large\":%s,\"stop\":", res->rate_too_large ? "true" : "false");
    reply_string(&b, a->study->stop);
    strbuf_add(&b, ",\"reason\":");
    reply_string(&b, a->study->reason);
    if (w->q->trace) {
        strbuf_add(&b, ",\"trace\":");
        study_print_table(a, &b);
    }
    a->extra_json = answer_copy(a, &b);
    strbuf_clear(&b);
}

static bool add_columns(descending *w)
{
    bool ok = study_add_column(w->p.a, "step");
    for (size_t k = 0; ok && k < w->x.n; k++)
        ok = study_add_column(w->p.a, term_sym_name(w->ctx, w->p.wrt.at[k]));
    return ok && study_add_column(w->p.a, "value") && study_add_column(w->p.a, "gradient") &&
           study_add_column(w->p.a, "rate");
}

static void set_result(descending *w, const optim_descent_result *res)
{
    gradus_answer *a = w->p.a;
    struct study *st = a->study;
    study_set_stop(a, optim_stop_name(res->stop), res->reason);
    bool ok = study_add_number(a, "value", res->f) && study_add_number(a, "gradient", res->g_length) &&
              study_add_number(a, "iterations", (double)res->iterations) &&
              study_add_number(a, "evaluations", (double)res->evaluations);
    if (ok && isfinite(res->curvature))
        ok = study_add_number(a, "curvature", res->curvature) &&
             study_add_number(a, "largest_rate", res->largest_rate);
    for (size_t k = 0; ok && k < w->x.n; k++) ok = vec_push(w->ctx, &st->point, w->x.at[k]);
    st->point_dims[0] = (int64_t)w->x.n;
    note_no_value(w, res);
    order_rows(w);
    if (ok && st->stop && st->reason) print_json(w, res);
    ok = ok && study_add_number(a, "rate_too_large", res->rate_too_large);
    answer_set_kinks(&w->p, w->p.f);
}

static void descend(descending *w)
{
    optim_descent_options o = options_of(w);
    optim_descent_result res;
    if (check_start(w) && add_columns(w) &&
        optim_descend(w->ctx, w->x.n, w->x.at, value_at, w, &o, &res) == GRADUS_OK)
        set_result(w, &res);
}

void gradus_descend_query_defaults(gradus_descend_query *q)
{
    memset(q, 0, sizeof *q);
    q->size = sizeof *q;
}

/* The part of the question that every formula has. names: room for from_count names. */
static gradus_query as_query(const gradus_descend_query *d, const char **names)
{
    gradus_query q;
    gradus_query_defaults(&q, GRADUS_OP_GRAD);
    for (size_t i = 0; i < d->from_count; i++) names[i] = d->from[i].name;
    q.expr = d->expr;
    q.format = d->format;
    q.wrt = names;
    q.wrt_count = d->from_count;
    q.at = d->at;
    q.at_count = d->at_count;
    return q;
}

static void clear(descending *w)
{
    gradus_ctx *ctx = w->ctx;
    if (w->plan) eval_plan_free(w->plan);
    vec_clear(ctx, &w->roots);
    vec_clear(ctx, &w->x);
    vec_clear(ctx, &w->out);
    vec_clear(ctx, &w->bad);
    measured_close(&w->data);
    problem_clear(&w->p);
}

gradus_answer *gradus_descend(gradus_ctx *ctx, const gradus_descend_query *query)
{
    gradus_descend_query full;
    gradus_descend_query_defaults(&full);
    memcpy(&full, query, query->size < sizeof full ? query->size : sizeof full);
    ctx_begin(ctx);
    gradus_answer *a = answer_new(ctx, GRADUS_OP_GRAD);
    if (!a) return NULL;
    term_mark mark = term_get_mark(ctx);
    const char **names = arena_alloc(&a->mem, (full.from_count + 1) * sizeof *names);
    if (names) {
        gradus_query q = as_query(&full, names);
        descending w = {.ctx = ctx, .q = &full, .p = {.ctx = ctx, .q = &q, .a = a}};
        if (measured_open(&w.data, ctx, &full.data) && read_with_data(&w) && read_start(&w) == GRADUS_OK) {
            term f = settle(&w);
            if (f && check_names(&w, f) == GRADUS_OK && make_plan(&w, f)) descend(&w);
        }
        answer_take_diagnostics(a);
        clear(&w);
    }
    term_rewind(ctx, mark);
    return a;
}
