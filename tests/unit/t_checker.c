/* The checker: hand-made records of wrong rules are refused, right ones pass; deep records; refused memory.
 */
#include "support/cm.h"
#include "support/refusing.h"

#include "diff/diff.h"
#include "text/text.h"

#include <string.h>

static gradus_ctx *ctx;
static step_log writing;
static term x;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    if (!ctx || !term_room_init(ctx)) return 1;
    ctx_begin(ctx);
    step_log_init(&writing, ctx);
    x = term_sym(ctx, "x", 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    step_log_clear(&writing);
    ctx_free(ctx);
    return 0;
}

static term formula(const char *s)
{
    return text_parse(ctx, s, strlen(s), TEXT_PLAIN);
}

static term deriv(term t, term by)
{
    const uint32_t one = 1;
    return term_deriv(ctx, t, &by, &one, 1);
}

static step *begin(const char *rule, const char *body, const char *role)
{
    step *s = step_begin(&writing, STEP_RULE, rule, deriv(formula(body), x));
    assert_non_null(s);
    s->role = role;
    return s;
}

static void end(step *s, const char *after)
{
    step_end(&writing, s, formula(after));
}

/* d/dx (x^n) = after, a leaf. */
static void power(const char *body, const char *n, const char *role, const char *after)
{
    step *s = begin("power", body, role);
    step_bind(s, "n", formula(n));
    step_bind(s, "u", x);
    s->shown = formula(after);
    end(s, after);
}

static void table(const char *rule, const char *body, const char *role, const char *after)
{
    step *s = begin(rule, body, role);
    step_bind(s, "f", formula(body));
    step_bind(s, "u", x);
    step_bind(s, "value", formula(after));
    end(s, after);
}

static const char *verdict(void)
{
    const step *bad;
    const char *why;
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    gradus_status st = step_check(ctx, writing.root, &bad, &why);
    assert_int_equal(st == GRADUS_OK, why == NULL);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    return why ? why : "holds";
}

#define HOLDS()   assert_string_equal(verdict(), "holds")
#define REFUSED() assert_string_not_equal(verdict(), "holds")

/* ---- the wrong rules that people use, one record each -------------------------------------------- */

static void product_claiming(const char *after)
{
    step *s = begin("product", "x^2*sin(x)", NULL);
    step_bind(s, "f", formula("x^2"));
    step_bind(s, "g", formula("sin(x)"));
    power("x^2", "2", "factor", "2*x");
    table("sin", "sin(x)", "factor", "cos(x)");
    end(s, after);
}

static void product_right(void **state)
{
    (void)state;
    product_claiming("2*x*sin(x) + x^2*cos(x)");
    HOLDS();
}

static void product_of_derivatives(void **state)
{
    (void)state;
    product_claiming("2*x*cos(x)");
    REFUSED();
}

static void product_one_term(void **state)
{
    (void)state;
    product_claiming("2*x*sin(x)");
    REFUSED();
}

static void product_minus(void **state)
{
    (void)state;
    product_claiming("2*x*sin(x) - x^2*cos(x)");
    REFUSED();
}

static void quotient_claiming(const char *after)
{
    step *s = begin("quotient", "x^2/sin(x)", NULL);
    step_bind(s, "f", formula("x^2"));
    step_bind(s, "g", formula("sin(x)"));
    power("x^2", "2", "numerator", "2*x");
    table("sin", "sin(x)", "denominator", "cos(x)");
    end(s, after);
}

static void quotient_right(void **state)
{
    (void)state;
    quotient_claiming("(sin(x)*2*x - x^2*cos(x))/sin(x)^2");
    HOLDS();
}

static void quotient_swapped(void **state)
{
    (void)state;
    quotient_claiming("(x^2*cos(x) - sin(x)*2*x)/sin(x)^2");
    REFUSED();
}

static void quotient_plus(void **state)
{
    (void)state;
    quotient_claiming("(sin(x)*2*x + x^2*cos(x))/sin(x)^2");
    REFUSED();
}

static void quotient_denominator(void **state)
{
    (void)state;
    quotient_claiming("(sin(x)*2*x - x^2*cos(x))/sin(x)");
    REFUSED();
}

