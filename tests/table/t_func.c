/* func.def, row by row: what a row claims is held against its rigorous enclosure, its doubles against the
 * same, its partials against difference quotients of balls. The checks take a row, so that mistakes can be
 * put into copies of rows: the last test shows that each is caught. */
#include "row_formula.h"
#include "support/cm.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

enum { PREC = 400, SETTLE_PREC = 6400, MESSAGE = 400 };

/* Why the last check failed. */
static char message[MESSAGE];

static bool refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool refuse(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- points ------------------------------------------------------------------------------------------- */

/* One exact point: the arguments, then y at [3] once it was asked for. */
typedef struct point {
    double at[2];
    arb_struct x[4];
    fn_ball found;
} point;

static void point_init(point *p, double u, double v)
{
    p->at[0] = u;
    p->at[1] = v;
    for (int i = 0; i < 4; i++)
        arb_init(&p->x[i]);
    arb_set_d(&p->x[0], u);
    arb_set_d(&p->x[1], v);
    p->found = FN_BALL_UNSURE;
}

static void point_clear(point *p)
{
    for (int i = 0; i < 4; i++)
        arb_clear(&p->x[i]);
}

/* y to at least 200 bits, or exactly, at rising precision. */
static void point_value(point *p, const fn_row *r)
{
    for (slong prec = PREC; prec <= SETTLE_PREC; prec *= 2) {
        p->found = r->ball(&p->x[3], p->x, r->arity, prec);
        if (p->found == FN_BALL_OUTSIDE || (p->found == FN_BALL_OK && arb_rel_accuracy_bits(&p->x[3]) > 200))
            return;
    }
    p->found = FN_BALL_UNSURE;
}

static uint64_t seed;

static double uniform(double lo, double hi)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return lo + (hi - lo) * (double)(seed >> 11) / 9007199254740992.0;
}

enum { POINTS = 96 };

/* The i-th sample: corners first, then random numbers of several sizes. */
static double sample(int i)
{
    static const double corner[] = {0,   1,    -1,   0.5,   -0.5, 2,  -2,  3,  -3,
                                    1.5, -1.5, 0.25, -0.75, 4,    10, -10, 50, -50};
    const int n = (int)(sizeof corner / sizeof *corner);
    if (i < n)
        return corner[i];
    switch (i % 4) {
    case 0: return uniform(-1, 1);
    case 1: return uniform(-4, 4);
    case 2: return uniform(-30, 30);
    default: return ldexp(uniform(-1, 1), -(int)uniform(4, 40));
    }
}

/* Rows whose first argument is an order get orders there. */
static bool has_order(const fn_row *r)
{
    return r->arity == 2 && r->dkind[0] == FN_D_NONE;
}

static void sample_point(point *p, const fn_row *r, int i)
{
    static const double order[] = {0, 1, 2, 3, 5, -1, 0.5, 2.5, -1.5, 0.375};
    if (has_order(r))
        point_init(p, order[i % 10], sample(i / 2));
    else if (r->arity == 2)
        point_init(p, sample((i * 7) % POINTS), sample(i % 18 ? i : (i * 5) % POINTS));
    else
        point_init(p, sample(i), 0);
}

typedef bool (*row_check)(const fn_row *r);

/* ---- what stands in the row ---------------------------------------------------------------------------- */

static bool filled(const char *s) { return s && *s; }

static bool row_is_complete(const fn_row *r)
{
    if (!filled(r->name) || !filled(r->latex) || !r->domain || !filled(r->key) || !filled(r->say) ||
        !filled(r->about) || !filled(r->source))
        return refuse("a text is missing");
    if (!r->f || !r->ball || r->arity < 1 || r->arity > FN_MAX_ARITY)
        return refuse("no evaluation, or arity %d", r->arity);
    if ((r->domain[0] == 0) != ((r->flags & FN_TOTAL) != 0))
        return refuse("domain \"%s\" against FN_TOTAL", r->domain);
    if ((r->kinks != NULL) != filled(r->kink_text))
        return refuse("kinks and their convention go together");
    if (r->kinks && (r->flags & FN_SMOOTH))
        return refuse("smooth with kinks");
    if ((r->flags & FN_STEP) && (!r->kinks || r->dkind[0] != FN_D_ZERO))
        return refuse("a step jumps somewhere and has slope 0 elsewhere");
    if (strlen(r->about) < 4 || r->about[strlen(r->about) - 1] != '.')
        return refuse("about is a sentence");
    for (int k = 0; k < r->arity; k++)
        if ((r->dkind[k] == FN_D_FORMULA) != filled(r->d[k]))
            return refuse("partial %d: kind and formula disagree", k);
    return true;
}

