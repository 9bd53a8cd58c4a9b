/* record: the steps that the engine writes down. See Note [What a record holds] in step.c. */
#include "diff/diff_impl.h"

#include <stdio.h>

term record_deriv(engine *e, term body)
{
    if (!e->log)
        return TERM_NONE;
    const uint32_t one = 1;
    return term_deriv(e->ctx, body, &e->x, &one, 1);
}

step *record_begin(engine *e, const char *rule, term body, const char *role)
{
    if (!e->log)
        return NULL;
    step *s = step_begin(e->log, STEP_RULE, rule, record_deriv(e, body));
    if (!s)
        return NULL;
    s->role = role;
    if (e->linear_depth)
        s->tag = STEP_LINEAR;
    return s;
}

enum { MANY_SUBS = 60 };

/* The right side of the rule as it stands, with the sub-steps' results put in; for a chain the inner function goes
 * back in the place of its name. If that is not yet the result, numbers and signs are put in order: a rewrite. */
static void record_literal(engine *e, step *s, term after)
{
    gradus_ctx *ctx = e->ctx;
    term from[MANY_SUBS], to[MANY_SUBS];
    uint32_t n = 0;
    for (const step *sub = s->sub; sub; sub = sub->next) {
        if (sub->kind == STEP_REWRITE || !sub->before || !sub->after || !term_is(ctx, sub->before, OP_DERIV))
            continue;
        if (n == MANY_SUBS)
            return;
        from[n] = sub->before;
        to[n++] = sub->after;
    }
    if (n == 0)
        return;
    term literal = term_raw_subst(ctx, s->shown, from, to, n);
    if (literal && s->inner_name)
        literal = term_raw_subst(ctx, literal, &s->inner_name, &s->inner_is, 1);
    if (!literal || literal == after || (term_get_flags(ctx, literal) & TF_DERIV))
        return;
    step *r = step_rewrite(e->log, "simplify", literal, after);
    if (r)
        r->tag = STEP_COSMETIC;
}

void record_end(engine *e, step *s, term after)
{
    if (!s)
        return;
    if (s->shown && after && !e->failed)
        record_literal(e, s, after);
    step_end(e->log, s, after);
}

step *record_leaf(engine *e, const char *rule, term body, const char *role, term after)
{
    step *s = record_begin(e, rule, body, role);
    record_end(e, s, after);
    return s;
}

void record_constant(engine *e, term body, const char *role)
{
    if (!e->log)
        return;
    step *s = record_leaf(e, "constant", body, role, term_int(e->ctx, 0));
    step_bind(s, "c", body);
}

/* ---- names of inner functions -------------------------------------------------------------------------------- */

static bool name_is_free(engine *e, const char *name)
{
    gradus_ctx *ctx = e->ctx;
    term s = term_find_sym(ctx, name, strlen(name));
    if (!s)
        return true;
    const sym_info *info = term_sym_info(ctx, s);
    if (info->role != ROLE_VARIABLE || info->rank != 0 || s == e->x)
        return false;
    for (size_t i = 0; i < e->names.n; i++)
        if (e->names.at[i] == s)
            return false;
    return true;
}

/* The symbol for the inner function at this nesting: g, h, k, then g1, g2, ...; the user's own names are passed over.
 * Names once chosen are kept: one for each depth. */
term record_inner_name(engine *e)
{
    static const char *const letters[] = {"g", "h", "k"};
    char name[24];
    while (e->inner_names.n <= e->chain_depth && ctx_status(e->ctx) == GRADUS_OK) {
        uint32_t i = e->names_tried++;
        if (i < 3)
            snprintf(name, sizeof name, "%s", letters[i]);
        else
            snprintf(name, sizeof name, "g%u", i - 2);
        if (name_is_free(e, name) && !vec_push(e->ctx, &e->inner_names, term_sym(e->ctx, name, strlen(name))))
            break;
    }
    return e->inner_names.n > e->chain_depth ? e->inner_names.at[e->chain_depth] : TERM_NONE;
}

/* Begins the step of a chain and names its inner function; the caller records the outer leaf, then the inner part. */
step *record_chain(engine *e, term t, term inner, const char *role)
{
    step *s = record_begin(e, "chain", t, role);
    if (!s)
        return NULL;
    s->inner_name = record_inner_name(e);
    if (!s->inner_name) {
        e->failed = true;
        return NULL;
    }
    s->inner_is = inner;
    step_bind(s, "f", t);
    step_bind(s, "g", s->inner_name);
    step_bind(s, "inner", inner);
    e->chain_depth++;
    return s;
}
