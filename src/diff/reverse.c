/* reverse: all partial derivatives of one scalar in one sweep.
 *
 * Nodes are visited in descending handle order, so every node comes after all that use it. Each hands its adjoint
 * times the local partial to its arguments; what arrives at a node is added up when its turn comes. The adjoint of a
 * term graph is a term graph: no tape.
 *
 *   adjoint of a node = its contributions, each a list of factors:   w1 -> w2 -> ... -> end
 *
 * Lists share their tails. A node with one contribution passes its list on with one factor more and multiplies
 * nothing: a chain of n functions costs n cells, not n products of growing length (Note [Spines] in engine.c).
 * Source: Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 3.                                          */
#include "diff/diff_impl.h"

enum { NO_CELL = UINT32_MAX, NEST_LIMIT = 60 };

typedef struct cell {
    term factor;
    uint32_t tail;
} cell;

typedef struct contribution {
    uint32_t list, next; /* of factors; the contribution that arrived before, or NO_CELL */
} contribution;

typedef struct adjoint {
    uint32_t last; /* contribution that arrived last, or NO_CELL */
    bool depends;
} adjoint;

typedef struct sweep {
    gradus_ctx *ctx;
    const term *x;
    uint32_t n_x;
    term_vec nodes;
    VEC(adjoint) adj;
    VEC(cell) cells;
    VEC(contribution) given;
    term_vec list, weights;
    bool failed;
    int depth;
} sweep;

static bool sweep_run(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, int depth);

static void sweep_clear(sweep *s)
{
    vec_clear(s->ctx, &s->nodes);
    vec_clear(s->ctx, &s->adj);
    vec_clear(s->ctx, &s->cells);
    vec_clear(s->ctx, &s->given);
    vec_clear(s->ctx, &s->list);
    vec_clear(s->ctx, &s->weights);
}

/* Position of t among the nodes, nodes.n if it is not there. */
static size_t place_of(const sweep *s, term t)
{
    size_t lo = 0, hi = s->nodes.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->nodes.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->nodes.n && s->nodes.at[lo] == t ? lo : s->nodes.n;
}

static bool depends(const sweep *s, term t)
{
    size_t i = place_of(s, t);
    return i < s->nodes.n && s->adj.at[i].depends;
}

/* ---- lists of factors -------------------------------------------------------------------------------------------- */

static uint32_t cons(sweep *s, term factor, uint32_t tail)
{
    if (!factor) {
        s->failed = true;
        return tail;
    }
    if (term_is_int(s->ctx, factor, 1))
        return tail;
    cell c = {factor, tail};
    s->failed |= !vec_push(s->ctx, &s->cells, c);
    return s->failed ? tail : (uint32_t)s->cells.n - 1;
}

static term multiply_list(sweep *s, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    s->list.n = 0;
    for (uint32_t c = list; c != NO_CELL; c = s->cells.at[c].tail)
        s->failed |= !vec_push(ctx, &s->list, s->cells.at[c].factor);
    if (s->failed)
        return TERM_NONE;
    if (s->list.n == 1)
        return s->list.at[0];
    for (size_t i = 0, j = s->list.n; i + 1 < j; i++) { /* outermost first */
        term swap = s->list.at[i];
        s->list.at[i] = s->list.at[--j];
        s->list.at[j] = swap;
    }
    return term_mul(ctx, s->list.at, (uint32_t)s->list.n);
}

static void give(sweep *s, term to, uint32_t list)
{
    size_t i = place_of(s, to);
    contribution c = {list, s->adj.at[i].last};
    s->failed |= !vec_push(s->ctx, &s->given, c);
    if (!s->failed)
        s->adj.at[i].last = (uint32_t)s->given.n - 1;
}

