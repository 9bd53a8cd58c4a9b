/* Pages, sentences and hints: what stands on them, how it is aligned, and that no input breaks them. */
#include "support/cm.h"
#include "support/refusing.h"

#include "diff/diff.h"
#include "explain/explain.h"
#include "rule/rule.h"

#include <stdio.h>
#include <string.h>

typedef struct derivation {
    gradus_ctx *ctx;
    step_log log;
    strbuf out;
} derivation;

static void derive(derivation *d, const char *expr, const char *wrt, const char *define)
{
    gradus_ctx *ctx = d->ctx = ctx_new(NULL, NULL);
    assert_true(ctx && term_room_init(ctx));
    ctx_begin(ctx);
    term sym;
    if (define) assert_int_equal(text_define(ctx, define, strlen(define), TEXT_PLAIN, &sym), GRADUS_OK);
    term f = text_parse(ctx, expr, strlen(expr), TEXT_PLAIN), x = text_parse_variable(ctx, wrt, strlen(wrt));
    step_log_init(&d->log, ctx);
    strbuf_init(&d->out, ctx);
    assert_int_not_equal(diff_by(ctx, f, x, NULL, &d->log), TERM_NONE);
}

static void finish(derivation *d)
{
    strbuf_clear(&d->out);
    step_log_clear(&d->log);
    ctx_free(d->ctx);
}

static const char *page(derivation *d, explain_level level, text_form form, unsigned width)
{
    d->out.n = 0;
    explain_page(&d->out, d->ctx, d->log.root, level, form, width);
    assert_int_equal(ctx_status(d->ctx), GRADUS_OK);
    return strbuf_str(&d->out);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("`%s` is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part)) fail_msg("`%s` is in:\n%s", part, text);
}

/* ---- what stands there --------------------------------------------------------------------------- */

static void the_lectures_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "= d/dg (g^(-1))*d/dx (1 + e^(-x)) ",
        "chain rule: inner g = 1 + e^(-x)",
        "= -1*(1 + e^(-x))^(-2)*(d/dx (1) + d/dx (e^(-x))) ",
        "= -1*(1 + e^(-x))^(-2)*d/dx (e^(-x)) ",
        "The derivative of a constant is 0",
        "= -1*(1 + e^(-x))^(-2)*e^(-x)*(-1) ",
        "= e^(-x)/(1 + e^(-x))^2 ",
        "now simplify",
        "= S(x)*e^(-x)/(1 + e^(-x)) ",
        "= S(x)*((1 + e^(-x)) - 1)/(1 + e^(-x)) ",
        "= S(x)*((1 + e^(-x))/(1 + e^(-x)) - 1/(1 + e^(-x))) ",
        "= S(x)*(1 - S(x)) ",
    };
    derivation d;
    derive(&d, "S(x)", "x", "S(x) = 1/(1 + e^(-x))");
    const char *text = page(&d, EXPLAIN_FULL, FORM_TEXT, 100), *from = text;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *at = strstr(from, lines[i]);
        if (!at) fail_msg("`%s` is missing or out of order in:\n%s", lines[i], text);
        from = at;
    }
    lacks(text, "-1 - 1");
    finish(&d);
}

static void power_rule_shows_the_difference(void **state)
{
    (void)state;
    derivation d;
    derive(&d, "x^2", "x", NULL);
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "= 2*x^(2 - 1)");
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "= 2*x ");
    finish(&d);
}

static void levels_differ_in_length(void **state)
{
    (void)state;
    size_t n[3];
    derivation d;
    derive(&d, "(2*x + 3)*e^(5*x) + sin(x)/x", "x", NULL);
    for (int l = 0; l < 3; l++) n[l] = strlen(page(&d, (explain_level)l, FORM_TEXT, 100));
    assert_true(n[EXPLAIN_BRIEF] < n[EXPLAIN_FULL]);
    assert_true(n[EXPLAIN_FULL] < n[EXPLAIN_ATOMIC]);
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "2*x + 3: slope 2");
    lacks(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "the factor 2 stays");
    contains(page(&d, EXPLAIN_ATOMIC, FORM_TEXT, 100), "the factor 2 stays");
    finish(&d);
}

