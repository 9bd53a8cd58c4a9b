/* print_latex: what the LaTeX reader reads back.
 *
 * Products are juxtaposed where that is read as a product and set with \cdot where it is not: before a digit,
 * and between a name and a bracket. A sum sign, a limit and d/dx reach to the end of their product, so they
 * are put in brackets unless they stand last. Brackets grow (\left, \right) only around something tall. */
#include "text/print_impl.h"

#include <string.h>

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_letters(const char *s)
{
    for (; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))) return false;
    return true;
}

static const char *kept(printer *p, const char *s)
{
    if (!s) p->broken = true;
    return s ? s : "";
}

/* x, \alpha, \mathrm{rate}, \mathrm{x\_1} */
static const char *shown_name(printer *p, const char *name)
{
    uint32_t code;
    if (is_letters(name) && !name[1]) return name;
    if (text_greek_name(name)) return kept(p, arena_printf(&p->scratch, "\\%s", text_greek_name(name)));
    int len = utf8_decode(name, strlen(name), &code);
    if (len > 1 && !name[len]) return name;
    size_t n = strlen(name), k = 0;
    char *s = arena_alloc(&p->scratch, 2 * n + 16);
    if (!s) return kept(p, s);
    k = (size_t)(stpcpy(s, "\\mathrm{") - s);
    for (size_t i = 0; i < n; i++) {
        if (name[i] == '_') s[k++] = '\\';
        s[k++] = name[i];
    }
    s[k++] = '}';
    s[k] = '\0';
    return s;
}

static const char *symbol(printer *p, term t)
{
    return shown_name(p, text_name(p, t));
}

static void put_arguments(printer *p, const term *arg, uint32_t n)
{
    uint32_t holes;
    text_put_open(p, &holes);
    text_put_list(p, arg, n, ", ", PREC_ANY);
    text_put_close(p, holes);
}

static void put_group(printer *p, const dnode *d)
{
    text_put(p, "{");
    text_put_kid(p, d, PREC_ANY);
    text_put(p, "}");
}

/* ---- products ------------------------------------------------------------------------------- */

/* How a factor looks at its edges. */
typedef enum edge { EDGE_PLAIN, EDGE_DIGIT, EDGE_NAME, EDGE_OPEN } edge;

static bool reaches_on(const printer *p, const dnode *d)
{
    if (d->kind != D_TERM) return false;
    term_op op = term_get_op(p->ctx, d->t);
    return op == OP_REDUCE || op == OP_LIMIT || op == OP_DERIV;
}

static edge base_edge(const printer *p, term base);

/* The edge with which an operator begins when it is a factor. `last`: nothing follows, so that a sum sign or
 * d/dx stands without brackets. */
static edge left_edge_of_term(const printer *p, term t, bool last)
{
    switch (term_get_op(p->ctx, t)) {
    case OP_NUM: return EDGE_DIGIT;
    case OP_POW: return base_edge(p, term_arg(p->ctx, t, 0));
    case OP_REDUCE:
    case OP_LIMIT:
    case OP_DERIV: return last ? EDGE_PLAIN : EDGE_OPEN;
    case OP_ADD:
    case OP_MUL:
    case OP_TUPLE:
    case OP_REL:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_BRACKET: return EDGE_OPEN;
    default: return EDGE_PLAIN;
    }
}

/* Of a power: its base decides; a power and cases stand in brackets then. */
static edge base_edge(const printer *p, term base)
{
    term_op op = term_get_op(p->ctx, base);
    bool open = op == OP_POW || op == OP_CASES || (op == OP_FN && term_aux(p->ctx, base) == FN_exp);
    return open ? EDGE_OPEN : left_edge_of_term(p, base, false);
}

static edge left_edge(const printer *p, const dnode *d, bool last)
{
    bool base = d->kind == D_POW;
    if (base) d = &d->kid[0];
    switch (d->kind) {
    case D_NUM: return EDGE_DIGIT;
    case D_NEG:
    case D_SUM:
    case D_POW: return EDGE_OPEN;
    case D_FRAC: return base ? EDGE_OPEN : EDGE_PLAIN;
    case D_TERM: return base ? base_edge(p, d->t) : left_edge_of_term(p, d->t, last);
    default: return EDGE_PLAIN;
    }
}

