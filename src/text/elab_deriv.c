/* elab_deriv: d/dx, dL/dw, primes, grad, jac, hess, D: derivatives as nodes not yet taken. */
#include "text/elab_impl.h"

/* Body rank and shape plus those of array variables: where the indices of each variable stand. */
typedef struct layout {
    uint32_t rank;
    shape s;
} layout;

static bool widen(elab *e, layout *l, const value *v, uint32_t node)
{
    if (v->kind != V_ARRAY) return true;
    if (l->rank + v->rank > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, node, NULL, "this derivative has more than %d indices",
                          SYM_MAX_RANK);
    for (uint32_t k = 0; k < v->rank; k++) {
        l->s.lo[l->rank + k] = v->shape->lo[k];
        l->s.hi[l->rank + k] = v->shape->hi[k];
    }
    l->rank += v->rank;
    return true;
}

/* The variable as differentiated by: a symbol, an element, or the element of a whole array at the next free
 * indices. */
static term variable_term(elab *e, layout *l, const value *v, uint32_t node)
{
    gradus_ctx *ctx = e->ctx;
    if (v->kind == V_NUMBER) {
        bool element = term_is(ctx, v->t, OP_ACC) && term_is(ctx, term_arg(ctx, v->t, 0), OP_SYM);
        if (term_is(ctx, v->t, OP_SYM) || element) return v->t;
    } else if (v->kind == V_ARRAY && v->whole && term_is(ctx, v->whole, OP_SYM)) {
        uint32_t at = l->rank;
        return widen(e, l, v, node) ? term_acc(ctx, v->whole, e->ix + at, v->rank) : TERM_NONE;
    }
    elab_error(e, GRADUS_SYNTAX, node, "grad(L; w, b)", "`%s` is no variable", elab_quote(e, node));
    return TERM_NONE;
}

static bool laid_out(elab *e, const layout *l, term t, value *out)
{
    *out = l->rank ? array_value(e, l->rank, &l->s, t) : number_value(t);
    return out->t != TERM_NONE;
}

/* ---- dL/dw ----------------------------------------------------------------------------------- */

/* f of its own formals: the body of df/dx. */
static term call_at_formals(elab *e, term f)
{
    const sym_info *info = term_sym_info(e->ctx, f);
    return info->rule_count ? term_call(e->ctx, f, NULL, info->rules[0].index, info->rank) : TERM_NONE;
}

static bool dependent_value(elab *e, uint32_t node, term x, value *out)
{
    const tree_node *t = tree(e, node);
    const name_entry *n = &e->r->names.at[t->name];
    term sym = elab_bound(e, t->name);
    if (!sym) sym = term_find_sym(e->ctx, n->text, n->length);
    if (n->dependent) {
        *out = number_value(elab_dependent_call(e, t->name, node));
        return out->t != TERM_NONE;
    }
    sym_role role = sym ? term_sym_info(e->ctx, sym)->role : ROLE_VARIABLE;
    if (role == ROLE_FUNCTION && term_sym_info(e->ctx, sym)->rule_count == 0 &&
        term_sym_info(e->ctx, sym)->rank == 1 && x) {
        *out = number_value(term_call(e->ctx, sym, NULL, &x, 1));
        return out->t != TERM_NONE;
    }
    if (role == ROLE_FUNCTION && call_at_formals(e, sym)) {
        *out = number_value(call_at_formals(e, sym));
        return true;
    }
    if (role == ROLE_DEFINED) {
        *out = elab_symbol_value(e, sym);
        return true;
    }
    const tree_node *first = tree(e, t->child);
    const char *below = reader_quote(e->r, first->first, t->past);
    return elab_error(e, GRADUS_SYNTAX, node,
                      reader_text(e->r,
                                  "define %s = ..., or write d/%s (...); blanks around / make it a division",
                                  n->text, below),
                      "`%s`: %s is not defined, so it has no derivative", elab_quote(e, node), n->text);
}

bool elab_derivative(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    uint32_t count = t->name ? n : n - 1, c = t->child;
    term x[SYM_MAX_RANK];
    uint32_t order[SYM_MAX_RANK];
    value body = {0};
    if (count > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, node, NULL, "at most %d variables in one derivative",
                          SYM_MAX_RANK);
    if (!t->name) body = v[n - 1];
    else if (!dependent_value(e, node, v[0].kind == V_NUMBER ? v[0].t : TERM_NONE, &body)) return false;
    if (!need_value(e, &body, t->name ? node : t->last)) return false;
    layout l = {0};
    if (!widen(e, &l, &body, node)) return false;
    for (uint32_t k = 0; k < count; k++, c = tree(e, c)->next) {
        order[k] = tree(e, c)->extra;
        if (v[k].kind == V_ARRAY && order[k] > 1)
            return elab_error(e, GRADUS_SYNTAX, node,
                              "hess(L; w) for all second derivatives, d^2/dw[k]dw[l] (...) for one",
                              "a second derivative by the array %s", elab_name(e, tree(e, c)->name));
        x[k] = variable_term(e, &l, &v[k], c);
        if (!x[k]) return false;
    }
    return laid_out(e, &l, term_deriv(e->ctx, body.t, x, order, count), out);
}

