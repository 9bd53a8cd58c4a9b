/* elab_name: what a name means: an index or formal in scope, a constant, a symbol; and what to say when it
 * means nothing. */
#include "text/elab_impl.h"

/* ---- what the text uses each name for -------------------------------------------------------- */

/* LaTeX x_i: x is an array if it is known as one or if some index of it is a bound one. */
static void survey_subscripts(elab *e)
{
    reader *r = e->r;
    if (r->door != TEXT_LATEX) return;
    for (uint32_t i = 1; i < r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind == NODE_BINDER) r->names.at[t->name].is_index = true;
        if (t->kind != NODE_STATEMENT || tree(e, t->child)->kind != NODE_COMPARE) continue;
        const tree_node *left = tree(e, tree(e, t->child)->child);
        for (uint32_t c = left->kind == NODE_SUBSCRIPT && r->defining ? left->child : 0; c;
             c = tree(e, c)->next)
            if (tree(e, c)->kind == NODE_NAME) r->names.at[tree(e, c)->name].is_index = true;
    }
    for (uint32_t i = 1; i < r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind != NODE_SUBSCRIPT) continue;
        name_entry *base = &r->names.at[t->extra];
        term s = term_find_sym(e->ctx, base->text, base->length);
        bool array = s && term_sym_info(e->ctx, s)->rank > 0 &&
                     term_sym_info(e->ctx, s)->role != ROLE_FUNCTION;
        for (uint32_t c = t->child; c && !array; c = tree(e, c)->next)
            array = tree(e, c)->kind == NODE_NAME && r->names.at[tree(e, c)->name].is_index;
        if (array && !base->indexed) base->indexed = (uint8_t)(t->n > 250 ? 250 : t->n);
    }
}

/* NAME nodes that are whole indices (a[k]) get extra = 1; the others make their name `as_scalar`. */
void elab_survey(elab *e)
{
    reader *r = e->r;
    survey_subscripts(e);
    for (uint32_t i = 1; i < r->nodes.n && r->door == TEXT_LATEX; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind == NODE_DERIVATIVE && t->name &&
            !text_is_known(e->ctx, elab_name(e, t->name), r->names.at[t->name].length))
            r->names.at[t->name].dependent = true;
    }
    for (uint32_t i = 1; i < r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind != NODE_INDEX && t->kind != NODE_VARIABLE && t->kind != NODE_SUBSCRIPT) continue;
        uint32_t c = t->child, rank = t->n;
        name_entry *base = NULL;
        if (t->kind == NODE_INDEX) {
            if (tree(e, c)->kind == NODE_NAME) {
                base = &r->names.at[tree(e, c)->name];
                node_of(r, c)->extra = 1;
            }
            c = tree(e, c)->next;
            rank--;
        } else if (t->kind == NODE_VARIABLE && rank > 0 && r->door == TEXT_PLAIN) {
            base = &r->names.at[t->name];
        }
        if (base && !base->indexed) base->indexed = (uint8_t)(rank > 250 ? 250 : rank);
        for (; c; c = tree(e, c)->next)
            if (tree(e, c)->kind == NODE_NAME) node_of(r, c)->extra = 1;
    }
    for (uint32_t i = 1; i < r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind == NODE_NAME && !t->extra) r->names.at[t->name].as_scalar = true;
        if (t->kind == NODE_CALL || t->kind == NODE_PRIMED || t->kind == NODE_PARTIAL)
            r->names.at[t->name].applied = (uint8_t)(t->n > 250 ? 250 : t->n + 1);
    }
}

/* ---- scopes ---------------------------------------------------------------------------------- */

bool elab_bind(elab *e, uint32_t name, term sym, uint32_t node, bool stated)
{
    name_entry *n = &e->r->names.at[name];
    binding b = {.name = name, .outer = n->binding, .sym = sym, .node = node, .stated = stated};
    if (!sym || !vec_push(e->ctx, &e->bindings, b)) return false;
    n->binding = (uint32_t)e->bindings.n;
    return true;
}

void elab_unbind(elab *e, uint32_t mark)
{
    while (e->bindings.n > mark) {
        const binding *b = &e->bindings.at[--e->bindings.n];
        e->r->names.at[b->name].binding = b->outer;
    }
}

term elab_bound(const elab *e, uint32_t name)
{
    uint32_t b = e->r->names.at[name].binding;
    return b ? e->bindings.at[b - 1].sym : TERM_NONE;
}

