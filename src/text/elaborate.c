/* elaborate: the walk over the tree, and the nodes that need little: numbers, comparisons, cases, tuples. */
#include "text/elab_impl.h"

#include <stdio.h>

/* Not used in the text (from now on it is). */
static bool is_free_letter(elab *e, const char *letter)
{
    uint32_t before = (uint32_t)e->r->names.n;
    return reader_name(e->r, letter, 1) >= before && !text_is_known(e->ctx, letter, 1);
}

static void standard_index(elab *e, uint32_t *k, const char *letter)
{
    e->ix[(*k)++] = term_fresh_index(e->ctx, letter, TERM_NONE, TERM_NONE);
}

bool elab_init(elab *e, reader *r)
{
    memset(e, 0, sizeof *e);
    e->r = r;
    e->ctx = r->ctx;
    e->symbols_before = term_count(r->ctx);
    elab_survey(e);
    /* The symbols are fresh: a letter that the text uses as well would only confuse the display. */
    static const char *const letters[] = {"i", "j", "k", "l", "m", "p", "q", "r", "s", "t", "u", "v"};
    const uint32_t count = sizeof letters / sizeof letters[0];
    uint32_t k = 0;
    for (uint32_t i = 0; i < count && k < 2; i++)
        if (is_free_letter(e, letters[i])) standard_index(e, &k, letters[i]);
    for (uint32_t i = count; i-- > 0 && k < SYM_MAX_RANK;)
        if (is_free_letter(e, letters[i])) standard_index(e, &k, letters[i]);
    for (uint32_t i = 0; k < SYM_MAX_RANK; i++)
        standard_index(e, &k, letters[i]);
    return k == SYM_MAX_RANK && e->ix[k - 1] != TERM_NONE;
}

void elab_clear(elab *e)
{
    vec_clear(e->ctx, &e->frames);
    vec_clear(e->ctx, &e->values);
    vec_clear(e->ctx, &e->bindings);
    vec_clear(e->ctx, &e->uses);
}

const char *elab_quote(elab *e, uint32_t node)
{
    return reader_quote(e->r, tree(e, node)->first, tree(e, node)->past);
}

bool elab_error(elab *e, gradus_status code, uint32_t node, const char *hint, const char *fmt, ...)
{
    char buf[1500];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return reader_error_as(e->r, code, tree(e, node)->first, tree(e, node)->past, hint, "%s", buf);
}

/* ---- what kind of value is it? --------------------------------------------------------------- */

static bool wrong_kind(elab *e, const value *v, uint32_t node, const char *wanted)
{
    const char *text = elab_quote(e, node);
    switch (v->kind) {
    case V_CONDITION:
        return elab_error(e, GRADUS_SYNTAX, node,
                          reader_text(e->r, "[%s] is 1 where it holds and 0 elsewhere", text),
                          "`%s` is a condition where %s is needed", text, wanted);
    case V_FUNCTION:
        return elab_error(e, GRADUS_SYNTAX, node, reader_text(e->r, "%s(x)", text),
                          "%s is a function: its argument is missing", text);
    case V_ARRAY:
        return elab_error(e, GRADUS_SHAPE, node, NULL, "`%s` is %s where %s is needed", text,
                          array_words(e, v), wanted);
    default:
        return elab_error(e, GRADUS_SHAPE, node, NULL, "`%s` is a list of arrays where %s is needed", text,
                          wanted);
    }
}

bool need_number(elab *e, const value *v, uint32_t node, const char *where)
{
    return v->kind == V_NUMBER || wrong_kind(e, v, node, where ? where : "a number");
}

bool need_value(elab *e, const value *v, uint32_t node)
{
    return v->kind == V_NUMBER || v->kind == V_ARRAY || wrong_kind(e, v, node, "a number or an array");
}

bool need_condition(elab *e, const value *v, uint32_t node)
{
    if (v->kind == V_CONDITION) return true;
    if (v->kind == V_FUNCTION) return wrong_kind(e, v, node, "a condition");
    return elab_error(e, GRADUS_SYNTAX, node, "a condition compares: x > 0, i == j", "`%s` is no condition",
                      elab_quote(e, node));
}

