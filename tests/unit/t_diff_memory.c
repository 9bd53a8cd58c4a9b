/* Every allocation refused once: derivations, records, gradients and limits fail cleanly and give everything back. */
#include "diff/diff.h"
#include "support/cm.h"
#include "support/refusing.h"
#include "text/text.h"

#include <string.h>

enum { MANY = 4000 };

static term parse(gradus_ctx *ctx, const char *text) { return text_parse(ctx, text, strlen(text), TEXT_PLAIN); }

/* One derivation in its own context; true when nothing was refused. */
static bool run(refusing *r, const char *define, const char *formula, const char *variable, const char *method)
{
    gradus_ctx *ctx = ctx_new(refusing_alloc, r);
    if (!ctx)
        return false;
    term x[2] = {TERM_NONE, TERM_NONE}, d = TERM_NONE, s;
    step_log log;
    step_log_init(&log, ctx);
    if (term_room_init(ctx)) {
        ctx_begin(ctx);
        if (define)
            (void)text_define(ctx, define, strlen(define), TEXT_PLAIN, &s);
        term f = parse(ctx, formula);
        x[0] = text_parse_variable(ctx, variable, strlen(variable));
        diff_options opt = {.unfold = true, .method = method};
        if (f && x[0]) {
            d = diff_by(ctx, f, x[0], &opt, &log);
            term out[1];
            if (d && term_is(ctx, x[0], OP_SYM) && diff_gradient(ctx, f, x, 1, out) != GRADUS_OK)
                d = TERM_NONE;
            diff_kinks k = {0};
            if (d && !diff_find_kinks(ctx, f, x[0], &k))
                d = TERM_NONE;
            vec_clear(ctx, &k);
        }
    }
    bool ok = d != TERM_NONE;
    assert_true(ok || r->refused > 0); /* fails only because of the refusal */
    step_log_clear(&log);
    ctx_free(ctx);
    return ok;
}

static void survives(const char *define, const char *formula, const char *variable, const char *method)
{
    size_t nth = 1;
    for (; nth < MANY; nth++) {
        refusing r = {.nth = nth};
        bool ok = run(&r, define, formula, variable, method);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (ok && r.refused == 0)
            break;
    }
    assert_true(nth < MANY);
}

static void rules(void **state)
{
    (void)state;
    survives(NULL, "x^2*sin(x)/(1 + e^(-x)) + x^x + max(x, 2)", "x", NULL);
}

static void names(void **state)
{
    (void)state;
    survives("S(z) = 1/(1 + e^(-z))", "S(x^2)*S(x)", "x", NULL);
}

static void indices(void **state)
{
    (void)state;
    survives(NULL, "sum[j=1..4](w[j]*x[j]^2) + logsumexp[c=1..3](w[c])", "w[k]", NULL);
}

static void definition(void **state)
{
    (void)state;
    survives(NULL, "sqrt(x) + x^2", "x", "definition");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(names),
        cmocka_unit_test(indices),
        cmocka_unit_test(definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
