/* tidy: what is done to a derivative once the rules have found it, part by part and with a record.
 *
 * Parts first (terms of a sum, factors, bodies of reducers), then the whole; each change must lower cost_of_term. */
#include "diff/fraction.h"

enum { MANY_SEEN = 40, TIDY_SIZE = 150, TIDY_DEPTH = 6 };

typedef struct tidying {
    gradus_ctx *ctx;
    const term *names;
    uint32_t n_names;
    term_vec seen; /* function applications of the question */
    term used;     /* the name that was put back last        */
    int depth;
    bool fold;     /* names only, or arithmetic only         */
    bool parts;    /* is there a part that the normal form of the whole does not reach? */
} tidying;

static term tidy_tree(tidying *z, term t);

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static bool has_parts(gradus_ctx *ctx, term t)
{
    term_op op = term_get_op(ctx, t);
    return op == OP_ADD || op == OP_MUL || op == OP_REDUCE || op == OP_CASES || op == OP_ARRAY || op == OP_TUPLE;
}

/* The common factor of all coefficients of a sum, 1 for anything else. */
static term content_of(gradus_ctx *ctx, term t)
{
    term one = term_int(ctx, 1);
    if (!term_is(ctx, t, OP_ADD) || term_argc(ctx, t) == 3)
        return one;
    fmpq_t g;
    fmpq_init(g);
    for (uint32_t i = 0; i < term_argc(ctx, t); i = i == 0 ? 1 : i + 2)
        fmpq_gcd(g, g, term_num(ctx, term_arg(ctx, t, i)));
    term c = term_from_fmpq(ctx, g);
    fmpq_clear(g);
    return c;
}

static term tidy_reduce(tidying *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term_red r = (term_red)term_aux(ctx, t);
    term index, body = term_open(ctx, t, &index), small = body ? tidy_tree(z, body) : TERM_NONE;
    if (!small)
        return t;
    term c = r == RED_SUM || r == RED_MEAN ? content_of(ctx, small) : TERM_NONE;
    if (c && !term_is_int(ctx, c, 1))
        return term_mul2(ctx, c, term_reduce(ctx, r, index, term_arg(ctx, t, 1), term_arg(ctx, t, 2), term_div(ctx, small, c)));
    return small == body ? t : term_reduce(ctx, r, index, term_arg(ctx, t, 1), term_arg(ctx, t, 2), small);
}

static term tidy_array(tidying *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    uint32_t rank = (term_argc(ctx, t) - 1) / 3;
    term body = term_open(ctx, t, index), small = body ? tidy_tree(z, body) : TERM_NONE;
    if (!small || small == body)
        return t;
    for (uint32_t k = 0; k < rank; k++) {
        lo[k] = term_arg(ctx, t, 3 * k + 1);
        hi[k] = term_arg(ctx, t, 3 * k + 2);
    }
    return term_array(ctx, index, lo, hi, rank, small);
}

/* t with every part tidied; t itself if none changed. */
static term tidy_parts(tidying *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    if (term_is(ctx, t, OP_REDUCE))
        return tidy_reduce(z, t);
    if (term_is(ctx, t, OP_ARRAY))
        return tidy_array(z, t);
    term_vec args = {0};
    bool changed = false, ok = true;
    uint32_t n = term_argc(ctx, t);
    bool pairs = term_is(ctx, t, OP_ADD), bases = term_is(ctx, t, OP_MUL), cases = term_is(ctx, t, OP_CASES);
    for (uint32_t i = 0; ok && i < n; i++) {
        term a = term_arg(ctx, t, i);
        bool inner = pairs ? i > 0 && i % 2 == 0 : bases ? i % 2 == 0 : !cases || i % 2 == 1 || i + 1 == n;
        term b = inner && has_parts(ctx, a) ? tidy_tree(z, a) : a;
        changed |= b != a;
        ok = b && vec_push(ctx, &args, b);
    }
    term r = ok && changed ? term_rebuild(ctx, t, args.at, n) : t;
    vec_clear(ctx, &args);
    return r ? r : t;
}

