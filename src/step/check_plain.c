/* check_plain: the rules of one variable: constants, sums, products, quotients, powers, exponentials, the
 * chain. */
#include "step/check_impl.h"

/* ---- leaves -------------------------------------------------------------------------------------- */

bool check_constant(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (!check_no_parts(c, s) || !check_bound(c, s, "c", t)) return false;
    if (check_varies(c, t, x)) return check_fail(c, s, "this is no constant");
    if (term_is(ctx, t, OP_UNDEF)) return s->after == t || check_fail(c, s, "what has no value has no slope");
    return term_is_int(ctx, s->after, 0) || check_fail(c, s, "the derivative of a constant is 0");
}

bool check_identity(checker *c, const step *s, term t, term x)
{
    if (t != x || !term_is_int(c->ctx, s->after, 1))
        return check_fail(c, s, "only the variable itself has the slope 1 by this rule");
    return check_no_parts(c, s);
}

/* a*x + b: the same derivation rule by rule below it; the result is free of x. */
bool check_linear(checker *c, const step *s, term t, term x)
{
    const step *at = s->sub, *part = check_next_part(&at, NULL);
    term d = check_part_result(c, s, part, t, x);
    if (!d || !check_counts(c, s, 1) || !check_bound(c, s, "a", d)) return false;
    if (check_varies(c, d, x)) return check_fail(c, s, "the slope of a linear function does not change");
    return check_after(c, s, d);
}

/* ---- sums and factors ---------------------------------------------------------------------------- */

/* The line is a sum of k*D(part; x), the parts together are t, and the result is the same sum of results. */
bool check_sum(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term line = s->shown, one = term_int(ctx, 1);
    if (!check_bound(c, s, "f", t)) return false;
    bool single = line && term_is(ctx, line, OP_DERIV);
    if (!line || (!single && (!term_is(ctx, line, OP_ADD) || !term_is_int(ctx, term_arg(ctx, line, 0), 0))))
        return check_fail(c, s, "the line is no sum of derivatives");
    uint32_t n = single ? 1 : (term_argc(ctx, line) - 1) / 2;
    const step *at = s->sub;
    term_vec k = {0}, body = {0}, result = {0};
    bool ok = check_counts(c, s, n);
    for (uint32_t i = 0; i < n && ok; i++) {
        term d = single ? line : term_arg(ctx, line, 2 * i + 2);
        if (!term_is(ctx, d, OP_DERIV) || term_arg(ctx, d, 1) != x) {
            ok = check_fail(c, s, "the line is no sum of derivatives");
            break;
        }
        term r = check_part_result(c, s, check_next_part(&at, "term"), term_arg(ctx, d, 0), x);
        ok = r && vec_push(ctx, &k, single ? one : term_arg(ctx, line, 2 * i + 1)) &&
             vec_push(ctx, &body, term_canon(ctx, term_arg(ctx, d, 0))) && vec_push(ctx, &result, r);
    }
    if (ok && !check_same(c, term_lincomb(ctx, k.at, body.at, n), t))
        ok = check_fail(c, s, "the terms do not add up to the sum");
    ok = ok && check_after(c, s, term_lincomb(ctx, k.at, result.at, n));
    vec_clear(ctx, &k);
    vec_clear(ctx, &body);
    vec_clear(ctx, &result);
    return ok;
}

/* p*d; raw where d is (far down in deep formulas). */
static term times(gradus_ctx *ctx, term p, term d)
{
    if (p && d && (term_get_flags(ctx, d) & TF_RAW)) return term_raw_mul(ctx, (term[]){p, d}, NULL, 2);
    return term_mul2(ctx, p, d);
}

bool check_constant_multiple(checker *c, const step *s, term t, term x)
{
    term k = check_binding(c, s, "c"), f = check_binding(c, s, "f");
    const step *at = s->sub;
    if (!k || !f || check_varies(c, k, x)) return check_fail(c, s, "the factor in front is not constant");
    k = term_canon(c->ctx, k);
    if (!check_same(c, times(c->ctx, k, f), t))
        return check_fail(c, s, "factor and rest do not make the product");
    term d = check_part_result(c, s, check_next_part(&at, "factor"), f, x);
    return d && check_counts(c, s, 1) && check_after(c, s, times(c->ctx, k, d));
}

