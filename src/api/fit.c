/* fit: least squares of a model over measured rows.
 *
 *   "y = b1*exp(-b2*x)"  --read-->  left side of columns, right side of columns and parameters
 *   right side, its partials by the parameters  --one plan, shared sub-terms once-->  residuals and Jacobian,
 * row by row
 *
 * A left side without parameters is evaluated once. Where the right side reads one column, everything that
 * depends on the parameters alone is computed once for all rows (eval_plan_run_many). */
#include "api/study.h"
#include "optim/optim.h"

#include <math.h>

enum { ROWS_AT_ONCE = 1024 };

typedef struct fitting {
    gradus_ctx *ctx;
    const gradus_fit_query *q;
    gradus_answer *a;
    measured data;
    term model, left; /* residual: model - left; left is TERM_NONE when the model holds all of it */
    term_vec params, model_columns, left_columns;
    VEC(double) p;          /* the parameters: start, then best                           */
    VEC(double) y;          /* left side, row by row                                       */
    VEC(const double *) x;  /* the model's columns                                         */
    term_vec roots;         /* the model, then its partials                                */
    eval_plan *value, *all; /* of the model alone; of all roots                            */
    VEC(double) point, out; /* scratch: parameters and columns; results                     */
    size_t bad_row;         /* row of the last point without a value, counted from 0        */
} fitting;

/* ---- names
 * ---------------------------------------------------------------------------------------------------- */

static ptrdiff_t find_param(const fitting *w, term sym)
{
    for (size_t i = 0; i < w->params.n; i++)
        if (w->params.at[i] == sym) return (ptrdiff_t)i;
    return -1;
}

static gradus_status unknown_name(fitting *w, term sym)
{
    const char *name = term_sym_name(w->ctx, sym), *best = NULL;
    int distance = 1000;
    strbuf columns, params, hint;
    strbuf_init(&columns, w->ctx), strbuf_init(&params, w->ctx), strbuf_init(&hint, w->ctx);
    measured_list(&w->data, &columns);
    for (size_t k = 0; k < w->data.column.n; k++)
        study_nearest(name, w->data.column.at[k].name, &best, &distance);
    for (size_t i = 0; i < w->params.n; i++) {
        strbuf_printf(&params, "%s%s", i ? ", " : "", term_sym_name(w->ctx, w->params.at[i]));
        study_nearest(name, term_sym_name(w->ctx, w->params.at[i]), &best, &distance);
    }
    if (best) strbuf_printf(&hint, "did you mean %s?", best);
    else strbuf_printf(&hint, "if it is a parameter, give it a start: %s=1", name);
    gradus_status st = diag_error(w->ctx, GRADUS_SYNTAX, text_span(w->ctx, sym), strbuf_str(&hint),
                                  "%s is neither a column of %s (%s) nor a parameter (%s)", name,
                                  w->data.source, strbuf_str(&columns), strbuf_str(&params));
    strbuf_clear(&columns), strbuf_clear(&params), strbuf_clear(&hint);
    return st;
}

static gradus_status read_params(fitting *w)
{
    gradus_ctx *ctx = w->ctx;
    for (size_t i = 0; i < w->q->start_count; i++) {
        const gradus_value *v = &w->q->start[i];
        double start;
        term sym = term_sym(ctx, v->name, strlen(v->name));
        if (!sym || !study_value(ctx, v, &start)) return ctx_status(ctx);
        if (find_param(w, sym) >= 0)
            return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "the parameter %s is given two starts",
                              v->name);
        if (measured_find(&w->data, v->name) >= 0)
            return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "rename one of them",
                              "%s is a column of %s, so it cannot be a parameter", v->name, w->data.source);
        if (!vec_push(ctx, &w->params, sym) || !vec_push(ctx, &w->p, start) ||
            !study_add_name(w->a, term_sym_name(ctx, sym)))
            return ctx_status(ctx);
    }
    if (w->params.n == 0)
        return diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE,
                          "name the parameters and where to begin: b1=500, b2=0.0001",
                          "a fit needs parameters");
    return ctx_status(ctx);
}

