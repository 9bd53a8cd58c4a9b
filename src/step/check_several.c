/* check_several: whole derivations, derivatives by several variables, implicit functions, rewrites. */
#include "step/check_impl.h"

/* ---- one derivation ------------------------------------------------------------------------------ */

/* By several variables, or several times by one: a derivation each, of the last one's result. One derivation
 * of the whole as it stands will do as well. */
static bool check_orders(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    const step *at = s->sub, *part = check_next_part(&at, NULL);
    if (part && part->before == s->before) return check_counts(c, s, 1) && check_after(c, s, part->after);
    term now = term_arg(ctx, s->before, 0);
    uint32_t total = 0;
    for (uint32_t i = 1; i + 1 < term_argc(ctx, s->before); i += 2) {
        term x = term_arg(ctx, s->before, i);
        long order;
        if (!term_get_long(ctx, term_arg(ctx, s->before, i + 1), &order) || order < 1)
            return check_fail(c, s, "an order is no number");
        for (long k = 0; k < order; k++, total++, part = check_next_part(&at, NULL))
            if (!(now = check_part_result(c, s, part, now, x))) return false;
    }
    return check_counts(c, s, total) && check_after(c, s, now);
}

bool check_derivative(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term t, x;
    if (!term_is(ctx, s->before, OP_DERIV)) return check_fail(c, s, "a derivation begins with a derivative");
    if (term_argc(ctx, s->before) != 3 || !term_is_int(ctx, term_arg(ctx, s->before, 2), 1))
        return check_orders(c, s);
    if (!check_deriv(c, s, &t, &x) || (s->bind_count && !check_bound(c, s, "f", t))) return false;
    return check_equation(c, s, t, x);
}

/* The same derivative by another first rule: a derivation of its own. */
bool check_alternative(checker *c, const step *s)
{
    term t, x;
    const step *at = s->sub;
    if (!check_deriv(c, s, &t, &x)) return false;
    c->bindings = s->bind_count; /* the method's name is only there to be said */
    term d = check_part_result(c, s, check_next_part(&at, NULL), t, x);
    return d && check_counts(c, s, 1) && check_after(c, s, d);
}

/* One derivation with all else fixed; y: the names held fixed. */
bool check_partial(checker *c, const step *s)
{
    term t, x;
    if (!check_deriv(c, s, &t, &x) || !check_bound(c, s, "x", x)) return false;
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strcmp(s->bind[i].name, "y") == 0) {
            if (s->bind[i].value == x) return check_fail(c, s, "the variable is not held fixed");
            c->bindings++;
        }
    const step *at = s->sub;
    term d = check_part_result(c, s, check_next_part(&at, NULL), t, x);
    return d && check_counts(c, s, 1) && check_after(c, s, d);
}

/* ---- several variables --------------------------------------------------------------------------- */

/* Sub-step `part` is the partial derivative of f: gives variable and result. */
static bool read_partial(checker *c, const step *s, const step *part, term f, term *x, term *d)
{
    term t;
    if (!part || strcmp(part->rule, "partial") != 0 || !check_deriv(c, part, &t, x))
        return check_fail(c, s, "a partial derivative is missing");
    *d = part->after;
    return check_alike(c, t, f) || check_fail(c, s, "the partial derivative is that of another formula");
}

/* The partials below s, of f, by distinct variables. */
static bool read_partials(checker *c, const step *s, term f, term_vec *x, term_vec *d)
{
    const step *at = s->sub;
    for (const step *p; (p = check_next_part(&at, NULL)) != NULL;) {
        term xi, di;
        if (!read_partial(c, s, p, f, &xi, &di)) return false;
        for (size_t k = 0; x && k < x->n; k++)
            if (x->at[k] == xi) return check_fail(c, s, "a variable comes twice");
        if ((x && !vec_push(c->ctx, x, xi)) || !vec_push(c->ctx, d, di)) return false;
    }
    return true;
}

