/* check_function: rows of the table, functions of several arguments, defined names, pieces. */
#include "step/check_impl.h"

/* ---- one piece of a kinked function -------------------------------------------------------------- */

/* 1, -1 or 0 if the sign of u is known where `given` holds; TERM_NONE if not. */
static term sign_where(gradus_ctx *ctx, term u, term given)
{
    if (rule_decide_positive(ctx, u, &given, 1) == GRADUS_YES) return term_int(ctx, 1);
    if (rule_decide_positive(ctx, term_neg(ctx, u), &given, 1) == GRADUS_YES) return term_int(ctx, -1);
    return rule_decide_nonzero(ctx, u, &given, 1) == GRADUS_NO ? term_int(ctx, 0) : TERM_NONE;
}

/* t with every condition and sign in it decided where `given` holds. */
static term value_where(gradus_ctx *ctx, term t, term given)
{
    term_vec nodes = {0}, from = {0}, to = {0};
    bool ok = term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && ok; i++) {
        term v = TERM_NONE;
        if (term_is(ctx, nodes.at[i], OP_REL)) {
            gradus_truth holds = rule_decide(ctx, nodes.at[i], &given, 1);
            v = holds == GRADUS_UNKNOWN ? TERM_NONE : term_bool(ctx, holds == GRADUS_YES);
        } else if (term_is(ctx, nodes.at[i], OP_FN) && term_aux(ctx, nodes.at[i]) == FN_sign) {
            v = sign_where(ctx, term_arg(ctx, nodes.at[i], 0), given);
        }
        ok = !v || (vec_push(ctx, &from, nodes.at[i]) && vec_push(ctx, &to, v));
    }
    term r = !ok ? TERM_NONE : from.n ? term_subst(ctx, t, from.at, to.at, (uint32_t)from.n) : t;
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    return r;
}

/* The kink of function row t of u alone, if it is the single point u == p. */
static bool single_kink(gradus_ctx *ctx, term t, term *kink, term *u, term *p)
{
    *kink = term_argc(ctx, t) == 1 ? rule_kink(ctx, t) : TERM_NONE;
    *u = *kink ? term_canon(ctx, term_arg(ctx, t, 0)) : TERM_NONE;
    if (!*kink || !term_is(ctx, *kink, OP_REL) || term_aux(ctx, *kink) != REL_EQ ||
        term_arg(ctx, *kink, 0) != *u)
        return false;
    *p = term_arg(ctx, *kink, 1);
    return term_is_num(ctx, *p);
}

/* {slope right of p if u > p; slope left of p if u < p}, which says nothing at p. */
static bool check_table_pieces(checker *c, const step *s, term t)
{
    gradus_ctx *ctx = c->ctx;
    term kink, u, p, slope = rule_partial(ctx, t, 0);
    if (!slope || !single_kink(ctx, t, &kink, &u, &p) || s->cond != term_not(ctx, kink) ||
        !check_bound(c, s, "f", t))
        return check_fail(c, s, "pieces of a function without a kink");
    term above = term_rel_make(ctx, REL_LT, p, u), below = term_rel_make(ctx, REL_LT, u, p);
    term right = value_where(ctx, slope, above), left = value_where(ctx, slope, below);
    return check_no_parts(c, s) &&
           check_after(c, s, term_cases(ctx, (term[]){above, right, below, left}, 2, TERM_NONE));
}

/* ---- the table ----------------------------------------------------------------------------------- */

/* The only argument of t that varies with x; false: none or several. */
static bool one_varying(checker *c, term t, term x, uint32_t *which)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < term_argc(c->ctx, t); k++)
        if (check_varies(c, term_arg(c->ctx, t, k), x)) {
            *which = k;
            n++;
        }
    return n == 1;
}

