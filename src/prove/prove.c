/* prove: the order of tests (prove.h), entry by entry for arrays. */
#include "prove/prove_impl.h"

#include <stdlib.h>

enum { MAX_ENTRIES = 144, UNROLL_BUDGET = 3000, MAX_NAMES = 40 };

typedef struct question {
    gradus_ctx *ctx;
    const eval_bind *at;
    size_t at_count;
    arena *where;
    prove_result *out;
    prove_known known;
    term index[SYM_MAX_RANK * 2], index_at[SYM_MAX_RANK * 2]; /* free indices and their values in this entry */
    uint32_t index_count;
} question;

static term normal(gradus_ctx *ctx, term t)
{
    term b = prove_base(ctx, t);
    return b ? prove_rational(ctx, b) : TERM_NONE;
}

term prove_normal_form(gradus_ctx *ctx, term t) { return normal(ctx, term_unfold(ctx, t)); }

/* ---- proving ------------------------------------------------------------------------------------------------------ */

static bool piece_is_zero(void *user, term t, const term *cond, uint32_t n)
{
    gradus_ctx *ctx = user;
    (void)cond;
    (void)n;
    t = prove_base(ctx, t);
    return t && prove_zero(ctx, t) == GRADUS_YES;
}

static bool difference_is_zero(gradus_ctx *ctx, term d)
{
    if (!d)
        return false;
    if (term_is_int(ctx, d, 0))
        return true;
    term b = prove_base(ctx, d);
    return b && prove_pieces(ctx, b, piece_is_zero, ctx);
}

static bool proved(question *q, term a, term b)
{
    gradus_ctx *ctx = q->ctx;
    if (a == b) {
        q->out->how = "same normal form";
        return true;
    }
    term d = term_sub(ctx, a, b);
    if (difference_is_zero(ctx, d)) {
        q->out->how = "their difference is zero by exact arithmetic";
        return true;
    }
    term u = prove_unroll(ctx, d, UNROLL_BUDGET, &q->known);
    if (u != d && difference_is_zero(ctx, u)) {
        q->out->how = "their difference, written out, is zero by exact arithmetic";
        return true;
    }
    return false;
}

/* ---- telling apart --------------------------------------------------------------------------------------------------- */

/* Deterministic points: a fixed list of magnitudes and signs, mixed by a counter. Off the kinks, on both sides of 0,
 * small, large, and close to the borders of conditions. */
static const char *const coordinates[] = {"0.71", "-0.83", "1.37", "-1.9", "2.6", "0.13", "-0.31", "3.7", "-4.3", "7.3",
                                          "-11.7", "0.007", "33.3", "-47.1", "173.5", "-1003.5", "1207.3", "0.97"};
enum { COORDINATES = sizeof coordinates / sizeof coordinates[0], ROUNDS = 60 };

static term coordinate(gradus_ctx *ctx, size_t i)
{
    const char *s = coordinates[i % COORDINATES];
    fmpq_t q;
    fmpq_init(q);
    num_parse_decimal(q, s + (*s == '-'), strlen(s + (*s == '-')));
    if (*s == '-')
        fmpq_neg(q, q);
    term t = term_from_fmpq(ctx, q);
    fmpq_clear(q);
    return t;
}

typedef struct probe {
    question *q;
    term a, b;
    term_vec names;
    VEC(eval_bind) point;
    term_vec borders; /* values of the first name near which conditions change */
} probe;

/* Where both sides of a comparison meet, if they are linear in x alone; TERM_NONE: not known. */
static term linear_root(gradus_ctx *ctx, term rel, term x)
{
    term g = term_sub(ctx, term_arg(ctx, rel, 0), term_arg(ctx, rel, 1)), zero = term_int(ctx, 0), one = term_int(ctx, 1);
    if (!g || !term_occurs(ctx, g, x))
        return TERM_NONE;
    term two = term_int(ctx, 2), g0 = term_subst(ctx, g, &x, &zero, 1), g1 = term_subst(ctx, g, &x, &one, 1);
    term g2 = term_subst(ctx, g, &x, &two, 1);
    if (!g0 || !g1 || !g2 || !term_is_num(ctx, g0) || !term_is_num(ctx, g1) || g0 == g1 ||
        term_sub(ctx, g2, g1) != term_sub(ctx, g1, g0))
        return TERM_NONE;
    return term_div(ctx, g0, term_sub(ctx, g0, g1));
}

