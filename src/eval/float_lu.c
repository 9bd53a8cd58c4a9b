/* LU factors in doubles. */
#include "eval/float_impl.h"

bool float_lu_init(gradus_ctx *ctx, float_lu *lu, size_t n)
{
    *lu = (float_lu){.n = n, .sign = 1};
    lu->a = ctx_realloc(ctx, NULL, 0, (n * n + 1) * sizeof *lu->a);
    lu->row = ctx_realloc(ctx, NULL, 0, (n + 1) * sizeof *lu->row);
    if (lu->a && lu->row)
        return true;
    float_lu_clear(ctx, lu);
    return false;
}

void float_lu_clear(gradus_ctx *ctx, float_lu *lu)
{
    if (lu->a)
        ctx_realloc(ctx, lu->a, (lu->n * lu->n + 1) * sizeof *lu->a, 0);
    if (lu->row)
        ctx_realloc(ctx, lu->row, (lu->n + 1) * sizeof *lu->row, 0);
    lu->a = NULL;
    lu->row = NULL;
}

static void swap_rows(float_lu *lu, size_t i, size_t k)
{
    for (size_t j = 0; j < lu->n; j++) {
        double t = lu->a[i * lu->n + j];
        lu->a[i * lu->n + j] = lu->a[k * lu->n + j];
        lu->a[k * lu->n + j] = t;
    }
    size_t r = lu->row[i];
    lu->row[i] = lu->row[k];
    lu->row[k] = r;
    lu->sign = -lu->sign;
}

bool float_lu_factor(float_lu *lu)
{
    size_t n = lu->n;
    double *a = lu->a;
    lu->sign = 1;
    lu->regular = true;
    for (size_t i = 0; i < n; i++)
        lu->row[i] = i;
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k]))
                best = i;
        if (best != k)
            swap_rows(lu, k, best);
        double pivot = a[k * n + k];
        if (!(fabs(pivot) > 0)) { /* NaN too */
            lu->regular = false;
            continue;
        }
        for (size_t i = k + 1; i < n; i++) {
            double f = a[i * n + k] /= pivot;
            for (size_t j = k + 1; f != 0 && j < n; j++)
                a[i * n + j] -= f * a[k * n + j];
        }
    }
    return lu->regular;
}

double float_lu_det(const float_lu *lu)
{
    double d = lu->sign;
    for (size_t i = 0; i < lu->n; i++)
        d *= lu->a[i * lu->n + i];
    return d == 0 ? 0 : d; /* not -0 */
}

double float_lu_logdet(const float_lu *lu)
{
    double s = 0;
    int sign = lu->sign;
    for (size_t i = 0; i < lu->n; i++) {
        double d = lu->a[i * lu->n + i];
        s += log(fabs(d));
        sign = d < 0 ? -sign : d > 0 ? sign : 0;
    }
    return sign > 0 ? s : NAN;
}

/* Column c of the inverse: L U x = column c of the permuted unit matrix. */
static void inverse_column(const float_lu *lu, size_t c, double *out)
{
    size_t n = lu->n;
    const double *a = lu->a;
    for (size_t i = 0; i < n; i++) {
        double x = lu->row[i] == c ? 1 : 0;
        for (size_t j = 0; j < i; j++)
            x -= a[i * n + j] * out[j * n + c];
        out[i * n + c] = x;
    }
    for (size_t i = n; i-- > 0;) {
        double x = out[i * n + c];
        for (size_t j = i + 1; j < n; j++)
            x -= a[i * n + j] * out[j * n + c];
        out[i * n + c] = x / a[i * n + i];
    }
}

void float_lu_inverse(const float_lu *lu, double *out)
{
    for (size_t c = 0; c < lu->n; c++)
        inverse_column(lu, c, out);
}