/* The columns that t reads; *has_params: parameters occur in it too. */
static gradus_status sort_names(fitting *w, term t, term_vec *columns, bool *has_params)
{
    gradus_ctx *ctx = w->ctx;
    term_vec names = {0};
    bool ok = term_symbols(ctx, t, true, &names);
    for (size_t i = 0; ok && i < names.n; i++) {
        const sym_info *info = term_sym_info(ctx, names.at[i]);
        if (find_param(w, names.at[i]) >= 0) *has_params = true;
        else if (info->rank > 0 && info->values) continue;
        else if (measured_find(&w->data, info->name) >= 0 && info->rank == 0)
            ok = vec_push(ctx, columns, names.at[i]);
        else ok = unknown_name(w, names.at[i]) == GRADUS_OK;
    }
    vec_clear(ctx, &names);
    return ctx_status(ctx);
}

static gradus_status check_params_occur(fitting *w)
{
    for (size_t i = 0; i < w->params.n; i++)
        if (!term_depends(w->ctx, w->model, w->params.at[i]))
            return diag_error(w->ctx, GRADUS_SYNTAX, SPAN_NONE,
                              "take it out of the start values, or correct its name",
                              "the parameter %s does not occur in the model %s",
                              term_sym_name(w->ctx, w->params.at[i]), w->a->echo);
    return ctx_status(w->ctx);
}

/* ---- the model
 * ------------------------------------------------------------------------------------------------ */

static void announce_names(fitting *w)
{
    for (size_t k = 0; k < w->data.column.n; k++)
        text_know_name(w->ctx, w->data.column.at[k].name, strlen(w->data.column.at[k].name));
    for (size_t i = 0; i < w->q->start_count; i++)
        text_know_name(w->ctx, w->q->start[i].name, strlen(w->q->start[i].name));
}

static term resolved(gradus_ctx *ctx, term t)
{
    if (t && (term_get_flags(ctx, t) & (TF_DERIV | TF_DEFINED))) t = diff_resolve(ctx, t);
    return term_canon(ctx, t);
}

/* The reader did not understand the model: perhaps because of a name, so say which there are. */
static gradus_status note_names(fitting *w)
{
    strbuf columns, params;
    strbuf_init(&columns, w->ctx), strbuf_init(&params, w->ctx);
    measured_list(&w->data, &columns);
    for (size_t i = 0; i < w->q->start_count; i++)
        strbuf_printf(&params, "%s%s", i ? ", " : "", w->q->start[i].name);
    diag_add(w->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "columns of %s: %s; parameters: %s",
             w->data.source, strbuf_str(&columns), strbuf_str(&params));
    strbuf_clear(&columns), strbuf_clear(&params);
    return ctx_status(w->ctx);
}

static gradus_status read_model(fitting *w)
{
    gradus_ctx *ctx = w->ctx;
    const char *text = w->q->model ? w->q->model : "";
    announce_names(w);
    term raw = text_parse(ctx, text, strlen(text), w->q->format == GRADUS_LATEX ? TEXT_LATEX : TEXT_PLAIN);
    if (!raw || ctx_status(ctx) != GRADUS_OK) return note_names(w);
    if (read_params(w) != GRADUS_OK) return ctx_status(ctx);
    if (!term_is(ctx, raw, OP_REL) || term_aux(ctx, raw) != REL_EQ)
        return diag_error(ctx, GRADUS_SYNTAX, text_span(ctx, raw),
                          "write the measured side too: y = b1*exp(-b2*x)", "a model is an equation");
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, term_arg(ctx, raw, 0), FORM_TEXT);
    strbuf_add(&b, " = ");
    text_print(&b, ctx, term_arg(ctx, raw, 1), FORM_TEXT);
    w->a->echo = answer_copy(w->a, &b);
    strbuf_clear(&b);
    w->left = resolved(ctx, term_arg(ctx, raw, 0));
    w->model = resolved(ctx, term_arg(ctx, raw, 1));
    bool left_params = false, model_params = false;
    sort_names(w, w->left, &w->left_columns, &left_params);
    if (left_params && ctx_status(ctx) == GRADUS_OK) {
        w->model = term_sub(ctx, w->model, w->left);
        w->left = TERM_NONE;
    }
    sort_names(w, w->model, &w->model_columns, &model_params);
    return ctx_status(ctx) == GRADUS_OK ? check_params_occur(w) : ctx_status(ctx);
}