/* whole = d as an array over the indices of the element x, ranges as in whole (indices in any order). */
static bool is_array_over(checker *c, term whole, term d, const term *index, uint32_t n)
{
    gradus_ctx *ctx = c->ctx;
    term opened[SYM_MAX_RANK];
    if (!term_is(ctx, whole, OP_ARRAY) || (term_argc(ctx, whole) - 1) / 3 != n || n > SYM_MAX_RANK)
        return false;
    term body = term_open(ctx, whole, opened);
    for (int turned = 0; turned < 2; turned++) {
        term to[SYM_MAX_RANK];
        for (uint32_t k = 0; k < n; k++) to[k] = opened[turned ? n - 1 - k : k];
        if (body && check_alike(c, term_subst(ctx, d, index, to, n), body)) return true;
    }
    return false;
}

bool check_gradient(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term_vec x = {0}, d = {0};
    if (s->bind_count && !check_bound(c, s, "f", s->before)) return false;
    bool ok = read_partials(c, s, s->before, &x, &d) &&
              (d.n || check_fail(c, s, "there are no partial derivatives"));
    if (ok && !check_alike(c, s->after, term_tuple(ctx, d.at, (uint32_t)d.n))) {
        bool element = d.n == 1 && term_is(ctx, x.at[0], OP_ACC);
        ok = (element && (check_alike(c, s->after, d.at[0]) ||
                          is_array_over(c, s->after, d.at[0], term_args(ctx, x.at[0]) + 1,
                                        term_argc(ctx, x.at[0]) - 1))) ||
             check_fail(c, s, "the gradient is not the list of the partial derivatives");
    }
    vec_clear(ctx, &x);
    vec_clear(ctx, &d);
    return ok;
}

/* Second partials as they come from a list of gradients: the first of f, then of its entries i by variables
 * i, i+1, ... */
static bool hessian_of_gradients(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    const step *at = s->sub, *first = check_next_part(&at, NULL);
    if (!first || strcmp(first->rule, "gradient") != 0 || !check_alike(c, first->before, s->before) ||
        !term_is(ctx, first->after, OP_TUPLE) || !term_is(ctx, s->after, OP_TUPLE))
        return check_fail(c, s, "the gradient is missing");
    uint32_t n = term_argc(ctx, first->after);
    if (!check_counts(c, s, n + 1) || term_argc(ctx, s->after) != n)
        return check_fail(c, s, "a row is missing");
    for (uint32_t i = 0; i < n; i++) {
        const step *row = check_next_part(&at, NULL);
        term have = term_arg(ctx, s->after, i);
        if (strcmp(row->rule, "gradient") != 0 ||
            !check_alike(c, row->before, term_arg(ctx, first->after, i)) ||
            !term_is(ctx, row->after, OP_TUPLE) || term_argc(ctx, row->after) != n - i ||
            !term_is(ctx, have, OP_TUPLE) || term_argc(ctx, have) != n)
            return check_fail(c, s, "a row is not the gradient of a partial derivative");
        for (uint32_t j = 0; j < n; j++) {
            term want = j >= i ? term_arg(ctx, row->after, j - i)
                               : term_arg(ctx, term_arg(ctx, s->after, j), i);
            if (!check_alike(c, term_arg(ctx, have, j), want))
                return check_fail(c, s, "an entry is not the second partial derivative");
        }
    }
    return true;
}

/* n partials of f, then of each of them n partials. */
static bool hessian_of_partials(checker *c, const step *s, uint32_t n)
{
    gradus_ctx *ctx = c->ctx;
    term_vec x = {0}, d = {0};
    const step *at = s->sub;
    bool ok = term_is(ctx, s->after, OP_TUPLE) && term_argc(ctx, s->after) == n;
    for (uint32_t k = 0; k < n && ok; k++) {
        term xk, dk;
        ok = read_partial(c, s, check_next_part(&at, NULL), s->before, &xk, &dk) && vec_push(ctx, &x, xk) &&
             vec_push(ctx, &d, dk);
    }
    for (uint32_t k = 0; k < n * n && ok; k++) {
        term xj, dj, row = term_arg(ctx, s->after, k / n);
        ok = read_partial(c, s, check_next_part(&at, NULL), d.at[k / n], &xj, &dj) && xj == x.at[k % n] &&
             term_is(ctx, row, OP_TUPLE) && term_argc(ctx, row) == n &&
             check_alike(c, term_arg(ctx, row, k % n), dj);
    }
    vec_clear(ctx, &x);
    vec_clear(ctx, &d);
    return ok || check_fail(c, s, "an entry is not the second partial derivative");
}

