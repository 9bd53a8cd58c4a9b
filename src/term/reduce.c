/* reduce: reducers and arrays: binders, their levels, and what a sum does with brackets and free factors.
 *
 * Note [Levels]. A binder's index is BOUND(L) with L = 1 + the highest binder level inside its body. L depends on the
 * body alone, so two binders that differ in the names of their indices are one handle. Inside a body of level L every
 * binder has a smaller level: BOUND(L) cannot be captured by what it contains. Replacing something under a binder by
 * a term that has binders of its own could; such rewrites open the binder first (rewrite.c).                        */
#include "term/term_impl.h"

const term *term_binder_names(const gradus_ctx *ctx, term binder)
{
    const node *n = node_at(store_of(ctx), binder);
    return n->u.args + n->argc;
}

const char *term_binder_name(const gradus_ctx *ctx, term binder, uint32_t k)
{
    return term_sym_name(ctx, term_binder_names(ctx, binder)[k]);
}

static term bound(gradus_ctx *ctx, uint32_t level) { return term_intern(ctx, OP_BOUND, level, 0, NULL, 0, NULL, 0); }

static uint32_t level_of(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->level; }

/* Puts the bound index of the right level for `index` in body and makes the node. */
static term close_reduce(gradus_ctx *ctx, term_red r, term index, term name, term lo, term hi, term body, unsigned raw)
{
    if (!lo || !hi || !body)
        return TERM_NONE;
    term b = bound(ctx, level_of(ctx, body) + 1);
    if (b != index)
        body = term_raw_subst(ctx, body, &index, &b, 1);
    return term_intern(ctx, OP_REDUCE, r, raw, (term[]){b, lo, hi, body}, 4, &name, 1);
}

/* ---- deltas ------------------------------------------------------------------------------------------------- */

/* For [a == b]: the value of index that makes it true, if index enters linearly with coefficient +-1. */
static term solve_delta(gradus_ctx *ctx, term cond, term index)
{
    if (!term_is(ctx, cond, OP_REL) || term_aux(ctx, cond) != REL_EQ)
        return TERM_NONE;
    term a = term_arg(ctx, cond, 0), b = term_arg(ctx, cond, 1);
    if (a == index && !term_occurs(ctx, b, index))
        return b;
    if (b == index && !term_occurs(ctx, a, index))
        return a;
    if (!term_occurs(ctx, cond, index))
        return TERM_NONE;
    term d = term_sub(ctx, a, b);
    if (!d || !term_is(ctx, d, OP_ADD))
        return TERM_NONE;
    term k = TERM_NONE;
    for (uint32_t i = 1; i < term_argc(ctx, d); i += 2) {
        if (term_arg(ctx, d, i + 1) == index)
            k = term_arg(ctx, d, i);
        else if (term_occurs(ctx, term_arg(ctx, d, i + 1), index))
            return TERM_NONE;
    }
    if (!k || !(term_is_int(ctx, k, 1) || term_is_int(ctx, k, -1)))
        return TERM_NONE;
    return term_sub(ctx, index, term_mul2(ctx, k, d)); /* d = k*index + rest, 1/k = k */
}

/* Smallest and largest value of an index term as terms: numbers, and one index of known range plus a number. */
static bool index_interval(gradus_ctx *ctx, term s, term *lo, term *hi)
{
    term c0 = term_int(ctx, 0), i = s;
    if (term_is_num(ctx, s)) {
        *lo = *hi = s;
        return true;
    }
    if (term_is(ctx, s, OP_ADD) && term_argc(ctx, s) == 3 && term_is_int(ctx, term_arg(ctx, s, 1), 1)) {
        c0 = term_arg(ctx, s, 0);
        i = term_arg(ctx, s, 2);
    }
    if (!term_is(ctx, i, OP_SYM))
        return false;
    const sym_info *info = term_sym_info(ctx, i);
    if (info->role != ROLE_INDEX || !info->lo || !info->hi)
        return false;
    *lo = term_add2(ctx, info->lo, c0);
    *hi = term_add2(ctx, info->hi, c0);
    return *lo && *hi;
}

