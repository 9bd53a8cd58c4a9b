/* Values by balls, by doubles and by plans against values that mpmath computed (tests/data/eval.tsv, written
 * by tests/tools/eval_table.py): the ball's double is the nearest one, always. */
#include "eval/eval.h"
#include "support/cm.h"
#include "text/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 8, LINE = 4096 };

/* Doubles lose digits where terms cancel; the rows of the table lose fewer than all of them, or are named
 * here. */
static const double TOL_FLOAT = 1e-9;
static const char *const CANCELS[] = {
    "sqrt(x^2 + 1) - x", "(1 - cos(x))/x^2", "exp(x) - 1 - x", "sin(x)", "tan(x)",          "exp(x)*exp(-x)",
    "gamma(x + 1)/",     "asin(x) + acos",   "1e-40",          "x^0",    "softplus(x) - x", "sigmoid(x)*"};

static bool cancels(const char *formula)
{
    for (size_t i = 0; i < sizeof CANCELS / sizeof *CANCELS; i++)
        if (strncmp(formula, CANCELS[i], strlen(CANCELS[i])) == 0)
            return true;
    return false;
}

static term read_number(gradus_ctx *ctx, const char *s, size_t n)
{
    const char *slash = memchr(s, '/', n);
    fmpq_t p, q;
    fmpq_init(p), fmpq_init(q);
    assert_true(num_parse_decimal(p, s + (*s == '-'), (slash ? (size_t)(slash - s) : n) - (*s == '-')));
    if (slash) {
        assert_true(num_parse_decimal(q, slash + 1, n - (size_t)(slash + 1 - s)));
        fmpq_div(p, p, q);
    }
    if (*s == '-')
        fmpq_neg(p, p);
    term t = term_from_fmpq(ctx, p);
    fmpq_clear(p), fmpq_clear(q);
    return t;
}

static size_t read_points(gradus_ctx *ctx, const char *s, eval_bind *at)
{
    size_t n = 0;
    while (*s) {
        size_t name = strcspn(s, "="), value = strcspn(s + name + 1, " ");
        assert_true(n < MAX_POINTS);
        at[n++] = (eval_bind){term_sym(ctx, s, name), read_number(ctx, s + name + 1, value)};
        text_know_name(ctx, s, name);
        s += name + 1 + value;
        s += *s == ' ';
    }
    return n;
}

static double read_double(const char *s)
{
    double x;
    if (strcmp(s, "undefined") == 0)
        return NAN;
    assert_true(num_parse_double(&x, s, strlen(s)));
    return x;
}

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static double planned(gradus_ctx *ctx, term t, const eval_bind *at, size_t n)
{
    term vars[MAX_POINTS];
    double x[MAX_POINTS], out = 0;
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

static bool check_row(gradus_ctx *ctx, char *line)
{
    char *points = strchr(line, '\t');
    *points++ = '\0';
    char *value = strchr(points, '\t');
    *value++ = '\0';
    value[strcspn(value, "\n")] = '\0';
    eval_bind at[MAX_POINTS];
    eval_result b, f;
    arena mem;
    arena_init(&mem, ctx);
    ctx_begin(ctx);
    size_t n = read_points(ctx, points, at);
    term t = text_parse(ctx, line, strlen(line), TEXT_PLAIN);
    double want = read_double(value);
    bool ok = t && eval_ball(ctx, t, at, n, NULL, &mem, &b) == GRADUS_OK && same(b.value[0], want) &&
              isnan(want) == (b.problem.code != GRADUS_OK);
    if (!ok)
        print_error("%s at %s: want %.17g, got %.17g (%s) %s\n", line, points, want, t ? b.value[0] : NAN,
                    t && b.problem.why ? b.problem.why : "",
                    diag_first_error(ctx) ? diag_first_error(ctx)->message : "");
    if (ok && eval_float(ctx, t, at, n, &mem, &f) == GRADUS_OK) {
        double p = planned(ctx, t, at, n);
        if (!same(p, f.value[0])) {
            print_error("%s at %s: float %.17g, plan %.17g\n", line, points, f.value[0], p);
            ok = false;
        }
        if (!isnan(want) && want != f.value[0] && !(fabs(f.value[0] - want) <= TOL_FLOAT * fabs(want)) &&
            !cancels(line)) {
            print_error("%s at %s: want %.17g, float %.17g\n", line, points, want, f.value[0]);
            ok = false;
        }
    }
    text_forget_names(ctx);
    arena_clear(&mem);
    return ok;
}

static void every_row_is_the_nearest_double(void **state)
{
    (void)state;
    const char *folder = getenv("GRADUS_DATA");
    char path[LINE], line[LINE];
    snprintf(path, sizeof path, "%s/eval.tsv", folder ? folder : "tests/data");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    int rows = 0, wrong = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* the heading */
    while (fgets(line, sizeof line, file)) {
        rows++;
        wrong += !check_row(ctx, line);
    }
    fclose(file);
    ctx_free(ctx);
    assert_true(rows > 80);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_is_the_nearest_double)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