/* ---- data
 * ------------------------------------------------------------------------------------------------------- */

static size_t position(const term_vec *v, term t)
{
    size_t i = 0;
    while (i < v->n && v->at[i] != t) i++;
    return i;
}

/* The rows that are whole in all columns used; w->x. */
static bool read_data(fitting *w, term_vec *used)
{
    gradus_ctx *ctx = w->ctx;
    VEC(const char *) names = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < w->model_columns.n; i++) ok = vec_push(ctx, used, w->model_columns.at[i]);
    for (size_t i = 0; ok && w->left && i < w->left_columns.n; i++)
        if (position(used, w->left_columns.at[i]) == used->n) ok = vec_push(ctx, used, w->left_columns.at[i]);
    for (size_t i = 0; ok && i < used->n; i++) ok = vec_push(ctx, &names, term_sym_name(ctx, used->at[i]));
    if (ok && used->n == 0)
        ok = diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "the model reads no column of %s",
                        w->data.source) == GRADUS_OK;
    ok = ok && measured_use(&w->data, names.at, names.n);
    for (size_t i = 0; ok && i < w->model_columns.n; i++) ok = vec_push(ctx, &w->x, measured_at(&w->data, i));
    vec_clear(ctx, &names);
    return ok;
}

/* Says that t has no value in the row, and which part of it is to blame. names: symbols with their values. */
static gradus_status blame(fitting *w, size_t row, term t, const term_vec *names, const double *values)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    study_blame(w->ctx, &b, t, names->at, values, names->n);
    diag_error(w->ctx, GRADUS_DOMAIN, SPAN_NONE, "start elsewhere, or take the row out",
               "%s, row %zu: no value%s%s", w->data.source, w->data.row.at[row], b.n ? ": " : "",
               strbuf_str(&b));
    strbuf_clear(&b);
    return ctx_status(w->ctx);
}

/* The left side of every row. */
static bool compute_left(fitting *w, const term_vec *used)
{
    gradus_ctx *ctx = w->ctx;
    if (!vec_reserve(ctx, &w->y, w->data.rows)) return false;
    w->y.n = w->data.rows;
    memset(w->y.at, 0, w->y.n * sizeof *w->y.at);
    if (!w->left) return true;
    size_t n = w->left_columns.n;
    eval_plan *plan = eval_plan_new(ctx, &w->left, 1, w->left_columns.at, (uint32_t)n);
    bool ok = plan && vec_reserve(ctx, &w->point, n + 1);
    for (size_t i = 0; ok && i < w->data.rows; i++) {
        for (size_t k = 0; k < n; k++)
            w->point.at[k] = measured_at(&w->data, position(used, w->left_columns.at[k]))[i];
        eval_plan_run(plan, w->point.at, &w->y.at[i]);
        ok = ctx_status(ctx) == GRADUS_OK &&
             (isfinite(w->y.at[i]) || blame(w, i, w->left, &w->left_columns, w->point.at) == GRADUS_OK);
    }
    if (plan) eval_plan_free(plan);
    return ok;
}

/* ---- residuals
 * ------------------------------------------------------------------------------------------------- */

/* Evaluates `roots` roots of the plan at rows [first, first + count) into w->out. */
static void run_rows(fitting *w, eval_plan *plan, size_t roots, size_t first, size_t count)
{
    size_t n = w->params.n, columns = w->x.n;
    if (columns == 1) {
        eval_plan_run_many(plan, w->point.at, w->x.at[0] + first, count, w->out.at);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < columns; k++) w->point.at[n + k] = w->x.at[k][first + i];
        eval_plan_run(plan, w->point.at, w->out.at + i * roots);
    }
}

