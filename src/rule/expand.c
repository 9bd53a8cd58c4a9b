/* expand: functions through simpler ones (expand.def). */
#include "rule/rule_impl.h"

const char *rule_expansion_text(const fn_row *row)
{
    static const char *const text[FN_COUNT] = {
#define EXPAND(id, formula) [FN_##id] = formula,
#include "rule/expand.def"
#undef EXPAND
    };
    return text[row - fn_get(FN_NONE + 1) + 1];
}

/* max and min of several arguments, as nested cases: {u if u > rest; rest otherwise}. */
static term expand_extremum(gradus_ctx *ctx, term y)
{
    bool max = term_aux(ctx, y) == FN_max;
    uint32_t n = term_argc(ctx, y);
    term r = term_arg(ctx, y, n - 1);
    for (uint32_t i = n - 1; i-- > 0 && r;) {
        term a = term_arg(ctx, y, i);
        term c = max ? term_rel_make(ctx, REL_LT, r, a) : term_rel_make(ctx, REL_LT, a, r);
        r = term_cases(ctx, (term[]){c, a}, 1, r);
    }
    return r;
}

term rule_expand(gradus_ctx *ctx, term y)
{
    fn_id f = (fn_id)term_aux(ctx, y);
    if (f == FN_max || f == FN_min)
        return expand_extremum(ctx, y);
    const formula *e = rule_formula(ctx, f, ROW_EXPAND);
    return e ? formula_make(ctx, e, term_args(ctx, y), term_argc(ctx, y), y) : y;
}
