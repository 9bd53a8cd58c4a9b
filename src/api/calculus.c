/* calculus: diff, grad, jacobian, hessian, implicit, direction, limit: from a problem to its answer. */
#include "api/api_impl.h"

#include <math.h>

/* Finishing touches that every result shares: its text, its value at the point, its steps. */
static void finish(problem *p, term result, term value)
{
    answer_set_term(p, result);
    answer_set_value(p, value);
    answer_keep_domain(p);
    answer_set_steps(p);
}

static step_log *log_of(problem *p) { return p->logging ? &p->log : NULL; }

static step *begin_whole(problem *p, const char *rule)
{
    return p->logging ? step_begin(&p->log, STEP_CHAIN, rule, p->f) : NULL;
}

/* The same around one derivation, by all the variables asked for. */
static step *begin_derivative(problem *p)
{
    enum { MANY = 8 };
    uint32_t order[MANY], n = (uint32_t)p->wrt.n;
    for (uint32_t i = 0; i < MANY; i++)
        order[i] = n == 1 ? p->q->order : 1;
    if (!p->logging || n == 0 || n > MANY)
        return NULL;
    return step_begin(&p->log, STEP_CHAIN, "derivative", term_deriv(p->ctx, p->f, p->wrt.at, order, n));
}

static diff_options options_of(const problem *p) 
{
    return (diff_options){.method = p->q->method, .unfold = true, .names = p->names.at, .n_names = (uint32_t)p->names.n};
}

/* ---- shapes ------------------------------------------------------------------------------------------------- */

/* Is x the bare name of an array? Then fresh indices over its extents give its element. */
static uint32_t array_rank(problem *p, term x)
{
    return term_is(p->ctx, x, OP_SYM) ? term_sym_info(p->ctx, x)->rank : 0;
}

static term array_element(problem *p, term x, term *index, term *lo, term *hi)
{
    static const char *const names[SYM_MAX_RANK] = {"k", "l", "m", "n", "o", "q"};
    uint32_t rank = array_rank(p, x);
    for (uint32_t d = 0; d < rank; d++) {
        lo[d] = term_int(p->ctx, 1);
        hi[d] = term_extent(p->ctx, x, d);
        index[d] = term_fresh_index(p->ctx, names[d], lo[d], hi[d]);
    }
    return term_acc(p->ctx, x, index, rank);
}

/* inv(A), or the bare name of an array, as an array by its entries. */
static term by_entries(problem *p, term f)
{
    gradus_ctx *ctx = p->ctx;
    uint32_t rank = term_is(ctx, f, OP_MATFN) && term_aux(ctx, f) == MATFN_INV ? 2 : array_rank(p, f);
    if (rank == 0 || rank > SYM_MAX_RANK)
        return f;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    for (uint32_t d = 0; d < rank; d++) {
        lo[d] = term_int(ctx, 1);
        hi[d] = term_extent(ctx, f, d);
        index[d] = term_fresh_index(ctx, d ? "j" : "i", lo[d], hi[d]);
    }
    return term_array(ctx, index, lo, hi, rank, term_acc(ctx, f, index, rank));
}

/* d as an array over the free indices of wrt (w[k]: over k), so that every entry gets its value. */
static term over_indices(problem *p, term d)
{
    uint32_t n = (uint32_t)p->wrt_index.n;
    term lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    if (n == 0 || n > SYM_MAX_RANK || !d || term_is(p->ctx, d, OP_ARRAY) || term_is(p->ctx, d, OP_TUPLE))
        return d;
    for (uint32_t i = 0; i < n; i++) {
        const sym_info *info = term_sym_info(p->ctx, p->wrt_index.at[i]);
        if (!info->lo || !info->hi)
            return d;
        lo[i] = info->lo;
        hi[i] = info->hi;
    }
    return term_array(p->ctx, p->wrt_index.at, lo, hi, n, d);
}

