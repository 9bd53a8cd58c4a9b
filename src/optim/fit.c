/* Nonlinear least squares: MINPACK's damped Gauss-Newton method far from the minimum, full Gauss-Newton steps
 * close to it, and standard errors from the factored Jacobian.
 *
 * MINPACK compares sums of squares, which tell points apart only to the square root of rounding: about 8
 * digits of the parameters. The last digits come from `polish`, which compares the lengths of the steps
 * instead. MINPACK's first step may be too bold and throw a parameter to where it has no effect any more;
 * when the end of a run is no proper minimum, the run is repeated with a smaller first step and the best end
 * is kept. See docs/decisions/least-squares.md. */
#include "optim/optim_impl.h"

#include <cminpack.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Radius of the first step in units of the start, MINPACK's advice first. */
static const double first_steps[] = {100, 1, 0.1};
enum { ATTEMPTS = 3, POLISH_MOST = 100 };

/* A minimum is where the residuals are at right angles to the plane that the slopes span, not only to each
 * slope: slopes that nearly agree hide what their difference could still do (Bates and Watts 1981). Below
 * `offset_small` that cosine counts as zero. A perfect fit leaves only rounding in the residuals, whose
 * angles are random; there a Gauss-Newton step below `step_small` of the parameters counts as none. */
static const double offset_small = 1e-5, step_small = 1e-8;

typedef struct fit_job {
    gradus_ctx *ctx;
    size_t m, n;
    optim_residual_fn residuals;
    void *user;
    const optim_fit_options *options;
    optim_fit_result *result;
    size_t iterations_here; /* of the running attempt */
    optim_stop why;         /* why a callback ended MINPACK */
    bool ended;             /* one did: MINPACK still asks once more, to print */
    bool no_slopes;         /* the Jacobian was not finite at an accepted point */
    double *memory;
    size_t bytes;
    /* Parts of memory. Parameters inside are p / unit, with unit a power of two near the start's size, so
     * that MINPACK's absolute numbers (it has some, for parameters or slopes that are 0) do not depend on the
     * units. */
    double *unit, *p, *best, *start, *trial;  /* n each */
    double *r, *J, *A;                        /* m, m n (rows), m n (columns) */
    double *step, *diag, *scale, *cov, *work; /* n, n, n, n n, n n */
    double *lm;                               /* 6 n + 2 m, for lmder */
    size_t *column;
    int *pivot;
} fit_job;

const char *optim_stop_name(optim_stop s)
{
    static const char *const names[] = {"converged", "diverged", "stalled", "limit", "halted"};
    return names[s];
}

void optim_fit_defaults(optim_fit_options *o)
{
    *o = (optim_fit_options){.size = sizeof *o, .max_iterations = 2000, .tolerance = 1e-15};
}

/* ---- the callback ---------------------------------------------------------------------------- */

/* Residuals and, with J, slopes by scaled parameters at q. false: no finite value. */
static bool value_at(fit_job *job, const double *q, double *r, double *J)
{
    for (size_t k = 0; k < job->n; k++)
        job->trial[k] = q[k] * job->unit[k];
    job->result->evaluations++;
    if (!job->residuals(job->user, job->trial, r, J) || !optim_all_finite(r, job->m))
        return false;
    for (size_t i = 0; J && i < job->m; i++)
        for (size_t k = 0; k < job->n; k++)
            J[i * job->n + k] *= job->unit[k];
    return true;
}

static bool report(fit_job *job, const double *q, double length)
{
    for (size_t k = 0; k < job->n; k++)
        job->trial[k] = q[k] * job->unit[k];
    optim_step s = {.iteration = job->result->iterations,
                    .x = job->trial,
                    .f = length * length,
                    .rate = NAN,
                    .g_length = NAN,
                    .step_length = NAN};
    return !job->options->on_step || job->options->on_step(job->options->step_user, &s);
}

static int end_run(fit_job *job, optim_stop why)
{
    job->why = why;
    job->ended = true;
    return -1;
}