static edge right_edge(const printer *p, const dnode *d)
{
    if (d->kind == D_NUM) return EDGE_DIGIT;
    if (d->kind == D_EXP || d->kind == D_POW) return EDGE_NAME;
    if (d->kind != D_TERM) return EDGE_PLAIN;
    switch (term_get_op(p->ctx, d->t)) {
    case OP_SYM:
    case OP_BOUND:
    case OP_CONST:
    case OP_ACC:
    case OP_UNDEF: return EDGE_NAME;
    default: return EDGE_PLAIN;
    }
}

static const char *times(const printer *p, const dnode *a, const dnode *b, bool last)
{
    edge l = right_edge(p, a), r = left_edge(p, b, last);
    if (r == EDGE_DIGIT || (r == EDGE_OPEN && l == EDGE_NAME) || dnode_is_number(b)) return " \\cdot ";
    return " ";
}

static void write_product(printer *p, const dnode *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const dnode *kid = &d->kid[i];
        print_prec least = PREC_PREFIX;
        bool last = i + 1 == d->n;
        if (kid->kind == D_FRAC && kid->prec == PREC_MUL) least = PREC_MUL;
        else if (i == 0 && kid->kind == D_NEG && dnode_is_number(kid->kid)) least = PREC_NEG;
        else if (reaches_on(p, kid)) least = last ? PREC_ANY : PREC_ATOM;
        if (i) text_put(p, times(p, &d->kid[i - 1], kid, last));
        text_put_kid(p, kid, least);
    }
}

/* ---- other laid-out nodes ------------------------------------------------------------------- */

static void write_sum(printer *p, const dnode *d, uint32_t from)
{
    for (uint32_t i = from; i < d->n; i++) {
        const dnode *kid = &d->kid[i];
        if (i == from + PRINT_CHUNK) {
            text_put_rest(p, d, i);
            return;
        }
        if (i && d->tight) text_put(p, kid->neg ? "-" : "+");
        else if (i) text_put(p, kid->neg ? " - " : " + ");
        else if (kid->neg) text_put(p, "-");
        text_put_kid(p, kid, i || kid->neg ? PREC_MUL : PREC_NEG);
    }
}

static void write_fraction(printer *p, const dnode *d)
{
    text_put_item(p, I_TALL, 0);
    text_put(p, "\\frac");
    put_group(p, &d->kid[0]);
    put_group(p, &d->kid[1]);
}

static void write_number(printer *p, const char *digits)
{
    const char *e = strchr(digits, 'e');
    if (!e) {
        text_put(p, digits);
        return;
    }
    text_put(p, kept(p, arena_printf(&p->scratch, "%.*s \\cdot 10^{%s}", (int)(e - digits), digits, e + 1)));
}

static bool is_command(const char *latex)
{
    return latex[0] == '\\' && is_letters(latex + 1);
}

/* \sin^{2}(x): the exponent of a named function stands with its name, where it cannot be taken for the
 * argument's. */
static bool write_function_power(printer *p, const dnode *d)
{
    const dnode *base = &d->kid[0], *e = &d->kid[1];
    if (base->kind != D_TERM || e->kind != D_NUM || !term_is(p->ctx, base->t, OP_FN)) return false;
    const fn_row *row = fn_get((fn_id)term_aux(p->ctx, base->t));
    if (row->arity != 1 || !is_command(row->latex) || term_aux(p->ctx, base->t) == FN_exp ||
        strchr(e->str, 'e'))
        return false;
    text_put(p, row->latex);
    text_put(p, "^{");
    text_put(p, e->str);
    text_put(p, "}");
    put_arguments(p, term_args(p->ctx, base->t), term_argc(p->ctx, base->t));
    return true;
}