term elab_term(elab *e, const value *v, uint32_t node)
{
    switch (v->kind) {
    case V_NUMBER:
    case V_CONDITION:
    case V_LIST: return v->t;
    case V_ARRAY:
        if (v->rank == 1 && v->row) { /* a transposed vector is a matrix of one row */
            term one = term_int(e->ctx, 1);
            return term_array(e->ctx, (term[]){e->ix[1], e->ix[0]}, (term[]){one, v->shape->lo[0]},
                              (term[]){one, v->shape->hi[0]}, 2, v->t);
        }
        return v->whole ? v->whole : term_array(e->ctx, e->ix, v->shape->lo, v->shape->hi, v->rank, v->t);
    default: wrong_kind(e, v, node, "a value"); return TERM_NONE;
    }
}

/* ---- small nodes ----------------------------------------------------------------------------- */

static bool is_digit_or_point(char c)
{
    return (c >= '0' && c <= '9') || c == '.';
}

static bool number_node(elab *e, uint32_t node, value *out)
{
    const tree_node *n = tree(e, node);
    const char *s = n->name ? elab_name(e, n->name) : e->r->s + n->first;
    size_t len = n->name ? e->r->names.at[n->name].length : n->past - n->first;
    while (len && !is_digit_or_point(*s)) /* the span takes in brackets of its own */
        s++, len--;
    while (len && !is_digit_or_point(s[len - 1])) len--;
    fmpq_t q;
    fmpq_init(q);
    bool ok = num_parse_decimal(q, s, len);
    *out = number_value(ok ? term_from_fmpq(e->ctx, q) : TERM_NONE);
    fmpq_clear(q);
    return ok ||
           elab_error(e, GRADUS_LIMIT, node, NULL, "the number is too large or too small to be kept exactly");
}

static term compare_term(elab *e, uint32_t kind, term a, term b)
{
    gradus_ctx *ctx = e->ctx;
    term_rel rel = kind == TK_EQ || kind == TK_EQUALS ? REL_EQ
                   : kind == TK_NE                    ? REL_NE
                   : kind == TK_LT || kind == TK_GT   ? REL_LT
                                                      : REL_LE;
    bool swap = kind == TK_GT || kind == TK_GE;
    return term_raw_node(ctx, OP_REL, rel, (term[]){swap ? b : a, swap ? a : b}, 2);
}

/* a < b < c: neighbours compared, joined by and. a = b of arrays: entry by entry. */
static bool compare_node(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    term_vec parts = {0};
    bool ok = true, equation = tree(e, tree(e, tree(e, node)->child)->next)->spare == TK_EQUALS;
    uint32_t left = tree(e, node)->child;
    for (uint32_t i = 0; ok && i + 1 < n; i++) {
        uint32_t right = tree(e, left)->next;
        ok = need_value(e, &v[i], left) && need_value(e, &v[i + 1], right);
        value both[2] = {v[i], v[i + 1]}, agreed;
        uint32_t nodes[2] = {left, right};
        if (ok && !equation && (v[i].kind == V_ARRAY || v[i + 1].kind == V_ARRAY))
            ok = need_number(e, &v[i], left, "a number to compare") &&
                 need_number(e, &v[i + 1], right, "a number to compare");
        ok = ok && array_agree(e, both, nodes, 2, node, &agreed);
        term t = ok ? compare_term(e, tree(e, right)->spare, equation ? elab_term(e, &v[i], left) : v[i].t,
                                   equation ? elab_term(e, &v[i + 1], right) : v[i + 1].t)
                    : TERM_NONE;
        ok = ok && t && vec_push(e->ctx, &parts, t);
        left = right;
    }
    term t = !ok            ? TERM_NONE
             : parts.n == 1 ? parts.at[0]
                            : term_raw_node(e->ctx, OP_AND, 0, parts.at, (uint32_t)parts.n);
    vec_clear(e->ctx, &parts);
    *out = (value){.kind = V_CONDITION, .t = t};
    return ok && t;
}

static bool connect_node(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    term_vec parts = {0};
    bool ok = true;
    uint32_t c = tree(e, node)->child;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(e, c)->next)
        ok = need_condition(e, &v[i], c) && vec_push(e->ctx, &parts, v[i].t);
    term_op op = tree(e, node)->kind == NODE_AND ? OP_AND : tree(e, node)->kind == NODE_OR ? OP_OR : OP_NOT;
    *out = (value){.kind = V_CONDITION,
                   .t = ok ? term_raw_node(e->ctx, op, 0, parts.at, (uint32_t)parts.n) : TERM_NONE};
    vec_clear(e->ctx, &parts);
    return ok && out->t;
}

