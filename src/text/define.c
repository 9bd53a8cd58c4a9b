/* define: the doors of the reader: expressions, definitions, declarations, variables.
 *
 * A definition's left side says what is defined: a name (L = ...), a function (f(x,y) = ...), an array by its
 * indices (z[i] = ...), one rule of a recurrence (h[0] = ...; h[t] = ... for t = 1..T). A recurrence may look
 * only towards its base: that is checked here where index and formal differ by a number. */
#include "text/elab_impl.h"

#include <stdio.h>

typedef struct definition {
    elab *e;
    uint32_t statement, left, right, name;
    term sym;
    sym_role role;
    sym_rule rule;
    bool general; /* every index is a formal                 */
    bool stated[SYM_MAX_RANK];
} definition;

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_tree(reader *r, gradus_ctx *ctx, const char *s, size_t n, text_door door)
{
    return reader_init(r, ctx, s, n, door) && (door == TEXT_LATEX ? lex_latex(r) : lex_plain(r)) &&
           parse_tokens(r);
}

static term expression(elab *e, uint32_t statement)
{
    uint32_t x = tree(e, statement)->child;
    value v;
    if (tree(e, x)->next) {
        elab_error(e, GRADUS_SYNTAX, tree(e, x)->next, NULL, "`for` belongs to a definition");
        return TERM_NONE;
    }
    return elab_node(e, x, &v) ? elab_term(e, &v, x) : TERM_NONE;
}

/* ---- left sides ------------------------------------------------------------------------------ */

static bool check_name(definition *d)
{
    elab *e = d->e;
    const name_entry *n = &e->r->names.at[d->name];
    bool fixed = (d->name >= KW_SUM && d->name <= KW_HESS) || d->name == KW_PI || d->name == KW_INF ||
                 d->name == KW_SQRT || d->name == KW_TRUE || d->name == KW_FALSE;
    if (fixed)
        return elab_error(e, GRADUS_SYNTAX, d->left, "choose another name", "%s has a fixed meaning",
                          n->text);
    int which;
    if (d->role == ROLE_FUNCTION &&
        (fn_find(n->text, n->length) != FN_NONE || notation_find(n->text, n->length, &which)))
        diag_add(e->ctx, DIAG_WARNING, GRADUS_OK,
                 reader_span(e->r, tree(e, d->left)->first, tree(e, d->left)->past), NULL,
                 "%s now means this definition, not the built-in function", n->text);
    d->sym = term_sym(e->ctx, n->text, n->length);
    if (!d->sym) return false;
    const sym_info *info = term_sym_info(e->ctx, d->sym);
    if (info->role == ROLE_DATA)
        return elab_error(e, GRADUS_SYNTAX, d->left, "choose another name", "%s holds data", n->text);
    if (info->role == ROLE_INDEX) term_sym_info(e->ctx, d->sym)->role = ROLE_VARIABLE;
    return true;
}

/* f(x, y): the formals are plain symbols where their names are free. */
static bool function_left(definition *d)
{
    elab *e = d->e;
    uint32_t c = tree(e, d->left)->child, n = tree(e, d->left)->n;
    if (n > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, d->left, NULL, "functions have at most %d arguments",
                          SYM_MAX_RANK);
    d->role = ROLE_FUNCTION;
    d->rule.n = n;
    for (uint32_t k = 0; k < n; k++, c = tree(e, c)->next) {
        const tree_node *x = tree(e, c);
        const name_entry *name = &e->r->names.at[x->name];
        if (x->kind != NODE_NAME || x->name < KW_D)
            return elab_error(e, GRADUS_SYNTAX, d->left, "f(x) = ..., z[i] = ..., L = ...",
                              "`%s` cannot be defined: `%s` is no name", elab_quote(e, d->left),
                              elab_quote(e, c));
        term s = elab_formal(e, x->name);
        for (uint32_t j = 0; j < k; j++)
            if (d->rule.index[j] == s)
                return elab_error(e, GRADUS_SYNTAX, c, NULL, "the argument %s stands twice", name->text);
        d->rule.index[k] = s;
        if (!s || !elab_bind(e, x->name, s, c, true)) return false;
    }
    d->general = true;
    return true;
}

