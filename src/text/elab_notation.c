/* elab_notation: the words of notation.def lowered to indices and elementary functions. */
#include "text/elab_impl.h"

typedef enum notation {
#define NOTATION(id, name, least, most, usage) NOTE_##id,
#include "text/notation.def"
#undef NOTATION
    NOTE_COUNT
} notation;

static const struct {
    const char *name;
    uint32_t least, most;
    const char *usage;
} rows[] = {
#define NOTATION(id, name, least, most, usage) {name, least, most, usage},
#include "text/notation.def"
#undef NOTATION
};

bool notation_find(const char *name, size_t n, int *which)
{
    for (int i = 0; i < NOTE_COUNT; i++)
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0) {
            *which = i;
            return true;
        }
    return false;
}

/* One letter more, less, other, or two exchanged. */
static bool is_near(const char *a, size_t n, const char *b)
{
    size_t m = strlen(b), i = 0, k = 0;
    if (n + 1 < m || m + 1 < n || n < 3) return false;
    while (i < n && i < m && a[i] == b[i]) i++;
    while (k < n - i && k < m - i && a[n - 1 - k] == b[m - 1 - k]) k++;
    size_t left_a = n - i - k, left_b = m - i - k;
    return (left_a <= 1 && left_b <= 1) ||
           (left_a == 2 && left_b == 2 && a[i] == b[i + 1] && a[i + 1] == b[i]);
}

const char *notation_similar(const char *name, size_t n)
{
    for (int i = 0; i < NOTE_COUNT; i++)
        if (is_near(name, n, rows[i].name)) return rows[i].name;
    return NULL;
}

/* ---- small helpers --------------------------------------------------------------------------- */

typedef struct noted {
    elab *e;
    gradus_ctx *ctx;
    uint32_t node, first, second; /* the call and its first two arguments */
} noted;

static term mul(const noted *z, term a, term b)
{
    return term_raw_mul(z->ctx, (term[]){a, b}, NULL, 2);
}
static term quotient(const noted *z, term a, term b)
{
    return term_raw_mul(z->ctx, (term[]){a, b}, (term[]){term_int(z->ctx, 1), term_int(z->ctx, -1)}, 2);
}
static term power(const noted *z, term a, long p, long q)
{
    return term_raw_pow(z->ctx, a, term_rational(z->ctx, p, q));
}
static term fn1(const noted *z, fn_id f, term a)
{
    return term_raw_apply(z->ctx, f, &a, 1);
}
static term add_number(const noted *z, term a, long n)
{
    return term_add2(z->ctx, a, term_int(z->ctx, n));
}
static term equal_bracket(const noted *z, term a, term b)
{
    term r = term_raw_node(z->ctx, OP_REL, REL_EQ, (term[]){a, b}, 2);
    return term_raw_node(z->ctx, OP_BRACKET, 0, &r, 1);
}
static bool number(value *out, term t)
{
    *out = number_value(t);
    return t != TERM_NONE;
}

static bool need_rank(const noted *z, const value *v, uint32_t node, uint32_t rank, const char *usage)
{
    if (v->kind == V_ARRAY && v->rank == rank) return true;
    if (!need_value(z->e, v, node)) return false;
    return elab_error(z->e, GRADUS_SHAPE, node, NULL, "%s needs a %s; `%s` is %s", usage,
                      rank == 1 ? "vector" : "matrix", elab_quote(z->e, node), array_words(z->e, v));
}

static bool need_array(const noted *z, const value *v, uint32_t node, const char *usage)
{
    if (v->kind == V_ARRAY) return true;
    if (!need_value(z->e, v, node)) return false;
    return elab_error(z->e, GRADUS_SHAPE, node, "declare the array, or write its elements with indices",
                      "%s needs an array; `%s` is a number", usage, elab_quote(z->e, node));
}

/* red over all entries of v, each put through f. */
typedef term (*entry_fn)(const noted *z, term t);
static term square(const noted *z, term t)
{
    return power(z, t, 2, 1);
}
static term size_of(const noted *z, term t)
{
    return fn1(z, FN_abs, t);
}

static term reduce_all(const noted *z, term_red red, const value *v, entry_fn f)
{
    term index[SYM_MAX_RANK];
    for (uint32_t k = 0; k < v->rank; k++)
        index[k] = array_fresh_index(z->e, v->shape->lo[k], v->shape->hi[k]);
    term t = array_entry(z->e, v, index);
    if (f) t = f(z, t);
    for (uint32_t k = v->rank; k-- > 0 && t;) t = array_red(z->e, red, v, k, index[k], t);
    return t;
}

