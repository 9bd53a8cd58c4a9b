/* Refused memory through the public door: a status or an answer, nothing lost, and the context goes on working. */
#include "support/cm.h"
#include "support/refusing.h"

#include <gradus.h>

#include <string.h>

static gradus_query query_of(gradus_op op, const char *expr)
{
    gradus_query q;
    gradus_query_defaults(&q, op);
    q.expr = expr;
    return q;
}

static gradus_status asked(gradus_ctx *ctx, const gradus_query *q)
{
    gradus_answer *a = gradus_ask(ctx, q);
    if (!a)
        return GRADUS_NOMEM;
    gradus_status s = gradus_answer_status(a);
    const char *json = gradus_answer_json(a, "1"); /* may be refused, too: then it is empty or cut, never a crash */
    assert_true(!json || strlen(json) < 1000000);
    gradus_answer_free(a);
    return s;
}

static gradus_status ask_diff(gradus_ctx *ctx)
{
    gradus_query q = query_of(GRADUS_OP_DIFF, "x^2*sin(x)/(1 + e^(-x)) + |x|");
    q.wrt = (const char *const[]){"x"};
    q.wrt_count = 1;
    q.steps = GRADUS_STEPS_ATOMIC;
    q.at = &(gradus_value){.name = "x", .value = 0.5};
    q.at_count = 1;
    return asked(ctx, &q);
}

static gradus_status ask_eval(gradus_ctx *ctx)
{
    gradus_query q = query_of(GRADUS_OP_EVAL, "sum[i](v[i]^2) + gamma(1/3) + det(A)");
    q.given = (gradus_array[]){{"v", 1, (const int64_t[]){3}, (const double[]){1, 2, 3}},
                               {"A", 2, (const int64_t[]){2, 2}, (const double[]){1, 2, 3, 4}}};
    q.given_count = 2;
    q.digits = 30;
    return asked(ctx, &q);
}

static gradus_status ask_check(gradus_ctx *ctx)
{
    gradus_query q = query_of(GRADUS_OP_CHECK, "2*x*cos(x^2)\n2*x*sin(x^2)");
    q.of = "d/dx (sin(x^2))";
    return asked(ctx, &q);
}

static gradus_status ask_grad(gradus_ctx *ctx)
{
    gradus_query q = query_of(GRADUS_OP_GRAD, "x^2*y + log(x*y)");
    q.at = (gradus_value[]){{.name = "x", .text = "1/3"}, {.name = "y", .value = 2}};
    q.at_count = 2;
    return asked(ctx, &q);
}

static gradus_status ask_define(gradus_ctx *ctx)
{
    gradus_query q = query_of(GRADUS_OP_DEFINE, "S(x) = 1/(1 + e^(-x));; h[0] = 1;; h[t] = 2*h[t-1] for t = 1..5");
    return asked(ctx, &q);
}

static gradus_status ask_line(gradus_ctx *ctx)
{
    static const char line[] = "{\"id\":[1,\"a\"],\"op\":\"slope\",\"expr\":\"x^2+sin(x)\",\"at\":{\"x\":\"1/3\"},"
                               "\"given\":{\"u\":[[1,2],[3,4]]},\"steps\":true}";
    char *reply = gradus_batch_line(ctx, line, sizeof line - 1);
    if (!reply)
        return GRADUS_NOMEM;
    bool ok = strstr(reply, "\"ok\":true") != NULL, refused = strstr(reply, "\"nomem\"") != NULL;
    gradus_string_free(ctx, reply);
    return ok ? GRADUS_OK : refused ? GRADUS_NOMEM : GRADUS_BUG;
}

/* Refuses request n of the question for n = 1, 2, 3, ... (later ones sampled) until nothing is refused any more. */
static void refuse_each(gradus_status (*question)(gradus_ctx *), bool onwards)
{
    bool refused = true;
    for (size_t n = 1; refused; n += 1 + n / 24) {
        refusing r = {0};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        assert_non_null(ctx);
        r.nth = r.calls + n;
        r.onwards = onwards;
        gradus_status s = question(ctx);
        refused = r.refused > 0;
        if (s != GRADUS_OK && s != GRADUS_NOMEM)
            fail_msg("request %zu refused: %s", n, gradus_status_name(s));
        assert_true(refused || s == GRADUS_OK);
        r.nth = 0;
        assert_int_equal(question(ctx), GRADUS_OK);
        gradus_ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
}

#define QUESTION(name)                                                                                                 \
    static void name##_survives(void **state)                                                                          \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        refuse_each(ask_##name, false);                                                                                \
        refuse_each(ask_##name, true);                                                                                 \
    }
QUESTION(diff)
QUESTION(eval)
QUESTION(check)
QUESTION(grad)
QUESTION(define)
QUESTION(line)

static void the_context_itself_is_refused(void **state)
{
    (void)state;
    bool made = false;
    for (size_t n = 1; !made; n++) {
        refusing r = {.nth = n, .onwards = true};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        made = ctx != NULL;
        gradus_ctx_free(ctx);
        assert_int_equal(r.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diff_survives),   cmocka_unit_test(eval_survives), cmocka_unit_test(check_survives),
        cmocka_unit_test(grad_survives),   cmocka_unit_test(define_survives), cmocka_unit_test(line_survives),
        cmocka_unit_test(the_context_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
