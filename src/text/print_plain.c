/* print_plain: text and Unicode. One layout of characters, two sets of signs. */
#include "text/print_impl.h"

#include <string.h>

static const struct signs {
    const char *times, *minus, *equal, *differs, *less_equal, *greater_equal, *and, * or, *not, *arrow, *root;
    const char *constant[3];
} signs[2] = {
    {"*", "-", " == ", " != ", " <= ", " >= ", " and ", " or ", "not ", " -> ", "sqrt", {"pi", "e", "inf"}},
    {"·", "−", " == ", " ≠ ", " ≤ ", " ≥ ", " ∧ ", " ∨ ", "¬", " → ", "√",
     {"π", "e", "∞"}},
};

static const struct signs *signs_of(const printer *p)
{
    return &signs[p->form == FORM_UNICODE];
}

/* ---- laid-out nodes ------------------------------------------------------------------------- */

static void write_sum(printer *p, const dnode *d, uint32_t from)
{
    for (uint32_t i = from; i < d->n; i++) {
        const dnode *kid = &d->kid[i];
        if (i == from + PRINT_CHUNK) {
            text_put_rest(p, d, i);
            return;
        }
        if (i) {
            text_put(p, d->tight ? "" : " ");
            text_put(p, kid->neg ? signs_of(p)->minus : "+");
            text_put(p, d->tight ? "" : " ");
        } else if (kid->neg) {
            text_put(p, signs_of(p)->minus);
        }
        text_put_kid(p, kid, i || kid->neg ? PREC_MUL : PREC_NEG);
    }
}

/* What a factor must hold together by: a quotient made by the layout reads the same without brackets. */
static print_prec factor_prec(const dnode *kid, bool first)
{
    if (first)
        return kid->kind == D_FRAC || (kid->kind == D_NEG && dnode_is_number(kid->kid)) ? PREC_NEG
                                                                                        : PREC_PREFIX;
    return kid->kind == D_FRAC && !dnode_is_number(kid) ? PREC_MUL : PREC_PREFIX;
}

static void write_product(printer *p, const dnode *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        if (i) text_put(p, signs_of(p)->times);
        text_put_kid(p, &d->kid[i], factor_prec(&d->kid[i], i == 0));
    }
}

static void write_fraction(printer *p, const dnode *d)
{
    bool number = d->kid[0].kind == D_NEG && dnode_is_number(d->kid[0].kid);
    text_put_kid(p, &d->kid[0], number || d->kid[0].kind == D_PROD ? PREC_NEG : PREC_MUL);
    text_put(p, "/");
    text_put_kid(p, &d->kid[1], PREC_POW);
}

static const char *superscript(printer *p, const char *digits)
{
    static const char *const up[10] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    if (strlen(digits) > 9 || digits[strspn(digits, "0123456789")]) return NULL;
    char s[32] = "";
    for (; *digits; digits++) strcat(s, up[*digits - '0']);
    return arena_strndup(&p->scratch, s, strlen(s));
}

static void write_power(printer *p, const dnode *d)
{
    const dnode *e = &d->kid[1];
    const char *up = p->form == FORM_UNICODE && e->kind == D_NUM ? superscript(p, e->str) : NULL;
    text_put_kid(p, &d->kid[0], PREC_CALL);
    if (up) {
        text_put(p, up);
        return;
    }
    text_put(p, "^");
    text_put_kid(p, e, PREC_ATOM);
}

/* ---- names and calls ------------------------------------------------------------------------ */

static const char *shown_name(printer *p, term t)
{
    const char *name = text_name(p, t);
    const char *greek = p->form == FORM_UNICODE ? text_greek_utf8(name) : NULL;
    return greek ? greek : name;
}

static void put_call(printer *p, const char *name, const term *arg, uint32_t n)
{
    text_put(p, name);
    text_put(p, "(");
    text_put_list(p, arg, n, ", ", PREC_ANY);
    text_put(p, ")");
}

static void put_array(printer *p, term t)
{
    bool transposed;
    term sym = text_eta(p, t, &transposed);
    if (!sym) {
        text_put_term(p, t, PREC_CALL);
        return;
    }
    text_put(p, shown_name(p, sym));
    if (transposed) text_put(p, "^T");
}