term elab_formal(elab *e, uint32_t name)
{
    const name_entry *n = &e->r->names.at[name];
    term s = term_sym(e->ctx, n->text, n->length);
    if (!s) return TERM_NONE;
    const sym_info *info = term_sym_info(e->ctx, s);
    if (info->role == ROLE_VARIABLE && info->rank == 0) return s;
    s = term_fresh_index(e->ctx, n->text, TERM_NONE, TERM_NONE);
    if (s) term_sym_info(e->ctx, s)->role = ROLE_VARIABLE;
    return s;
}

bool elab_is_array(elab *e, uint32_t name)
{
    const name_entry *n = &e->r->names.at[name];
    term s = term_find_sym(e->ctx, n->text, n->length);
    return n->indexed ||
           (s && term_sym_info(e->ctx, s)->rank > 0 && term_sym_info(e->ctx, s)->role != ROLE_FUNCTION);
}

/* ---- did you mean ---------------------------------------------------------------------------- */

const char *elab_similar(elab *e, const char *name, size_t n)
{
    const char *s = fn_find_similar(name, n);
    (void)e;
    return s ? s : notation_similar(name, n);
}

/* `xy` as known names side by side: "x*y", or NULL. Shortest pieces win; at most 32 characters are tried. */
static const char *as_product(elab *e, const char *s, size_t n)
{
    enum { LONGEST = 32 };
    uint8_t piece[LONGEST + 1] = {0}; /* piece[i]: length of a last piece of the prefix of i bytes, 0: none */
    if (n < 2 || n > LONGEST) return NULL;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = i; j-- > 0 && !piece[i];)
            if ((j == 0 || piece[j]) && i - j < n && !(s[j] >= '0' && s[j] <= '9') &&
                ((unsigned char)s[j] & 0xC0) != 0x80) {
                uint32_t before = (uint32_t)e->r->names.n, name = reader_name(e->r, s + j, i - j);
                bool bound = name && name < before && elab_bound(e, name);
                if (bound || text_is_known(e->ctx, s + j, i - j) || name == KW_PI)
                    piece[i] = (uint8_t)(i - j);
            }
    if (!piece[n]) return NULL;
    char buf[3 * LONGEST];
    size_t at = sizeof buf;
    for (size_t i = n; i > 0; i -= piece[i]) {
        at -= piece[i];
        memcpy(buf + at, s + i - piece[i], piece[i]);
        if (i > piece[i]) buf[--at] = '*';
    }
    return reader_text(e->r, "%.*s", (int)(sizeof buf - at), buf + at);
}

bool elab_unknown_function(elab *e, uint32_t node)
{
    const tree_node *t = tree(e, node);
    const name_entry *n = &e->r->names.at[t->name];
    const char *similar = elab_similar(e, n->text, n->length);
    const char *args = reader_quote(e->r, t->first + (uint32_t)n->length, t->past);
    if (t->name == e->defining)
        return elab_error(e, GRADUS_UNABLE, node, "h[t] = ... for t = 1..T is a recurrence",
                          "the function %s is defined by itself", n->text);
    bool is_value = elab_bound(e, t->name) || n->as_scalar || n->indexed ||
                    text_is_known(e->ctx, n->text, n->length);
    if (is_value)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s*%s for a product", n->text, args),
                          "%s is no function, so `%s` has no meaning", n->text, elab_quote(e, node));
    if (similar)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "did you mean %s%s?", similar, args),
                          "there is no function `%s`", n->text);
    return elab_error(
        e, GRADUS_SYNTAX, node,
        reader_text(e->r, "define %s(x) = ..., or write %s*%s for a product", n->text, n->text, args),
        "there is no function `%s`", n->text);
}

/* ---- symbols --------------------------------------------------------------------------------- */

static bool is_data_rank_known(const sym_info *info)
{
    return info->role == ROLE_DATA || info->role == ROLE_DEFINED || info->rank > 0;
}

/* A definition of this name was refused: say so where the name is used. */
static bool was_refused(elab *e, uint32_t name, uint32_t node)
{
    const text_state *s = e->r->state;
    for (size_t i = s->refused.n; i-- > 0;)
        if (strcmp(s->refused.at[i].name, elab_name(e, name)) == 0)
            return elab_error(e, GRADUS_SYNTAX, node, s->refused.at[i].hint,
                              "%s is not defined, since its definition was refused: %s", elab_name(e, name),
                              s->refused.at[i].message);
    return true;
}

/* sin(x) without its brackets: `sinx`, `cos2t`. The function and where its argument begins, or NULL. Only the functions
 * that are written so on blackboards, and only before one usual variable: names like logp and expo stay names. */
