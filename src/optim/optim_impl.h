/* optim, for itself: vectors, the curvature of a function from gradients, and the QR under least squares. */
#ifndef OPTIM_IMPL_H
#define OPTIM_IMPL_H

#include "optim/optim.h"

/* ---- vectors of n numbers -------------------------------------------------------------------- */

double optim_dot(const double *a, const double *b, size_t n);
double optim_length(const double *a, size_t n);      /* no overflow on the way */
bool optim_all_finite(const double *a, size_t n);

/* Counts calls, and turns NaN and infinities into "no value". */
typedef struct optim_function {
    optim_value_fn call;
    void *user;
    size_t n, evaluations;
} optim_function;
bool optim_evaluate(optim_function *f, const double *x, double *value, double *g);

/* The second derivative of largest size among all directions at x, where g is the gradient, by power
 * iteration on differences of gradients; `direction` is the first direction tried, work holds 4 n numbers. NaN
 * when the function has no values around x. */
double optim_curvature(optim_function *f, const double *x, const double *g, const double *direction,
                       double *work);

/* ---- QR -------------------------------------------------------------------------------------- */

/* A P = Q R for an m by n matrix A (m >= n), columns scaled to length 1 beforehand and the longest remaining
 * column taken first, so that `rank` is seen on the diagonal of R whatever the units of the columns.
 *
 *   a       column by column; after factoring: R above the diagonal, the Householder vectors on and below it
 *   diag    of R; scale: the lengths of A's columns (1 for a column of zeros)
 *   column  column[j] is the column of A that stands at place j                                            */
typedef struct optim_qr {
    size_t m, n, rank;
    double *a, *diag, *scale;
    size_t *column;
} optim_qr;

/* Factors q->a in place; q's arrays hold m n, n, n and n. */
void optim_qr_factor(optim_qr *q);
/* b := Q^T b, m numbers. */
void optim_qr_rotate(const optim_qr *q, double *b);
/* x: least squares solution of A x = b for b already rotated; parts not determined are 0. */
void optim_qr_solve(const optim_qr *q, const double *b, double *x);
/* cov (n by n): (A^T A)^-1; rows and columns of parameters that A does not determine are NaN. work: n n
 * numbers. Returns how many those are. */
size_t optim_qr_inverse_gram(const optim_qr *q, double *cov, double *work);

#endif