/* ---- domain, doubles, range --------------------------------------------------------------------------- */

static gradus_truth condition(const char *s, const point *p, bool *readable)
{
    return rf_condition(s, p->x, PREC, readable);
}

/* The image of the arguments moved by 8 units in the last place each way, widened by as much: where a good
 * double lies. */
static bool near_enough(const fn_row *r, const point *p, double got)
{
    arb_t y, g;
    arb_struct x[2];
    arb_init(y);
    arb_init(g);
    for (int k = 0; k < 2; k++) {
        arb_init(&x[k]);
        arb_set(&x[k], &p->x[k]);
        if (!has_order(r) || k == 1)
            arb_add_error_2exp_si(&x[k], (slong)ilogb(p->at[k] == 0 ? 1e-300 : p->at[k]) - 49);
    }
    if (r->ball(y, x, r->arity, 120) != FN_BALL_OK)
        arb_set(y, &p->x[3]);
    arb_union(y, y, &p->x[3], 120);
    mag_t slack;
    mag_init(slack);
    arb_get_mag(slack, y);
    mag_mul_2exp_si(slack, slack, -49);
    mag_add_ui_2exp_si(slack, slack, 1, -1022);
    arb_add_error_mag(y, slack);
    arb_set_d(g, got);
    bool inside = arb_contains(y, g);
    mag_clear(slack);
    arb_clear(y);
    arb_clear(g);
    arb_clear(&x[0]);
    arb_clear(&x[1]);
    return inside;
}

static bool beyond_double(const arb_t y) { return arf_cmpabs_2exp_si(arb_midref(y), 1023) >= 0; }

static bool point_agrees(const fn_row *r, point *p)
{
    bool readable = true;
    gradus_truth inside = condition(r->domain, p, &readable);
    double got = r->f(p->at, r->arity);
    point_value(p, r);
    if (!readable)
        return refuse("domain cannot be read: %s", r->domain);
    if (inside == GRADUS_UNKNOWN)
        return true;
    if ((inside == GRADUS_YES) != (p->found == FN_BALL_OK) || p->found == FN_BALL_UNSURE)
        return refuse("(%.17g, %.17g): domain says %d, the ball %d", p->at[0], p->at[1], inside, p->found);
    if (inside == GRADUS_NO)
        return !isfinite(got) || refuse("(%.17g, %.17g): %.17g outside the domain", p->at[0], p->at[1], got);
    if (condition(r->range, p, &readable) == GRADUS_NO || !readable)
        return refuse("(%.17g, %.17g): range %s", p->at[0], p->at[1], r->range);
    if (beyond_double(&p->x[3]))
        return isinf(got) || refuse("(%.17g, %.17g): overflow", p->at[0], p->at[1]);
    if (!isfinite(got) || !near_enough(r, p, got))
        return refuse("(%.17g, %.17g): the double %.17g is off", p->at[0], p->at[1], got);
    if ((r->flags & FN_INTEGER) && !arb_is_int(&p->x[3]))
        return refuse("(%.17g): not an integer", p->at[0]);
    if ((r->flags & FN_BOUNDED) && arf_cmpabs_2exp_si(arb_midref(&p->x[3]), 2) > 0)
        return refuse("(%.17g): not bounded", p->at[0]);
    return true;
}

static bool values_agree(const fn_row *r)
{
    bool ok = true;
    for (int i = 0; i < POINTS && ok; i++) {
        point p;
        sample_point(&p, r, i);
        ok = point_agrees(r, &p);
        point_clear(&p);
    }
    return ok;
}