static void write_power(printer *p, const dnode *d)
{
    const dnode *e = &d->kid[1];
    if (write_function_power(p, d)) return;
    bool cases = d->kid[0].kind == D_TERM && term_is(p->ctx, d->kid[0].t, OP_CASES);
    text_put_kid(p, &d->kid[0], cases ? PREC_ATOM : PREC_CALL);
    text_put(p, "^{");
    if (e->kind == D_FRAC && dnode_is_number(e)) {
        text_put_kid(p, &e->kid[0], PREC_ANY);
        text_put(p, "/");
        text_put_kid(p, &e->kid[1], PREC_ANY);
    } else {
        if (e->kind != D_NUM && !(e->kind == D_TERM && term_argc(p->ctx, e->t) == 0))
            text_put_item(p, I_TALL, 0);
        text_put_kid(p, e, PREC_ANY);
    }
    text_put(p, "}");
}

/* ---- elements, calls, conditions ------------------------------------------------------------ */

static void put_array(printer *p, term t)
{
    bool transposed;
    term sym = text_eta(p, t, &transposed);
    if (!sym) {
        text_put_term(p, t, PREC_CALL);
        return;
    }
    text_put(p, symbol(p, sym));
    if (transposed) text_put(p, "^{T}");
}

static void write_element(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = term_argc(p->ctx, t) - 1;
    bool name = term_is(p->ctx, arg[0], OP_SYM);
    if (name) {
        put_array(p, arg[0]);
    } else {
        text_put(p, "{");
        put_array(p, arg[0]);
        text_put(p, "}");
    }
    text_put(p, "_{");
    text_put_list(p, arg + 1, rank, ",", PREC_TIGHT);
    text_put(p, "}");
    for (uint32_t k = 0; k < rank; k++) text_scope_note(p, arg[0], k, arg[1 + k]);
}

/* f(x), f'(x), D_{1,2}(f)(x, y) */
static void write_call(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = (term_argc(p->ctx, t) - 1) / 2;
    long order = 0, total = 0;
    for (uint32_t i = 0; i < n; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order)) total += order;
    if (n == 1 || total == 0) {
        text_put(p, symbol(p, arg[0]));
        for (long i = 0; i < total; i++) text_put(p, "'");
        put_arguments(p, arg + 1 + n, n);
        return;
    }
    const char *sep = "D_{";
    for (uint32_t i = 0; i < n; i++)
        if (term_get_long(p->ctx, arg[1 + i], &order))
            for (; order > 0; order--) {
                text_put(p, sep);
                text_put(p, text_decimal(p, i + 1));
                sep = ",";
            }
    text_put(p, "}(");
    text_put(p, symbol(p, arg[0]));
    text_put(p, ")");
    put_arguments(p, arg + 1 + n, n);
}

static const char *rel_sign(term_rel r, bool turned)
{
    switch (r) {
    case REL_EQ: return " = ";
    case REL_NE: return " \\neq ";
    case REL_LT: return turned ? " > " : " < ";
    default: return turned ? " \\geq " : " \\leq ";
    }
}

static void write_rel(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    bool turned = text_rel_turned(p, t);
    text_put_term(p, arg[turned], PREC_SUM);
    text_put(p, rel_sign((term_rel)term_aux(p->ctx, t), turned));
    text_put_term(p, arg[!turned], PREC_SUM);
}

static void write_and(printer *p, term t)
{
    term low, high;
    if (!text_rel_chain(p, t, &low, &high)) {
        text_put_list(p, term_args(p->ctx, t), term_argc(p->ctx, t), " \\land ", PREC_NOT);
        return;
    }
    text_put_term(p, term_arg(p->ctx, low, 0), PREC_SUM);
    text_put(p, rel_sign((term_rel)term_aux(p->ctx, low), false));
    text_put_term(p, term_arg(p->ctx, low, 1), PREC_SUM);
    text_put(p, rel_sign((term_rel)term_aux(p->ctx, high), false));
    text_put_term(p, term_arg(p->ctx, high, 1), PREC_SUM);
}