static uint32_t for_binder(const definition *d, uint32_t name)
{
    for (uint32_t b = tree(d->e, tree(d->e, d->statement)->child)->next; b; b = tree(d->e, b)->next)
        if (tree(d->e, b)->name == name) return b;
    return 0;
}

static bool occurs_in(const elab *e, uint32_t node, uint32_t name)
{
    uint32_t first = tree(e, node)->first, past = tree(e, node)->past;
    for (uint32_t i = 1; i < e->r->nodes.n; i++) {
        const tree_node *t = tree(e, i);
        if (t->kind == NODE_NAME && t->name == name && t->first >= first && t->past <= past) return true;
    }
    return false;
}

/* g[T] = 0 with T a known number is a base case; z[i] = ... defines by the formal i. */
static bool is_formal(const definition *d, uint32_t index)
{
    const tree_node *t = tree(d->e, index);
    if (t->kind != NODE_NAME) return false;
    if (for_binder(d, t->name)) return true;
    const name_entry *n = &d->e->r->names.at[t->name];
    term s = term_find_sym(d->e->ctx, n->text, n->length);
    bool number = text_is_known(d->e->ctx, n->text, n->length) ||
                  (s && s < d->e->symbols_before && term_sym_info(d->e->ctx, s)->role == ROLE_VARIABLE) ||
                  n->as_scalar;
    return !number || occurs_in(d->e, d->right, t->name);
}

/* for t = lo..hi, or downwards hi..lo. */
static bool stated_range(definition *d, uint32_t binder, uint32_t k)
{
    elab *e = d->e;
    gradus_ctx *ctx = e->ctx;
    value a, b;
    uint32_t from = tree(e, binder)->child, to = tree(e, from)->next;
    if (!elab_node(e, from, &a) || !elab_node(e, to, &b) || !need_number(e, &a, from, NULL) ||
        !need_number(e, &b, to, NULL))
        return false;
    term difference = term_sub(ctx, b.t, a.t);
    if (!difference) return false;
    bool down = term_is_num(ctx, difference) ? term_num_sign(ctx, difference) < 0
                                             : !term_is_num(ctx, a.t) && term_is_num(ctx, b.t);
    d->rule.lo[k] = term_canon(ctx, down ? b.t : a.t);
    d->rule.hi[k] = term_canon(ctx, down ? a.t : b.t);
    d->rule.downward |= down;
    d->stated[k] = true;
    return d->rule.lo[k] && d->rule.hi[k];
}

static bool index_position(definition *d, uint32_t c, uint32_t k)
{
    elab *e = d->e;
    if (!is_formal(d, c)) {
        value v;
        d->general = false;
        if (!elab_node(e, c, &v) || !need_number(e, &v, c, "a number as index")) return false;
        d->rule.index[k] = term_canon(e->ctx, v.t);
        return d->rule.index[k] != TERM_NONE;
    }
    uint32_t name = tree(e, c)->name, binder = for_binder(d, name);
    if (binder && !stated_range(d, binder, k)) return false;
    for (uint32_t j = 0; j < k; j++)
        if (elab_bound(e, name) == d->rule.index[j])
            return elab_error(e, GRADUS_SYNTAX, c, NULL, "the index %s stands twice", elab_name(e, name));
    d->rule.index[k] = term_fresh_index(e->ctx, elab_name(e, name), d->rule.lo[k], d->rule.hi[k]);
    return d->rule.index[k] && elab_bind(e, name, d->rule.index[k], c, d->stated[k]);
}