/* A ball's image holds the image of each of its points, and its verdict theirs. */
static bool one_enclosure(const fn_row *r, const point *p, slong rad)
{
    arb_struct wide[2];
    arb_t y;
    bool ok = true;
    arb_init(y);
    for (int k = 0; k < 2; k++) {
        arb_init(&wide[k]);
        arb_set(&wide[k], &p->x[k]);
        if (!has_order(r) || k == 1)
            arb_add_error_2exp_si(&wide[k], rad);
    }
    fn_ball whole = r->ball(y, wide, r->arity, 128);
    for (int i = 0; i < 5 && ok; i++) {
        point q;
        double h = ldexp(i < 2 ? 2 * i - 1 : uniform(-1, 1), (int)rad);
        point_init(&q, p->at[0] + (has_order(r) ? 0 : h), p->at[1] + (i == 4 ? -h : h));
        bool within = arb_contains(&wide[0], &q.x[0]) && arb_contains(&wide[1], &q.x[1]);
        if (within) { /* else the sum was rounded out of the ball */
            point_value(&q, r);
            if (whole == FN_BALL_OUTSIDE && q.found != FN_BALL_OUTSIDE)
                ok = refuse("(%.17g, %.17g) +- 2^%ld is not outside", p->at[0], p->at[1], (long)rad);
            if (whole == FN_BALL_OK && (q.found != FN_BALL_OK || !arb_overlaps(y, &q.x[3])))
                ok = refuse("(%.17g, %.17g) +- 2^%ld does not enclose", p->at[0], p->at[1], (long)rad);
        }
        point_clear(&q);
    }
    arb_clear(y);
    arb_clear(&wide[0]);
    arb_clear(&wide[1]);
    return ok;
}

static bool balls_enclose(const fn_row *r)
{
    static const int rad[] = {-50, -20, -6, -1, 1};
    bool ok = true;
    for (int i = 0; i < POINTS && ok; i++) {
        point p;
        sample_point(&p, r, i);
        ok = one_enclosure(r, &p, rad[i % 5]);
        point_clear(&p);
    }
    return ok;
}

/* ---- parity, order, exchange -------------------------------------------------------------------------- */

/* p and q agree up to `sign`: both without a value, or values of the same or the opposite sign. */
static bool same_value(const point *p, const point *q, int sign)
{
    if (p->found != q->found)
        return false;
    if (p->found != FN_BALL_OK)
        return true;
    arb_t t;
    arb_init(t);
    arb_mul_si(t, &q->x[3], sign, PREC);
    bool same = arb_overlaps(t, &p->x[3]);
    arb_clear(t);
    return same;
}

/* A claimed parity holds at every sample, an unclaimed one fails at some: facts are not left lying about. */
static bool parity_is_as_claimed(const fn_row *r)
{
    bool odd = true, even = true;
    if (r->arity != 1)
        return !(r->flags & (FN_ODD | FN_EVEN)) || refuse("parity is for one argument");
    for (int i = 0; i < POINTS; i++) {
        point p, q;
        point_init(&p, sample(i), 0);
        point_init(&q, -p.at[0], 0);
        point_value(&p, r);
        point_value(&q, r);
        odd = odd && same_value(&p, &q, -1);
        even = even && same_value(&p, &q, 1);
        point_clear(&p);
        point_clear(&q);
    }
    if (odd != ((r->flags & FN_ODD) != 0) || even != ((r->flags & FN_EVEN) != 0))
        return refuse("odd: %d, even: %d", odd, even);
    return true;
}

/* -1, 0, 1: the sign of f(u + h) - f(u), both in one piece of the domain; 2: not in one piece, or not
 * decided. */
static int trend(const fn_row *r, double u, double h)
{
    point p, q;
    arb_t hull, y;
    int sign = 2;
    arb_init(hull);
    arb_init(y);
    point_init(&p, u, 0);
    point_init(&q, u + h, 0);
    arb_union(hull, &p.x[0], &q.x[0], PREC);
    point_value(&p, r);
    point_value(&q, r);
    if (p.found == FN_BALL_OK && q.found == FN_BALL_OK && r->ball(y, hull, 1, 64) == FN_BALL_OK) {
        arb_sub(y, &q.x[3], &p.x[3], PREC);
        sign = arb_is_zero(y) ? 0 : arb_is_positive(y) ? 1 : arb_is_negative(y) ? -1 : 2;
    }
    point_clear(&p);
    point_clear(&q);
    arb_clear(hull);
    arb_clear(y);
    return sign;
}

static bool order_is_as_claimed(const fn_row *r)
{
    bool up = false, down = false, level = false;
    if (r->arity != 1)
        return !(r->flags & (FN_INCREASING | FN_DECREASING)) || refuse("order is for one argument");
    for (int i = 0; i < POINTS; i++) {
        int sign = trend(r, sample(i), ldexp(1, -12));
        up |= sign == 1;
        down |= sign == -1;
        level |= sign == 0;
    }
    if ((r->flags & FN_STEP) && (up || down))
        return refuse("a step rises only at its jumps");
    bool rises = up && !down && !level, falls = down && !up && !level;
    if (r->kinks && !(r->flags & (FN_INCREASING | FN_DECREASING)))
        return true; /* what jumps may rise or fall on each side of the jump */
    if (rises != ((r->flags & FN_INCREASING) != 0) || falls != ((r->flags & FN_DECREASING) != 0))
        return refuse("rises: %d, falls: %d, level: %d", up, down, level);
    return true;
}