/* All contributions of node i as one list (of one factor if there were several). *none: nothing arrived. */
static uint32_t collect_adjoint(sweep *s, size_t i, bool *none)
{
    uint32_t last = s->adj.at[i].last;
    *none = last == NO_CELL;
    if (*none || s->given.at[last].next == NO_CELL)
        return *none ? NO_CELL : s->given.at[last].list;
    term_vec sum = {0};
    for (uint32_t c = last; c != NO_CELL && !s->failed; c = s->given.at[c].next) {
        term t = multiply_list(s, s->given.at[c].list);
        s->failed |= !t || !vec_push(s->ctx, &sum, t);
    }
    for (size_t a = 0, b = sum.n; a + 1 < b; a++) { /* the part of the formula that stands first comes first */
        term swap = sum.at[a];
        sum.at[a] = sum.at[--b];
        sum.at[b] = swap;
    }
    term total = s->failed ? TERM_NONE : term_add(s->ctx, sum.at, (uint32_t)sum.n);
    vec_clear(s->ctx, &sum);
    *none = total && term_is_int(s->ctx, total, 0);
    return cons(s, total, NO_CELL);
}

/* ---- local partials -------------------------------------------------------------------------------------------------- */

static void give_scaled(sweep *s, term to, term weight, uint32_t list)
{
    if (!weight)
        s->failed = true;
    else if (!term_is_int(s->ctx, weight, 0))
        give(s, to, cons(s, weight, list));
}

static uint32_t count_dependent(const sweep *s, term t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < term_argc(s->ctx, t); i++)
        n += depends(s, term_arg(s->ctx, t, i));
    return n;
}

static void through_product(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    uint32_t n = term_argc(ctx, t) / 2;
    term_vec b = {0}, x = {0};
    for (uint32_t i = 0; i < n; i++)
        s->failed |= !vec_push(ctx, &b, term_arg(ctx, t, 2 * i)) || !vec_push(ctx, &x, term_arg(ctx, t, 2 * i + 1));
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        if (!depends(s, b.at[i]) || term_is(ctx, b.at[i], OP_BRACKET))
            continue;
        term keep = x.at[i], less = term_sub(ctx, keep, term_int(ctx, 1));
        x.at[i] = less;
        term rest = less ? term_powprod(ctx, b.at, x.at, n) : TERM_NONE;
        give_scaled(s, b.at[i], rest ? term_mul2(ctx, keep, rest) : TERM_NONE, list);
        x.at[i] = keep;
    }
    vec_clear(ctx, &b);
    vec_clear(ctx, &x);
}

static void through_power(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    term b = term_arg(ctx, t, 0), x = term_arg(ctx, t, 1);
    if (depends(s, b)) /* by the base with the exponent fixed: x*b^(x-1); written with t itself where both vary */
        give_scaled(s, b, term_mul2(ctx, x, term_pow(ctx, b, term_sub(ctx, x, term_int(ctx, 1)))), list);
    if (depends(s, x))
        give_scaled(s, x, term_mul2(ctx, t, term_apply1(ctx, FN_log, b)), list);
}

/* Partial of max or min by argument k: 1 where it is the one that counts. The choice at ties is that of func.def. */
static term extremum_weight(sweep *s, term t, uint32_t k)
{
    gradus_ctx *ctx = s->ctx;
    bool largest = term_aux(ctx, t) == FN_max, k_fixed = !depends(s, term_arg(ctx, t, k));
    s->weights.n = 0;
    for (uint32_t j = 0; j < term_argc(ctx, t); j++) {
        if (j == k)
            continue;
        bool j_fixed = !depends(s, term_arg(ctx, t, j)), later = j_fixed != k_fixed ? j_fixed : j > k;
        term a = term_arg(ctx, t, largest ? j : k), b = term_arg(ctx, t, largest ? k : j);
        term c = term_rel_make(ctx, later ? REL_LT : REL_LE, a, b);
        if (!c || !vec_push(ctx, &s->weights, c))
            return TERM_NONE;
    }
    term all = term_and(ctx, s->weights.at, (uint32_t)s->weights.n);
    return all ? term_bracket(ctx, all) : TERM_NONE;
}