static bool array_left(definition *d)
{
    elab *e = d->e;
    uint32_t c = tree(e, tree(e, d->left)->child)->next, n = tree(e, d->left)->n - 1;
    if (n > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, d->left, NULL, "arrays have at most %d indices", SYM_MAX_RANK);
    d->rule.n = n;
    d->general = true;
    for (uint32_t k = 0; k < n; k++, c = tree(e, c)->next)
        if (!index_position(d, c, k)) return false;
    for (uint32_t b = tree(e, tree(e, d->statement)->child)->next; b; b = tree(e, b)->next)
        if (!elab_bound(e, tree(e, b)->name))
            return elab_error(e, GRADUS_SYNTAX, b, NULL, "%s is no index of `%s`",
                              elab_name(e, tree(e, b)->name), elab_quote(e, d->left));
    const sym_info *info = term_sym_info(e->ctx, d->sym);
    if (info->role == ROLE_DEFINED && info->rank != n)
        return elab_error(e, GRADUS_SHAPE, d->left, NULL, "%s has been defined with %u indices",
                          elab_name(e, d->name), (unsigned)info->rank);
    term_sym_info(e->ctx, d->sym)->rank = n;
    e->r->names.at[d->name].sym = d->sym;
    return true;
}

/* LaTeX z_i = ...: the tree of z[i]. */
static bool subscript_defines_array(definition *d)
{
    reader *r = d->e->r;
    const tree_node *l = tree(d->e, d->left);
    for (uint32_t c = l->child; c; c = tree(d->e, c)->next)
        if (tree(d->e, c)->kind != NODE_NAME) return false;
    uint32_t base = node_new(r, NODE_NAME, l->first, l->first), left = d->left;
    if (!base) return false;
    tree_node *n = node_of(r, left);
    node_of(r, base)->name = n->extra;
    node_of(r, base)->next = n->child;
    n->child = base;
    n->n++;
    n->kind = NODE_INDEX;
    r->names.at[n->extra].indexed = (uint8_t)(n->n - 1);
    return true;
}

static bool left_side(definition *d)
{
    elab *e = d->e;
    const tree_node *l = tree(e, d->left);
    d->role = ROLE_DEFINED;
    if (l->kind == NODE_SUBSCRIPT && subscript_defines_array(d)) l = tree(e, d->left);
    bool call = l->kind == NODE_CALL && l->extra == NO_SEMICOLON,
         element = l->kind == NODE_INDEX && tree(e, l->child)->kind == NODE_NAME;
    if (l->kind == NODE_SUBSCRIPT) d->name = l->name;
    else if (l->kind == NODE_NAME || call) d->name = l->name;
    else if (element) d->name = tree(e, l->child)->name;
    else
        return elab_error(e, GRADUS_SYNTAX, d->left, "L = ..., f(x) = ..., z[i] = ...",
                          "`%s` is not something that can be defined", elab_quote(e, d->left));
    if (call) d->role = ROLE_FUNCTION;
    if (!check_name(d)) return false;
    if (!element && tree(e, tree(e, d->statement)->child)->next)
        return elab_error(e, GRADUS_SYNTAX, d->statement, "h[t] = ... for t = 1..T",
                          "`for` needs an index on the left side");
    return call ? function_left(d) : element ? array_left(d) : (d->general = true);
}

/* ---- right sides ----------------------------------------------------------------------------- */

/* The array value of L = X*w becomes a definition by indices. */
static bool body_of(definition *d, const value *v)
{
    elab *e = d->e;
    if (v->kind == V_NUMBER) {
        d->rule.body = v->t;
        return true;
    }
    if (v->kind != V_ARRAY || d->role == ROLE_FUNCTION || tree(e, d->left)->kind == NODE_INDEX)
        return need_number(e, v, d->right,
                           tree(e, d->left)->kind == NODE_INDEX ? "a number (one entry)" : "a number");
    d->rule.n = v->rank;
    for (uint32_t k = 0; k < v->rank; k++) {
        d->rule.lo[k] = v->shape->lo[k];
        d->rule.hi[k] = v->shape->hi[k];
        d->rule.index[k] =
            term_fresh_index(e->ctx, term_sym_name(e->ctx, e->ix[k]), d->rule.lo[k], d->rule.hi[k]);
        if (!d->rule.index[k]) return false;
    }
    d->rule.body = array_entry(e, v, d->rule.index);
    return d->rule.body != TERM_NONE;
}