/* Is t a product of brackets, and of constants if any are allowed? */
static bool only_brackets(checker *c, term t, term x, bool constants)
{
    gradus_ctx *ctx = c->ctx;
    term_vec todo = {0};
    bool ok = vec_push(ctx, &todo, t), some = false;
    while (todo.n && ok) {
        term y = todo.at[--todo.n];
        if (term_is(ctx, y, OP_BRACKET)) {
            some = true;
        } else if (term_is(ctx, y, OP_MUL)) {
            for (uint32_t i = 0; i < term_argc(ctx, y) && ok; i += 2)
                ok = term_num_sign(ctx, term_arg(ctx, y, i + 1)) > 0 &&
                     vec_push(ctx, &todo, term_arg(ctx, y, i));
        } else if (term_is(ctx, y, OP_ADD) && term_argc(ctx, y) == 3 &&
                   term_is_int(ctx, term_arg(ctx, y, 0), 0)) {
            ok = constants && vec_push(ctx, &todo, term_arg(ctx, y, 2));
        } else {
            ok = constants && !check_varies(c, y, x);
        }
    }
    vec_clear(ctx, &todo);
    return ok && some;
}

/* [P]*f is [P]*f' off the border of P; [P] alone steps between 0 and 1 and is flat. */
bool check_bracket(checker *c, const step *s, term t, term x)
{
    term bracket = check_binding(c, s, "c"), f = check_binding(c, s, "f");
    const step *at = s->sub;
    if (!f) {
        if (!bracket || bracket != t || !only_brackets(c, t, x, true))
            return check_fail(c, s, "this is more than a bracket");
        return check_no_parts(c, s) && check_after(c, s, term_int(c->ctx, 0));
    }
    if (!bracket || !only_brackets(c, bracket, x, false))
        return check_fail(c, s, "the factor in front is no bracket");
    if (!check_same(c, term_raw_mul(c->ctx, (term[]){bracket, f}, NULL, 2), t))
        return check_fail(c, s, "bracket and rest do not make the product");
    term d = check_part_result(c, s, check_next_part(&at, "factor"), f, x);
    return d && check_counts(c, s, 1) && check_after(c, s, term_mul2(c->ctx, term_canon(c->ctx, bracket), d));
}

/* ---- products and quotients ---------------------------------------------------------------------- */

/* sum over i of d[i] times the other factors. */
static term leibniz(gradus_ctx *ctx, const term_vec *f, const term_vec *d)
{
    term_vec sum = {0}, product = {0};
    uint32_t n = (uint32_t)f->n;
    bool ok = vec_reserve(ctx, &product, n);
    for (uint32_t i = 0; i < n && ok; i++) {
        for (uint32_t j = 0; j < n; j++) product.at[j] = i == j ? d->at[j] : f->at[j];
        ok = ctx_tick(ctx) && vec_push(ctx, &sum, term_mul(ctx, product.at, n));
    }
    term r = ok ? term_add(ctx, sum.at, n) : TERM_NONE;
    vec_clear(ctx, &sum);
    vec_clear(ctx, &product);
    return r;
}

bool check_product(checker *c, const step *s, term t, term x)
{
    static const char *const letter[] = {"f", "g", "h", "k"};
    gradus_ctx *ctx = c->ctx;
    term_vec f = {0}, d = {0};
    bool ok = true;
    const step *at = s->sub;
    for (const step *p; ok && (p = check_next_part(&at, "factor")) != NULL;) {
        term b, px;
        ok = check_deriv(c, p, &b, &px) &&
             (px == x || check_fail(c, s, "a part is derived by another variable"));
        if (ok && f.n < 4) ok = check_bound(c, s, letter[f.n], b);
        ok = ok && vec_push(ctx, &f, term_canon(ctx, b)) && vec_push(ctx, &d, p->after);
    }
    ok = ok && check_counts(c, s, (uint32_t)f.n);
    if (ok && !check_same(c, term_mul(ctx, f.at, (uint32_t)f.n), t))
        ok = check_fail(c, s, "the factors do not make the product");
    ok = ok && check_after(c, s, leibniz(ctx, &f, &d));
    vec_clear(ctx, &f);
    vec_clear(ctx, &d);
    return ok;
}

/* (g*f' - f*g')/g^2 = f'/g - f*g'/g^2 */
bool check_quotient(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term f = check_binding(c, s, "f"), g = check_binding(c, s, "g");
    const step *at = s->sub;
    if (!f || !g) return check_fail(c, s, "a binding is missing");
    term df = check_part_result(c, s, check_next_part(&at, "numerator"), f, x);
    term dg = df ? check_part_result(c, s, check_next_part(&at, "denominator"), g, x) : TERM_NONE;
    f = term_canon(ctx, f);
    g = term_canon(ctx, g);
    if (!dg || !check_counts(c, s, 2)) return false;
    if (!check_same(c, term_div(ctx, f, g), t))
        return check_fail(c, s, "numerator and denominator do not make the quotient");
    term right = term_div(ctx, term_mul2(ctx, f, dg), term_pow_int(ctx, g, 2));
    return check_after(c, s, term_sub(ctx, term_div(ctx, df, g), right));
}