/* red along one axis of a matrix: a vector over the other. */
static bool reduce_axis(const noted *z, term_red red, const value *v, uint32_t axis, value *out)
{
    term k = array_fresh_index(z->e, v->shape->lo[axis], v->shape->hi[axis]), i = z->e->ix[0];
    term t = array_entry(z->e, v, axis ? (term[]){i, k} : (term[]){k, i});
    shape s = {{0}, {0}};
    s.lo[0] = v->shape->lo[1 - axis];
    s.hi[0] = v->shape->hi[1 - axis];
    *out = array_value(z->e, 1, &s, array_red(z->e, red, v, axis, k, t));
    return out->t != TERM_NONE;
}

/* ---- functions of numbers -------------------------------------------------------------------- */

static bool entrywise2(const noted *z, const value *v, value *out, term (*f)(const noted *, term, term))
{
    uint32_t nodes[2] = {z->first, z->second};
    if (!need_value(z->e, &v[0], z->first) || !need_value(z->e, &v[1], z->second) ||
        !array_agree(z->e, v, nodes, 2, z->node, out))
        return false;
    out->t = f(z, v[0].t, v[1].t);
    return out->t != TERM_NONE;
}

static term power_of(const noted *z, term a, term b)
{
    return elab_power_term(z->e, z->node, a, b);
}
static term modulo(const noted *z, term a, term b)
{
    term q = fn1(z, FN_floor, quotient(z, a, b));
    return term_raw_add(z->ctx, (term[]){term_int(z->ctx, 1), term_int(z->ctx, -1)},
                        (term[]){a, mul(z, b, q)}, 2);
}

static bool root(const noted *z, const value *v, value *out)
{
    if (!need_value(z->e, v, z->first)) return false;
    *out = *v;
    out->whole = TERM_NONE;
    out->t = power(z, v->t, 1, 2);
    return out->t != TERM_NONE;
}

static bool piecewise(const noted *z, const value *v, uint32_t n, value *out)
{
    term_vec cv = {0};
    VEC(value) branches = {0};
    VEC(uint32_t) nodes = {0};
    bool ok = true;
    uint32_t c = z->first;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(z->e, c)->next) {
        bool condition = i % 2 == 0 && i + 1 < n;
        ok = condition ? need_condition(z->e, &v[i], c) : need_value(z->e, &v[i], c);
        if (ok && !condition) ok = vec_push(z->ctx, &branches, v[i]) && vec_push(z->ctx, &nodes, c);
        ok = ok && vec_push(z->ctx, &cv, v[i].t);
    }
    ok = ok && array_agree(z->e, branches.at, nodes.at, (uint32_t)branches.n, z->node, out);
    out->t = ok ? term_raw_node(z->ctx, OP_CASES, 0, cv.at, n) : TERM_NONE;
    vec_clear(z->ctx, &cv);
    vec_clear(z->ctx, &branches);
    vec_clear(z->ctx, &nodes);
    return ok && out->t;
}

static bool logsumexp(const noted *z, const value *v, uint32_t n, value *out)
{
    if (n == 1 && v[0].kind == V_ARRAY) return number(out, reduce_all(z, RED_LOGSUMEXP, v, NULL));
    term_vec t = {0};
    VEC(uint32_t) nodes = {0};
    bool ok = true;
    uint32_t c = z->first;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(z->e, c)->next)
        ok = need_value(z->e, &v[i], c) && vec_push(z->ctx, &t, fn1(z, FN_exp, v[i].t)) &&
             vec_push(z->ctx, &nodes, c);
    ok = ok && array_agree(z->e, v, nodes.at, n, z->node, out);
    if (ok) out->t = fn1(z, FN_log, n == 1 ? t.at[0] : term_raw_add(z->ctx, NULL, t.at, n));
    vec_clear(z->ctx, &t);
    vec_clear(z->ctx, &nodes);
    return ok && out->t;
}

/* ---- matrices -------------------------------------------------------------------------------- */

static bool extent(const noted *z, const value *v, value *out)
{
    long axis;
    if (!need_array(z, &v[0], z->first, "size(A, 1)") ||
        !need_number(z->e, &v[1], z->second, "the number of an index"))
        return false;
    if (!term_get_long(z->ctx, v[1].t, &axis) || axis < 1 || axis > v[0].rank)
        return elab_error(z->e, GRADUS_SHAPE, z->second, NULL, "`%s` has %u indices",
                          elab_quote(z->e, z->first), (unsigned)v[0].rank);
    term whole = elab_term(z->e, &v[0], z->first);
    return number(out, term_extent(z->ctx, whole, (uint32_t)axis - 1));
}