/* Ranges of formals that were not stated: from what they index on the right, the array itself apart. */
static bool settle_formals(definition *d, uint32_t uses)
{
    elab *e = d->e;
    for (size_t i = uses; i < e->uses.n; i++)
        if (e->uses.at[i].array == d->sym) e->uses.at[i].index = TERM_NONE;
    for (uint32_t k = 0; k < d->rule.n; k++) {
        term f = d->rule.index[k];
        if (d->stated[k] || d->rule.hi[k] || !term_is(e->ctx, f, OP_SYM) ||
            term_sym_info(e->ctx, f)->role != ROLE_INDEX)
            continue;
        term lo, hi;
        if (!elab_infer_range(e, f, uses, d->left, &lo, &hi)) return false;
        d->rule.lo[k] = lo;
        d->rule.hi[k] = hi;
        term_sym_info(e->ctx, f)->lo = lo;
        term_sym_info(e->ctx, f)->hi = hi;
    }
    return true;
}

static bool looks_forward(definition *d, term access)
{
    elab *e = d->e;
    span where = text_span(e->ctx, access);
    const char *text = where.source == e->r->source ? reader_quote(e->r, where.first, where.past)
                                                    : reader_text(e->r, "%s[...]", elab_name(e, d->name));
    uint32_t first = where.source == e->r->source ? where.first : tree(e, d->right)->first;
    uint32_t past = where.source == e->r->source ? where.past : tree(e, d->right)->past;
    return reader_error(e->r, first, past,
                        d->rule.downward ? "the rule runs downwards"
                                         : "for t = T..1 runs downwards, from a base case at the upper end",
                        "%s looks forward: the rule for %s may use only values that come before it", text,
                        elab_quote(e, d->left));
}

/* One use of the array in its own rule: the first index that differs from its formal must lie nearer the
 * base. */
static bool check_access(definition *d, term access)
{
    gradus_ctx *ctx = d->e->ctx;
    for (uint32_t k = 0; k < d->rule.n; k++) {
        term f = d->rule.index[k];
        if (!term_is(ctx, f, OP_SYM)) continue;
        term difference = term_sub(ctx, term_arg(ctx, access, k + 1), f);
        if (!difference) return false;
        if (!term_is_num(ctx, difference))
            return true; /* through data, or under a binder: not decided here */
        int sign = term_num_sign(ctx, difference);
        if (sign == 0) continue;
        return (sign < 0) != d->rule.downward || looks_forward(d, access);
    }
    return elab_error(d->e, GRADUS_SYNTAX, d->statement, "refer to an earlier value, such as h[t-1]",
                      "%s is defined by itself", elab_quote(d->e, d->left));
}

static bool check_recurrence(definition *d)
{
    elab *e = d->e;
    term_vec nodes = {0};
    bool ok = term_reachable(e->ctx, &d->rule.body, 1, &nodes);
    for (size_t i = 0; ok && i < nodes.n; i++) {
        term t = nodes.at[i];
        if (term_is(e->ctx, t, OP_ACC) && term_arg(e->ctx, t, 0) == d->sym && d->general)
            ok = check_access(d, t);
        else if (term_is(e->ctx, t, OP_CALL) && term_arg(e->ctx, t, 0) == d->sym)
            ok = elab_error(e, GRADUS_UNABLE, d->statement, "h[t] = ... for t = 1..T is a recurrence",
                            "the function %s is defined by itself", elab_name(e, d->name));
        else if (t == d->sym && tree(e, d->left)->kind == NODE_NAME)
            ok = elab_error(e, GRADUS_SYNTAX, d->statement,
                            "w[s] = w[s-1] + ... for s = 1..S is a recurrence", "%s is defined by itself",
                            elab_name(e, d->name));
    }
    vec_clear(e->ctx, &nodes);
    bool element = tree(e, d->left)->kind == NODE_INDEX;
    if (ok && !element && term_depends(e->ctx, d->rule.body, d->sym))
        ok = elab_error(e, GRADUS_SYNTAX, d->statement, NULL, "%s is defined by names that are defined by %s",
                        elab_name(e, d->name), elab_name(e, d->name));
    return ok;
}