/* ---- one variable ---------------------------------------------------------------------------------------------- */

/* What a user may not have meant. */
static void remark_question(problem *p)
{
    term x = p->wrt.at[0];
    if (p->q->wrt_count && !p->logging && !(term_get_flags(p->ctx, p->f) & TF_NUMERIC) && !term_depends(p->ctx, p->f, x))
        diag_add(p->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "the formula does not contain the variable: it is a constant");
    if (term_is(p->ctx, p->raw, OP_DERIV))
        diag_add(p->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "the formula is a derivative already: this is one more (`gradus eval` and `simplify` take it as it stands)");
}

void ask_diff(problem *p)
{
    gradus_ctx *ctx = p->ctx;
    if (read_default_variable(p) != GRADUS_OK)
        return;
    if (p->wrt.n != 1) {
        diff_options opt = options_of(p);
        step *whole = begin_derivative(p);
        term d = p->f; /* several variables: the mixed partial, one after the other */
        for (size_t i = 0; i < p->wrt.n && d; i++)
            d = diff_by(ctx, d, p->wrt.at[i], &opt, log_of(p));
        step_end(log_of(p), whole, d);
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL,
                 "the mixed derivative, by one variable after the other; `grad` gives each partial by itself");
        finish(p, d, over_indices(p, d));
        return;
    }
    remark_question(p);
    if (array_rank(p, p->wrt.at[0])) {
        ask_grad(p);
        return;
    }
    diff_options opt = options_of(p);
    p->f = by_entries(p, p->f);
    step *whole = p->wrt_index.n || p->notation[0] ? begin_derivative(p) : NULL;
    if (whole)
        answer_note_notation(p);
    term d = diff_order(ctx, p->f, p->wrt.at[0], p->q->order, &opt, log_of(p));
    if (!d)
        return;
    term all = over_indices(p, d);
    if (all != d)
        answer_set_matrix(p, all);
    step_end(log_of(p), whole, d);
    answer_set_conditions(p, p->f, d, NULL, 0);
    answer_set_kinks(p, p->f);
    finish(p, d, all);
}

void ask_limit(problem *p)
{
    if (!(term_get_flags(p->ctx, p->raw) & TF_DERIV))
        diag_error(p->ctx, GRADUS_SYNTAX, SPAN_NONE, "write lim[x -> 0](...)", "there is no limit in the formula");
    finish(p, p->f, p->f);
}

/* Higher derivatives of y given by an equation: each differentiates the last one by x and, through y, by y. */
static term implicit_order(problem *p, term first)
{
    gradus_ctx *ctx = p->ctx;
    term x = p->wrt.at[0], y = p->wrt.at[1], d = first;
    for (uint32_t k = 1; k < p->q->order && d; k++)
        d = diff_simplify(ctx, term_add2(ctx, diff_by(ctx, d, x, NULL, NULL), term_mul2(ctx, diff_by(ctx, d, y, NULL, NULL), first)), NULL);
    return p->q->order ? d : y;
}

void ask_implicit(problem *p)
{
    if (p->wrt.n != 2) {
        diag_error(p->ctx, GRADUS_SYNTAX, SPAN_NONE, "wrt = x, y: the derivative of y by x",
                   "an implicit derivative needs two names, the variable and the function of it");
        return;
    }
    term d = diff_implicit(p->ctx, p->f, p->wrt.at[0], p->wrt.at[1], log_of(p));
    d = implicit_order(p, d);
    if (d)
        answer_set_conditions(p, d, d, NULL, 0);
    finish(p, d, d);
}