enum { WHOLE_LOOK = 4096 }; /* entries of bound data looked at */

/* Entries of an array that are whole numbers: declared so, or bound to such. */
static bool whole_entries(gradus_ctx *ctx, term array)
{
    if (!term_is(ctx, array, OP_SYM))
        return false;
    const sym_info *info = term_sym_info(ctx, array);
    size_t count = 1;
    if (info->integer || !info->values)
        return info->integer;
    for (uint32_t d = 0; d < info->rank; d++)
        if (!size_mul(count, (size_t)info->dims[d], &count) || count > WHOLE_LOOK)
            return false;
    for (size_t i = 0; i < count; i++)
        if (!(info->values[i] == (double)(int64_t)info->values[i]))
            return false;
    return true;
}

/* Surely a whole number: indices, whole numbers and what they add up to. */
static bool is_whole(gradus_ctx *ctx, term s)
{
    switch (term_get_op(ctx, s)) {
    case OP_NUM: return num_is_integer(ctx, s);
    case OP_BOUND: case OP_EXTENT: return true;
    case OP_SYM: return term_sym_info(ctx, s)->role == ROLE_INDEX || term_sym_info(ctx, s)->integer;
    case OP_FN: return (fn_get((fn_id)term_aux(ctx, s))->flags & FN_INTEGER) != 0;
    case OP_ACC: return whole_entries(ctx, term_arg(ctx, s, 0));
    case OP_ADD:
        if (!num_is_integer(ctx, term_arg(ctx, s, 0)))
            return false;
        for (uint32_t i = 1; i < term_argc(ctx, s); i += 2) /* entries of a sum are no sums: one level deep */
            if (!num_is_integer(ctx, term_arg(ctx, s, i)) || !is_whole(ctx, term_arg(ctx, s, i + 1)))
                return false;
        return true;
    default: return false;
    }
}

/* [lo <= s][s <= hi][s is whole], each factor left out where it is known. */
static term range_guard(gradus_ctx *ctx, term s, term lo, term hi)
{
    term s_lo = TERM_NONE, s_hi = TERM_NONE;
    bool known = index_interval(ctx, s, &s_lo, &s_hi);
    term yes = term_bool(ctx, true);
    bool above = known && term_rel_make(ctx, REL_LE, lo, s_lo) == yes;
    bool below = known && term_rel_make(ctx, REL_LE, s_hi, hi) == yes;
    term one = term_int(ctx, 1);
    term a = above ? one : term_bracket(ctx, term_rel_make(ctx, REL_LE, lo, s));
    term b = below ? one : term_bracket(ctx, term_rel_make(ctx, REL_LE, s, hi));
    term whole = is_whole(ctx, s) ? one : term_bracket(ctx, term_rel_make(ctx, REL_EQ, term_apply1(ctx, FN_floor, s), s));
    return term_mul(ctx, (term[]){a, b, whole}, 3);
}

/* Does entry t of a body carry a bracket [index == s]? Looks at t and, if t is a product, at its factors. */
static term find_delta(gradus_ctx *ctx, term t, term index, term *bracket)
{
    if (term_is(ctx, t, OP_BRACKET)) {
        *bracket = t;
        return solve_delta(ctx, term_arg(ctx, t, 0), index);
    }
    if (!term_is(ctx, t, OP_MUL))
        return TERM_NONE;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i);
        if (!term_is(ctx, b, OP_BRACKET) || !term_is_int(ctx, term_arg(ctx, t, i + 1), 1))
            continue;
        term s = solve_delta(ctx, term_arg(ctx, b, 0), index);
        if (s) {
            *bracket = b;
            return s;
        }
    }
    return TERM_NONE;
}

/* Is there a sum factor in product t one of whose entries carries a delta? Its position, or -1. */
static int find_delta_sum(gradus_ctx *ctx, term t, term index)
{
    if (!term_is(ctx, t, OP_MUL))
        return -1;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), ignored;
        if (!term_is(ctx, b, OP_ADD) || !term_is_int(ctx, term_arg(ctx, t, i + 1), 1) || !term_occurs(ctx, b, index))
            continue;
        for (uint32_t j = 2; j < term_argc(ctx, b); j += 2)
            if (find_delta(ctx, term_arg(ctx, b, j), index, &ignored))
                return (int)i;
    }
    return -1;
}