/* A rule that says again what an earlier one said starts the definition anew. */
static void drop_old_rules(definition *d)
{
    elab *e = d->e;
    sym_info *info = term_sym_info(e->ctx, d->sym);
    bool again = info->role != d->role;
    for (uint32_t i = 0; i < info->rule_count && !again; i++) {
        const sym_rule *r = &info->rules[i];
        bool same = true;
        for (uint32_t k = 0; k < r->n && k < d->rule.n; k++) {
            bool formal = term_is(e->ctx, r->index[k], OP_SYM) &&
                          term_sym_info(e->ctx, r->index[k])->role == ROLE_INDEX;
            bool mine = term_is(e->ctx, d->rule.index[k], OP_SYM) &&
                        term_sym_info(e->ctx, d->rule.index[k])->role == ROLE_INDEX;
            same &= d->role == ROLE_FUNCTION || (formal && mine) || r->index[k] == d->rule.index[k];
        }
        again = same;
    }
    if (again && info->rule_count)
        reader_note(e->r, tree(e, d->left)->first, tree(e, d->left)->past, "%s is defined anew",
                    elab_name(e, d->name));
    if (again) {
        info->rules = NULL;
        info->rule_count = 0;
        info->recursive = false;
    }
}

static bool define_statement(definition *d)
{
    elab *e = d->e;
    uint32_t equation = tree(e, d->statement)->child, uses = (uint32_t)e->uses.n,
             mark = (uint32_t)e->bindings.n;
    const tree_node *q = tree(e, equation);
    if (q->kind != NODE_COMPARE || q->n != 2 || tree(e, q->last)->spare != TK_EQUALS)
        return elab_error(e, GRADUS_SYNTAX, equation, "L = ..., f(x) = ..., z[i] = ...",
                          q->kind == NODE_COMPARE ? "a definition has one `=`, not =="
                                                  : "a definition needs `=`");
    d->left = q->child;
    d->right = q->last;
    value v;
    e->defining = tree(e, d->left)->kind == NODE_CALL ? tree(e, d->left)->name : 0;
    bool ok = left_side(d) && elab_node(e, d->right, &v) && body_of(d, &v) && settle_formals(d, uses);
    elab_unbind(e, mark);
    e->uses.n = uses;
    if (!ok || !check_recurrence(d)) return false;
    drop_old_rules(d);
    if (!term_sym_define(e->ctx, d->sym, d->role, &d->rule)) return false;
    e->r->names.at[d->name].sym = TERM_NONE;
    return true;
}

/* So that a later use of the name says why it has no definition. */
static void remember_refusal(elab *e, const definition *d)
{
    const diag *why = diag_first_error(e->ctx);
    if (!d->name || !why) return;
    arena *mem = &e->r->state->mem;
    refused_name x = {.name = arena_strndup(mem, elab_name(e, d->name), e->r->names.at[d->name].length),
                      .stamp = e->symbols_before};
    x.message = arena_strndup(mem, why->message, strlen(why->message));
    x.hint = why->hint ? arena_strndup(mem, why->hint, strlen(why->hint)) : NULL;
    if (x.name && x.message) (void)vec_push(e->ctx, &e->r->state->refused, x);
}

static void forget_refusal(elab *e, uint32_t name)
{
    text_state *s = e->r->state;
    for (size_t i = 0; i < s->refused.n; i++)
        if (strcmp(s->refused.at[i].name, elab_name(e, name)) == 0)
            s->refused.at[i--] = s->refused.at[--s->refused.n];
}

/* ---- the doors ------------------------------------------------------------------------------- */

static bool define_one(elab *e, uint32_t statement, term *sym)
{
    definition d = {.e = e, .statement = statement};
    if (define_statement(&d)) {
        forget_refusal(e, d.name);
        *sym = d.sym;
        return true;
    }
    remember_refusal(e, &d);
    return false;
}

/* All statements are definitions, but with `block` the last one is an expression, returned in *out. */
static bool read_block(gradus_ctx *ctx, const char *s, size_t n, text_door door, bool block, term *out,
                       term *sym)
{
    reader r;
    elab e;
    memset(&e, 0, sizeof e);
    bool ok = read_tree(&r, ctx, s, n, door), started = ok;
    r.defining = true;
    ok = ok && elab_init(&e, &r);
    for (uint32_t st = ok ? node_of(&r, r.root)->child : 0; ok && st; st = node_of(&r, st)->next) {
        if (block && !node_of(&r, st)->next) ok = (*out = expression(&e, st)) != TERM_NONE;
        else ok = define_one(&e, st, sym);
    }
    if (started) elab_clear(&e);
    reader_clear(&r);
    return ok;
}

