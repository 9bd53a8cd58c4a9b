/* cond: conditions, brackets and cases. A condition is decided here only by exact arithmetic. */
#include "term/term_impl.h"

static term raw_if_needed(gradus_ctx *ctx, term t) { return t && (term_get_flags(ctx, t) & TF_RAW) ? term_canon(ctx, t) : t; }

static bool is_inf(gradus_ctx *ctx, term t, int *sign)
{
    term inf = term_constant(ctx, CONST_INF);
    *sign = 1;
    if (t == inf)
        return true;
    *sign = -1;
    return term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_arg(ctx, t, 2) == inf &&
           term_num_sign(ctx, term_arg(ctx, t, 1)) < 0;
}

/* Sign of a - b when it is a number, *known tells. */
static int difference_sign(gradus_ctx *ctx, term a, term b, bool *known)
{
    *known = true;
    if (a == b)
        return 0;
    if (term_is_num(ctx, a) && term_is_num(ctx, b))
        return num_compare(ctx, a, b);
    int sa = 0, sb = 0;
    bool ia = is_inf(ctx, a, &sa), ib = is_inf(ctx, b, &sb);
    if (ia && term_is_num(ctx, b))
        return sa;
    if (ib && term_is_num(ctx, a))
        return -sb;
    if (!ia && !ib && (term_is(ctx, a, OP_ADD) || term_is(ctx, b, OP_ADD))) {
        term_store *s = store_of(ctx);
        bool recording = s->recording;
        s->recording = false;
        term d = term_sub(ctx, a, b);
        s->recording = recording;
        if (d && term_is_num(ctx, d))
            return term_num_sign(ctx, d);
    }
    *known = false;
    return 0;
}

term term_rel_make(gradus_ctx *ctx, term_rel r, term a, term b)
{
    a = raw_if_needed(ctx, a);
    b = raw_if_needed(ctx, b);
    if (!a || !b)
        return TERM_NONE;
    bool known;
    int sign = difference_sign(ctx, a, b, &known);
    if (known) {
        if (!term_is_num(ctx, a))
            term_lose(ctx, LOST_DEFINED, a);
        bool holds = r == REL_EQ ? sign == 0 : r == REL_NE ? sign != 0 : r == REL_LT ? sign < 0 : sign <= 0;
        return term_bool(ctx, holds);
    }
    return term_intern(ctx, OP_REL, r, 0, (term[]){a, b}, 2, NULL, 0);
}

/* and, or: `unit` drops out, its opposite absorbs. Nested ones are flattened, repeats dropped. */
static term connect(gradus_ctx *ctx, term_op op, const term *c, uint32_t n)
{
    bool unit = op == OP_AND;
    term_vec out = {0};
    term result = TERM_NONE;
    for (uint32_t i = 0; i < n; i++) {
        term ci = raw_if_needed(ctx, c[i]);
        if (!ci)
            goto done;
        bool nested = term_is(ctx, ci, op);
        uint32_t m = nested ? term_argc(ctx, ci) : 1;
        for (uint32_t j = 0; j < m; j++) {
            term x = nested ? term_arg(ctx, ci, j) : ci;
            if (term_is(ctx, x, OP_BOOL)) {
                if ((term_aux(ctx, x) != 0) == unit)
                    continue;
                result = x;
                goto done;
            }
            bool repeated = false;
            for (size_t k = 0; k < out.n; k++)
                repeated |= out.at[k] == x;
            if (!repeated && !vec_push(ctx, &out, x))
                goto done;
        }
    }
    result = out.n == 0   ? term_bool(ctx, unit)
             : out.n == 1 ? out.at[0]
                          : term_intern(ctx, op, 0, 0, out.at, (uint32_t)out.n, NULL, 0);
done:
    vec_clear(ctx, &out);
    return result;
}

term term_and(gradus_ctx *ctx, const term *c, uint32_t n) { return connect(ctx, OP_AND, c, n); }
term term_or(gradus_ctx *ctx, const term *c, uint32_t n) { return connect(ctx, OP_OR, c, n); }

term term_not(gradus_ctx *ctx, term c)
{
    c = raw_if_needed(ctx, c);
    if (!c)
        return TERM_NONE;
    switch (term_get_op(ctx, c)) {
    case OP_BOOL: return term_bool(ctx, !term_aux(ctx, c));
    case OP_NOT: return term_arg(ctx, c, 0);
    case OP_REL: {
        static const term_rel opposite[] = {[REL_EQ] = REL_NE, [REL_NE] = REL_EQ, [REL_LT] = REL_LE, [REL_LE] = REL_LT};
        term_rel r = (term_rel)term_aux(ctx, c);
        bool swap = r == REL_LT || r == REL_LE;
        return term_rel_make(ctx, opposite[r], term_arg(ctx, c, swap), term_arg(ctx, c, !swap));
    }
    default: return term_intern(ctx, OP_NOT, 0, 0, &c, 1, NULL, 0);
    }
}

term term_bracket(gradus_ctx *ctx, term cond)
{
    cond = raw_if_needed(ctx, cond);
    if (!cond)
        return TERM_NONE;
    if (term_is(ctx, cond, OP_BOOL))
        return term_int(ctx, term_aux(ctx, cond) ? 1 : 0);
    if (!term_is(ctx, cond, OP_AND))
        return term_intern(ctx, OP_BRACKET, 0, 0, &cond, 1, NULL, 0);
    /* [P and Q] is [P]*[Q]: deltas inside a conjunction are eliminated one by one. */
    uint32_t n = term_argc(ctx, cond);
    term_vec parts = {0};
    for (uint32_t i = 0; i < n; i++)
        if (!vec_push(ctx, &parts, term_bracket(ctx, term_arg(ctx, cond, i))))
            break;
    term r = parts.n == n ? term_mul(ctx, parts.at, n) : TERM_NONE;
    vec_clear(ctx, &parts);
    return r;
}

term term_cases(gradus_ctx *ctx, const term *cv, uint32_t pairs, term otherwise)
{
    term_vec out = {0};
    term result = TERM_NONE;
    otherwise = raw_if_needed(ctx, otherwise);
    for (uint32_t i = 0; i < pairs; i++) {
        term c = raw_if_needed(ctx, cv[2 * i]), v = raw_if_needed(ctx, cv[2 * i + 1]);
        if (!c || !v)
            goto done;
        if (term_is(ctx, c, OP_BOOL)) {
            if (!term_aux(ctx, c))
                continue;
            otherwise = v;
            break;
        }
        if (!vec_push(ctx, &out, c) || !vec_push(ctx, &out, v))
            goto done;
    }
    if (otherwise && term_is(ctx, otherwise, OP_UNDEF))
        otherwise = TERM_NONE;
    while (otherwise && out.n && out.at[out.n - 1] == otherwise) { /* a last branch equal to the rest is the rest */
        term_lose(ctx, LOST_DEFINED, out.at[out.n - 2]);
        out.n -= 2;
    }
    if (out.n == 0)
        result = otherwise ? otherwise : term_undefined(ctx);
    else if (!otherwise || vec_push(ctx, &out, otherwise))
        result = term_intern(ctx, OP_CASES, 0, 0, out.at, (uint32_t)out.n, NULL, 0);
done:
    vec_clear(ctx, &out);
    return result;
}
