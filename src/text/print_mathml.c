/* print_mathml: presentation MathML 3. Every piece is one element, so that mfrac and msup have what they
 * need. */
#include "text/print_impl.h"

#include <stdio.h>
#include <string.h>

#define TIMES "<mo>&#x2062;</mo>" /* invisible times    */
#define APPLY "<mo>&#x2061;</mo>" /* function application */
#define MINUS "<mo>&#x2212;</mo>"

static const char *element(printer *p, const char *tag, const char *text)
{
    size_t n = strlen(text), k = 0, m = strlen(tag);
    char *s = arena_alloc(&p->scratch, 5 * n + 2 * m + 8);
    if (!s) {
        p->broken = true;
        return "";
    }
    k += (size_t)sprintf(s, "<%s>", tag);
    for (size_t i = 0; i < n; i++) {
        const char *safe = text[i] == '<'   ? "&lt;"
                           : text[i] == '>' ? "&gt;"
                           : text[i] == '&' ? "&amp;"
                                            : NULL;
        if (safe) k = (size_t)(stpcpy(s + k, safe) - s);
        else s[k++] = text[i];
    }
    sprintf(s + k, "</%s>", tag);
    return s;
}

static void put_name(printer *p, const char *name)
{
    const char *greek = text_greek_utf8(name);
    text_put(p, element(p, "mi", greek ? greek : name));
}

static void put_row(printer *p, const dnode *d, print_prec least)
{
    text_put(p, "<mrow>");
    text_put_kid(p, d, least);
    text_put(p, "</mrow>");
}

static void put_term_row(printer *p, term t, print_prec least)
{
    text_put(p, "<mrow>");
    text_put_term(p, t, least);
    text_put(p, "</mrow>");
}

static void put_arguments(printer *p, const term *arg, uint32_t n, print_prec least)
{
    text_put(p, "<mrow><mo>(</mo>");
    text_put_list(p, arg, n, "<mo>,</mo>", least);
    text_put(p, "<mo>)</mo></mrow>");
}

/* ---- laid-out nodes ------------------------------------------------------------------------- */

static void write_sum(printer *p, const dnode *d, uint32_t from)
{
    if (from == 0) text_put(p, "<mrow>");
    for (uint32_t i = from; i < d->n; i++) {
        const dnode *kid = &d->kid[i];
        if (i == from + PRINT_CHUNK) {
            text_put_rest(p, d, i);
            return;
        }
        if (i || kid->neg) text_put(p, kid->neg ? MINUS : "<mo>+</mo>");
        text_put_kid(p, kid, i || kid->neg ? PREC_MUL : PREC_NEG);
    }
    text_put(p, "</mrow>");
}

static bool begins_with_digit(const printer *p, const dnode *d)
{
    if (d->kind == D_POW) return begins_with_digit(p, &d->kid[0]);
    return dnode_is_number(d) || (d->kind == D_TERM && term_is(p->ctx, d->t, OP_NUM));
}

static bool reaches_on(const printer *p, const dnode *d)
{
    return d->kind == D_TERM && (term_is(p->ctx, d->t, OP_REDUCE) || term_is(p->ctx, d->t, OP_LIMIT));
}

static void write_product(printer *p, const dnode *d)
{
    text_put(p, "<mrow>");
    for (uint32_t i = 0; i < d->n; i++) {
        const dnode *kid = &d->kid[i];
        if (i) text_put(p, begins_with_digit(p, kid) ? "<mo>&#x22C5;</mo>" : TIMES);
        bool number = i == 0 && kid->kind == D_NEG && dnode_is_number(kid->kid);
        bool bracket = reaches_on(p, kid) && i + 1 < d->n;
        text_put_kid(p, kid,
                     number                ? PREC_NEG
                     : bracket             ? PREC_ATOM
                     : kid->kind == D_FRAC ? PREC_MUL
                                           : PREC_PREFIX);
    }
    text_put(p, "</mrow>");
}

static void write_power(printer *p, const dnode *d)
{
    text_put(p, "<msup>");
    put_row(p, &d->kid[0], PREC_CALL);
    put_row(p, &d->kid[1], PREC_ANY);
    text_put(p, "</msup>");
}

/* ---- terms ---------------------------------------------------------------------------------- */

