/* Plans and the walker give the same doubles, bit for bit, on generated terms; balls enclose what both come
 * near to. */
#include "eval/eval_impl.h"
#include "support/cm.h"

enum { ROUNDS = 3000, POOL = 40, DATA = 5 };

typedef struct maker {
    gradus_ctx *ctx;
    uint64_t seed;
    term x, y, v, i, j;
    term pool[POOL];
    int n;
} maker;

static uint32_t draw(maker *k, uint32_t below)
{
    k->seed = k->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(k->seed >> 33) % below;
}

static term any(maker *k) { return k->pool[draw(k, (uint32_t)k->n)]; }

static term condition(maker *k)
{
    term a = term_rel_make(k->ctx, (term_rel)draw(k, 4), any(k), any(k));
    term b = term_rel_make(k->ctx, REL_LT, any(k), term_int(k->ctx, (long)draw(k, 4)));
    switch (draw(k, 4)) {
    case 0:
        return term_and(k->ctx, (term[]){a, b}, 2);
    case 1:
        return term_or(k->ctx, (term[]){a, term_not(k->ctx, b)}, 2);
    default:
        return a;
    }
}

/* Over i or j, whose free occurrences in the pool are thereby bound. */
static term reducer(maker *k)
{
    term index = draw(k, 2) ? k->i : k->j, body = any(k);
    term hi = draw(k, 3) ? term_int(k->ctx, (long)draw(k, DATA + 1)) : index == k->i ? k->j : k->i;
    return term_reduce(k->ctx, (term_red)draw(k, 8), index, term_int(k->ctx, 1), hi, body);
}

static term grown(maker *k)
{
    static const fn_id fns[] = {FN_exp, FN_log, FN_sin, FN_tanh, FN_abs, FN_floor, FN_relu, FN_sign};
    gradus_ctx *ctx = k->ctx;
    term a = any(k), b = any(k);
    switch (draw(k, 12)) {
    case 0:
    case 1:
        return term_add2(ctx, a,
                         term_mul2(ctx, term_rational(ctx, 1 + (long)draw(k, 5), 1 + (long)draw(k, 3)), b));
    case 2:
        return term_mul2(ctx, a, b);
    case 3:
        return term_div(ctx, a, b);
    case 4:
        return term_pow(ctx, a, term_rational(ctx, 1 + (long)draw(k, 5), 2));
    case 5:
        return term_pow(ctx, a, b);
    case 6:
        return term_mul2(ctx, term_bracket(ctx, condition(k)), a);
    case 7:
        return term_cases(ctx, (term[]){condition(k), a, condition(k), b}, 2, any(k));
    case 8:
        return reducer(k);
    case 9:
        return term_acc(ctx, k->v, &a, 1);
    case 10:
        return term_apply(ctx, FN_max, (term[]){a, b}, 2);
    default:
        return term_apply1(ctx, fns[draw(k, sizeof fns / sizeof *fns)], a);
    }
}

/* A term without free indices. */
static term make(maker *k)
{
    gradus_ctx *ctx = k->ctx;
    k->n = 0;
    term first[] = {k->x, k->y, k->i, k->j, term_acc(ctx, k->v, &k->i, 1), term_acc(ctx, k->v, &k->j, 1),
                    term_int(ctx, 2), term_constant(ctx, CONST_PI)};
    for (size_t f = 0; f < sizeof first / sizeof *first; f++)
        k->pool[k->n++] = first[f];
    while (k->n < POOL) {
        term t = grown(k);
        k->pool[k->n++] = t;
    }
    term t = k->pool[POOL - 1 - draw(k, 8)];
    t = term_reduce(ctx, RED_SUM, k->i, term_int(ctx, 1), term_int(ctx, 3), t);
    return term_reduce(ctx, RED_MAX, k->j, term_int(ctx, 1), term_int(ctx, DATA), term_add2(ctx, t, k->j));
}

static double walked(gradus_ctx *ctx, term t, const eval_bind *at, size_t n)
{
    machine m;
    assert_true(machine_init(&m, ctx, &float_domain, at, n));
    prog *p = prog_make(&m, &t, 1, NULL, 0);
    assert_non_null(p);
    instance *in = instance_make(&m, p);
    machine_round(&m, 53);
    uint32_t root = prog_find(p, t);
    assert_true(walk(&m, in, root));
    double x = in->st[root].kind == EV_NUM ? ((double *)in->pay)[root] : NAN;
    assert_true(in->st[root].kind == EV_NUM || in->st[root].kind == EV_UNDEF);
    machine_clear(&m);
    return x;
}

static double planned(gradus_ctx *ctx, term t, const eval_bind *at, size_t n)
{
    term vars[4];
    double x[4], out = 0;
    for (size_t i = 0; i < n; i++) {
        vars[i] = at[i].sym;
        x[i] = num_fmpq_get_double(term_num(ctx, at[i].value));
    }
    eval_plan *p = eval_plan_new(ctx, &t, 1, vars, (uint32_t)n);
    assert_non_null(p);
    eval_plan_run(p, x, &out);
    eval_plan_free(p);
    return out;
}

static void plans_and_walker_agree(void **state)
{
    (void)state;
    double v[DATA] = {0.5, -1.25, 3, 2, 1};
    int64_t n = DATA;
    int values = 0, near = 0, both = 0;
    maker k = {.seed = 20261123};
    for (int round = 0; round < ROUNDS; round++) {
        k.ctx = ctx_new(NULL, NULL);
        term_room_init(k.ctx);
        ctx_begin(k.ctx);
        arena mem;
        arena_init(&mem, k.ctx);
        k.x = term_sym(k.ctx, "x", 1), k.y = term_sym(k.ctx, "y", 1), k.v = term_sym(k.ctx, "v", 1);
        assert_true(term_sym_bind(k.ctx, k.v, 1, &n, v));
        k.i = term_fresh_index(k.ctx, "i", TERM_NONE, TERM_NONE);
        k.j = term_fresh_index(k.ctx, "j", TERM_NONE, TERM_NONE);
        term t = make(&k);
        assert_int_equal(ctx_status(k.ctx), GRADUS_OK);
        eval_bind at[] = {{k.x, term_from_double(k.ctx, 0.25 * (int)draw(&k, 17) - 2)},
                          {k.y, term_rational(k.ctx, 1 + (long)draw(&k, 9), 3)}};
        double w = walked(k.ctx, t, at, 2), p = planned(k.ctx, t, at, 2);
        if (memcmp(&w, &p, sizeof w) != 0 && !(isnan(w) && isnan(p)) && !(w == 0 && p == 0)) {
            print_error("round %d: walker %.17g, plan %.17g\n", round, w, p);
            fail();
        }
        values += !isnan(w);
        eval_result b;
        eval_options quick = {.max_prec = 512};
        assert_int_equal(eval_ball(k.ctx, t, at, 2, &quick, &mem, &b), GRADUS_OK);
        if (isfinite(w) && isfinite(b.value[0])) {
            both++;
            near += fabs(w - b.value[0]) <= 1e-9 * (fabs(w) + 1);
        }
        arena_clear(&mem);
        ctx_free(k.ctx);
    }
    print_message("%d of %d have values; of %d with both, %d are near\n", values, ROUNDS, both, near);
    assert_true(values > ROUNDS / 10);
    /* doubles may jump where balls see a tie (floor, ==): rarely */
    assert_true(near >= both - both / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans_and_walker_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
