/* elab_call: f(...): a defined function, an operator, a word of notation.def or a row of func.def. */
#include "text/elab_impl.h"

static void child_nodes(elab *e, uint32_t node, uint32_t *out, uint32_t n)
{
    uint32_t c = tree(e, node)->child;
    for (uint32_t i = 0; i < n; i++, c = tree(e, c)->next) out[i] = c;
}

/* ---- rows of func.def ------------------------------------------------------------------------ */

static bool check_arity(elab *e, uint32_t node, const fn_row *row, uint32_t n)
{
    uint32_t wants = (uint32_t)row->arity;
    bool variadic = (row->flags & FN_VARIADIC) != 0;
    if (variadic ? n >= wants : n == wants) return true;
    const char *letters[] = {"x", "x, y", "x, y, z"};
    return elab_error(
        e, GRADUS_SYNTAX, node,
        reader_text(e->r, "%s(%s%s)", row->name, letters[wants > 3 ? 2 : wants - 1], variadic ? ", ..." : ""),
        "%s takes %s%u argument%s, not %u", row->name, variadic ? "at least " : "", (unsigned)wants,
        wants == 1 ? "" : "s", (unsigned)n);
}

/* A function of numbers; of arrays entry by entry. */
bool elab_apply_fn(elab *e, uint32_t node, fn_id f, const value *v, uint32_t n, value *out)
{
    gradus_ctx *ctx = e->ctx;
    if (!check_arity(e, node, fn_get(f), n)) return false;
    uint32_t *nodes = arena_alloc(&e->r->mem, n * sizeof *nodes);
    term *t = arena_alloc(&e->r->mem, n * sizeof *t);
    if (!nodes || !t) return false;
    child_nodes(e, node, nodes, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!need_value(e, &v[i], nodes[i])) return false;
        t[i] = v[i].t;
    }
    if (!array_agree(e, v, nodes, n, node, out)) return false;
    if (out->kind == V_ARRAY) e->r->state->noted |= 1u << NOTED_ENTRIES;
    out->t = term_raw_apply(ctx, f, t, n);
    return out->t != TERM_NONE;
}

/* ---- defined functions ----------------------------------------------------------------------- */

bool elab_user_call(elab *e, uint32_t node, term f, const uint32_t *orders, const value *v, uint32_t n,
                    value *out)
{
    gradus_ctx *ctx = e->ctx;
    const char *name = term_sym_name(ctx, f);
    uint32_t arity = term_sym_info(ctx, f)->rank, nodes[SYM_MAX_RANK];
    term t[SYM_MAX_RANK];
    if (n != arity || n > SYM_MAX_RANK)
        return elab_error(e, GRADUS_SYNTAX, node, NULL, "%s takes %u argument%s, not %u", name,
                          (unsigned)arity, arity == 1 ? "" : "s", (unsigned)n);
    child_nodes(e, node, nodes, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!need_value(e, &v[i], nodes[i])) return false;
        t[i] = v[i].t;
    }
    if (!array_agree(e, v, nodes, n, node, out)) return false;
    out->t = term_call(ctx, f, orders, t, n);
    return out->t != TERM_NONE;
}

static bool is_letter_name(const name_entry *n)
{
    static const char *const greek[] = {"phi", "psi", "Phi", "Psi", "varphi", "sigma", "eta", "rho"};
    for (size_t i = 0; i < sizeof greek / sizeof greek[0]; i++)
        if (strcmp(greek[i], n->text) == 0) return true;
    return n->length == 1;
}

/* LaTeX writes f(x) for a function that is known only by its letter: an undefined function of that many
 * arguments. */
static bool generic_function(elab *e, uint32_t node, uint32_t arity, term *f)
{
    const name_entry *n = &e->r->names.at[tree(e, node)->name];
    *f = TERM_NONE;
    if (e->r->door != TEXT_LATEX || !is_letter_name(n) || n->as_scalar || n->indexed ||
        text_is_known(e->ctx, n->text, n->length) || arity > SYM_MAX_RANK)
        return true;
    *f = elab_symbol(e, tree(e, node)->name, node);
    if (!*f) return false;
    sym_info *info = term_sym_info(e->ctx, *f);
    info->role = ROLE_FUNCTION;
    info->rank = arity;
    return true;
}

static term function_symbol(elab *e, uint32_t name)
{
    const name_entry *n = &e->r->names.at[name];
    term f = term_find_sym(e->ctx, n->text, n->length);
    bool own = text_state_get(e->ctx)->own;
    return f && !own && term_sym_info(e->ctx, f)->role == ROLE_FUNCTION && !elab_bound(e, name) ? f
                                                                                                : TERM_NONE;
}

