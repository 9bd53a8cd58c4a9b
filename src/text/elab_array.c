/* elab_array: shapes, products of matrices, transposes, literals: everything that knows about standard
 * indices. */
#include "text/elab_impl.h"

/* ---- making arrays --------------------------------------------------------------------------- */

value array_value(elab *e, uint32_t rank, const shape *s, term entry)
{
    shape *copy = arena_copy(&e->r->mem, s, sizeof *s);
    return (value){.kind = V_ARRAY, .rank = (uint8_t)rank, .t = copy ? entry : TERM_NONE, .shape = copy};
}

value array_whole(elab *e, uint32_t rank, const shape *s, term whole)
{
    value v = array_value(e, rank, s, whole ? term_acc(e->ctx, whole, e->ix, rank) : TERM_NONE);
    v.whole = whole;
    return v;
}

term array_entry(elab *e, const value *a, const term *index)
{
    return term_raw_subst(e->ctx, a->t, e->ix, index, a->rank);
}

term array_fresh_index(elab *e, term lo, term hi)
{
    static const char letters[] = "klmpqrstuvij";
    char name[16] = {0};
    for (uint32_t tries = 0; tries < 64; tries++) {
        uint32_t i = e->fresh++, before = (uint32_t)e->r->names.n;
        snprintf(name, sizeof name, i < 12 ? "%c" : "%c%u", letters[i % 12], (unsigned)(i / 12));
        if (reader_name(e->r, name, strlen(name)) >= before) break;
    }
    return term_fresh_index(e->ctx, name, lo, hi);
}

term array_size(elab *e, const value *a, uint32_t axis)
{
    gradus_ctx *ctx = e->ctx;
    term lo = a->shape->lo[axis], hi = a->shape->hi[axis];
    if (term_is_int(ctx, lo, 1)) return hi;
    return term_add2(ctx, term_sub(ctx, hi, lo), term_int(ctx, 1));
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *size_words(elab *e, const value *v, uint32_t axis)
{
    long n;
    term t = array_size(e, v, axis);
    if (t && term_get_long(e->ctx, t, &n)) return reader_text(e->r, "%ld", n);
    if (t && term_is(e->ctx, t, OP_SYM)) return reader_text(e->r, "%s", term_sym_name(e->ctx, t));
    return "?";
}

const char *array_words(elab *e, const value *v)
{
    if (v->kind != V_ARRAY) return "a number";
    const char *m = size_words(e, v, 0);
    if (v->rank == 1)
        return strcmp(m, "?") == 0
                   ? (v->row ? "a transposed vector" : "a vector")
                   : reader_text(e->r, "a %svector of size %s", v->row ? "transposed " : "", m);
    const char *n = size_words(e, v, 1);
    if (v->rank == 2)
        return strcmp(m, "?") == 0 && strcmp(n, "?") == 0 ? "a matrix"
                                                          : reader_text(e->r, "a %s x %s matrix", m, n);
    return reader_text(e->r, "an array with %d indices", v->rank);
}

/* ---- sizes must agree ------------------------------------------------------------------------ */

static term range_size(elab *e, term lo, term hi)
{
    if (term_is_int(e->ctx, lo, 1)) return hi;
    return term_add2(e->ctx, term_sub(e->ctx, hi, lo), term_int(e->ctx, 1));
}

static const char *axis_words(elab *e, uint32_t node, uint32_t axis)
{
    return reader_text(e->r, "`%s` along index %u", elab_quote(e, node), (unsigned)axis + 1);
}

bool array_same_range(elab *e, term lo1, term hi1, uint32_t node1, uint32_t axis1, term lo2, term hi2,
                      uint32_t node2, uint32_t axis2, uint32_t where, const char *what)
{
    gradus_ctx *ctx = e->ctx;
    if (lo1 == lo2 && hi1 == hi2) return true;
    term a = range_size(e, lo1, hi1), b = range_size(e, lo2, hi2);
    long m, n;
    if (!a || !b) return false;
    if (a == b) return true;
    if (term_get_long(ctx, a, &m) && term_get_long(ctx, b, &n)) {
        if (m == n) return true;
        return elab_error(e, GRADUS_SHAPE, where, "sizes must agree",
                          "%s: `%s` has size %ld there and `%s` has size %ld", what, elab_quote(e, node1), m,
                          elab_quote(e, node2), n);
    }
    return text_assume_same(ctx, a, axis_words(e, node1, axis1), b, axis_words(e, node2, axis2), "");
}

bool array_agree(elab *e, const value *v, const uint32_t *nodes, uint32_t n, uint32_t node, value *out)
{
    const value *first = NULL;
    uint32_t first_node = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind != V_ARRAY) continue;
        if (!first) {
            first = &v[i];
            first_node = nodes[i];
            continue;
        }
        if (first->rank != v[i].rank || (first->rank == 1 && first->row != v[i].row))
            return elab_error(e, GRADUS_SHAPE, node,
                              first->rank == v[i].rank ? "transpose one of them with ^T" : NULL,
                              "`%s` is %s and `%s` is %s: they cannot be combined entry by entry",
                              elab_quote(e, first_node), array_words(e, first), elab_quote(e, nodes[i]),
                              array_words(e, &v[i]));
        for (uint32_t k = 0; k < first->rank; k++)
            if (!array_same_range(e, first->shape->lo[k], first->shape->hi[k], first_node, k,
                                  v[i].shape->lo[k], v[i].shape->hi[k], nodes[i], k, node,
                                  first->rank == 1 ? "vectors of different sizes"
                                  : k == 0         ? "different numbers of rows"
                                                   : "different numbers of columns"))
                return false;
    }
    *out = first ? *first : number_value(TERM_NONE);
    out->whole = TERM_NONE;
    out->t = TERM_NONE;
    return true;
}

