/* The engine against ref/, which was written from docs/SEMANTICS.md and shares no code with it: values and
 * slopes of the corpus, and what is defined where, on formulas chosen for their borders.               */
#include "support/cm.h"

#include "diff/diff.h"
#include "eval/eval.h"
#include "ref.h"
#include "text/text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 32 };

static gradus_ctx *ctx;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    if (!ctx || !term_room_init(ctx))
        return 1;
    ctx_begin(ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

typedef struct place {
    size_t n;
    ref_point ref[MOST_NAMES];
    eval_bind at[MOST_NAMES];
} place;

static void put_name(place *p, const char *name, double value)
{
    assert_true(p->n < MOST_NAMES);
    p->ref[p->n] = (ref_point){name, value};
    p->at[p->n].sym = term_sym(ctx, name, strlen(name));
    p->at[p->n++].value = term_from_double(ctx, value);
}

/* The value by balls (or by plain doubles), NaN where there is none. */
static double engine(term t, const place *p, bool balls)
{
    arena a;
    eval_result r = {0};
    arena_init(&a, ctx);
    gradus_status s = balls ? eval_ball(ctx, t, p->at, p->n, NULL, &a, &r)
                            : eval_float(ctx, t, p->at, p->n, &a, &r);
    if (s != GRADUS_OK) {
        const diag *d = diag_first_error(ctx);
        fail_msg("not evaluated: %s", d ? d->message : status_name(s));
    }
    double x = r.value[0];
    arena_clear(&a);
    return x;
}

static bool near(long double a, long double b, long double relative, long double absolute)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (isinf(a) || isinf(b))
        return a == b;
    return fabsl(a - b) <= relative * fmaxl(fabsl(a), fabsl(b)) + absolute;
}

/* ---- the corpus ----------------------------------------------------------------------------- */

/* Fields of a line separated by tabs; quoted fields lose their quotes. Changes the line. */
static size_t split(char *line, char **field, size_t most)
{
    size_t n = 0;
    for (char *s = line; s && n < most; n++) {
        char *end = strchr(s, '\t');
        if (end)
            *end = '\0';
        field[n] = s;
        if (*s == '"') {
            char *to = s;
            for (char *from = s + 1; *from && !(from[0] == '"' && from[1] != '"'); from++) {
                from += *from == '"';
                *to++ = *from;
            }
            *to = '\0';
        }
        s = end ? end + 1 : NULL;
    }
    return n;
}

typedef struct tally {
    size_t rows, values, slopes, unsure, wrong;
} tally;

enum { MOST_REPORTS = 30 };

static void BASE_PRINTF(2, 3) report(tally *sum, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (sum->wrong++ < MOST_REPORTS)
        print_error("%s\n", line);
}

static void one_point(const char *id, term t, term slope, const ref_node *f, const json_t *point,
                      const char *variable, double wanted, tally *sum)
{
    place p = {0};
    const char *name;
    json_t *value;
    size_t which = 0;
    json_object_foreach((json_t *)(uintptr_t)point, name, value) {
        if (strcmp(name, variable) == 0)
            which = p.n;
        put_name(&p, name, strtod(json_string_value(value), NULL));
    }
    long double expected = ref_value(f, p.ref, p.n);
    double ball = engine(t, &p, true), plain = engine(t, &p, false);
    if (!near(expected, ball, 1e-12L, 1e-17L)) /* ref may lose its last digits to cancellation */
        report(sum, "%s: the value is %.17g by balls, %.19Lg by ref", id, ball, expected);
    if (!near(plain, ball, 1e-6L, 1e-12L))
        report(sum, "%s: the value is %.17g by balls, %.17g in doubles", id, ball, plain);
    sum->values++;
    if (!slope)
        return;
    long double error, by_ref = ref_slope(f, p.ref, p.n, which, &error);
    double by_engine = engine(slope, &p, true);
    if (!near(by_engine, wanted, 1e-14L, 1e-100L))
        report(sum, "%s: the slope is %.17g, not %.17g", id, by_engine, wanted);
    if (!(error < 1e-6L * fmaxl(fabsl(by_ref), 1))) {
        sum->unsure++;
        return;
    }
    if (!near(by_ref, by_engine, 1e-8L, 100 * error + 1e-10L))
        report(sum, "%s: the slope is %.17g by rules, %.19Lg by differences (%.1Lg)", id, by_engine, by_ref,
               error);
    sum->slopes++;
}