/* Borders of conditions in one name: roots of linear differences, with a little and a lot to both sides. */
static bool find_borders(probe *p, term t)
{
    gradus_ctx *ctx = p->q->ctx;
    term_vec nodes = {0};
    bool ok = p->names.n == 0 || term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && ok && p->names.n; i++) {
        if (!term_is(ctx, nodes.at[i], OP_REL))
            continue;
        term root = linear_root(ctx, nodes.at[i], p->names.at[0]);
        if (!root)
            continue;
        static const long offsets[][2] = {{1, 1000}, {-1, 1000}, {1, 1}, {-1, 1}, {100, 1}, {-100, 1}};
        for (size_t k = 0; k < 6 && ok; k++)
            ok = vec_push(ctx, &p->borders, term_add2(ctx, root, term_rational(ctx, offsets[k][0], offsets[k][1])));
    }
    vec_clear(ctx, &nodes);
    return ok;
}

static void keep_witness(probe *p, const arb_t a, const arb_t b)
{
    question *q = p->q;
    gradus_ctx *ctx = q->ctx;
    size_t n = p->point.n + q->index_count;
    prove_value *w = arena_alloc(q->where, (n + 1) * sizeof *w);
    long proven;
    strbuf l, r;
    if (!w)
        return;
    for (size_t i = 0; i < q->index_count; i++)
        w[i] = (prove_value){q->index[i], q->index_at[i]};
    for (size_t i = 0; i < p->point.n; i++)
        w[q->index_count + i] = (prove_value){p->point.at[i].sym, p->point.at[i].value};
    q->out->witness = w;
    q->out->witness_count = n;
    strbuf_init(&l, ctx);
    strbuf_init(&r, ctx);
    num_print_arb(&l, a, 12, &proven);
    num_print_arb(&r, b, 12, &proven);
    q->out->left = arena_strndup(q->where, strbuf_str(&l), l.n);
    q->out->right = arena_strndup(q->where, strbuf_str(&r), r.n);
    strbuf_clear(&l);
    strbuf_clear(&r);
}

typedef enum comparison { CMP_APART, CMP_CLOSE, CMP_NOTHING } comparison;

/* Both sides at the point, at rising precision, until the balls are disjoint or too small to hope. */
static comparison compare_at(probe *p)
{
    gradus_ctx *ctx = p->q->ctx;
    comparison r = CMP_NOTHING;
    arb_t a, b, d;
    arb_init(a);
    arb_init(b);
    arb_init(d);
    for (slong prec = 128; prec <= 1024 && r != CMP_APART && ctx_tick(ctx); prec *= 2) {
        fn_ball fa = eval_enclose(ctx, p->a, p->point.at, p->point.n, prec, a, NULL);
        fn_ball fb = eval_enclose(ctx, p->b, p->point.at, p->point.n, prec, b, NULL);
        if (ctx_status(ctx) != GRADUS_OK || fa == FN_BALL_OUTSIDE || fb == FN_BALL_OUTSIDE)
            break;
        if (fa != FN_BALL_OK || fb != FN_BALL_OK || !arb_is_finite(a) || !arb_is_finite(b))
            continue;
        if (!arb_overlaps(a, b)) {
            keep_witness(p, a, b);
            r = CMP_APART;
            break;
        }
        arb_sub(d, a, b, prec);
        r = arf_cmpabs_2exp_si(arb_midref(d), -100) < 0 && mag_cmp_2exp_si(arb_radref(d), -100) < 0 ? CMP_CLOSE : r;
        if (r == CMP_CLOSE && prec >= 512)
            break;
    }
    arb_clear(a);
    arb_clear(b);
    arb_clear(d);
    return r;
}

static term pick(probe *p, size_t round, size_t name)
{
    if (name == 0 && round < p->borders.n)
        return p->borders.at[round];
    return coordinate(p->q->ctx, round * 7 + name * 5 + round / COORDINATES * name);
}

static uint32_t tell_apart(probe *p, bool *apart)
{
    uint32_t close = 0;
    size_t fixed = p->point.n, rounds = p->names.n ? p->borders.n + ROUNDS : 1;
    *apart = false;
    for (size_t round = 0; round < rounds && close < 40; round++) {
        p->point.n = fixed;
        for (size_t i = 0; i < p->names.n; i++)
            if (!vec_push(p->q->ctx, &p->point, ((eval_bind){p->names.at[i], pick(p, round, i)})))
                return close;
        comparison c = compare_at(p);
        if (ctx_status(p->q->ctx) != GRADUS_OK)
            return close;
        if (c == CMP_APART) {
            *apart = true;
            return close;
        }
        close += c == CMP_CLOSE;
    }
    return close;
}