bool check_hessian(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t count = 0, n = 1;
    if (s->bind_count && !check_bound(c, s, "f", s->before)) return false;
    const step *at = s->sub, *first = check_next_part(&at, NULL), *second = check_next_part(&at, NULL);
    if (!first) return check_fail(c, s, "there are no partial derivatives");
    if (strcmp(first->rule, "gradient") == 0) return hessian_of_gradients(c, s);
    for (const step *p = s->sub; p; p = p->next) count += p->kind != STEP_REWRITE;
    if (count == 2 && term_is(ctx, first->before, OP_DERIV) &&
        term_is(ctx, term_arg(ctx, first->before, 1), OP_ACC)) {
        term x, y, d, dd; /* an element by an element stands for all */
        return read_partial(c, s, first, s->before, &x, &d) && read_partial(c, s, second, d, &y, &dd) &&
               term_is(ctx, y, OP_ACC) && term_arg(ctx, x, 0) == term_arg(ctx, y, 0) && check_after(c, s, dd);
    }
    while (n + n * n < count) n++;
    return n + n * n == count ? hessian_of_partials(c, s, n)
                              : check_fail(c, s, "a second partial derivative is missing");
}

/* A row per entry of the formula: gradients, or partials row after row. */
bool check_jacobian(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term_vec all = {0};
    bool tuple = term_is(ctx, s->before, OP_TUPLE), ok = true;
    uint32_t rows = tuple ? term_argc(ctx, s->before) : 1, row = 0, in_row = 0;
    for (const step *p = s->sub; p && ok; p = p->next) {
        if (p->kind == STEP_REWRITE) continue;
        bool gradient = strcmp(p->rule, "gradient") == 0;
        term f = tuple && row < rows ? term_arg(ctx, s->before, row) : s->before, x, d = p->after;
        if (gradient) {
            ok = row < rows && check_alike(c, p->before, f) && term_is(ctx, d, OP_TUPLE);
            for (uint32_t k = 0; ok && k < term_argc(ctx, d); k++)
                ok = vec_push(ctx, &all, term_arg(ctx, d, k));
            row++;
            continue;
        }
        ok = row < rows && read_partial(c, s, p, f, &x, &d) && vec_push(ctx, &all, d);
        in_row++;
        term shape = term_is(ctx, s->after, OP_TUPLE) ? s->after : TERM_NONE;
        uint32_t columns = !shape ? 1
                           : tuple && term_is(ctx, term_arg(ctx, shape, 0), OP_TUPLE)
                               ? term_argc(ctx, term_arg(ctx, shape, 0))
                               : term_argc(ctx, shape);
        if (in_row == columns) {
            in_row = 0;
            row++;
        }
    }
    ok = ok && row == rows && all.n > 0;
    /* The result lists the same entries, in rows or one after the other. */
    term_vec have = {0};
    if (ok && term_is(ctx, s->after, OP_TUPLE)) {
        for (uint32_t i = 0; ok && i < term_argc(ctx, s->after); i++) {
            term e = term_arg(ctx, s->after, i);
            if (!term_is(ctx, e, OP_TUPLE)) ok = vec_push(ctx, &have, e);
            for (uint32_t j = 0; ok && term_is(ctx, e, OP_TUPLE) && j < term_argc(ctx, e); j++)
                ok = vec_push(ctx, &have, term_arg(ctx, e, j));
        }
    } else if (ok) {
        ok = vec_push(ctx, &have, s->after);
    }
    ok = ok && have.n == all.n;
    for (size_t i = 0; ok && i < have.n; i++) ok = check_alike(c, have.at[i], all.at[i]);
    vec_clear(ctx, &all);
    vec_clear(ctx, &have);
    return ok || check_fail(c, s, "the rows are not the partial derivatives");
}

