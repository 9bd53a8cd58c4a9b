/* checker: every step of a record verified again, from what the step says and its sub-steps' results alone.
 *
 * Steps are visited children first, with an explicit position (records are as deep as formulas). A step
 * passes if its rule is known, its formula, written anew in check_*.c, gives `after`, every binding is what
 * it should be, what is shown leads to `after`, and it has the sub-steps that the rule needs and no others.
 */
#include "step/check_impl.h"

bool check_fail(checker *c, const step *s, const char *why)
{
    if (!c->bad) {
        c->bad = s;
        c->why = why;
    }
    return false;
}

/* ---- verified steps ------------------------------------------------------------------------------ */

static size_t place_of(const checker *c, const step *s)
{
    size_t k = hash_mix(0, (uint64_t)(uintptr_t)s) & (c->done_cap - 1);
    while (c->done[k] && c->done[k] != s) k = (k + 1) & (c->done_cap - 1);
    return k;
}

static bool is_done(const checker *c, const step *s)
{
    return c->done_cap && c->done[place_of(c, s)] == s;
}

static bool mark_done(checker *c, const step *s)
{
    if (2 * (c->done_count + 1) > c->done_cap) {
        const step **old = c->done;
        size_t old_cap = c->done_cap, cap = old_cap ? 2 * old_cap : 256;
        const step **made = ctx_realloc(c->ctx, NULL, 0, cap * sizeof *made);
        if (!made) return false;
        memset(made, 0, cap * sizeof *made);
        c->done = made;
        c->done_cap = cap;
        for (size_t i = 0; i < old_cap; i++)
            if (old[i]) c->done[place_of(c, old[i])] = old[i];
        ctx_realloc(c->ctx, old, old_cap * sizeof *old, 0);
    }
    c->done[place_of(c, s)] = s;
    c->done_count++;
    return true;
}

/* ---- reading steps ------------------------------------------------------------------------------- */

bool check_deriv(checker *c, const step *s, term *t, term *x)
{
    gradus_ctx *ctx = c->ctx;
    if (!s->before || !term_is(ctx, s->before, OP_DERIV) || term_argc(ctx, s->before) != 3 ||
        !term_is_int(ctx, term_arg(ctx, s->before, 2), 1))
        return check_fail(c, s, "a rule begins with the derivative of one formula by one variable");
    *t = term_arg(ctx, s->before, 0);
    *x = term_arg(ctx, s->before, 1);
    return true;
}

term check_binding(checker *c, const step *s, const char *name)
{
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strcmp(s->bind[i].name, name) == 0) {
            c->bindings++;
            return s->bind[i].value;
        }
    return TERM_NONE;
}

bool check_bound(checker *c, const step *s, const char *name, term value)
{
    term have = check_binding(c, s, name);
    if (!have) return check_fail(c, s, "a binding is missing");
    return check_alike(c, have, value) || check_fail(c, s, "a binding is not what the formula says");
}

bool check_no_parts(checker *c, const step *s)
{
    return !s->sub || check_fail(c, s, "a rule without parts has sub-steps");
}

const step *check_next_part(const step **at, const char *role)
{
    const step *s = *at;
    while (s && (s->kind == STEP_REWRITE || (role && (!s->role || strcmp(s->role, role) != 0)))) s = s->next;
    *at = s ? s->next : NULL;
    return s;
}

bool check_counts(checker *c, const step *s, uint32_t n)
{
    uint32_t have = 0;
    for (const step *p = s->sub; p; p = p->next) have += p->kind != STEP_REWRITE;
    return have == n || check_fail(c, s, "the rule has another number of parts");
}

/* D(b; x) for the element b = A[i, ...] may be derived as the whole of A. */
static term element_result(checker *c, const step *part, term body, term part_body)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, body, OP_ACC) || !check_alike(c, term_arg(ctx, body, 0), part_body)) return TERM_NONE;
    if (term_is_num(ctx, part->after)) return part->after;
    return term_acc(ctx, part->after, term_args(ctx, body) + 1, term_argc(ctx, body) - 1);
}

term check_part_result(checker *c, const step *s, const step *part, term body, term x)
{
    term b, px;
    if (!part) {
        check_fail(c, s, "a part has no derivation");
        return TERM_NONE;
    }
    if (!check_deriv(c, part, &b, &px)) return TERM_NONE;
    if (px != x) {
        check_fail(c, s, "a part is derived by another variable");
        return TERM_NONE;
    }
    if (check_alike(c, b, body)) return part->after;
    term r = element_result(c, part, body, b);
    if (!r) check_fail(c, s, "the derivation of a part is that of another formula");
    return r;
}

bool check_after(checker *c, const step *s, term value)
{
    if (c->bad) return false;
    return check_same(c, s->after, value) || check_fail(c, s, "the result is not what the rule gives");
}

