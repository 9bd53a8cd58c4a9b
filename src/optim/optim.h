/* optim: minima through callbacks, slopes of measured series. Knows nothing of terms, files or formulas.
 *
 * Two methods. optim_descend follows the negative gradient, with a fixed rate or a line search; every step is
 * reported, and when a fixed rate was too large the result says why and how large it may be. optim_fit solves
 * nonlinear least squares by a damped Gauss-Newton method and gives standard errors.
 *
 * A callback answers false where the function has no value; a method then takes a shorter step, and only a
 * start without a value is an error (GRADUS_DOMAIN). NaN and infinities count as no value. A method ends with
 * a named stop reason and a sentence; not reaching a minimum is a result, not a failure of the call.
 *
 * Invariants: x holds the best point known, whatever the stop reason; nothing is kept between calls;
 * memory comes from the context and is given back; ctx_tick is asked every iteration.
 * Start reading: descent.c, then fit.c; qr.c is the linear algebra under fit.c; smooth.c stands alone.  **/
#ifndef OPTIM_H
#define OPTIM_H

#include "base/base.h"

typedef enum optim_stop {
    OPTIM_CONVERGED, /* the conditions of a minimum hold to the tolerance            */
    OPTIM_DIVERGED,  /* values or points grow without bound, or left the domain      */
    OPTIM_STALLED,   /* no further progress, yet the conditions do not hold          */
    OPTIM_LIMIT,     /* the budget of iterations or time is spent                    */
    OPTIM_HALTED     /* the caller's step callback said stop                         */
} optim_stop;
const char *optim_stop_name(optim_stop s); /* "converged", "diverged", "stalled", "limit", "halted" */

/* ---- gradient descent ------------------------------------------------------------------------ */

/* Value and gradient at x (n numbers); g NULL: not wanted. false: no value there. */
typedef bool (*optim_value_fn)(void *user, const double *x, double *f, double *g);

typedef struct optim_step {
    size_t iteration;   /* 0 is the start                                            */
    const double *x;    /* n numbers, borrowed during the call, as is g              */
    double f;
    const double *g;
    double g_length;    /* Euclidean                                                 */
    double rate;        /* used on the way to x; NaN at the start                    */
    double step_length; /* Euclidean, from the point before; 0 at the start          */
} optim_step;
/* Called for each point reached, in order. false: stop. */
typedef bool (*optim_step_fn)(void *user, const optim_step *s);

typedef struct optim_descent_options {
    size_t size;           /* of this struct, for later additions                              */
    double rate;           /* fixed: x -= rate * g; line search: the first length tried         */
    bool line_search;      /* backtracking to sufficient decrease (Armijo)                      */
    double momentum;       /* in [0, 1): part of the last step kept (fixed rate only)           */
    size_t max_iterations;
    double tolerance;      /* converged: length of g <= tolerance; also where rounding hides any fall */
    optim_step_fn on_step; /* may be NULL                                                       */
    void *step_user;
} optim_descent_options;
/* Line search from rate 1, no momentum, 10000 iterations, tolerance 1e-8. */
void optim_descent_defaults(optim_descent_options *o);

typedef struct optim_descent_result {
    optim_stop stop;
    double f, g_length;      /* at the returned x                                              */
    size_t iterations, evaluations;
    double curvature;        /* the largest second derivative near the best point; NaN: not measured */
    double largest_rate;     /* 2 (1 + momentum) / curvature: above it a fixed rate diverges; NaN: unknown */
    bool rate_too_large;     /* and this is why it did not converge                              */
    char reason[320];        /* one sentence for the user                                        */
} optim_descent_result;

/* Minimises f from x (n numbers; in: start, out: the point of convergence, otherwise the lowest point met).
 * GRADUS_OK with result->stop; GRADUS_DOMAIN: no value at the start; GRADUS_SHAPE: n = 0 or options that make
 * no sense; GRADUS_NOMEM. At GRADUS_LIMIT (the context's time) result and x hold what was reached. */
gradus_status optim_descend(gradus_ctx *ctx, size_t n, double *x, optim_value_fn f, void *user,
                            const optim_descent_options *options, optim_descent_result *result);

/* ---- least squares --------------------------------------------------------------------------- */

/* Residuals r (m numbers: model - data) at p (n numbers), and when J is not NULL the Jacobian, row by row:
 * J[i*n + k] = dr_i / dp_k. r is always wanted. false: no value there. */