bool array_literal(elab *e, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t size = 0;
    term_vec from = {0}, to = {0}, entries = {0};
    bool ok = out->kind == V_ARRAY && out->rank == 1 && !out->row && !out->whole && out->t;
    for (uint32_t i = 0; ok && i < n; i++) {
        if (v[i].kind != V_ARRAY) continue;
        ok = v[i].rank == 1 && v[i].whole && term_is(ctx, v[i].whole, OP_TUPLE) &&
             (!size || term_argc(ctx, v[i].whole) == size);
        size = ok ? term_argc(ctx, v[i].whole) : 0;
        ok = ok && vec_push(ctx, &from, v[i].t) && vec_push(ctx, &to, TERM_NONE);
    }
    for (uint32_t k = 0; ok && size && k < size; k++) {
        for (uint32_t i = 0, j = 0; i < n; i++)
            if (v[i].kind == V_ARRAY) to.at[j++] = term_arg(ctx, v[i].whole, k);
        term t = term_raw_subst(ctx, out->t, from.at, to.at, (uint32_t)from.n);
        ok = t && vec_push(ctx, &entries, t);
    }
    if (ok && size) {
        shape s = *out->shape;
        *out = array_whole(e, 1, &s, term_tuple(ctx, entries.at, size));
    }
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    vec_clear(ctx, &entries);
    return ctx_status(ctx) == GRADUS_OK && out->t;
}

bool array_square(elab *e, const value *a, uint32_t node, const char *what)
{
    if (a->kind != V_ARRAY || a->rank != 2)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "%s needs a square matrix; `%s` is %s", what,
                          elab_quote(e, node), array_words(e, a));
    if (a->shape->lo[0] == a->shape->lo[1] && a->shape->hi[0] == a->shape->hi[1]) return true;
    long m, n;
    term s = array_size(e, a, 0), t = array_size(e, a, 1);
    if (s && t && term_get_long(e->ctx, s, &m) && term_get_long(e->ctx, t, &n) && m != n)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "%s needs a square matrix; `%s` is %ld x %ld", what,
                          elab_quote(e, node), m, n);
    return array_same_range(e, a->shape->lo[0], a->shape->hi[0], node, 0, a->shape->lo[1], a->shape->hi[1],
                            node, 1, node, what);
}