/* ---- grad, jac, hess ------------------------------------------------------------------------- */

typedef VEC(value) value_vec;

/* Everything in t that may vary. */
static bool free_variables(elab *e, uint32_t node, term t, value_vec *out)
{
    term_vec syms = {0};
    bool ok = term_symbols(e->ctx, t, true, &syms), data = false;
    for (size_t k = 0; ok && k < syms.n; k++) {
        const sym_info *info = term_sym_info(e->ctx, syms.at[k]);
        data |= info->role == ROLE_DATA;
        if (info->role == ROLE_VARIABLE) ok = vec_push(e->ctx, out, elab_symbol_value(e, syms.at[k]));
    }
    vec_clear(e->ctx, &syms);
    if (ok && (out->n == 0 || data))
        return elab_error(e, GRADUS_SYNTAX, node,
                          reader_text(e->r, "name the variables: %s(%s; w, b)",
                                      elab_name(e, tree(e, node)->name), elab_quote(e, tree(e, node)->child)),
                          data ? "by which variables? The formula holds data too"
                               : "there is no variable to differentiate by");
    return ok;
}

static term partial(elab *e, const value *f, layout *l, const value *x, uint32_t node)
{
    term xt = variable_term(e, l, x, node);
    return xt ? term_deriv(e->ctx, f->t, &xt, NULL, 1) : TERM_NONE;
}

/* One value from a list of partials: numbers make a vector, others a list. */
static bool collect(elab *e, uint32_t node, const value_vec *parts, value *out)
{
    gradus_ctx *ctx = e->ctx;
    term_vec t = {0};
    bool ok = true, numbers = true;
    for (size_t k = 0; ok && k < parts->n; k++) {
        numbers &= parts->at[k].kind == V_NUMBER;
        term x = elab_term(e, &parts->at[k], node);
        ok = x && vec_push(ctx, &t, x);
    }
    term whole = ok ? term_tuple(ctx, t.at, (uint32_t)t.n) : TERM_NONE;
    vec_clear(ctx, &t);
    if (!whole) return false;
    shape s = {{0}, {0}};
    s.lo[0] = term_int(ctx, 1);
    s.hi[0] = term_int(ctx, (long)parts->n);
    *out = numbers ? array_whole(e, 1, &s, whole) : (value){.kind = V_LIST, .t = whole};
    return out->t != TERM_NONE;
}

static bool gradient(elab *e, uint32_t node, const value *f, const value_vec *x, value *out)
{
    value_vec parts = {0};
    bool ok = true;
    if (f->kind == V_ARRAY)
        return elab_error(e, GRADUS_SHAPE, node, "jac(r; x) differentiates a vector",
                          "grad needs a number; this is %s", array_words(e, f));
    for (size_t k = 0; ok && k < x->n; k++) {
        layout l = {0};
        value p;
        term t = partial(e, f, &l, &x->at[k], node);
        ok = t && laid_out(e, &l, t, &p) && vec_push(e->ctx, &parts, p);
    }
    if (ok && parts.n == 1) *out = parts.at[0];
    else ok = ok && collect(e, node, &parts, out);
    vec_clear(e->ctx, &parts);
    return ok;
}

/* Rows are entries of r, columns variables. */
static bool jacobian(elab *e, uint32_t node, const value *r, const value_vec *x, value *out)
{
    layout l = {0};
    if (r->kind != V_ARRAY)
        return elab_error(e, GRADUS_SHAPE, node, "grad(f; x) differentiates a number",
                          "jac needs a vector; this is a number");
    if (!widen(e, &l, r, node)) return false;
    if (x->n == 1) {
        term t = partial(e, r, &l, &x->at[0], node);
        return t && laid_out(e, &l, t, out);
    }
    term_vec columns = {0};
    bool ok = true;
    for (size_t k = 0; ok && k < x->n; k++) {
        if (x->at[k].kind != V_NUMBER)
            ok = elab_error(e, GRADUS_UNABLE, node, "jac(r; w) by one array at a time",
                            "jac by several arrays at once is not supported");
        term t = ok ? partial(e, r, &l, &x->at[k], node) : TERM_NONE;
        ok = t && vec_push(e->ctx, &columns, t);
    }
    if (ok && l.rank + 1 <= SYM_MAX_RANK) {
        l.s.lo[l.rank] = term_int(e->ctx, 1);
        l.s.hi[l.rank] = term_int(e->ctx, (long)x->n);
        l.rank++;
        ok = laid_out(
            e, &l,
            term_acc(e->ctx, term_tuple(e->ctx, columns.at, (uint32_t)columns.n), &e->ix[l.rank - 1], 1),
            out);
    }
    vec_clear(e->ctx, &columns);
    return ok;
}

