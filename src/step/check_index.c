/* check_index: reducers over an index, elements of arrays, matrix functions. */
#include "step/check_impl.h"

/* ---- reducers ------------------------------------------------------------------------------------ */

typedef struct reducer {
    term_red kind;
    term j, f, lo, hi; /* lo, hi canonical; f as written */
} reducer;

/* t reduces f over j, as bound in s; neither the range nor the variable has to do with j. */
static bool read_reducer(checker *c, const step *s, term t, term x, reducer *r)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, t, OP_REDUCE)) return check_fail(c, s, "this is no sum or product over an index");
    r->kind = (term_red)term_aux(ctx, t);
    r->j = check_binding(c, s, "j");
    r->f = check_binding(c, s, "f");
    if (!r->j || !r->f) return check_fail(c, s, "a binding is missing");
    r->lo = term_canon(ctx, term_arg(ctx, t, 1));
    r->hi = term_canon(ctx, term_arg(ctx, t, 2));
    if (check_varies(c, r->lo, x) || check_varies(c, r->hi, x) || term_occurs(ctx, x, r->j))
        return check_fail(c, s, "the range depends on the variable");
    return check_alike(c, term_raw_reduce(ctx, r->kind, r->j, term_arg(ctx, t, 1), term_arg(ctx, t, 2), r->f),
                       t) ||
           check_fail(c, s, "another body is derived");
}

static term under(checker *c, const step *s, const reducer *r, term x)
{
    const step *at = s->sub;
    term d = check_part_result(c, s, check_next_part(&at, "under"), r->f, x);
    return d && check_counts(c, s, 1) ? d : TERM_NONE;
}

bool check_sum_index(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    reducer r;
    if (!read_reducer(c, s, t, x, &r)) return false;
    if (r.kind != RED_SUM && r.kind != RED_MEAN) return check_fail(c, s, "this is no sum");
    term d = under(c, s, &r, x);
    if (!d || !check_after(c, s, term_reduce(ctx, r.kind, r.j, r.lo, r.hi, d))) return false;
    const uint32_t one = 1;
    term line = term_raw_reduce(ctx, r.kind, r.j, term_arg(ctx, t, 1), term_arg(ctx, t, 2),
                                term_deriv(ctx, r.f, &x, &one, 1));
    return s->shown == line || check_fail(c, s, "the line is not the sum of the derivatives");
}

/* sum[j](f'[j] * prod over the others); where no factor is 0, the whole product over f[j]. */
bool check_product_index(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    reducer r;
    if (!read_reducer(c, s, t, x, &r)) return false;
    term d = r.kind == RED_PROD ? under(c, s, &r, x) : TERM_NONE;
    if (!d) return check_fail(c, s, "this is no product");
    term f = term_canon(ctx, r.f), m = term_fresh_index(ctx, "m", r.lo, r.hi);
    term others = term_cases(ctx, (term[]){term_rel_make(ctx, REL_EQ, m, r.j), term_int(ctx, 1)}, 1,
                             term_subst(ctx, f, &r.j, &m, 1));
    term left_out = term_reduce(ctx, RED_PROD, m, r.lo, r.hi, others);
    term want = term_reduce(ctx, RED_SUM, r.j, r.lo, r.hi, term_mul2(ctx, d, left_out));
    if (check_alike(c, s->after, want)) return true;
    if (rule_decide_nonzero(ctx, f, NULL, 0) != GRADUS_YES) return check_after(c, s, want);
    left_out = term_div(ctx, term_reduce(ctx, RED_PROD, r.j, r.lo, r.hi, f), f);
    return check_after(c, s, term_reduce(ctx, RED_SUM, r.j, r.lo, r.hi, term_mul2(ctx, d, left_out)));
}