static bool exchange_is_as_claimed(const fn_row *r)
{
    bool same = true;
    if (r->arity != 2)
        return !(r->flags & FN_COMMUTES) || refuse("one argument cannot be exchanged");
    for (int i = 0; i < POINTS; i++) {
        point p, q;
        sample_point(&p, r, i);
        point_init(&q, p.at[1], p.at[0]);
        point_value(&p, r);
        point_value(&q, r);
        same = same && same_value(&p, &q, 1);
        point_clear(&p);
        point_clear(&q);
    }
    return same == ((r->flags & FN_COMMUTES) != 0) || refuse("arguments may be exchanged: %d", same);
}

/* ---- exact values ------------------------------------------------------------------------------------- */

/* Claimed values are taken exactly, and a value that the ball proves to be rational is claimed. */
static bool corner_is_as_claimed(const fn_row *r, double u, const char *claim)
{
    point p;
    arb_t want;
    bool ok = true;
    point_init(&p, u, 0);
    arb_init(want);
    point_value(&p, r);
    if (claim && !rf_number(want, claim, p.x, PREC))
        ok = refuse("cannot be read: %s", claim);
    else if (claim && (p.found != FN_BALL_OK || !arb_contains(&p.x[3], want)))
        ok = refuse("the value at %g is not %s", u, claim);
    else if (!claim && p.found == FN_BALL_OK && arb_is_exact(&p.x[3]))
        ok = refuse("the value at %g is exact, but not claimed", u);
    point_clear(&p);
    arb_clear(want);
    return ok;
}

static bool corners_are_as_claimed(const fn_row *r)
{
    if (r->arity != 1)
        return (!r->at0 && !r->at1) || refuse("values at 0 and 1 are for one argument");
    return corner_is_as_claimed(r, 0, r->at0) && corner_is_as_claimed(r, 1, r->at1);
}

/* ---- partials ----------------------------------------------------------------------------------------- */

enum { STEP_EXP = -120, SLOPE_BITS = 60, JUMP_BITS = 100 };

/* f at p with argument k moved by h; false without a value. */
static bool moved_value(arb_t out, const fn_row *r, const point *p, int k, const arb_t h)
{
    arb_struct x[2] = {p->x[0], p->x[1]};
    arb_t moved;
    arb_init(moved);
    arb_add(moved, &p->x[k], h, 4 * PREC);
    x[k] = moved[0];
    bool ok = r->ball(out, x, r->arity, 4 * PREC) == FN_BALL_OK;
    arb_clear(moved);
    return ok;
}

/* (f(p + b) - f(p + a))/(b - a) along argument k, with h = 2^STEP_EXP and a, b in units of h. */
static bool quotient(arb_t out, const fn_row *r, const point *p, int k, int a, int b)
{
    arb_t h, lo;
    arb_init(h);
    arb_init(lo);
    arb_set_si(h, b);
    arb_mul_2exp_si(h, h, STEP_EXP);
    bool ok = moved_value(out, r, p, k, h);
    arb_set_si(h, a);
    arb_mul_2exp_si(h, h, STEP_EXP);
    ok = ok && moved_value(lo, r, p, k, h);
    arb_sub(out, out, lo, 4 * PREC);
    arb_div_si(out, out, b - a, 4 * PREC);
    arb_mul_2exp_si(out, out, -STEP_EXP);
    arb_clear(h);
    arb_clear(lo);
    return ok;
}

/* |a - b| <= 2^-SLOPE_BITS*(|a| + |f|) + 2^-200: the central difference is off by h^2*f'''/6, h = 2^-120. */
static bool slopes_equal(const arb_t a, const arb_t b, const arb_t f)
{
    mag_t d, scale, t;
    arb_t diff;
    mag_init(d);
    mag_init(scale);
    mag_init(t);
    arb_init(diff);
    arb_sub(diff, a, b, 4 * PREC);
    arb_get_mag(d, diff);
    arb_get_mag_lower(scale, a);
    arb_get_mag_lower(t, f);
    mag_add(scale, scale, t);
    mag_mul_2exp_si(scale, scale, -SLOPE_BITS);
    mag_add_ui_2exp_si(scale, scale, 1, -200);
    bool equal = mag_cmp(d, scale) <= 0;
    mag_clear(d);
    mag_clear(scale);
    mag_clear(t);
    arb_clear(diff);
    return equal;
}

