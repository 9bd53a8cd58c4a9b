/* Slopes of a measured series by local polynomials.
 *
 * Around x0 the samples within h have the weights (1 - |u|^3)^3, u = (x - x0)/h. The polynomial b0 + b1 u +
 * ... of least weighted squares gives value b0 and derivative k! bk/h^k. Both are linear in y: bk = sum l_i
 * y_i with l = sqrt(w) Q z, where sqrt(w) u^j = Q R and R^T z = e_k; so the noise of bk is sigma |l|.
 *
 * The window is the one whose polynomials of degree order + 1 predict left-out samples best; the slopes come from
 * degree order + 2 in that window. The degree more takes out the first part of the error that smoothing makes, so
 * that what remains is small against the noise and the standard error is honest (Calonico, Cattaneo and Farrell, On
 * the effect of bias estimation on coverage accuracy in nonparametric inference, 2018).
 */
#include "optim/optim_impl.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ORDER_MOST = 4, DEGREE_MOST = ORDER_MOST + 2, TESTED_MOST = 400, WORSE_MOST = 6 };
static const double work_most = 1e8; /* samples in all windows together                          */
static const double widen = 1.2;     /* the outermost point needed keeps some weight             */
static const double ratio = 1.2;     /* between half widths tried                                */

typedef struct smoother {
    gradus_ctx *ctx;
    size_t n, distinct;
    const double *x, *y;
    size_t *group; /* n: which of the different x a sample has, counted from 0 */
    double *level; /* the different x                                          */
    unsigned order, degree;
    double *q;     /* (degree + 1) columns of the samples in the window         */
    size_t q_cap;  /* samples there is room for                                 */
    size_t widest; /* samples in the largest window so far                      */
} smoother;

/* A fit at one point. */
typedef struct local {
    double value, slope;
    double own;                        /* weight of the sample itself in its value        */
    double value_square, slope_square; /* squared lengths of the l                        */
} local;

void optim_smooth_defaults(optim_smooth_options *o)
{
    *o = (optim_smooth_options){.size = sizeof *o, .order = 1};
}

/* ---- windows --------------------------------------------------------------------------------- */

/* The half width at sample i that takes in enough different x to determine the polynomial with one to spare.
 */
static double least_width(const smoother *s, size_t i)
{
    size_t low = s->group[i], high = low, need = s->degree + 2;
    double far = 0, x0 = s->x[i];
    if (need > s->distinct) need = s->distinct;
    while (high - low + 1 < need) {
        bool down = low > 0 && (high + 1 == s->distinct || x0 - s->level[low - 1] <= s->level[high + 1] - x0);
        if (down) far = fmax(far, x0 - s->level[--low]);
        else far = fmax(far, s->level[++high] - x0);
    }
    return widen * far;
}

static void find_window(const smoother *s, size_t i, double h, size_t *first, size_t *past)
{
    size_t low = 0, high = i; /* the first sample above x0 - h */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->x[mid] > s->x[i] - h) high = mid;
        else low = mid + 1;
    }
    *first = low;
    low = i, high = s->n; /* the first at or beyond x0 + h */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->x[mid] < s->x[i] + h) low = mid + 1;
        else high = mid;
    }
    *past = low;
}

/* ---- one fit --------------------------------------------------------------------------------- */

/* Columns sqrt(w) u^j of the window, column after column; the weights' roots go before them. */
static void fill(smoother *s, size_t i, double h, size_t first, size_t k)
{
    double *root = s->q, *column = s->q + k;
    for (size_t r = 0; r < k; r++) {
        double u = (s->x[first + r] - s->x[i]) / h, a = fabs(u), w = 1 - a * a * a, power;
        root[r] = a < 1 ? w * sqrt(w) : 0;
        power = root[r];
        for (unsigned j = 0; j <= s->degree; j++, power *= u) column[j * k + r] = power;
    }
}

/* Gram-Schmidt, twice for orthogonality to rounding. false: the columns depend on each other. */
static bool orthogonalise(double *q, size_t k, unsigned columns, double r[][DEGREE_MOST + 1])
{
    for (unsigned j = 0; j < columns; j++) {
        double *c = q + j * k, whole = optim_length(c, k);
        for (unsigned i = 0; i <= j; i++) r[i][j] = 0;
        for (int pass = 0; pass < 2; pass++)
            for (unsigned i = 0; i < j; i++) {
                double part = optim_dot(q + i * k, c, k);
                r[i][j] += part;
                for (size_t t = 0; t < k; t++) c[t] -= part * q[i * k + t];
            }
        r[j][j] = optim_length(c, k);
        if (!(r[j][j] > 1e-11 * whole)) return false;
        for (size_t t = 0; t < k; t++) c[t] /= r[j][j];
    }
    return true;
}