static bool residuals(void *user, const double *p, double *r, double *J)
{
    fitting *w = user;
    size_t n = w->params.n, rows = w->data.rows, roots = J ? n + 1 : 1;
    memcpy(w->point.at, p, n * sizeof *p);
    for (size_t first = 0; first < rows; first += ROWS_AT_ONCE) {
        size_t count = rows - first < ROWS_AT_ONCE ? rows - first : ROWS_AT_ONCE;
        if (!ctx_tick(w->ctx)) return false;
        run_rows(w, J ? w->all : w->value, roots, first, count);
        for (size_t i = 0; i < count; i++) {
            const double *o = w->out.at + i * roots;
            r[first + i] = o[0] - w->y.at[first + i];
            bool finite = isfinite(r[first + i]);
            for (size_t k = 0; J && k < n; k++) {
                J[(first + i) * n + k] = o[1 + k];
                finite &= isfinite(o[1 + k]);
            }
            if (!finite) {
                w->bad_row = first + i;
                return false;
            }
        }
    }
    return true;
}

static bool make_plans(fitting *w)
{
    gradus_ctx *ctx = w->ctx;
    size_t n = w->params.n;
    term_vec vars = {0};
    bool ok = vec_reserve(ctx, &w->roots, n + 1) && vec_reserve(ctx, &vars, n + w->model_columns.n + 1);
    if (ok) {
        w->roots.n = n + 1;
        w->roots.at[0] = w->model;
        ok = diff_gradient(ctx, w->model, w->params.at, (uint32_t)n, w->roots.at + 1) == GRADUS_OK;
        for (size_t i = 0; i < n; i++) (void)vec_push(ctx, &vars, w->params.at[i]);
        for (size_t k = 0; k < w->model_columns.n; k++) (void)vec_push(ctx, &vars, w->model_columns.at[k]);
    }
    if (ok) {
        w->value = eval_plan_new(ctx, w->roots.at, 1, vars.at, (uint32_t)vars.n);
        w->all = w->value ? eval_plan_new(ctx, w->roots.at, (uint32_t)n + 1, vars.at, (uint32_t)vars.n)
                          : NULL;
        ok = w->all && vec_reserve(ctx, &w->point, vars.n + 1) &&
             vec_reserve(ctx, &w->out, ROWS_AT_ONCE * (n + 1));
    }
    vec_clear(ctx, &vars);
    return ok;
}

/* At the start nothing is known but the formula: say which part of which row has no value. */
static bool check_start(fitting *w, double *r, double *J)
{
    gradus_ctx *ctx = w->ctx;
    size_t n = w->params.n, columns = w->x.n;
    if (residuals(w, w->p.at, r, J)) return true;
    term_vec names = {0};
    bool ok = ctx_status(ctx) == GRADUS_OK && vec_reserve(ctx, &names, n + columns);
    if (ok) {
        for (size_t i = 0; i < n; i++) (void)vec_push(ctx, &names, w->params.at[i]);
        for (size_t k = 0; k < columns; k++) {
            (void)vec_push(ctx, &names, w->model_columns.at[k]);
            w->point.at[n + k] = w->x.at[k][w->bad_row];
        }
        eval_plan_run(w->all, w->point.at, w->out.at);
        size_t root = 0;
        while (root < n && isfinite(w->out.at[root])) root++;
        blame(w, w->bad_row, w->roots.at[root], &names, w->point.at);
    }
    vec_clear(ctx, &names);
    return false;
}

/* ---- the answer
 * -------------------------------------------------------------------------------------------------- */

static void note_undetermined(fitting *w, const optim_fit_result *res, const double *stderrs)
{
    strbuf b;
    size_t count = 0;
    strbuf_init(&b, w->ctx);
    for (size_t i = 0; i < w->params.n; i++)
        if (isnan(stderrs[i]))
            strbuf_printf(&b, "%s%s", count++ ? ", " : "", term_sym_name(w->ctx, w->params.at[i]));
    if (count)
        diag_add(w->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "no standard error for %s: %s",
                 strbuf_str(&b), *res->error_reason ? res->error_reason : "the data do not determine it");
    strbuf_clear(&b);
}