static term second(elab *e, term f, term x, term y)
{
    if (x == y) return term_deriv(e->ctx, f, &x, (uint32_t[]){2}, 1);
    return term_deriv(e->ctx, f, (term[]){x, y}, NULL, 2);
}

static bool hessian(elab *e, uint32_t node, const value *f, const value_vec *x, value *out)
{
    layout l = {0};
    if (f->kind != V_NUMBER)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "hess needs a number; this is %s", array_words(e, f));
    if (x->n == 1) {
        term a = variable_term(e, &l, &x->at[0], node),
             b = a ? variable_term(e, &l, &x->at[0], node) : TERM_NONE;
        return b && laid_out(e, &l, second(e, f->t, a, b), out);
    }
    bool ok = true;
    term_vec all = {0};
    for (size_t i = 0; ok && i < x->n; i++) {
        if (x->at[i].kind != V_NUMBER)
            ok = elab_error(e, GRADUS_UNABLE, node, "hess(L; w) by one array at a time",
                            "hess by several arrays at once is not supported");
        term_vec row = {0};
        for (size_t j = 0; ok && j < x->n; j++) {
            term t = x->at[j].kind == V_NUMBER ? second(e, f->t, x->at[i].t, x->at[j].t) : TERM_NONE;
            ok = (t || elab_error(e, GRADUS_UNABLE, node, NULL,
                                  "hess by several arrays at once is not supported")) &&
                 vec_push(e->ctx, &row, t);
        }
        term t = ok ? term_tuple(e->ctx, row.at, (uint32_t)row.n) : TERM_NONE;
        ok = t && vec_push(e->ctx, &all, t);
        vec_clear(e->ctx, &row);
    }
    shape s = {{0}, {0}};
    s.lo[0] = s.lo[1] = term_int(e->ctx, 1);
    s.hi[0] = s.hi[1] = term_int(e->ctx, (long)x->n);
    if (ok) *out = array_whole(e, 2, &s, term_tuple(e->ctx, all.at, (uint32_t)all.n));
    vec_clear(e->ctx, &all);
    return ok && out->t;
}

bool elab_operator(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    uint32_t name = t->name, before = t->extra == NO_SEMICOLON ? n : t->extra;
    const char *text = elab_name(e, name);
    if (name == KW_D)
        return elab_error(e, GRADUS_SYNTAX, node, "D(F)(p; v)",
                          "the derivative along v is written D(F)(p; v)");
    if (before != 1)
        return elab_error(e, GRADUS_SYNTAX, node,
                          reader_text(e->r, "%s(%s; ...): the variables stand after a semicolon", text,
                                      elab_quote(e, t->child)),
                          "%s takes one formula", text);
    value f = v[0];
    if (f.kind == V_FUNCTION && e->r->door == TEXT_LATEX && call_at_formals(e, f.t))
        f = number_value(call_at_formals(e, f.t)); /* \nabla f */
    if (f.kind == V_NUMBER && n == 1 && term_is(e->ctx, f.t, OP_SYM) &&
        term_sym_info(e->ctx, f.t)->role == ROLE_VARIABLE)
        return elab_error(e, GRADUS_SYNTAX, t->child,
                          reader_text(e->r, "define %s = ...", elab_quote(e, t->child)), "%s is not defined",
                          elab_quote(e, t->child));
    if (f.kind == V_FUNCTION)
        return elab_error(
            e, GRADUS_SYNTAX, node,
            reader_text(e->r, "%1$s(%2$s)(p) at a point, or %1$s(%2$s(x); x)", text, elab_quote(e, t->child)),
            "%s of the function %s: at which point?", text, elab_quote(e, t->child));
    if (!need_value(e, &f, t->child)) return false;
    value_vec x = {0};
    bool ok = true;
    for (uint32_t k = 1; ok && k < n; k++) ok = vec_push(e->ctx, &x, v[k]);
    if (ok && n == 1) ok = free_variables(e, node, f.t, &x);
    if (ok)
        ok = name == KW_GRAD  ? gradient(e, node, &f, &x, out)
             : name == KW_JAC ? jacobian(e, node, &f, &x, out)
                              : hessian(e, node, &f, &x, out);
    vec_clear(e->ctx, &x);
    return ok;
}