/* sum l_i (y_i - base) for coefficient `row`, |l|^2, and the l of sample `own`. */
static double apply_row(const smoother *s, size_t k, const double *y, double base, unsigned row,
                        double r[][DEGREE_MOST + 1], size_t own, double *square, double *own_weight)
{
    double z[DEGREE_MOST + 1] = {0}, sum = 0;
    const double *root = s->q, *q = s->q + k;
    *square = 0;
    for (unsigned j = row; j <= s->degree; j++) {
        double left = j == row;
        for (unsigned i = row; i < j; i++) left -= r[i][j] * z[i];
        z[j] = left / r[j][j];
    }
    for (size_t t = 0; t < k; t++) {
        double l = 0;
        for (unsigned j = row; j <= s->degree; j++) l += z[j] * q[j * k + t];
        l *= root[t];
        sum += l * (y[t] - base);
        *square += l * l;
        if (t == own) *own_weight = l;
    }
    return sum;
}

static bool get_room(smoother *s, size_t k)
{
    size_t columns = DEGREE_MOST + 2, bytes;
    if (k <= s->q_cap) return true;
    if (!size_mul(k, columns * sizeof(double), &bytes)) {
        ctx_fail(s->ctx, GRADUS_NOMEM);
        return false;
    }
    double *q = ctx_realloc(s->ctx, s->q, s->q_cap * columns * sizeof *q, bytes);
    if (!q) return false;
    s->q = q;
    s->q_cap = k;
    return true;
}

/* The fit at sample i with half width h, or what it needs more. false: memory or time. */
static bool fit_at(smoother *s, size_t i, double h, local *out)
{
    double r[DEGREE_MOST + 1][DEGREE_MOST + 1], factor = 1, unused = 0;
    size_t first, past, k;
    h = fmax(h, least_width(s, i));
    for (int tries = 0;; tries++, h *= 1.5) {
        find_window(s, i, h, &first, &past);
        k = past - first;
        if (!get_room(s, k) || !ctx_tick(s->ctx)) return false;
        fill(s, i, h, first, k);
        if (orthogonalise(s->q + k, k, s->degree + 1, r)) break;
        if (tries == 40) {
            *out = (local){.value = NAN, .slope = NAN, .value_square = NAN, .slope_square = NAN};
            return true;
        }
    }
    if (k > s->widest) s->widest = k;
    for (unsigned j = 1; j <= s->order; j++) factor *= j / h;
    double base = s->y[i];
    out->value = base + apply_row(s, k, s->y + first, base, 0, r, i - first, &out->value_square, &out->own);
    out->slope = factor *
                 apply_row(s, k, s->y + first, base, s->order, r, i - first, &out->slope_square, &unused);
    out->slope_square *= factor * factor;
    if (s->order == 0) out->slope = out->value;
    return true;
}

/* ---- the window's width -------------------------------------------------------------------------- */

/* Mean square of the errors that leaving out each sample makes; every step-th sample. */
static bool score(smoother *s, double h, size_t step, double *out)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = step / 2; i < s->n; i += step, count++) {
        local f;
        if (!fit_at(s, i, h, &f)) return false;
        double error = (s->y[i] - f.value) / fmax(1 - f.own, 1e-3);
        sum += isfinite(error) ? error * error : 0;
    }
    *out = sum / (double)(count ? count : 1);
    return true;
}

static double spread(const double *y, size_t n)
{
    double low = y[0], high = y[0];
    for (size_t i = 1; i < n; i++) low = fmin(low, y[i]), high = fmax(high, y[i]);
    return fmax(high - low, fmax(fabs(low), fabs(high)) * 1e-3);
}

/* Samples within h of the middle ones: how costly the width is. */
static double mean_window(const smoother *s, double h)
{
    double sum = 0, count = 0;
    size_t step = s->n / 20 + 1, first, past;
    for (size_t i = 0; i < s->n; i += step, count++) {
        find_window(s, i, h, &first, &past);
        sum += (double)(past - first);
    }
    return sum / count;
}

