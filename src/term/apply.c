/* apply: functions of func.def and user functions applied to arguments. */
#include "term/term_impl.h"

/* "-u" is what a reader sees first: a negative number, or a sum whose every coefficient is negative. */
static bool looks_negative(const gradus_ctx *ctx, term t)
{
    if (term_is_num(ctx, t))
        return term_num_sign(ctx, t) < 0;
    if (!term_is(ctx, t, OP_ADD))
        return false;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    if (term_num_sign(ctx, a[0]) > 0)
        return false;
    for (uint32_t i = 1; i < n; i += 2)
        if (term_num_sign(ctx, a[i]) > 0)
            return false;
    return true;
}

static bool parse_exact(gradus_ctx *ctx, const char *text, term *out)
{
    if (!text)
        return false;
    bool negative = *text == '-';
    fmpq_t q;
    fmpq_init(q);
    const char *digits = text + negative, *slash = strchr(digits, '/');
    bool ok = num_parse_decimal(q, digits, slash ? (size_t)(slash - digits) : strlen(digits));
    if (ok && slash) {
        fmpq_t d;
        fmpq_init(d);
        ok = num_parse_decimal(d, slash + 1, strlen(slash + 1)) && !fmpq_is_zero(d);
        if (ok)
            fmpq_div(q, q, d);
        fmpq_clear(d);
    }
    if (negative)
        fmpq_neg(q, q);
    if (ok)
        *out = term_from_fmpq(ctx, q);
    fmpq_clear(q);
    return ok;
}

/* k*log(v) with rational k, as exp needs it: v^k, else TERM_NONE. */
static term exp_of_log(gradus_ctx *ctx, term u)
{
    term k = term_int(ctx, 1), t = u;
    if (term_is(ctx, u, OP_ADD) && term_argc(ctx, u) == 3 && term_is_int(ctx, term_arg(ctx, u, 0), 0)) {
        k = term_arg(ctx, u, 1);
        t = term_arg(ctx, u, 2);
    }
    if (!term_is(ctx, t, OP_FN) || term_aux(ctx, t) != FN_log)
        return TERM_NONE;
    term v = term_arg(ctx, t, 0);
    term_lose(ctx, LOST_POSITIVE, v);
    return term_pow(ctx, v, k);
}

static term round_number(gradus_ctx *ctx, fn_id f, term a)
{
    const fmpq *q = term_num(ctx, a);
    fmpz_t n;
    fmpz_init(n);
    if (f == FN_floor)
        fmpz_fdiv_q(n, fmpq_numref(q), fmpq_denref(q));
    else
        fmpz_cdiv_q(n, fmpq_numref(q), fmpq_denref(q));
    fmpq_t r;
    fmpq_init(r);
    fmpq_set_fmpz(r, n);
    term t = term_from_fmpq(ctx, r);
    fmpq_clear(r);
    fmpz_clear(n);
    return t;
}

/* Values at numbers that are exact for structural reasons; TERM_NONE: none known. */
static term fold_number(gradus_ctx *ctx, fn_id f, term a)
{
    const fn_row *row = fn_get(f);
    term r = TERM_NONE;
    if (term_num_sign(ctx, a) == 0 && parse_exact(ctx, row->at0, &r))
        return r;
    if (term_is_int(ctx, a, 1) && parse_exact(ctx, row->at1, &r))
        return r;
    switch (f) {
    case FN_abs: return term_num_sign(ctx, a) < 0 ? term_neg(ctx, a) : a;
    case FN_sign: return term_int(ctx, term_num_sign(ctx, a));
    case FN_floor: case FN_ceil: return round_number(ctx, f, a);
    default: return TERM_NONE;
    }
}

