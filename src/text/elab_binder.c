/* elab_binder: elements of arrays, the ranges of indices, reducers. */
#include "text/elab_impl.h"

/* ---- elements -------------------------------------------------------------------------------- */

/* i or i + c with i an index: remembered, so that a sum over i can take its range from here. */
static bool note_use(elab *e, term index, term array, uint32_t axis, term lo, term hi, uint32_t node)
{
    gradus_ctx *ctx = e->ctx;
    index_use u = {.index = index, .array = array, .lo = lo, .hi = hi, .axis = axis, .node = node};
    if (term_is(ctx, index, OP_ADD) && term_argc(ctx, index) == 3 &&
        term_is_int(ctx, term_arg(ctx, index, 1), 1)) {
        if (!term_get_long(ctx, term_arg(ctx, index, 0), &u.shift)) return true;
        u.index = term_arg(ctx, index, 2);
    }
    if (!term_is(ctx, u.index, OP_SYM) || term_sym_info(ctx, u.index)->role != ROLE_INDEX) return true;
    return vec_push(ctx, &e->uses, u);
}

/* `s[k]`, k new and used as nothing else: a free index with the array's range. */
static void free_index(elab *e, term t, uint32_t node, term lo, term hi)
{
    const tree_node *n = tree(e, node);
    if (n->kind != NODE_NAME || elab_bound(e, n->name) || !term_is(e->ctx, t, OP_SYM)) return;
    sym_info *info = term_sym_info(e->ctx, t);
    const name_entry *name = &e->r->names.at[n->name];
    bool fresh = t >= e->symbols_before && !name->as_scalar && info->rank == 0 &&
                 info->role == ROLE_VARIABLE && !text_is_known(e->ctx, name->text, name->length);
    if (fresh) info->role = ROLE_INDEX;
    if (info->role == ROLE_INDEX && !info->lo && hi) {
        info->lo = lo;
        info->hi = hi;
    }
}

static bool check_inside(elab *e, term t, uint32_t node, term lo, term hi, const char *array, uint32_t whole)
{
    long i, first, last;
    gradus_ctx *ctx = e->ctx;
    if (!term_is_num(ctx, t)) return true;
    if (!term_get_long(ctx, t, &i))
        return elab_error(e, GRADUS_SHAPE, node, NULL, "the index `%s` is no whole number",
                          elab_quote(e, node));
    if (!lo || !hi || !term_get_long(ctx, lo, &first)) return true;
    if (i < first)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "`%s`: this index of %s begins at %ld",
                          elab_quote(e, whole), array, first);
    if (term_get_long(ctx, hi, &last) && i > last)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "`%s`: this index of %s ends at %ld",
                          elab_quote(e, whole), array, last);
    return true;
}

static bool wrong_rank(elab *e, uint32_t node, const char *name, uint32_t rank, uint32_t n)
{
    return elab_error(e, GRADUS_SHAPE, node, NULL, "%s has %u %s; here it gets %u", name, (unsigned)rank,
                      rank == 1 ? "index" : "indices", (unsigned)n);
}

