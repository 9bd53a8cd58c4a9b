/* Least squares on the StRD problems of NIST (public domain), from both start points, with the models and
 * their derivatives written by hand: the parameters to 9 digits, their standard errors to 8, the sum of
 * squares to 9. The certified values have 11 digits. */
#include "optim/optim.h"
#include "support/cm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256, PARAMS = 9 };

typedef struct problem {
    const char *name;
    size_t n;
    /* y = model(x; b) and its gradient by b. */
    double (*model)(const double *b, const double *x, double *grad);
    bool log_y;
    size_t m, columns;
    double y[ROWS], x[ROWS][2];
    double start[2][PARAMS], value[PARAMS], error[PARAMS], rss;
} problem;

static double misra1a(const double *b, const double *x, double *g)
{
    double e = exp(-b[1] * x[0]);
    g[0] = -expm1(-b[1] * x[0]), g[1] = b[0] * x[0] * e;
    return b[0] * g[0];
}

static double chwirut2(const double *b, const double *x, double *g)
{
    double d = b[1] + b[2] * x[0], y = exp(-b[0] * x[0]) / d;
    g[0] = -x[0] * y, g[1] = -y / d, g[2] = -x[0] * y / d;
    return y;
}

static double danwood(const double *b, const double *x, double *g)
{
    double p = pow(x[0], b[1]);
    g[0] = p, g[1] = b[0] * p * log(x[0]);
    return b[0] * p;
}

static double enso(const double *b, const double *x, double *g)
{
    double y = b[0], w = 2 * M_PI * x[0];
    double c = cos(w / 12), s = sin(w / 12);
    g[0] = 1, g[1] = c, g[2] = s;
    y += b[1] * c + b[2] * s;
    for (size_t k = 3; k <= 6; k += 3) {
        c = cos(w / b[k]), s = sin(w / b[k]);
        g[k] = (b[k + 1] * s - b[k + 2] * c) * w / (b[k] * b[k]);
        g[k + 1] = c, g[k + 2] = s;
        y += b[k + 1] * c + b[k + 2] * s;
    }
    return y;
}

static double gauss1(const double *b, const double *x, double *g)
{
    g[0] = exp(-b[1] * x[0]);
    g[1] = -b[0] * x[0] * g[0];
    double y = b[0] * g[0];
    for (size_t k = 2; k <= 5; k += 3) {
        double d = x[0] - b[k + 1], w = b[k + 2], e = exp(-d * d / (w * w));
        g[k] = e, g[k + 1] = b[k] * e * 2 * d / (w * w), g[k + 2] = b[k] * e * 2 * d * d / (w * w * w);
        y += b[k] * e;
    }
    return y;
}

static double rational(const double *b, double x, size_t top, size_t bottom, double *g)
{
    double p = 0, q = 1, power = 1;
    for (size_t k = 0; k <= top; k++, power *= x)
        p += b[k] * power;
    power = x;
    for (size_t k = 1; k <= bottom; k++, power *= x)
        q += b[top + k] * power;
    power = 1;
    for (size_t k = 0; k <= top; k++, power *= x)
        g[k] = power / q;
    power = x;
    for (size_t k = 1; k <= bottom; k++, power *= x)
        g[top + k] = -p * power / (q * q);
    return p / q;
}

static double cubic_cubic(const double *b, const double *x, double *g)
{
    return rational(b, x[0], 3, 3, g);
}

static double quadratic_quadratic(const double *b, const double *x, double *g)
{
    return rational(b, x[0], 2, 2, g);
}

static double lanczos3(const double *b, const double *x, double *g)
{
    double y = 0;
    for (size_t k = 0; k < 6; k += 2) {
        g[k] = exp(-b[k + 1] * x[0]), g[k + 1] = -b[k] * x[0] * g[k];
        y += b[k] * g[k];
    }
    return y;
}

static double mgh17(const double *b, const double *x, double *g)
{
    g[0] = 1, g[1] = exp(-x[0] * b[3]), g[2] = exp(-x[0] * b[4]);
    g[3] = -x[0] * b[1] * g[1], g[4] = -x[0] * b[2] * g[2];
    return b[0] + b[1] * g[1] + b[2] * g[2];
}

static double misra1b(const double *b, const double *x, double *g)
{
    double h = 1 + b[1] * x[0] / 2;
    g[0] = 1 - 1 / (h * h), g[1] = b[0] * x[0] / (h * h * h);
    return b[0] * g[0];
}

static double nelson(const double *b, const double *x, double *g)
{
    double e = exp(-b[2] * x[1]);
    g[0] = 1, g[1] = -x[0] * e, g[2] = b[1] * x[0] * x[1] * e;
    return b[0] - b[1] * x[0] * e;
}

static double rat43(const double *b, const double *x, double *g)
{
    double e = exp(b[1] - b[2] * x[0]), base = 1 + e, p = pow(base, -1 / b[3]), y = b[0] * p;
    g[0] = p, g[1] = -y / b[3] * e / base, g[2] = -g[1] * x[0], g[3] = y * log(base) / (b[3] * b[3]);
    return y;
}

static const problem problems[] = {
    {.name = "Misra1a", .n = 2, .model = misra1a},
    {.name = "Chwirut2", .n = 3, .model = chwirut2},
    {.name = "DanWood", .n = 2, .model = danwood},
    {.name = "Misra1b", .n = 2, .model = misra1b},
    {.name = "Gauss1", .n = 8, .model = gauss1},
    {.name = "Lanczos3", .n = 6, .model = lanczos3},
    {.name = "Kirby2", .n = 5, .model = quadratic_quadratic},
    {.name = "Hahn1", .n = 7, .model = cubic_cubic},
    {.name = "Nelson", .n = 3, .model = nelson, .log_y = true},
    {.name = "MGH17", .n = 5, .model = mgh17},
    {.name = "ENSO", .n = 9, .model = enso},
    {.name = "Thurber", .n = 7, .model = cubic_cubic},
    {.name = "Rat43", .n = 4, .model = rat43},
    {.name = "BoxBOD", .n = 2, .model = misra1a},
};
enum { PROBLEMS = sizeof problems / sizeof *problems };