static bool trace(const noted *z, const value *v, value *out)
{
    if (!array_square(z->e, v, z->first, "tr")) return false;
    term k = array_fresh_index(z->e, v->shape->lo[0], v->shape->hi[0]);
    return number(out, array_red(z->e, RED_SUM, v, 0, k, array_entry(z->e, v, (term[]){k, k})));
}

static bool matrix_function(const noted *z, term_matfn f, const char *name, const value *v, value *out)
{
    if (v->kind == V_NUMBER) /* a 1 x 1 matrix */
        return number(out, f == MATFN_DET   ? v->t
                           : f == MATFN_INV ? power(z, v->t, -1, 1)
                                            : fn1(z, FN_log, v->t));
    if (!array_square(z->e, v, z->first, name)) return false;
    term m = elab_term(z->e, v, z->first), t = m ? term_matfn_make(z->ctx, f, m) : TERM_NONE;
    if (f != MATFN_INV) return number(out, t);
    shape s = *v->shape;
    *out = array_whole(z->e, 2, &s, t);
    return out->t != TERM_NONE;
}

static bool diagonal_matrix(const noted *z, const value *v, value *out)
{
    if (v->kind == V_ARRAY && v->rank == 2)
        return elab_error(
            z->e, GRADUS_SHAPE, z->node,
            reader_text(z->e->r, "diagv(%s) takes the diagonal out", elab_quote(z->e, z->first)),
            "diag makes a matrix of a vector; `%s` is %s", elab_quote(z->e, z->first), array_words(z->e, v));
    if (!need_rank(z, v, z->first, 1, "diag(v)")) return false;
    shape s = *v->shape;
    s.lo[1] = s.lo[0];
    s.hi[1] = s.hi[0];
    *out = array_value(z->e, 2, &s, mul(z, equal_bracket(z, z->e->ix[0], z->e->ix[1]), v->t));
    return out->t != TERM_NONE;
}

static bool diagonal_vector(const noted *z, const value *v, value *out)
{
    if (!array_square(z->e, v, z->first, "diagv")) return false;
    shape s = *v->shape;
    *out = array_value(z->e, 1, &s, array_entry(z->e, v, (term[]){z->e->ix[0], z->e->ix[0]}));
    return out->t != TERM_NONE;
}

/* 1 + floor((i - 1/2)/n) and i - n*floor((i - 1/2)/n): block and place of position i in blocks of n. The half
 * keeps the quotient off the whole numbers, where a ball could not decide its floor. */
static term block_of(const noted *z, term i, term n)
{
    return add_number(z,
                      term_apply1(z->ctx, FN_floor,
                                  term_div(z->ctx, term_add2(z->ctx, i, term_rational(z->ctx, -1, 2)), n)),
                      1);
}
static term place_of(const noted *z, term i, term n)
{
    return term_sub(z->ctx, i, term_mul2(z->ctx, n, add_number(z, block_of(z, i, n), -1)));
}

static bool kronecker(const noted *z, const value *v, value *out)
{
    if (!need_rank(z, &v[0], z->first, 2, "kron(A, B)") || !need_rank(z, &v[1], z->second, 2, "kron(A, B)"))
        return false;
    term p = array_size(z->e, &v[1], 0), q = array_size(z->e, &v[1], 1), i = z->e->ix[0], j = z->e->ix[1];
    if (!p || !q) return false;
    term a = array_entry(z->e, &v[0], (term[]){block_of(z, i, p), block_of(z, j, q)});
    term b = array_entry(z->e, &v[1], (term[]){place_of(z, i, p), place_of(z, j, q)});
    shape s = {{0}, {0}};
    s.lo[0] = s.lo[1] = term_int(z->ctx, 1);
    s.hi[0] = term_mul2(z->ctx, array_size(z->e, &v[0], 0), p);
    s.hi[1] = term_mul2(z->ctx, array_size(z->e, &v[0], 1), q);
    *out = array_value(z->e, 2, &s, mul(z, a, b));
    return out->t != TERM_NONE;
}

/* Columns one below the other. */
static bool stacked(const noted *z, const value *v, value *out)
{
    if (v->kind == V_ARRAY && v->rank == 1) {
        *out = *v;
        out->row = false;
        return true;
    }
    if (!need_rank(z, v, z->first, 2, "vec(A)")) return false;
    term m = array_size(z->e, v, 0), i = z->e->ix[0];
    if (!m) return false;
    shape s = {{0}, {0}};
    s.lo[0] = term_int(z->ctx, 1);
    s.hi[0] = term_mul2(z->ctx, m, array_size(z->e, v, 1));
    *out = array_value(z->e, 1, &s, array_entry(z->e, v, (term[]){place_of(z, i, m), block_of(z, i, m)}));
    return out->t != TERM_NONE;
}