static void kinks_and_conditions_close_the_page(void **state)
{
    (void)state;
    derivation d;
    derive(&d, "abs(x)", "x", NULL);
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100),
             "no derivative at x = 0: slope -1 from the left, 1 from the right");
    finish(&d);
    derive(&d, "x^x", "x", NULL);
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "\n  for x > 0\n");
    contains(page(&d, EXPLAIN_FULL, FORM_TEXT, 100), "\n  A  d/dx (x*ln(x))\n");
    finish(&d);
}

/* No reason says "it" or "the formula" where the record has the term; no line is said twice in a row. */
static void no_gaps_in_sentences(void **state)
{
    (void)state;
    static const char *const all[] = {
        "x^3*sin(2*x)", "abs(x - 1)",    "relu(3*x)", "max(x, 1)",
        "a^x",          "x^n",           "ln(x)/x",   "{x if x > 0; x^2 otherwise}",
        "[x > 0]*x",    "hypot(x, 2*x)", "sqrt(x)"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        derivation d;
        derive(&d, all[i], "x", NULL);
        const char *text = page(&d, EXPLAIN_FULL, FORM_TEXT, 100);
        lacks(text, " it;");
        lacks(text, " it\n");
        lacks(text, "the formula");
        if (!strchr(all[i], '{') && !strstr(all[i], "abs") && !strstr(all[i], "relu") &&
            !strstr(all[i], "max"))
            lacks(text, "{");
        finish(&d);
    }
}

/* ---- how it stands there ------------------------------------------------------------------------- */

/* Reasons of a page begin in one column as far as the lines leave room, and no line that could be broken is
 * too wide. */
static void reasons_are_aligned(void **state)
{
    (void)state;
    derivation d;
    derive(&d, "1/(1 + e^(-x))", "x", NULL);
    const char *text = page(&d, EXPLAIN_FULL, FORM_TEXT, 100);
    size_t column = 0, lines = 0;
    for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
        const char *end = p + strcspn(p, "\n");
        assert_true(end - p <= 100);
        const char *gap = strstr(p + 4, "   ");
        if (gap && gap < end) {
            size_t at = (size_t)(gap - p) + strspn(gap, " ");
            assert_true(!column || at == column);
            column = at;
            lines++;
        }
    }
    assert_true(lines >= 6);
    for (unsigned width = 20; width < 140; width += 20) /* any width will do */
        assert_true(strlen(page(&d, EXPLAIN_FULL, FORM_TEXT, width)) > 100);
    finish(&d);
}

static int count(const char *text, const char *part)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)) != NULL; p += strlen(part)) n++;
    return n;
}

static void latex_is_balanced(void **state)
{
    (void)state;
    static const char *const all[] = {"1/(1 + e^(-x))", "x^x",           "abs(x)",          "a^x",
                                      "x^2*sin(x)",     "sqrt(x)/ln(x)", "sum[i=1..3](x^i)"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        derivation d;
        derive(&d, all[i], "x", NULL);
        const char *text = page(&d, EXPLAIN_FULL, FORM_LATEX, 100);
        assert_int_equal(count(text, "\\begin{align*}"), 1);
        assert_int_equal(count(text, "\\end{align*}"), 1);
        assert_int_equal(count(text, "{"), count(text, "}"));
        assert_int_equal(count(text, "$") % 2, 0);
        assert_int_equal(count(text, "\\left"), count(text, "\\right"));
        lacks(text, "\\\\\n\\end");
        for (const char *p = text; (p = strstr(p, "\\text{")) != NULL; p++) { /* no bare ^ or _ in words */
            int depth = 0, dollars = 0;
            for (const char *q = p + 5; *q; q++) {
                depth += *q == '{' ? 1 : *q == '}' ? -1 : 0;
                dollars += *q == '$';
                if ((*q == '^' || *q == '_') && dollars % 2 == 0 && q[-1] != '\\')
                    fail_msg("a bare %c in words: %s", *q, p);
                if (!depth) break;
            }
        }
        finish(&d);
    }
}

/* ---- hints and sentences ------------------------------------------------------------------------- */