/* A one-sided quotient past 2^JUMP_BITS*(1 + |f|) is a jump, which makes about 2^120: no sample lies near
 * enough a pole. */
static bool jumps(const arb_t quotient, const arb_t f)
{
    mag_t q, t;
    mag_init(q);
    mag_init(t);
    arb_get_mag_lower(q, quotient);
    arb_get_mag(t, f);
    mag_add_ui(t, t, 1);
    mag_mul_2exp_si(t, t, JUMP_BITS);
    bool over = mag_cmp(q, t) > 0;
    mag_clear(q);
    mag_clear(t);
    return over;
}

/* The table's partial as a ball. false: it has none here. */
static bool table_slope(arb_t out, const fn_row *r, const point *p, int k, bool *readable)
{
    if (r->dkind[k] == FN_D_ZERO) {
        arb_zero(out);
        return true;
    }
    *readable = rf_number(out, r->d[k], p->x, PREC);
    return *readable && arb_is_finite(out);
}

/* 1: compared; 0: nothing to compare here (border, kink, no partial there); -1: wrong. */
static int slope_agrees(const fn_row *r, point *p, int k)
{
    bool readable = true;
    int verdict = 0;
    arb_t want, left, right, got;
    arb_init(want);
    arb_init(left);
    arb_init(right);
    arb_init(got);
    point_value(p, r);
    if (p->found == FN_BALL_OK && condition(r->ddomain, p, &readable) == GRADUS_YES && readable &&
        quotient(want, r, p, k, -1, 1) && quotient(left, r, p, k, -1, 0) && quotient(right, r, p, k, 0, 1)) {
        gradus_truth kink = r->kinks ? condition(r->kinks, p, &readable) : GRADUS_NO;
        const arb_struct *y = &p->x[3];
        bool differ = !slopes_equal(left, right, y) || jumps(left, y) || jumps(right, y);
        bool have = table_slope(got, r, p, k, &readable);
        verdict = 1;
        if (!readable)
            verdict = -1, refuse("partial %d or kinks cannot be read", k);
        else if (differ != (kink == GRADUS_YES))
            verdict = -1, refuse("(%.17g, %.17g): jump %d, kink %d", p->at[0], p->at[1], differ, kink);
        else if (!have)
            verdict = -1, refuse("(%.17g, %.17g): partial %d has no value", p->at[0], p->at[1], k);
        else if (!differ && !slopes_equal(want, got, y))
            verdict = -1, refuse("(%.17g, %.17g): partial %d is not the slope", p->at[0], p->at[1], k);
    }
    if (!readable && verdict == 0)
        verdict = -1, refuse("ddomain cannot be read");
    arb_clear(want);
    arb_clear(left);
    arb_clear(right);
    arb_clear(got);
    return verdict;
}

static bool partials_are_slopes(const fn_row *r)
{
    for (int k = 0; k < r->arity; k++) {
        int compared = 0, verdict = 0;
        if (r->dkind[k] != FN_D_FORMULA && r->dkind[k] != FN_D_ZERO)
            continue;
        for (int i = 0; i < POINTS && verdict >= 0; i++) {
            point p;
            sample_point(&p, r, i);
            verdict = slope_agrees(r, &p, k);
            compared += verdict == 1;
            point_clear(&p);
        }
        if (verdict < 0)
            return false;
        if (compared < 10)
            return refuse("partial %d was compared at %d points only", k, compared);
    }
    return true;
}

/* ---- the tests ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    row_check run;
} checks[] = {
    {"complete", row_is_complete},     {"values", values_agree},         {"enclosure", balls_enclose},
    {"parity", parity_is_as_claimed},  {"order", order_is_as_claimed},   {"exchange", exchange_is_as_claimed},
    {"corners", corners_are_as_claimed}, {"partials", partials_are_slopes},
};
enum { CHECKS = sizeof checks / sizeof *checks };

static void every_row_keeps_its_word(void **state)
{
    int failed = 0;
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        for (int c = 0; c < CHECKS; c++) {
            seed = (uint64_t)id * 1000003u;
            if (!checks[c].run(fn_get((fn_id)id))) {
                print_message("%s, %s: %s\n", fn_get((fn_id)id)->name, checks[c].name, message);
                failed++;
            }
        }
    }
    assert_int_equal(failed, 0);
}

/* Walks the words of a blank-separated list. */
static size_t next(const char **list, const char **word)
{
    *word = *list += strspn(*list, " ");
    *list += strcspn(*list, " ");
    return (size_t)(*list - *word);
}