/* comm(m, n)*vec(A) = vec(A^T) for an m x n matrix: row (r-1)*n + c has its 1 in column (c-1)*m + r. */
static bool commutation(const noted *z, const value *v, value *out)
{
    if (!need_number(z->e, &v[0], z->first, "a size") || !need_number(z->e, &v[1], z->second, "a size"))
        return false;
    gradus_ctx *ctx = z->ctx;
    term m = v[0].t, n = v[1].t, i = z->e->ix[0], r = block_of(z, i, n), c = place_of(z, i, n);
    term column = term_add2(ctx, term_mul2(ctx, add_number(z, c, -1), m), r);
    shape s = {{0}, {0}};
    s.lo[0] = s.lo[1] = term_int(ctx, 1);
    s.hi[0] = s.hi[1] = term_mul2(ctx, m, n);
    *out = array_value(z->e, 2, &s, equal_bracket(z, z->e->ix[1], column));
    return out->t != TERM_NONE;
}

static bool norm(const noted *z, notation which, const value *v, value *out)
{
    const char *name = rows[which].name;
    if (v->kind == V_NUMBER) return number(out, fn1(z, FN_abs, v->t));
    if (!need_array(z, v, z->first, rows[which].usage)) return false;
    if (which != NOTE_NORMF && v->rank != 1)
        return elab_error(z->e, GRADUS_SHAPE, z->node,
                          reader_text(z->e->r,
                                      which == NOTE_NORM ? "normF(%1$s): the root of the sum of squares"
                                                         : "sum(abs(%1$s)): the sum of the sizes",
                                      elab_quote(z->e, z->first)),
                          "%s of %s is defined in several ways", name, array_words(z->e, v));
    if (which == NOTE_NORM1) return number(out, reduce_all(z, RED_SUM, v, size_of));
    return number(out, power(z, reduce_all(z, RED_SUM, v, square), 1, 2));
}

static bool constant_array(const noted *z, notation which, const value *v, uint32_t n, value *out)
{
    shape s = {{0}, {0}};
    uint32_t rank = which == NOTE_EYE ? 2 : n, c = z->first;
    for (uint32_t k = 0; k < rank; k++) {
        const value *size = which == NOTE_EYE ? v : &v[k];
        if (!need_number(z->e, size, c, "a size")) return false;
        s.lo[k] = term_int(z->ctx, 1);
        s.hi[k] = size->t;
        long m;
        if (term_is_num(z->ctx, size->t) && (!term_get_long(z->ctx, size->t, &m) || m < 0))
            return elab_error(z->e, GRADUS_SHAPE, c, NULL, "the size `%s` is no whole number from 0",
                              elab_quote(z->e, c));
        if (tree(z->e, c)->next) c = tree(z->e, c)->next;
    }
    *out = array_value(z->e, rank, &s,
                       which == NOTE_EYE ? equal_bracket(z, z->e->ix[0], z->e->ix[1]) : term_int(z->ctx, 1));
    return out->t != TERM_NONE;
}

/* e^v[i]/sum[k](e^v[k]), along the last index. */
static bool softmax(const noted *z, const value *v, uint32_t rank, value *out)
{
    if (!need_rank(z, v, z->first, rank, rank == 1 ? "softmax(v)" : "rowsoftmax(A)")) return false;
    uint32_t last = rank - 1;
    term k = array_fresh_index(z->e, v->shape->lo[last], v->shape->hi[last]), i = z->e->ix[0];
    term other = array_entry(z->e, v, rank == 1 ? (term[]){k} : (term[]){i, k});
    term total = array_red(z->e, RED_SUM, v, last, k, fn1(z, FN_exp, other));
    *out = *v;
    out->whole = TERM_NONE;
    out->t = quotient(z, fn1(z, FN_exp, v->t), total);
    return out->t != TERM_NONE;
}

static bool one_hot_of_largest(const noted *z, const value *v, value *out)
{
    if (!need_rank(z, v, z->first, 1, "argmaxind(v)")) return false;
    *out = *v;
    out->whole = TERM_NONE;
    out->t = equal_bracket(z, z->e->ix[0], reduce_all(z, RED_ARGMAX, v, NULL));
    return out->t != TERM_NONE;
}

