/* arith: sums, products, quotients and powers. */
#include "diff/diff_impl.h"

/* ---- sums --------------------------------------------------------------------------------------------------- */

static bool push_scale(engine *e, term t, const char *rule, term c, term body, const char *role)
{
    frame *f = engine_push(e, FRAME_SCALE, t);
    if (!f)
        return engine_answer(e, TERM_NONE);
    f->a = term_canon(e->ctx, c);
    f->outer = record_begin(e, rule, t, role);
    if (f->outer) {
        step_bind(f->outer, "c", c);
        step_bind(f->outer, "f", body);
        f->outer->shown = term_raw_mul(e->ctx, (term[]){c, record_deriv(e, body)}, NULL, 2);
    }
    return !engine_add_part(e, body, TERM_NONE, "factor");
}

/* |k|*t as a term of its own, for the record. */
static term with_factor(engine *e, term k, term t)
{
    gradus_ctx *ctx = e->ctx;
    if (term_num_sign(ctx, k) < 0)
        k = term_neg(ctx, k);
    return term_is_int(ctx, k, 1) ? t : term_raw_add(ctx, &k, &t, 1);
}

/* k*t as a part: the sign stays outside. */
static bool add_recorded_part(engine *e, term k, term t)
{
    gradus_ctx *ctx = e->ctx;
    bool below = term_num_sign(ctx, k) < 0;
    term sign = term_int(ctx, below ? -1 : 1);
    return engine_add_part(e, t, sign, "term") && vec_push(ctx, &e->list, sign) &&
           vec_push(ctx, &e->list2, record_deriv(e, t));
}

static bool add_recorded_constant(engine *e, term c)
{
    return term_is_int(e->ctx, c, 0) ||
           add_recorded_part(e, c, term_num_sign(e->ctx, c) < 0 ? term_neg(e->ctx, c) : c);
}

/* With a record every term is derived with its coefficient and only the sign stays outside; the constant shows too, at
 * its place. */
static bool add_recorded_parts(engine *e, term t, step *s)
{
    gradus_ctx *ctx = e->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = (term_argc(ctx, t) - 1) / 2, before = term_aux(ctx, t);
    e->list.n = e->list2.n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i == before && !add_recorded_constant(e, a[0]))
            return false;
        if (!add_recorded_part(e, a[1 + 2 * i], with_factor(e, a[1 + 2 * i], a[2 + 2 * i])))
            return false;
    }
    if (before >= n && !add_recorded_constant(e, a[0]))
        return false;
    s->shown = term_raw_add(ctx, e->list.at, e->list2.at, (uint32_t)e->list.n);
    return true;
}

bool enter_add(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    if (n == 3 && term_is_int(ctx, a[0], 0)) {
        if (term_is_int(ctx, a[1], 1))
            return engine_pass(e, t, a[2], role);
        return push_scale(e, t, "constant-multiple", a[1], a[2], role);
    }
    frame *f = engine_push(e, FRAME_SUM, t);
    if (!f)
        return engine_answer(e, TERM_NONE);
    f->outer = record_begin(e, "sum", t, role);
    if (f->outer) {
        step_bind(f->outer, "f", t);
        return !add_recorded_parts(e, t, f->outer);
    }
    for (uint32_t i = 1; i < n; i += 2)
        if (engine_classify(e, a[i + 1]) != CLASS_CONST && !engine_add_part(e, a[i + 1], a[i], "term"))
            return true;
    return false;
}

term finish_sum(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    bool total = f->kind == FRAME_TOTAL;
    e->list.n = e->list2.n = 0;
    if (!vec_reserve(ctx, &e->list, f->count) || !vec_reserve(ctx, &e->list2, f->count))
        return TERM_NONE;
    for (uint32_t i = 0; i < f->count; i++) {
        const part *p = frame_part(e, f, i);
        e->list.at[i] = total ? term_mul2(ctx, p->weight, p->deriv) : p->weight;
        e->list2.at[i] = p->deriv;
    }
    return total ? term_add(ctx, e->list.at, f->count) : term_lincomb(ctx, e->list.at, e->list2.at, f->count);
}

