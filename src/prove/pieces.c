/* pieces: a term with cases and brackets as one plain term per piece of its domain.
 *
 * A condition a < b is decided by the sign of g = b - a. One g after the other (first those without cases inside) is
 * taken positive, then negative; all conditions that are multiples of g follow. The border g = 0 is a piece of its own
 * where a condition asks for it (a == b), or where it can have an interior: g is 0 everywhere, steps, or counts. Other
 * borders are left out: they are points, and a convention rules there.                                             */
#include "prove/prove_impl.h"

enum { MAX_CONDITIONS = 10, MAX_PIECES = 128 };

typedef struct splitting {
    gradus_ctx *ctx;
    prove_piece_fn fn;
    void *user;
    uint32_t pieces;
    bool ended;
} splitting;

static bool has_cases(gradus_ctx *ctx, term t)
{
    term_vec nodes = {0};
    bool found = !term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && !found; i++)
        found = term_is(ctx, nodes.at[i], OP_CASES) || term_is(ctx, nodes.at[i], OP_BRACKET);
    vec_clear(ctx, &nodes);
    return found;
}

/* b - a of a REL, without its positive content: 2*x and x are one. */
static term difference(gradus_ctx *ctx, term rel)
{
    term g = prove_rational(ctx, term_sub(ctx, term_arg(ctx, rel, 1), term_arg(ctx, rel, 0)));
    if (!g || !term_is(ctx, g, OP_ADD))
        return g;
    fmpq_t c;
    fmpq_init(c);
    for (uint32_t i = 0; i < term_argc(ctx, g); i = i ? i + 2 : 1)
        fmpq_gcd(c, c, term_num(ctx, term_arg(ctx, g, i)));
    term k = term_from_fmpq(ctx, c);
    fmpq_clear(c);
    return term_div(ctx, g, k);
}

/* An undecided comparison outside binders whose sides have no cases; TERM_NONE: there is none. */
static term find_condition(gradus_ctx *ctx, term t)
{
    term_vec nodes = {0};
    term found = TERM_NONE;
    if (!term_reachable(ctx, &t, 1, &nodes)) {
        vec_clear(ctx, &nodes);
        return TERM_NONE;
    }
    for (size_t i = 0; i < nodes.n && !found; i++)
        if (term_is(ctx, nodes.at[i], OP_REL) && !(term_get_flags(ctx, nodes.at[i]) & TF_DANGLING) &&
            !has_cases(ctx, nodes.at[i]))
            found = nodes.at[i];
    vec_clear(ctx, &nodes);
    return found;
}

/* t with the sign of g (1, -1 or 0) put into every condition that is a multiple of g. */
static term assume_sign(gradus_ctx *ctx, term t, term g, int sign)
{
    term_vec nodes = {0}, from = {0}, to = {0};
    term minus = term_neg(ctx, g), result = TERM_NONE;
    bool ok = term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && ok; i++) {
        term rel = nodes.at[i];
        if (!term_is(ctx, rel, OP_REL) || (term_get_flags(ctx, rel) & TF_DANGLING) || has_cases(ctx, rel))
            continue;
        term d = difference(ctx, rel);
        if (d != g && d != minus)
            continue;
        bool above = (d == g) == (sign > 0); /* is right - left > 0 ? */
        term_rel r = (term_rel)term_aux(ctx, rel);
        bool holds = sign == 0 ? r == REL_EQ || r == REL_LE : r == REL_NE || (r != REL_EQ && above);
        ok = vec_push(ctx, &from, rel) && vec_push(ctx, &to, term_bool(ctx, holds));
    }
    if (ok)
        result = term_subst(ctx, t, from.at, to.at, (uint32_t)from.n);
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    return result;
}