static void every_name_is_found_once(void **state)
{
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        const fn_row *r = fn_get((fn_id)id);
        const char *lists[2] = {r->name, r->aliases ? r->aliases : ""}, *word;
        for (int k = 0; k < 2; k++) {
            const char *list = lists[k];
            size_t n;
            while ((n = next(&list, &word)) != 0) {
                assert_true(n > 1);
                assert_int_equal(fn_find(word, n), id); /* two rows of that name: one of them is not found */
            }
        }
        for (int other = 1; other < id; other++)
            assert_string_not_equal(r->latex, fn_get((fn_id)other)->latex);
    }
    assert_int_equal(fn_find("", 0), FN_NONE);
    assert_int_equal(fn_find("x", 1), FN_NONE);
    assert_int_equal(fn_find("sinx", 4), FN_NONE);
    assert_int_equal(fn_find("sinx", 3), FN_sin);
    assert_int_equal(fn_find("SIN", 3), FN_NONE);
    assert_int_equal(fn_find("atan", 4), FN_atan);
}

static void near_names_are_offered(void **state)
{
    static const char *const pairs[][2] = {
        {"sine", "sin"},  {"coss", "cos"},    {"arctn", "arctan"}, {"sgimoid", "sigmoid"}, {"gama", "gamma"},
        {"lgo", "ln"},    {"flor", "floor"},  {"softmx", NULL},    {"foo", NULL},          {"q", NULL},
        {"", NULL},       {"besseljj", "besselj"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *got = fn_find_similar(pairs[i][0], strlen(pairs[i][0]));
        if (pairs[i][1]) {
            assert_non_null(got);
            assert_string_equal(got, pairs[i][1]);
        } else {
            assert_null(got);
        }
    }
}

/* NaN in, NaN out; infinities do no harm. */
static void doubles_survive_anything(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, 5e-324, -5e-324, -0.0};
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        const fn_row *r = fn_get((fn_id)id);
        for (int i = 0; i < 8; i++) {
            double a[FN_MAX_ARITY] = {bad[i], bad[i], bad[i]};
            double y = r->f(a, r->arity);
            if (i == 0 && !isnan(y))
                print_message("%s(nan) = %g\n", r->name, y);
            assert_true(i > 0 || isnan(y));
        }
    }
}

/* The i-th unusual ball: nothing, infinities, the whole line, wide ones, exponents that no double has. */
enum { WILD = 10 };

static void set_wild(arb_t x, int i)
{
    fmpz_t big;
    fmpz_init(big);
    fmpz_ui_pow_ui(big, 2, i % 2 ? 70 : 61);
    arb_one(x);
    switch (i) {
    case 0: arb_indeterminate(x); break;
    case 1: arb_pos_inf(x); break;
    case 2: arb_neg_inf(x); break;
    case 3: arb_zero_pm_inf(x); break;
    case 4: mag_set_d(arb_radref(x), 1e300); break;
    case 5: arb_mul_2exp_fmpz(x, x, big); break;
    case 6: arb_neg(x, x), arb_mul_2exp_fmpz(x, x, big); break;
    case 7: fmpz_neg(big, big), arb_mul_2exp_fmpz(x, x, big); break;
    case 8: fmpz_neg(big, big), arb_add_error_2exp_fmpz(x, big); break;
    default: arb_set_si(x, -5), arb_add_error_2exp_si(x, 3); break;
    }
    fmpz_clear(big);
}

/* An answer in finite time, and OK only with a ball that says something. */
static void balls_survive_anything(void **state)
{
    (void)state;
    arb_t y;
    arb_struct x[2];
    arb_init(y);
    arb_init(&x[0]);
    arb_init(&x[1]);
    for (int id = 1; id < FN_COUNT; id++) {
        const fn_row *r = fn_get((fn_id)id);
        for (int i = 0; i < WILD * (r->arity > 1 ? WILD : 1); i++) {
            set_wild(&x[0], i % WILD);
            set_wild(&x[1], i / WILD);
            for (slong prec = 2; prec <= 200; prec *= 10) {
                fn_ball found = r->ball(y, x, r->arity, prec);
                assert_true(found != FN_BALL_OK || arb_is_finite(y) || arb_is_exact(y));
            }
        }
    }
    arb_clear(y);
    arb_clear(&x[0]);
    arb_clear(&x[1]);
}