bool check_equation(checker *c, const step *s, term body, term x)
{
    term now = body, result = TERM_NONE;
    for (const step *p = s->sub; p; p = p->next) {
        if (p->kind == STEP_REWRITE) {
            if (p->before == p->after) /* words only */
                continue;
            if (!check_alike(c, p->before, result ? result : now))
                return check_fail(c, s, "a line does not begin where the last one ended");
            *(result ? &result : &now) = p->after;
        } else if (strcmp(p->rule, "alternative") == 0) {
            if (p->before != s->before || !check_same(c, p->after, s->after))
                return check_fail(c, s, "another way leads elsewhere");
        } else {
            if (result) return check_fail(c, s, "an equation is derived twice");
            if (!(result = check_part_result(c, s, p, now, x))) return false;
        }
    }
    if (!result) return check_fail(c, s, "nothing is derived");
    /* Arrays of zeros come as 0 from the rules. */
    bool zeros = term_is_int(c->ctx, result, 0) && term_is(c->ctx, s->after, OP_ARRAY) &&
                 term_is_int(c->ctx, term_arg(c->ctx, s->after, term_argc(c->ctx, s->after) - 1), 0);
    return zeros || check_alike(c, s->after, result) || check_fail(c, s, "the last line is not the result");
}

/* ---- what is shown ------------------------------------------------------------------------------- */

/* The result of the sub-step that derives d = D(b; x); TERM_NONE: there is none. */
static term result_of(checker *c, const step *s, term d)
{
    for (const step *p = s->sub; p; p = p->next)
        if (p->kind != STEP_REWRITE && p->before == d) return p->after;
    gradus_ctx *ctx = c->ctx;
    for (const step *p = s->sub; p; p = p->next) {
        if (p->kind == STEP_REWRITE || !term_is(ctx, p->before, OP_DERIV) ||
            term_arg(ctx, p->before, 1) != term_arg(ctx, d, 1))
            continue;
        if (check_alike(c, term_arg(ctx, p->before, 0), term_arg(ctx, d, 0))) return p->after;
        term r = element_result(c, p, term_arg(ctx, d, 0), term_arg(ctx, p->before, 0));
        if (r) return r;
    }
    return TERM_NONE;
}

/* Every derivative of `shown`, with the result of the sub-step that derives it; false: one has none. */
static bool results_in(checker *c, const step *s, term_vec *from, term_vec *to)
{
    gradus_ctx *ctx = c->ctx;
    term_vec todo = {0};
    bool ok = vec_push(ctx, &todo, s->shown);
    while (todo.n && ok) {
        term t = todo.at[--todo.n];
        if (!(term_get_flags(ctx, t) & TF_DERIV)) continue;
        if (term_is(ctx, t, OP_DERIV)) {
            term r = result_of(c, s, t);
            ok = r && vec_push(ctx, from, t) && vec_push(ctx, to, r);
            continue;
        }
        for (uint32_t i = 0; i < term_argc(ctx, t) && ok; i++) ok = vec_push(ctx, &todo, term_arg(ctx, t, i));
    }
    vec_clear(ctx, &todo);
    return ok;
}

/* The right side as shown, with the sub-steps' results put in and the inner function in the place of its
 * name, is the result. */
static bool check_shown(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    if (!s->shown) return true;
    term_vec from = {0}, to = {0};
    term value = s->shown;
    bool ok = results_in(c, s, &from, &to);
    if (ok && from.n) value = term_raw_subst(ctx, value, from.at, to.at, (uint32_t)from.n);
    if (ok && value && s->inner_name) value = term_raw_subst(ctx, value, &s->inner_name, &s->inner_is, 1);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    if (!ok) return check_fail(c, s, "a derivative in the line has no derivation");
    return check_same(c, value, s->after) || check_fail(c, s, "the line does not lead to the result");
}

/* ---- rules by key -------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    check_rule_fn check;
    bool own_line; /* the check looks at `shown` itself */
} rules[] = {
    {"constant", check_constant, false},
    {"identity", check_identity, false},
    {"linear", check_linear, false},
    {"sum", check_sum, false},
    {"constant-multiple", check_constant_multiple, false},
    {"bracket", check_bracket, false},
    {"product", check_product, false},
    {"quotient", check_quotient, false},
    {"power", check_power, false},
    {"exp", check_exponential, false},
    {"exponential", check_exponential, false},
    {"chain", check_chain, false},
    {"general-power", check_general_power, true},
    {"implicit", check_logarithmic, false},
    {"total", check_total, false},
    {"prime", check_prime, false},
    {"unfold", check_unfold, false},
    {"cases", check_cases, false},
    {"kink", check_kink, false},
    {"extremum", check_extremum, false},
    {"recurrence", check_recurrence, false},
    {"sum-index", check_sum_index, true},
    {"product-index", check_product_index, false},
    {"logsumexp", check_logsumexp, false},
    {"entry", check_entry, false},
    {"elementwise", check_elementwise, false},
    {"determinant", check_determinant, false},
    {"log-determinant", check_log_determinant, false},
    {"inverse-matrix", check_inverse_matrix, false},
    {"limit-definition", check_limit_definition, true},
};