static void write_cases(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    text_put_item(p, I_TALL, 0);
    text_put(p, "\\begin{cases} ");
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        if (i) text_put(p, " \\\\ ");
        text_put_term(p, arg[i + 1], PREC_SUM);
        text_put(p, " & \\text{if } ");
        text_put_term(p, arg[i], PREC_ANY);
    }
    if (n % 2) {
        text_put(p, " \\\\ ");
        text_put_term(p, arg[n - 1], PREC_SUM);
        text_put(p, " & \\text{otherwise}");
    }
    text_put(p, " \\end{cases}");
}

/* ---- binders and calculus ------------------------------------------------------------------- */

static const char *reducer(term_red r)
{
    switch (r) {
    case RED_SUM: return "\\sum";
    case RED_PROD: return "\\prod";
    case RED_MAX: return "\\max";
    case RED_MIN: return "\\min";
    case RED_MEAN: return "\\operatorname{mean}";
    case RED_ARGMAX: return "\\operatorname{argmax}";
    case RED_ARGMIN: return "\\operatorname{argmin}";
    default: return "\\operatorname{logsumexp}";
    }
}

static void write_reduce(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    term_red r = (term_red)term_aux(p->ctx, t);
    uint32_t scope = text_scope_new(p, t, 0), holes;
    if (p->broken) return;
    text_put_item(p, I_TALL, 0);
    text_put(p, reducer(r));
    text_put(p, "_{");
    text_put(p, shown_name(p, p->scopes.at[scope].name));
    text_put_range_from(p, scope, 0);
    text_put(p, "=");
    text_put_term(p, arg[1], PREC_TIGHT);
    text_put_range_to(p, scope, 0);
    text_put(p, "}");
    text_put_range_from(p, scope, 1);
    text_put(p, "^{");
    text_put_term(p, arg[2], PREC_TIGHT);
    text_put(p, "}");
    text_put_range_to(p, scope, 1);
    text_put_item(p, I_ENTER, scope);
    if (r == RED_SUM || r == RED_PROD) {
        text_put(p, " ");
        text_put_term(p, arg[3], PREC_MUL);
    } else {
        text_put_open(p, &holes);
        text_put_term(p, arg[3], PREC_ANY);
        text_put_close(p, holes);
    }
    text_put_item(p, I_LEAVE, scope);
}

static void write_array(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t rank = (term_argc(p->ctx, t) - 1) / 3, first = (uint32_t)p->scopes.n;
    text_put(p, "\\operatorname{array}_{");
    for (uint32_t k = 0; k < rank; k++) {
        uint32_t scope = text_scope_new(p, t, k);
        if (p->broken) return;
        if (k) text_put(p, ",");
        text_put(p, shown_name(p, p->scopes.at[scope].name));
        text_put_range_from(p, scope, 0);
        text_put(p, "=");
        text_put_term(p, arg[3 * k + 1], PREC_TIGHT);
        text_put(p, "..");
        text_put_term(p, arg[3 * k + 2], PREC_TIGHT);
        text_put_range_to(p, scope, 0);
    }
    text_put(p, "}");
    for (uint32_t k = 0; k < rank; k++) text_put_item(p, I_ENTER, first + k);
    put_arguments(p, arg + 3 * rank, 1);
    for (uint32_t k = rank; k > 0; k--) text_put_item(p, I_LEAVE, first + k - 1);
}

static void put_order(printer *p, long order)
{
    if (order == 1) return;
    text_put(p, "^{");
    text_put(p, text_decimal(p, (unsigned long)order));
    text_put(p, "}");
}

static void write_derivative(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t n = term_argc(p->ctx, t);
    long total = 0, order = 0;
    for (uint32_t i = 2; i < n; i += 2)
        if (term_get_long(p->ctx, arg[i], &order)) total += order;
    text_put_item(p, I_TALL, 0);
    text_put(p, p->partial_d ? "\\frac{\\partial" : "\\frac{d");
    put_order(p, total);
    text_put(p, "}{");
    for (uint32_t i = 1; i + 1 < n; i += 2) {
        if (i > 1) text_put(p, " ");
        text_put(p, p->partial_d ? "\\partial " : "d");
        text_put_term(p, arg[i], PREC_ATOM);
        if (term_get_long(p->ctx, arg[i + 1], &order)) put_order(p, order);
    }
    text_put(p, "} ");
    put_arguments(p, arg, 1);
}

