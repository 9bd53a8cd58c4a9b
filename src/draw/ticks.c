/* Ticks: round numbers 1, 2, 5 times a power of ten. Positions are integers times the step, so that neither
 * positions nor labels carry rounding noise. */
#include "draw/draw_impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* 10^e, correctly rounded for |e| <= 22 and as good as pow elsewhere. */
static double power_of_ten(int e)
{
    return pow(10.0, e);
}

/* k*10^e, from integers where possible: 3*10^-1 is the double nearest 0.3. */
static double scaled(double k, int e)
{
    if (e < -300) return k / 1e300 / power_of_ten(-e - 300);
    return e < 0 ? k / power_of_ten(-e) : k * power_of_ten(e);
}

double ticks_value(const ticks *t, int64_t k)
{
    if (t->log) return power_of_ten((int)k);
    return scaled((double)k * t->mantissa, t->exponent);
}

/* The power of ten that the labels are divided by: only when they would be long without it. */
static int find_shown_power(range r)
{
    double most = fmax(fabs(r.low), fabs(r.high));
    int top = most > 0 ? (int)floor(log10(most) + 1e-9) : 0;
    return top >= 5 || top < -3 ? top : 0;
}

static bool find_linear(ticks *t, range r, double want)
{
    double extent = r.high - r.low;
    double rough = extent / want;
    int e = (int)floor(log10(rough));
    double lead = rough / scaled(1, e);
    t->mantissa = lead < 1.42 ? 1 : lead < 3.17 ? 2 : lead < 7.08 ? 5 : 10;
    if (t->mantissa == 10) {
        t->mantissa = 1;
        e++;
    }
    t->exponent = e;
    double step = scaled(t->mantissa, e);
    double first = ceil(r.low / step - 1e-6), last = floor(r.high / step + 1e-6);
    if (!(fabs(first) < 9e15 && fabs(last) < 9e15) || last - first > TICKS_MOST) return false;
    t->first = (int64_t)first;
    t->last = (int64_t)last;
    t->shown_power = find_shown_power(r);
    return true;
}

static bool find_log(ticks *t, range r, double want)
{
    double first = ceil(log10(r.low) - 1e-9), last = floor(log10(r.high) + 1e-9);
    t->first = (int64_t)first;
    t->last = (int64_t)last;
    t->mantissa = 1;
    t->exponent = 0;
    t->log_step = 1;
    while ((last - first) / t->log_step > want) t->log_step++;
    return last >= first;
}

bool ticks_find(ticks *t, range r, bool log, double want)
{
    memset(t, 0, sizeof *t);
    t->first = 0;
    t->last = -1;
    t->log = log;
    double most = fmax(fabs(r.low), fabs(r.high));
    if (!isfinite(r.low) || !isfinite(r.high) || !(r.high > r.low) || (log && !(r.low > 0))) return false;
    if (!log && (r.high - r.low) < 1e-13 * most) return false;
    if (want < 2) want = 2;
    if (want > TICKS_MOST / 2) want = TICKS_MOST / 2;
    return log ? find_log(t, r, want) : find_linear(t, r, want);
}

/* Writes the integer n times 10^e in decimal, without exponent. */
static void write_decimal(strbuf *out, int64_t n, int e)
{
    char digits[32];
    uint64_t m = n < 0 ? -(uint64_t)n : (uint64_t)n;
    if (n < 0) strbuf_add(out, "\xe2\x88\x92"); /* the minus sign */
    if (m == 0) {
        strbuf_addc(out, '0');
        return;
    }
    while (e < 0 && m % 10 == 0) {
        m /= 10;
        e++;
    }
    int len = snprintf(digits, sizeof digits, "%" PRIu64, m);
    int whole = len + e; /* digits in front of the point */
    if (whole <= 0) {
        strbuf_add(out, "0.");
        for (int i = whole; i < 0; i++) strbuf_addc(out, '0');
        strbuf_add(out, digits);
        return;
    }
    for (int i = 0; i < whole; i++) strbuf_addc(out, i < len ? digits[i] : '0');
    if (whole < len) {
        strbuf_addc(out, '.');
        strbuf_add(out, digits + whole);
    }
}

void ticks_label(const ticks *t, int64_t k, strbuf *out)
{
    if (t->log) {
        if (k >= -2 && k <= 3) write_decimal(out, 1, (int)k);
        else strbuf_printf(out, "$10^%d$", (int)k);
        return;
    }
    write_decimal(out, k * t->mantissa, t->exponent - t->shown_power);
}