/* ---- transposes and products ----------------------------------------------------------------- */

void array_transpose(elab *e, const value *a, value *out)
{
    *out = *a;
    if (a->kind != V_ARRAY) return;
    out->whole = TERM_NONE;
    if (a->rank == 1) {
        out->row = !a->row;
        if (!out->row) out->whole = a->whole;
        return;
    }
    if (a->rank != 2) return;
    shape s = *a->shape;
    s.lo[0] = a->shape->lo[1];
    s.hi[0] = a->shape->hi[1];
    s.lo[1] = a->shape->lo[0];
    s.hi[1] = a->shape->hi[0];
    *out = array_value(e, 2, &s, array_entry(e, a, (term[]){e->ix[1], e->ix[0]}));
}

term array_red(elab *e, term_red red, const value *v, uint32_t axis, term index, term body)
{
    return term_raw_reduce(e->ctx, red, index, v->shape->lo[axis], v->shape->hi[axis], body);
}

static bool no_product(elab *e, uint32_t node, const value *a, uint32_t a_node, const value *b,
                       uint32_t b_node)
{
    const char *x = elab_quote(e, a_node), *y = elab_quote(e, b_node);
    bool columns = a->rank == 1 && b->rank == 1 && !a->row && !b->row;
    const char *mend =
        columns ? reader_text(
                      e->r,
                      "%1$s^T*%2$s for the dot product, %1$s.*%2$s entry by entry, %1$s*%2$s^T for a matrix",
                      x, y)
        : a->rank == 1 && b->rank == 2 ? reader_text(e->r, "%s^T*%s multiplies from the left", x, y)
                                       : ".* multiplies entry by entry";
    return elab_error(e, GRADUS_SHAPE, node, mend, "`%s` is %s and `%s` is %s: they have no matrix product",
                      x, array_words(e, a), y, array_words(e, b));
}

bool array_matmul(elab *e, uint32_t node, const value *a, uint32_t a_node, const value *b, uint32_t b_node,
                  value *out)
{
    gradus_ctx *ctx = e->ctx;
    bool outer = a->rank == 1 && !a->row && b->rank == 1 && b->row;
    bool left = a->rank == 2 || (a->rank == 1 && a->row), right = b->rank == 2 || (b->rank == 1 && !b->row);
    shape s = {{0}, {0}};
    term i = e->ix[0], j = e->ix[1];
    if (outer) {
        s.lo[0] = a->shape->lo[0], s.hi[0] = a->shape->hi[0];
        s.lo[1] = b->shape->lo[0], s.hi[1] = b->shape->hi[0];
        *out = array_value(e, 2, &s, term_raw_mul(ctx, (term[]){a->t, array_entry(e, b, &j)}, NULL, 2));
        return out->t != TERM_NONE;
    }
    if (!left || !right || a->rank > 2 || b->rank > 2) return no_product(e, node, a, a_node, b, b_node);
    uint32_t inner = a->rank - 1;
    if (!array_same_range(e, a->shape->lo[inner], a->shape->hi[inner], a_node, inner, b->shape->lo[0],
                          b->shape->hi[0], b_node, 0, node, "sizes in a product"))
        return false;
    term k = array_fresh_index(e, a->shape->lo[inner], a->shape->hi[inner]);
    term x = array_entry(e, a, a->rank == 2 ? (term[]){i, k} : (term[]){k});
    bool row_result = a->rank == 1 && b->rank == 2;
    term y = array_entry(e, b, b->rank == 1 ? (term[]){k} : row_result ? (term[]){k, i} : (term[]){k, j});
    term entry = array_red(e, RED_SUM, a, inner, k, term_raw_mul(ctx, (term[]){x, y}, NULL, 2));
    uint32_t rank = (uint32_t)(a->rank + b->rank) - 2;
    if (a->rank == 2 || b->rank == 2) e->r->state->noted |= 1u << NOTED_PRODUCT;
    if (rank == 0) {
        if (b->whole && !term_is(ctx, a->t, OP_ACC) && term_occurs(ctx, a->t, b->whole)) /* x^T*A*x */
            e->r->state->noted |= 1u << NOTED_QUADRATIC;
        *out = number_value(entry);
        return entry != TERM_NONE;
    }
    if (a->rank == 2) s.lo[0] = a->shape->lo[0], s.hi[0] = a->shape->hi[0];
    if (b->rank == 2) s.lo[rank - 1] = b->shape->lo[1], s.hi[rank - 1] = b->shape->hi[1];
    *out = array_value(e, rank, &s, entry);
    out->row = row_result;
    return out->t != TERM_NONE;
}