/* Product t with its entry at position `at` replaced by x. */
static term with_factor(gradus_ctx *ctx, term t, uint32_t at, term x)
{
    uint32_t n = term_argc(ctx, t) / 2;
    term_vec b = {0}, e = {0};
    term r = TERM_NONE;
    bool ok = true;
    for (uint32_t i = 0; i < n; i++)
        ok = ok && vec_push(ctx, &b, 2 * i == at ? x : term_arg(ctx, t, 2 * i)) &&
             vec_push(ctx, &e, term_arg(ctx, t, 2 * i + 1));
    if (ok)
        r = term_powprod(ctx, b.at, e.at, n);
    vec_clear(ctx, &b);
    vec_clear(ctx, &e);
    return r;
}

typedef struct summing {
    gradus_ctx *ctx;
    term_red r;
    term index, name, lo, hi;
    term_vec done; /* finished parts of the sum     */
    term_vec rest; /* entries that stay under a sum */
    bool failed;
} summing;

static term count_of(gradus_ctx *ctx, term lo, term hi)
{
    return term_add2(ctx, term_sub(ctx, hi, lo), term_int(ctx, 1));
}

static bool nonempty(gradus_ctx *ctx, term lo, term hi)
{
    return term_rel_make(ctx, REL_LE, lo, hi) == term_bool(ctx, true);
}

/* An extent is whole and not negative, so 1..extent holds that many places. A plain name may stand for anything. */
static bool is_size(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_EXTENT); }

/* Puts k*t under the sum: deltas eliminated into `done`, the rest collected. */
static void sum_entry(summing *z, term k, term t)
{
    gradus_ctx *ctx = z->ctx;
    term bracket, s = term_occurs(ctx, t, z->index) ? find_delta(ctx, t, z->index, &bracket) : TERM_NONE;
    term guard = s ? range_guard(ctx, s, z->lo, z->hi) : TERM_NONE;
    /* The mean of nothing has no value: a delta that may miss an empty range stays under its mean. */
    if (s && z->r == RED_MEAN && !term_is_int(ctx, guard, 1) && !nonempty(ctx, z->lo, z->hi) && guard)
        s = TERM_NONE;
    if (s) {
        term one = term_int(ctx, 1);
        term left = term_raw_subst(ctx, t, &bracket, &one, 1);
        left = term_subst(ctx, term_canon(ctx, left), &z->index, &s, 1);
        term part = term_mul(ctx, (term[]){k, guard, left}, 3);
        if (z->r == RED_MEAN)
            part = term_div(ctx, part, count_of(ctx, z->lo, z->hi));
        z->failed |= !part || !vec_push(ctx, &z->done, part);
        return;
    }
    int at = find_delta_sum(ctx, t, z->index);
    if (at < 0) {
        z->failed |= !vec_push(ctx, &z->rest, term_mul2(ctx, k, t));
        return;
    }
    term sum = term_arg(ctx, t, (uint32_t)at);
    const term c0 = term_arg(ctx, sum, 0);
    if (!term_is_int(ctx, c0, 0))
        sum_entry(z, k, with_factor(ctx, t, (uint32_t)at, c0));
    for (uint32_t j = 1; j < term_argc(ctx, sum) && !z->failed; j += 2) {
        term part = with_factor(ctx, t, (uint32_t)at,
                                term_mul2(ctx, term_arg(ctx, sum, j), term_arg(ctx, sum, j + 1)));
        term kk = k, body = part;
        if (part && term_is(ctx, part, OP_ADD) && term_argc(ctx, part) == 3 &&
            term_is_int(ctx, term_arg(ctx, part, 0), 0)) {
            kk = term_mul2(ctx, k, term_arg(ctx, part, 1));
            body = term_arg(ctx, part, 2);
        }
        if (!kk || !body)
            z->failed = true;
        else
            sum_entry(z, kk, body);
    }
}