/* f(..., x, ...): the row's partial. Where a row is flat (sign) any argument will do. */
bool check_table(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t k = 0;
    if (!one_varying(c, t, x, &k)) return check_fail(c, s, "the table has functions of one varying argument");
    term slope = rule_partial(ctx, t, k);
    if (!slope || (term_arg(ctx, t, k) != x && !term_is_int(ctx, slope, 0)))
        return check_fail(c, s, "the argument is not the variable itself: the chain rule is needed");
    bool partial = s->role && strcmp(s->role, "partial") == 0 && s->inner_name;
    if (!partial && (!check_bound(c, s, "f", t) || !check_bound(c, s, "u", term_arg(ctx, t, k)) ||
                     !check_bound(c, s, "value", slope)))
        return false;
    const step *said = s->last_sub;
    bool kinked = !partial && term_argc(ctx, t) == 1 && rule_kink(ctx, t);
    if (kinked && (!said || said->kind != STEP_REWRITE || strcmp(said->rule, "kink") != 0))
        return check_fail(c, s, "the kink is not said");
    term kink, at, p;
    if (kinked && single_kink(ctx, t, &kink, &at, &p) &&
        (s->sub == said || strcmp(s->sub->rule, "cases") != 0))
        return check_fail(c, s, "the slopes on both sides are not said");
    if (!kinked && !check_no_parts(c, s)) return false;
    return check_after(c, s, slope);
}

/* The words about a kink: nothing changes; slopes on both sides. */
static bool check_kink_words(checker *c, const step *s)
{
    gradus_ctx *ctx = c->ctx;
    term t, x, kink, u, p, slope;
    if (!s->parent || !check_deriv(c, s->parent, &t, &x) || !term_is(ctx, t, OP_FN) ||
        !(kink = rule_kink(ctx, t)))
        return check_fail(c, s, "a kink of a function without one");
    if (!check_bound(c, s, "p", kink) || s->cond != term_not(ctx, kink))
        return check_fail(c, s, "it is not said where the kink is");
    if (!single_kink(ctx, t, &kink, &u, &p)) return true;
    slope = rule_partial(ctx, t, 0);
    term right = value_where(ctx, slope, term_rel_make(ctx, REL_LT, p, u));
    term left = value_where(ctx, slope, term_rel_make(ctx, REL_LT, u, p));
    return check_bound(c, s, "l", term_subst(ctx, left, &u, &p, 1)) &&
           check_bound(c, s, "r", term_subst(ctx, right, &u, &p, 1));
}

/* As a rule: a whole number chosen by the variable (argmax) is flat. As a rewrite: words about a kink. */
bool check_kink(checker *c, const step *s, term t, term x)
{
    (void)x;
    if (s->kind == STEP_REWRITE) return check_kink_words(c, s);
    bool choice = term_is(c->ctx, t, OP_REDUCE) &&
                  (term_aux(c->ctx, t) == RED_ARGMAX || term_aux(c->ctx, t) == RED_ARGMIN);
    if (!choice) return check_fail(c, s, "this is no choice of an index");
    return check_no_parts(c, s) && check_after(c, s, term_int(c->ctx, 0));
}

/* ---- several arguments --------------------------------------------------------------------------- */

/* Arguments of a function of the table or of a user function. */
static const term *arguments(gradus_ctx *ctx, term t, uint32_t *n)
{
    if (term_is(ctx, t, OP_FN)) {
        *n = term_argc(ctx, t);
        return term_args(ctx, t);
    }
    *n = (term_argc(ctx, t) - 1) / 2;
    return term_args(ctx, t) + 1 + *n;
}

/* Step `part` derives t with argument k replaced by the name g; gives that partial derivative at t's own
 * arguments. */
static term partial_at(checker *c, const step *s, const step *part, term t, uint32_t k)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t n;
    const term *a = arguments(ctx, t, &n);
    term f, g;
    if (!part || !check_deriv(c, part, &f, &g)) return TERM_NONE;
    term u = a[k];
    if (g != part->inner_name || part->inner_is != u || term_get_op(ctx, f) != term_get_op(ctx, t) ||
        !check_alike(c, term_raw_subst(ctx, f, &g, &u, 1), t)) {
        check_fail(c, s, "the partial derivative is that of another formula");
        return TERM_NONE;
    }
    uint32_t m;
    const term *b = arguments(ctx, f, &m);
    if (m != n || b[k] != g) {
        check_fail(c, s, "the partial derivative is by another argument");
        return TERM_NONE;
    }
    for (uint32_t i = 0; i < n; i++)
        if (i != k && term_occurs(ctx, b[i], g)) {
            check_fail(c, s, "the other arguments are not held fixed");
            return TERM_NONE;
        }
    return term_subst(ctx, part->after, &g, &u, 1);
}

