/* print_layout: how a teacher arranges a term.
 *
 * A canonical sum shows its terms in display order; one of two that is positive goes first. A canonical
 * product becomes a quotient: negative exponents below the bar, numbers first, then names, elements,
 * functions and sums in display order, reducers last. A raw node keeps its order and its brackets: it shows
 * what was written. */
#include "text/print_impl.h"
#include "text/text_impl.h"

/* Places of the factors of a canonical product, in order. */
enum rank { RANK_NUMBER, RANK_BRACKET, RANK_NAME, RANK_ELEMENT, RANK_OTHER, RANK_REDUCER, RANK_COUNT };

dnode text_lazy(term t)
{
    return (dnode){.kind = D_TERM, .prec = PREC_ANY, .t = t};
}

/* n kids; NULL (and p->broken) when memory is refused. */
static dnode *new_kids(printer *p, size_t n)
{
    dnode *kid = arena_alloc(&p->scratch, (n ? n : 1) * sizeof *kid);
    if (!kid) p->broken = true;
    return kid;
}

static dnode one(void)
{
    return (dnode){.kind = D_NUM, .prec = PREC_ATOM, .str = "1"};
}

static dnode wrap(printer *p, dnode_kind kind, print_prec prec, dnode a)
{
    dnode *kid = new_kids(p, 1);
    if (!kid) return one();
    kid[0] = a;
    return (dnode){.kind = (uint8_t)kind, .prec = (uint8_t)prec, .n = 1, .kid = kid};
}

static dnode pair(printer *p, dnode_kind kind, print_prec prec, dnode a, dnode b)
{
    dnode *kid = new_kids(p, 2);
    if (!kid) return one();
    kid[0] = a;
    kid[1] = b;
    return (dnode){.kind = (uint8_t)kind, .prec = (uint8_t)prec, .n = 2, .kid = kid};
}

static dnode negative(printer *p, dnode a)
{
    return wrap(p, D_NEG, PREC_NEG, a);
}

static bool begins_with_minus(const dnode *d)
{
    return d->kind == D_NEG || (d->kind == D_PROD && d->prec == PREC_NEG);
}

static dnode fraction(printer *p, dnode above, dnode below)
{
    return pair(p, D_FRAC, begins_with_minus(&above) ? PREC_NEG : PREC_MUL, above, below);
}

/* A product of n kids; n may be 0 or 1. */
static dnode product(dnode *kid, uint32_t n)
{
    if (n == 0) return one();
    if (n == 1) return kid[0];
    print_prec prec = begins_with_minus(&kid[0]) ? PREC_NEG : PREC_MUL;
    return (dnode){.kind = D_PROD, .prec = (uint8_t)prec, .n = n, .kid = kid};
}

/* ---- numbers and powers --------------------------------------------------------------------- */

static dnode signed_number(printer *p, const fmpq *q)
{
    dnode d = text_layout_number(p, q);
    return fmpq_sgn(q) < 0 ? negative(p, d) : d;
}

/* A number at once, so that its neighbours can see that it is one; anything else when it is reached. */
static dnode piece(printer *p, term t)
{
    return term_is_num(p->ctx, t) ? signed_number(p, term_num(p->ctx, t)) : text_lazy(t);
}

/* b^e with the sign of e shown: x^(-2). */
static dnode signed_power(printer *p, term b, term e)
{
    return pair(p, D_POW, PREC_POW, piece(p, b), signed_number(p, term_num(p->ctx, e)));
}

/* b^|e|, e a NUM. */
static dnode power(printer *p, term b, term e)
{
    const fmpq *q = term_num(p->ctx, e);
    if (fmpz_is_pm1(fmpq_numref(q))) {
        if (fmpz_is_one(fmpq_denref(q))) return piece(p, b);
        if (fmpz_equal_ui(fmpq_denref(q), 2)) return wrap(p, D_SQRT, PREC_CALL, text_lazy(b));
    }
    return pair(p, D_POW, PREC_POW, text_lazy(b), text_layout_number(p, q));
}

static dnode exponential(printer *p, term u)
{
    return pair(p, D_POW, PREC_POW, (dnode){.kind = D_EXP, .prec = PREC_ATOM}, piece(p, u));
}

/* ---- canonical products --------------------------------------------------------------------- */

static unsigned rank_of(const printer *p, term b, bool whole)
{
    switch (term_get_op(p->ctx, b)) {
    case OP_NUM:
    case OP_CONST: return RANK_NUMBER;
    case OP_BRACKET: return RANK_BRACKET;
    case OP_SYM:
    case OP_BOUND:
    case OP_EXTENT: return whole ? RANK_NAME : RANK_OTHER;
    case OP_ACC: return whole ? RANK_ELEMENT : RANK_OTHER;
    case OP_REDUCE:
    case OP_LIMIT: return RANK_REDUCER;
    case OP_FN:
        return term_aux(p->ctx, b) == FN_exp && (term_get_flags(p->ctx, b) & TF_NUMERIC) ? RANK_NUMBER
                                                                                         : RANK_OTHER;
    default: return RANK_OTHER;
    }
}