gradus_status text_define(gradus_ctx *ctx, const char *s, size_t n, text_door door, term *sym)
{
    term ignored = TERM_NONE, last = TERM_NONE;
    bool ok = read_block(ctx, s, n, door, false, &ignored, &last);
    if (sym) *sym = last;
    return ok ? GRADUS_OK : ctx_status(ctx) ? ctx_status(ctx) : ctx_fail(ctx, GRADUS_BUG);
}

term text_parse_block(gradus_ctx *ctx, const char *s, size_t n, text_door door)
{
    term out = TERM_NONE, last = TERM_NONE;
    return read_block(ctx, s, n, door, true, &out, &last) ? out : TERM_NONE;
}

/* One statement, no more. */
static bool read_one(reader *r, elab *e, gradus_ctx *ctx, const char *s, size_t n, text_door door)
{
    memset(e, 0, sizeof *e);
    e->ctx = ctx;
    if (!read_tree(r, ctx, s, n, door)) return false;
    uint32_t first = node_of(r, r->root)->child, second = node_of(r, first)->next;
    if (second)
        return reader_error(r, node_of(r, second)->first, node_of(r, second)->past, NULL,
                            "one formula is read here; this is another");
    return elab_init(e, r);
}

term text_parse(gradus_ctx *ctx, const char *s, size_t n, text_door door)
{
    reader r;
    elab e;
    term t = TERM_NONE;
    text_state *state = text_state_get(ctx);
    if (state) state->noted = 0;
    if (read_one(&r, &e, ctx, s, n, door)) t = expression(&e, node_of(&r, r.root)->child);
    if (r.failed) t = TERM_NONE;
    elab_clear(&e);
    reader_clear(&r);
    return t;
}

term text_parse_own(gradus_ctx *ctx, const char *s, size_t n)
{
    text_state *state = text_state_get(ctx);
    if (!state) return TERM_NONE;
    state->own = true;
    term t = text_parse(ctx, s, n, TEXT_PLAIN);
    state->own = false;
    return t;
}

const char *text_notation_key(gradus_ctx *ctx, unsigned i)
{
    static const char *const keys[] = {[NOTED_TRACE] = "trace",
                                       [NOTED_NORM] = "norm",
                                       [NOTED_PRODUCT] = "matrix-product",
                                       [NOTED_ENTRIES] = "elementwise",
                                       [NOTED_QUADRATIC] = "quadratic-form"};
    const text_state *s = text_state_get(ctx);
    for (unsigned k = 0; s && k < NOTED_COUNT; k++)
        if (s->noted >> k & 1 && i-- == 0) return keys[k];
    return NULL;
}

term text_parse_variable(gradus_ctx *ctx, const char *s, size_t n)
{
    reader r;
    elab e;
    value v = {0};
    term t = TERM_NONE;
    if (read_one(&r, &e, ctx, s, n, TEXT_PLAIN)) {
        uint32_t statement = node_of(&r, r.root)->child, x = node_of(&r, statement)->child;
        const tree_node *node = node_of(&r, x);
        bool element = node->kind == NODE_INDEX && node_of(&r, node->child)->kind == NODE_NAME;
        if (node->next || (node->kind != NODE_NAME && !element))
            elab_error(&e, GRADUS_SYNTAX, x, "a variable is a name (x) or an element (w[k])",
                       "`%s` is no variable", elab_quote(&e, x));
        else if (node->kind == NODE_NAME && (node->name == KW_PI || node->name == KW_INF ||
                                             (node->name == KW_E && !text_is_known(ctx, "e", 1))))
            elab_error(&e, GRADUS_SYNTAX, x, NULL, "%s is a constant: nothing can be differentiated by it",
                       elab_quote(&e, x));
        else if (elab_node(&e, x, &v)) t = elab_term(&e, &v, x);
    }
    elab_clear(&e);
    reader_clear(&r);
    return t;
}

/* ---- declarations ---------------------------------------------------------------------------- */

