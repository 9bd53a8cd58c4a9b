/* method: the same derivative by another first rule: forced by diff_options.method, or offered beside the first.
 *
 *   quotient     c/u by the quotient rule, numerator and all
 *   power        f/g as f*g^(-1): product and power rule
 *   expand       a product of polynomials multiplied out first
 *   logarithmic  u^v by differentiating ln(y) = v*ln(u) on both sides
 *   definition   by the limit of the secant's slope (definition.c)
 * The first two and logarithmic are choices inside the rules; they look at the engine's options.                     */
#include "diff/fraction.h"

static bool is_method(const diff_options *opt, const char *name)
{
    return opt && opt->method && strcmp(opt->method, name) == 0;
}

bool method_is(const engine *e, const char *name) { return is_method(e->opt, name); }

bool method_check(gradus_ctx *ctx, const diff_options *opt)
{
    static const char *const names[] = {"quotient", "power", "expand", "logarithmic", "definition"};
    if (!opt || !opt->method)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_method(opt, names[i]))
            return true;
    diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "one of quotient, power, expand, logarithmic, definition", "there is no method `%s`",
               opt->method);
    return false;
}

/* t multiplied out, if it is a polynomial in its kernels that changes by that; t itself otherwise. */
term method_expand(gradus_ctx *ctx, term t)
{
    frac_ring r = {.ctx = ctx};
    term plain = term_canon(ctx, t), result = t;
    if (!plain || !frac_collect(&r, plain))
        return t;
    frac_open(&r);
    frac f;
    frac_init(&r, &f);
    if (frac_from_term(&r, &f, plain) && fmpz_mpoly_is_fmpz(f.den, r.poly)) {
        fmpz_t d;
        fmpq_t q;
        fmpz_init(d);
        fmpq_init(q);
        fmpz_mpoly_get_fmpz(d, f.den, r.poly);
        fmpz_set(fmpq_denref(q), d);
        fmpz_one(fmpq_numref(q));
        term sum = frac_poly_term(&r, f.num, NULL);
        result = sum ? term_mul2(ctx, term_from_fmpq(ctx, q), sum) : TERM_NONE;
        fmpq_clear(q);
        fmpz_clear(d);
    }
    frac_clear(&r, &f);
    frac_close(&r);
    return result == plain ? t : result;
}

/* ---- alternatives --------------------------------------------------------------------------------------------- */

enum { ALTERNATIVE_SIZE = 40, MANY_ALTERNATIVES = 3 };

/* Is t a product of several sums, without denominators or roots? */
static bool is_product_of_sums(gradus_ctx *ctx, term t)
{
    uint32_t sums = 0;
    for (uint32_t i = 0; term_is(ctx, t, OP_MUL) && i < term_argc(ctx, t); i += 2) {
        long n;
        if (!term_get_long(ctx, term_arg(ctx, t, i + 1), &n) || n < 1 || n > 4)
            return false;
        sums += term_is(ctx, term_arg(ctx, t, i), OP_ADD);
    }
    return sums >= 2;
}

static bool is_reciprocal(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_MUL) && term_argc(ctx, t) == 2 && term_num_sign(ctx, term_arg(ctx, t, 1)) < 0 &&
           term_is(ctx, term_arg(ctx, t, 0), OP_ADD);
}

static uint32_t methods_for(gradus_ctx *ctx, term f, term x, const char **out)
{
    uint32_t n = 0;
    term body = term_canon(ctx, term_is(ctx, f, OP_CALL) ? term_unfold_once(ctx, f) : f);
    if (!body)
        return 0;
    if (is_reciprocal(ctx, body))
        out[n++] = "quotient";
    if (is_product_of_sums(ctx, body))
        out[n++] = "expand";
    if (term_is(ctx, body, OP_POW) && term_depends(ctx, term_arg(ctx, body, 0), x) && term_depends(ctx, term_arg(ctx, body, 1), x))
        out[n++] = "logarithmic";
    return n;
}

static bool same_answer(gradus_ctx *ctx, term a, term b)
{
    term difference = a == b ? TERM_NONE : term_sub(ctx, a, b);
    return a == b || (difference && term_is_int(ctx, simplify_arithmetic(ctx, difference, NULL, 0), 0));
}

static void unlink_last(step_log *log, step *parent, step *s)
{
    step **at = &parent->sub, *before = NULL;
    while (*at && *at != s) {
        before = *at;
        at = &(*at)->next;
    }
    *at = NULL;
    parent->last_sub = before;
    log->open = parent;
}

/* Other first rules that lead to d, the derivative of f, below the open step of the log. Each is derived in full; one
 * whose answer is not shown to be the same is taken off again. */
void method_record_alternatives(gradus_ctx *ctx, term f, term x, term d, const diff_options *opt, step_log *log)
{
    const char *method[MANY_ALTERNATIVES];
    if (!log || !log->open || (opt && (opt->method || opt->plain)) || term_size(ctx, f) > ALTERNATIVE_SIZE)
        return;
    uint32_t n = methods_for(ctx, f, x, method);
    step *parent = log->open;
    for (uint32_t i = 0; i < n && ctx_status(ctx) == GRADUS_OK; i++) {
        diff_options other = opt ? *opt : (diff_options){.unfold = true};
        other.method = method[i];
        step *s = step_begin(log, STEP_TASK, "alternative", parent->before);
        if (!s)
            return;
        s->role = "alternative";
        step_bind(s, "method", term_fresh_index(ctx, method[i], TERM_NONE, TERM_NONE));
        term again = diff_by(ctx, f, x, &other, log);
        step_end(log, s, d);
        if (!again || !same_answer(ctx, again, d))
            unlink_last(log, parent, s);
    }
}