/* ---- reading the files ----------------------------------------------------------------------- */

static void read_line(problem *q, const char *line, bool *in_data)
{
    size_t k;
    double v[4];
    if (sscanf(line, " b%zu = %lf %lf %lf %lf", &k, &v[0], &v[1], &v[2], &v[3]) == 5) {
        assert_in_range(k, 1, q->n);
        q->start[0][k - 1] = v[0], q->start[1][k - 1] = v[1], q->value[k - 1] = v[2], q->error[k - 1] = v[3];
    } else if (sscanf(line, "Residual Sum of Squares: %lf", &v[0]) == 1)
        q->rss = v[0];
    else if (*in_data) {
        int got = sscanf(line, "%lf %lf %lf", &v[0], &v[1], &v[2]);
        if (got < 2)
            return;
        assert_true(q->m < ROWS);
        q->y[q->m] = q->log_y ? log(v[0]) : v[0];
        q->x[q->m][0] = v[1], q->x[q->m][1] = got > 2 ? v[2] : 0;
        q->m++;
    }
}

static problem *load(const problem *base)
{
    static problem q;
    char path[1000], line[400];
    const char *folder = getenv("GRADUS_DATA");
    snprintf(path, sizeof path, "%s/nist/%s.dat", folder ? folder : "tests/data", base->name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    q = *base;
    bool in_data = false;
    for (int number = 1; fgets(line, sizeof line, f); number++) {
        if (number > 55 && strncmp(line, "Data:", 5) == 0)
            in_data = true;
        else
            read_line(&q, line, &in_data);
    }
    fclose(f);
    assert_true(q.m > q.n && q.rss > 0);
    return &q;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static bool residuals(void *user, const double *b, double *r, double *J)
{
    const problem *q = user;
    double g[PARAMS];
    for (size_t i = 0; i < q->m; i++) {
        r[i] = q->model(b, q->x[i], g) - q->y[i];
        if (J)
            memcpy(J + i * q->n, g, q->n * sizeof *g);
    }
    return true;
}

static double digits(double got, double want)
{
    double off = fabs(got - want) / fabs(want);
    return off < 1e-12 ? 12 : isnan(off) ? 0 : -log10(off);
}

typedef struct score {
    double value, error, rss;
} score;

/* Every parameter is measured in other units: b = scale * p. */
typedef struct scaled {
    const problem *q;
    double scale[PARAMS];
} scaled;

static bool scaled_residuals(void *user, const double *p, double *r, double *J)
{
    const scaled *s = user;
    double b[PARAMS];
    for (size_t k = 0; k < s->q->n; k++)
        b[k] = p[k] * s->scale[k];
    bool ok = residuals((void *)(uintptr_t)s->q, b, r, J);
    for (size_t i = 0; J && i < s->q->m * s->q->n; i++)
        J[i] *= s->scale[i % s->q->n];
    return ok;
}

static score run(const problem *q, int which, const double *scale)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    scaled s = {.q = q};
    double p[PARAMS], error[PARAMS];
    for (size_t k = 0; k < q->n; k++) {
        s.scale[k] = scale ? scale[k] : 1;
        p[k] = q->start[which][k] / s.scale[k];
    }
    optim_fit_result res;
    assert_int_equal(optim_fit(ctx, q->m, q->n, p, scaled_residuals, &s, NULL, &res, error, NULL), GRADUS_OK);
    score worst = {12, 12, digits(res.rss, q->rss)};
    for (size_t k = 0; k < q->n; k++) {
        worst.value = fmin(worst.value, digits(p[k] * s.scale[k], q->value[k]));
        worst.error = fmin(worst.error, digits(error[k] * s.scale[k], q->error[k]));
    }
    print_message("%-9s start %d: %-9s values %4.1f errors %4.1f rss %4.1f digits, "
                  "%3zu iterations, %3zu values\n",
                  q->name, which + 1, optim_stop_name(res.stop), worst.value, worst.error, worst.rss,
                  res.iterations, res.evaluations);
    if (worst.value < 9 || res.stop != OPTIM_CONVERGED)
        print_message("  %s %s\n", res.reason, res.error_reason);
    if (res.stop != OPTIM_CONVERGED || res.matrix_rank != q->n)
        worst.value = 0;
    ctx_free(ctx);
    return worst;
}

static void certified_values(void **state)
{
    (void)state;
    int right = 0;
    for (size_t i = 0; i < PROBLEMS; i++) {
        const problem *q = load(&problems[i]);
        for (int which = 0; which < 2; which++) {
            score s = run(q, which, NULL);
            right += s.value >= 9 && s.error >= 8 && s.rss >= 9;
        }
    }
    assert_int_equal(right, 2 * PROBLEMS);
}

/* Powers of two as units change no rounding, so the whole path is the same, not just the end of it. */
static void units_do_not_matter(void **state)
{
    (void)state;
    double scale[PARAMS];
    for (int k = 0; k < PARAMS; k++)
        scale[k] = ldexp(1, (k * 37) % 61 - 30);
    for (size_t i = 0; i < PROBLEMS; i++) {
        const problem *q = load(&problems[i]);
        for (int which = 0; which < 2; which++)
            assert_true(run(q, which, scale).value >= 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certified_values), cmocka_unit_test(units_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
