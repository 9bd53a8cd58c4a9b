/* conditions: what an answer assumes, in the shortest words, and the kinks it passes over.
 *
 * What the rules cancel on the way to a derivative is not asked: f' is claimed inside f's domain but for its kinks, and at
 * a removable point it is its limit. A rewrite of f itself (simplify) hands in what its constructors gave up.
 *
 * An answer holds where the formula has a value and a derivative. Printed is what the answer itself does not show: a
 * requirement of the formula (harvested) or of a cancellation (recorded by the constructors) that does not follow from
 * the requirements of the result. `x != 0` for x/x; nothing for 1/x, whose result shows it.                          */
#include "api/api_impl.h"

static term condition_of(gradus_ctx *ctx, const term_lost *l)
{
    term zero = term_int(ctx, 0);
    switch (l->kind) {
    case LOST_NONZERO: return term_rel_make(ctx, REL_NE, l->what, zero);
    case LOST_POSITIVE: return term_rel_make(ctx, REL_LT, zero, l->what);
    case LOST_NONNEGATIVE: return term_rel_make(ctx, REL_LE, zero, l->what);
    default: return TERM_NONE;
    }
}

static bool has(const term_vec *v, term t)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->at[i] == t)
            return true;
    return false;
}

/* Adds c to the list unless it follows from `given` or from what is listed already. */
static void require(problem *p, term_vec *list, const term_vec *given, term c)
{
    gradus_ctx *ctx = p->ctx;
    if (!c || ctx_status(ctx) != GRADUS_OK || term_is(ctx, c, OP_BOOL) || has(list, c) || has(given, c))
        return;
    if (term_get_flags(ctx, c) & (TF_NUMERIC | TF_DANGLING))
        return;
    if (rule_decide(ctx, c, given->at, (uint32_t)given->n) == GRADUS_YES)
        return;
    if (list->n && rule_decide(ctx, c, list->at, (uint32_t)list->n) == GRADUS_YES)
        return;
    (void)vec_push(ctx, list, c);
}

void answer_set_conditions(problem *p, term f, term result, const term_lost *lost, size_t n_lost)
{
    gradus_ctx *ctx = p->ctx;
    if (!f || !result || ctx_status(ctx) != GRADUS_OK)
        return;
    term_vec needs = {0}, shown = {0}, list = {0}, lost_needs = {0};
    bool ok = rule_harvest(ctx, f, &needs) && rule_harvest(ctx, result, &shown);
    for (size_t i = 0; i < n_lost && ok; i++) {
        if (lost[i].kind == LOST_DEFINED)
            ok = rule_harvest(ctx, lost[i].what, &lost_needs);
        else {
            term c = condition_of(ctx, &lost[i]);
            ok = c && vec_push(ctx, &lost_needs, c);
        }
    }
    /* What a cancellation lost need not concern f: only what f itself does not already guarantee, and f's own needs. */
    for (size_t i = 0; i < needs.n && ok; i++)
        require(p, &list, &shown, needs.at[i]);
    for (size_t i = 0; i < lost_needs.n && ok; i++) {
        term c = lost_needs.at[i];
        bool follows = needs.n && rule_decide(ctx, c, needs.at, (uint32_t)needs.n) == GRADUS_YES;
        if (!follows)
            require(p, &list, &shown, c);
    }
    strbuf b;
    strbuf_init(&b, ctx);
    for (size_t i = 0; i < list.n && ok; i++) {
        b.n = 0;
        text_print(&b, ctx, list.at[i], FORM_TEXT);
        answer_add(p->a, &p->a->conditions, strbuf_str(&b));
    }
    strbuf_clear(&b);
    vec_clear(ctx, &needs);
    vec_clear(ctx, &shown);
    vec_clear(ctx, &lost_needs);
    vec_clear(ctx, &list);
}

void answer_set_kinks(problem *p, term f)
{
    gradus_ctx *ctx = p->ctx;
    diff_kinks kinks = {0};
    strbuf b;
    strbuf_init(&b, ctx);
    for (size_t v = 0; v < p->wrt.n && f && ctx_status(ctx) == GRADUS_OK; v++) {
        kinks.n = 0;
        if (!diff_find_kinks(ctx, f, p->wrt.at[v], &kinks))
            break;
        for (size_t i = 0; i < kinks.n; i++) {
            b.n = 0;
            text_print(&b, ctx, kinks.at[i].where, FORM_TEXT);
            strbuf_printf(&b, ": %s", kinks.at[i].text);
            answer_add(p->a, &p->a->kinks, strbuf_str(&b));
        }
    }
    strbuf_clear(&b);
    vec_clear(ctx, &kinks);
}