static void write_limit(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    uint32_t side = term_aux(p->ctx, t);
    text_put_item(p, I_TALL, 0);
    text_put(p, "\\lim_{");
    text_put_term(p, arg[1], PREC_ATOM);
    text_put(p, " \\to ");
    text_put_term(p, arg[2], side == SIDE_BOTH ? PREC_SUM : PREC_ATOM);
    text_put(p, side == SIDE_RIGHT ? "^{+}} " : side == SIDE_LEFT ? "^{-}} " : "} ");
    text_put_term(p, arg[0], PREC_MUL);
}

/* ---- everything ----------------------------------------------------------------------------- */

static void write_function(printer *p, term t)
{
    const term *arg = term_args(p->ctx, t);
    fn_id f = (fn_id)term_aux(p->ctx, t);
    if (f != FN_abs) {
        text_put(p, fn_get(f)->latex);
        put_arguments(p, arg, term_argc(p->ctx, t));
        return;
    }
    text_put(p, "\\left|");
    text_put_term(p, arg[0], PREC_ANY);
    text_put(p, "\\right|");
}

static void write_tuple(printer *p, term t)
{
    uint32_t holes, n = term_argc(p->ctx, t);
    text_put_open(p, &holes);
    text_put_list(p, term_args(p->ctx, t), n, ", ", PREC_ANY);
    text_put(p, n == 1 ? "," : "");
    text_put_close(p, holes);
}

static void write_term(printer *p, term t)
{
    static const char *const constant[] = {"\\pi", "e", "\\infty"};
    const gradus_ctx *ctx = p->ctx;
    const term *arg = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t), aux = term_aux(ctx, t);
    switch (term_get_op(ctx, t)) {
    case OP_CONST: text_put(p, constant[aux]); break;
    case OP_UNDEF: text_put(p, "\\text{undefined}"); break;
    case OP_BOOL: text_put(p, aux ? "\\text{true}" : "\\text{false}"); break;
    case OP_SYM:
    case OP_BOUND: text_put(p, symbol(p, t)); break;
    case OP_FN: write_function(p, t); break;
    case OP_CALL: write_call(p, t); break;
    case OP_ACC: write_element(p, t); break;
    case OP_BRACKET:
        text_put(p, "[");
        text_put_term(p, arg[0], PREC_ANY);
        text_put(p, "]");
        break;
    case OP_REL: write_rel(p, t); break;
    case OP_AND: write_and(p, t); break;
    case OP_OR: text_put_list(p, arg, n, " \\lor ", PREC_AND); break;
    case OP_NOT:
        text_put(p, "\\lnot ");
        text_put_term(p, arg[0], PREC_ATOM);
        break;
    case OP_CASES: write_cases(p, t); break;
    case OP_REDUCE: write_reduce(p, t); break;
    case OP_ARRAY: write_array(p, t); break;
    case OP_TUPLE: write_tuple(p, t); break;
    case OP_MATFN:
        text_put(p, "\\operatorname{");
        text_put(p, text_matfn_name((term_matfn)aux));
        text_put(p, "}(");
        put_array(p, arg[0]);
        text_put(p, ")");
        break;
    case OP_EXTENT:
        text_put(p, "\\operatorname{size}(");
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

void text_write_latex(printer *p, const dnode *d, uint32_t from)
{
    switch (d->kind) {
    case D_NUM: write_number(p, d->str); break;
    case D_EXP: text_put(p, "e"); break;
    case D_SUM: write_sum(p, d, from); break;
    case D_NEG:
        text_put(p, "-");
        text_put_kid(p, d->kid, PREC_MUL);
        break;
    case D_PROD: write_product(p, d); break;
    case D_FRAC: write_fraction(p, d); break;
    case D_POW: write_power(p, d); break;
    case D_SQRT:
        text_put_item(p, I_TALL, 0);
        text_put(p, "\\sqrt");
        put_group(p, d->kid);
        break;
    default: write_term(p, d->t); break;
    }
}