static void power_rules(void **state)
{
    (void)state;
    static const struct {
        const char *body, *n, *after;
        bool holds;
    } all[] = {
        {"x^3", "3", "3*x^2", true},       {"x^3", "3", "3*x^3", false},
        {"x^3", "3", "x^2", false},        {"x^3", "3", "3*x^4", false},
        {"x^3", "2", "2*x", false},        {"3^x", "x", "x*3^(x - 1)", false},
        {"x^a", "a", "a*x^(a - 1)", true}, {"x^a", "a", "x^a*ln(a)", false},
        {"x^0", "0", "0", true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        step_log_clear(&writing);
        step_log_init(&writing, ctx);
        step *s = begin("power", all[i].body, NULL);
        step_bind(s, "n", formula(all[i].n));
        step_bind(s, "u", x);
        s->shown = formula(all[i].after);
        if (strcmp(all[i].n, "0") == 0)
            step_rewrite(&writing, "rewrite", term_raw_pow(ctx, x, term_int(ctx, 0)), term_int(ctx, 1));
        end(s, all[i].after);
        if ((strcmp(verdict(), "holds") == 0) != all[i].holds)
            fail_msg("power rule: (%s)' = %s: %s", all[i].body, all[i].after, verdict());
    }
}

/* d/dx sin(x^2) with g for x^2: outer and inner as given. */
static void chain_claiming(const char *outer_after, const char *inner_is, const char *after)
{
    term g = term_sym(ctx, "g", 1), keep = x;
    step *s = begin("chain", "sin(x^2)", NULL);
    s->inner_name = g;
    s->inner_is = formula(inner_is);
    step_bind(s, "f", formula("sin(x^2)"));
    step_bind(s, "g", g);
    step_bind(s, "inner", formula(inner_is));
    x = g;
    table("sin", "sin(g)", "outer", outer_after);
    x = keep;
    power("x^2", "2", "inner", "2*x");
    end(s, after);
}

static void chain_right(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^2", "cos(x^2)*2*x");
    HOLDS();
}

static void chain_inner_missing(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^2", "cos(x^2)");
    REFUSED();
}

static void chain_at_inner_derivative(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^2", "cos(2*x)*2*x");
    REFUSED();
}

static void chain_not_plugged_in(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^2", "cos(x)*2*x");
    REFUSED();
}

static void chain_times_inner(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^2", "cos(x^2)*x^2");
    REFUSED();
}

static void chain_with_another_inner_function(void **state)
{
    (void)state;
    chain_claiming("cos(g)", "x^3", "cos(x^2)*2*x");
    REFUSED();
}

static void table_sign(void **state)
{
    (void)state;
    chain_claiming("-cos(g)", "x^2", "-cos(x^2)*2*x");
    REFUSED();
}

/* The outer function x*g hides an x: d/dx (x*g(x)) is not g'*x alone. */
static void chain_outer_must_not_hide_the_variable(void **state)
{
    (void)state;
    term g = term_sym(ctx, "g", 1);
    step *s = begin("chain", "x*sin(x)", NULL);
    s->inner_name = g;
    s->inner_is = formula("sin(x)");
    step_bind(s, "f", formula("x*sin(x)"));
    step_bind(s, "g", g);
    step_bind(s, "inner", formula("sin(x)"));
    step *o = step_begin(&writing, STEP_RULE, "constant-multiple", deriv(formula("x*g"), g));
    o->role = "outer";
    step_bind(o, "c", x);
    step_bind(o, "f", g);
    step *i = step_begin(&writing, STEP_RULE, "identity", deriv(g, g));
    i->role = "factor";
    step_end(&writing, i, term_int(ctx, 1));
    step_end(&writing, o, x);
    table("sin", "sin(x)", "inner", "cos(x)");
    end(s, "x*cos(x)");
    REFUSED();
}

static void constants(void **state)
{
    (void)state;
    step *s = begin("constant", "a + 1", NULL);
    step_bind(s, "c", formula("a + 1"));
    end(s, "0");
    HOLDS();
    step_bind(s, "k", x); /* a binding that no one knows */
    REFUSED();
    s->bind_count = 1;
    s->after = term_int(ctx, 1);
    REFUSED();
    s->after = term_int(ctx, 0);
    s->before = deriv(formula("a*x"), x);
    s->bind[0].value = formula("a*x");
    REFUSED();
}

static void exponential_needs_a_positive_base(void **state)
{
    (void)state;
    step *s = begin("exponential", "a^x", NULL);
    step_bind(s, "a", formula("a"));
    step_bind(s, "u", x);
    end(s, "a^x*ln(a)");
    REFUSED();
    s->cond = formula("a > 0");
    s->cond = term_canon(ctx, s->cond);
    HOLDS();
    s->after = formula("a^x");
    REFUSED();
}

/* ---- records as such ----------------------------------------------------------------------------- */

static void nothing_is_refused(void **state)
{
    (void)state;
    const step *bad;
    const char *why;
    assert_int_equal(step_check(ctx, NULL, &bad, &why), GRADUS_BUG);
    assert_non_null(why);
}

static void unknown_rules_are_refused(void **state)
{
    (void)state;
    step *s = begin("identity", "x", NULL);
    end(s, "1");
    HOLDS();
    s->rule = "magic";
    REFUSED();
    s->rule = "trace"; /* a rule, but not one that derives */
    REFUSED();
}

static void a_rewrite_must_hold(void **state)
{
    (void)state;
    step *s = step_rewrite(&writing, "simplify", formula("(x + 1)^2"), formula("x^2 + 2*x + 1"));
    HOLDS();
    s->after = formula("x^2 + 1");
    REFUSED();
    s->before = formula("sin(x)^2 + cos(x)^2"); /* true, but not to be seen without a prover */
    s->after = term_int(ctx, 1);
    REFUSED();
}

static gradus_truth everything_is_equal(void *user, gradus_ctx *c, term a, term b)
{
    (void)c, (void)a, (void)b;
    ++*(int *)user;
    return GRADUS_YES;
}

static gradus_truth nobody_knows(void *user, gradus_ctx *c, term a, term b)
{
    (void)user, (void)c, (void)a, (void)b;
    return GRADUS_UNKNOWN;
}

static void the_prover_is_asked_last(void **state)
{
    (void)state;
    const step *bad;
    const char *why;
    int asked = 0;
    step *s = step_rewrite(&writing, "simplify", formula("(x + 1)^2"), formula("x^2 + 2*x + 1"));
    assert_int_equal(step_check_with(ctx, s, everything_is_equal, &asked, &bad, &why), GRADUS_OK);
    assert_int_equal(asked, 0);
    s->before = formula("sin(x)^2 + cos(x)^2");
    s->after = term_int(ctx, 1);
    assert_int_equal(step_check_with(ctx, s, everything_is_equal, &asked, &bad, &why), GRADUS_OK);
    assert_int_equal(asked, 1);
    assert_int_equal(step_check_with(ctx, s, nobody_knows, NULL, &bad, &why), GRADUS_BUG);
    assert_ptr_equal(bad, s);
}

/* A repeat may only point to what has been verified before it. */
static void repeats(void **state)
{
    (void)state;
    step *s = begin("product", "sin(x)*sin(x)", NULL);
    step_bind(s, "f", formula("sin(x)"));
    step_bind(s, "g", formula("sin(x)"));
    table("sin", "sin(x)", "factor", "cos(x)");
    step *r = begin("sin", "sin(x)", "factor");
    r->tag = STEP_REPEAT;
    r->repeat_of = s->sub;
    end(r, "cos(x)");
    end(s, "2*sin(x)*cos(x)");
    HOLDS();
    r->repeat_of = r;
    REFUSED();
    r->repeat_of = s;
    REFUSED();
    r->repeat_of = NULL;
    REFUSED();
    r->repeat_of = s->sub;
    r->after = formula("sin(x)");
    REFUSED();
}

/* sin(sin(...)): a record as deep as the formula is checked in linear time. */
static void deep_records(void **state)
{
    (void)state;
    enum { DEPTH = 20000 };
    term t = x;
    for (int i = 0; i < DEPTH; i++) t = term_raw_apply(ctx, FN_sin, &t, 1);
    assert_int_not_equal(diff_by(ctx, t, x, &(diff_options){.plain = true, .unfold = true}, &writing),
                         TERM_NONE);
    double start = clock_seconds();
    HOLDS();
    assert_true(clock_seconds() - start < 20);
}

/* However memory is refused: never a wrong "holds", never a leak. */
static void refused_memory(void **state)
{
    (void)state;
    for (size_t after = 1; after < 4000; after = after * 5 / 4 + 1) {
        refusing r = {0};
        gradus_ctx *c = ctx_new(refusing_alloc, &r);
        assert_non_null(c);
        if (!term_room_init(c)) continue;
        ctx_begin(c);
        step_log log;
        step_log_init(&log, c);
        term v = term_sym(c, "x", 1), f = text_parse(c, "x^2*sin(x)/(1 + e^x)", 20, TEXT_PLAIN);
        assert_int_not_equal(diff_by(c, f, v, NULL, &log), TERM_NONE);
        const step *bad;
        const char *why;
        r.nth = r.calls + after;
        r.onwards = true;
        gradus_status st = step_check(c, log.root, &bad, &why);
        assert_int_equal(st, ctx_status(c));
        assert_true(st == GRADUS_OK || (st == GRADUS_NOMEM && r.refused));
        step_log_clear(&log);
        ctx_free(c);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (st == GRADUS_OK && !r.refused) return;
    }
    fail_msg("the check never got through");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(product_right),
        T(product_of_derivatives),
        T(product_one_term),
        T(product_minus),
        T(quotient_right),
        T(quotient_swapped),
        T(quotient_plus),
        T(quotient_denominator),
        T(power_rules),
        T(chain_right),
        T(chain_inner_missing),
        T(chain_at_inner_derivative),
        T(chain_not_plugged_in),
        T(chain_times_inner),
        T(chain_with_another_inner_function),
        T(chain_outer_must_not_hide_the_variable),
        T(table_sign),
        T(constants),
        T(exponential_needs_a_positive_base),
        T(nothing_is_refused),
        T(unknown_rules_are_refused),
        T(a_rewrite_must_hold),
        T(the_prover_is_asked_last),
        T(repeats),
        T(deep_records),
        cmocka_unit_test(refused_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