/* v1, c1, v2, c2, ..., [else]: arrays entry by entry. */
static bool cases_node(elab *e, uint32_t node, const value *v, uint32_t n, value *out)
{
    term_vec cv = {0};
    VEC(value) branches = {0};
    VEC(uint32_t) nodes = {0};
    bool ok = true;
    uint32_t c = tree(e, node)->child;
    for (uint32_t i = 0; ok && i < n; i++, c = tree(e, c)->next) {
        bool condition = (tree(e, c)->flags & NF_CONDITION) != 0;
        ok = condition ? need_condition(e, &v[i], c) : need_value(e, &v[i], c);
        if (ok && !condition) ok = vec_push(e->ctx, &branches, v[i]) && vec_push(e->ctx, &nodes, c);
    }
    ok = ok && array_agree(e, branches.at, nodes.at, (uint32_t)branches.n, node, out);
    for (uint32_t i = 0; ok && i + 1 < n; i += 2)
        ok = vec_push(e->ctx, &cv, v[i + 1].t) && vec_push(e->ctx, &cv, v[i].t);
    if (ok && n % 2) ok = vec_push(e->ctx, &cv, v[n - 1].t);
    out->t = ok ? term_raw_node(e->ctx, OP_CASES, 0, cv.at, (uint32_t)cv.n) : TERM_NONE;
    vec_clear(e->ctx, &cv);
    vec_clear(e->ctx, &branches);
    vec_clear(e->ctx, &nodes);
    return ok && out->t;
}

static bool abs_node(elab *e, uint32_t node, const value *v, value *out)
{
    uint32_t c = tree(e, node)->child;
    if (v->kind == V_ARRAY)
        return elab_error(
            e, GRADUS_SHAPE, node,
            reader_text(e->r,
                        v->rank == 2 ? "det(%1$s), normF(%1$s) or abs(%1$s)" : "norm(%1$s) or abs(%1$s)",
                        elab_quote(e, c)),
            "bars around %s: its length, or each entry's size?", array_words(e, v));
    return elab_apply_fn(e, node, FN_abs, v, 1, out);
}

static bool bracket_node(elab *e, uint32_t node, const value *v, value *out)
{
    if (!need_condition(e, v, tree(e, node)->child)) return false;
    *out = number_value(term_raw_node(e->ctx, OP_BRACKET, 0, &v->t, 1));
    return out->t != TERM_NONE;
}