static bool choose_width(smoother *s, double *width, bool *capped)
{
    size_t step = s->n / TESTED_MOST + 1;
    double range = s->x[s->n - 1] - s->x[0], h = range, best = INFINITY, rounding, e = 0;
    for (size_t i = 0; i < s->n; i += step) h = fmin(h, least_width(s, i));
    rounding = 1e-12 * spread(s->y, s->n);
    rounding *= rounding;
    *width = h;
    for (int worse = 0; worse < WORSE_MOST; h *= ratio) {
        if (h > *width && mean_window(s, h) * (double)s->n > work_most) {
            *capped = worse < WORSE_MOST / 2;
            break;
        }
        if (!score(s, h, step, &e)) return false;
        /* Among equals, as where there is no noise, the widest. */
        if (e <= best * (1 + 1e-6) + rounding) {
            best = fmin(e, best);
            *width = h;
            worse = 0;
        } else if (e > 1.5 * best + rounding) worse++;
        if (h > widen * range) break;
    }
    return true;
}

/* ---- the door -------------------------------------------------------------------------------- */

static void find_levels(smoother *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || s->x[i] > s->x[i - 1]) s->level[s->distinct++] = s->x[i];
        s->group[i] = s->distinct - 1;
    }
}

static bool smooth_all(smoother *s, double h, optim_smooth_result *res, double *value, double *slope,
                       double *stderrs)
{
    double own = 0, squares = 0, rss = 0;
    s->widest = 0;
    for (size_t i = 0; i < s->n; i++) {
        local f;
        if (!fit_at(s, i, h, &f)) return false;
        value[i] = f.value;
        slope[i] = f.slope;
        stderrs[i] = sqrt(f.slope_square);
        own += f.own;
        squares += f.value_square;
        rss += (s->y[i] - f.value) * (s->y[i] - f.value);
    }
    /* Degrees of freedom of the residuals of a linear smoother: trace of (I - H)^T (I - H). */
    double freedom = (double)s->n - 2 * own + squares;
    res->sigma = freedom > 0.1 ? sqrt(rss / freedom) : NAN;
    res->window = s->widest;
    for (size_t i = 0; i < s->n; i++) stderrs[i] *= res->sigma;
    return true;
}

static gradus_status check_series(gradus_ctx *ctx, size_t distinct, unsigned order)
{
    if (order > ORDER_MOST)
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
                          "derivatives of measured series up to order %d, found %u", ORDER_MOST, order);
    if (distinct < order + 2)
        return diag_error(
            ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
            "too few points: a derivative of order %u needs at least %u different places, found %zu", order,
            order + 2, distinct);
    return GRADUS_OK;
}

gradus_status optim_smooth(gradus_ctx *ctx, size_t n, const double *x, const double *y,
                           const optim_smooth_options *options, optim_smooth_result *result, double *value,
                           double *slope, double *stderrs)
{
    optim_smooth_options defaults;
    optim_smooth_defaults(&defaults);
    const optim_smooth_options *o = options ? options : &defaults;
    *result = (optim_smooth_result){.half_width = o->half_width, .sigma = NAN};
    size_t bytes;
    if (!size_mul(n, sizeof(double) + sizeof(size_t), &bytes)) return ctx_fail(ctx, GRADUS_NOMEM);
    smoother s = {.ctx = ctx, .n = n, .x = x, .y = y, .order = o->order};
    double *memory = ctx_realloc(ctx, NULL, 0, bytes + 1);
    if (!memory) return GRADUS_NOMEM;
    s.level = memory;
    s.group = (size_t *)(memory + n);
    find_levels(&s);
    result->distinct = s.distinct;
    gradus_status st = check_series(ctx, s.distinct, o->order);
    if (st == GRADUS_OK) {
        size_t most = s.distinct - 2; /* one place is left over to tell noise by */
        result->degree = (unsigned)(o->order + 2 < most ? o->order + 2 : most);
        s.degree = result->degree > o->order ? result->degree - 1 : result->degree; /* of the prediction */
        bool ok = o->half_width > 0 || choose_width(&s, &result->half_width, &result->capped);
        s.degree = result->degree;
        if (ok) smooth_all(&s, result->half_width, result, value, slope, stderrs);
        st = ctx_status(ctx);
    }
    if (s.q) ctx_realloc(ctx, s.q, s.q_cap * (DEGREE_MOST + 2) * sizeof *s.q, 0);
    ctx_realloc(ctx, memory, bytes + 1, 0);
    return st;
}