static void put_array(printer *p, term t)
{
    bool transposed;
    term sym = text_eta(p, t, &transposed);
    if (!sym) {
        text_put_term(p, t, PREC_CALL);
        return;
    }
    text_put(p, transposed ? "<msup>" : "");
    put_name(p, text_name(p, sym));
    text_put(p, transposed ? "<mi>T</mi></msup>" : "");
}

static void write_element(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = term_argc(p->ctx, t) - 1;
    text_put(p, "<msub><mrow>");
    put_array(p, arg[0]);
    text_put(p, "</mrow><mrow>");
    text_put_list(p, arg + 1, rank, "<mo>,</mo>", PREC_SUM);
    text_put(p, "</mrow></msub>");
    for (uint32_t k = 0; k < rank; k++) text_scope_note(p, arg[0], k, arg[1 + k]);
}

static void write_call(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = (term_argc(p->ctx, t) - 1) / 2;
    long order = 0, total = 0;
    for (uint32_t i = 0; i < n; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order)) total += order;
    text_put(p, "<mrow>");
    text_put(p, total == 0 ? "" : n == 1 ? "<msup>" : "<msub><mi>&#x2202;</mi><mrow>");
    if (n == 1) put_name(p, text_name(p, arg[0]));
    if (n == 1 && total) {
        text_put(p, "<mo>");
        for (long i = 0; i < total; i++) text_put(p, "&#x2032;");
        text_put(p, "</mo></msup>");
    }
    for (uint32_t i = 0; i < n && n > 1; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order))
            for (; order > 0; order--) text_put(p, element(p, "mn", text_decimal(p, i + 1)));
    if (n != 1) {
        text_put(p, total ? "</mrow></msub>" : "");
        put_name(p, text_name(p, arg[0]));
    }
    text_put(p, APPLY);
    put_arguments(p, arg + 1 + n, n, PREC_ANY);
    text_put(p, "</mrow>");
}

static const char *rel_sign(term_rel r, bool turned)
{
    switch (r) {
    case REL_EQ: return "<mo>=</mo>";
    case REL_NE: return "<mo>&#x2260;</mo>";
    case REL_LT: return turned ? "<mo>&gt;</mo>" : "<mo>&lt;</mo>";
    default: return turned ? "<mo>&#x2265;</mo>" : "<mo>&#x2264;</mo>";
    }
}

static void write_rel(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    bool turned = text_rel_turned(p, t);
    text_put(p, "<mrow>");
    text_put_term(p, arg[turned], PREC_SUM);
    text_put(p, rel_sign((term_rel)term_aux(p->ctx, t), turned));
    text_put_term(p, arg[!turned], PREC_SUM);
    text_put(p, "</mrow>");
}

static void write_and(printer *p, term t)
{
    term low, high;
    text_put(p, "<mrow>");
    if (text_rel_chain(p, t, &low, &high)) {
        text_put_term(p, term_arg(p->ctx, low, 0), PREC_SUM);
        text_put(p, rel_sign((term_rel)term_aux(p->ctx, low), false));
        text_put_term(p, term_arg(p->ctx, low, 1), PREC_SUM);
        text_put(p, rel_sign((term_rel)term_aux(p->ctx, high), false));
        text_put_term(p, term_arg(p->ctx, high, 1), PREC_SUM);
    } else {
        text_put_list(p, term_args(p->ctx, t), term_argc(p->ctx, t), "<mo>&#x2227;</mo>", PREC_NOT);
    }
    text_put(p, "</mrow>");
}

static void write_cases(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    text_put(p, "<mrow><mo>{</mo><mtable columnalign=\"left left\">");
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        text_put(p, "<mtr><mtd>");
        text_put_term(p, arg[i + 1], PREC_SUM);
        text_put(p, "</mtd><mtd><mtext>if&#xA0;</mtext>");
        text_put_term(p, arg[i], PREC_ANY);
        text_put(p, "</mtd></mtr>");
    }
    if (n % 2) {
        text_put(p, "<mtr><mtd>");
        text_put_term(p, arg[n - 1], PREC_SUM);
        text_put(p, "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>");
    }
    text_put(p, "</mtable></mrow>");
}

static void put_range(printer *p, uint32_t scope, term lo)
{
    put_name(p, p->scopes.at[scope].name);
    text_put_range_from(p, scope, 0);
    text_put(p, "<mo>=</mo>");
    text_put_term(p, lo, PREC_SUM);
    text_put_range_to(p, scope, 0);
}

