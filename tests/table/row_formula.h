/* A second reader for the strings of func.def: evaluates a formula or a condition of u, v, w, y in balls.
 *
 * It shares nothing with rooms text, rule and eval, so that a table row is checked against the mathematics
 * and not against the code that uses it. Recursion is fine: the strings are the table's own. Conditions
 * are three-valued. */
#ifndef ROW_FORMULA_H
#define ROW_FORMULA_H

#include "func/func.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct rf {
    const char *s;
    const arb_struct *var; /* u, v, w, y */
    slong prec;
    const char *error;
} rf;

/* A number, or a truth when is_cond. */
typedef struct rf_value {
    arb_t x;
    gradus_truth truth;
    bool is_cond;
} rf_value;

static void rf_or(rf *f, rf_value *out);

static bool rf_take(rf *f, const char *token)
{
    size_t n = strlen(token);
    while (*f->s == ' ')
        f->s++;
    if (strncmp(f->s, token, n) != 0)
        return false;
    bool word = isalpha((unsigned char)token[0]);
    if (word && (isalnum((unsigned char)f->s[n]) || f->s[n] == '_'))
        return false;
    f->s += n;
    return true;
}

static void rf_expect(rf *f, const char *token)
{
    if (!rf_take(f, token) && !f->error)
        f->error = f->s;
}

static void rf_call(rf *f, rf_value *out, const char *name, size_t n)
{
    rf_value arg[FN_MAX_ARITY];
    arb_struct ball[FN_MAX_ARITY];
    int count = 0;
    do {
        arb_init(arg[count].x);
        rf_or(f, &arg[count]);
        count++;
    } while (count < FN_MAX_ARITY && rf_take(f, ","));
    rf_expect(f, ")");
    for (int i = 0; i < count; i++)
        ball[i] = arg[i].x[0];
    fn_id id = fn_find(name, n);
    if (n == 4 && memcmp(name, "sqrt", 4) == 0)
        arb_sqrt(out->x, &ball[0], f->prec);
    else if (!id || fn_get(id)->arity != count)
        f->error = name;
    else if (fn_get(id)->ball(out->x, ball, count, f->prec) != FN_BALL_OK)
        arb_indeterminate(out->x);
    for (int i = 0; i < count; i++)
        arb_clear(arg[i].x);
}

static void rf_name(rf *f, rf_value *out)
{
    const char *name = f->s;
    while (isalnum((unsigned char)*f->s) || *f->s == '_')
        f->s++;
    size_t n = (size_t)(f->s - name);
    const char *vars = "uvwy", *at = n == 1 ? strchr(vars, *name) : NULL;
    if (at)
        arb_set(out->x, &f->var[at - vars]);
    else if (n == 1 && *name == 'e')
        arb_const_e(out->x, f->prec);
    else if (n == 2 && memcmp(name, "pi", 2) == 0)
        arb_const_pi(out->x, f->prec);
    else if (rf_take(f, "("))
        rf_call(f, out, name, n);
    else
        f->error = name;
}

/* {a if c; b if d; z otherwise} */
static void rf_cases(rf *f, rf_value *out)
{
    gradus_truth taken = GRADUS_NO; /* whether an earlier branch was */
    rf_value v, c;
    arb_init(v.x);
    arb_init(c.x);
    arb_indeterminate(out->x);
    do {
        rf_or(f, &v);
        c.truth = GRADUS_YES;
        if (!rf_take(f, "otherwise")) {
            rf_expect(f, "if");
            rf_or(f, &c);
        }
        if (taken == GRADUS_NO && c.truth == GRADUS_YES)
            arb_set(out->x, v.x);
        if (taken == GRADUS_NO)
            taken = c.truth;
    } while (rf_take(f, ";"));
    rf_expect(f, "}");
    arb_clear(v.x);
    arb_clear(c.x);
}

static void rf_atom(rf *f, rf_value *out)
{
    out->is_cond = false;
    if (rf_take(f, "(")) {
        rf_or(f, out);
        rf_expect(f, ")");
    } else if (rf_take(f, "[")) {
        rf_or(f, out);
        rf_expect(f, "]");
        if (out->truth == GRADUS_UNKNOWN)
            arb_indeterminate(out->x);
        else
            arb_set_si(out->x, out->truth == GRADUS_YES);
        out->is_cond = false;
    } else if (rf_take(f, "{")) {
        rf_cases(f, out);
    } else if (isdigit((unsigned char)*f->s)) {
        long k = 0;
        for (; isdigit((unsigned char)*f->s); f->s++)
            k = 10 * k + (*f->s - '0');
        if (*f->s == '.')
            f->error = f->s; /* decimals have no place in the table */
        arb_set_si(out->x, k);
    } else {
        rf_name(f, out);
    }
}

static void rf_minus(rf *f, rf_value *out);

static void rf_power(rf *f, rf_value *out)
{
    rf_atom(f, out);
    if (!f->error && rf_take(f, "^")) {
        rf_value e;
        arb_init(e.x);
        rf_minus(f, &e);
        arb_pow(out->x, out->x, e.x, f->prec);
        arb_clear(e.x);
    }
}