static bool is_fixed(const question *q, term sym)
{
    for (size_t i = 0; i < q->at_count; i++)
        if (q->at[i].sym == sym)
            return true;
    return false;
}

static bool free_names(probe *p, term t)
{
    gradus_ctx *ctx = p->q->ctx;
    term_vec syms = {0};
    bool ok = term_symbols(ctx, t, true, &syms);
    for (size_t i = 0; i < syms.n && ok; i++) {
        bool known = term_sym_info(ctx, syms.at[i])->values != NULL || is_fixed(p->q, syms.at[i]);
        for (size_t k = 0; k < p->names.n && !known; k++)
            known = p->names.at[k] == syms.at[i];
        /* An array without values cannot be sampled; nor can a size. */
        if (!known && (term_sym_info(ctx, syms.at[i])->rank > 0 || p->names.n == MAX_NAMES))
            ok = false;
        else if (!known)
            ok = vec_push(ctx, &p->names, syms.at[i]);
    }
    vec_clear(ctx, &syms);
    return ok;
}

static gradus_truth sample(question *q, term a, term b)
{
    probe p = {.q = q, .a = a, .b = b};
    bool apart = false, ok = true;
    gradus_truth r = GRADUS_UNKNOWN;
    for (size_t i = 0; i < q->at_count && ok; i++)
        ok = vec_push(q->ctx, &p.point, q->at[i]);
    ok = ok && free_names(&p, a) && free_names(&p, b) && find_borders(&p, a) && find_borders(&p, b);
    if (ok) {
        uint32_t close = tell_apart(&p, &apart);
        if (apart) {
            q->out->how = "witness";
            r = GRADUS_NO;
        } else {
            q->out->how = close ? arena_printf(q->where, "equal to 30 digits at %u points, but no proof was found", close)
                                : "no proof and no point that tells them apart was found";
        }
    } else if (ctx_status(q->ctx) == GRADUS_OK)
        q->out->how = "no proof was found";
    vec_clear(q->ctx, &p.names);
    vec_clear(q->ctx, &p.point);
    vec_clear(q->ctx, &p.borders);
    return r;
}

/* ---- conditions: points of the border where one side has no value or another one ------------------------------------- */

static void border_conditions(question *q, term a, term b)
{
    gradus_ctx *ctx = q->ctx;
    term_vec needs_a = {0}, needs_b = {0};
    bool ok = rule_harvest(ctx, a, &needs_a) && rule_harvest(ctx, b, &needs_b);
    for (size_t i = 0; i < needs_a.n && ok; i++)
        if (rule_decide(ctx, needs_a.at[i], needs_b.at, (uint32_t)needs_b.n) != GRADUS_YES)
            ok = vec_push(ctx, &q->out->conditions, needs_a.at[i]);
    vec_clear(ctx, &needs_a);
    vec_clear(ctx, &needs_b);
}

/* A single point where a condition or a kink has its border, and there the sides differ or one has no value: the proof
 * spoke of the pieces beside it. Told as x != that point. */
static bool border_at(probe *p, term rel)
{
    gradus_ctx *ctx = p->q->ctx;
    term x = p->names.at[0], root = linear_root(ctx, rel, x);
    if (!root)
        return true;
    size_t fixed = p->point.n;
    if (!vec_push(ctx, &p->point, ((eval_bind){x, root})))
        return false;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    fn_ball fa = eval_enclose(ctx, p->a, p->point.at, p->point.n, 256, a, NULL);
    fn_ball fb = eval_enclose(ctx, p->b, p->point.at, p->point.n, 256, b, NULL);
    bool apart = (fa == FN_BALL_OUTSIDE) != (fb == FN_BALL_OUTSIDE) ||
                 (fa == FN_BALL_OK && fb == FN_BALL_OK && !arb_overlaps(a, b));
    arb_clear(a);
    arb_clear(b);
    p->point.n = fixed;
    term c = apart ? term_rel_make(ctx, REL_NE, x, root) : TERM_NONE;
    for (size_t i = 0; i < p->q->out->conditions.n && c; i++)
        if (p->q->out->conditions.at[i] == c)
            c = TERM_NONE;
    return !c || vec_push(ctx, &p->q->out->conditions, c);
}