static bool limit_node(elab *e, uint32_t node, const value *v, value *out)
{
    const tree_node *n = tree(e, node);
    if (!need_number(e, &v[0], n->child, "a number") || !need_value(e, &v[1], n->last)) return false;
    *out = v[1];
    out->whole = TERM_NONE;
    out->t = term_limit(e->ctx, v[1].t, elab_bound(e, n->name), v[0].t, (term_side)n->extra);
    return out->t != TERM_NONE;
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* Called when all children of f's node have values v[0..n). */
static bool leave(elab *e, const elab_frame *f, const value *v, uint32_t n, value *out)
{
    uint32_t node = f->node;
    const tree_node *t = tree(e, node);
    switch (t->kind) {
    case NODE_NUMBER: return number_node(e, node, out);
    case NODE_NAME: return elab_name_value(e, node, out);
    case NODE_SUM: return elab_sum(e, node, v, n, out);
    case NODE_PRODUCT: return elab_product(e, node, v, n, out);
    case NODE_NEGATIVE: return elab_negative(e, node, v, out);
    case NODE_POWER:
        if (f->skip) {
            array_transpose(e, v, out);
            return true;
        }
        return elab_power(e, node, &v[0], &v[1], out);
    case NODE_ROOT: {
        value half = number_value(term_rational(e->ctx, 1, 2));
        if (!need_number(e, v, t->child, "a number under the root")) return false;
        return elab_power(e, node, v, &half, out);
    }
    case NODE_COMPARE: return compare_node(e, node, v, n, out);
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT: return connect_node(e, node, v, n, out);
    case NODE_BRACKET: return bracket_node(e, node, v, out);
    case NODE_ABS: return abs_node(e, node, v, out);
    case NODE_CASES: return cases_node(e, node, v, n, out);
    case NODE_TUPLE: return array_tuple(e, node, v, n, out);
    case NODE_INDEX:
    case NODE_SUBSCRIPT: return elab_index(e, node, v, n, out);
    case NODE_CALL: return elab_call(e, node, v, n, out);
    case NODE_PRIMED: return elab_primed(e, node, v, n, out);
    case NODE_PARTIAL: return elab_partial(e, node, v, n, out);
    case NODE_APPLY: return elab_operator_at(e, node, v, n, out);
    case NODE_BINDER: return elab_enter_binder(e, node, v, n);
    case NODE_REDUCE: return elab_reduce(e, f, v, n, out);
    case NODE_LIMIT: return limit_node(e, node, v, out);
    case NODE_VARIABLE: return elab_variable(e, node, v, n, out);
    case NODE_DERIVATIVE: return elab_derivative(e, node, v, n, out);
    default: return elab_error(e, GRADUS_BUG, node, NULL, "a node of kind %d was not expected here", t->kind);
    }
}

/* Before any child: names that hold inside. Decides where to start. */
static bool enter(elab *e, elab_frame *f)
{
    const tree_node *t = tree(e, f->node);
    f->child = t->child;
    if (t->kind == NODE_INDEX && tree(e, t->child)->kind == NODE_NAME)
        f->child = tree(e, t->child)->next; /* the array's name is looked up with its indices */
    if (t->kind == NODE_SUBSCRIPT && !e->r->names.at[t->extra].indexed) f->child = 0; /* x_1 is a name */
    if (t->kind == NODE_VARIABLE && e->r->door == TEXT_LATEX && t->n && !elab_is_array(e, t->name))
        f->child = 0;
    if (t->kind == NODE_LIMIT) {
        uint32_t name = t->name;
        term x = elab_formal(e, name);
        if (!x || !elab_bind(e, name, x, f->node, true)) return false;
    }
    if (t->kind == NODE_APPLY) /* grad(F)(p): F itself is not evaluated */
        f->child = tree(e, t->child)->next;
    return true;
}

/* A^T is seen when A is known to be an array: then T is not a variable. */
static bool is_transpose(const elab *e, const elab_frame *f)
{
    const tree_node *t = tree(e, f->node), *x = tree(e, f->child);
    return t->kind == NODE_POWER && f->child == t->last && x->kind == NODE_NAME && x->name == KW_T &&
           e->values.at[e->values.n - 1].kind == V_ARRAY;
}

static bool push_frame(elab *e, uint32_t node)
{
    elab_frame f = {.node = node,
                    .base = (uint32_t)e->values.n,
                    .mark = (uint32_t)e->bindings.n,
                    .uses = (uint32_t)e->uses.n};
    return enter(e, &f) && vec_push(e->ctx, &e->frames, f);
}

static bool finish_frame(elab *e)
{
    elab_frame f = e->frames.at[e->frames.n - 1];
    value out = {0};
    uint32_t n = (uint32_t)e->values.n - f.base;
    if (!leave(e, &f, n ? e->values.at + f.base : NULL, n, &out)) return false;
    if (tree(e, f.node)->kind != NODE_BINDER) elab_unbind(e, f.mark);
    e->frames.n--;
    e->values.n = f.base;
    if (out.t && out.kind != V_FUNCTION)
        text_note_span(e->ctx, out.t, reader_span(e->r, tree(e, f.node)->first, tree(e, f.node)->past));
    return vec_push(e->ctx, &e->values, out);
}

bool elab_node(elab *e, uint32_t node, value *out)
{
    size_t bottom = e->frames.n;
    if (!push_frame(e, node)) return false;
    while (e->frames.n > bottom) {
        elab_frame *f = &e->frames.at[e->frames.n - 1];
        if (!ctx_tick(e->ctx)) return false;
        if (f->child && is_transpose(e, f)) {
            f->skip = true;
            f->child = 0;
        }
        if (f->child) {
            uint32_t c = f->child;
            f->child = tree(e, c)->next;
            if (!push_frame(e, c)) return false;
        } else if (!finish_frame(e)) {
            return false;
        }
    }
    *out = e->values.at[--e->values.n];
    return ctx_status(e->ctx) == GRADUS_OK || e->r->failed == false;
}