/* f(x), f'(x), and D[1,2](f)(x, y) for f differentiated in its first and its second argument. */
static void write_call(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = (term_argc(p->ctx, t) - 1) / 2;
    const char *name = shown_name(p, arg[0]);
    long order = 0, total = 0;
    for (uint32_t i = 0; i < n; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order)) total += order;
    if (n == 1) {
        text_put(p, name);
        for (long i = 0; i < total; i++) text_put(p, "'");
        put_call(p, "", arg + 2, 1);
        return;
    }
    if (total == 0) {
        put_call(p, name, arg + 1 + n, n);
        return;
    }
    const char *sep = "D[";
    for (uint32_t i = 0; i < n; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order))
            for (; order > 0; order--) {
                text_put(p, sep);
                text_put(p, text_decimal(p, i + 1));
                sep = ",";
            }
    text_put(p, "](");
    text_put(p, name);
    text_put(p, ")");
    put_call(p, "", arg + 1 + n, n);
}

static void write_element(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = term_argc(p->ctx, t) - 1;
    put_array(p, arg[0]);
    text_put(p, "[");
    text_put_list(p, arg + 1, rank, ",", PREC_TIGHT);
    text_put(p, "]");
    for (uint32_t k = 0; k < rank; k++) text_scope_note(p, arg[0], k, arg[1 + k]);
}

/* ---- conditions ----------------------------------------------------------------------------- */

static const char *rel_sign(const printer *p, term_rel r, bool turned)
{
    const struct signs *s = signs_of(p);
    switch (r) {
    case REL_EQ: return s->equal;
    case REL_NE: return s->differs;
    case REL_LT: return turned ? " > " : " < ";
    default: return turned ? s->greater_equal : s->less_equal;
    }
}

static void write_rel(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    bool turned = text_rel_turned(p, t);
    text_put_term(p, arg[turned], PREC_SUM);
    text_put(p, rel_sign(p, (term_rel)term_aux(p->ctx, t), turned));
    text_put_term(p, arg[!turned], PREC_SUM);
}

static void write_and(printer *p, term t)
{
    term low, high;
    if (text_rel_chain(p, t, &low, &high)) {
        text_put_term(p, term_arg(p->ctx, low, 0), PREC_SUM);
        text_put(p, rel_sign(p, (term_rel)term_aux(p->ctx, low), false));
        text_put_term(p, term_arg(p->ctx, low, 1), PREC_SUM);
        text_put(p, rel_sign(p, (term_rel)term_aux(p->ctx, high), false));
        text_put_term(p, term_arg(p->ctx, high, 1), PREC_SUM);
        return;
    }
    text_put_list(p, term_args(p->ctx, t), term_argc(p->ctx, t), signs_of(p)->and, PREC_NOT);
}

static void write_cases(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    text_put(p, "{");
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        if (i) text_put(p, "; ");
        text_put_term(p, arg[i + 1], PREC_SUM);
        text_put(p, " if ");
        text_put_term(p, arg[i], PREC_ANY);
    }
    if (n % 2) {
        text_put(p, "; ");
        text_put_term(p, arg[n - 1], PREC_SUM);
        text_put(p, " otherwise");
    }
    text_put(p, "}");
}

/* ---- binders -------------------------------------------------------------------------------- */

static void write_binder(printer *p, term t, const char *name)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = (term_argc(p->ctx, t) - 1) / 3, first = (uint32_t)p->scopes.n;
    text_put(p, name);
    text_put(p, "[");
    for (uint32_t k = 0; k < rank; k++) {
        uint32_t scope = text_scope_new(p, t, k);
        if (p->broken) return;
        if (k) text_put(p, ",");
        text_put(p, p->scopes.at[scope].name);
        text_put_range_from(p, scope, 0);
        text_put(p, "=");
        text_put_term(p, arg[3 * k + 1], PREC_TIGHT);
        text_put(p, "..");
        text_put_term(p, arg[3 * k + 2], PREC_TIGHT);
        text_put_range_to(p, scope, 0);
    }
    text_put(p, "](");
    for (uint32_t k = 0; k < rank; k++) text_put_item(p, I_ENTER, first + k);
    text_put_term(p, arg[3 * rank], PREC_ANY);
    for (uint32_t k = rank; k > 0; k--) text_put_item(p, I_LEAVE, first + k - 1);
    text_put(p, ")");
}

static const char *reducer_name(const printer *p, term_red r)
{
    if (p->form == FORM_UNICODE && r == RED_SUM) return "∑";
    if (p->form == FORM_UNICODE && r == RED_PROD) return "∏";
    return term_red_name(r);
}

/* ---- calculus ------------------------------------------------------------------------------- */

static void put_order(printer *p, long order)
{
    if (order == 1) return;
    const char *digits = text_decimal(p, (unsigned long)order);
    const char *up = p->form == FORM_UNICODE ? superscript(p, digits) : NULL;
    if (!up) text_put(p, "^");
    text_put(p, up ? up : digits);
}