/* ---- powers -------------------------------------------------------------------------------------- */

/* Is n a whole number above 0? Other powers are said to be powers first. */
static bool is_natural(checker *c, term n)
{
    return term_is_num(c->ctx, n) && fmpz_is_one(fmpq_denref(term_num(c->ctx, n))) &&
           term_num_sign(c->ctx, n) > 0;
}

bool check_power(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term n = check_binding(c, s, "n");
    if (!n || !check_bound(c, s, "u", x)) return check_fail(c, s, "a binding is missing");
    if (check_varies(c, n, x)) return check_fail(c, s, "the exponent changes: the power rule does not apply");
    n = term_canon(ctx, n);
    if (!check_same(c, term_pow(ctx, x, n), t))
        return check_fail(c, s, "this is not that power of the variable");
    bool said = s->sub && s->sub->kind == STEP_REWRITE && strcmp(s->sub->rule, "rewrite") == 0;
    if (term_is_num(ctx, n) && !is_natural(c, n) && !said)
        return check_fail(c, s, "it is not said that this is a power");
    if (!s->shown) return check_fail(c, s, "the rule's line is missing");
    return check_counts(c, s, 0) &&
           check_after(c, s, term_mul2(ctx, n, term_pow(ctx, x, term_sub(ctx, n, term_int(ctx, 1)))));
}

static bool is_positive_condition(checker *c, term cond, term u)
{
    return cond && cond == term_rel_make(c->ctx, REL_LT, term_int(c->ctx, 0), u);
}

/* a^x, a > 0: a^x*ln(a), which for e is e^x. 0^x is 0 where x > 0. */
bool check_exponential(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term e = term_constant(ctx, CONST_E), a = check_binding(c, s, "a");
    bool table = term_is(ctx, t, OP_FN) && !a; /* written exp(x): the row of the table */
    if (table) {
        a = e;
        if (s->bind_count && (!check_bound(c, s, "f", t) || !check_bound(c, s, "value", s->after)))
            return false;
    }
    if (!a) return check_fail(c, s, "a binding is missing");
    if (s->bind_count && !check_bound(c, s, "u", x)) return false;
    a = term_canon(ctx, a);
    if (check_varies(c, a, x)) return check_fail(c, s, "the base changes: this is no exponential function");
    if (!check_same(c, term_pow(ctx, a, x), t))
        return check_fail(c, s, "this is not that exponential function");
    if ((a == e) != (strcmp(s->rule, "exp") == 0)) return check_fail(c, s, "only e^x is its own derivative");
    if (!check_no_parts(c, s)) return false;
    if (term_is_int(ctx, a, 0)) {
        term where = term_rel_make(ctx, REL_LT, a, x);
        return check_after(c, s, term_cases(ctx, (term[]){where, a}, 1, TERM_NONE));
    }
    if (rule_decide_positive(ctx, a, NULL, 0) != GRADUS_YES && !is_positive_condition(c, s->cond, a))
        return check_fail(c, s, "it is not said that the base must be positive");
    return check_after(c, s, term_mul2(ctx, term_pow(ctx, a, x), term_apply1(ctx, FN_log, a)));
}

/* ---- the chain ----------------------------------------------------------------------------------- */

/* Under u > 0 the power u^v and e^(v*ln(u)) are one: a general power's chain may give its result in either.
 */
static term in_one_spelling(checker *c, const step *s, term t, term value)
{
    const step *p = s->parent;
    if (!p || strcmp(p->rule, "general-power") != 0 || !p->before || !term_is(c->ctx, p->before, OP_DERIV))
        return value;
    term power = term_canon(c->ctx, term_arg(c->ctx, p->before, 0));
    t = term_canon(c->ctx, t);
    return value && power && t ? term_subst(c->ctx, value, &power, &t, 1) : value;
}