static void print_json(fitting *w, const double *stderrs)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    strbuf_add(&b, ",\"model\":");
    reply_string(&b, w->a->echo);
    strbuf_add(&b, ",\"params\":{");
    for (size_t i = 0; i < w->params.n; i++) {
        if (i) strbuf_addc(&b, ',');
        reply_string(&b, term_sym_name(w->ctx, w->params.at[i]));
        strbuf_add(&b, ":{\"value\":");
        reply_double(&b, w->p.at[i]);
        strbuf_add(&b, ",\"stderr\":");
        reply_double(&b, stderrs[i]);
        strbuf_addc(&b, '}');
    }
    strbuf_addc(&b, '}');
    study_print_numbers(w->a, &b);
    strbuf_add(&b, ",\"stop\":");
    reply_string(&b, w->a->study->stop);
    strbuf_add(&b, ",\"reason\":");
    reply_string(&b, w->a->study->reason);
    w->a->extra_json = answer_copy(w->a, &b);
    strbuf_clear(&b);
}

static void set_result(fitting *w, const optim_fit_result *res, const double *stderrs)
{
    gradus_answer *a = w->a;
    study_set_stop(a, optim_stop_name(res->stop), res->reason);
    bool ok = study_add_number(a, "rss", res->rss) && study_add_number(a, "sigma", res->sigma) &&
              study_add_number(a, "rows", (double)w->data.rows) &&
              study_add_number(a, "iterations", (double)res->iterations) && study_add_column(a, "value") &&
              study_add_column(a, "stderr");
    for (size_t i = 0; ok && i < w->params.n; i++)
        ok = vec_push(w->ctx, &a->study->table, w->p.at[i]) && vec_push(w->ctx, &a->study->table, stderrs[i]);
    note_undetermined(w, res, stderrs);
    if (ok && a->study->stop) print_json(w, stderrs);
}

static void solve(fitting *w)
{
    gradus_ctx *ctx = w->ctx;
    size_t n = w->params.n, rows = w->data.rows, count, bytes;
    optim_fit_options o;
    optim_fit_result res;
    optim_fit_defaults(&o);
    if (w->q->max_steps) o.max_iterations = (size_t)w->q->max_steps;
    if (w->q->tolerance > 0) o.tolerance = w->q->tolerance;
    /* n standard errors, and a Jacobian to see whether the start has values at all */
    if (!size_mul(rows, n + 1, &count) || !size_add(count, n, &count) ||
        !size_mul(count, sizeof(double), &bytes)) {
        ctx_fail(ctx, GRADUS_NOMEM);
        return;
    }
    double *memory = ctx_realloc(ctx, NULL, 0, bytes);
    if (memory && check_start(w, memory + n, memory + n + rows) &&
        optim_fit(ctx, rows, n, w->p.at, residuals, w, &o, &res, memory, NULL) == GRADUS_OK)
        set_result(w, &res, memory);
    if (memory) ctx_realloc(ctx, memory, bytes, 0);
}

static void clear(fitting *w)
{
    gradus_ctx *ctx = w->ctx;
    if (w->value) eval_plan_free(w->value);
    if (w->all) eval_plan_free(w->all);
    vec_clear(ctx, &w->params);
    vec_clear(ctx, &w->model_columns);
    vec_clear(ctx, &w->left_columns);
    vec_clear(ctx, &w->p);
    vec_clear(ctx, &w->y);
    vec_clear(ctx, &w->x);
    vec_clear(ctx, &w->roots);
    vec_clear(ctx, &w->point);
    vec_clear(ctx, &w->out);
    measured_close(&w->data);
    text_forget_names(ctx);
}

void gradus_fit_query_defaults(gradus_fit_query *q)
{
    memset(q, 0, sizeof *q);
    q->size = sizeof *q;
}

gradus_answer *gradus_fit(gradus_ctx *ctx, const gradus_fit_query *query)
{
    gradus_fit_query full;
    gradus_fit_query_defaults(&full);
    memcpy(&full, query, query->size < sizeof full ? query->size : sizeof full);
    ctx_begin(ctx);
    gradus_answer *a = answer_new(ctx, GRADUS_OP_COUNT);
    if (!a) return NULL;
    term_mark mark = term_get_mark(ctx);
    fitting w = {.ctx = ctx, .q = &full, .a = a};
    term_vec used = {0};
    if (measured_open(&w.data, ctx, &full.data) && read_model(&w) == GRADUS_OK && read_data(&w, &used) &&
        compute_left(&w, &used) && make_plans(&w))
        solve(&w);
    answer_take_diagnostics(a);
    vec_clear(ctx, &used);
    clear(&w);
    term_rewind(ctx, mark);
    return a;
}