bool check_total(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, t, OP_FN) && !term_is(ctx, t, OP_CALL))
        return check_fail(c, s, "this is no function of several arguments");
    if (!check_bound(c, s, "f", t)) return false;
    if (term_is(ctx, t, OP_CALL) && check_varies(c, term_arg(ctx, t, 0), x))
        return check_fail(c, s, "the variable also enters through the definition");
    uint32_t n, parts = 0;
    const term *a = arguments(ctx, t, &n);
    const step *p_at = s->sub, *a_at = s->sub;
    term sum = term_int(ctx, 0);
    for (uint32_t k = 0; k < n; k++) {
        if (!check_varies(c, a[k], x)) continue;
        term slope = partial_at(c, s, check_next_part(&p_at, "partial"), t, k);
        if (!slope) return check_fail(c, s, "a partial derivative is missing");
        term d = check_part_result(c, s, check_next_part(&a_at, "argument"), a[k], x);
        if (!d) return false;
        sum = term_add2(ctx, sum, term_mul2(ctx, slope, d));
        parts += 2;
    }
    return check_counts(c, s, parts) && check_after(c, s, sum);
}

/* ---- names --------------------------------------------------------------------------------------- */

/* f(x) of which nothing is known: f'(x). */
bool check_prime(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t n, orders[SYM_MAX_RANK], which = 0, varying = 0;
    term args[SYM_MAX_RANK];
    if (!term_is(ctx, t, OP_CALL) || term_sym_info(ctx, term_arg(ctx, t, 0))->rule_count)
        return check_fail(c, s, "more is known of this function than its name");
    const term *a = arguments(ctx, t, &n);
    for (uint32_t k = 0; k < n; k++) {
        long o = 0;
        if (!term_get_long(ctx, term_arg(ctx, t, 1 + k), &o))
            return check_fail(c, s, "an order is no number");
        orders[k] = (uint32_t)o;
        args[k] = term_canon(ctx, a[k]);
        if (check_varies(c, a[k], x)) {
            which = k;
            varying++;
        }
    }
    if (varying != 1 || a[which] != x)
        return check_fail(c, s, "the argument is not the variable itself: the chain rule is needed");
    orders[which]++;
    return check_no_parts(c, s) && check_after(c, s, term_call(ctx, term_arg(ctx, t, 0), orders, args, n));
}

/* N stands for its body, which is derived below. */
bool check_unfold(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term body = check_binding(c, s, "body");
    if (!body || !check_bound(c, s, "N", t)) return check_fail(c, s, "a binding is missing");
    term real = term_unfold_once(ctx, t);
    if (real == t) return check_fail(c, s, "this is no defined name");
    if (!(term_get_flags(ctx, real) & TF_DERIV) && !check_same(c, body, real))
        return check_fail(c, s, "the name stands for another formula");
    return check_equation(c, s, body, x);
}

/* The sensitivity's rules are the derivatives of the recurrence's rules, one by one. */
static bool check_rules(checker *c, const step *s, term h, term sens, term x)
{
    gradus_ctx *ctx = c->ctx;
    const sym_info *of = term_sym_info(ctx, h), *by = term_sym_info(ctx, sens);
    const step *at = s->sub;
    if (of->rule_count != by->rule_count || !check_counts(c, s, of->rule_count))
        return check_fail(c, s, "not every rule of the recurrence is derived");
    for (uint32_t r = 0; r < of->rule_count; r++) {
        const sym_rule *rule = &of->rules[r], *made = &by->rules[r];
        const step *part = check_next_part(&at, NULL);
        term body, px;
        if (!part || !check_deriv(c, part, &body, &px)) return false;
        bool element = term_is(ctx, x, OP_ACC);
        uint32_t extra = element ? term_argc(ctx, x) - 1 : 0;
        bool ok = made->n == rule->n + extra &&
                  (element ? term_is(ctx, px, OP_ACC) && term_argc(ctx, px) == extra + 1 &&
                                 term_arg(ctx, px, 0) == term_arg(ctx, x, 0)
                           : px == x);
        for (uint32_t k = 0; k < rule->n && ok; k++) ok = made->index[k] == rule->index[k];
        for (uint32_t k = 0; k < extra && ok; k++) ok = made->index[rule->n + k] == term_arg(ctx, px, 1 + k);
        if (!ok) return check_fail(c, s, "a rule of the sensitivity has other indices");
        bool resolved = (term_get_flags(ctx, rule->body) & TF_DERIV) != 0;
        if (!resolved && !check_same(c, body, rule->body)) return check_fail(c, s, "another rule is derived");
        if (!check_alike(c, part->after, made->body))
            return check_fail(c, s, "a rule of the sensitivity is not the derivative");
    }
    return true;
}