static void one_row(char **field, tally *sum)
{
    char error[REF_ERROR];
    ref_node *f = ref_read(field[2], error);
    if (!f)
        return;
    term_mark m = term_get_mark(ctx);
    ctx_begin(ctx);
    term t = text_parse(ctx, field[2], strlen(field[2]), TEXT_PLAIN);
    term x = term_sym(ctx, field[3], strlen(field[3]));
    bool first_order = strcmp(field[4], "1") == 0;
    term slope = first_order ? diff_by(ctx, t, x, NULL, NULL) : TERM_NONE;
    json_t *points = json_loads(field[5], 0, NULL), *values = json_loads(field[6], 0, NULL);
    assert_true(t != TERM_NONE && points && values);
    if (first_order && !slope)
        fail_msg("%s: no derivative of %s", field[0], field[2]);
    for (size_t i = 0; i < json_array_size(points); i += 2)
        one_point(field[0], t, slope, f, json_array_get(points, i), field[3],
                  strtod(json_string_value(json_array_get(values, i)), NULL), sum);
    sum->rows++;
    json_decref(points);
    json_decref(values);
    ref_free(f);
    term_rewind(ctx, m);
}

static void the_corpus_agrees(void **state)
{
    (void)state;
    char path[4096], *line = NULL, *field[10];
    size_t room = 0;
    tally sum = {0};
    const char *data = getenv("GRADUS_DATA");
    snprintf(path, sizeof path, "%s/scalar.tsv", data ? data : "data");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(getline(&line, &room, file) > 0);
    while (getline(&line, &room, file) > 0)
        if (split(line, field, 10) >= 7)
            one_row(field, &sum);
    fclose(file);
    free(line);
    print_message("%zu rows, %zu values, %zu slopes, %zu too rough for differences\n", sum.rows, sum.values,
                  sum.slopes, sum.unsure);
    assert_true(sum.rows >= 700 && sum.slopes >= 1500);
    assert_int_equal(sum.wrong, 0);
}

/* ---- what is defined where ------------------------------------------------------------------ */