/* v[0..n): the indices, child their first node. */
static bool element(elab *e, uint32_t node, uint32_t name, uint32_t child, const value *v, uint32_t n,
                    value *out)
{
    gradus_ctx *ctx = e->ctx;
    const char *text = elab_name(e, name);
    term bound = elab_bound(e, name), args[1 + SYM_MAX_RANK];
    if (n == 1 && v[0].kind == V_CONDITION)
        return elab_error(
            e, GRADUS_SYNTAX, node,
            reader_text(e->r, "%s*[%s] for a product with a bracket", text, elab_quote(e, child)),
            "`%s` would be an element, but `%s` is a condition", elab_quote(e, node), elab_quote(e, child));
    term sym = bound ? bound : elab_symbol(e, name, node);
    if (!sym) return false;
    const sym_info *info = term_sym_info(ctx, sym);
    if (info->role == ROLE_FUNCTION)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s(...)", text),
                          "%s is a function: its argument stands in round brackets", text);
    if (info->rank == 0)
        return elab_error(e, GRADUS_SHAPE, node, reader_text(e->r, "%s*[...] for a product", text),
                          "%s is %s: it has no elements", text,
                          info->role == ROLE_INDEX ? "an index" : "a number");
    if (info->rank != n) return wrong_rank(e, node, text, info->rank, n);
    args[0] = sym;
    for (uint32_t k = 0; k < n; k++, child = tree(e, child)->next) {
        term lo, hi;
        if (!need_number(e, &v[k], child, "a number as index")) return false;
        elab_axis(e, sym, k, &lo, &hi);
        args[k + 1] = v[k].t;
        if (!check_inside(e, v[k].t, child, lo, hi, text, node)) return false;
        free_index(e, v[k].t, child, lo, hi);
        if (!note_use(e, v[k].t, sym, k, lo, hi, node)) return false;
    }
    *out = number_value(term_raw_node(ctx, OP_ACC, 0, args, n + 1));
    return out->t != TERM_NONE;
}

/* (A*B)[i,j], F(u)[i]; (x)[x > 0] is a product. */
static bool element_of_value(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    uint32_t base = tree(e, node)->child, c = tree(e, base)->next;
    term index[SYM_MAX_RANK];
    if (v[0].kind != V_ARRAY && n == 2 && v[1].kind == V_CONDITION) {
        if (!need_number(e, &v[0], base, NULL)) return false;
        term bracket = term_raw_node(e->ctx, OP_BRACKET, 0, &v[1].t, 1);
        *out = number_value(term_raw_mul(e->ctx, (term[]){v[0].t, bracket}, NULL, 2));
        return out->t != TERM_NONE;
    }
    if (v[0].kind != V_ARRAY)
        return need_number(e, &v[0], base, NULL) &&
               elab_error(e, GRADUS_SHAPE, node, NULL, "`%s` is a number: it has no elements",
                          elab_quote(e, base));
    if (v[0].rank != n - 1) return wrong_rank(e, node, elab_quote(e, base), v[0].rank, n - 1);
    for (uint32_t k = 0; k + 1 < n; k++, c = tree(e, c)->next) {
        if (!need_number(e, &v[k + 1], c, "a number as index") ||
            !check_inside(e, v[k + 1].t, c, v[0].shape->lo[k], v[0].shape->hi[k], elab_quote(e, base), node))
            return false;
        index[k] = v[k + 1].t;
        if (!note_use(e, index[k], v[0].whole, k, v[0].shape->lo[k], v[0].shape->hi[k], node)) return false;
    }
    *out = number_value(array_entry(e, &v[0], index));
    return out->t != TERM_NONE;
}

bool elab_index(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    if (t->kind == NODE_SUBSCRIPT)
        return n ? element(e, node, t->extra, t->child, v, n, out) : elab_name_value(e, node, out);
    if (tree(e, t->child)->kind != NODE_NAME) return element_of_value(e, node, v, n, out);
    return element(e, node, tree(e, t->child)->name, tree(e, t->child)->next, v, n, out);
}

/* LaTeX \partial x_1 where x is no array: the name x_1. */
static bool numbered_variable(elab *e, uint32_t node)
{
    strbuf b;
    strbuf_init(&b, e->ctx);
    strbuf_add(&b, elab_name(e, tree(e, node)->name));
    strbuf_addc(&b, '_');
    for (uint32_t c = tree(e, node)->child; c; c = tree(e, c)->next) strbuf_add(&b, elab_quote(e, c));
    uint32_t name = reader_name(e->r, strbuf_str(&b), strlen(strbuf_str(&b)));
    strbuf_clear(&b);
    node_of(e->r, node)->name = name;
    return name != 0;
}

