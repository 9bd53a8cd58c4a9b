/* partial: what a row of func.def says about one application: derivatives, domain, kinks. */
#include "rule/rule_impl.h"

#include <string.h>

/* ---- the compiled rows of a context ------------------------------------------------------------------------- */

static void state_free(gradus_ctx *ctx, void *state)
{
    rule_state *s = state;
    for (int f = 0; f < FN_COUNT; f++)
        for (int k = 0; k < ROW_FORMULAS; k++)
            if (s->of[f][k]) {
                formula_clear(ctx, s->of[f][k]);
                ctx_realloc(ctx, s->of[f][k], sizeof(formula), 0);
            }
    ctx_realloc(ctx, s, sizeof *s, 0);
}

rule_state *rule_state_get(gradus_ctx *ctx)
{
    rule_state *s = ctx->room_state[SLOT_RULE];
    if (s)
        return s;
    s = ctx_realloc(ctx, NULL, 0, sizeof *s);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    ctx->room_state[SLOT_RULE] = s;
    ctx->room_free[SLOT_RULE] = state_free;
    return s;
}

static const char *row_text(const fn_row *row, row_formula which)
{
    switch (which) {
    case ROW_D0: case ROW_D1: case ROW_D2: return row->d[which - ROW_D0];
    case ROW_DOMAIN: return row->domain;
    case ROW_KINK: return row->kinks;
    case ROW_RANGE: return row->range;
    case ROW_EXPAND: return rule_expansion_text(row);
    default: return NULL;
    }
}

const formula *rule_formula(gradus_ctx *ctx, fn_id f, row_formula which)
{
    const char *text = row_text(fn_get(f), which);
    rule_state *s = rule_state_get(ctx);
    if (!s || !text || !*text)
        return NULL;
    formula **at = &s->of[f][which];
    if (*at)
        return *at;
    formula *made = ctx_realloc(ctx, NULL, 0, sizeof *made);
    if (!made)
        return NULL;
    memset(made, 0, sizeof *made);
    if (!formula_compile(ctx, made, text)) {
        formula_clear(ctx, made);
        ctx_realloc(ctx, made, sizeof *made, 0);
        if (ctx_status(ctx) == GRADUS_OK)
            diag_error(ctx, GRADUS_BUG, SPAN_NONE, NULL, "the table's formula `%s` of %s cannot be used", text,
                       fn_get(f)->name);
        return NULL;
    }
    *at = made;
    return made;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

/* Instantiates a formula at the canonical arguments of y. */
static term make_at(gradus_ctx *ctx, const formula *f, term y, uint32_t from)
{
    term args[SLOT_Y] = {TERM_NONE};
    uint32_t n = term_argc(ctx, y) - from;
    for (uint32_t k = 0; k < SLOT_Y && k < n; k++)
        args[k] = term_canon(ctx, term_arg(ctx, y, from + k));
    return formula_make(ctx, f, args, n, term_canon(ctx, y));
}

/* Functions of any number of arguments have one partial, with u the argument in question. */
static bool one_for_all(const fn_row *row, uint32_t k)
{
    return (row->flags & FN_VARIADIC) && (k >= (uint32_t)row->arity || k >= FN_MAX_ARITY || !row->d[k]);
}

term rule_partial(gradus_ctx *ctx, term y, uint32_t k)
{
    fn_id f = (fn_id)term_aux(ctx, y);
    const fn_row *row = fn_get(f);
    bool shared = one_for_all(row, k);
    uint32_t slot = shared ? 0 : k;
    switch (row->dkind[slot]) {
    case FN_D_ZERO: return term_int(ctx, 0);
    case FN_D_FORMULA: {
        const formula *d = rule_formula(ctx, f, (row_formula)(ROW_D0 + slot));
        return d ? make_at(ctx, d, y, shared ? k : 0) : TERM_NONE;
    }
    default: break;
    }
    if (row->arity > 1)
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, "it may be constant there, or use another formula",
                   "no derivative of %s by its argument %u is known", row->name, k + 1);
    else
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "no derivative of %s is known", row->name);
    return TERM_NONE;
}

term rule_domain(gradus_ctx *ctx, term y)
{
    fn_id f = (fn_id)term_aux(ctx, y);
    const formula *d = fn_get(f)->flags & FN_TOTAL ? NULL : rule_formula(ctx, f, ROW_DOMAIN);
    return d ? make_at(ctx, d, y, 0) : term_bool(ctx, true);
}

term rule_kink(gradus_ctx *ctx, term y)
{
    const formula *d = rule_formula(ctx, (fn_id)term_aux(ctx, y), ROW_KINK);
    return d ? make_at(ctx, d, y, 0) : TERM_NONE;
}