/* Does a condition of t ask for g = 0, or can g = 0 have an interior? Yes also where this could not be found out. */
static bool border_counts(gradus_ctx *ctx, term t, term g)
{
    term_vec nodes = {0};
    term minus = term_neg(ctx, g);
    bool counts = term_is_int(ctx, g, 0) || !term_reachable(ctx, &g, 1, &nodes);
    for (size_t i = 0; i < nodes.n && !counts; i++) {
        term x = nodes.at[i];
        counts = (term_is(ctx, x, OP_SYM) && term_sym_info(ctx, x)->role == ROLE_INDEX) ||
                 (term_is(ctx, x, OP_FN) && (fn_get((fn_id)term_aux(ctx, x))->flags & FN_STEP));
    }
    nodes.n = 0;
    counts = counts || !term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && !counts; i++) {
        term rel = nodes.at[i];
        if (!term_is(ctx, rel, OP_REL) || (term_aux(ctx, rel) != REL_EQ && term_aux(ctx, rel) != REL_NE) ||
            (term_get_flags(ctx, rel) & TF_DANGLING) || has_cases(ctx, rel))
            continue;
        term d = difference(ctx, rel);
        counts = !d || d == g || d == minus;
    }
    vec_clear(ctx, &nodes);
    return counts;
}

/* t with a name that enters g linearly put to where g = 0; t itself where there is none. */
static term put_on_border(gradus_ctx *ctx, term t, term g)
{
    term zero = term_int(ctx, 0);
    if (!t || term_is(ctx, g, OP_SYM))
        return t ? term_subst(ctx, t, &g, &zero, 1) : TERM_NONE;
    for (uint32_t i = 1; term_is(ctx, g, OP_ADD) && i < term_argc(ctx, g); i += 2) {
        term k = term_arg(ctx, g, i), x = term_arg(ctx, g, i + 1);
        if (!term_is(ctx, x, OP_SYM))
            continue;
        term root = term_sub(ctx, x, term_div(ctx, g, k));
        if (root && !term_occurs(ctx, root, x))
            return term_subst(ctx, t, &x, &root, 1);
    }
    return t;
}

/* Recursion over the number of conditions, at most MAX_CONDITIONS deep. */
static void split(splitting *s, term t, term *cond, uint32_t n)
{
    gradus_ctx *ctx = s->ctx;
    if (s->ended || !t) {
        s->ended = true;
        return;
    }
    term rel = has_cases(ctx, t) ? find_condition(ctx, t) : TERM_NONE;
    if (!rel) {
        s->ended = ++s->pieces > MAX_PIECES || !s->fn(s->user, t, cond, n);
        return;
    }
    term g = n < MAX_CONDITIONS ? difference(ctx, rel) : TERM_NONE, zero = term_int(ctx, 0);
    if (!g) {
        s->ended = true;
        return;
    }
    for (int positive = 1; positive >= 0 && !s->ended; positive--) {
        term c = positive ? term_rel_make(ctx, REL_LT, zero, g) : term_rel_make(ctx, REL_LT, g, zero);
        if (rule_decide(ctx, c, cond, n) == GRADUS_NO)
            continue;
        cond[n] = c;
        split(s, assume_sign(ctx, t, g, positive ? 1 : -1), cond, n + 1);
    }
    if (s->ended || !border_counts(ctx, t, g))
        return;
    term c = term_rel_make(ctx, REL_EQ, g, zero);
    if (!c || rule_decide(ctx, c, cond, n) == GRADUS_NO)
        s->ended = !c;
    else {
        term on = put_on_border(ctx, assume_sign(ctx, t, g, 0), g);
        cond[n] = c;
        if (!on || !term_is(ctx, on, OP_UNDEF)) /* no value there: nothing to show */
            split(s, on, cond, n + 1);
    }
}

bool prove_pieces(gradus_ctx *ctx, term t, prove_piece_fn fn, void *user)
{
    splitting s = {.ctx = ctx, .fn = fn, .user = user};
    term cond[MAX_CONDITIONS + 1];
    split(&s, t, cond, 0);
    return !s.ended;
}