/* Splits product t into factors free of the index and the others. */
static void split_free(summing *z, term t, term *free_part, term *rest)
{
    gradus_ctx *ctx = z->ctx;
    *free_part = term_int(ctx, 1);
    *rest = t;
    if (!term_is(ctx, t, OP_MUL))
        return;
    term_vec fb = {0}, fe = {0}, rb = {0}, re = {0};
    bool ok = true;
    for (uint32_t i = 0; i < term_argc(ctx, t) && ok; i += 2) {
        term b = term_arg(ctx, t, i), e = term_arg(ctx, t, i + 1);
        bool inside = term_occurs(ctx, b, z->index);
        ok = vec_push(ctx, inside ? &rb : &fb, b) && vec_push(ctx, inside ? &re : &fe, e);
    }
    if (ok && fb.n) {
        *free_part = term_powprod(ctx, fb.at, fe.at, (uint32_t)fb.n);
        *rest = term_powprod(ctx, rb.at, re.at, (uint32_t)rb.n);
    }
    vec_clear(ctx, &fb);
    vec_clear(ctx, &fe);
    vec_clear(ctx, &rb);
    vec_clear(ctx, &re);
}

/* sum or mean over the index of a body without deltas. */
static term sum_rest(summing *z, term body)
{
    gradus_ctx *ctx = z->ctx;
    term k = term_int(ctx, 1), t = body, outside, inside;
    if (!body)
        return TERM_NONE;
    if (term_is_int(ctx, body, 0))
        return body;
    if (term_is(ctx, body, OP_ADD) && term_argc(ctx, body) == 3 && term_is_int(ctx, term_arg(ctx, body, 0), 0)) {
        k = term_arg(ctx, body, 1);
        t = term_arg(ctx, body, 2);
    }
    split_free(z, t, &outside, &inside);
    if (!outside || !inside)
        return TERM_NONE;
    term red;
    if (term_occurs(ctx, inside, z->index))
        red = close_reduce(ctx, z->r, z->index, z->name, z->lo, z->hi, inside, 0);
    else if (nonempty(ctx, z->lo, z->hi) || (term_is_int(ctx, z->lo, 1) && is_size(ctx, z->hi)))
        red = z->r == RED_MEAN ? inside : term_mul2(ctx, inside, count_of(ctx, z->lo, z->hi));
    else
        red = close_reduce(ctx, z->r, z->index, z->name, z->lo, z->hi, inside, 0);
    return term_mul(ctx, (term[]){k, outside, red}, 3);
}

static term reduce_sum(gradus_ctx *ctx, term_red r, term index, term name, term lo, term hi, term body)
{
    summing z = {.ctx = ctx, .r = r, .index = index, .name = name, .lo = lo, .hi = hi};
    term result = TERM_NONE;
    if (term_is(ctx, body, OP_ADD)) {
        const term *a = term_args(ctx, body);
        uint32_t n = term_argc(ctx, body);
        for (uint32_t i = 1; i < n && !z.failed; i += 2)
            sum_entry(&z, a[i], a[i + 1]);
        if (!term_is_int(ctx, a[0], 0))
            z.failed |= !vec_push(ctx, &z.rest, a[0]);
        if (!z.failed && z.done.n == 0) /* nothing to eliminate: the body keeps its shape */
            result = sum_rest(&z, body);
    } else {
        sum_entry(&z, term_int(ctx, 1), body);
    }
    if (!z.failed && !result) {
        term rest = z.rest.n ? sum_rest(&z, term_add(ctx, z.rest.at, (uint32_t)z.rest.n)) : term_int(ctx, 0);
        if (vec_push(ctx, &z.done, rest))
            result = term_add(ctx, z.done.at, (uint32_t)z.done.n);
    }
    vec_clear(ctx, &z.done);
    vec_clear(ctx, &z.rest);
    return result;
}

/* ---- the constructors --------------------------------------------------------------------------------------- */

static term empty_value(gradus_ctx *ctx, term_red r)
{
    term inf = term_constant(ctx, CONST_INF);
    switch (r) {
    case RED_SUM: return term_int(ctx, 0);
    case RED_PROD: return term_int(ctx, 1);
    case RED_MAX: case RED_LOGSUMEXP: return term_neg(ctx, inf);
    case RED_MIN: return inf;
    default: return term_undefined(ctx);
    }
}