/* f(g(x)): f'(g)*g', g put back. f must not contain x but through g. */
bool check_chain(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term g = s->inner_name, u = s->inner_is, f, by;
    const step *at = s->sub, *outer = check_next_part(&at, "outer"), *inner = check_next_part(&at, "inner");
    if (!g || !u || !term_is(ctx, g, OP_SYM) || g == x || !outer || !inner)
        return check_fail(c, s, "the inner function has no name, or a half is missing");
    if (!check_bound(c, s, "f", t) || !check_bound(c, s, "g", g) || !check_bound(c, s, "inner", u) ||
        !check_counts(c, s, 2))
        return false;
    if (!check_deriv(c, outer, &f, &by)) return false;
    if (by != g || check_varies(c, f, x))
        return check_fail(c, s, "the outer function is not one of the inner alone");
    if (term_is(ctx, t, OP_MATFN) &&
        term_aux(ctx, t) == MATFN_LOGDET) { /* the logarithm of the determinant */
        term det = term_matfn_make(ctx, MATFN_DET, term_arg(ctx, t, 0));
        t = term_raw_apply(ctx, FN_log, &det, 1);
    }
    if (!check_same(c, term_raw_subst(ctx, f, &g, &u, 1), t))
        return check_fail(c, s, "outer and inner function do not make the formula");
    term d = check_part_result(c, s, inner, u, x), slope = term_subst(ctx, outer->after, &g, &u, 1);
    if (!d || !slope) return check_fail(c, s, "the inner function is not derived");
    term have = in_one_spelling(c, s, t, s->after), want = in_one_spelling(c, s, t, times(ctx, slope, d));
    return check_same(c, have, want) || check_fail(c, s, "the result is not outer times inner derivative");
}

/* ln(u^v) = v*ln(u) differentiated on both sides: y'/y = w'. Its condition is the general power's above it.
 */
bool check_logarithmic(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    const step *up = s->parent, *at = s->sub;
    if (!up || !up->rule || strcmp(up->rule, "general-power") != 0 || !term_is(ctx, t, OP_POW) ||
        !check_bound(c, s, "y", t))
        return check_fail(c, s, "this is not the logarithm of a power");
    term u = term_canon(ctx, term_arg(ctx, t, 0)), v = term_canon(ctx, term_arg(ctx, t, 1));
    term w = term_mul2(ctx, v, term_apply1(ctx, FN_log, u));
    term d = check_part_result(c, s, check_next_part(&at, NULL), w, x);
    return d && check_counts(c, s, 1) && check_after(c, s, times(ctx, term_canon(ctx, t), d));
}

/* The first sub-step says how the power is written: as e^w, or that its logarithm is w. */
static bool says_form(checker *c, const step *first, term t, term w, bool logarithmic)
{
    gradus_ctx *ctx = c->ctx;
    if (!first || first->kind != STEP_REWRITE) return false;
    if (logarithmic)
        return first->before == term_raw_apply(ctx, FN_log, &t, 1) && check_alike(c, first->after, w);
    return first->before == t && check_alike(c, first->after, term_raw_apply(ctx, FN_exp, &w, 1));
}

/* u^v = e^(v*ln(u)) for u > 0, then the chain rule; or ln(u^v) = v*ln(u), then both sides. */
bool check_general_power(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term u = check_binding(c, s, "u"), v = check_binding(c, s, "v"), w = check_binding(c, s, "w");
    if (!u || !v || !w) return check_fail(c, s, "a binding is missing");
    term positive = term_canon(ctx, u);
    if (!term_is(ctx, t, OP_POW) || !check_alike(c, term_arg(ctx, t, 0), u) ||
        !check_alike(c, term_arg(ctx, t, 1), v))
        return check_fail(c, s, "base and exponent do not make the power");
    if (!check_alike(c, w, term_mul2(ctx, term_canon(ctx, v), term_apply1(ctx, FN_log, positive))))
        return check_fail(c, s, "the exponent of e is not v*ln(u)");
    if (rule_decide_positive(ctx, positive, NULL, 0) != GRADUS_YES &&
        !is_positive_condition(c, s->cond, positive))
        return check_fail(c, s, "it is not said that the base must be positive");
    const step *first = s->sub, *at = first ? first->next : NULL, *part = check_next_part(&at, NULL);
    term as_exp = term_raw_apply(ctx, FN_exp, &w, 1), body, by;
    if (!part || !check_counts(c, s, 1) || !check_deriv(c, part, &body, &by))
        return check_fail(c, s, "the power is not derived");
    bool logarithmic = strcmp(part->rule, "implicit") == 0;
    if (!says_form(c, first, t, w, logarithmic))
        return check_fail(c, s, "it is not said that u^v = e^(v*ln(u))");
    if (by != x || !check_alike(c, body, logarithmic ? t : as_exp) ||
        !check_alike(c, part->after, s->after) || (!logarithmic && strcmp(part->rule, "chain") != 0))
        return check_fail(c, s, "another formula is derived");
    const uint32_t one = 1;
    term line =
        term_raw_mul(ctx, (term[]){logarithmic ? t : as_exp, term_deriv(ctx, w, &x, &one, 1)}, NULL, 2);
    return s->shown == line || check_fail(c, s, "the line is not the power times the derivative of w");
}