bool elab_variable(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    if (tree(e, node)->child && n == 0 && !numbered_variable(e, node)) return false;
    const tree_node *t = tree(e, node);
    const char *text = elab_name(e, t->name);
    if (n > 0) {
        if (!element(e, node, t->name, t->child, v, n, out)) return false;
    } else if (t->name == KW_PI || (t->name == KW_E && !text_is_known(e->ctx, text, 1))) {
        return elab_error(e, GRADUS_SYNTAX, node, NULL,
                          "%s is a constant: nothing can be differentiated by it", text);
    } else if (!elab_name_value(e, node, out)) {
        return false;
    }
    if (out->kind == V_FUNCTION || (out->kind == V_NUMBER && term_is(e->ctx, out->t, OP_SYM) &&
                                    term_sym_info(e->ctx, out->t)->role == ROLE_INDEX))
        return elab_error(e, GRADUS_SYNTAX, node, NULL, "%s is %s, not a variable to differentiate by", text,
                          out->kind == V_FUNCTION ? "a function" : "an index");
    return true;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static const char *use_words(elab *e, const index_use *u)
{
    return u->array && term_is(e->ctx, u->array, OP_SYM) ? term_sym_name(e->ctx, u->array)
                                                         : elab_quote(e, u->node);
}

static bool two_sizes(elab *e, const index_use *a, const index_use *b, uint32_t node)
{
    gradus_ctx *ctx = e->ctx;
    term one = term_int(ctx, 1);
    term m = term_add2(ctx, term_sub(ctx, a->hi, a->lo), one),
         n = term_add2(ctx, term_sub(ctx, b->hi, b->lo), one);
    term d = term_sub(ctx, m, n);
    const char *i = term_sym_name(ctx, a->index);
    if (!d) return false;
    if (!term_is_num(ctx, d)) {
        return text_assume_same(ctx, m, use_words(e, a), n, use_words(e, b), i);
    }
    if (term_num_sign(ctx, d) == 0 && a->lo == b->lo) return true;
    long x, y;
    const char *mend = reader_text(e->r, "state the range: [%s=1..n]", i);
    if (term_get_long(ctx, m, &x) && term_get_long(ctx, n, &y))
        return elab_error(e, GRADUS_SHAPE, node, mend,
                          "%s indexes %s (size %ld) and %s (size %ld); sizes must agree", i, use_words(e, a),
                          x, use_words(e, b), y);
    return elab_error(e, GRADUS_SHAPE, node, mend, "%s indexes %s and %s, whose ranges differ", i,
                      use_words(e, a), use_words(e, b));
}

bool elab_infer_range(elab *e, term index, uint32_t from, uint32_t node, term *lo, term *hi)
{
    const index_use *first = NULL, *shifted = NULL;
    *lo = *hi = TERM_NONE;
    for (size_t k = from; k < e->uses.n; k++) {
        const index_use *u = &e->uses.at[k];
        if (u->index != index) continue;
        if (u->shift) {
            shifted = u;
            continue;
        }
        if (first && (first->hi != u->hi || first->lo != u->lo) && !two_sizes(e, first, u, node))
            return false;
        if (!first) first = u;
    }
    if (!first) return true;
    if (shifted && shifted->hi == first->hi && shifted->lo == first->lo) {
        const char *i = term_sym_name(e->ctx, index);
        return elab_error(e, GRADUS_SHAPE, shifted->node,
                          reader_text(e->r, "state the range: [%s=2..n] or [%s=1..n-1]", i, i),
                          "`%s` leaves the range that %s has from `%s`", elab_quote(e, shifted->node), i,
                          elab_quote(e, first->node));
    }
    *lo = first->lo;
    *hi = text_same_size(e->ctx, first->hi);
    return true;
}

void elab_drop_uses(elab *e, term index, uint32_t from)
{
    size_t kept = from;
    for (size_t k = from; k < e->uses.n; k++)
        if (e->uses.at[k].index != index) e->uses.at[kept++] = e->uses.at[k];
    e->uses.n = kept;
}

/* A stated range that leaves an array of known size. */
static bool check_stated(elab *e, term index, uint32_t from)
{
    const sym_info *info = term_sym_info(e->ctx, index);
    long lo, hi, first, last;
    if (!term_get_long(e->ctx, info->lo, &lo) || !term_get_long(e->ctx, info->hi, &hi) || lo > hi)
        return true;
    for (size_t k = from; k < e->uses.n; k++) {
        const index_use *u = &e->uses.at[k];
        if (u->index != index || u->shift || !u->array || !term_is(e->ctx, u->array, OP_SYM)) continue;
        bool out = (term_get_long(e->ctx, u->lo, &first) && lo < first) ||
                   (term_get_long(e->ctx, u->hi, &last) && hi > last);
        if (out && term_get_long(e->ctx, u->hi, &last) && term_get_long(e->ctx, u->lo, &first))
            return elab_error(e, GRADUS_SHAPE, u->node, NULL,
                              "%s runs from %ld to %ld, but the indices of %s from %ld to %ld",
                              term_sym_name(e->ctx, index), lo, hi, use_words(e, u), first, last);
    }
    return true;
}

bool elab_enter_binder(elab *e, uint32_t node, const value *v, uint32_t n)
{
    const tree_node *t = tree(e, node);
    term lo = TERM_NONE, hi = TERM_NONE, outer = elab_bound(e, t->name);
    if (n == 2) {
        if (!need_number(e, &v[0], t->child, NULL) || !need_number(e, &v[1], t->last, NULL)) return false;
        lo = v[0].t;
        hi = v[1].t;
    }
    if (outer && term_sym_info(e->ctx, outer)->role == ROLE_INDEX)
        reader_note(e->r, t->first, t->past, "the inner %s hides the outer %s", elab_name(e, t->name),
                    elab_name(e, t->name));
    term index = term_fresh_index(e->ctx, elab_name(e, t->name), lo, hi);
    return elab_bind(e, t->name, index, node, n == 2);
}

/* ---- reducers -------------------------------------------------------------------------------- */

/* The body where the condition holds, what does not count elsewhere. */
static term restricted(elab *e, term_red red, term condition, term body)
{
    gradus_ctx *ctx = e->ctx;
    term inf = term_constant(ctx, CONST_INF), minus = term_int(ctx, -1), neutral;
    switch (red) {
    case RED_SUM:
    case RED_MEAN: {
        term bracket = term_raw_node(ctx, OP_BRACKET, 0, &condition, 1);
        return term_raw_mul(ctx, (term[]){bracket, body}, NULL, 2);
    }
    case RED_PROD: neutral = term_int(ctx, 1); break;
    case RED_MIN:
    case RED_ARGMIN: neutral = inf; break;
    default: neutral = term_raw_add(ctx, &minus, &inf, 1);
    }
    return term_raw_node(ctx, OP_CASES, 0, (term[]){condition, body, neutral}, 3);
}

/* Closes the binders b[0..n), innermost last. */
static term closed(elab *e, term_red red, const binding *b, uint32_t n, term body)
{
    for (uint32_t k = n; k-- > 0 && body;) {
        const sym_info *info = term_sym_info(e->ctx, b[k].sym);
        body = term_raw_reduce(e->ctx, red, b[k].sym, info->lo, info->hi, body);
    }
    return body;
}

/* Ranges that are not stated come from what the indices index. */
static bool settle_ranges(elab *e, const elab_frame *f)
{
    for (uint32_t k = f->mark; k < e->bindings.n; k++) {
        const binding b = e->bindings.at[k];
        sym_info *info = term_sym_info(e->ctx, b.sym);
        if (b.stated) {
            if (!check_stated(e, b.sym, f->uses)) return false;
            continue;
        }
        term lo, hi;
        if (!elab_infer_range(e, b.sym, f->uses, b.node, &lo, &hi)) return false;
        if (!lo) {
            const char *i = elab_name(e, b.name);
            return elab_error(e, GRADUS_SHAPE, b.node, reader_text(e->r, "state it: [%s=1..n]", i),
                              "the range of %s is not known: it indexes no array", i);
        }
        info->lo = lo;
        info->hi = hi;
    }
    return true;
}

/* Does a later binder's range mention an earlier index? */
static bool ragged(elab *e, const elab_frame *f)
{
    for (uint32_t k = f->mark; k < e->bindings.n; k++)
        for (uint32_t m = k + 1; m < e->bindings.n; m++) {
            const sym_info *info = term_sym_info(e->ctx, e->bindings.at[m].sym);
            if (term_occurs(e->ctx, info->lo, e->bindings.at[k].sym) ||
                term_occurs(e->ctx, info->hi, e->bindings.at[k].sym))
                return true;
        }
    return false;
}

/* array[i=1..n, j=1..m](body) */
static bool array_by_formula(elab *e, const elab_frame *f, const value *body, value *out)
{
    uint32_t rank = (uint32_t)e->bindings.n - f->mark;
    term index[SYM_MAX_RANK];
    shape s = {{0}, {0}};
    if (rank > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, f->node, NULL, "arrays have at most %d indices", SYM_MAX_RANK);
    if (!need_number(e, body, tree(e, f->node)->last, "a number (one entry)")) return false;
    for (uint32_t k = 0; k < rank; k++) {
        index[k] = e->bindings.at[f->mark + k].sym;
        s.lo[k] = term_sym_info(e->ctx, index[k])->lo;
        s.hi[k] = term_sym_info(e->ctx, index[k])->hi;
        elab_drop_uses(e, index[k], f->uses);
    }
    *out = array_value(e, rank, &s, term_raw_subst(e->ctx, body->t, index, e->ix, rank));
    return out->t != TERM_NONE;
}

bool elab_reduce(elab *e, const elab_frame *f, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    const tree_node *t = tree(e, f->node);
    term_red red = (term_red)(t->extra - KW_SUM);
    uint32_t binders = (uint32_t)e->bindings.n - f->mark, c = t->child;
    bool conditional = n == binders + 2;
    for (uint32_t k = 0; k < binders; k++) c = tree(e, c)->next;
    if ((conditional && !need_condition(e, &v[binders], c)) || !need_value(e, &v[n - 1], t->last) ||
        !settle_ranges(e, f))
        return false;
    if (t->extra == KW_ARRAY) return array_by_formula(e, f, &v[n - 1], out);
    if ((red == RED_ARGMAX || red == RED_ARGMIN) && binders > 1)
        return elab_error(e, GRADUS_UNABLE, f->node, NULL, "%s over several indices is not read yet",
                          term_red_name(red));
    const binding *b = e->bindings.at + f->mark;
    *out = v[n - 1];
    out->whole = TERM_NONE;
    term body = v[n - 1].t, condition = conditional ? v[binders].t : TERM_NONE;
    if (red == RED_MEAN &&
        (conditional || ragged(e, f))) { /* the sum over what counts, by how many there are */
        term one = condition ? term_raw_node(ctx, OP_BRACKET, 0, &condition, 1) : term_int(ctx, 1);
        term total = closed(e, RED_SUM, b, binders, condition ? restricted(e, red, condition, body) : body);
        term count = closed(e, RED_SUM, b, binders, one);
        out->t = term_raw_mul(ctx, (term[]){total, count}, (term[]){term_int(ctx, 1), term_int(ctx, -1)}, 2);
    } else {
        out->t = closed(e, red, b, binders, condition ? restricted(e, red, condition, body) : body);
    }
    for (uint32_t k = 0; k < binders; k++) elab_drop_uses(e, b[k].sym, f->uses);
    return out->t != TERM_NONE;
}
