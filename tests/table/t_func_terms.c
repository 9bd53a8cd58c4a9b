/* func.def as the engine reads it: every spelling of a row is the same term, what is printed reads back, and
 * the partials, domains and kinks that room rule makes have the values that the second reader
 * (row_formula.h) finds. */
#include "row_formula.h"
#include "eval/eval.h"
#include "rule/rule.h"
#include "support/cm.h"
#include "text/text.h"

#include <math.h>

enum { PREC = 300 };

static const double points[] = {0,   1,    -1,   0.5,   -0.5,  2,      -2,  0.25,
                                1.5, -1.5, 3.25, -3.75, 0.875, -0.125, 7.5, -20.5};
enum { POINTS = sizeof points / sizeof *points };

typedef struct bench {
    gradus_ctx *ctx;
    term sym[2];
    const fn_row *row;
    fn_id id;
    term y; /* the row applied to the symbols */
} bench;

static bench bench_open(int id)
{
    bench b = {.ctx = ctx_new(NULL, NULL), .id = (fn_id)id, .row = fn_get((fn_id)id)};
    assert_non_null(b.ctx);
    assert_true(term_room_init(b.ctx));
    ctx_begin(b.ctx);
    b.sym[0] = term_sym(b.ctx, "p", 1);
    b.sym[1] = term_sym(b.ctx, "q", 1);
    b.y = term_apply(b.ctx, b.id, b.sym, (uint32_t)b.row->arity);
    assert_int_not_equal(b.y, TERM_NONE);
    return b;
}

/* t at (u, v) as a ball; conditions are 1 or 0. */
static fn_ball value_at(bench *b, term t, double u, double v, arb_t out)
{
    eval_bind at[2] = {{b->sym[0], term_from_double(b->ctx, u)}, {b->sym[1], term_from_double(b->ctx, v)}};
    return eval_enclose(b->ctx, t, at, 2, PREC, out, NULL);
}

static void expect_same_number(bench *b, term t, const char *formula, double u, double v)
{
    arb_struct var[4];
    arb_t got, want;
    arb_init(got);
    arb_init(want);
    for (int i = 0; i < 4; i++)
        arb_init(&var[i]);
    arb_set_d(&var[0], u);
    arb_set_d(&var[1], v);
    if (b->row->ball(&var[3], var, b->row->arity, PREC) == FN_BALL_OK) {
        assert_true(rf_number(want, formula, var, PREC));
        if (arb_is_finite(want)) {
            fn_ball found = value_at(b, t, u, v, got);
            if (found != FN_BALL_OK || !arb_overlaps(got, want))
                print_message("%s at (%g, %g): %s\n", b->row->name, u, v, formula);
            assert_int_equal(found, FN_BALL_OK);
            assert_true(arb_overlaps(got, want));
        }
    }
    for (int i = 0; i < 4; i++)
        arb_clear(&var[i]);
    arb_clear(got);
    arb_clear(want);
}

static void partials_have_the_tables_values(void **state)
{
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        bench b = bench_open(id);
        for (int k = 0; k < b.row->arity; k++) {
            if (b.row->dkind[k] == FN_D_SPECIAL)
                continue;
            term d = rule_partial(b.ctx, b.y, (uint32_t)k);
            if (b.row->dkind[k] == FN_D_NONE) {
                assert_int_equal(d, TERM_NONE);
                assert_int_equal(ctx_status(b.ctx), GRADUS_UNABLE);
                ctx_begin(b.ctx);
                continue;
            }
            assert_int_not_equal(d, TERM_NONE);
            for (int i = 0; i < POINTS; i++)
                expect_same_number(&b, d, b.row->dkind[k] == FN_D_ZERO ? "0" : b.row->d[k], points[i],
                                   points[(i * 5 + 3) % POINTS]);
        }
        assert_int_equal(ctx_status(b.ctx), GRADUS_OK);
        ctx_free(b.ctx);
    }
}