bool check_logsumexp(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    reducer r;
    if (!read_reducer(c, s, t, x, &r)) return false;
    if (r.kind != RED_LOGSUMEXP) return check_fail(c, s, "this is no logarithm of a sum of exponentials");
    term weight = term_apply1(ctx, FN_exp, term_canon(ctx, r.f)), body, by, slope;
    const step *at = s->sub, *part = check_next_part(&at, "under");
    if (!part || !check_deriv(c, part, &body, &by)) return check_fail(c, s, "a part has no derivation");
    if (check_alike(c, body, weight)) { /* e^s derived as a whole */
        slope = by == x && check_counts(c, s, 1) ? part->after : TERM_NONE;
    } else {
        term d = under(c, s, &r, x);
        slope = d ? term_mul2(ctx, weight, d) : TERM_NONE;
    }
    if (!slope) return check_fail(c, s, "the weights are not derived");
    term below = term_reduce(ctx, RED_SUM, r.j, r.lo, r.hi, weight);
    term above = term_reduce(ctx, RED_SUM, r.j, r.lo, r.hi, slope);
    return check_after(c, s, term_div(ctx, above, below));
}

/* ---- elements ------------------------------------------------------------------------------------ */

/* w[j] by w[k]: 1 where every index agrees. */
bool check_entry(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t n = term_argc(ctx, t);
    if (!term_is(ctx, t, OP_ACC) || !term_is(ctx, x, OP_ACC) || term_arg(ctx, t, 0) != term_arg(ctx, x, 0) ||
        term_argc(ctx, x) != n)
        return check_fail(c, s, "these are not elements of one array");
    if (!check_bound(c, s, "w", term_arg(ctx, x, 0))) return false;
    term delta = term_int(ctx, 1);
    bool by_data = false, said = false;
    for (uint32_t i = 1; i < n; i++) {
        term j = term_arg(ctx, t, i), k = term_arg(ctx, x, i);
        if (s->bind_count > c->bindings && i <= 2 &&
            (!check_bound(c, s, i == 1 ? "j" : "j2", j) || !check_bound(c, s, i == 1 ? "k" : "k2", k)))
            return false;
        by_data |= term_is(ctx, j, OP_ACC);
        delta = term_mul2(ctx, delta, term_bracket(ctx, term_rel_make(ctx, REL_EQ, term_canon(ctx, j), k)));
    }
    for (const step *p = s->sub; p; p = p->next) said |= strcmp(p->rule, "gather") == 0;
    if (by_data && !said) return check_fail(c, s, "it is not said that data picks the entry");
    return check_counts(c, s, 0) && check_after(c, s, delta);
}

static const char *const index_name[SYM_MAX_RANK] = {"j", "j2", "j3", "j4", "j5", "j6"};

static bool check_array(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    uint32_t rank = (term_argc(ctx, t) - 1) / 3;
    for (uint32_t k = 0; k < rank; k++) {
        index[k] = check_binding(c, s, index_name[k]);
        lo[k] = term_canon(ctx, term_arg(ctx, t, 3 * k + 1));
        hi[k] = term_canon(ctx, term_arg(ctx, t, 3 * k + 2));
        if (!index[k] || term_occurs(ctx, x, index[k]) || check_varies(c, lo[k], x) ||
            check_varies(c, hi[k], x))
            return check_fail(c, s, "an index is missing or is the variable's own");
    }
    const step *at = s->sub, *part = check_next_part(&at, "entry");
    term body, by;
    if (!part || !check_deriv(c, part, &body, &by) || by != x || !check_counts(c, s, 1))
        return check_fail(c, s, "the entry is not derived");
    if (!check_alike(c, term_array(ctx, index, lo, hi, rank, term_canon(ctx, body)), t))
        return check_fail(c, s, "the entry of another array is derived");
    term want = term_array(ctx, index, lo, hi, rank, part->after);
    return check_alike(c, s->after, want) || check_fail(c, s, "the result is not the array of derivatives");
}

bool check_elementwise(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (term_is(ctx, t, OP_ARRAY)) return check_array(c, s, t, x);
    if (!term_is(ctx, t, OP_TUPLE)) return check_fail(c, s, "this has no entries");
    term_vec d = {0};
    const step *at = s->sub;
    uint32_t n = term_argc(ctx, t);
    bool ok = check_counts(c, s, n);
    for (uint32_t i = 0; i < n && ok; i++) {
        term r = check_part_result(c, s, check_next_part(&at, "entry"), term_arg(ctx, t, i), x);
        ok = r && vec_push(ctx, &d, r);
    }
    if (ok && !check_alike(c, s->after, term_tuple(ctx, d.at, n)))
        ok = check_fail(c, s, "the result is not the list of derivatives");
    vec_clear(ctx, &d);
    return ok;
}