static void isolated_borders(question *q, term a, term b)
{
    gradus_ctx *ctx = q->ctx;
    probe p = {.q = q, .a = a, .b = b};
    term_vec nodes = {0};
    bool ok = free_names(&p, a) && free_names(&p, b) && p.names.n == 1;
    for (size_t i = 0; i < q->at_count && ok; i++)
        ok = vec_push(ctx, &p.point, q->at[i]);
    ok = ok && term_reachable(ctx, (term[]){a, b}, 2, &nodes);
    for (size_t i = 0; i < nodes.n && ok && ctx_status(ctx) == GRADUS_OK; i++) {
        term t = nodes.at[i], rel = term_is(ctx, t, OP_REL) ? t : term_is(ctx, t, OP_FN) ? rule_kink(ctx, t) : TERM_NONE;
        if (rel && term_is(ctx, rel, OP_REL) && !(term_get_flags(ctx, rel) & TF_DANGLING))
            ok = border_at(&p, rel);
    }
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &p.names);
    vec_clear(ctx, &p.point);
}

/* ---- scalars and arrays ------------------------------------------------------------------------------------------------ */

static gradus_truth equal_scalars(question *q, term a, term b)
{
    if (proved(q, a, b)) {
        border_conditions(q, a, b);
        isolated_borders(q, a, b);
        return ctx_status(q->ctx) == GRADUS_OK ? GRADUS_YES : GRADUS_UNKNOWN;
    }
    return ctx_status(q->ctx) == GRADUS_OK ? sample(q, a, b) : GRADUS_UNKNOWN;
}

/* Entries are worth one verdict: NO at the first that differs, YES if all are proved. */
static gradus_truth worse(gradus_truth a, gradus_truth b)
{
    return a == GRADUS_NO || b == GRADUS_NO ? GRADUS_NO : a == GRADUS_UNKNOWN ? a : b;
}

static term entry(gradus_ctx *ctx, term t, const term *index, uint32_t rank)
{
    return term_is(ctx, t, OP_ARRAY) || term_is(ctx, t, OP_TUPLE) || term_is(ctx, t, OP_SYM) ||
                   term_is(ctx, t, OP_MATFN)
               ? term_acc(ctx, t, index, rank)
               : t;
}

static uint32_t rank_of(gradus_ctx *ctx, term t)
{
    if (term_is(ctx, t, OP_ARRAY))
        return (term_argc(ctx, t) - 1) / 3;
    if (term_is(ctx, t, OP_TUPLE))
        return 1 + rank_of(ctx, term_arg(ctx, t, 0)); /* nested as deep as a matrix is */
    if (term_is(ctx, t, OP_SYM))
        return term_sym_info(ctx, t)->rank;
    return term_is(ctx, t, OP_MATFN) ? 2 : 0;
}

/* All entries of known numeric extents; otherwise one comparison at symbolic indices. */
static gradus_truth equal_arrays(question *q, term a, term b, uint32_t rank)
{
    gradus_ctx *ctx = q->ctx;
    long extent[SYM_MAX_RANK];
    size_t count = 1;
    bool known = true;
    term index[SYM_MAX_RANK], one = term_int(ctx, 1);
    for (uint32_t d = 0; d < rank; d++) {
        term ea = term_extent(ctx, a, d), eb = term_extent(ctx, b, d);
        known = known && term_get_long(ctx, ea, &extent[d]);
        if (ea != eb && term_is_num(ctx, ea) && term_is_num(ctx, eb)) {
            q->out->how = "their shapes differ";
            return GRADUS_NO;
        }
        if (known && !size_mul(count, (size_t)(extent[d] > 0 ? extent[d] : 0), &count))
            known = false;
        index[d] = term_fresh_index(ctx, "i", one, ea);
    }
    if (!known || count > MAX_ENTRIES)
        return equal_scalars(q, entry(ctx, a, index, rank), entry(ctx, b, index, rank));
    gradus_truth all = GRADUS_YES;
    uint32_t outer = q->index_count;
    for (size_t i = 0; i < count && all != GRADUS_NO && ctx_status(ctx) == GRADUS_OK; i++) {
        size_t rest = i;
        for (uint32_t d = rank; d-- > 0; rest /= (size_t)extent[d]) {
            term v = term_int(ctx, (long)(rest % (size_t)extent[d]) + 1);
            q->index[outer + d] = index[d];
            q->index_at[outer + d] = v;
        }
        q->index_count = outer + rank;
        all = worse(all, equal_scalars(q, entry(ctx, a, q->index_at + outer, rank), entry(ctx, b, q->index_at + outer, rank)));
    }
    q->index_count = outer;
    return all;
}

