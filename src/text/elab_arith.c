/* elab_arith: sums, products and powers, of numbers and of arrays.
 *
 * The terms keep what was typed: `a - b + c` is one raw sum of three entries, `2*x^2/y` one raw product of
 * the powers 2, x^2, y^-1. Only quotients of two literals at the front (1/2*x) become one rational
 * coefficient.              */
#include "text/elab_impl.h"

/* ---- sums ------------------------------------------------------------------------------------ */

/* t as k*x: a leading entry -x or 2*x is displayed alike inside the sum. */
static void split_leading(gradus_ctx *ctx, term *k, term *t)
{
    if (!term_is(ctx, *t, OP_ADD) || term_argc(ctx, *t) != 3 || !term_is_int(ctx, term_arg(ctx, *t, 0), 0))
        return;
    *k = term_arg(ctx, *t, 1);
    *t = term_arg(ctx, *t, 2);
}

bool elab_sum(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    term_vec k = {0}, t = {0};
    VEC(uint32_t) nodes = {0};
    bool ok = true;
    uint32_t c = tree(e, node)->child;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(e, c)->next) {
        ok = need_value(e, &v[i], c);
        term ki = term_int(ctx, tree(e, c)->flags & NF_MINUS ? -1 : 1), ti = v[i].t;
        if (ok && i == 0) split_leading(ctx, &ki, &ti);
        ok = ok && vec_push(ctx, &k, ki) && vec_push(ctx, &t, ti) && vec_push(ctx, &nodes, c);
    }
    ok = ok && array_agree(e, v, nodes.at, n, node, out);
    if (ok) out->t = term_raw_add(ctx, k.at, t.at, n);
    ok = ok && array_literal(e, v, n, out);
    vec_clear(ctx, &k);
    vec_clear(ctx, &t);
    vec_clear(ctx, &nodes);
    return ok && out->t;
}

bool elab_negative(elab *e, uint32_t node, const value *v, value *out)
{
    gradus_ctx *ctx = e->ctx;
    if (!need_value(e, v, tree(e, node)->child)) return false;
    *out = *v;
    out->whole = TERM_NONE;
    term minus = term_int(ctx, -1);
    if (v->kind == V_NUMBER && term_is_num(ctx, v->t)) out->t = term_neg(ctx, v->t);
    else out->t = term_raw_add(ctx, &minus, &v->t, 1);
    return array_literal(e, v, 1, out);
}

/* ---- products -------------------------------------------------------------------------------- */

typedef struct factors {
    elab *e;
    term_vec b, x; /* bases and exponents of the number factors, in order */
    bool have;     /* an array factor                                       */
    value array;
    uint32_t array_node, array_at; /* its (last) node; its place among the factors */
    bool negative;
} factors;

static bool is_literal_zero(gradus_ctx *ctx, term t)
{
    if (term_is_num(ctx, t)) return term_num_sign(ctx, t) == 0;
    if (!(term_get_flags(ctx, t) & TF_NUMERIC) || term_size(ctx, t) > 64) return false;
    t = term_canon(ctx, t);
    return t && term_is_num(ctx, t) && term_num_sign(ctx, t) == 0;
}

static bool check_divisor(elab *e, uint32_t node, uint32_t divisor, term t)
{
    if (!is_literal_zero(e->ctx, t)) return true;
    const char *text = elab_quote(e, divisor);
    return elab_error(e, GRADUS_DOMAIN, node, "no number is a quotient by zero",
                      strcmp(text, "0") == 0 ? "division by zero" : "division by zero: `%s` is 0", text);
}

static bool put_factor(factors *f, term t, bool divide, uint32_t node)
{
    gradus_ctx *ctx = f->e->ctx;
    term x = term_int(ctx, divide ? -1 : 1);
    bool power = tree(f->e, node)->kind == NODE_POWER && term_is(ctx, t, OP_MUL) && term_argc(ctx, t) == 2;
    if (power && (!divide || term_num_sign(ctx, term_arg(ctx, t, 1)) > 0)) {
        x = divide ? term_neg(ctx, term_arg(ctx, t, 1)) : term_arg(ctx, t, 1);
        t = term_arg(ctx, t, 0);
    }
    return x && vec_push(ctx, &f->b, t) && vec_push(ctx, &f->x, x);
}

static bool first_array(factors *f, const value *v, uint32_t node, bool divide, bool dot)
{
    elab *e = f->e;
    f->array = *v;
    f->array_node = node;
    f->array_at = (uint32_t)f->b.n;
    f->have = true;
    if (!divide) return true;
    if (!dot)
        return elab_error(e, GRADUS_SHAPE, node,
                          v->rank == 2 ? "./ divides entry by entry; inv(A) is the inverse of a matrix"
                                       : "./ divides entry by entry",
                          "division by %s `%s`", array_words(e, v), elab_quote(e, node));
    term minus = term_int(e->ctx, -1);
    f->array.t = term_raw_mul(e->ctx, &v->t, &minus, 1);
    f->array.whole = TERM_NONE;
    return f->array.t != TERM_NONE;
}

