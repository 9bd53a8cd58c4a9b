/* QR by Householder reflections with column pivoting, for least squares with possibly undetermined
 * parameters. Source: Golub and Van Loan, Matrix Computations, 4th ed., sections 5.2 and 5.4. */
#include "optim/optim_impl.h"

#include <float.h>
#include <math.h>

double optim_dot(const double *a, const double *b, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

double optim_length(const double *a, size_t n)
{
    double s = optim_dot(a, a, n);
    if (s > 1e-280 && s < 1e280)
        return sqrt(s);
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i]))
            return fabs(a[i]);
        most = fmax(most, fabs(a[i]));
    }
    if (most == 0)
        return 0;
    s = 0;
    for (size_t i = 0; i < n; i++)
        s += (a[i] / most) * (a[i] / most);
    return most * sqrt(s);
}

bool optim_all_finite(const double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(a[i]))
            return false;
    return true;
}

static void swap_columns(optim_qr *q, size_t j, size_t k)
{
    double *a = q->a + j * q->m, *b = q->a + k * q->m;
    for (size_t i = 0; i < q->m && j != k; i++) {
        double t = a[i];
        a[i] = b[i], b[i] = t;
    }
    size_t c = q->column[j];
    q->column[j] = q->column[k], q->column[k] = c;
}

/* b -= v (v.b) / v[0] for the reflection kept in v with v[0] in [1, 2]: the form of LINPACK. */
static void reflect(const double *v, double *b, size_t n)
{
    if (v[0] == 0)
        return;
    double t = -optim_dot(v, b, n) / v[0];
    for (size_t i = 0; i < n; i++)
        b[i] += t * v[i];
}

void optim_qr_factor(optim_qr *q)
{
    size_t m = q->m, n = q->n;
    for (size_t k = 0; k < n; k++) {
        double *a = q->a + k * m, length = optim_length(a, m);
        q->column[k] = k;
        q->scale[k] = length > 0 ? length : 1;
        for (size_t i = 0; i < m; i++)
            a[i] /= q->scale[k];
    }
    /* Rounding of A, about 1 ulp an entry, moves the diagonal by about sqrt(m) eps. */
    double least = 64 * DBL_EPSILON * sqrt((double)m);
    q->rank = 0;
    for (size_t k = 0; k < n; k++) {
        size_t longest = k;
        double most = -1;
        for (size_t j = k; j < n; j++) { /* lengths anew each time: updating them loses digits */
            double length = optim_length(q->a + j * m + k, m - k);
            if (length > most)
                most = length, longest = j;
        }
        swap_columns(q, k, longest);
        double *v = q->a + k * m + k;
        if (most > least)
            q->rank = k + 1;
        if (!(most > 0)) {
            q->diag[k] = 0;
            continue;
        }
        /* The sign that makes v[0] = 1 + |a_kk| / length, without cancellation. */
        double length = v[0] < 0 ? -most : most;
        for (size_t i = 0; i < m - k; i++)
            v[i] /= length;
        v[0] += 1;
        q->diag[k] = -length;
        for (size_t j = k + 1; j < n; j++)
            reflect(v, q->a + j * m + k, m - k);
    }
}

void optim_qr_rotate(const optim_qr *q, double *b)
{
    for (size_t k = 0; k < q->n; k++)
        if (q->diag[k] != 0)
            reflect(q->a + k * q->m + k, b + k, q->m - k);
}

static double r_at(const optim_qr *q, size_t i, size_t j)
{
    return i == j ? q->diag[i] : q->a[j * q->m + i];
}

void optim_qr_solve(const optim_qr *q, const double *b, double *x)
{
    for (size_t k = 0; k < q->n; k++)
        x[k] = 0;
    for (size_t i = q->rank; i-- > 0;) {
        double s = b[i];
        for (size_t j = i + 1; j < q->rank; j++)
            s -= r_at(q, i, j) * x[q->column[j]];
        x[q->column[i]] = s / q->diag[i];
    }
    for (size_t k = 0; k < q->n; k++)
        x[k] /= q->scale[k];
}

/* w (rank by n): the upper triangle R11^-1, and right of it R11^-1 R12, which says how far the columns beyond
 * the rank are made of those before it. */
static void solve_triangle(const optim_qr *q, double *w)
{
    size_t n = q->n, rank = q->rank;
    for (size_t j = 0; j < n; j++)
        for (size_t i = rank; i-- > 0;) {
            double s = j < rank ? (i == j) : r_at(q, i, j);
            for (size_t k = i + 1; k < rank; k++)
                s -= r_at(q, i, k) * w[k * n + j];
            w[i * n + j] = s / q->diag[i];
        }
}

/* A parameter is determined unless some change of the others makes up for it, that is, unless it takes part
 * in the null space of A, whose basis has the columns (-R11^-1 R12, I). */
static bool is_determined(const optim_qr *q, const double *w, size_t place)
{
    const double least = 1e-7; /* scaled columns: shares below are rounding */
    if (place >= q->rank)
        return false;
    for (size_t j = q->rank; j < q->n; j++)
        if (fabs(w[place * q->n + j]) > least)
            return false;
    return true;
}

size_t optim_qr_inverse_gram(const optim_qr *q, double *cov, double *work)
{
    size_t n = q->n, lost = 0;
    solve_triangle(q, work);
    for (size_t i = 0; i < n; i++)
        lost += !is_determined(q, work, i);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            size_t a = q->column[i], b = q->column[j];
            double s = NAN;
            if (is_determined(q, work, i) && is_determined(q, work, j)) {
                s = 0;
                for (size_t k = j; k < q->rank; k++)
                    s += work[i * n + k] * work[j * n + k];
                s = s / q->scale[a] / q->scale[b];
            }
            cov[a * n + b] = cov[b * n + a] = s;
        }
    return lost;
}
