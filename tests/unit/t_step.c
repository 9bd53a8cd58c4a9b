/* Writing down a derivation: the tree, its order, and what a derivation leaves in it. */
#include "diff/diff.h"
#include "support/cm.h"
#include "text/text.h"

#include <string.h>

static gradus_ctx *ctx;
static step_log record;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    ctx_begin(ctx);
    step_log_init(&record, ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    step_log_clear(&record);
    ctx_free(ctx);
    return 0;
}

static term parse(const char *text)
{
    term t = text_parse(ctx, text, strlen(text), TEXT_PLAIN);
    assert_int_not_equal(t, TERM_NONE);
    return t;
}

static void steps_nest_in_the_order_of_writing(void **state)
{
    (void)state;
    term a = term_int(ctx, 1), b = term_int(ctx, 2);
    step *root = step_begin(&record, STEP_CHAIN, "derivative", a);
    step *one = step_begin(&record, STEP_RULE, "sum", a);
    step *leaf = step_begin(&record, STEP_RULE, "constant", a);
    step_end(&record, leaf, b);
    step_end(&record, one, b);
    step *two = step_rewrite(&record, "simplify", b, a);
    step_end(&record, root, a);
    assert_ptr_equal(record.root, root);
    assert_ptr_equal(root->sub, one);
    assert_ptr_equal(one->next, two);
    assert_null(two->next);
    assert_ptr_equal(root->last_sub, two);
    assert_ptr_equal(one->sub, leaf);
    assert_ptr_equal(leaf->parent, one);
    assert_int_equal(two->kind, STEP_REWRITE);
    assert_int_equal(leaf->after, b);
    assert_null(record.open);
}

static void bindings_are_kept_up_to_their_room(void **state)
{
    (void)state;
    step *s = step_begin(&record, STEP_RULE, "product", term_int(ctx, 1));
    for (int i = 0; i < 10; i++)
        step_bind(s, "f", term_int(ctx, i));
    step_bind(s, "none", TERM_NONE);
    assert_int_equal(s->bind_count, sizeof s->bind / sizeof s->bind[0]);
    assert_int_equal(s->bind[1].value, term_int(ctx, 1));
    step_end(&record, s, term_int(ctx, 0));
}

static void without_a_log_nothing_is_written(void **state)
{
    (void)state;
    term a = term_int(ctx, 1);
    assert_null(step_begin(NULL, STEP_RULE, "sum", a));
    assert_null(step_rewrite(NULL, "simplify", a, a));
    step_bind(NULL, "f", a);
    step_end(NULL, NULL, a);
    step_end(&record, NULL, a);
    assert_null(record.root);
}

/* ---- what derivations write ---------------------------------------------------------------------------------------- */

static void print_rules(strbuf *b, const step *s)
{
    for (; s; s = s->next) {
        strbuf_add(b, s->rule);
        if (s->tag == STEP_REPEAT)
            strbuf_add(b, "!");
        if (s->sub) {
            strbuf_add(b, "(");
            print_rules(b, s->sub);
            strbuf_add(b, ")");
        }
        if (s->next)
            strbuf_add(b, " ");
    }
}

static void shape_of_records(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"x", "derivative(identity)"},
        {"3*x^2 + 5*x - 7", "derivative(sum(constant-multiple(power simplify) linear(constant-multiple(identity simplify)) constant simplify))"},
        {"x^2*sin(x)", "derivative(product(power sin simplify) simplify)"},
        {"sin(x^2)", "derivative(chain(sin power simplify))"},
        {"abs(x)", "derivative(kink(cases kink))"},
        {"e^x + x^2*e^(2*x) + e^(2*x)", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        step_log log;
        step_log_init(&log, ctx);
        term d = diff_by(ctx, parse(rows[i][0]), term_sym(ctx, "x", 1), NULL, &log);
        assert_int_equal(log.root->after, d);
        strbuf b;
        strbuf_init(&b, ctx);
        print_rules(&b, log.root);
        if (rows[i][1])
            assert_string_equal(strbuf_str(&b), rows[i][1]);
        else
            assert_non_null(strstr(strbuf_str(&b), "chain!")); /* the second e^(2*x) refers to the first */
        strbuf_clear(&b);
        step_log_clear(&log);
    }
}

static void inner_functions_have_names_that_nobody_uses(void **state)
{
    (void)state;
    term g = term_sym(ctx, "g", 1), d = diff_by(ctx, parse("sin(g*cos(x^2))"), term_sym(ctx, "x", 1), NULL, &record);
    assert_int_not_equal(d, TERM_NONE);
    const step *chain = record.root->sub;
    assert_string_equal(chain->rule, "chain");
    assert_int_not_equal(chain->inner_name, g);
    assert_string_equal(term_sym_name(ctx, chain->inner_name), "h");
    assert_false(term_occurs(ctx, d, chain->inner_name));
}

/* Every line of a chain starts where the one before ended, and each ends in the answer of its parent. */
static void lines_follow_each_other(const step *s)
{
    for (; s; s = s->next) {
        if (s->kind == STEP_CHAIN && strcmp(s->rule, "derivative") == 0) {
            term at = TERM_NONE;
            for (const step *l = s->sub; l; l = l->next) {
                if (l->kind == STEP_TASK)
                    continue;
                if (l->kind == STEP_REWRITE && at)
                    assert_int_equal(l->before, at);
                if (l->kind == STEP_RULE || at)
                    at = l->after;
            }
            assert_int_equal(at, s->after);
        }
        lines_follow_each_other(s->sub);
    }
}

static void answers_follow_from_the_last_line(void **state)
{
    (void)state;
    static const char *const rows[] = {"(x^2 - 1)/(x^2 + 1)", "x*e^x*sin(x)", "arctan(sinh(x))", "tanh(a*x + b)", "(1 + 1/x)^x",
                                       "(x^2 + 1)*(x^3 - x)", "1/(1 + e^(-x))"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        step_log log;
        step_log_init(&log, ctx);
        assert_int_not_equal(diff_by(ctx, parse(rows[i]), term_sym(ctx, "x", 1), NULL, &log), TERM_NONE);
        lines_follow_each_other(log.root);
        step_log_clear(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steps_nest_in_the_order_of_writing, setup, teardown),
        cmocka_unit_test_setup_teardown(bindings_are_kept_up_to_their_room, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_log_nothing_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(shape_of_records, setup, teardown),
        cmocka_unit_test_setup_teardown(inner_functions_have_names_that_nobody_uses, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_follow_from_the_last_line, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