static void through_function(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    bool extremum = term_aux(ctx, t) == FN_max || term_aux(ctx, t) == FN_min;
    for (uint32_t k = 0; k < term_argc(ctx, t) && !s->failed; k++)
        if (depends(s, term_arg(ctx, t, k)))
            give_scaled(s, term_arg(ctx, t, k), extremum ? extremum_weight(s, t, k) : rule_partial(ctx, t, k), list);
}

/* Branch i counts where its condition holds and none before it. */
static void through_cases(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    uint32_t n = term_argc(ctx, t);
    term before = term_bool(ctx, true);
    for (uint32_t i = 0; i < n && !s->failed; i += 2) {
        bool last = i + 1 == n;
        term here = last ? before : term_and(ctx, (term[]){before, term_arg(ctx, t, i)}, 2);
        term value = term_arg(ctx, t, last ? i : i + 1);
        if (depends(s, value))
            give_scaled(s, value, here ? term_bracket(ctx, here) : TERM_NONE, list);
        if (!last)
            before = term_and(ctx, (term[]){before, term_not(ctx, term_arg(ctx, t, i))}, 2);
    }
}

/* What has no rule here is differentiated forward by each variable that it contains. */
static void through_forward(sweep *s, term t, uint32_t list)
{
    for (uint32_t k = 0; k < s->n_x && !s->failed; k++) {
        if (!term_depends(s->ctx, t, s->x[k]))
            continue;
        term d = diff_by(s->ctx, t, s->x[k], NULL, NULL);
        give_scaled(s, s->x[k], d, list);
    }
}

/* A sum of f over an index: the sweep goes on inside, and the sum is put around each result. */
static void through_sum(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    term index, body = term_open(ctx, t, &index), lo = term_arg(ctx, t, 1), hi = term_arg(ctx, t, 2);
    term *inner = ctx_realloc(ctx, NULL, 0, s->n_x * sizeof *inner);
    bool ok = body && inner && sweep_run(ctx, body, s->x, s->n_x, inner, s->depth + 1);
    for (uint32_t k = 0; ok && k < s->n_x && !s->failed; k++)
        if (!term_is_int(ctx, inner[k], 0))
            give_scaled(s, s->x[k], term_reduce(ctx, (term_red)term_aux(ctx, t), index, lo, hi, inner[k]), list);
    s->failed |= !ok;
    ctx_realloc(ctx, inner, s->n_x * sizeof *inner, 0);
}

static bool is_plain_sum(const sweep *s, term t)
{
    term_red r = (term_red)term_aux(s->ctx, t);
    return (r == RED_SUM || r == RED_MEAN) && s->depth < NEST_LIMIT && !depends(s, term_arg(s->ctx, t, 1)) &&
           !depends(s, term_arg(s->ctx, t, 2));
}

static bool has_isolated_case(gradus_ctx *ctx, term t)
{
    for (uint32_t i = 0; i + 1 < term_argc(ctx, t); i += 2) {
        term c = term_arg(ctx, t, i);
        if (!term_is(ctx, c, OP_REL) || term_aux(ctx, c) == REL_EQ || term_aux(ctx, c) == REL_NE)
            return true;
    }
    return term_argc(ctx, t) % 2 == 0; /* undefined elsewhere: a bracket would say 0 */
}

static void through_node(sweep *s, term t, uint32_t list)
{
    gradus_ctx *ctx = s->ctx;
    if (list != NO_CELL && s->cells.at[list].tail != NO_CELL && count_dependent(s, t) > 1)
        list = cons(s, multiply_list(s, list), NO_CELL); /* multiplied once, not once per argument */
    switch (term_get_op(ctx, t)) {
    case OP_ADD:
        for (uint32_t i = 1; i < term_argc(ctx, t) && !s->failed; i += 2)
            if (depends(s, term_arg(ctx, t, i + 1)))
                give_scaled(s, term_arg(ctx, t, i + 1), term_arg(ctx, t, i), list);
        break;
    case OP_MUL: through_product(s, t, list); break;
    case OP_POW: through_power(s, t, list); break;
    case OP_FN: through_function(s, t, list); break;
    case OP_BRACKET: break;
    case OP_CASES:
        if (has_isolated_case(ctx, t))
            through_forward(s, t, list);
        else
            through_cases(s, t, list);
        break;
    case OP_REDUCE:
        if (is_plain_sum(s, t))
            through_sum(s, t, list);
        else
            through_forward(s, t, list);
        break;
    default: through_forward(s, t, list);
    }
}