/* ---- products: the factors as a list ------------------------------------------------------------------------------ */

/* Gathers base and exponent pairs of t into e->list. A product standing first in a product is taken apart (a*b*c reads
 * as (a*b)*c), as is a coefficient, and a power of a power: (b^2)^-1 is b^-2. At most SPINE levels. */
enum { SPINE = 64 };

static bool put_factor(engine *e, term b, term x, int depth);

static bool put_factors(engine *e, term t, int depth)
{
    gradus_ctx *ctx = e->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    for (uint32_t i = 0; i < n; i += 2)
        if (!put_factor(e, a[i], a[i + 1], i == 0 ? depth : SPINE))
            return false;
    return true;
}

static bool put_factor(engine *e, term b, term x, int depth)
{
    gradus_ctx *ctx = e->ctx;
    bool one = term_is_int(ctx, x, 1);
    if (term_is(ctx, b, OP_MUL) && one && depth < SPINE)
        return put_factors(e, b, depth + 1);
    if (term_is(ctx, b, OP_ADD) && one && term_argc(ctx, b) == 3 && term_is_int(ctx, term_arg(ctx, b, 0), 0) &&
        depth < SPINE) {
        term k = term_arg(ctx, b, 1);
        return vec_push(ctx, &e->list, k) && vec_push(ctx, &e->list, x) &&
               put_factor(e, term_arg(ctx, b, 2), x, depth + 1);
    }
    long outer, inner;
    if (term_is(ctx, b, OP_MUL) && term_argc(ctx, b) == 2 && term_get_long(ctx, x, &outer) &&
        term_get_long(ctx, term_arg(ctx, b, 1), &inner) && labs(outer) < 1000000 && labs(inner) < 1000000) {
        x = term_int(ctx, outer * inner);
        b = term_arg(ctx, b, 0);
    }
    return vec_push(ctx, &e->list, b) && vec_push(ctx, &e->list, x);
}

/* The product of the first n pairs at list: raw, or the factor itself. */
static term product_of(engine *e, const term *pairs, uint32_t n)
{
    gradus_ctx *ctx = e->ctx;
    if (n == 0)
        return term_int(ctx, 1);
    if (n == 1 && term_is_int(ctx, pairs[1], 1))
        return pairs[0];
    size_t from = e->list2.n;
    for (int half = 0; half < 2; half++)
        for (uint32_t i = 0; i < n; i++)
            if (!vec_push(ctx, &e->list2, pairs[2 * i + (uint32_t)half]))
                return TERM_NONE;
    term r = term_raw_mul(ctx, e->list2.at + from, e->list2.at + from + n, n);
    e->list2.n = from;
    return r;
}

typedef enum factor_sort { FACTOR_CONST, FACTOR_BRACKET, FACTOR_OVER, FACTOR_UNDER } factor_sort;

static factor_sort sort_of_factor(engine *e, term b, term x)
{
    if (engine_classify(e, b) == CLASS_CONST)
        return FACTOR_CONST;
    if (term_is(e->ctx, b, OP_BRACKET))
        return FACTOR_BRACKET;
    return term_num_sign(e->ctx, x) < 0 ? FACTOR_UNDER : FACTOR_OVER;
}

/* Moves the pairs of one sort to the front of `to` (list2 is used as the place); returns how many. */
static uint32_t pick(engine *e, uint32_t n, unsigned sorts, term_vec *to)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        term b = e->list.at[2 * i], x = e->list.at[2 * i + 1];
        if (!(sorts & 1u << sort_of_factor(e, b, x)))
            continue;
        if (!vec_push(e->ctx, to, b) || !vec_push(e->ctx, to, x)) {
            e->failed = true;
            return 0;
        }
        m++;
    }
    return m;
}