static void expect_same_truth(bench *b, term cond, const char *text, double u, double v)
{
    arb_struct var[4];
    arb_t got;
    bool readable = true;
    arb_init(got);
    for (int i = 0; i < 4; i++)
        arb_init(&var[i]);
    arb_set_d(&var[0], u);
    arb_set_d(&var[1], v);
    gradus_truth want = rf_condition(text, var, PREC, &readable);
    fn_ball found = value_at(b, cond, u, v, got);
    bool same = found == FN_BALL_OK && arb_is_one(got) == (want == GRADUS_YES);
    if (want != GRADUS_UNKNOWN && !same)
        print_message("%s at (%g, %g): %s\n", b->row->name, u, v, text);
    assert_true(readable);
    assert_true(want == GRADUS_UNKNOWN || same);
    for (int i = 0; i < 4; i++)
        arb_clear(&var[i]);
    arb_clear(got);
}

static void conditions_have_the_tables_truth(void **state)
{
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        bench b = bench_open(id);
        term domain = rule_domain(b.ctx, b.y), kink = rule_kink(b.ctx, b.y);
        assert_int_not_equal(domain, TERM_NONE);
        assert_true((kink != TERM_NONE) == (b.row->kinks != NULL));
        for (int i = 0; i < POINTS; i++) {
            double u = points[i], v = points[(i * 5 + 3) % POINTS];
            expect_same_truth(&b, domain, b.row->domain, u, v);
            if (kink)
                expect_same_truth(&b, kink, b.row->kinks, u, v);
        }
        assert_int_equal(ctx_status(b.ctx), GRADUS_OK);
        ctx_free(b.ctx);
    }
}

static void expect_reads_as(bench *b, const char *text, size_t n, text_door door)
{
    term t = term_canon(b->ctx, text_parse(b->ctx, text, n, door));
    const diag *d = diag_first_error(b->ctx);
    if (t != b->y)
        print_message("%.*s: %s\n", (int)n, text, d ? d->message : "another term");
    assert_int_equal(t, b->y);
}

static void every_spelling_is_read(void **state)
{
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        bench b = bench_open(id);
        const char *lists[2] = {b.row->name, b.row->aliases ? b.row->aliases : ""};
        strbuf s;
        strbuf_init(&s, b.ctx);
        for (int k = 0; k < 2; k++) {
            for (const char *w = lists[k]; *w; w += strcspn(w, " "), w += strspn(w, " ")) {
                s.n = 0;
                strbuf_printf(&s, "%.*s(p%s)", (int)strcspn(w, " "), w, b.row->arity == 2 ? ", q" : "");
                expect_reads_as(&b, strbuf_str(&s), s.n, TEXT_PLAIN);
            }
        }
        strbuf_clear(&s);
        assert_int_equal(ctx_status(b.ctx), GRADUS_OK);
        ctx_free(b.ctx);
    }
}

static void expect_prints_back(text_form form, text_door door)
{
    for (int id = 1; id < FN_COUNT; id++) {
        bench b = bench_open(id);
        strbuf s;
        strbuf_init(&s, b.ctx);
        text_print(&s, b.ctx, b.y, form);
        expect_reads_as(&b, strbuf_str(&s), s.n, door);
        strbuf_clear(&s);
        assert_int_equal(ctx_status(b.ctx), GRADUS_OK);
        ctx_free(b.ctx);
    }
}

static void printed_text_reads_back(void **state)
{
    (void)state;
    expect_prints_back(FORM_TEXT, TEXT_PLAIN);
}

static void printed_latex_reads_back(void **state)
{
    (void)state;
    expect_prints_back(FORM_LATEX, TEXT_LATEX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partials_have_the_tables_values),
        cmocka_unit_test(conditions_have_the_tables_truth),
        cmocka_unit_test(every_spelling_is_read),
        cmocka_unit_test(printed_text_reads_back),
        cmocka_unit_test(printed_latex_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