/* The factors of k*t sorted into above and below the bar. */
typedef struct factors {
    dnode *above, *below;
    uint32_t n_above, n_below;
    uint32_t numbers, reducers; /* of the above: the first ones, the last ones */
    bool below_numeric, below_reducer;
    bool one_above; /* the coefficient above is 1 (not shown)      */
} factors;

static unsigned entry_rank(const printer *p, const term *entry)
{
    return rank_of(p, entry[0], fmpz_is_one(fmpq_denref(term_num(p->ctx, entry[1]))));
}

static void put_above(factors *f, dnode d, unsigned rank)
{
    f->above[f->n_above++] = d;
    f->numbers += rank == RANK_NUMBER;
    f->reducers += rank == RANK_REDUCER;
}

static void put_factor(printer *p, factors *f, term b, term e, unsigned rank)
{
    if (term_num_sign(p->ctx, e) >= 0) {
        put_above(f, power(p, b, e), rank);
        return;
    }
    f->below[f->n_below++] = power(p, b, e);
    f->below_numeric &= rank == RANK_NUMBER;
    f->below_reducer |= rank == RANK_REDUCER;
}

/* |k|: above and below the bar, or whole if it reads best as a decimal. */
static void put_coefficient(printer *p, factors *f, term k)
{
    f->one_above = true;
    if (k == TERM_NONE) return;
    dnode d = text_layout_number(p, term_num(p->ctx, k));
    dnode above = d.kind == D_FRAC ? d.kid[0] : d;
    if (d.kind == D_FRAC) f->below[f->n_below++] = d.kid[1];
    if (above.str[0] == '1' && above.str[1] == '\0') return;
    f->one_above = false;
    f->above[f->n_above++] = above;
    f->numbers++;
}

/* [a < x] and [x < b] among the brackets of a product are shown as one, [a < x < b]: the pair's first takes
 * it, *skip is the second. Entries of arg; -1: no such pair. */
static term chained_bracket(printer *p, const term *arg, uint32_t n, int *first, int *skip)
{
    enum { MOST = 8 };
    gradus_ctx *ctx = p->ctx;
    uint32_t at[MOST], found = 0;
    *first = *skip = -1;
    for (uint32_t i = 0; i < n && found < MOST; i++)
        if (term_is(ctx, arg[2 * i], OP_BRACKET) && term_is_int(ctx, arg[2 * i + 1], 1)) at[found++] = i;
    for (uint32_t i = 0; i < found; i++)
        for (uint32_t j = i + 1; j < found; j++) {
            term low, high, pair_of[2] = {term_arg(ctx, arg[2 * at[i]], 0), term_arg(ctx, arg[2 * at[j]], 0)};
            term both = term_and(ctx, pair_of, 2);
            if (!both || !text_rel_chain(p, both, &low, &high)) continue;
            *first = (int)at[i];
            *skip = (int)at[j];
            return term_raw_node(ctx, OP_BRACKET, 0, &both, 1);
        }
    return TERM_NONE;
}

/* |k|*t for a canonical t; k may be TERM_NONE for 1. */
static dnode layout_product(printer *p, term k, term t)
{
    const gradus_ctx *ctx = p->ctx;
    bool is_mul = term_is(ctx, t, OP_MUL) && !(term_get_flags(ctx, t) & TF_RAW);
    const term *arg = is_mul ? term_args(ctx, t) : NULL;
    uint32_t n = is_mul ? term_argc(ctx, t) / 2 : 1;
    factors f = {.above = new_kids(p, n + 1), .below = new_kids(p, n + 1), .below_numeric = true};
    if (p->broken) return one();
    put_coefficient(p, &f, k);
    if (!is_mul) put_above(&f, piece(p, t), rank_of(p, t, true));
    int first = -1, skip = -1;
    term chain = is_mul ? chained_bracket(p, arg, n, &first, &skip) : TERM_NONE;
    for (unsigned rank = 0; is_mul && rank < RANK_COUNT; rank++)
        for (uint32_t i = 0; i < n; i++)
            if ((int)i != skip && entry_rank(p, arg + 2 * i) == rank)
                put_factor(p, &f, (int)i == first ? chain : arg[2 * i], arg[2 * i + 1], rank);
    if (f.n_below == 0) return product(f.above, f.n_above);
    dnode below = product(f.below, f.n_below);
    /* What stands in front as a fraction of its own: 1/n*sum[i](...), 2/3*x, 2/sqrt(pi)*e^(-x^2). */
    uint32_t front = f.n_above;
    if (f.reducers && !f.below_reducer) front = f.n_above - f.reducers;
    else if (f.below_numeric && !f.one_above) front = f.numbers;
    dnode fore = fraction(p, product(f.above, front), below);
    if (front == f.n_above) return fore;
    dnode *kid = new_kids(p, f.n_above - front + 1);
    if (!kid) return one();
    kid[0] = fore;
    for (uint32_t i = front; i < f.n_above; i++) kid[1 + i - front] = f.above[i];
    return product(kid, f.n_above - front + 1);
}