term term_reduce_named(gradus_ctx *ctx, term_red r, term index, term name, term lo, term hi, term body, bool canonical)
{
    if (!index || !lo || !hi || !body)
        return TERM_NONE;
    bool raw = ((term_get_flags(ctx, lo) | term_get_flags(ctx, hi) | term_get_flags(ctx, body)) & TF_RAW) != 0;
    if (!canonical || raw) {
        if (!raw) {
            term_store *s = store_of(ctx);
            bool recording = s->recording;
            s->recording = false;
            term c = term_reduce_named(ctx, r, index, name, lo, hi, body, true);
            s->recording = recording;
            term plain = close_reduce(ctx, r, index, name, lo, hi, body, 0);
            if (c == plain)
                return c;
        }
        term t = close_reduce(ctx, r, index, name, lo, hi, body, TF_RAW);
        return canonical ? term_canon(ctx, t) : t;
    }
    if (term_rel_make(ctx, REL_LT, hi, lo) == term_bool(ctx, true))
        return empty_value(ctx, r);
    if (term_is(ctx, body, OP_UNDEF) && nonempty(ctx, lo, hi))
        return body;
    if (r == RED_SUM || r == RED_MEAN)
        return reduce_sum(ctx, r, index, name, lo, hi, body);
    if (!term_occurs(ctx, body, index) && nonempty(ctx, lo, hi)) {
        if (r == RED_MAX || r == RED_MIN)
            return body;
        if (r == RED_PROD && term_is_num(ctx, count_of(ctx, lo, hi)))
            return term_pow(ctx, body, count_of(ctx, lo, hi));
    }
    return close_reduce(ctx, r, index, name, lo, hi, body, 0);
}

term term_reduce(gradus_ctx *ctx, term_red r, term index, term lo, term hi, term body)
{
    return term_reduce_named(ctx, r, index, index, lo, hi, body, true);
}

term term_raw_reduce(gradus_ctx *ctx, term_red r, term index, term lo, term hi, term body)
{
    return term_reduce_named(ctx, r, index, index, lo, hi, body, false);
}

term term_array_named(gradus_ctx *ctx, const term *index, const term *names, const term *lo, const term *hi,
                      uint32_t rank, term body)
{
    term args[3 * SYM_MAX_RANK + 1], b[SYM_MAX_RANK];
    if (!body || rank > SYM_MAX_RANK)
        return TERM_NONE;
    uint32_t level = level_of(ctx, body);
    for (uint32_t k = 0; k < rank; k++) {
        b[k] = bound(ctx, level + rank - k);
        args[3 * k] = b[k];
        args[3 * k + 1] = lo[k];
        args[3 * k + 2] = hi[k];
    }
    bool same = memcmp(b, index, rank * sizeof *b) == 0;
    args[3 * rank] = same ? body : term_raw_subst(ctx, body, index, b, rank);
    return term_intern(ctx, OP_ARRAY, 0, 0, args, 3 * rank + 1, names, rank);
}

term term_array(gradus_ctx *ctx, const term *index, const term *lo, const term *hi, uint32_t rank, term body)
{
    return term_array_named(ctx, index, index, lo, hi, rank, body);
}

term term_open(gradus_ctx *ctx, term binder, term *index)
{
    const term *a = term_args(ctx, binder), *names = term_binder_names(ctx, binder);
    bool red = term_is(ctx, binder, OP_REDUCE);
    uint32_t rank = red ? 1 : (term_argc(ctx, binder) - 1) / 3;
    term from[SYM_MAX_RANK];
    for (uint32_t k = 0; k < rank; k++) {
        from[k] = a[3 * k];
        index[k] = term_fresh_index(ctx, term_sym_name(ctx, names[k]), a[3 * k + 1], a[3 * k + 2]);
        if (!index[k])
            return TERM_NONE;
    }
    return term_raw_subst(ctx, a[term_argc(ctx, binder) - 1], from, index, rank);
}