/* A sum under a fraction bar with a fraction bar inside. */
static bool is_nested_fraction(gradus_ctx *ctx, term t)
{
    for (uint32_t i = 0; term_is(ctx, t, OP_MUL) && i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i);
        if (!term_is(ctx, b, OP_ADD) || term_num_sign(ctx, term_arg(ctx, t, i + 1)) > 0)
            continue;
        for (uint32_t j = 2; j < term_argc(ctx, b); j += 2) {
            term m = term_arg(ctx, b, j);
            for (uint32_t k = 1; term_is(ctx, m, OP_MUL) && k < term_argc(ctx, m); k += 2)
                if (term_num_sign(ctx, term_arg(ctx, m, k)) < 0)
                    return true;
        }
    }
    return false;
}

static bool has_hidden_parts(gradus_ctx *ctx, term t)
{
    term_vec nodes = {0};
    bool found = false;
    if (term_reachable(ctx, &t, 1, &nodes))
        for (size_t i = 0; i < nodes.n && !found; i++) {
            term_op op = term_get_op(ctx, nodes.at[i]);
            found = op == OP_REDUCE || op == OP_CASES || op == OP_ARRAY || op == OP_TUPLE || op == OP_BRACKET ||
                    is_nested_fraction(ctx, nodes.at[i]);
        }
    vec_clear(ctx, &nodes);
    return found;
}

static term tidy_node(tidying *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    if (!z->fold)
        return simplify_arithmetic(ctx, t, z->seen.at, (uint32_t)z->seen.n);
    term used;
    t = simplify_fold(ctx, t, z->names, z->n_names, z->seen.at, (uint32_t)z->seen.n, &used);
    if (used)
        z->used = used;
    return t;
}

static term tidy_tree(tidying *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    if (z->depth >= TIDY_DEPTH || !has_parts(ctx, t))
        return t;
    z->depth++;
    term whole = tidy_node(z, t), parts = z->parts ? tidy_parts(z, t) : t, best = whole;
    if (parts && parts != t) {
        parts = tidy_node(z, parts);
        if (parts && cost_of_term(ctx, parts, z->seen.at, (uint32_t)z->seen.n) <
                         cost_of_term(ctx, whole, z->seen.at, (uint32_t)z->seen.n) - 1e-9)
            best = parts;
    }
    z->depth--;
    return best;
}

/* ---- the function in its own derivative ------------------------------------------------------------------------- */

/* d = f*q with q shorter: e^s[c]/Z*([c == k] - e^s[k]/Z). Only where f is never 0, so that nothing is divided away. */
static term take_out_own(tidying *z, term f, term d, step_log *log)
{
    gradus_ctx *ctx = z->ctx;
    if (!term_is(ctx, d, OP_ADD) || !term_is(ctx, f, OP_MUL) || term_argc(ctx, d) < 5 || term_argc(ctx, d) > 20 ||
        rule_decide_nonzero(ctx, f, NULL, 0) != GRADUS_YES)
        return d;
    term_vec k = {0}, t = {0};
    bool ok = vec_push(ctx, &k, term_int(ctx, 1)) && vec_push(ctx, &t, term_div(ctx, term_arg(ctx, d, 0), f));
    for (uint32_t i = 1; ok && i < term_argc(ctx, d); i += 2)
        ok = vec_push(ctx, &k, term_arg(ctx, d, i)) && vec_push(ctx, &t, term_div(ctx, term_arg(ctx, d, i + 1), f));
    term q = ok ? term_lincomb(ctx, k.at, t.at, (uint32_t)t.n) : TERM_NONE, r = q ? term_mul2(ctx, f, q) : TERM_NONE;
    vec_clear(ctx, &k);
    vec_clear(ctx, &t);
    if (!r || cost_of_term(ctx, q, z->seen.at, (uint32_t)z->seen.n) + 2 >= cost_of_term(ctx, d, z->seen.at, (uint32_t)z->seen.n))
        return d;
    if (log) {
        term shown = term_raw_ordered_mul(ctx, (term[]){f, q}, NULL, 2);
        step_bind(step_rewrite(log, "fold", d, shown), "N", f);
        step_rewrite(log, "simplify", shown, r);
    }
    return r;
}