void ask_direction(problem *p)
{
    if (!p->wrt.n || p->wrt.n != p->q->along_count) {
        diag_error(p->ctx, GRADUS_SHAPE, SPAN_NONE, "wrt and along must have equally many entries",
                   "%zu variables, but a direction of %zu entries", p->wrt.n, p->q->along_count);
        return;
    }
    term_vec v = {0};
    for (size_t i = 0; i < p->q->along_count; i++) {
        term t = read_expression(p, p->q->along[i], strlen(p->q->along[i]));
        if (!t || !vec_push(p->ctx, &v, t))
            break;
    }
    if (v.n == p->wrt.n) {
        term d = diff_directional(p->ctx, p->f, p->wrt.at, v.at, (uint32_t)v.n, log_of(p));
        finish(p, d, d);
    }
    vec_clear(p->ctx, &v);
}

/* ---- gradients ---------------------------------------------------------------------------------------------------- */

enum { FORWARD_PARTIALS = 8 }; /* up to this many partials one by one read better; more come from one reverse sweep */

static gradus_status all_variables(problem *p)
{
    term_vec names = {0};
    if (p->wrt.n == 0 && term_symbols(p->ctx, p->f, true, &names))
        for (size_t i = 0; i < names.n; i++) {
            const sym_info *info = term_sym_info(p->ctx, names.at[i]);
            if (info->role == ROLE_VARIABLE)
                (void)vec_push(p->ctx, &p->wrt, names.at[i]);
        }
    vec_clear(p->ctx, &names);
    if (p->wrt.n == 0)
        diag_error(p->ctx, GRADUS_SYNTAX, SPAN_NONE, "name the variables, as in --wrt x,y", "the formula has no variable");
    return ctx_status(p->ctx);
}

/* The gradient by one array variable: an array of its shape. */
static term array_gradient(problem *p, term x, term *shown)
{
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    term element = array_element(p, x, index, lo, hi);
    diff_options opt = options_of(p);
    term d = diff_partial(p->ctx, p->f, element, &opt, log_of(p));
    if (!d)
        return TERM_NONE;
    *shown = d;
    return term_array(p->ctx, index, lo, hi, array_rank(p, x), d);
}

static term scalar_partials(problem *p)
{
    uint32_t n = (uint32_t)p->wrt.n;
    term_vec d = {0};
    term r = TERM_NONE;
    if (!vec_reserve(p->ctx, &d, n))
        return TERM_NONE;
    bool one_by_one = p->logging || n <= FORWARD_PARTIALS;
    bool ok = one_by_one || diff_gradient(p->ctx, p->f, p->wrt.at, n, d.at) == GRADUS_OK;
    diff_options opt = options_of(p);
    for (uint32_t i = 0; i < n && ok && one_by_one; i++) {
        d.at[i] = diff_partial(p->ctx, p->f, p->wrt.at[i], &opt, log_of(p));
        ok = d.at[i] != TERM_NONE;
    }
    if (ok)
        r = term_tuple(p->ctx, d.at, n);
    vec_clear(p->ctx, &d);
    return r;
}

/* The way down: minus the gradient, and its length. */
static void set_direction(problem *p)
{
    gradus_answer *a = p->a;
    if (!a->has_value || a->value.rank != 1 || a->value.count == 0)
        return;
    double square = 0;
    strbuf text, json;
    strbuf_init(&text, p->ctx);
    strbuf_init(&json, p->ctx);
    for (size_t i = 0; i < a->value.count; i++) {
        double d = -a->value.value[i] + 0.0;
        square = hypot(square, d);
        strbuf_add(&text, i ? ", " : "");
        strbuf_add(&json, i ? "," : "");
        num_print_double(&text, d);
        reply_double(&json, d);
    }
    strbuf line;
    strbuf_init(&line, p->ctx);
    if (square == 0)
        strbuf_add(&line, "the gradient is zero: no direction (a lowest, highest or saddle point)");
    else {
        strbuf_printf(&line, "steepest descent: (%s), length ", strbuf_str(&text));
        num_print_double(&line, square);
    }
    a->direction = answer_copy(a, &line);
    line.n = 0;
    strbuf_printf(&line, ",\"descent\":[%s],\"length\":", strbuf_str(&json));
    reply_double(&line, square);
    a->extra_json = answer_copy(a, &line);
    strbuf_clear(&line);
    strbuf_clear(&text);
    strbuf_clear(&json);
}