/* Free indices of known range (the k of d/dw[k]) take all their values. */
static gradus_truth over_indices(question *q, term a, term b)
{
    gradus_ctx *ctx = q->ctx;
    uint32_t ra = rank_of(ctx, a), rb = rank_of(ctx, b);
    if (ra != rb) {
        q->out->how = ra && rb ? "their shapes differ" : ra ? "an array is compared with a number" : "a number is compared with an array";
        return GRADUS_NO;
    }
    if (ra)
        return equal_arrays(q, a, b, ra);
    term_vec syms = {0};
    term index = TERM_NONE;
    long lo = 0, hi = 0;
    if (!term_symbols(ctx, term_tuple(ctx, (term[]){a, b}, 2), true, &syms))
        return GRADUS_UNKNOWN;
    for (size_t i = 0; i < syms.n && !index; i++) {
        const sym_info *s = term_sym_info(ctx, syms.at[i]);
        if (s->role == ROLE_INDEX && s->lo && s->hi && term_get_long(ctx, s->lo, &lo) && term_get_long(ctx, s->hi, &hi) &&
            !is_fixed(q, syms.at[i]))
            index = syms.at[i];
    }
    vec_clear(ctx, &syms);
    if (!index || hi < lo || lo < -MAX_ENTRIES || hi - lo >= MAX_ENTRIES || q->index_count >= SYM_MAX_RANK)
        return equal_scalars(q, a, b);
    term first = term_int(ctx, lo), top = term_int(ctx, hi);
    term va = term_array(ctx, &index, &first, &top, 1, a), vb = term_array(ctx, &index, &first, &top, 1, b);
    gradus_truth all = GRADUS_YES;
    for (long k = lo; k <= hi && all != GRADUS_NO && ctx_status(ctx) == GRADUS_OK; k++) {
        term v = term_int(ctx, k);
        q->index[q->index_count] = index;
        q->index_at[q->index_count++] = v;
        all = worse(all, over_indices(q, term_acc(ctx, va, &v, 1), term_acc(ctx, vb, &v, 1)));
        q->index_count--;
    }
    return all;
}

/* Is sym a size or a place in a or b: in a binder's range or an element's index? */
static bool is_size_or_place(gradus_ctx *ctx, term sym, term t)
{
    term_vec nodes = {0};
    bool found = !term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && !found; i++) {
        term x = nodes.at[i];
        bool reduce = term_is(ctx, x, OP_REDUCE), array = term_is(ctx, x, OP_ARRAY), acc = term_is(ctx, x, OP_ACC);
        if (!reduce && !array && !acc)
            continue;
        uint32_t last = term_argc(ctx, x) - (acc ? 0 : 1);
        for (uint32_t k = 1; k < last && !found; k++)
            found = term_occurs(ctx, term_arg(ctx, x, k), sym);
    }
    vec_clear(ctx, &nodes);
    return found;
}

gradus_status prove_equal(gradus_ctx *ctx, term a, term b, const eval_bind *at, size_t n, arena *where, prove_result *out)
{
    *out = (prove_result){.equal = GRADUS_UNKNOWN, .how = "no proof was found"};
    question q = {.ctx = ctx, .at = at, .at_count = n, .where = where, .out = out};
    term_vec from = {0}, to = {0};
    bool ok = true;
    a = term_unfold(ctx, a);
    b = term_unfold(ctx, b);
    /* Whole numbers given for sizes and places (n, T) are put in, so that what has a known size can be written out. */
    for (size_t i = 0; i < n && ok && a && b; i++) {
        long v;
        if (term_get_long(ctx, at[i].value, &v) &&
            (is_size_or_place(ctx, at[i].sym, a) || is_size_or_place(ctx, at[i].sym, b)))
            ok = vec_push(ctx, &from, at[i].sym) && vec_push(ctx, &to, at[i].value);
    }
    /* Of recurrences, whose rules are not in a and b, all whole numbers are put in. */
    term_vec all_from = {0}, all_to = {0};
    for (size_t i = 0; i < n && ok; i++) {
        long v;
        if (term_get_long(ctx, at[i].value, &v))
            ok = vec_push(ctx, &all_from, at[i].sym) && vec_push(ctx, &all_to, at[i].value);
    }
    q.known = (prove_known){all_from.at, all_to.at, (uint32_t)all_from.n};
    if (ok && from.n && a && b) {
        term pa = term_subst(ctx, a, from.at, to.at, (uint32_t)from.n), pb = term_subst(ctx, b, from.at, to.at, (uint32_t)from.n);
        a = pa;
        b = pb;
    }
    if (ok && a && b)
        out->equal = over_indices(&q, a, b);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    vec_clear(ctx, &all_from);
    vec_clear(ctx, &all_to);
    return ctx_status(ctx);
}