/* Above s: the step that derives the rules of h by the same variable into the same name? Its own check comes
 * later. */
static bool under_way(checker *c, const step *s, term h, term base, term sens)
{
    for (const step *p = s->parent; p; p = p->parent) {
        if (!p->rule || strcmp(p->rule, "recurrence") != 0 || !p->sub ||
            !term_is(c->ctx, p->before, OP_DERIV))
            continue;
        term t = term_arg(c->ctx, p->before, 0), x = term_arg(c->ctx, p->before, 1);
        if (term_is(c->ctx, t, OP_ACC) && term_arg(c->ctx, t, 0) == h && term_is(c->ctx, p->after, OP_ACC) &&
            term_arg(c->ctx, p->after, 0) == sens &&
            (term_is(c->ctx, x, OP_ACC) ? term_arg(c->ctx, x, 0) : x) == base)
            return true;
    }
    return false;
}

bool check_recurrence(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, t, OP_ACC) || !term_is(ctx, s->after, OP_ACC))
        return check_fail(c, s, "this is no element of a recurrence");
    if (!check_bound(c, s, "h", t) || !check_bound(c, s, "s", s->after) || !check_bound(c, s, "a", x))
        return false;
    term h = term_arg(ctx, t, 0), sens = term_arg(ctx, s->after, 0),
         base = term_is(ctx, x, OP_ACC) ? term_arg(ctx, x, 0) : x;
    uint32_t n = term_argc(ctx, t) - 1, m = term_is(ctx, x, OP_ACC) ? term_argc(ctx, x) - 1 : 0;
    bool same = term_is(ctx, h, OP_SYM) && term_is(ctx, sens, OP_SYM) &&
                term_argc(ctx, s->after) == 1 + n + m;
    for (uint32_t i = 1; i <= n && same; i++)
        same = check_alike(c, term_arg(ctx, s->after, i), term_arg(ctx, t, i));
    for (uint32_t i = 1; i <= m && same; i++) same = term_arg(ctx, s->after, n + i) == term_arg(ctx, x, i);
    if (!same) return check_fail(c, s, "the sensitivity is taken at other indices");
    if (s->sub)
        return check_rules(c, s, h, sens, x) &&
               vec_push(ctx, &c->known, ((check_sensitivity){h, base, sens}));
    for (size_t i = 0; i < c->known.n; i++)
        if (c->known.at[i].h == h && c->known.at[i].x == base && c->known.at[i].s == sens) return true;
    return under_way(c, s, h, base, sens) || check_fail(c, s, "the rules of the recurrence are not derived");
}

/* ---- pieces -------------------------------------------------------------------------------------- */

/* A condition that holds at single points only: what a branch says there is a value, not a slope. */
static bool at_points_only(checker *c, term cond, term_rel rel, term x)
{
    return term_is(c->ctx, cond, OP_REL) && term_aux(c->ctx, cond) == (uint32_t)rel &&
           check_varies(c, cond, x);
}

bool check_cases(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (term_is(ctx, t, OP_FN)) return check_table_pieces(c, s, t);
    if (!term_is(ctx, t, OP_CASES)) return check_fail(c, s, "these are no cases");
    if (!check_bound(c, s, "f", t)) return false;
    uint32_t n = term_argc(ctx, t), pairs = n / 2;
    term otherwise = TERM_NONE;
    term_vec cv = {0};
    const step *at = s->sub;
    bool ok = check_counts(c, s, pairs + n % 2);
    for (uint32_t i = 0; i < pairs && ok; i++) {
        term cond = term_arg(ctx, t, 2 * i), d;
        d = check_part_result(c, s, check_next_part(&at, "branch"), term_arg(ctx, t, 2 * i + 1), x);
        if (d && at_points_only(c, cond, REL_EQ, x)) d = term_undefined(ctx);
        ok = d && vec_push(ctx, &cv, term_canon(ctx, cond)) && vec_push(ctx, &cv, d);
    }
    if (ok && n % 2) {
        otherwise = check_part_result(c, s, check_next_part(&at, "branch"), term_arg(ctx, t, n - 1), x);
        ok = otherwise != TERM_NONE;
        if (pairs == 1 && at_points_only(c, term_arg(ctx, t, 0), REL_NE, x)) otherwise = TERM_NONE;
    }
    ok = ok && check_after(c, s, term_cases(ctx, cv.at, pairs, otherwise));
    vec_clear(ctx, &cv);
    return ok;
}