void ask_grad(problem *p)
{
    if (all_variables(p) != GRADUS_OK)
        return;
    step *whole = begin_whole(p, "gradient");
    answer_note_notation(p);
    term shown = TERM_NONE, g;
    if (p->wrt.n == 1 && array_rank(p, p->wrt.at[0])) {
        g = array_gradient(p, p->wrt.at[0], &shown);
    } else {
        for (size_t i = 0; i < p->wrt.n; i++)
            if (array_rank(p, p->wrt.at[i])) {
                diag_error(p->ctx, GRADUS_UNABLE, SPAN_NONE, "ask for one array at a time",
                           "the gradient by several variables needs scalars; %s is an array",
                           term_sym_name(p->ctx, p->wrt.at[i]));
                return;
            }
        g = shown = scalar_partials(p);
    }
    if (!g)
        return;
    answer_set_matrix(p, g);
    step_end(log_of(p), whole, g);
    answer_set_conditions(p, p->f, g, NULL, 0);
    answer_set_kinks(p, p->f);
    finish(p, g, g);
    if (p->a->matrix)
        p->a->form[GRADUS_TEXT] = p->a->matrix;
    set_direction(p);
}

/* ---- jacobians: entries of f by entries of x, arrays column by column ------------------------------------------------- */

/* f as a body over `rank` fresh indices; scalars have rank 0. */
static term open_array(problem *p, term f, term *index, term *lo, term *hi, uint32_t *rank)
{
    *rank = 0;
    f = by_entries(p, term_canon(p->ctx, f));
    if (!f || !term_is(p->ctx, f, OP_ARRAY))
        return f;
    *rank = (term_argc(p->ctx, f) - 1) / 3;
    for (uint32_t d = 0; d < *rank; d++) {
        lo[d] = term_arg(p->ctx, f, 3 * d + 1);
        hi[d] = term_arg(p->ctx, f, 3 * d + 2);
    }
    return term_open(p->ctx, f, index);
}

static void reverse(term *t, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        term x = t[i];
        t[i] = t[n - 1 - i];
        t[n - 1 - i] = x;
    }
}

/* Value of the array over (f indices, x indices), each group last index first, as a matrix of two axes. */
static void set_matrix_value(problem *p, term array, uint32_t f_rank)
{
    answer_set_value(p, array);
    answer_keep_domain(p);
    eval_result *v = &p->a->value;
    if (!p->a->has_value || v->rank < 2)
        return;
    int64_t rows = 1, cols = 1;
    for (uint32_t d = 0; d < v->rank; d++)
        *(d < f_rank ? &rows : &cols) *= v->dims[d];
    v->rank = 2;
    v->dims[0] = rows;
    v->dims[1] = cols;
}

static void array_jacobian(problem *p, term x)
{
    gradus_ctx *ctx = p->ctx;
    term fi[SYM_MAX_RANK], flo[SYM_MAX_RANK], fhi[SYM_MAX_RANK], xi[SYM_MAX_RANK], xlo[SYM_MAX_RANK], xhi[SYM_MAX_RANK];
    uint32_t f_rank, x_rank = array_rank(p, x);
    term body = open_array(p, p->f, fi, flo, fhi, &f_rank);
    if (!body || f_rank + x_rank > SYM_MAX_RANK) {
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "a Jacobian of more than %d indices is not supported", SYM_MAX_RANK);
        return;
    }
    term element = x_rank ? array_element(p, x, xi, xlo, xhi) : x;
    diff_options opt = options_of(p);
    term d = diff_partial(ctx, body, element, &opt, log_of(p));
    if (!d)
        return;
    answer_set_term(p, d);
    reverse(fi, f_rank), reverse(flo, f_rank), reverse(fhi, f_rank);
    reverse(xi, x_rank), reverse(xlo, x_rank), reverse(xhi, x_rank);
    memcpy(fi + f_rank, xi, x_rank * sizeof *fi);
    memcpy(flo + f_rank, xlo, x_rank * sizeof *fi);
    memcpy(fhi + f_rank, xhi, x_rank * sizeof *fi);
    uint32_t rank = f_rank + x_rank;
    set_matrix_value(p, rank ? term_array(ctx, fi, flo, fhi, rank, d) : d, f_rank ? f_rank : 1);
    answer_set_steps(p);
}