static const char *const border[] = {
    "1/x", "0/x", "x/x", "x^0", "0^x", "x^(-2)", "x^(1/2)", "x^(-1/2)", "x^(1/3)", "x^(2/3)",
    "(x^2)^(1/2)", "x^x", "(-2)^x", "x^y", "sqrt(x)*sqrt(y)", "sqrt(x*y)", "ln(x)", "ln(x^2)",
    "ln(x*y)", "0*ln(x)", "ln(x)/ln(y)", "[x > 0]*ln(x)", "[x != 0]*(1/x)", "[x != 0]/x",
    "1/x*[x != 0]*ln(y)", "y*[x > 0]*(1/x)*3", "[1/x > 0]*2", "[x > 0]^2*ln(x)", "-[x > 0]*ln(x)",
    "[x > 0]*ln(x) + [x <= 0]*ln(-x)", "[x > 0]*[y > 0]*ln(x)*ln(y)", "{1/x if x > 0; 2 if x < 0}",
    "{ln(x) if x > 0; 0 otherwise}", "{1 if 1/x > 0; 2 otherwise}", "{1/x if x != 0; y otherwise}",
    "{1 if x != 0 and 1/x > 1; 2 otherwise}", "{1 if x == 0 or 1/x > 1; 2 otherwise}",
    "{1 if not x > 0; 2 otherwise}", "{x if 0 < x < 1; {y if y > 0; 3 otherwise} otherwise}", "abs(x)",
    "sign(x)", "floor(x)", "ceil(x)", "round(x)", "round(x/2)", "heaviside(x)", "step(x)", "max(x, y)",
    "min(x, y, 0)", "max(0, ln(x))", "relu(x)", "sinc(x)", "arcsin(x)", "arccos(x)", "arccot(x)",
    "arcsec(x)", "arccsc(x)", "arcosh(x)", "artanh(x)", "arcoth(x)", "arsech(x)", "arcsch(x)", "tan(x)",
    "csc(x)", "cot(x)", "coth(x)", "atan2(x, y)", "hypot(x, y)", "gamma(x)", "lgamma(x)", "digamma(x)",
    "factorial(x)", "logit(x)", "log1p(x)", "log2(x)", "log(x, y)", "lambertw(x)", "erfinv(x)",
    "mod(x, y)", "cbrt(x)", "sum[i=1..3](i*x)", "sum[i=1..0](1/x)", "sum[i=-1..1](1/i)",
    "sum[i=-1..1]([i != 0]*x/i)", "prod[i=1..0](x)", "prod[i=-1..1](x + i)", "max[i=1..3](i*x)",
    "min[i=1..3](i*x)", "argmax[i=1..3](i*x)", "argmin[i=-1..2](i^2*x)", "mean[i=1..4](i*x)",
    "logsumexp[i=1..3](i*x)", "sum[i=1..3, j=1..3 : i < j](i*j*x)", "sum[i=1..3](ln(x - i))",
    "sum[i=1..2](sum[j=1..i](j*x))", "sum[i=1..3]([i == 2]*x/i)", "sum[i=0..2]([i > 0]*x/i)",
    "sum[i=0..2](x^i)", "sum[i=0..3](x^(i - 1))", "x^floor(y)",
    "piecewise(x < 0, 1/x, x < 1, y, ln(x))", "1/(x - x)", "sqrt(-x^2)", "ln(x - x)", "(x - 1)/(x - 1)",
    "x*(1/x)", "1/(1/x)", "e^(1/x)", "1/e^(1/x)", "2^-x", "-x^2", "x^2^3/100", "|x - 1|*|y|", "2 x y",
    "(x + 1)(y - 1)",
};

static void the_same_is_defined(void **state)
{
    (void)state;
    static const double at[] = {-2, -1, -0.5, 0, 0.25, 1, 2, 3};
    tally sum = {0};
    enum { N = sizeof at / sizeof *at };
    for (size_t k = 0; k < sizeof border / sizeof *border; k++) {
        char error[REF_ERROR];
        ref_node *f = ref_read(border[k], error);
        if (!f)
            fail_msg("%s: ref: %s", border[k], error);
        term_mark m = term_get_mark(ctx);
        ctx_begin(ctx);
        term t = text_parse(ctx, border[k], strlen(border[k]), TEXT_PLAIN);
        if (!t)
            fail_msg("%s: not read: %s", border[k], diag_first_error(ctx)->message);
        for (size_t i = 0; i < N * N; i++) {
            place p = {0};
            put_name(&p, "x", at[i % N]);
            put_name(&p, "y", at[i / N]);
            long double expected = ref_value(f, p.ref, p.n);
            double ball = engine(t, &p, true), plain = engine(t, &p, false);
            if (!near(expected, ball, 1e-14L, 1e-15L))
                report(&sum, "%s at x = %g, y = %g: %.17g by balls, %.19Lg by ref", border[k], at[i % N],
                       at[i / N], ball, expected);
            if (!isnan(expected) && !near(expected, plain, 1e-12L, 1e-12L))
                report(&sum, "%s at x = %g, y = %g: %.17g in doubles, %.19Lg by ref", border[k], at[i % N],
                       at[i / N], plain, expected);
        }
        ref_free(f);
        term_rewind(ctx, m);
    }
    assert_int_equal(sum.wrong, 0);
}

static void ref_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",          "(x",  "x)",          "foo(x)",  "x(x+1)",
                                        "sum[i](x)", "1 +", "{1 if x > 0", "[x > 0", "sin x"};
    char error[REF_ERROR];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(ref_read(wrong[i], error));
    char deep[20000];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_null(ref_read(deep, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_corpus_agrees, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_is_defined, setup, teardown),
        cmocka_unit_test(ref_refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