static bool next_array(factors *f, uint32_t node, const value *v, uint32_t child, bool divide, bool dot)
{
    elab *e = f->e;
    gradus_ctx *ctx = e->ctx;
    if (divide && !dot)
        return elab_error(e, GRADUS_SHAPE, child,
                          "./ divides entry by entry; inv(A) is the inverse of a matrix",
                          "division by %s `%s`", array_words(e, v), elab_quote(e, child));
    if (dot) {
        value both[2] = {f->array, *v}, out;
        uint32_t nodes[2] = {f->array_node, child};
        if (!array_agree(e, both, nodes, 2, node, &out)) return false;
        out.t = term_raw_mul(ctx, (term[]){f->array.t, v->t},
                             (term[]){term_int(ctx, 1), term_int(ctx, divide ? -1 : 1)}, 2);
        f->array = out;
        f->array_node = child;
        return out.t != TERM_NONE;
    }
    value out;
    if (!array_matmul(e, node, &f->array, f->array_node, v, child, &out)) return false;
    f->array_node = child;
    if (out.kind == V_NUMBER) {
        f->have = false;
        uint32_t at = f->array_at;
        if (!vec_push(ctx, &f->b, out.t) || !vec_push(ctx, &f->x, term_int(ctx, 1))) return false;
        for (size_t i = f->b.n - 1; i > at; i--) { /* to where the array stood */
            f->b.at[i] = f->b.at[i - 1];
            f->x.at[i] = f->x.at[i - 1];
        }
        f->b.at[at] = out.t;
        f->x.at[at] = term_int(ctx, 1);
    }
    f->array = out;
    return true;
}

/* Literals p/q in front. The number of children used up: 0 or 2. */
static uint32_t leading_fraction(factors *f, uint32_t node, const value *v, uint32_t n, bool *ok)
{
    elab *e = f->e;
    uint32_t a = tree(e, node)->child, b = tree(e, a)->next;
    const tree_node *q = tree(e, b);
    *ok = true;
    if (n < 2 || v[0].kind != V_NUMBER || !term_is_num(e->ctx, v[0].t) || q->kind != NODE_NUMBER ||
        !(q->flags & NF_DIVIDE))
        return 0;
    *ok = check_divisor(e, node, b, v[1].t);
    term p = *ok ? term_div(e->ctx, v[0].t, v[1].t) : TERM_NONE;
    *ok = p && vec_push(e->ctx, &f->b, p) && vec_push(e->ctx, &f->x, term_int(e->ctx, 1));
    return 2;
}

static bool put_child(factors *f, uint32_t node, const value *v, uint32_t child, uint32_t i)
{
    elab *e = f->e;
    const tree_node *t = tree(e, child);
    bool divide = (t->flags & NF_DIVIDE) != 0, dot = (t->flags & NF_DOT) != 0;
    if (!need_value(e, v, child)) return false;
    if (v->kind == V_ARRAY)
        return f->have ? next_array(f, node, v, child, divide, dot) : first_array(f, v, child, divide, dot);
    if (divide && !check_divisor(e, node, child, v->t)) return false;
    term x = v->t;
    if (i == 0 && t->kind == NODE_NEGATIVE && !term_is_num(e->ctx, x) && !(t->flags & NF_PAREN)) {
        term k = term_int(e->ctx, 1);
        split_leading(e->ctx, &k, &x);
        f->negative = k != term_int(e->ctx, 1);
        if (f->negative && !term_is_int(e->ctx, k, -1)) { /* -(2*x): the 2 stays */
            f->negative = false;
            x = v->t;
        }
        child = tree(e, child)->child;
    }
    return put_factor(f, x, divide, child);
}

static term product_of(factors *f, value *out)
{
    gradus_ctx *ctx = f->e->ctx;
    if (f->have) {
        *out = f->array;
        if (f->b.n == 0 && !f->negative) return f->array.t;
        out->whole = TERM_NONE;
        if (!vec_push(ctx, &f->b, TERM_NONE) || !vec_push(ctx, &f->x, TERM_NONE)) return TERM_NONE;
        for (size_t i = f->b.n - 1; i > f->array_at; i--) {
            f->b.at[i] = f->b.at[i - 1];
            f->x.at[i] = f->x.at[i - 1];
        }
        f->b.at[f->array_at] = f->array.t;
        f->x.at[f->array_at] = term_int(ctx, 1);
    }
    size_t first = f->b.n > 1 && term_is_int(ctx, f->b.at[0], 1) && term_is_int(ctx, f->x.at[0], 1) &&
                   term_num_sign(ctx, f->x.at[1]) < 0; /* 1/n*s is n^-1*s */
    uint32_t n = (uint32_t)(f->b.n - first);
    term t = n == 1 && term_is_int(ctx, f->x.at[first], 1)
                 ? f->b.at[first]
                 : term_raw_mul(ctx, f->b.at + first, f->x.at + first, n);
    if (!f->negative) return t;
    term minus = term_int(ctx, -1);
    return term_raw_add(ctx, &minus, &t, 1);
}