static bool declare_array(elab *e, uint32_t node, term sym)
{
    sym_info *info = term_sym_info(e->ctx, sym);
    uint32_t rank = tree(e, node)->n, k = 0;
    if (rank > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, node, NULL, "arrays have at most %d indices", SYM_MAX_RANK);
    if (info->role == ROLE_DATA && info->rank != rank)
        return elab_error(e, GRADUS_SHAPE, node, NULL, "%s holds data with %u indices", info->name,
                          (unsigned)info->rank);
    if (info->role == ROLE_INDEX) info->role = ROLE_VARIABLE;
    info->rank = rank;
    for (uint32_t b = tree(e, node)->child; b; b = tree(e, b)->next, k++) {
        value lo, hi;
        uint32_t from = tree(e, b)->child, to = from ? tree(e, from)->next : 0;
        if (!from) continue;
        if (!elab_node(e, from, &lo) || !elab_node(e, to, &hi) || !need_number(e, &lo, from, NULL) ||
            !need_number(e, &hi, to, NULL))
            return false;
        info = term_sym_info(e->ctx, sym);
        info->axis_lo[k] = term_canon(e->ctx, lo.t);
        info->axis_hi[k] = term_canon(e->ctx, hi.t);
    }
    return true;
}

static bool declare_function(elab *e, uint32_t node, term sym)
{
    sym_info *info = term_sym_info(e->ctx, sym);
    if (tree(e, node)->n > SYM_MAX_RANK)
        return elab_error(e, GRADUS_UNABLE, node, NULL, "functions have at most %d arguments", SYM_MAX_RANK);
    if (info->role != ROLE_FUNCTION) info->rule_count = 0;
    info->role = ROLE_FUNCTION;
    info->rank = tree(e, node)->n;
    return true;
}

/* `q[i=1..n]:class`: whole numbers from 1; `c:C`: an index from 1 to C; other words (spd) describe values
 * only. */
static bool declare_word(elab *e, uint32_t word, term sym)
{
    const name_entry *n = &e->r->names.at[word];
    sym_info *info = term_sym_info(e->ctx, sym);
    if (strcmp(n->text, "class") == 0) info->integer = true;
    else if (info->rank == 0 && info->role == ROLE_VARIABLE) {
        term hi = term_sym(e->ctx, n->text, n->length);
        info = term_sym_info(e->ctx, sym);
        info->role = ROLE_INDEX;
        info->lo = term_int(e->ctx, 1);
        info->hi = hi;
        return hi != TERM_NONE;
    }
    return true;
}

static bool declare_one(elab *e, uint32_t statement)
{
    uint32_t x = tree(e, statement)->child, word = tree(e, statement)->name;
    const tree_node *t = tree(e, x);
    if (t->kind != NODE_NAME && t->kind != NODE_DECLARE && t->kind != NODE_CALL)
        return elab_error(e, GRADUS_SYNTAX, x, "X[i=1..n, j=1..p], y[i=1..n], b", "`%s` is no declaration",
                          elab_quote(e, x));
    const name_entry *n = &e->r->names.at[t->name];
    term sym = term_sym(e->ctx, n->text, n->length);
    if (!sym) return false;
    if ((t->kind == NODE_DECLARE && !declare_array(e, x, sym)) ||
        (t->kind == NODE_CALL && !declare_function(e, x, sym)))
        return false;
    return !word || declare_word(e, word, sym);
}

gradus_status text_declare(gradus_ctx *ctx, const char *s, size_t n)
{
    reader r;
    elab e;
    memset(&e, 0, sizeof e);
    e.ctx = ctx;
    bool ok = reader_init(&r, ctx, s, n, TEXT_PLAIN) && (r.declaring = true) && lex_plain(&r) &&
              parse_tokens(&r) && elab_init(&e, &r);
    for (uint32_t st = ok ? node_of(&r, r.root)->child : 0; ok && st; st = node_of(&r, st)->next)
        ok = declare_one(&e, st);
    elab_clear(&e);
    reader_clear(&r);
    return ok ? GRADUS_OK : ctx_status(ctx) ? ctx_status(ctx) : ctx_fail(ctx, GRADUS_BUG);
}