static bool dot_product(const noted *z, const value *v, value *out)
{
    if (!need_array(z, &v[0], z->first, "dot(u, v)") || !need_array(z, &v[1], z->second, "dot(u, v)"))
        return false;
    uint32_t nodes[2] = {z->first, z->second};
    value both[2] = {v[0], v[1]}, agreed;
    both[0].row = both[1].row = false;
    if (!array_agree(z->e, both, nodes, 2, z->node, &agreed)) return false;
    agreed.t = mul(z, v[0].t, v[1].t);
    return number(out, reduce_all(z, RED_SUM, &agreed, NULL));
}

/* ---- the door -------------------------------------------------------------------------------- */

static bool reduce_array(const noted *z, term_red red, const char *usage, const value *v, value *out)
{
    return need_array(z, v, z->first, usage) && number(out, reduce_all(z, red, v, NULL));
}

static bool check_count(elab *e, uint32_t node, int which, uint32_t n)
{
    if (n >= rows[which].least && (rows[which].most == 0 || n <= rows[which].most)) return true;
    return elab_error(e, GRADUS_SYNTAX, node, rows[which].usage, "%s takes %s%u argument%s, not %u",
                      rows[which].name, rows[which].most == rows[which].least ? "" : "at least ",
                      (unsigned)rows[which].least, rows[which].least == 1 ? "" : "s", (unsigned)n);
}

/* which < 0: -FN_max or -FN_min of all entries of an array. */
bool notation_call(elab *e, uint32_t node, int which, const value *v, uint32_t n, value *out)
{
    noted z = {.e = e, .ctx = e->ctx, .node = node, .first = tree(e, node)->child};
    z.second = tree(e, z.first)->next;
    if (which < 0) return number(out, reduce_all(&z, which == -(int)FN_max ? RED_MAX : RED_MIN, v, NULL));
    if (!check_count(e, node, which, n)) return false;
    const char *usage = rows[which].usage;
    if (which == NOTE_TR) e->r->state->noted |= 1u << NOTED_TRACE;
    if (which == NOTE_NORM || which == NOTE_NORM1 || which == NOTE_NORMF)
        e->r->state->noted |= 1u << NOTED_NORM;
    switch ((notation)which) {
    case NOTE_POW: return entrywise2(&z, v, out, power_of);
    case NOTE_SQRT: return root(&z, v, out);
    case NOTE_MOD: return entrywise2(&z, v, out, modulo);
    case NOTE_PIECEWISE: return piecewise(&z, v, n, out);
    case NOTE_LOGSUMEXP: return logsumexp(&z, v, n, out);
    case NOTE_SIZE: return extent(&z, v, out);
    case NOTE_TR: return trace(&z, v, out);
    case NOTE_DET: return matrix_function(&z, MATFN_DET, "det", v, out);
    case NOTE_LOGDET: return matrix_function(&z, MATFN_LOGDET, "logdet", v, out);
    case NOTE_INV: return matrix_function(&z, MATFN_INV, "inv", v, out);
    case NOTE_DIAG: return diagonal_matrix(&z, v, out);
    case NOTE_DIAGV: return diagonal_vector(&z, v, out);
    case NOTE_KRON: return kronecker(&z, v, out);
    case NOTE_VEC: return stacked(&z, v, out);
    case NOTE_COMM: return commutation(&z, v, out);
    case NOTE_NORM:
    case NOTE_NORM1:
    case NOTE_NORMF: return norm(&z, (notation)which, v, out);
    case NOTE_DOT: return dot_product(&z, v, out);
    case NOTE_SUM: return reduce_array(&z, RED_SUM, usage, v, out);
    case NOTE_PROD: return reduce_array(&z, RED_PROD, usage, v, out);
    case NOTE_MEAN: return reduce_array(&z, RED_MEAN, usage, v, out);
    case NOTE_ROWSUM: return need_rank(&z, v, z.first, 2, usage) && reduce_axis(&z, RED_SUM, v, 1, out);
    case NOTE_COLSUM: return need_rank(&z, v, z.first, 2, usage) && reduce_axis(&z, RED_SUM, v, 0, out);
    case NOTE_ONES:
    case NOTE_EYE: return constant_array(&z, (notation)which, v, n, out);
    case NOTE_SOFTMAX: return softmax(&z, v, 1, out);
    case NOTE_LSE:
        return need_rank(&z, v, z.first, 1, usage) && number(out, reduce_all(&z, RED_LOGSUMEXP, v, NULL));
    case NOTE_ROWLSE: return need_rank(&z, v, z.first, 2, usage) && reduce_axis(&z, RED_LOGSUMEXP, v, 1, out);
    case NOTE_ROWSOFTMAX: return softmax(&z, v, 2, out);
    case NOTE_ARGMAXIND: return one_hot_of_largest(&z, v, out);
    case NOTE_COUNT: break;
    }
    return false;
}