bool elab_call(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    const name_entry *name = &e->r->names.at[t->name];
    term f = function_symbol(e, t->name);
    if (f) return elab_user_call(e, node, f, NULL, v, n, out);
    bool value_name = elab_bound(e, t->name) || text_is_known(e->ctx, name->text, name->length);
    if (!value_name && t->name >= KW_GRAD && t->name <= KW_D) return elab_operator(e, node, v, n, out);
    bool one_array = n == 1 && v[0].kind == V_ARRAY;
    if (one_array && (t->name == KW_MAX || t->name == KW_MIN)) {
        fn_id fn = t->name == KW_MAX ? FN_max : FN_min;
        return notation_call(e, node, -(int)fn, v, n, out);
    }
    int which;
    if (!value_name && notation_find(name->text, name->length, &which))
        return notation_call(e, node, which, v, n, out);
    fn_id fn = fn_find(name->text, name->length);
    if (fn != FN_NONE && !value_name) {
        if (fn == FN_log && n == 2) { /* log(x, b) */
            value num, den;
            if (!elab_apply_fn(e, node, fn, &v[0], 1, &num) ||
                !need_number(e, &v[1], t->last, "a number as base") ||
                !elab_apply_fn(e, node, fn, &v[1], 1, &den))
                return false;
            *out = num;
            out->t = term_raw_mul(e->ctx, (term[]){num.t, den.t},
                                  (term[]){term_int(e->ctx, 1), term_int(e->ctx, -1)}, 2);
            return out->t != TERM_NONE;
        }
        return elab_apply_fn(e, node, fn, v, n, out);
    }
    if (!generic_function(e, node, n, &f)) return false;
    return f ? elab_user_call(e, node, f, NULL, v, n, out) : elab_unknown_function(e, node);
}

bool elab_partial(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    term f = function_symbol(e, t->name);
    uint32_t orders[SYM_MAX_RANK];
    if (!f && !generic_function(e, node, n, &f)) return false;
    if (!f) return elab_unknown_function(e, node);
    for (uint32_t k = 0; k < SYM_MAX_RANK; k++) {
        orders[k] = t->extra >> (5 * k) & 31;
        if (k >= n && orders[k])
            return elab_error(e, GRADUS_SYNTAX, node, NULL, "%s has no argument %u", elab_name(e, t->name),
                              (unsigned)k + 1);
    }
    return elab_user_call(e, node, f, orders, v, n, out);
}

/* ---- primes ---------------------------------------------------------------------------------- */

static bool lonely_prime(elab *e, uint32_t node)
{
    const tree_node *t = tree(e, node);
    const char *text = elab_name(e, t->name);
    term sym = term_find_sym(e->ctx, text, strlen(text));
    sym_role role = sym ? term_sym_info(e->ctx, sym)->role : ROLE_VARIABLE;
    if (role == ROLE_FUNCTION || fn_find(text, strlen(text)) != FN_NONE)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s'(x)", text),
                          "at which point is the derivative of %s taken?", text);
    if (sym && term_sym_info(e->ctx, sym)->rank > 0)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s^T", text),
                          "a prime is a derivative, never a transpose");
    return elab_error(e, GRADUS_SYNTAX, node,
                      reader_text(e->r, "%s'(x) for a derivative, %s^T for a transpose", text, text),
                      "a prime stands after the name of a function, before its argument");
}

/* sin'(x): the function is not a defined one; at a plain variable its derivative is d/dx (sin(x)). */
static bool primed_table_function(elab *e, uint32_t node, fn_id f, const value *v, uint32_t n, value *out)
{
    const char *name = fn_get(f)->name;
    bool variable = n == 1 && v[0].kind == V_NUMBER && term_is(e->ctx, v[0].t, OP_SYM) &&
                    term_sym_info(e->ctx, v[0].t)->role != ROLE_INDEX;
    if (!variable)
        return elab_error(e, GRADUS_UNABLE, node,
                          reader_text(e->r, "define f(u) = %s(u), then write f'(...)", name),
                          "%s' is read only at a variable: %s'(x)", name, name);
    uint32_t order = tree(e, node)->extra;
    if (!elab_apply_fn(e, node, f, v, n, out)) return false;
    out->t = term_deriv(e->ctx, out->t, &v[0].t, &order, 1);
    return out->t != TERM_NONE;
}

bool elab_primed(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    const tree_node *t = tree(e, node);
    const name_entry *name = &e->r->names.at[t->name];
    if (n == 0) return lonely_prime(e, node);
    term f = function_symbol(e, t->name);
    if (!f && fn_find(name->text, name->length) != FN_NONE &&
        !text_is_known(e->ctx, name->text, name->length))
        return primed_table_function(e, node, fn_find(name->text, name->length), v, n, out);
    if (!f && !generic_function(e, node, n, &f)) return false;
    if (!f) return elab_unknown_function(e, node);
    if (term_sym_info(e->ctx, f)->rank != 1)
        return elab_error(e, GRADUS_SYNTAX, node,
                          reader_text(e->r, "d/dx (%s(...)) or grad(%s)(p)", name->text, name->text),
                          "%s has %u arguments: a prime does not say which one", name->text,
                          (unsigned)term_sym_info(e->ctx, f)->rank);
    uint32_t order = t->extra;
    return elab_user_call(e, node, f, &order, v, n, out);
}