/* ---- at a point: grad(F)(p), hess(F)(p), D(F)(p; v) ------------------------------------------ */

/* m numbers from arguments: m of them, or one literal vector. */
static bool point(elab *e, uint32_t node, const value *v, uint32_t n, uint32_t m, term *out)
{
    if (n == 1 && v[0].kind == V_ARRAY && v[0].rank == 1 && v[0].whole &&
        term_is(e->ctx, v[0].whole, OP_TUPLE) && term_argc(e->ctx, v[0].whole) == m) {
        for (uint32_t k = 0; k < m; k++) out[k] = term_arg(e->ctx, v[0].whole, k);
        return true;
    }
    if (n != m)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "the function has %u argument%s; the point has %u",
                          (unsigned)m, m == 1 ? "" : "s", (unsigned)n);
    for (uint32_t k = 0; k < m; k++) {
        if (!need_number(e, &v[k], node, "a number as coordinate")) return false;
        out[k] = v[k].t;
    }
    return true;
}

static term call_by(elab *e, term f, const term *at, uint32_t m, uint32_t i, uint32_t j)
{
    uint32_t orders[SYM_MAX_RANK] = {0};
    orders[i]++;
    if (j < m) orders[j]++;
    return term_call(e->ctx, f, orders, at, m);
}

static term gradient_at(elab *e, term f, const term *p, uint32_t m, uint32_t row)
{
    term t[SYM_MAX_RANK];
    for (uint32_t k = 0; k < m; k++) t[k] = row < m ? call_by(e, f, p, m, row, k) : call_by(e, f, p, m, k, m);
    return term_tuple(e->ctx, t, m);
}

bool elab_operator_at(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    const tree_node *t = tree(e, node), *call = tree(e, t->child), *f = tree(e, call->child);
    const name_entry *fn = f->kind == NODE_NAME ? &e->r->names.at[f->name] : NULL;
    term sym = fn ? term_find_sym(ctx, fn->text, fn->length) : TERM_NONE, p[SYM_MAX_RANK], d[SYM_MAX_RANK],
         row[SYM_MAX_RANK];
    const char *op = elab_name(e, call->name);
    if (call->n != 1 || !sym || term_sym_info(ctx, sym)->role != ROLE_FUNCTION)
        return elab_error(
            e, GRADUS_SYNTAX, t->child,
            reader_text(e->r, "%s(F)(p) with F(x, y) = ... defined; %s(formula; x, y) without a point", op,
                        op),
            "`%s` is no function", elab_quote(e, call->child));
    uint32_t m = term_sym_info(ctx, sym)->rank, before = t->extra == NO_SEMICOLON ? n : t->extra;
    shape s = {{0}, {0}};
    s.lo[0] = s.lo[1] = term_int(ctx, 1);
    s.hi[0] = s.hi[1] = term_int(ctx, (long)m);
    if (m > SYM_MAX_RANK || !point(e, node, v, before, m, p)) return false;
    if ((call->name == KW_D) != (before < n))
        return elab_error(e, GRADUS_SYNTAX, node, "D(F)(p; v)",
                          call->name == KW_D ? "the direction is missing" : "%s(F)(p) takes no direction",
                          op);
    switch (call->name) {
    case KW_GRAD:
        *out = m == 1 ? number_value(call_by(e, sym, p, m, 0, m))
                      : array_whole(e, 1, &s, gradient_at(e, sym, p, m, m));
        return out->t != TERM_NONE;
    case KW_HESS:
        for (uint32_t k = 0; k < m; k++) row[k] = gradient_at(e, sym, p, m, k);
        *out = m == 1 ? number_value(call_by(e, sym, p, m, 0, 0))
                      : array_whole(e, 2, &s, term_tuple(ctx, row, m));
        return out->t != TERM_NONE;
    case KW_D:
        if (!point(e, node, v + before, n - before, m, d)) return false;
        for (uint32_t k = 0; k < m; k++)
            row[k] = term_raw_mul(ctx, (term[]){call_by(e, sym, p, m, k, m), d[k]}, NULL, 2);
        *out = number_value(m == 1 ? row[0] : term_raw_add(ctx, NULL, row, m));
        return out->t != TERM_NONE;
    default:
        return elab_error(e, GRADUS_SYNTAX, node, "grad(F)(p)",
                          "%s(F)(p) is not defined for a function with one value", op);
    }
}