bool check_direction(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term v = check_binding(c, s, "v");
    const step *at = s->sub, *grad = check_next_part(&at, NULL);
    if (!v || !check_bound(c, s, "f", s->before) || !grad || strcmp(grad->rule, "gradient") != 0 ||
        !check_counts(c, s, 1))
        return check_fail(c, s, "gradient or direction is missing");
    if (!check_alike(c, grad->before, s->before) || !term_is(ctx, grad->after, OP_TUPLE) ||
        !term_is(ctx, v, OP_TUPLE) || term_argc(ctx, v) != term_argc(ctx, grad->after))
        return check_fail(c, s, "gradient and direction do not fit");
    term sum = term_int(ctx, 0);
    for (uint32_t k = 0; k < term_argc(ctx, v); k++)
        sum = term_add2(ctx, sum,
                        term_mul2(ctx, term_arg(ctx, grad->after, k), term_canon(ctx, term_arg(ctx, v, k))));
    return check_after(c, s, sum);
}

/* ---- implicit functions -------------------------------------------------------------------------- */

/* The call Y(x) that stands for y in side `t` (a function of y's name and of x alone); TERM_NONE: y is not
 * there. */
static term stand_in(gradus_ctx *ctx, term t, term x, term y)
{
    term_vec nodes = {0};
    term found = TERM_NONE;
    if (term_reachable(ctx, &t, 1, &nodes))
        for (size_t i = 0; i < nodes.n && !found; i++) {
            term n = nodes.at[i];
            if (term_is(ctx, n, OP_CALL) && term_argc(ctx, n) == 3 && term_arg(ctx, n, 2) == x &&
                term_is_int(ctx, term_arg(ctx, n, 1), 0) &&
                term_sym_info(ctx, term_arg(ctx, n, 0))->rule_count == 0 &&
                strcmp(term_sym_name(ctx, term_arg(ctx, n, 0)), term_sym_name(ctx, y)) == 0)
                found = n;
        }
    vec_clear(ctx, &nodes);
    return found;
}

/* Both sides derived with y = Y(x); with the result for Y'(x) both derivatives agree. */
bool check_implicit(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term x = check_binding(c, s, "x"), y = check_binding(c, s, "y");
    const step *at = s->sub, *l = check_next_part(&at, NULL), *r = check_next_part(&at, NULL);
    bool rel = term_is(ctx, s->before, OP_REL) && term_aux(ctx, s->before) == REL_EQ;
    term left = rel ? term_arg(ctx, s->before, 0) : s->before,
         right = rel ? term_arg(ctx, s->before, 1) : term_int(ctx, 0);
    if (!x || !y || !term_is(ctx, y, OP_SYM) || !l || !r || !check_counts(c, s, 2))
        return check_fail(c, s, "a side is not derived");
    term fl, fr, xl, xr;
    if (!check_deriv(c, l, &fl, &xl) || !check_deriv(c, r, &fr, &xr) || xl != x || xr != x)
        return check_fail(c, s, "a side is derived by another variable");
    term yx = stand_in(ctx, fl, x, y);
    if (!yx) yx = stand_in(ctx, fr, x, y);
    if (!yx) return check_fail(c, s, "y does not occur");
    if (!check_alike(c, term_subst(ctx, fl, &yx, &y, 1), left) ||
        !check_alike(c, term_subst(ctx, fr, &yx, &y, 1), right))
        return check_fail(c, s, "the sides are those of another equation");
    const uint32_t one = 1;
    term slope = term_call(ctx, term_arg(ctx, yx, 0), &one, &x, 1), from[2] = {slope, yx};
    term d = term_sub(ctx, l->after, r->after);
    term rest = term_subst(ctx, d, from, (term[]){term_int(ctx, 0), y}, 2);
    term factor = term_sub(ctx, term_subst(ctx, d, from, (term[]){term_int(ctx, 1), y}, 2), rest);
    if (s->cond != term_rel_make(ctx, REL_NE, factor, term_int(ctx, 0)))
        return check_fail(c, s, "it is not said where the equation can be solved");
    term solved = term_subst(ctx, d, from, (term[]){s->after, y}, 2);
    return check_same(c, solved, term_int(ctx, 0)) ||
           check_fail(c, s, "the result does not solve the derived equation");
}

