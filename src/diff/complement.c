/* complement: how u/(1 + u)^2 becomes N*(1 - N), where N = 1/(1 + u) has a name, in lines that a reader can
 * follow: u/(1 + u)^2 = N*u/(1 + u) = N*((1 + u) - 1)/(1 + u) = N*((1 + u)/(1 + u) - 1/(1 + u)) = N*(1 - N)
 * Only the record is concerned; the result was found before (Note [Folding] in simplify.c). */
#include "diff/diff_impl.h"

/* The call N(...) of fsym (or the name itself) that stands as a factor of r beside 1 minus itself; TERM_NONE:
 * none. */
static term find_pair(gradus_ctx *ctx, term r, term fsym)
{
    term one = term_int(ctx, 1);
    for (uint32_t i = 0; term_is(ctx, r, OP_MUL) && i < term_argc(ctx, r); i += 2) {
        term n = term_arg(ctx, r, i);
        bool named = n == fsym || (term_is(ctx, n, OP_CALL) && term_arg(ctx, n, 0) == fsym);
        if (named && r == term_mul2(ctx, n, term_sub(ctx, one, n))) return n;
    }
    return TERM_NONE;
}

static void line(step_log *log, const char *rule, term before, term after, term name)
{
    step_bind(step_rewrite(log, rule, before, after), "N", name);
}

/* Records d = ... = r in the lines above; false: d and r are not of that form, nothing is recorded. */
bool complement_record(gradus_ctx *ctx, term d, term r, term fsym, step_log *log)
{
    term n = log && fsym ? find_pair(ctx, r, fsym) : TERM_NONE, one = term_int(ctx, 1),
         minus = term_int(ctx, -1);
    term body = n ? term_canon(ctx, term_unfold_once(ctx, n)) : TERM_NONE;
    if (!body || !term_is(ctx, body, OP_MUL) || term_argc(ctx, body) != 2 || term_arg(ctx, body, 1) != minus)
        return false;
    term below = term_arg(ctx, body, 0), u = term_sub(ctx, below, one);
    if (!u || d != term_powprod(ctx, (term[]){u, below}, (term[]){one, term_int(ctx, -2)}, 2)) return false;
    const term e[3] = {one, one, minus};
    term split = term_raw_add(ctx, (term[]){one, minus}, (term[]){below, one}, 2);
    term whole = term_raw_ordered_mul(ctx, (term[]){below, below}, (term[]){one, minus}, 2);
    term first = term_raw_ordered_mul(ctx, (term[]){n, u, below}, e, 3);
    term second = term_raw_ordered_mul(ctx, (term[]){n, split, below}, e, 3);
    term parts = term_raw_add(ctx, (term[]){one, minus}, (term[]){whole, body}, 2);
    term third = term_raw_ordered_mul(ctx, (term[]){n, parts}, NULL, 2);
    if (!first || !second || !third) return false;
    line(log, "fold", d, first, fsym);
    line(log, "add-zero", first, second, fsym);
    line(log, "split-fraction", second, third, fsym);
    line(log, "fold", third, r, fsym);
    return true;
}