static void rf_minus(rf *f, rf_value *out)
{
    if (rf_take(f, "-")) {
        rf_minus(f, out);
        arb_neg(out->x, out->x);
    } else {
        rf_power(f, out);
    }
}

static void rf_product(rf *f, rf_value *out)
{
    rf_value b;
    rf_minus(f, out);
    arb_init(b.x);
    for (;;) {
        if (f->error) {
            break;
        } else if (rf_take(f, "*")) {
            rf_minus(f, &b);
            arb_mul(out->x, out->x, b.x, f->prec);
        } else if (rf_take(f, "/")) {
            rf_minus(f, &b);
            arb_div(out->x, out->x, b.x, f->prec);
        } else {
            break;
        }
    }
    arb_clear(b.x);
}

static void rf_sum(rf *f, rf_value *out)
{
    rf_value b;
    rf_product(f, out);
    arb_init(b.x);
    for (;;) {
        if (f->error) {
            break;
        } else if (rf_take(f, "+")) {
            rf_product(f, &b);
            arb_add(out->x, out->x, b.x, f->prec);
        } else if (rf_take(f, "-")) {
            rf_product(f, &b);
            arb_sub(out->x, out->x, b.x, f->prec);
        } else {
            break;
        }
    }
    arb_clear(b.x);
}

static gradus_truth rf_tri(bool yes, bool no) { return yes ? GRADUS_YES : no ? GRADUS_NO : GRADUS_UNKNOWN; }

static gradus_truth rf_and2(gradus_truth a, gradus_truth b)
{
    return a == GRADUS_NO || b == GRADUS_NO ? GRADUS_NO : a == GRADUS_YES ? b : a;
}

static gradus_truth rf_or2(gradus_truth a, gradus_truth b)
{
    return a == GRADUS_YES || b == GRADUS_YES ? GRADUS_YES : a == GRADUS_NO ? b : a;
}

/* Chains: 0 < u <= 1. A NaN ball makes every comparison unknown. */
static void rf_relation(rf *f, rf_value *out)
{
    static const char *const op[] = {"==", "!=", "<=", ">=", "<", ">"};
    rf_value b;
    gradus_truth all = GRADUS_YES;
    bool any = false;
    rf_sum(f, out);
    arb_init(b.x);
    for (int k = 0; k < 6 && !f->error; k++) {
        if (!rf_take(f, op[k]))
            continue;
        rf_sum(f, &b);
        bool lt = arb_lt(out->x, b.x), gt = arb_gt(out->x, b.x);
        bool le = arb_le(out->x, b.x), ge = arb_ge(out->x, b.x);
        bool eq = arb_is_exact(out->x) && arb_equal(out->x, b.x), ne = lt || gt;
        const bool yes[] = {eq, ne, le, ge, lt, gt}, no[] = {ne, eq, gt, lt, ge, le};
        all = rf_and2(all, rf_tri(yes[k], no[k]));
        arb_swap(out->x, b.x);
        any = true;
        k = -1;
    }
    arb_clear(b.x);
    if (any) {
        out->is_cond = true;
        out->truth = all;
    }
}

static void rf_and(rf *f, rf_value *out)
{
    rf_relation(f, out);
    rf_value b;
    arb_init(b.x);
    while (!f->error && rf_take(f, "and")) {
        rf_relation(f, &b);
        out->truth = rf_and2(out->truth, b.truth);
    }
    arb_clear(b.x);
}

static void rf_or(rf *f, rf_value *out)
{
    out->is_cond = false;
    out->truth = GRADUS_UNKNOWN;
    rf_and(f, out);
    rf_value b;
    arb_init(b.x);
    while (!f->error && rf_take(f, "or")) {
        b.is_cond = false;
        b.truth = GRADUS_UNKNOWN;
        rf_and(f, &b);
        out->truth = rf_or2(out->truth, b.truth);
    }
    arb_clear(b.x);
}

/* The value of a formula; false when the string cannot be read. var: u, v, w, y. */
static inline bool rf_number(arb_t out, const char *s, const arb_struct *var, slong prec)
{
    rf f = {.s = s, .var = var, .prec = prec};
    rf_value v;
    arb_init(v.x);
    rf_or(&f, &v);
    arb_set(out, v.x);
    arb_clear(v.x);
    while (*f.s == ' ')
        f.s++;
    return !f.error && !*f.s && !v.is_cond;
}

/* The truth of a condition; "" and NULL hold. *readable is cleared when the string cannot be read. */
static inline gradus_truth rf_condition(const char *s, const arb_struct *var, slong prec, bool *readable)
{
    if (!s || !*s)
        return GRADUS_YES;
    rf f = {.s = s, .var = var, .prec = prec};
    rf_value v;
    arb_init(v.x);
    rf_or(&f, &v);
    arb_clear(v.x);
    if (f.error || *f.s || !v.is_cond)
        *readable = false;
    return v.truth;
}

#endif