/* The product of the factors of the given sorts. */
static term pick_product(engine *e, uint32_t n, unsigned sorts)
{
    term_vec *to = &e->list2;
    size_t from = to->n;
    uint32_t m = pick(e, n, sorts, to);
    e->list2.n = from;
    if (e->failed)
        return TERM_NONE;
    /* product_of pushes behind the pairs it reads */
    e->list2.n = from + 2 * m;
    const size_t keep = e->list2.n;
    if (!vec_reserve(e->ctx, &e->list2, keep + 2 * m))
        return TERM_NONE;
    term r = product_of(e, e->list2.at + from, m);
    e->list2.n = from;
    return r;
}

enum { OVER = 1u << FACTOR_OVER, UNDER = 1u << FACTOR_UNDER };

static bool push_quotient(engine *e, term t, uint32_t n, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    /* Constants are above only when the quotient rule is asked for; else they were taken out before. */
    term over = pick_product(e, n, OVER | 1u << FACTOR_CONST), under = TERM_NONE;
    for (uint32_t i = 0; i < n; i++) /* the denominator as written: exponents turned round */
        if (sort_of_factor(e, e->list.at[2 * i], e->list.at[2 * i + 1]) == FACTOR_UNDER)
            e->list.at[2 * i + 1] = term_neg(ctx, e->list.at[2 * i + 1]);
        else
            e->list.at[2 * i] = term_int(ctx, 1);
    under = pick_product(e, n, OVER);
    frame *f = engine_push(e, FRAME_QUOTIENT, t);
    if (!f || !over || !under)
        return engine_answer(e, TERM_NONE);
    f->outer = record_begin(e, "quotient", t, role);
    if (f->outer) {
        step_bind(f->outer, "f", over);
        step_bind(f->outer, "g", under);
        term d_over = record_deriv(e, over), d_under = record_deriv(e, under), one = term_int(ctx, 1);
        term left = term_raw_mul(ctx, (term[]){under, d_over}, NULL, 2);
        term right = term_raw_mul(ctx, (term[]){over, d_under}, NULL, 2);
        term top = term_raw_add(ctx, (term[]){one, term_int(ctx, -1)}, (term[]){left, right}, 2);
        term bottom = term_raw_pow(ctx, under, term_int(ctx, 2));
        f->outer->shown = term_raw_mul(ctx, (term[]){top, bottom}, (term[]){one, term_int(ctx, -1)}, 2);
    }
    bool ok = engine_add_part(e, over, TERM_NONE, "numerator") && engine_add_part(e, under, TERM_NONE, "denominator");
    return !ok;
}

term finish_quotient(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    const part *over = frame_part(e, f, 0), *under = frame_part(e, f, 1);
    term u = term_canon(ctx, over->body), v = term_canon(ctx, under->body), one = term_int(ctx, 1);
    term first = term_powprod(ctx, (term[]){over->deriv, v}, (term[]){one, term_int(ctx, -1)}, 2);
    term second = term_powprod(ctx, (term[]){u, under->deriv, v}, (term[]){one, one, term_int(ctx, -2)}, 3);
    return term_sub(ctx, first, second);
}

static term shown_product(engine *e, const frame *f)
{
    gradus_ctx *ctx = e->ctx;
    term_vec sum = {0};
    for (uint32_t i = 0; i < f->count; i++) {
        e->list2.n = 0;
        for (uint32_t j = 0; j < f->count; j++) {
            term b = frame_part(e, f, j)->body;
            if (!vec_push(ctx, &e->list2, i == j ? record_deriv(e, b) : b))
                e->failed = true;
        }
        if (e->failed || !vec_push(ctx, &sum, term_raw_mul(ctx, e->list2.at, NULL, f->count)))
            e->failed = true;
    }
    term r = e->failed ? TERM_NONE : term_raw_add(ctx, NULL, sum.at, f->count);
    vec_clear(ctx, &sum);
    return r;
}

/* Past this many factors the record shows no right side: it would have that many squared. */
enum { SHOWN_FACTORS = 40 };