/* MINPACK asks: flag 0 a new iteration begins, 1 residuals, 2 Jacobian (column by column). Negative: stop. */
static int answer(void *p, int m, int n, const double *x, double *fvec, double *fjac, int ldfjac, int flag)
{
    fit_job *job = p;
    (void)ldfjac;
    if (job->ended)
        return -1;
    if (!ctx_tick(job->ctx))
        return end_run(job, OPTIM_LIMIT);
    if (flag == 0) {
        if (job->iterations_here++ > 0)
            job->result->iterations++;
        if (!report(job, x, optim_length(fvec, (size_t)m)))
            return end_run(job, OPTIM_HALTED);
        return job->iterations_here > job->options->max_iterations ? end_run(job, OPTIM_LIMIT) : 0;
    }
    if (flag == 1) {
        /* No value: residuals so large that the step is refused. */
        if (!value_at(job, x, fvec, NULL))
            for (int i = 0; i < m; i++)
                fvec[i] = 1e300 / sqrt((double)m);
        return 0;
    }
    if (!value_at(job, x, job->r, job->J) || !optim_all_finite(job->J, job->m * job->n)) {
        job->no_slopes = true;
        return end_run(job, OPTIM_STALLED);
    }
    for (size_t k = 0; k < (size_t)n; k++)
        for (size_t i = 0; i < (size_t)m; i++)
            fjac[k * (size_t)m + i] = job->J[i * (size_t)n + k];
    return 0;
}

/* ---- close to the minimum -------------------------------------------------------------------- */

typedef struct fit_end {
    optim_stop stop;
    bool proper; /* a minimum where every parameter matters    */
    size_t rank;
    double length;     /* of the residuals                           */
    double shift;      /* length of J step: what a full step would take off the residuals */
    double offset;     /* shift / length: the cosine between the residuals and the plane of the slopes */
    double step_share; /* length of the step relative to the parameters, in scaled columns */
} fit_end;

/* Factors the Jacobian at q and finds the full Gauss-Newton step there (job->step). false: no value. */
static bool examine(fit_job *job, const double *q, fit_end *end)
{
    size_t m = job->m, n = job->n;
    if (!value_at(job, q, job->r, job->J) || !optim_all_finite(job->J, m * n))
        return false;
    end->length = optim_length(job->r, m);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < m; i++)
            job->A[k * m + i] = job->J[i * n + k];
    optim_qr qr = {m, n, 0, job->A, job->diag, job->scale, job->column};
    optim_qr_factor(&qr);
    optim_qr_rotate(&qr, job->r);
    optim_qr_solve(&qr, job->r, job->step);
    end->rank = qr.rank;
    end->shift = optim_length(job->r, qr.rank);
    end->offset = end->length > 0 ? end->shift / end->length : 0;
    double step = 0, size = 0;
    for (size_t k = 0; k < n; k++) {
        step = hypot(step, job->step[k] * job->scale[k]);
        size = hypot(size, q[k] * job->scale[k]);
    }
    end->step_share = step == 0 ? 0 : step / size;
    return true;
}

/* Full steps from job->p as long as each is shorter than the last. The sum of squares may not rise by more
 * than its rounding. */
static void polish(fit_job *job, fit_end *end)
{
    size_t n = job->n;
    for (int round = 0; round < POLISH_MOST && end->step_share > job->options->tolerance; round++) {
        fit_end next = *end;
        for (size_t k = 0; k < n; k++)
            job->work[k] = job->p[k] - job->step[k];
        if (!ctx_tick(job->ctx) || !examine(job, job->work, &next))
            break;
        if (!(next.shift < 0.9 * end->shift) || next.length > end->length * (1 + 1e-10))
            break;
        memcpy(job->p, job->work, n * sizeof *job->p);
        job->result->iterations++;
        *end = next;
        if (!report(job, job->p, end->length)) {
            end->stop = OPTIM_HALTED;
            break;
        }
    }
}

/* ---- attempts -------------------------------------------------------------------------------- */

static bool ran_away(const fit_job *job)
{
    for (size_t k = 0; k < job->n; k++)
        if (!(fabs(job->p[k]) <= 1e12 * fmax(1, fabs(job->start[k]))))
            return true;
    return false;
}