/* ---- raw products --------------------------------------------------------------------------- */

/* A factor as written. In a raw product a negative exponent is a division; a power with one that is a factor
 * of its own is shown as a power: -1*(1 + e^(-x))^(-2)*... */
static dnode raw_factor(printer *p, term b, term e)
{
    const gradus_ctx *ctx = p->ctx;
    if (term_is_int(ctx, e, 1) && term_is(ctx, b, OP_MUL) && term_argc(ctx, b) == 2) {
        term inner = term_arg(ctx, b, 1);
        if (term_num_sign(ctx, inner) < 0 && !term_is_int(ctx, inner, -1))
            return signed_power(p, term_arg(ctx, b, 0), inner);
    }
    return power(p, b, e);
}

/* Factors in their order; a division takes what stands before it since the last: a*b/c*d is (a*b/c)*d. */
static dnode layout_raw_product(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t) / 2, done = 0, above = 0, below = 0;
    dnode *kid = new_kids(p, n + 1), *over = new_kids(p, n), *under = new_kids(p, n);
    if (p->broken) return one();
    for (uint32_t i = 0; i <= n; i++) {
        bool division = i < n && term_num_sign(p->ctx, arg[2 * i + 1]) < 0;
        if (below && !division) {
            kid[done++] = fraction(p, product(over, above), product(under, below));
            over += above;
            under += below;
            above = below = 0;
        }
        if (division) under[below++] = power(p, arg[2 * i], arg[2 * i + 1]);
        else if (i < n) over[above++] = raw_factor(p, arg[2 * i], arg[2 * i + 1]);
    }
    for (uint32_t i = 0; i < above; i++) kid[done++] = over[i];
    return product(kid, done);
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* k*t as a piece of a sum, its sign in neg. */
static dnode sum_piece(printer *p, term k, term t)
{
    dnode d = piece(p, t);
    if (!term_is_int(p->ctx, k, 1) && !term_is_int(p->ctx, k, -1))
        d = (dnode){.kind = D_SCALE, .prec = PREC_ANY, .t = t, .k = k};
    d.neg = term_num_sign(p->ctx, k) < 0;
    return d;
}

static dnode constant_piece(printer *p, term c)
{
    dnode d = text_layout_number(p, term_num(p->ctx, c));
    d.neg = term_num_sign(p->ctx, c) < 0;
    return d;
}

static dnode layout_sum(printer *p, term t)
{
    const gradus_ctx *ctx = p->ctx;
    const term *arg = term_args(ctx, t);
    uint32_t terms = (term_argc(ctx, t) - 1) / 2, n = 0;
    bool raw = term_get_flags(ctx, t) & TF_RAW, with_constant = !term_is_int(ctx, arg[0], 0);
    if (terms == 1 && !with_constant) {
        dnode d = sum_piece(p, arg[1], arg[2]);
        return d.neg ? negative(p, d) : d;
    }
    dnode *kid = new_kids(p, terms + 1);
    if (!kid) return one();
    uint32_t before = raw ? 0 : term_aux(ctx, t); /* terms shown before the constant */
    for (uint32_t i = 0; i <= terms; i++) {
        if (with_constant && (i == before || (i == terms && n == terms)))
            kid[n++] = constant_piece(p, arg[0]);
        if (i < terms) kid[n++] = sum_piece(p, arg[1 + 2 * i], arg[2 + 2 * i]);
    }
    if (!raw && n == 2 && kid[0].neg && !kid[1].neg) {
        dnode first = kid[0];
        kid[0] = kid[1];
        kid[1] = first;
    }
    return (dnode){.kind = D_SUM, .prec = PREC_SUM, .n = n, .kid = kid};
}

/* ---- everything ----------------------------------------------------------------------------- */