static const char *glued_call(const char *s)
{
    static const char *const functions[] = {"sinh", "cosh", "tanh", "sin", "cos", "tan", "ln", "exp", "sqrt"};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        size_t n = strlen(functions[i]);
        if (strncmp(s, functions[i], n) != 0)
            continue;
        const char *rest = s + n + strspn(s + n, "0123456789");
        if (*rest && strchr("xyztuvw", *rest) && !rest[1])
            return s + n;
    }
    return NULL;
}

static bool unknown_name_is_fine(elab *e, uint32_t name, uint32_t node)
{
    const name_entry n = e->r->names.at[name];
    if (text_is_known(e->ctx, n.text, n.length) || n.indexed) return true;
    const char *product = as_product(e, n.text, n.length);
    if (product)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s for a product", product),
                          "the name `%s` has no meaning here", n.text);
    const char *argument = glued_call(n.text);
    if (argument)
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%.*s(%s)", (int)(argument - n.text), n.text, argument),
                          "`%s` is one name; the function wants its argument in brackets", n.text);
    return true;
}

term elab_symbol(elab *e, uint32_t name, uint32_t node)
{
    if (e->r->names.at[name].sym) return e->r->names.at[name].sym;
    if (!was_refused(e, name, node) || !unknown_name_is_fine(e, name, node)) return TERM_NONE;
    name_entry *n = &e->r->names.at[name];
    term sym = term_sym(e->ctx, n->text, n->length);
    if (!sym) return TERM_NONE;
    sym_info *info = term_sym_info(e->ctx, sym);
    bool free_rank = info->role == ROLE_VARIABLE && !is_data_rank_known(info);
    if (n->indexed && free_rank) {
        if (n->indexed > SYM_MAX_RANK) {
            elab_error(e, GRADUS_UNABLE, node, NULL, "`%s` has %d indices; at most %d are supported", n->text,
                       n->indexed, SYM_MAX_RANK);
            return TERM_NONE;
        }
        info->rank = n->indexed;
    }
    n->sym = sym;
    return sym;
}

void text_axis_range(gradus_ctx *ctx, term sym, uint32_t axis, term *lo, term *hi)
{
    const sym_info *info = term_sym_info(ctx, sym);
    *lo = term_int(ctx, 1);
    *hi = TERM_NONE;
    if (info->role == ROLE_DEFINED) {
        long least = 0, base;
        bool based = false;
        for (uint32_t i = 0; i < info->rule_count; i++) {
            const sym_rule *r = &info->rules[i];
            if (axis < r->n && r->hi[axis]) {
                *lo = r->lo[axis];
                *hi = r->hi[axis];
            } else if (axis < r->n && term_get_long(ctx, r->index[axis], &base)) {
                least = !based || base < least ? base : least;
                based = true;
            }
        }
        long from;
        if (based && term_get_long(ctx, *lo, &from) && least < from) *lo = term_int(ctx, least);
    }
    if (!*hi && info->axis_hi[axis] && info->dims[axis] < 0) {
        *lo = info->axis_lo[axis];
        *hi = info->axis_hi[axis];
    }
    if (!*hi) *hi = text_same_size(ctx, term_extent(ctx, sym, axis));
}

void elab_axis(elab *e, term sym, uint32_t axis, term *lo, term *hi)
{
    text_axis_range(e->ctx, sym, axis, lo, hi);
}

value elab_symbol_value(elab *e, term sym)
{
    const sym_info *info = term_sym_info(e->ctx, sym);
    if (info->role == ROLE_FUNCTION) return (value){.kind = V_FUNCTION, .t = sym};
    if (info->rank == 0) return number_value(sym);
    shape s = {{0}, {0}};
    uint32_t rank = info->rank;
    for (uint32_t k = 0; k < rank; k++) elab_axis(e, sym, k, &s.lo[k], &s.hi[k]);
    return array_whole(e, rank, &s, sym);
}

/* z of the variables in all dz/dx, dz/dy of the text: an undefined function of them. */
term elab_dependent_call(elab *e, uint32_t name, uint32_t node)
{
    reader *r = e->r;
    uint32_t names[SYM_MAX_RANK], n = 0;
    term args[SYM_MAX_RANK];
    if (r->names.at[name].call) return r->names.at[name].call;
    for (uint32_t i = 1; i < r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        for (uint32_t v = t->kind == NODE_DERIVATIVE && t->name == name ? t->child : 0;
             v && tree(e, v)->kind == NODE_VARIABLE; v = tree(e, v)->next) {
            uint32_t k = 0;
            while (k < n && names[k] != tree(e, v)->name) k++;
            if (k == n && (n == SYM_MAX_RANK || tree(e, v)->n > 0)) {
                elab_error(e, GRADUS_SYNTAX, i, NULL, "%s is not defined, so it has no derivative",
                           elab_name(e, name));
                return TERM_NONE;
            }
            names[k] = tree(e, v)->name;
            n += k == n;
        }
    }
    for (uint32_t k = 0; k < n; k++)
        if (!(args[k] = elab_symbol(e, names[k], node))) return TERM_NONE;
    term f = elab_symbol(e, name, node);
    if (!f) return TERM_NONE;
    sym_info *info = term_sym_info(e->ctx, f);
    info->role = ROLE_FUNCTION;
    info->rank = n;
    r->names.at[name].call = term_call(e->ctx, f, NULL, args, n);
    return r->names.at[name].call;
}