/* ---- rewrites ------------------------------------------------------------------------------------ */

bool check_simplify(checker *c, const step *s)
{
    term now = s->before;
    for (const step *p = s->sub; p; p = p->next) {
        if (p->kind != STEP_REWRITE || !check_alike(c, p->before, now))
            return check_fail(c, s, "a line does not begin where the last one ended");
        now = p->after;
    }
    return check_alike(c, s->after, now) || check_fail(c, s, "the last line is not the result");
}

static bool parent_deriv(checker *c, const step *s, term *t, term *x)
{
    return s->parent && s->parent->before && term_is(c->ctx, s->parent->before, OP_DERIV) &&
           check_deriv(c, s->parent, t, x);
}

/* w[q[i]] by w[k]: q picks the entry. */
static bool check_gather(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term t, x, q = check_binding(c, s, "q"), k = check_binding(c, s, "k");
    bool found = false;
    if (!q || !k || !parent_deriv(c, s, &t, &x) || !term_is(ctx, t, OP_ACC) || !term_is(ctx, x, OP_ACC))
        return check_fail(c, s, "no element is picked here");
    for (uint32_t i = 1; i < term_argc(ctx, t) && i < term_argc(ctx, x); i++)
        found |= term_arg(ctx, t, i) == q && term_arg(ctx, x, i) == k && term_is(ctx, q, OP_ACC);
    return found || check_fail(c, s, "another index is picked");
}

static bool check_power_words(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    if (!s->bind_count) return true;
    term f = check_binding(c, s, "f"), n = check_binding(c, s, "n");
    return (f && n && check_alike(c, s->before, term_raw_pow(ctx, f, n))) ||
           check_fail(c, s, "this is not that power");
}

static bool check_fold(checker *c, const step *s)
{
    term n = check_binding(c, s, "N");
    return (n && term_occurs(c->ctx, s->after, n)) || check_fail(c, s, "the name does not occur");
}

static bool check_index_names(checker *c, const step *s)
{
    term j = check_binding(c, s, "j"), m = check_binding(c, s, "m");
    return (j && m && j != m && term_is(c->ctx, m, OP_SYM)) || check_fail(c, s, "an index has no new name");
}

static bool check_delta_words(checker *c, const step *s)
{
    term t, x, j = check_binding(c, s, "j"), k = check_binding(c, s, "k");
    if (!j || (k && (!parent_deriv(c, s, &t, &x) || !term_is(c->ctx, x, OP_ACC) ||
                     k != term_arg(c->ctx, x, term_argc(c->ctx, x) - 1))))
        return check_fail(c, s, "these are not the indices of the sum and of the variable");
    return true;
}

static bool check_cases_words(checker *c, const step *s)
{
    term t, x;
    return parent_deriv(c, s, &t, &x) ? check_bound(c, s, "f", t) : check_fail(c, s, "there are no cases");
}

/* Bindings that are only there to be said. */
static bool skip_bindings(checker *c, const step *s)
{
    c->bindings = s->bind_count;
    return true;
}

/* How a formula in indices reads in matrix notation: it is said only, nothing may change. */
static bool matrix_words(checker *c, const step *s)
{
    return s->before == s->after ? skip_bindings(c, s)
                                 : check_fail(c, s, "a reading in matrix notation changes the formula");
}

static bool kink_words(checker *c, const step *s)
{
    return check_kink(c, s, TERM_NONE, TERM_NONE);
}

/* ---- limits -------------------------------------------------------------------------------------- */