static const char *reducer(term_red r)
{
    return r == RED_SUM ? "<mo>&#x2211;</mo>" : r == RED_PROD ? "<mo>&#x220F;</mo>" : NULL;
}

static void write_reduce(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    term_red r = (term_red)term_aux(p->ctx, t);
    uint32_t scope = text_scope_new(p, t, 0);
    if (p->broken) return;
    text_put(p, "<mrow><munderover>");
    text_put(p, reducer(r) ? reducer(r) : element(p, "mo", term_red_name(r)));
    text_put(p, "<mrow>");
    put_range(p, scope, arg[1]);
    text_put(p, "</mrow><mrow>");
    text_put_range_from(p, scope, 1);
    text_put_term(p, arg[2], PREC_SUM);
    text_put_range_to(p, scope, 1);
    text_put(p, "</mrow></munderover>");
    text_put_item(p, I_ENTER, scope);
    if (reducer(r)) text_put_term(p, arg[3], PREC_MUL);
    else put_arguments(p, arg + 3, 1, PREC_ANY);
    text_put_item(p, I_LEAVE, scope);
    text_put(p, "</mrow>");
}

static void write_array(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = (term_argc(p->ctx, t) - 1) / 3, first = (uint32_t)p->scopes.n;
    text_put(p, "<mrow><msub>");
    text_put(p, "<mi>array</mi><mrow>");
    for (uint32_t k = 0; k < rank; k++) {
        uint32_t scope = text_scope_new(p, t, k);
        if (p->broken) return;
        if (k) text_put(p, "<mo>,</mo>");
        put_name(p, p->scopes.at[scope].name);
        text_put_range_from(p, scope, 0);
        text_put(p, "<mo>=</mo>");
        text_put_term(p, arg[3 * k + 1], PREC_SUM);
        text_put(p, "<mo>..</mo>");
        text_put_term(p, arg[3 * k + 2], PREC_SUM);
        text_put_range_to(p, scope, 0);
    }
    text_put(p, "</mrow></msub>");
    for (uint32_t k = 0; k < rank; k++) text_put_item(p, I_ENTER, first + k);
    put_arguments(p, arg + 3 * rank, 1, PREC_ANY);
    for (uint32_t k = rank; k > 0; k--) text_put_item(p, I_LEAVE, first + k - 1);
    text_put(p, "</mrow>");
}

/* what^order, or what alone for order 1 */
static void put_raised(printer *p, const char *what, term x, long order)
{
    text_put(p, order == 1 ? "<mrow>" : "<msup><mrow>");
    text_put(p, what);
    if (x) text_put_term(p, x, PREC_ATOM);
    text_put(p, "</mrow>");
    if (order != 1) {
        text_put(p, element(p, "mn", text_decimal(p, (unsigned long)order)));
        text_put(p, "</msup>");
    }
}

static void write_derivative(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    const char *d = p->partial_d ? "<mo>&#x2202;</mo>" : "<mi>d</mi>";
    long total = 0, order = 0;
    for (uint32_t i = 2; i < n; i += 2)
        if (term_get_long(p->ctx, arg[i], &order)) total += order;
    text_put(p, "<mrow><mfrac>");
    put_raised(p, d, TERM_NONE, total);
    text_put(p, "<mrow>");
    for (uint32_t i = 1; i + 1 < n; i += 2)
        if (term_get_long(p->ctx, arg[i + 1], &order)) put_raised(p, d, arg[i], order);
    text_put(p, "</mrow></mfrac>");
    put_arguments(p, arg, 1, PREC_ANY);
    text_put(p, "</mrow>");
}

static void write_limit(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t side = term_aux(p->ctx, t);
    text_put(p, "<mrow><munder><mo>lim</mo><mrow>");
    text_put_term(p, arg[1], PREC_ATOM);
    text_put(p, "<mo>&#x2192;</mo>");
    text_put(p, side == SIDE_BOTH ? "" : "<msup>");
    put_term_row(p, arg[2], side == SIDE_BOTH ? PREC_SUM : PREC_ATOM);
    text_put(p, side == SIDE_BOTH ? "" : side == SIDE_RIGHT ? "<mo>+</mo></msup>" : MINUS "</msup>");
    text_put(p, "</mrow></munder>");
    text_put_term(p, arg[0], PREC_MUL);
    text_put(p, "</mrow>");
}