/* ---- literals -------------------------------------------------------------------------------- */

static bool tuple_of_lists(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    term_vec t = {0};
    bool ok = true;
    uint32_t c = tree(e, node)->child;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(e, c)->next) {
        term x = elab_term(e, &v[i], c);
        ok = x && vec_push(e->ctx, &t, x);
    }
    *out = (value){.kind = V_LIST, .t = ok ? term_tuple(e->ctx, t.at, n) : TERM_NONE};
    vec_clear(e->ctx, &t);
    return ok && out->t;
}

bool array_tuple(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    term_vec t = {0};
    bool ok = true;
    uint32_t c = tree(e, node)->child, rank = v[0].kind == V_ARRAY ? v[0].rank : 0;
    long rows = 0;
    for (uint32_t i = 0; i < n; i++)
        if (v[i].kind == V_LIST ||
            (v[i].kind == V_ARRAY && (!v[i].whole || !term_is(ctx, v[i].whole, OP_TUPLE))))
            return tuple_of_lists(e, node, v, n, out);
    for (uint32_t i = 0; ok && i < n; i++, c = tree(e, c)->next) {
        ok = need_value(e, &v[i], c);
        long m = 0;
        if (ok && (v[i].kind == V_ARRAY ? v[i].rank : 0) != rank)
            ok = elab_error(e, GRADUS_SHAPE, c, NULL, "`%s` is %s beside `%s`, %s", elab_quote(e, c),
                            array_words(e, &v[i]), elab_quote(e, tree(e, node)->child),
                            array_words(e, &v[0]));
        if (ok && rank > 0) {
            term_get_long(ctx, v[i].shape->hi[0], &m);
            if (i == 0) rows = m;
            else if (m != rows)
                ok = elab_error(e, GRADUS_SHAPE, node, NULL,
                                "rows of different sizes: `%s` has %ld entries, `%s` has %ld",
                                elab_quote(e, tree(e, node)->child), rows, elab_quote(e, c), m);
        }
        ok = ok && vec_push(ctx, &t, rank ? v[i].whole : v[i].t);
    }
    shape s = {{0}, {0}};
    if (ok && rank + 1 > SYM_MAX_RANK)
        ok = elab_error(e, GRADUS_UNABLE, node, NULL, "arrays have at most %d indices", SYM_MAX_RANK);
    if (ok) {
        s.lo[0] = term_int(ctx, 1);
        s.hi[0] = term_int(ctx, (long)n);
        for (uint32_t k = 0; k < rank; k++) {
            s.lo[k + 1] = v[0].shape->lo[k];
            s.hi[k + 1] = v[0].shape->hi[k];
        }
        *out = array_whole(e, rank + 1, &s, term_tuple(ctx, t.at, n));
    }
    vec_clear(ctx, &t);
    return ok && out->t;
}