/* f itself in its derivative: nothing new to compute there. */
static void record_own_value(gradus_ctx *ctx, term f, term d, step_log *log)
{
    bool composite = term_is(ctx, f, OP_FN) || term_is(ctx, f, OP_POW) || term_is(ctx, f, OP_CALL);
    if (!log || !composite || !term_occurs(ctx, d, f))
        return;
    step *s = step_rewrite(log, "fold", d, d);
    if (s) {
        s->tag = STEP_COSMETIC;
        step_bind(s, "N", f);
    }
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

/* Function applications of f: what stands in the question is not new in the answer. */
static bool collect_seen(gradus_ctx *ctx, term f, term_vec *seen)
{
    term_vec nodes = {0};
    bool ok = term_reachable(ctx, &f, 1, &nodes);
    for (size_t i = 0; ok && i < nodes.n && seen->n < MANY_SEEN; i++)
        if (term_is(ctx, nodes.at[i], OP_FN) || term_is(ctx, nodes.at[i], OP_POW))
            ok = vec_push(ctx, seen, nodes.at[i]);
    vec_clear(ctx, &nodes);
    return ok;
}

static term note(step_log *log, const char *rule, term before, term after, term name)
{
    if (log && before != after)
        step_bind(step_rewrite(log, rule, before, after), "N", name);
    return after;
}

term diff_tidy(gradus_ctx *ctx, term f, term d, const diff_options *opt, step_log *log)
{
    if (!d || (opt && opt->plain) || term_size(ctx, d) > TIDY_SIZE || !has_parts(ctx, d))
        return d;
    tidying z = {.ctx = ctx, .names = opt ? opt->names : NULL, .n_names = opt ? opt->n_names : 0};
    term_vec own = {0};
    f = term_canon(ctx, f);
    if (f && collect_seen(ctx, f, &z.seen)) {
        z.parts = has_hidden_parts(ctx, d);
        term r = tidy_tree(&z, d);
        d = note(log, "simplify", d, r, TERM_NONE);
        d = take_out_own(&z, f, d, log);
        if (!z.names && (term_get_flags(ctx, f) & TF_DEFINED) && diff_collect_names(ctx, f, &own)) {
            z.names = own.at;
            z.n_names = (uint32_t)own.n;
        }
        z.fold = true;
        r = z.n_names ? tidy_tree(&z, d) : d;
        d = complement_record(ctx, d, r, z.used, log) ? r : note(log, "fold", d, r, z.used);
        record_own_value(ctx, f, d, log);
    }
    vec_clear(ctx, &own);
    vec_clear(ctx, &z.seen);
    return d;
}

/* ---- before any rule ---------------------------------------------------------------------------------------------- */

/* relu(u) - relu(-u) = u and relu(u) + relu(-u) = abs(u), for every u: the kinks cancel or become one. */
static term fold_relu_pair(gradus_ctx *ctx, term t, uint32_t i, uint32_t j)
{
    const term *a = term_args(ctx, t);
    term u = term_arg(ctx, a[i + 1], 0), v = term_arg(ctx, a[j + 1], 0), value;
    if (term_neg(ctx, u) != v)
        return TERM_NONE;
    if (a[i] == a[j])
        value = term_apply1(ctx, FN_abs, u);
    else if (term_neg(ctx, a[i]) == a[j])
        value = u;
    else
        return TERM_NONE;
    term_vec k = {0}, s = {0};
    bool ok = vec_push(ctx, &k, term_int(ctx, 1)) && vec_push(ctx, &s, a[0]);
    for (uint32_t m = 1; ok && m < term_argc(ctx, t); m += 2)
        if (m != j)
            ok = vec_push(ctx, &k, a[m]) && vec_push(ctx, &s, m == i ? value : a[m + 1]);
    term r = ok ? term_lincomb(ctx, k.at, s.at, (uint32_t)s.n) : TERM_NONE;
    vec_clear(ctx, &k);
    vec_clear(ctx, &s);
    return r;
}

static bool is_relu(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_FN) && term_aux(ctx, t) == FN_relu; }

term simplify_before(gradus_ctx *ctx, term f)
{
    enum { LONGEST = 40 };
    if (!f || !term_is(ctx, f, OP_ADD) || term_argc(ctx, f) > LONGEST || (term_get_flags(ctx, f) & TF_RAW))
        return f;
    for (uint32_t i = 1; i < term_argc(ctx, f); i += 2)
        for (uint32_t j = i + 2; j < term_argc(ctx, f); j += 2)
            if (is_relu(ctx, term_arg(ctx, f, i + 1)) && is_relu(ctx, term_arg(ctx, f, j + 1))) {
                term r = fold_relu_pair(ctx, f, i, j);
                if (r)
                    return r;
            }
    return f;
}