typedef bool (*optim_residual_fn)(void *user, const double *p, double *r, double *J);

typedef struct optim_fit_options {
    size_t size;           /* of this struct, for later additions                              */
    size_t max_iterations;
    double tolerance;      /* relative, of parameters, sum of squares and slopes                */
    optim_step_fn on_step; /* may be NULL; x are parameters, f the sum of squares, g NULL. A run that ends
                            * badly is repeated with shorter steps: the points begin at the start again */
    void *step_user;
} optim_fit_options;
/* 2000 iterations, tolerance 1e-15 (of the order of rounding). */
void optim_fit_defaults(optim_fit_options *o);

typedef struct optim_fit_result {
    optim_stop stop;
    double rss;              /* sum of the squares of the residuals                             */
    double sigma;            /* sqrt(rss / (m - n)); NaN when m <= n                             */
    size_t iterations, evaluations;
    size_t matrix_rank;      /* of the Jacobian with its columns scaled; n: all parameters are determined */
    double optimality;       /* cosine between r and the plane of the columns of J; 0 at a minimum */
    char reason[320];        /* one sentence about the stop                                      */
    char error_reason[320];  /* why a standard error is NaN; "" when none is                     */
} optim_fit_result;

/* Minimises sum r_i^2 from p (in: start, out: best). stderrs: n numbers, written, NaN where the data do not
 * determine the parameter; covariance: n*n numbers or NULL, row by row, likewise.
 * The result does not depend on the units of the parameters, up to rounding.
 * GRADUS_OK with result->stop; GRADUS_DOMAIN: no value at the start; GRADUS_SHAPE: m < n, n = 0 or sizes
 * beyond 2^31; GRADUS_NOMEM; GRADUS_LIMIT as above.
 * Source: Moré, The Levenberg-Marquardt algorithm: implementation and theory, 1978. */
gradus_status optim_fit(gradus_ctx *ctx, size_t m, size_t n, double *p, optim_residual_fn residuals,
                        void *user, const optim_fit_options *options, optim_fit_result *result,
                        double *stderrs, double *covariance);

/* ---- slopes of measured series --------------------------------------------------------------------- */

typedef struct optim_smooth_options {
    size_t size;       /* of this struct, for later additions                                   */
    unsigned order;    /* of the derivative: 0 to 4                                              */
    double half_width; /* of the window, in units of x; 0: chosen by cross-validation            */
} optim_smooth_options;
void optim_smooth_defaults(optim_smooth_options *o); /* the first derivative, window chosen */

typedef struct optim_smooth_result {
    double half_width;   /* used; at thin places a window is widened to the points it needs            */
    unsigned degree;     /* of the local polynomials                                                   */
    double sigma;        /* standard deviation of the noise, from the residuals; NaN: nothing is left over */
    size_t distinct;     /* different x                                                                */
    size_t window;       /* samples in the largest window                                              */
    bool capped;         /* a wider window might be better but would cost too much                     */
} optim_smooth_result;

/* Derivatives of a noisy series: at each sample a polynomial of degree order + 2 is fitted to the samples around
 * it with tricube weights (local regression: Savitzky-Golay for samples at any distance), and its derivative
 * at that point is the answer. x: n ascending finite numbers, repeats allowed; y finite. value, slope, stderrs:
 * n numbers each, written: the fitted value, the derivative, and its standard error for independent noise of
 * one size (NaN where sigma is). The window is the one in which polynomials of one degree less predict left-out
 * samples best; the standard error holds noise only, not the bias of smoothing, which grows with the window.
 * GRADUS_SHAPE: fewer than order + 2 different x, or an order above 4; GRADUS_NOMEM; GRADUS_LIMIT (time).
 * Cost: n times the samples in a window, times the square of the degree.
 * Source: Cleveland and Devlin, Locally weighted regression, 1988; Fan and Gijbels, Local polynomial modelling,
 * 1996; Calonico, Cattaneo and Farrell 2018 (the degree more); Savitzky and Golay 1964. */
gradus_status optim_smooth(gradus_ctx *ctx, size_t n, const double *x, const double *y,
                           const optim_smooth_options *options, optim_smooth_result *result, double *value,
                           double *slope, double *stderrs);

#endif