/* Known zeros and exact values that must come out exactly, or they would never round to one double. */
static void exact_points_are_exact(void **state)
{
    static const struct {
        const char *name;
        double at[2], y;
    } points[] = {
        {"ln", {1}, 0},          {"log10", {1000}, 3},       {"log2", {0.125}, -3},  {"exp2", {-2}, 0.25},
        {"cbrt", {27}, 3},       {"cbrt", {-0.015625}, -0.25}, {"cbrt", {0}, 0},     {"hypot", {3, 4}, 5},
        {"lgamma", {2}, 0},      {"logit", {0.5}, 0},        {"zeta", {-4}, 0},      {"arccos", {1}, 0},
        {"arcosh", {1}, 0},      {"arsech", {1}, 0},         {"arcsec", {1}, 0},     {"atan2", {0, 2}, 0},
        {"beta", {-1.5, 0.5}, 0}, {"besselj", {2, 0}, 0},    {"besselj", {0, 0}, 1}, {"besseli", {0.5, 0}, 0},
        {"ellipe", {1}, 1},      {"li", {0}, 0},             {"floor", {1e300}, 1e300}, {"ceil", {-0.5}, 0},
        {"round", {2.5}, 3},     {"round", {-2.5}, -3},      {"round", {0.49999999999999994}, 0},
        {"round", {-1e300}, -1e300}, {"heaviside", {0}, 0.5}, {"step", {0}, 0},      {"max", {2, 2}, 2},
        {"gelu", {0}, 0},        {"factorial", {20}, 2432902008176640000.0},         {"gamma", {11}, 3628800},
    };
    (void)state;
    arb_t y;
    arb_struct x[2];
    arb_init(y);
    arb_init(&x[0]);
    arb_init(&x[1]);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const fn_row *r = fn_get(fn_find(points[i].name, strlen(points[i].name)));
        arb_set_d(&x[0], points[i].at[0]);
        arb_set_d(&x[1], points[i].at[1]);
        fn_ball found = r->ball(y, x, r->arity, 64);
        if (found != FN_BALL_OK || !arb_is_exact(y) || arf_cmp_d(arb_midref(y), points[i].y) != 0)
            print_message("%s(%g, %g)\n", points[i].name, points[i].at[0], points[i].at[1]);
        assert_int_equal(found, FN_BALL_OK);
        assert_true(arb_is_exact(y) && arf_cmp_d(arb_midref(y), points[i].y) == 0);
        double slack = 4 * fabs(points[i].y) * 0x1p-52; /* tgamma(11) is a few units off */
        assert_true(fabs(r->f(points[i].at, r->arity) - points[i].y) <= slack);
    }
    arb_clear(y);
    arb_clear(&x[0]);
    arb_clear(&x[1]);
}

/* out may be an argument: the same ball comes out. */
static void output_may_be_an_argument(void **state)
{
    (void)state;
    for (int id = 1; id < FN_COUNT; id++) {
        const fn_row *r = fn_get((fn_id)id);
        for (int i = 0; i < POINTS; i++) {
            point p;
            sample_point(&p, r, i);
            fn_ball found = r->ball(&p.x[3], p.x, r->arity, 90);
            for (int k = 0; k < r->arity && found == FN_BALL_OK; k++) {
                arb_struct x[2];
                arb_init(&x[0]);
                arb_init(&x[1]);
                arb_set(&x[0], &p.x[0]);
                arb_set(&x[1], &p.x[1]);
                assert_int_equal(r->ball(&x[k], x, r->arity, 90), FN_BALL_OK);
                if (!arb_equal(&x[k], &p.x[3]))
                    print_message("%s, argument %d at %.17g\n", r->name, k, p.at[0]);
                assert_true(arb_equal(&x[k], &p.x[3]));
                arb_clear(&x[0]);
                arb_clear(&x[1]);
            }
            point_clear(&p);
        }
    }
}

/* ---- mistakes put in ---------------------------------------------------------------------------------- */

typedef struct mistake {
    fn_id id;
    const char *check; /* which check finds it */
    unsigned flip;     /* flags turned over    */
    const char *d0, *d1, *domain, *ddomain, *range, *at0, *at1, *kinks;
} mistake;

