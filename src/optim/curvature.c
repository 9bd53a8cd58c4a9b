/* The largest curvature at a point, from gradients alone.
 *
 * H v = (g(x + h v) - g(x - h v)) / (2 h) for a direction v of length 1; repeating v := H v / |H v| turns v
 * to the direction in which the slope changes fastest (power iteration). The step h is the cube root of
 * rounding times the size of x, where rounding and the third derivative balance. */
#include "optim/optim_impl.h"

#include <float.h>
#include <math.h>

enum { ROUNDS_MOST = 60 };

static bool set_direction(double *v, const double *from, size_t n)
{
    double length = optim_length(from, n);
    if (!(length > 0) || !isfinite(length))
        return false;
    for (size_t k = 0; k < n; k++)
        v[k] = from[k] / length;
    return true;
}

double optim_curvature(optim_function *f, const double *x, const double *g, const double *direction,
                       double *work)
{
    size_t n = f->n;
    double *v = work, *at = work + n, *up = work + 2 * n, *down = work + 3 * n, value;
    double h = cbrt(DBL_EPSILON) * fmax(1e-3, optim_length(x, n)), last = NAN;
    if (!set_direction(v, direction, n) && !set_direction(v, g, n))
        return NAN;
    /* A direction with no part along the wanted one would never find it: a little of every axis is added. */
    for (size_t k = 0; k < n; k++)
        v[k] += 1e-3 * (1 + 0.1 * (double)(k % 7)) / sqrt((double)n);
    for (int round = 0; round < ROUNDS_MOST; round++) {
        set_direction(v, v, n);
        for (size_t k = 0; k < n; k++)
            at[k] = x[k] + h * v[k];
        if (!optim_evaluate(f, at, &value, up))
            return NAN;
        for (size_t k = 0; k < n; k++)
            at[k] = x[k] - h * v[k];
        if (!optim_evaluate(f, at, &value, down))
            return NAN;
        for (size_t k = 0; k < n; k++)
            up[k] = (up[k] - down[k]) / (2 * h);
        double curvature = optim_dot(v, up, n);
        if (fabs(curvature - last) <= 1e-6 * fabs(curvature))
            return curvature;
        last = curvature;
        for (size_t k = 0; k < n; k++)
            v[k] = up[k];
        if (optim_length(v, n) == 0)
            return 0;
    }
    return last;
}