/* ---- matrices ------------------------------------------------------------------------------------ */

/* The derivative of entry a[k, l], found below s; k, l by binding. */
static term entry_slope(checker *c, const step *s, term a, term x, term *k, term *l)
{
    gradus_ctx *ctx = c->ctx;
    const step *at = s->sub;
    *k = check_binding(c, s, "k");
    *l = check_binding(c, s, "l");
    if (!*k || !*l || *k == *l || term_occurs(ctx, a, *k) || term_occurs(ctx, a, *l) ||
        term_occurs(ctx, x, *k) || term_occurs(ctx, x, *l)) {
        check_fail(c, s, "row and column of the entry are not named");
        return TERM_NONE;
    }
    term d = check_part_result(c, s, check_next_part(&at, "entry"), term_acc(ctx, a, (term[]){*k, *l}, 2), x);
    return d && check_counts(c, s, 1) ? d : TERM_NONE;
}

/* sum over rows k and columns l of a. */
static term over_entries(gradus_ctx *ctx, term a, term k, term l, term t)
{
    term one = term_int(ctx, 1);
    t = term_reduce(ctx, RED_SUM, l, one, term_extent(ctx, a, 1), t);
    return term_reduce(ctx, RED_SUM, k, one, term_extent(ctx, a, 0), t);
}

/* Jacobi: d det(A) = det(A)*sum(inv(A)[l,k]*dA[k,l]). */
bool check_determinant(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term k, l;
    if (!term_is(ctx, t, OP_MATFN) || term_aux(ctx, t) != MATFN_DET || !check_bound(c, s, "f", t))
        return check_fail(c, s, "this is no determinant");
    term a = term_arg(ctx, t, 0), d = entry_slope(c, s, a, x, &k, &l);
    if (!d) return false;
    term cofactors = term_mul2(ctx, term_acc(ctx, term_matfn_make(ctx, MATFN_INV, a), (term[]){l, k}, 2), d);
    return check_after(c, s, term_mul2(ctx, t, over_entries(ctx, a, k, l, cofactors)));
}

/* The chain rule, outer ln, inner determinant; holds for det > 0. */
bool check_log_determinant(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, t, OP_MATFN) || term_aux(ctx, t) != MATFN_LOGDET || !check_bound(c, s, "f", t))
        return check_fail(c, s, "this is no logarithm of a determinant");
    term det = term_matfn_make(ctx, MATFN_DET, term_arg(ctx, t, 0));
    if (s->cond != term_rel_make(ctx, REL_LT, term_int(ctx, 0), det))
        return check_fail(c, s, "it is not said that the determinant must be positive");
    const step *at = s->sub, *chain = check_next_part(&at, NULL);
    if (!chain || strcmp(chain->rule, "chain") != 0 || chain->inner_is != det)
        return check_fail(c, s, "the chain rule's part is missing");
    term d = check_part_result(c, s, chain, t, x);
    return d && check_counts(c, s, 1) && check_after(c, s, d);
}

/* d inv(A) = -inv(A)*dA*inv(A) */
bool check_inverse_matrix(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term k, l, inv = term_is(ctx, t, OP_ACC) ? term_arg(ctx, t, 0) : TERM_NONE;
    if (!inv || term_argc(ctx, t) != 3 || !term_is(ctx, inv, OP_MATFN) || term_aux(ctx, inv) != MATFN_INV ||
        !check_bound(c, s, "f", t))
        return check_fail(c, s, "this is no entry of an inverse");
    term a = term_arg(ctx, inv, 0), i = term_arg(ctx, t, 1), j = term_arg(ctx, t, 2),
         d = entry_slope(c, s, a, x, &k, &l);
    if (!d) return false;
    term left = term_acc(ctx, inv, (term[]){i, k}, 2), right = term_acc(ctx, inv, (term[]){l, j}, 2);
    return check_after(c, s,
                       term_neg(ctx, over_entries(ctx, a, k, l, term_mul(ctx, (term[]){left, d, right}, 3))));
}