static void seeded_mistakes_are_caught(void **state)
{
    static const mistake seeded[] = {
        {.id = FN_sin, .check = "partials", .d0 = "-cos(u)"},
        /* a constant cut short */
        {.id = FN_erf, .check = "partials", .d0 = "11283791670955126/10^16*e^(-u^2)"},
        {.id = FN_gelu, .check = "partials", .d0 = "(1 + tanh(u/sqrt(2)))/2 + u*e^(-u^2/2)/sqrt(2*pi)"},
        {.id = FN_atan2, .check = "partials", .d1 = "u/(u^2 + v^2)"},
        {.id = FN_besselj, .check = "partials", .d1 = "(besselj(u - 1, v) + besselj(u + 1, v))/2"},
        {.id = FN_ellipe, .check = "partials", .d0 = "(y - ellipk(u))/(2*u)"}, /* no value at 0 */
        {.id = FN_sinc, .check = "partials", .d0 = "{(u*cos(u) - sin(u))/u^2 if u != 0; 1 otherwise}"},
        {.id = FN_tan, .check = "partials", .d0 = "1/cos(u)^"}, /* cannot be read */
        {.id = FN_cbrt, .check = "partials", .ddomain = "u == u"},
        {.id = FN_relu, .check = "partials", .kinks = "u == 1"},
        {.id = FN_elu, .check = "partials", .kinks = "u == 0"},
        {.id = FN_log, .check = "values", .domain = "u >= 0"},
        {.id = FN_gamma, .check = "values", .domain = "u > 0"},
        {.id = FN_acosh, .check = "values", .domain = "u > 1"},
        {.id = FN_lambertw, .check = "values", .domain = "u >= -1/2"},
        {.id = FN_tanh, .check = "values", .range = "-1/2 < y < 1/2"},
        {.id = FN_sec, .check = "values", .range = "y > 0"},
        {.id = FN_exp, .check = "values", .flip = FN_INTEGER},
        {.id = FN_sinh, .check = "values", .flip = FN_BOUNDED},
        {.id = FN_cos, .check = "parity", .flip = FN_ODD | FN_EVEN},
        {.id = FN_tan, .check = "parity", .flip = FN_ODD},
        {.id = FN_acot, .check = "parity", .flip = FN_ODD},
        {.id = FN_erfc, .check = "order", .flip = FN_INCREASING | FN_DECREASING},
        {.id = FN_relu, .check = "order", .flip = FN_INCREASING},
        {.id = FN_atan, .check = "order", .flip = FN_INCREASING},
        {.id = FN_cosh, .check = "order", .flip = FN_INCREASING},
        {.id = FN_atan2, .check = "exchange", .flip = FN_COMMUTES},
        {.id = FN_hypot, .check = "exchange", .flip = FN_COMMUTES},
        {.id = FN_exp, .check = "corners", .at0 = "0"},
        {.id = FN_log, .check = "corners", .at1 = "1"},
        {.id = FN_zeta, .check = "corners", .at0 = "-1/3"},
        {.id = FN_sigmoid, .check = "complete", .flip = FN_TOTAL},
        {.id = FN_abs, .check = "complete", .flip = FN_SMOOTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof seeded / sizeof *seeded; i++) {
        const mistake *m = &seeded[i];
        fn_row r = *fn_get(m->id);
        r.flags ^= m->flip;
        r.d[0] = m->d0 ? m->d0 : r.d[0];
        r.d[1] = m->d1 ? m->d1 : r.d[1];
        r.domain = m->domain ? m->domain : r.domain;
        r.ddomain = m->ddomain ? m->ddomain : r.ddomain;
        r.range = m->range ? m->range : r.range;
        r.at0 = m->at0 ? m->at0 : r.at0;
        r.at1 = m->at1 ? m->at1 : r.at1;
        r.kinks = m->kinks ? m->kinks : r.kinks;
        seed = i;
        for (int c = 0; c < CHECKS; c++) {
            if (strcmp(checks[c].name, m->check) == 0 && checks[c].run(&r)) {
                print_message("mistake %zu in %s was missed\n", i, r.name);
                fail_msg("a seeded mistake was missed");
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_keeps_its_word), cmocka_unit_test(every_name_is_found_once),
        cmocka_unit_test(near_names_are_offered),   cmocka_unit_test(doubles_survive_anything),
        cmocka_unit_test(exact_points_are_exact),   cmocka_unit_test(output_may_be_an_argument),
        cmocka_unit_test(balls_survive_anything),   cmocka_unit_test(seeded_mistakes_are_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