static bool push_product(engine *e, term t, uint32_t n, const char *role)
{
    static const char *const letter[] = {"f", "g", "h", "k"};
    if (!engine_push(e, FRAME_PRODUCT, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = record_begin(e, "product", t, role);
    e->frames.at[at].outer = s;
    for (uint32_t i = 0; i < n; i++) {
        term body = product_of(e, e->list.at + 2 * i, 1);
        if (i < 4)
            step_bind(s, letter[i], body);
        if (!engine_add_part(e, body, TERM_NONE, "factor"))
            return true;
    }
    if (s && n <= SHOWN_FACTORS)
        s->shown = shown_product(e, &e->frames.at[at]);
    return false;
}

/* Pushes the entries of factor t in product form: base, exponent pairs of its primitive part to list, and its number to
 * *k. (1 + x/4) is 1/4*(4 + x): settled once here, not again in each of the n products. */
static bool put_primitive(engine *e, term t, term mark, term *k)
{
    gradus_ctx *ctx = e->ctx;
    term p = term_mul2(ctx, t, mark);
    *k = term_int(ctx, 1);
    if (p && term_is(ctx, p, OP_ADD)) {
        *k = term_arg(ctx, p, 1);
        p = term_arg(ctx, p, 2);
    }
    if (!p || !term_is(ctx, p, OP_MUL)) /* the factor is 0 */
        return false;
    for (uint32_t i = 0; i < term_argc(ctx, p); i += 2)
        if (term_arg(ctx, p, i) != mark)
            if (!vec_push(ctx, &e->list, term_arg(ctx, p, i)) || !vec_push(ctx, &e->list2, term_arg(ctx, p, i + 1)))
                return false;
    return true;
}

enum { MANY_FACTORS = 8 };

/* The same as finish_product for many factors. false: a factor of an unusual shape. */
static bool finish_long_product(engine *e, frame *f, term *result)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t n = f->count;
    term mark = term_fresh_index(ctx, "m", TERM_NONE, TERM_NONE), all = term_int(ctx, 1);
    term_vec start = {0}, number = {0}, b = {0}, x = {0}, sum = {0};
    e->list.n = e->list2.n = 0;
    bool ok = mark != TERM_NONE;
    for (uint32_t i = 0; i < n && ok; i++) {
        term k = TERM_NONE;
        ok = vec_push(ctx, &start, (term)e->list.n) &&
             put_primitive(e, term_canon(ctx, frame_part(e, f, i)->body), mark, &k) && vec_push(ctx, &number, k);
        all = ok ? term_mul2(ctx, all, k) : all;
    }
    ok = ok && vec_push(ctx, &start, (term)e->list.n);
    for (uint32_t i = 0; i < n && ok; i++) {
        b.n = x.n = 0;
        ok = vec_push(ctx, &b, term_div(ctx, all, number.at[i])) && vec_push(ctx, &x, term_int(ctx, 1));
        for (size_t j = 0; j < e->list.n && ok; j++) {
            if (j == start.at[i]) { /* here stands factor i: its derivative instead */
                ok = vec_push(ctx, &b, frame_part(e, f, i)->deriv) && vec_push(ctx, &x, term_int(ctx, 1));
                j = start.at[i + 1];
                if (j >= e->list.n)
                    break;
            }
            ok = ok && vec_push(ctx, &b, e->list.at[j]) && vec_push(ctx, &x, e->list2.at[j]);
        }
        ok = ok && vec_push(ctx, &sum, term_powprod(ctx, b.at, x.at, (uint32_t)b.n));
    }
    if (ok)
        *result = term_add(ctx, sum.at, n);
    vec_clear(ctx, &start);
    vec_clear(ctx, &number);
    vec_clear(ctx, &b);
    vec_clear(ctx, &x);
    vec_clear(ctx, &sum);
    return ok;
}

/* One term per factor: its derivative times the other factors. */
term finish_product(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t n = f->count;
    term result = TERM_NONE;
    if (n >= MANY_FACTORS && finish_long_product(e, f, &result))
        return result;
    e->list.n = e->list2.n = 0;
    if (!vec_reserve(ctx, &e->list, n) || !vec_reserve(ctx, &e->list2, n))
        return TERM_NONE;
    for (uint32_t i = 0; i < n; i++)
        e->list.at[i] = term_canon(ctx, frame_part(e, f, i)->body);
    for (uint32_t i = 0; i < n; i++) {
        term keep = e->list.at[i];
        e->list.at[i] = frame_part(e, f, i)->deriv;
        e->list2.at[i] = term_mul(ctx, e->list.at, n);
        e->list.at[i] = keep;
    }
    return term_add(ctx, e->list2.at, n);
}

static bool enter_power(engine *e, term t, term b, term x, const char *role);

/* t is [P]*rest: where P holds the derivative of the rest. A bracket by itself is flat wherever it is not stepping. */
static bool push_bracket(engine *e, term t, uint32_t n, const char *role)
{
    term bracket = pick_product(e, n, 1u << FACTOR_BRACKET);
    term rest = pick_product(e, n, ~(1u << FACTOR_BRACKET));
    if (!bracket || !rest)
        return engine_answer(e, TERM_NONE);
    if (engine_classify(e, rest) == CLASS_CONST)
        return enter_bracket(e, t, role);
    return push_scale(e, t, "bracket", bracket, rest, role);
}

bool enter_mul(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    e->list.n = e->list2.n = 0;
    if (!put_factors(e, t, 0))
        return engine_answer(e, TERM_NONE);
    uint32_t n = (uint32_t)(e->list.n / 2), count[4] = {0};
    for (uint32_t i = 0; i < n; i++)
        count[sort_of_factor(e, e->list.at[2 * i], e->list.at[2 * i + 1])]++;
    if (count[FACTOR_BRACKET])
        return push_bracket(e, t, n, role);
    if (count[FACTOR_UNDER] && method_is(e, "quotient"))
        return push_quotient(e, t, n, role);
    if (count[FACTOR_CONST]) {
        term c = pick_product(e, n, 1u << FACTOR_CONST), rest = pick_product(e, n, OVER | UNDER);
        if (!c || !rest)
            return engine_answer(e, TERM_NONE);
        if (term_is_int(ctx, c, 1))
            return engine_pass(e, t, rest, role);
        return push_scale(e, t, "constant-multiple", c, rest, role);
    }
    if (n == 1)
        return enter_power(e, t, e->list.at[0], e->list.at[1], role);
    if (count[FACTOR_OVER] && count[FACTOR_UNDER] && !method_is(e, "power"))
        return push_quotient(e, t, n, role);
    return push_product(e, t, n, role);
}

/* ---- powers --------------------------------------------------------------------------------------------------------- */

/* x*b^(x-1), canonical. */
/* x*b^(x-1). An exponent that is an index may be 0, where b^0 is 1 and its slope 0 even at b = 0: the bracket says so. */
static term power_slope(gradus_ctx *ctx, term b, term x)
{
    term less = term_sub(ctx, x, term_int(ctx, 1)), slope = term_mul2(ctx, x, term_pow(ctx, b, less)), lo;
    if (!slope || !term_is(ctx, x, OP_SYM) || term_sym_info(ctx, x)->role != ROLE_INDEX)
        return slope;
    lo = term_sym_info(ctx, x)->lo;
    if (lo && term_is_num(ctx, lo) && term_num_sign(ctx, lo) > 0)
        return slope;
    return term_mul2(ctx, term_bracket(ctx, term_rel_make(ctx, REL_NE, x, term_int(ctx, 0))), slope);
}

/* 1/u and roots are powers: said before the power rule is used. */
static void record_rewrite_as_power(engine *e, term b, term x)
{
    if (!e->log || !term_is_num(e->ctx, x))
        return;
    bool natural = fmpz_is_one(fmpq_denref(term_num(e->ctx, x))) && term_num_sign(e->ctx, x) > 0;
    if (natural)
        return;
    term p = term_raw_pow(e->ctx, b, x);
    step *s = step_rewrite(e->log, "rewrite", p, p);
    if (!s)
        return;
    step_bind(s, "f", b);
    step_bind(s, "n", x);
    if (e->linear_depth)
        s->tag = STEP_LINEAR;
}

static term shown_power(engine *e, term b, term x)
{
    gradus_ctx *ctx = e->ctx;
    term one = term_int(ctx, 1);
    term less = term_raw_add(ctx, (term[]){one, term_int(ctx, -1)}, (term[]){x, one}, 2);
    return term_raw_mul(ctx, (term[]){x, term_raw_pow(ctx, b, less)}, NULL, 2);
}

static step *record_power(engine *e, term t, term u, term x, const char *role, term after)
{
    step *s = record_begin(e, "power", t, role);
    if (!s)
        return NULL;
    record_rewrite_as_power(e, u, x);
    step_bind(s, "n", x);
    step_bind(s, "u", u);
    s->shown = shown_power(e, u, x);
    record_end(e, s, after);
    return s;
}

/* The outer leaf of a chain is a derivative by the inner function's name. */
static void record_outer_power(engine *e, term g, term x)
{
    if (!e->log)
        return;
    term keep = e->x;
    e->x = g;
    record_power(e, term_raw_pow(e->ctx, g, x), g, x, "outer", power_slope(e->ctx, g, x));
    e->x = keep;
}

/* The two open derivatives of a chain, multiplied. */
static void show_chain(engine *e, step *s, term outer)
{
    gradus_ctx *ctx = e->ctx;
    const uint32_t one = 1;
    term d_outer = term_deriv(ctx, outer, &s->inner_name, &one, 1);
    s->shown = term_raw_mul(ctx, (term[]){d_outer, record_deriv(e, s->inner_is)}, NULL, 2);
}

/* b^x with x free of the variable. */
static bool enter_power(engine *e, term t, term b, term x, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    if (term_is_int(ctx, x, 1))
        return engine_pass(e, t, b, role);
    if (b == e->x) {
        term after = power_slope(ctx, b, term_canon(ctx, x));
        record_power(e, t, b, x, role, after);
        return engine_answer(e, after);
    }
    if (!engine_push(e, FRAME_CHAIN, t))
        return engine_answer(e, TERM_NONE);
    frame *f = &e->frames.at[e->frames.n - 1];
    f->a = power_slope(ctx, term_canon(ctx, b), term_canon(ctx, x));
    step *s = f->outer = record_chain(e, t, b, role);
    if (s) {
        show_chain(e, s, term_raw_pow(ctx, s->inner_name, x));
        record_outer_power(e, s->inner_name, x);
    }
    return !engine_add_part(e, b, TERM_NONE, "inner");
}

/* a^u with a free of the variable: times ln(a), which is 1 for e. */
static term exponential_slope(gradus_ctx *ctx, term a, term u)
{
    if (term_is_int(ctx, a, 0)) /* 0^u is 0 where u > 0 and has no value elsewhere */
        return term_cases(ctx, (term[]){term_rel_make(ctx, REL_LT, a, u), a}, 1, TERM_NONE);
    return term_mul2(ctx, term_pow(ctx, a, u), term_apply1(ctx, FN_log, a));
}

static step *record_exponential(engine *e, term t, term a, term u, const char *role, term after)
{
    gradus_ctx *ctx = e->ctx;
    bool natural = a == term_constant(ctx, CONST_E);
    step *s = record_begin(e, natural ? "exp" : "exponential", t, role);
    if (!s)
        return NULL;
    step_bind(s, "a", a);
    step_bind(s, "u", u);
    if (!natural && !term_is_num(ctx, a))
        s->cond = term_rel_make(ctx, REL_LT, term_int(ctx, 0), term_canon(ctx, a));
    record_end(e, s, after);
    return s;
}

static bool enter_exponential(engine *e, term t, term a, term u, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term base = term_canon(ctx, a);
    if (u == e->x) {
        term after = exponential_slope(ctx, base, u);
        record_exponential(e, t, a, u, role, after);
        return engine_answer(e, after);
    }
    if (!engine_push(e, FRAME_CHAIN, t))
        return engine_answer(e, TERM_NONE);
    frame *f = &e->frames.at[e->frames.n - 1];
    f->a = exponential_slope(ctx, base, term_canon(ctx, u));
    step *s = f->outer = record_chain(e, t, u, role);
    if (s) {
        term g = s->inner_name, keep = e->x, outer = term_raw_pow(ctx, a, g);
        show_chain(e, s, outer);
        e->x = g;
        record_exponential(e, outer, a, g, "outer", exponential_slope(ctx, base, g));
        e->x = keep;
    }
    return !engine_add_part(e, u, TERM_NONE, "inner");
}

/* ln(y) = w on both sides: y'/y = w', so y' = y*w'. */
static void record_logarithmic(engine *e, frame *f, term y, term w)
{
    gradus_ctx *ctx = e->ctx;
    step_rewrite(e->log, "rewrite", term_raw_apply(ctx, FN_log, &y, 1), w);
    step *s = f->inner = record_begin(e, "implicit", y, NULL);
    if (!s)
        return;
    e->chain_depth++; /* as for the chain that stands here otherwise */
    step_bind(s, "y", y);
    s->shown = term_raw_mul(ctx, (term[]){y, record_deriv(e, w)}, NULL, 2);
    f->outer->shown = s->shown;
}

/* u^v with the variable in both: u^v = e^(v*ln(u)), for u > 0. */
static bool enter_general_power(engine *e, term t, term u, term v, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term logarithm = term_raw_apply(ctx, FN_log, &u, 1);
    term w = term_raw_mul(ctx, (term[]){v, logarithm}, NULL, 2);
    if (!engine_push(e, FRAME_POWER, t))
        return engine_answer(e, TERM_NONE);
    frame *f = &e->frames.at[e->frames.n - 1];
    f->a = term_canon(ctx, t);
    step *s = f->outer = record_begin(e, "general-power", t, role);
    if (s) {
        term e_const = term_constant(ctx, CONST_E);
        step_bind(s, "u", u);
        step_bind(s, "v", v);
        step_bind(s, "w", w);
        s->cond = term_rel_make(ctx, REL_LT, term_int(ctx, 0), term_canon(ctx, u));
        if (method_is(e, "logarithmic")) {
            record_logarithmic(e, f, t, w);
            return !engine_add_part(e, w, TERM_NONE, "inner");
        }
        term as_exp = term_raw_apply(ctx, FN_exp, &w, 1);
        step_rewrite(e->log, "rewrite", t, as_exp);
        step *chain = f->inner = record_chain(e, as_exp, w, NULL);
        if (chain) {
            term g = chain->inner_name, keep = e->x, outer = term_raw_apply(ctx, FN_exp, &g, 1);
            show_chain(e, chain, outer);
            s->shown = term_raw_mul(ctx, (term[]){as_exp, record_deriv(e, w)}, NULL, 2);
            e->x = g;
            record_exponential(e, outer, e_const, g, "outer", term_apply1(ctx, FN_exp, g));
            e->x = keep;
        }
    }
    return !engine_add_part(e, w, TERM_NONE, "inner");
}

bool enter_pow(engine *e, term t, const char *role)
{
    term b = term_arg(e->ctx, t, 0), x = term_arg(e->ctx, t, 1);
    node_class cb = engine_classify(e, b), cx = engine_classify(e, x);
    if (cx == CLASS_CONST)
        return enter_power(e, t, b, x, role);
    if (cb == CLASS_CONST)
        return enter_exponential(e, t, b, x, role);
    return enter_general_power(e, t, b, x, role);
}