static print_prec node_prec(const gradus_ctx *ctx, term t)
{
    switch (term_get_op(ctx, t)) {
    case OP_CONST:
    case OP_UNDEF:
    case OP_SYM:
    case OP_BOUND:
    case OP_ACC:
    case OP_BOOL:
    case OP_TUPLE: return PREC_ATOM;
    case OP_REL: return PREC_REL;
    case OP_AND: return PREC_AND;
    case OP_OR: return PREC_OR;
    case OP_NOT: return PREC_NOT;
    case OP_REDUCE:
    case OP_LIMIT: return PREC_POW;
    case OP_DERIV: return PREC_PREFIX;
    default: return PREC_CALL;
    }
}

static dnode layout_once(printer *p, const dnode *lazy)
{
    const gradus_ctx *ctx = p->ctx;
    term t = lazy->t;
    if (lazy->kind == D_SCALE) return layout_product(p, lazy->k, t);
    bool raw = term_get_flags(ctx, t) & TF_RAW;
    switch (term_get_op(ctx, t)) {
    case OP_NUM: return signed_number(p, term_num(ctx, t));
    case OP_ADD: return layout_sum(p, t);
    case OP_MUL: return raw ? layout_raw_product(p, t) : layout_product(p, TERM_NONE, t);
    case OP_POW:
        return pair(p, D_POW, PREC_POW, piece(p, term_arg(ctx, t, 0)), piece(p, term_arg(ctx, t, 1)));
    case OP_FN:
        if (term_aux(ctx, t) == FN_exp) return exponential(p, term_arg(ctx, t, 0));
        break;
    default: break;
    }
    return (dnode){.kind = D_NODE, .prec = (uint8_t)node_prec(ctx, t), .t = t};
}

dnode text_layout(printer *p, const dnode *lazy)
{
    dnode d = layout_once(p, lazy);
    while (d.kind == D_TERM || d.kind == D_SCALE) /* a raw product of one factor, a sum of one term */
        d = layout_once(p, &d);
    return d;
}

/* Does the index of a binder (index, lo, hi) run over the whole axis? */
static bool has_range(gradus_ctx *ctx, term sym, uint32_t axis, const term *index)
{
    term lo, hi;
    text_axis_range(ctx, sym, axis, &lo, &hi);
    return lo == index[1] && hi == index[2];
}

term text_eta(printer *p, term t, bool *transposed)
{
    gradus_ctx *ctx = p->ctx;
    *transposed = false;
    if (!term_is(ctx, t, OP_ARRAY)) return TERM_NONE;
    const term *arg = term_args(ctx, t);
    uint32_t rank = (term_argc(ctx, t) - 1) / 3;
    term body = arg[3 * rank];
    if (!term_is(ctx, body, OP_ACC) || term_argc(ctx, body) != rank + 1) return TERM_NONE;
    const term *at = term_args(ctx, body);
    if (!term_is(ctx, at[0], OP_SYM)) return TERM_NONE;
    bool straight = true, crossed = rank == 2;
    for (uint32_t k = 0; k < rank; k++) {
        straight = straight && at[1 + k] == arg[3 * k] && has_range(ctx, at[0], k, arg + 3 * k);
        crossed = crossed && at[2 - k] == arg[3 * k] && has_range(ctx, at[0], 1 - k, arg + 3 * k);
    }
    *transposed = crossed;
    return straight || crossed ? at[0] : TERM_NONE;
}

/* ---- what the writers ask about conditions -------------------------------------------------- */

bool text_rel_turned(const printer *p, term rel)
{
    const gradus_ctx *ctx = p->ctx;
    unsigned flags = term_get_flags(ctx, rel);
    const term *arg = term_args(ctx, rel);
    if (flags & TF_SWAPPED) return true;
    return term_aux(ctx, rel) != REL_EQ && term_is_num(ctx, arg[0]) && !term_is_num(ctx, arg[1]);
}

static bool is_order(const printer *p, term t)
{
    return term_is(p->ctx, t, OP_REL) && term_aux(p->ctx, t) >= REL_LT &&
           !(term_get_flags(p->ctx, t) & TF_SWAPPED);
}

bool text_rel_chain(const printer *p, term both, term *low, term *high)
{
    const gradus_ctx *ctx = p->ctx;
    if (!term_is(ctx, both, OP_AND) || term_argc(ctx, both) != 2) return false;
    for (uint32_t i = 0; i < 2; i++) {
        *low = term_arg(ctx, both, i);
        *high = term_arg(ctx, both, 1 - i);
        if (is_order(p, *low) && is_order(p, *high) && term_arg(ctx, *low, 1) == term_arg(ctx, *high, 0))
            return true;
    }
    return false;
}

const char *text_matfn_name(term_matfn f)
{
    static const char *const name[] = {[MATFN_INV] = "inv", [MATFN_DET] = "det", [MATFN_LOGDET] = "logdet"};
    return name[f];
}
