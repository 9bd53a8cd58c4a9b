/* Every allocation of an evaluation refused once: a status, nothing lost, nothing freed twice. */
#include "eval/eval.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

static term sym(gradus_ctx *ctx, const char *name) { return term_sym(ctx, name, strlen(name)); }

/* A sum over data, an inverse under it, a recurrence, an undefined part under a bracket. */
static term everything(gradus_ctx *ctx)
{
    double v[] = {1, 2, 3}, a[] = {2, 1, 1, 3};
    int64_t n = 3;
    term x = sym(ctx, "x"), d = sym(ctx, "v"), m = sym(ctx, "A"), h = sym(ctx, "h");
    if (!x || !d || !m || !h)
        return TERM_NONE;
    term_sym_bind(ctx, d, 1, &n, v);
    term_sym_bind(ctx, m, 2, (int64_t[]){2, 2}, a);
    term i = term_fresh_index(ctx, "i", TERM_NONE, TERM_NONE),
         t = term_fresh_index(ctx, "t", TERM_NONE, TERM_NONE);
    if (ctx_status(ctx) != GRADUS_OK)
        return TERM_NONE;
    term one = term_int(ctx, 1), before = term_sub(ctx, t, one);
    sym_rule base = {.n = 1, .index = {term_int(ctx, 0)}, .body = one};
    sym_rule step = {.n = 1, .index = {t}, .lo = {one}, .hi = {term_int(ctx, 40)}};
    step.body = term_add2(ctx, term_div(ctx, term_acc(ctx, h, &before, 1), term_int(ctx, 2)), x);
    if (!h || !base.index[0] || !step.body)
        return TERM_NONE;
    term_sym_define(ctx, h, ROLE_DEFINED, &base);
    term_sym_define(ctx, h, ROLE_DEFINED, &step);
    term_sym_info(ctx, h)->recursive = true;
    term inv = term_acc(ctx, term_matfn_make(ctx, MATFN_INV, m), (term[]){one, one}, 2);
    term bad = term_mul2(ctx, term_bracket(ctx, term_rel_make(ctx, REL_LT, x, term_int(ctx, 0))),
                         term_apply1(ctx, FN_log, term_neg(ctx, x)));
    term body = term_mul2(ctx, term_apply1(ctx, FN_exp, term_mul2(ctx, x, term_acc(ctx, d, &i, 1))), inv);
    term s = term_reduce(ctx, RED_SUM, i, one, term_int(ctx, 3), body), forty = term_int(ctx, 40);
    return term_add(ctx, (term[]){s, bad, term_acc(ctx, h, &forty, 1)}, 3);
}

static double all_engines(gradus_ctx *ctx)
{
    arena mem;
    arena_init(&mem, ctx);
    term t = everything(ctx), x = t ? sym(ctx, "x") : TERM_NONE;
    eval_bind at = {x, term_rational(ctx, 1, 3)};
    eval_result b = {0}, f = {0};
    eval_options opt = {.digits = 30};
    double in = 1.0 / 3, out = NAN;
    if (t && x && at.value && eval_ball(ctx, t, &at, 1, &opt, &mem, &b) == GRADUS_OK &&
        eval_float(ctx, t, &at, 1, &mem, &f) == GRADUS_OK) {
        eval_plan *p = eval_plan_new(ctx, &t, 1, &x, 1);
        if (p)
            eval_plan_run(p, &in, &out);
        eval_plan_free(p);
    }
    arena_clear(&mem);
    return out;
}

static void each_refused_allocation_is_survived(void **state)
{
    (void)state;
    size_t total = 0;
    double right;
    {
        refusing r = {0};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        term_room_init(ctx);
        ctx_begin(ctx);
        total = r.calls;
        right = all_engines(ctx);
        total = r.calls - total;
        assert_int_equal(ctx_status(ctx), GRADUS_OK);
        assert_false(isnan(right));
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
    assert_true(total > 20);
    for (size_t n = 1; n <= total; n++) {
        refusing r = {0};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        term_room_init(ctx);
        ctx_begin(ctx);
        r.nth = r.calls + n;
        double x = all_engines(ctx);
        if (r.refused)
            assert_true(ctx_status(ctx) == GRADUS_NOMEM || x == right);
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_refused_allocation_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