static const struct {
    const char *key;
    bool (*check)(checker *c, const step *s);
} wholes[] = {
    {"derivative", check_derivative}, {"partial", check_partial},   {"gradient", check_gradient},
    {"hessian", check_hessian},       {"jacobian", check_jacobian}, {"direction", check_direction},
    {"implicit", check_implicit},     {"simplify", check_simplify}, {"alternative", check_alternative},
};

/* Numbers and signs put in order behind the line: begins at what the line shows, ends at the result. */
static bool check_closing_rewrite(checker *c, const step *s)
{
    const step *last = s->last_sub;
    if (!last || last->kind != STEP_REWRITE || strcmp(last->rule, "simplify") != 0) return true;
    return check_alike(c, last->after, s->after) || check_fail(c, s, "the last line is not the result");
}

static bool is_table_row(checker *c, const step *s, term t)
{
    return term_is(c->ctx, t, OP_FN) && strcmp(fn_get((fn_id)term_aux(c->ctx, t))->key, s->rule) == 0 &&
           strcmp(s->rule, "exp") != 0 && strcmp(s->rule, "extremum") != 0;
}

static bool check_rule(checker *c, const step *s)
{
    term t, x;
    if (!check_deriv(c, s, &t, &x)) return false;
    if (is_table_row(c, s, t)) return check_table(c, s, t, x) && check_shown(c, s);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].key, s->rule) == 0)
            return rules[i].check(c, s, t, x) && (rules[i].own_line || check_shown(c, s)) &&
                   check_closing_rewrite(c, s);
    return check_fail(c, s, "no such rule is known");
}

static bool check_whole(checker *c, const step *s)
{
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++)
        if (strcmp(wholes[i].key, s->rule) == 0) return wholes[i].check(c, s);
    return check_fail(c, s, "no such derivation is known");
}

/* A repeat stands for a step that has been verified before it. */
static bool check_repeat(checker *c, const step *s)
{
    const step *first = s->repeat_of;
    if (!first || !is_done(c, first) || first->tag == STEP_REPEAT || s->sub)
        return check_fail(c, s, "a repeat refers to no earlier step");
    return (first->before == s->before && first->after == s->after && strcmp(first->rule, s->rule) == 0) ||
           check_fail(c, s, "a repeat says something else than the first time");
}

static bool check_step(checker *c, const step *s)
{
    c->bindings = 0;
    if (!s->rule || !s->before || !s->after)
        return check_fail(c, s, "a step has no rule, no beginning or no end");
    if (!rule_find(s->rule)) return check_fail(c, s, "no such rule is known");
    bool ok;
    if (s->tag == STEP_REPEAT) ok = s->kind == STEP_RULE && check_repeat(c, s);
    else if (s->repeat_of) ok = check_fail(c, s, "a repeat that is not marked as one");
    else if (s->kind == STEP_RULE) ok = check_rule(c, s);
    else if (s->kind == STEP_REWRITE) ok = check_rewrite(c, s);
    else ok = check_whole(c, s);
    if (ok && c->bindings != s->bind_count) return check_fail(c, s, "a binding that the rule does not have");
    return ok || check_fail(c, s, "the step was not verified");
}

/* ---- the walk ------------------------------------------------------------------------------------ */

static const step *deepest(const step *s)
{
    while (s->sub) s = s->sub;
    return s;
}

/* The links that the walk trusts: every sub-step knows its parent. */
static bool links_hold(checker *c, const step *s)
{
    const step *last = NULL;
    for (const step *p = s->sub; p; p = p->next) {
        if (p->parent != s) return check_fail(c, s, "a sub-step hangs below another step");
        last = p;
    }
    return last == s->last_sub || check_fail(c, s, "the list of sub-steps is broken");
}

static void walk(checker *c, const step *root)
{
    const step *s = deepest(root);
    for (;;) {
        if (!ctx_tick(c->ctx) || !links_hold(c, s) || !check_step(c, s) || !mark_done(c, s)) {
            check_fail(c, s, "the context failed");
            return;
        }
        if (s == root) return;
        s = s->next ? deepest(s->next) : s->parent;
    }
}

gradus_status step_check_with(gradus_ctx *ctx, const step *root, step_equal_fn equal, void *user,
                              const step **bad, const char **why)
{
    checker c = {.ctx = ctx, .equal = equal, .user = user};
    *bad = NULL;
    *why = NULL;
    if (root) walk(&c, root);
    else c.why = "there is no record";
    ctx_realloc(ctx, c.done, c.done_cap * sizeof *c.done, 0);
    vec_clear(ctx, &c.known);
    *bad = c.bad;
    *why = c.why;
    if (ctx_status(ctx) != GRADUS_OK) return ctx_status(ctx);
    return c.why ? GRADUS_BUG : GRADUS_OK;
}

gradus_status step_check(gradus_ctx *ctx, const step *root, const step **bad, const char **why)
{
    return step_check_with(ctx, root, NULL, NULL, bad, why);
}