/* A tuple of formulas by scalar variables: a tuple of rows. */
static term tuple_jacobian(problem *p, term f)
{
    gradus_ctx *ctx = p->ctx;
    bool tuple = term_is(ctx, f, OP_TUPLE);
    uint32_t rows = tuple ? term_argc(ctx, f) : 1, cols = (uint32_t)p->wrt.n;
    term_vec row = {0}, all = {0};
    term result = TERM_NONE;
    diff_options opt = options_of(p);
    for (uint32_t i = 0; i < rows; i++) {
        row.n = 0;
        for (uint32_t j = 0; j < cols; j++) {
            term d = diff_partial(ctx, tuple ? term_arg(ctx, f, i) : f, p->wrt.at[j], &opt, log_of(p));
            if (!d || !vec_push(ctx, &row, d))
                goto done;
        }
        if (!vec_push(ctx, &all, term_tuple(ctx, row.at, cols)))
            goto done;
    }
    result = tuple ? term_tuple(ctx, all.at, rows) : all.at[0];
done:
    vec_clear(ctx, &row);
    vec_clear(ctx, &all);
    return result;
}

void ask_jacobian(problem *p)
{
    if (all_variables(p) != GRADUS_OK)
        return;
    if (p->wrt.n == 1 && (array_rank(p, p->wrt.at[0]) || term_is(p->ctx, by_entries(p, p->f), OP_ARRAY))) {
        array_jacobian(p, p->wrt.at[0]);
        return;
    }
    step *whole = begin_whole(p, "jacobian");
    term j = tuple_jacobian(p, p->f);
    step_end(log_of(p), whole, j);
    if (j)
        finish(p, j, j);
}

void ask_hessian(problem *p)
{
    gradus_ctx *ctx = p->ctx;
    if (all_variables(p) != GRADUS_OK)
        return;
    step *whole = begin_whole(p, "hessian");
    diff_options opt = options_of(p);
    if (p->wrt.n == 1 && array_rank(p, p->wrt.at[0])) {
        term x = p->wrt.at[0], i[2 * SYM_MAX_RANK], lo[2 * SYM_MAX_RANK], hi[2 * SYM_MAX_RANK];
        uint32_t rank = array_rank(p, x);
        if (2 * rank > SYM_MAX_RANK) {
            diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "a Hessian of more than %d indices is not supported", SYM_MAX_RANK);
            return;
        }
        term first = array_element(p, x, i, lo, hi), second = array_element(p, x, i + rank, lo + rank, hi + rank);
        term d = diff_partial(ctx, p->f, first, &opt, log_of(p));
        d = d ? diff_partial(ctx, d, second, &opt, log_of(p)) : TERM_NONE;
        if (!d)
            return;
        step_end(log_of(p), whole, d);
        answer_set_term(p, d);
        reverse(i, rank), reverse(lo, rank), reverse(hi, rank);
        reverse(i + rank, rank), reverse(lo + rank, rank), reverse(hi + rank, rank);
        set_matrix_value(p, term_array(ctx, i, lo, hi, 2 * rank, d), rank);
        answer_set_steps(p);
        return;
    }
    term g = scalar_partials(p), h = g ? tuple_jacobian(p, g) : TERM_NONE;
    if (!h)
        return;
    step_end(log_of(p), whole, h);
    answer_set_kinks(p, p->f);
    finish(p, h, h);
}