/* One run of MINPACK from the start, its end examined and polished. job->p is the end. */
static fit_end attempt(fit_job *job, double first_step)
{
    int m = (int)job->m, n = (int)job->n, nfev = 0, njev = 0;
    double tol = job->options->tolerance, *w = job->lm;
    memcpy(job->p, job->start, job->n * sizeof *job->p);
    job->iterations_here = 0;
    job->ended = job->no_slopes = false;
    int info = lmder(answer, job, m, n, job->p, w, job->A, m, tol, tol, tol, INT_MAX, w + 2 * m, 1,
                     first_step, 1, &nfev, &njev, job->pivot, w + 2 * m + n, w + 2 * m + 2 * n,
                     w + 2 * m + 3 * n, w + 2 * m + 4 * n, w + m);
    fit_end end = {.stop = info < 0 ? job->why : OPTIM_CONVERGED, .rank = 0, .offset = NAN};
    end.length = optim_length(w, job->m);
    if (job->no_slopes || !examine(job, job->p, &end)) {
        end.stop = info < 0 ? job->why : OPTIM_STALLED;
        return end;
    }
    if (info >= 0) {
        polish(job, &end);
        if (end.stop == OPTIM_HALTED)
            return end;
        if (ran_away(job) && end.rank < job->n)
            end.stop = OPTIM_DIVERGED;
        else if (!(end.offset <= offset_small || end.step_share <= step_small))
            end.stop = OPTIM_STALLED;
    }
    end.proper = end.stop == OPTIM_CONVERGED && end.rank == job->n;
    return end;
}

/* The better of two ends: a proper minimum first, then the smaller sum. */
static bool is_better(const fit_end *a, const fit_end *b)
{
    if (a->proper != b->proper)
        return a->proper;
    return a->length < b->length;
}

static fit_end best_attempt(fit_job *job)
{
    fit_end best = {.length = INFINITY};
    for (int i = 0; i < ATTEMPTS; i++) {
        fit_end end = attempt(job, first_steps[i]);
        if (i == 0 || is_better(&end, &best)) {
            best = end;
            memcpy(job->best, job->p, job->n * sizeof *job->p);
        }
        if (best.proper || end.stop == OPTIM_LIMIT || end.stop == OPTIM_HALTED)
            break;
    }
    memcpy(job->p, job->best, job->n * sizeof *job->p);
    return best;
}

/* ---- the report ------------------------------------------------------------------------------ */

static void write_errors(fit_job *job, const fit_end *end, double *stderrs, double *covariance)
{
    optim_fit_result *res = job->result;
    size_t n = job->n;
    char *why = res->error_reason;
    size_t lost = n;
    res->sigma = job->m > n ? end->length / sqrt((double)(job->m - n)) : NAN;
    fit_end here = *end;
    if (job->no_slopes || !examine(job, job->p, &here))
        snprintf(why, sizeof res->error_reason, "the slopes of the model have no finite value there");
    else {
        optim_qr qr = {job->m, n, here.rank, job->A, job->diag, job->scale, job->column};
        lost = optim_qr_inverse_gram(&qr, job->cov, job->work);
        if (job->m == n)
            snprintf(why, sizeof res->error_reason,
                     "there are as many rows as parameters, so nothing is left to measure the scatter by");
        else if (lost > 0)
            snprintf(
                why, sizeof res->error_reason,
                "the data do not determine %zu of the %zu parameters: changing them (together) leaves the "
                "model as it is, to first order",
                lost, n);
    }
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < n; k++) {
            double c = lost == n ? NAN : job->cov[j * n + k] * job->unit[j] * job->unit[k];
            c *= res->sigma * res->sigma;
            if (covariance)
                covariance[j * n + k] = c;
            if (j == k)
                stderrs[k] = sqrt(c);
        }
}

static void write_reason(fit_job *job, const fit_end *end)
{
    optim_fit_result *res = job->result;
    const char *text = "";
    switch (end->stop) {
    case OPTIM_CONVERGED:
        text = end->length == 0 ? "every residual is zero"
               : end->rank == job->n
                   ? "the residuals are at right angles to every slope: a minimum"
                   : "the sum of squares is at a minimum, but not every parameter is determined";
        break;
    case OPTIM_DIVERGED:
        text = "a parameter grows without bound while the sum of squares hardly changes";
        break;
    case OPTIM_STALLED:
        text = job->no_slopes ? "the slopes of the model have no finite value at the point reached"
                              : "no step lowers the sum of squares further, yet its slopes are not zero";
        break;
    case OPTIM_LIMIT:
        text = ctx_status(job->ctx) == GRADUS_OK ? "the number of iterations allowed is spent"
                                                 : "the time allowed is spent";
        break;
    case OPTIM_HALTED: text = "stopped on request"; break;
    }
    snprintf(res->reason, sizeof res->reason, "%s", text);
}