/* The argument that is strictly ahead of all others has its say. At a tie the last one written counts, but
 * one that does not vary after all others (func.def). */
static term slope_of_largest(checker *c, bool largest, const term *u, const term *d, uint32_t n)
{
    gradus_ctx *ctx = c->ctx;
    term_vec cv = {0}, ahead = {0};
    bool ok = true;
    for (uint32_t i = 0; i + 1 < n && ok; i++) {
        ahead.n = 0;
        for (uint32_t j = i + 1; j < n && ok; j++)
            ok = vec_push(ctx, &ahead,
                          term_rel_make(ctx, REL_LT, largest ? u[j] : u[i], largest ? u[i] : u[j]));
        ok = ok && vec_push(ctx, &cv, term_and(ctx, ahead.at, (uint32_t)ahead.n)) && vec_push(ctx, &cv, d[i]);
    }
    term r = ok ? term_cases(ctx, cv.at, n - 1, d[n - 1]) : TERM_NONE;
    vec_clear(ctx, &cv);
    vec_clear(ctx, &ahead);
    return r;
}

static bool check_largest_argument(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    uint32_t n = term_argc(ctx, t);
    bool largest = term_aux(ctx, t) == FN_max;
    if ((!largest && term_aux(ctx, t) != FN_min) || n < 2 || !check_bound(c, s, "f", t) ||
        !check_bound(c, s, "u", term_arg(ctx, t, 0)) || !check_bound(c, s, "v", term_arg(ctx, t, 1)))
        return check_fail(c, s, "this is no largest or smallest");
    term_vec u = {0}, d = {0};
    bool ok = check_counts(c, s, n);
    for (int fixed = 0; fixed < 2 && ok; fixed++) {
        const step *at = s->sub;
        for (uint32_t k = 0; k < n && ok; k++) {
            const step *part = check_next_part(&at, "argument");
            if (check_varies(c, term_arg(ctx, t, k), x) == (fixed == 1)) continue;
            term dk = check_part_result(c, s, part, term_arg(ctx, t, k), x);
            ok = dk && vec_push(ctx, &u, term_canon(ctx, term_arg(ctx, t, k))) && vec_push(ctx, &d, dk);
        }
    }
    if (ok) {
        term cases = slope_of_largest(c, largest, u.at, d.at, n);
        bool short_form = n == 2 && term_is_int(ctx, d.at[1], 0); /* {a if P; 0 otherwise} = [P]*a */
        term where = term_rel_make(ctx, REL_LT, largest ? u.at[1] : u.at[0], largest ? u.at[0] : u.at[1]);
        ok = (short_form && check_alike(c, s->after, term_mul2(ctx, term_bracket(ctx, where), d.at[0]))) ||
             check_after(c, s, cases);
    }
    vec_clear(ctx, &u);
    vec_clear(ctx, &d);
    return ok;
}

/* max[j](f): the slope of the entry that is the largest. */
static bool check_largest_entry(checker *c, const step *s, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    term j = check_binding(c, s, "j"), f = check_binding(c, s, "f");
    term_red r = (term_red)term_aux(ctx, t);
    if (!j || !f || (r != RED_MAX && r != RED_MIN) || term_occurs(ctx, x, j))
        return check_fail(c, s, "this is no largest or smallest");
    term lo = term_arg(ctx, t, 1), hi = term_arg(ctx, t, 2), body = term_canon(ctx, f);
    if (!check_alike(c, term_raw_reduce(ctx, r, j, lo, hi, f), t))
        return check_fail(c, s, "another body is derived");
    const step *at = s->sub;
    term d = check_part_result(c, s, check_next_part(&at, "under"), f, x);
    term best = term_reduce(ctx, r == RED_MAX ? RED_ARGMAX : RED_ARGMIN, j, term_canon(ctx, lo),
                            term_canon(ctx, hi), body);
    return d && best && check_counts(c, s, 1) && check_after(c, s, term_subst(ctx, d, &j, &best, 1));
}

bool check_extremum(checker *c, const step *s, term t, term x)
{
    if (term_is(c->ctx, t, OP_FN)) return check_largest_argument(c, s, t, x);
    if (term_is(c->ctx, t, OP_REDUCE)) return check_largest_entry(c, s, t, x);
    return check_fail(c, s, "this is no largest or smallest");
}
