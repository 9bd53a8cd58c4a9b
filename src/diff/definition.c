/* definition: a derivative as the limit of the secant's slope, written out: expand, cancel, conjugate, limit. */
#include "diff/diff_impl.h"

/* The step h of the secant: dx if x is x, and not a name that f uses. */
static term name_of_step(gradus_ctx *ctx, term f, term x)
{
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_printf(&b, "d%s", term_sym_name(ctx, x));
    for (;;) {
        term s = term_find_sym(ctx, strbuf_str(&b), strlen(strbuf_str(&b)));
        if (!s || (!term_depends(ctx, f, s) && term_sym_info(ctx, s)->role == ROLE_VARIABLE && term_sym_info(ctx, s)->rank == 0))
            break;
        strbuf_addc(&b, '_');
    }
    term h = term_sym(ctx, strbuf_str(&b), strlen(strbuf_str(&b)));
    strbuf_clear(&b);
    return h;
}

term definition_derive(gradus_ctx *ctx, term f, term x, step_log *log)
{
    if (!term_is(ctx, x, OP_SYM))
        return TERM_NONE;
    term h = name_of_step(ctx, f, x), one = term_int(ctx, 1), minus = term_int(ctx, -1);
    term moved = term_raw_add(ctx, NULL, (term[]){x, h}, 2), there = term_raw_subst(ctx, f, &x, &moved, 1);
    term rise = term_raw_add(ctx, (term[]){one, minus}, (term[]){there, f}, 2);
    term secant = term_raw_mul(ctx, (term[]){rise, h}, (term[]){one, minus}, 2);
    const uint32_t order = 1;
    step *s = log ? step_begin(log, STEP_RULE, "limit-definition", term_deriv(ctx, f, &x, &order, 1)) : NULL;
    step_bind(s, "f", f);
    step_bind(s, "h", h);
    if (s)
        s->shown = secant;
    term plain = term_canon(ctx, rise), wide = plain ? method_expand(ctx, plain) : TERM_NONE;
    term slope = TERM_NONE;
    if (wide) {
        slope = term_canon(ctx, secant);
        if (wide != plain) {
            term open = term_raw_mul(ctx, (term[]){wide, h}, (term[]){one, minus}, 2);
            if (log)
                step_rewrite(log, "expand", secant, open);
            slope = term_canon(ctx, open);
        }
    }
    bool jumps;
    term d = slope ? limit_search(ctx, slope, h, term_int(ctx, 0), SIDE_BOTH, log, &jumps) : TERM_NONE;
    step_end(log, s, d);
    return d;
}