/* ---- the door -------------------------------------------------------------------------------- */

static bool get_memory(fit_job *job)
{
    size_t m = job->m, n = job->n;
    size_t doubles = 14 * n + 3 * m + 2 * m * n + 2 * n * n;
    job->bytes = doubles * sizeof(double) + n * (sizeof(size_t) + sizeof(int));
    double *at = job->memory = ctx_realloc(job->ctx, NULL, 0, job->bytes);
    if (!at)
        return false;
    double **parts[] = {&job->unit,  &job->p,    &job->best, &job->start,
                        &job->trial, &job->step, &job->diag, &job->scale};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++, at += n)
        *parts[i] = at;
    job->r = at, at += m;
    job->J = at, at += m * n;
    job->A = at, at += m * n;
    job->cov = at, at += n * n;
    job->work = at, at += n * n;
    job->lm = at, at += 6 * n + 2 * m;
    job->column = (size_t *)at;
    job->pivot = (int *)(job->column + n);
    return true;
}

static gradus_status check_sizes(gradus_ctx *ctx, size_t m, size_t n)
{
    if (n == 0)
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "there is no parameter to fit");
    if (m < n)
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "add rows, or hold parameters fixed",
                          "%zu %s cannot determine %zu parameters", m, m == 1 ? "row" : "rows", n);
    if (m > INT_MAX / n) /* MINPACK counts in int */
        return diag_error(ctx, GRADUS_LIMIT, SPAN_NONE, NULL,
                          "%zu rows times %zu parameters are too many for this method", m, n);
    return GRADUS_OK;
}

static gradus_status no_value_at_start(fit_job *job)
{
    size_t row = 0;
    while (row < job->m && isfinite(job->r[row]))
        row++;
    return row < job->m ? diag_error(job->ctx, GRADUS_DOMAIN, SPAN_NONE,
                                     "start from other parameters, or leave that row out",
                                     "the model has no finite value at the start in row %zu", row + 1)
                        : diag_error(job->ctx, GRADUS_DOMAIN, SPAN_NONE, "start from other parameters",
                                     "the model has no finite value at the start");
}

/* The start in powers of two of its own size. */
static void choose_units(fit_job *job, const double *p)
{
    for (size_t k = 0; k < job->n; k++) {
        int e = 0;
        frexp(p[k], &e);
        e = p[k] == 0 ? 0 : e < -1000 ? -1000 : e > 1000 ? 1000 : e;
        job->unit[k] = ldexp(1, e);
        job->start[k] = ldexp(p[k], -e);
    }
}

gradus_status optim_fit(gradus_ctx *ctx, size_t m, size_t n, double *p, optim_residual_fn residuals,
                        void *user, const optim_fit_options *options, optim_fit_result *result,
                        double *stderrs, double *covariance)
{
    optim_fit_options defaults;
    optim_fit_defaults(&defaults);
    *result = (optim_fit_result){.stop = OPTIM_STALLED, .rss = NAN, .sigma = NAN, .optimality = NAN};
    for (size_t k = 0; k < n; k++)
        stderrs[k] = NAN;
    for (size_t k = 0; covariance && k < n * n; k++)
        covariance[k] = NAN;
    gradus_status status = check_sizes(ctx, m, n);
    if (status != GRADUS_OK)
        return status;
    fit_job job = {.ctx = ctx,
                   .m = m,
                   .n = n,
                   .residuals = residuals,
                   .user = user,
                   .options = options ? options : &defaults,
                   .result = result};
    if (!get_memory(&job))
        return GRADUS_NOMEM;
    choose_units(&job, p);
    for (size_t i = 0; i < m; i++)
        job.r[i] = 0; /* no_value_at_start reads it, written or not */
    if (!optim_all_finite(p, n) || !value_at(&job, job.start, job.r, NULL))
        status = no_value_at_start(&job);
    else {
        fit_end end = best_attempt(&job);
        write_errors(&job, &end, stderrs, covariance);
        write_reason(&job, &end);
        for (size_t k = 0; k < n; k++)
            p[k] = job.p[k] * job.unit[k];
        result->stop = end.stop;
        result->rss = end.length * end.length;
        result->matrix_rank = end.rank;
        result->optimality = end.offset;
        status = ctx_status(ctx);
    }
    ctx_realloc(ctx, job.memory, job.bytes, 0);
    return status;
}