bool elab_product(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    factors f = {.e = e};
    bool ok;
    uint32_t i = leading_fraction(&f, node, v, n, &ok), c = tree(e, node)->child;
    for (uint32_t k = 0; k < i; k++) c = tree(e, c)->next;
    for (; ok && i < n; i++, c = tree(e, c)->next) ok = put_child(&f, node, &v[i], c, i);
    *out = number_value(TERM_NONE);
    if (ok) out->t = product_of(&f, out);
    vec_clear(e->ctx, &f.b);
    vec_clear(e->ctx, &f.x);
    return ok && array_literal(e, v, n, out);
}

/* ---- powers ---------------------------------------------------------------------------------- */

term elab_power_term(elab *e, uint32_t node, term base, term exponent)
{
    gradus_ctx *ctx = e->ctx;
    if (base && exponent && term_is_num(ctx, exponent) && term_num_sign(ctx, exponent) < 0 &&
        is_literal_zero(ctx, base)) {
        elab_error(e, GRADUS_DOMAIN, node, "no number is a quotient by zero",
                   "division by zero: a negative power of 0");
        return TERM_NONE;
    }
    return term_raw_pow(ctx, base, exponent);
}

static bool matrix_power(elab *e, uint32_t node, const value *base, const value *exponent, value *out)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t base_node = tree(e, node)->child;
    long n;
    enum { HIGHEST = 64 };
    if (base->rank != 2)
        return elab_error(
            e, GRADUS_SHAPE, node,
            reader_text(e->r, "%1$s.^%2$s for a power of each entry; %1$s^T*%1$s for the sum of squares",
                        elab_quote(e, base_node), elab_quote(e, tree(e, node)->last)),
            "a power of %s `%s`", array_words(e, base), elab_quote(e, base_node));
    if (!array_square(e, base, base_node, "a power")) return false;
    if (!term_get_long(ctx, exponent->t, &n) || n < -1 || n > HIGHEST)
        return elab_error(e, GRADUS_UNABLE, node, ".^ takes powers of the entries",
                          "a power of a matrix needs a whole exponent from -1 to %d", HIGHEST);
    if (n == -1) {
        shape s = *base->shape;
        *out = array_whole(e, 2, &s, term_matfn_make(ctx, MATFN_INV, elab_term(e, base, base_node)));
        return out->t != TERM_NONE;
    }
    if (n == 0) {
        *out = *base;
        out->whole = TERM_NONE;
        term eq = term_raw_node(ctx, OP_REL, REL_EQ, e->ix, 2);
        out->t = term_raw_node(ctx, OP_BRACKET, 0, &eq, 1);
        return out->t != TERM_NONE;
    }
    *out = *base;
    for (long i = 1; i < n; i++) {
        value left = *out;
        if (!array_matmul(e, node, &left, base_node, base, base_node, out)) return false;
    }
    return true;
}

bool elab_power(elab *e, uint32_t node, const value *base, const value *exponent, value *out)
{
    const tree_node *t = tree(e, node);
    bool dot = t->kind == NODE_POWER && t->extra;
    if (!need_value(e, base, t->child) || (t->last != t->child && !need_value(e, exponent, t->last)))
        return false;
    if (base->kind == V_NUMBER && exponent->kind == V_NUMBER) {
        *out = number_value(elab_power_term(e, node, base->t, exponent->t));
        return out->t != TERM_NONE;
    }
    if (base->kind == V_ARRAY && exponent->kind == V_NUMBER && !dot)
        return matrix_power(e, node, base, exponent, out);
    if (!dot)
        return elab_error(
            e, GRADUS_SHAPE, node,
            base->t == term_constant(e->ctx, CONST_E)
                ? reader_text(e->r, "exp(%s) for e to the power of each entry", elab_quote(e, t->last))
                : ".^ takes powers entry by entry",
            "an exponent that is %s", array_words(e, exponent));
    value both[2] = {*base, *exponent};
    uint32_t nodes[2] = {t->child, t->last};
    if (!array_agree(e, both, nodes, 2, node, out)) return false;
    out->t = elab_power_term(e, node, base->t, exponent->t);
    return out->t != TERM_NONE;
}