/* max and min: nested ones flattened, equal arguments once, numbers compared. */
static term apply_extremum(gradus_ctx *ctx, fn_id f, const term *args, uint32_t n)
{
    term_vec out = {0};
    term number = TERM_NONE, result = TERM_NONE;
    size_t number_at = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool nested = term_is(ctx, args[i], OP_FN) && term_aux(ctx, args[i]) == (uint32_t)f;
        uint32_t m = nested ? term_argc(ctx, args[i]) : 1;
        for (uint32_t j = 0; j < m; j++) {
            term a = nested ? term_arg(ctx, args[i], j) : args[i];
            if (term_is_num(ctx, a)) {
                bool better = !number || (num_compare(ctx, a, number) > 0) == (f == FN_max);
                if (!number)
                    number_at = out.n;
                number = better ? a : number;
                continue;
            }
            bool repeated = false;
            for (size_t k = 0; k < out.n && k < 64; k++)
                repeated |= out.at[k] == a;
            if (!repeated && !vec_push(ctx, &out, a))
                goto done;
        }
    }
    if (number) {
        if (!vec_push(ctx, &out, number))
            goto done;
        for (size_t k = out.n - 1; k > number_at; k--)
            out.at[k] = out.at[k - 1];
        out.at[number_at] = number;
    }
    result = out.n == 1 ? out.at[0] : term_intern(ctx, OP_FN, f, 0, out.at, (uint32_t)out.n, NULL, 0);
done:
    vec_clear(ctx, &out);
    return result;
}

static term apply_unary(gradus_ctx *ctx, fn_id f, term a)
{
    const fn_row *row = fn_get(f);
    term folded = TERM_NONE;
    if (term_is_num(ctx, a) && (folded = fold_number(ctx, f, a)) != TERM_NONE)
        return folded;
    if (f == FN_exp) {
        if (term_is_int(ctx, a, 1))
            return term_constant(ctx, CONST_E);
        if ((folded = exp_of_log(ctx, a)) != TERM_NONE)
            return folded;
    }
    if (f == FN_log) {
        if (a == term_constant(ctx, CONST_E))
            return term_int(ctx, 1);
        if (term_is(ctx, a, OP_FN) && term_aux(ctx, a) == FN_exp)
            return term_arg(ctx, a, 0);
    }
    if ((row->flags & (FN_ODD | FN_EVEN)) && looks_negative(ctx, a)) {
        term r = term_apply1(ctx, f, term_neg(ctx, a));
        return row->flags & FN_ODD ? term_neg(ctx, r) : r;
    }
    return term_intern(ctx, OP_FN, f, 0, &a, 1, NULL, 0);
}

term term_apply(gradus_ctx *ctx, fn_id f, const term *args, uint32_t n)
{
    const fn_row *row = fn_get(f);
    bool variadic = (row->flags & FN_VARIADIC) != 0;
    if (variadic ? n < (uint32_t)row->arity : n != (uint32_t)row->arity) {
        ctx_fail(ctx, GRADUS_BUG);
        return TERM_NONE;
    }
    bool raw = false;
    for (uint32_t i = 0; i < n; i++) {
        if (!args[i])
            return TERM_NONE;
        raw |= (term_get_flags(ctx, args[i]) & TF_RAW) != 0;
        if (term_is(ctx, args[i], OP_UNDEF))
            return args[i];
    }
    if (raw)
        return term_canon(ctx, term_raw_apply(ctx, f, args, n));
    if (f == FN_max || f == FN_min)
        return apply_extremum(ctx, f, args, n);
    if (n == 1)
        return apply_unary(ctx, f, args[0]);
    return term_intern(ctx, OP_FN, f, 0, args, n, NULL, 0);
}

term term_apply1(gradus_ctx *ctx, fn_id f, term a) { return term_apply(ctx, f, &a, 1); }

term term_call(gradus_ctx *ctx, term fsym, const uint32_t *orders, const term *args, uint32_t n)
{
    term small[1 + 2 * SYM_MAX_RANK];
    if (n > SYM_MAX_RANK) {
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "a function of more than %d arguments is not supported",
                   SYM_MAX_RANK);
        return TERM_NONE;
    }
    small[0] = fsym;
    for (uint32_t i = 0; i < n; i++) {
        small[1 + i] = term_int(ctx, orders ? (long)orders[i] : 0);
        small[1 + n + i] = args[i];
    }
    return term_intern(ctx, OP_CALL, 0, 0, small, 1 + 2 * n, NULL, 0);
}