static void write_named(printer *p, const char *name, const term *arg, uint32_t n)
{
    text_put(p, "<mrow>");
    text_put(p, element(p, "mi", name));
    text_put(p, APPLY);
    put_arguments(p, arg, n, PREC_ANY);
    text_put(p, "</mrow>");
}

static void write_array_function(printer *p, const char *name, const term *arg, uint32_t n)
{
    text_put(p, "<mrow>");
    text_put(p, element(p, "mi", name));
    text_put(p, APPLY "<mrow><mo>(</mo>");
    put_array(p, arg[0]);
    for (uint32_t i = 1; i < n; i++) {
        text_put(p, "<mo>,</mo>");
        text_put_term(p, arg[i], PREC_ANY);
    }
    text_put(p, "<mo>)</mo></mrow></mrow>");
}

static void write_term(printer *p, term t)
{
    static const char *const constant[] = {"<mi>&#x3C0;</mi>", "<mi>e</mi>", "<mi>&#x221E;</mi>"};
    const gradus_ctx *ctx = p->ctx;
    const term *arg = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t), aux = term_aux(ctx, t);
    switch (term_get_op(ctx, t)) {
    case OP_CONST: text_put(p, constant[aux]); break;
    case OP_UNDEF: text_put(p, "<mtext>undefined</mtext>"); break;
    case OP_BOOL: text_put(p, aux ? "<mtext>true</mtext>" : "<mtext>false</mtext>"); break;
    case OP_SYM:
    case OP_BOUND: put_name(p, text_name(p, t)); break;
    case OP_FN: write_named(p, fn_get((fn_id)aux)->name, arg, n); break;
    case OP_CALL: write_call(p, t); break;
    case OP_ACC: write_element(p, t); break;
    case OP_BRACKET:
        text_put(p, "<mrow><mo>[</mo>");
        text_put_term(p, arg[0], PREC_ANY);
        text_put(p, "<mo>]</mo></mrow>");
        break;
    case OP_REL: write_rel(p, t); break;
    case OP_AND: write_and(p, t); break;
    case OP_OR:
        text_put(p, "<mrow>");
        text_put_list(p, arg, n, "<mo>&#x2228;</mo>", PREC_AND);
        text_put(p, "</mrow>");
        break;
    case OP_NOT:
        text_put(p, "<mrow><mo>&#xAC;</mo>");
        text_put_term(p, arg[0], PREC_ATOM);
        text_put(p, "</mrow>");
        break;
    case OP_CASES: write_cases(p, t); break;
    case OP_REDUCE: write_reduce(p, t); break;
    case OP_ARRAY: write_array(p, t); break;
    case OP_TUPLE: put_arguments(p, arg, n, PREC_ANY); break;
    case OP_MATFN: write_array_function(p, text_matfn_name((term_matfn)aux), arg, 1); break;
    case OP_EXTENT: write_array_function(p, "size", arg, 2); break;
    case OP_DERIV: write_derivative(p, t); break;
    case OP_LIMIT: write_limit(p, t); break;
    default:
        ctx_fail(p->ctx, GRADUS_BUG);
        p->broken = true;
        break;
    }
}

void text_write_mathml(printer *p, const dnode *d, uint32_t from)
{
    switch (d->kind) {
    case D_NUM: text_put(p, element(p, "mn", d->str)); break;
    case D_EXP: text_put(p, "<mi>e</mi>"); break;
    case D_SUM: write_sum(p, d, from); break;
    case D_NEG:
        text_put(p, "<mrow>" MINUS);
        text_put_kid(p, d->kid, PREC_MUL);
        text_put(p, "</mrow>");
        break;
    case D_PROD: write_product(p, d); break;
    case D_FRAC:
        text_put(p, "<mfrac>");
        put_row(p, &d->kid[0], PREC_ANY);
        put_row(p, &d->kid[1], PREC_ANY);
        text_put(p, "</mfrac>");
        break;
    case D_POW: write_power(p, d); break;
    case D_SQRT:
        text_put(p, "<msqrt>");
        text_put_kid(p, d->kid, PREC_ANY);
        text_put(p, "</msqrt>");
        break;
    default: write_term(p, d->t); break;
    }
}