/* May t jump where h passes 0? Steps, cases and brackets may. */
static bool may_jump(gradus_ctx *ctx, term t, term h)
{
    term_vec nodes = {0};
    bool jumps = !term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && !jumps; i++) {
        term n = nodes.at[i];
        bool step_like = term_is(ctx, n, OP_CASES) || term_is(ctx, n, OP_BRACKET) ||
                         term_is(ctx, n, OP_CALL) ||
                         (term_is(ctx, n, OP_FN) && (fn_get((fn_id)term_aux(ctx, n))->flags & FN_STEP));
        jumps = step_like && term_occurs(ctx, n, h);
    }
    vec_clear(ctx, &nodes);
    return jumps;
}

static bool is_step_of_secant(const step *s, term h)
{
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strcmp(s->bind[i].name, "h") == 0) return s->bind[i].value == h;
    return false;
}

/* The last line of a limit h -> 0: what has a value at 0 and does not jump there tends to that value. */
static bool check_limit(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term h = check_binding(c, s, "x"), zero = term_int(ctx, 0);
    if (!h || !s->parent || strcmp(s->parent->rule, "limit-definition") != 0 || may_jump(ctx, s->before, h) ||
        !is_step_of_secant(s->parent, h))
        return check_fail(c, s, "this is not the limit of a secant's slope");
    term value = term_subst(ctx, s->before, &h, &zero, 1);
    if (!value || term_is(ctx, value, OP_UNDEF)) return check_fail(c, s, "there is no value to put in");
    return check_same(c, value, s->after) || check_fail(c, s, "the limit is another");
}

/* (f(x + h) - f(x))/h, rewritten until h can be 0. */
bool check_limit_definition(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term h = check_binding(c, s, "h");
    if (!h || !term_is(ctx, h, OP_SYM) || h == x || check_varies(c, t, h) || !check_bound(c, s, "f", t))
        return check_fail(c, s, "the step has no name of its own");
    term moved = term_add2(ctx, x, h),
         rise = term_sub(ctx, term_subst(ctx, t, &x, &moved, 1), term_canon(ctx, t));
    if (!s->shown || !term_occurs(ctx, s->shown, h) || !check_alike(c, s->shown, term_div(ctx, rise, h)))
        return check_fail(c, s, "the line is not the slope of the secant");
    term now = s->shown;
    const step *last = NULL;
    for (const step *p = s->sub; p; p = p->next) {
        if (p->kind != STEP_REWRITE || !check_alike(c, p->before, now))
            return check_fail(c, s, "a line does not begin where the last one ended");
        now = p->after;
        last = p;
    }
    if (!last || strcmp(last->rule, "limit") != 0) return check_fail(c, s, "no limit is taken");
    return check_alike(c, now, s->after) || check_fail(c, s, "the last line is not the result");
}

bool check_rewrite(checker *c, const step *s)
{
    static const struct {
        const char *key;
        bool (*words)(checker *c, const step *s);
    } known[] = {
        {"simplify", NULL},
        {"rewrite", check_power_words},
        {"fold", check_fold},
        {"delta", check_delta_words},
        {"rename-index", check_index_names},
        {"gather", check_gather},
        {"kink", kink_words},
        {"cases", check_cases_words},
        {"common-denominator", skip_bindings},
        {"expand", skip_bindings},
        {"cancel", skip_bindings},
        {"conjugate", skip_bindings},
        {"add-zero", skip_bindings},
        {"split-fraction", skip_bindings},
        {"raise", matrix_words},
        {"trace", matrix_words},
        {"norm", matrix_words},
        {"elementwise", matrix_words},
        {"matrix-product", matrix_words},
        {"quadratic-form", matrix_words},
    };
    if (s->sub) return check_fail(c, s, "a rewrite has no parts");
    if (strcmp(s->rule, "limit") == 0) return check_limit(c, s);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].key, s->rule) != 0) continue;
        if (known[i].words && !known[i].words(c, s)) return false;
        bool general = s->parent && s->parent->rule && strcmp(s->parent->rule, "general-power") == 0;
        if (general && s == s->parent->sub) /* u^v = e^(v*ln(u)): verified there, with its condition */
            return true;
        return check_same(c, s->before, s->after) ||
               check_fail(c, s, "both sides of a rewrite are not shown to be equal");
    }
    return check_fail(c, s, "no such rewrite is known");
}