static void write_derivative(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    const char *d = p->form == FORM_UNICODE && p->partial_d ? "∂" : "d";
    long total = 0, order = 0;
    for (uint32_t i = 2; i < n; i += 2)
        if (term_get_long(p->ctx, arg[i], &order)) total += order;
    text_put(p, d);
    put_order(p, total);
    text_put(p, "/");
    for (uint32_t i = 1; i + 1 < n; i += 2) {
        text_put(p, d);
        text_put_term(p, arg[i], PREC_ATOM);
        if (term_get_long(p->ctx, arg[i + 1], &order)) put_order(p, order);
    }
    text_put(p, " (");
    text_put_term(p, arg[0], PREC_ANY);
    text_put(p, ")");
}

static void write_limit(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t side = term_aux(p->ctx, t);
    text_put(p, "lim[");
    text_put_term(p, arg[1], PREC_ATOM);
    text_put(p, signs_of(p)->arrow);
    text_put_term(p, arg[2], PREC_SUM);
    text_put(p, side == SIDE_RIGHT ? "+" : side == SIDE_LEFT ? "-" : "");
    text_put(p, "](");
    text_put_term(p, arg[0], PREC_ANY);
    text_put(p, ")");
}

/* ---- everything ----------------------------------------------------------------------------- */

static void write_term(printer *p, term t)
{
    const gradus_ctx *ctx = p->ctx;
    const term *arg = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t), aux = term_aux(ctx, t);
    switch (term_get_op(ctx, t)) {
    case OP_CONST: text_put(p, signs_of(p)->constant[aux]); break;
    case OP_UNDEF: text_put(p, "undefined"); break;
    case OP_BOOL: text_put(p, aux ? "true" : "false"); break;
    case OP_SYM:
    case OP_BOUND: text_put(p, shown_name(p, t)); break;
    case OP_FN: put_call(p, fn_get((fn_id)aux)->name, arg, n); break;
    case OP_CALL: write_call(p, t); break;
    case OP_ACC: write_element(p, t); break;
    case OP_BRACKET:
        text_put(p, "[");
        text_put_term(p, arg[0], PREC_ANY);
        text_put(p, "]");
        break;
    case OP_REL: write_rel(p, t); break;
    case OP_AND: write_and(p, t); break;
    case OP_OR: text_put_list(p, arg, n, signs_of(p)->or, PREC_AND); break;
    case OP_NOT:
        text_put(p, signs_of(p)->not );
        text_put_term(p, arg[0], PREC_ATOM);
        break;
    case OP_CASES: write_cases(p, t); break;
    case OP_REDUCE: write_binder(p, t, reducer_name(p, (term_red)aux)); break;
    case OP_ARRAY: write_binder(p, t, "array"); break;
    case OP_TUPLE:
        text_put(p, "(");
        text_put_list(p, arg, n, ", ", PREC_ANY);
        text_put(p, n == 1 ? ",)" : ")");
        break;
    case OP_MATFN:
        text_put(p, text_matfn_name((term_matfn)aux));
        text_put(p, "(");
        put_array(p, arg[0]);
        text_put(p, ")");
        break;
    case OP_EXTENT:
        text_put(p, "size(");
        put_array(p, arg[0]);
        text_put(p, ", ");
        text_put_term(p, arg[1], PREC_ANY);
        text_put(p, ")");
        break;
    case OP_DERIV: write_derivative(p, t); break;
    case OP_LIMIT: write_limit(p, t); break;
    default:
        ctx_fail(p->ctx, GRADUS_BUG);
        p->broken = true;
        break;
    }
}

void text_write_plain(printer *p, const dnode *d, uint32_t from)
{
    switch (d->kind) {
    case D_NUM: text_put(p, d->str); break;
    case D_EXP: text_put(p, "e"); break;
    case D_SUM: write_sum(p, d, from); break;
    case D_NEG:
        text_put(p, signs_of(p)->minus);
        text_put_kid(p, d->kid, PREC_MUL);
        break;
    case D_PROD: write_product(p, d); break;
    case D_FRAC: write_fraction(p, d); break;
    case D_POW: write_power(p, d); break;
    case D_SQRT:
        text_put(p, signs_of(p)->root);
        text_put(p, "(");
        text_put_kid(p, d->kid, PREC_ANY);
        text_put(p, ")");
        break;
    default: write_term(p, d->t); break;
    }
}