/* ---- a name as a value ----------------------------------------------------------------------- */

static bool constant(elab *e, uint32_t name, uint32_t node, value *out, bool *is)
{
    gradus_ctx *ctx = e->ctx;
    const name_entry *n = &e->r->names.at[name];
    *is = name == KW_E || name == KW_PI || name == KW_INF || name == KW_TRUE || name == KW_FALSE ||
          name == KW_UNDEFINED;
    if (!*is) return true;
    if (text_is_known(ctx, n->text, n->length)) {
        diag_add(ctx, DIAG_WARNING, GRADUS_OK, reader_span(e->r, tree(e, node)->first, tree(e, node)->past),
                 NULL, "%s is read as the name defined here, not as the constant", n->text);
        *is = false;
        return true;
    }
    if (name == KW_UNDEFINED) *out = number_value(term_undefined(ctx));
    else if (name == KW_TRUE || name == KW_FALSE)
        *out = (value){.kind = V_CONDITION, .t = term_bool(ctx, name == KW_TRUE)};
    else
        *out = number_value(term_constant(ctx, name == KW_E    ? CONST_E
                                               : name == KW_PI ? CONST_PI
                                                               : CONST_INF));
    return out->t != TERM_NONE;
}

/* Names of functions that are usual names of variables too. */
static bool reads_as_variable(const char *s)
{
    static const char *const greek[] = {"beta", "gamma", "zeta", "li", "step", "beta", "Si", "Ci", "Ei"};
    for (size_t i = 0; i < sizeof greek / sizeof greek[0]; i++)
        if (strcmp(s, greek[i]) == 0) return true;
    return false;
}

/* `x_1` where x is an array of rank 1: its element. */
static bool numbered_element(elab *e, uint32_t name, value *out, bool *is)
{
    const name_entry *n = &e->r->names.at[name];
    const char *bar = memchr(n->text, '_', n->length);
    *is = false;
    if (!bar || bar == n->text || bar + 1 == n->text + n->length || text_is_known(e->ctx, n->text, n->length))
        return true;
    for (const char *d = bar + 1; d < n->text + n->length; d++)
        if (*d < '0' || *d > '9' || d - bar > 9) return true;
    term array = term_find_sym(e->ctx, n->text, (size_t)(bar - n->text));
    if (!array || term_sym_info(e->ctx, array)->rank != 1 ||
        term_sym_info(e->ctx, array)->role == ROLE_FUNCTION)
        return true;
    *is = true;
    term index = term_int(e->ctx, strtol(bar + 1, NULL, 10));
    *out = number_value(term_acc(e->ctx, array, &index, 1));
    return out->t != TERM_NONE;
}

bool elab_name_value(elab *e, uint32_t node, value *out)
{
    uint32_t name = tree(e, node)->name;
    const name_entry *n = &e->r->names.at[name];
    term bound = elab_bound(e, name);
    bool is;
    if (bound) {
        *out = elab_symbol_value(e, bound);
        return true;
    }
    if (!constant(e, name, node, out, &is) || is) return out->t != TERM_NONE;
    if (n->sym) { /* looked up before */
        *out = elab_symbol_value(e, n->sym);
        return out->t != TERM_NONE;
    }
    if (!numbered_element(e, name, out, &is) || is) return out->t != TERM_NONE;
    if (n->dependent) {
        *out = number_value(elab_dependent_call(e, name, node));
        return out->t != TERM_NONE;
    }
    int which;
    bool function = fn_find(n->text, n->length) != FN_NONE || (name <= KW_HESS && name >= KW_SUM) ||
                    name == KW_SQRT || (notation_find(n->text, n->length, &which) && n->length > 2);
    if (function && !n->indexed && !text_is_known(e->ctx, n->text, n->length) && !reads_as_variable(n->text))
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s(x)", n->text),
                          "%s is a function: its argument is missing", n->text);
    term sym = elab_symbol(e, name, node);
    if (!sym) return false;
    *out = elab_symbol_value(e, sym);
    return true;
}