static void hints_say_more_and_more(void **state)
{
    (void)state;
    static const char *const rungs[] = {
        "Which operation is done last when you compute sin(x^2) for a number?\n",
        "Which operation comes last? What is inside it?\n",
        "d/dx (f(g(x))) = f'(g(x))*g'(x)\n",
        "= d/dg (sin(g))*d/dx (x^2)   (chain rule: inner g = x^2)\n",
        "= cos(x^2)*(2*x)   (table: sin(g)' = cos(g); power rule)\n",
    };
    derivation d;
    derive(&d, "sin(x^2)", "x", NULL);
    for (int r = 1; r <= 5; r++) {
        d.out.n = 0;
        explain_hint(&d.out, d.ctx, d.log.root, r);
        assert_string_equal(strbuf_str(&d.out), rungs[r - 1]);
    }
    finish(&d);
}

static void every_step_has_a_sentence(void **state)
{
    (void)state;
    derivation d;
    derive(&d, "x^2*abs(x) + e^(3*x)/ln(x) + x^x", "x", NULL);
    int steps = 0;
    for (const step *s = d.log.root; s; steps++) {
        d.out.n = 0;
        explain_why(&d.out, d.ctx, s);
        assert_true(d.out.n > 5);
        lacks(strbuf_str(&d.out), "{");
        const step *next = s->sub;
        while (!next && s) {
            next = s->next;
            s = next ? s : s->parent;
        }
        s = next;
    }
    assert_true(steps > 20);
    finish(&d);
}

/* ---- limits -------------------------------------------------------------------------------------- */

static void deep_and_wide_records(void **state)
{
    (void)state;
    derivation d = {.ctx = ctx_new(NULL, NULL)};
    assert_true(d.ctx && term_room_init(d.ctx));
    ctx_begin(d.ctx);
    step_log_init(&d.log, d.ctx);
    strbuf_init(&d.out, d.ctx);
    term x = term_sym(d.ctx, "x", 1), t = x;
    for (int i = 0; i < 250; i++) t = term_raw_apply(d.ctx, FN_sin, &t, 1);
    assert_int_not_equal(diff_by(d.ctx, t, x, NULL, &d.log), TERM_NONE);
    for (int l = 0; l < 3; l++) {
        const char *text = page(&d, (explain_level)l, FORM_TEXT, 100);
        assert_true(strlen(text) < 1000000);
        contains(text, l == EXPLAIN_BRIEF ? "chain rule" : "left out here");
    }
    finish(&d);
}

static void refused_memory(void **state)
{
    (void)state;
    for (size_t after = 1; after < 40000; after = after * 4 / 3 + 1) {
        refusing r = {0};
        gradus_ctx *c = ctx_new(refusing_alloc, &r);
        assert_true(c && term_room_init(c));
        ctx_begin(c);
        step_log log;
        step_log_init(&log, c);
        term x = term_sym(c, "x", 1), f = text_parse(c, "x^2*sin(x)/(1 + e^x) + x^x", 26, TEXT_PLAIN);
        assert_int_not_equal(diff_by(c, f, x, NULL, &log), TERM_NONE);
        strbuf out;
        strbuf_init(&out, c);
        r.nth = r.calls + after;
        r.onwards = true;
        explain_page(&out, c, log.root, EXPLAIN_FULL, FORM_TEXT, 100);
        bool through = !r.refused;
        strbuf_clear(&out);
        step_log_clear(&log);
        ctx_free(c);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (through) return;
    }
    fail_msg("the page never got through");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lectures_lines),
        cmocka_unit_test(power_rule_shows_the_difference),
        cmocka_unit_test(levels_differ_in_length),
        cmocka_unit_test(kinks_and_conditions_close_the_page),
        cmocka_unit_test(no_gaps_in_sentences),
        cmocka_unit_test(reasons_are_aligned),
        cmocka_unit_test(latex_is_balanced),
        cmocka_unit_test(hints_say_more_and_more),
        cmocka_unit_test(every_step_has_a_sentence),
        cmocka_unit_test(deep_and_wide_records),
        cmocka_unit_test(refused_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