/* ---- the sweep ----------------------------------------------------------------------------------------------------------- */

static bool prepare(sweep *s, term f)
{
    gradus_ctx *ctx = s->ctx;
    if (!vec_push(ctx, &s->list, f))
        return false;
    for (uint32_t k = 0; k < s->n_x; k++)
        if (!vec_push(ctx, &s->list, s->x[k]))
            return false;
    if (!term_reachable(ctx, s->list.at, s->n_x + 1, &s->nodes) || !vec_reserve(ctx, &s->adj, s->nodes.n))
        return false;
    for (size_t i = 0; i < s->nodes.n; i++)
        s->adj.at[s->adj.n++] = (adjoint){.last = NO_CELL};
    for (uint32_t k = 0; k < s->n_x; k++)
        s->adj.at[place_of(s, s->x[k])].depends = true;
    for (size_t i = 0; i < s->nodes.n; i++) {
        term t = s->nodes.at[i];
        bool *d = &s->adj.at[i].depends;
        if (term_is(ctx, t, OP_SYM) && !*d && term_sym_info(ctx, t)->rule_count)
            for (uint32_t k = 0; k < s->n_x && !*d; k++)
                *d = term_depends(ctx, t, s->x[k]);
        for (uint32_t k = 0; k < term_argc(ctx, t) && !*d; k++)
            *d = depends(s, term_arg(ctx, t, k));
    }
    return true;
}

static bool sweep_run(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, int depth)
{
    sweep s = {.ctx = ctx, .x = x, .n_x = n, .depth = depth};
    bool ok = prepare(&s, f);
    if (ok && depends(&s, f))
        give(&s, f, NO_CELL);
    for (size_t i = s.nodes.n; ok && i-- > 0 && !s.failed;) {
        term t = s.nodes.at[i];
        if (!s.adj.at[i].depends || s.adj.at[i].last == NO_CELL || !ctx_tick(ctx))
            continue;
        if (term_is(ctx, t, OP_SYM) && term_sym_info(ctx, t)->rule_count == 0)
            continue; /* a variable: collected below */
        bool none;
        uint32_t list = collect_adjoint(&s, i, &none);
        if (!none && !s.failed)
            through_node(&s, t, list);
    }
    for (uint32_t k = 0; ok && k < n && !s.failed; k++) {
        bool none;
        uint32_t list = collect_adjoint(&s, place_of(&s, x[k]), &none);
        out[k] = none ? term_int(ctx, 0) : multiply_list(&s, list);
        s.failed |= !out[k];
    }
    ok = ok && !s.failed && ctx_status(ctx) == GRADUS_OK;
    sweep_clear(&s);
    return ok;
}

gradus_status diff_gradient(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out)
{
    bool symbols = true;
    for (uint32_t k = 0; k < n; k++)
        symbols &= x[k] && term_is(ctx, x[k], OP_SYM);
    f = diff_resolve(ctx, f);
    f = f ? term_canon(ctx, term_unfold(ctx, f)) : TERM_NONE;
    if (!f)
        return ctx_status(ctx);
    if (symbols && !term_is(ctx, f, OP_ARRAY) && !term_is(ctx, f, OP_TUPLE)) {
        sweep_run(ctx, f, x, n, out, 0);
        return ctx_status(ctx);
    }
    for (uint32_t k = 0; k < n; k++)
        if (!(out[k] = diff_by(ctx, f, x[k], NULL, NULL)))
            break;
    return ctx_status(ctx);
}
