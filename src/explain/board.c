/* board: a derivation as lines of one equation, as a teacher writes it on the board.
 *
 * Every rule of the record is a node: closed (its derivative stands open in the line), open (its right side
 * stands there, with its parts closed, open or done) or done (its result stands there). A round changes the
 * state of some nodes and the line is put together anew from all of them. Which nodes change in one round:
 * Note [Rounds]. */
#include "explain/explain_impl.h"

enum { MANY_NODES = 4000, MANY_LINES = 300, MANY_CHARS = 200000, MANY_PARTS = 60 };
enum { LONG_DERIVATION = 7, LETTERS = 26 };

static board_node *node_at(board *b, uint32_t i)
{
    return &b->node.at[i];
}

static bool is_rule(const board_node *n, const char *rule)
{
    return strcmp(n->s->rule, rule) == 0;
}

static bool has_role(const board_node *n, const char *role)
{
    return n->s->role && strcmp(n->s->role, role) == 0;
}

static term body_of(const board *b, const step *s)
{
    return term_is(b->ctx, s->before, OP_DERIV) ? term_arg(b->ctx, s->before, 0) : s->before;
}

/* ---- lines --------------------------------------------------------------------------------------- */

static void print_line(board *b, strbuf *out, term t)
{
    text_print(out, b->ctx, show_flat(b->ctx, t), b->sheet->form);
}

/* Nobody reads further. */
static bool is_full(const board *b)
{
    return b->lines >= MANY_LINES || b->sheet->chars.n >= MANY_CHARS;
}

static void put_line(board *b, term t, const char *reason, char letter)
{
    strbuf text;
    t = show_flat(b->ctx, t);
    if (!t || (b->last && show_same(b->ctx, t, b->last))) return;
    strbuf_init(&text, b->ctx);
    text_print(&text, b->ctx, t, b->sheet->form);
    sheet_add(b->sheet, LINE_EQUAL, letter, strbuf_str(&text), reason);
    strbuf_clear(&text);
    b->last = t;
    b->lines++;
}

void board_line(board *b, term t, const char *reason, char letter)
{
    if (!is_full(b)) put_line(b, t, reason, letter);
}

void board_say(board *b, term left, term right, const char *reason, char letter)
{
    strbuf text;
    strbuf_init(&text, b->ctx);
    print_line(b, &text, left);
    strbuf_add(&text, " = ");
    print_line(b, &text, right);
    sheet_add(b->sheet, LINE_SAY, letter, strbuf_str(&text), reason);
    strbuf_clear(&text);
    b->lines++;
}

/* ---- the nodes ----------------------------------------------------------------------------------- */

static uint32_t add_node(board *b, const step *s, uint32_t parent)
{
    if (b->node.n >= MANY_NODES || !vec_push(b->ctx, &b->node, ((board_node){.s = s, .parent = parent})))
        return 0;
    return (uint32_t)(b->node.n - 1);
}

/* Nodes of all rules below s, children behind parents, parts in their order. false: too many. */
static bool add_nodes(board *b, const step *root)
{
    b->node.n = 0;
    if (!vec_push(b->ctx, &b->node, (board_node){0})) /* node 0 is not used: index 0 says none */
        return false;
    uint32_t at = add_node(b, root, 0), last;
    if (!at) return false;
    for (const step *s = root;;) {
        const step *next = s->sub;
        while (next && next->kind != STEP_RULE) next = next->next;
        if (next && s->tag != STEP_REPEAT) {
            last = add_node(b, next, at);
            if (!last) return false;
            node_at(b, at)->first = last;
        } else {
            for (;;) {
                if (s == root) return true;
                next = s->next;
                while (next && next->kind != STEP_RULE) next = next->next;
                if (next) break;
                at = node_at(b, at)->parent;
                s = node_at(b, at)->s;
            }
            last = add_node(b, next, node_at(b, at)->parent);
            if (!last) return false;
            node_at(b, at)->next = last;
        }
        at = last;
        s = next;
    }
}

/* Behind the last node below root: in this order a subtree is one piece. */
static uint32_t end_of(const board *b, uint32_t root)
{
    uint32_t i = root + 1;
    while (i < b->node.n && b->node.at[i].parent >= root) i++;
    return i;
}

/* ---- what a node can do -------------------------------------------------------------------------- */

/* No line of its own: what stands below it takes its place. */
static bool is_transparent(const board *b, const board_node *n)
{
    return n->first &&
           (is_rule(n, "unfold") || is_rule(n, "general-power") || is_rule(n, "log-determinant") ||
            (is_rule(n, "linear") && b->level == EXPLAIN_ATOMIC));
}

/* Has it a right side with parts? */
static bool can_open(const board *b, const board_node *n)
{
    static const char *const composed[] = {"cases", "sum-index", "logsumexp", "total", "elementwise"};
    if (!n->first || n->s->tag == STEP_REPEAT || (is_rule(n, "linear") && b->level != EXPLAIN_ATOMIC))
        return false;
    if (n->s->shown || is_transparent(b, n)) return true;
    for (size_t i = 0; i < sizeof composed / sizeof composed[0]; i++)
        if (is_rule(n, composed[i])) return true;
    return false;
}

/* Done in the head: a constant, a power, a line, a number times one of these. */
static bool is_simple(board *b, uint32_t i)
{
    const board_node *n = node_at(b, i);
    if (is_rule(n, "constant-multiple"))
        return n->first && !node_at(b, n->first)->first && is_simple(b, n->first);
    return is_rule(n, "constant") || is_rule(n, "identity") || is_rule(n, "linear") ||
           (is_rule(n, "power") && term_is_num(b->ctx, explain_binding(n->s, "n")));
}

/* Inside another rule a sum of such terms is done at once. */
static bool is_collapsed(board *b, uint32_t i)
{
    const board_node *n = node_at(b, i);
    if (b->level == EXPLAIN_ATOMIC || !n->parent || !n->first) return false;
    if (is_rule(n, "constant-multiple")) return is_simple(b, i);
    if (!is_rule(n, "sum")) return false;
    for (uint32_t k = n->first; k; k = node_at(b, k)->next)
        if (!is_simple(b, k)) return false;
    return true;
}

static bool is_leaf(board *b, uint32_t i)
{
    return !can_open(b, node_at(b, i)) || is_collapsed(b, i);
}

/* How many right sides the derivation of node i shows. */
static unsigned count_open(board *b, uint32_t i)
{
    unsigned count = 0;
    for (uint32_t k = i, end = end_of(b, i); k < end; k++)
        count += !is_leaf(b, k) && !is_transparent(b, node_at(b, k));
    return count;
}

/* Does node i stand in the main line, under nothing but sums, factors in front and names? */
static bool is_in_main_line(const board *b, uint32_t i, uint32_t root)
{
    while (i != root) {
        i = b->node.at[i].parent;
        const board_node *up = &b->node.at[i];
        if (!is_rule(up, "sum") && !is_rule(up, "constant-multiple") && !is_rule(up, "sum-index") &&
            !is_transparent(b, up))
            return false;
    }
    return true;
}

/* Derived aside, under a letter? Products and quotients inside another rule; anything long where much is to
 * be done. */
static bool is_aside(board *b, uint32_t i, uint32_t root, unsigned whole)
{
    const board_node *n = node_at(b, i);
    if (is_leaf(b, i) || is_in_main_line(b, i, root) || b->level != EXPLAIN_FULL || b->letters >= LETTERS)
        return false;
    if (is_rule(n, "product") || is_rule(n, "quotient")) return true;
    return whole > LONG_DERIVATION && count_open(b, i) >= 3;
}

/* ---- the line ------------------------------------------------------------------------------------ */

static term deriv(gradus_ctx *ctx, term t, term x)
{
    const uint32_t one = 1;
    return term_deriv(ctx, t, &x, &one, 1);
}

/* A fraction or root under the power rule is shown as a power. */
static term closed_line(const board *b, const board_node *n)
{
    term e = is_rule(n, "power") && has_role(n, "outer") ? explain_binding(n->s, "n") : TERM_NONE;
    if (!e || !term_is(b->ctx, n->s->before, OP_DERIV)) return n->s->before;
    term g = term_arg(b->ctx, n->s->before, 1), p = show_power(b->ctx, g, e);
    return p == body_of(b, n->s) ? n->s->before : deriv(b->ctx, p, g);
}

static term done_line(const board *b, const board_node *n)
{
    gradus_ctx *ctx = b->ctx;
    if (n->s->tag != STEP_REPEAT && is_rule(n, "power"))
        return show_power_slope(ctx, explain_binding(n->s, "u"), explain_binding(n->s, "n"), false);
    if (is_rule(n, "exponential") && explain_binding(n->s, "a")) {
        term a = explain_binding(n->s, "a"), u = explain_binding(n->s, "u");
        return term_raw_ordered_mul(
            ctx, (term[]){term_raw_pow(ctx, a, u), term_raw_apply(ctx, FN_log, &a, 1)}, NULL, 2);
    }
    return n->s->after;
}

/* The derivative in line `shown` that child derives: by handle, else the one of the same formula. */
static term key_of(const board *b, term shown, const step *child)
{
    gradus_ctx *ctx = b->ctx;
    if (term_occurs(ctx, shown, child->before) || !term_is(ctx, child->before, OP_DERIV))
        return child->before;
    term_vec nodes = {0};
    term found = child->before, body = term_canon(ctx, term_arg(ctx, child->before, 0));
    if (term_reachable(ctx, &shown, 1, &nodes))
        for (size_t i = 0; i < nodes.n; i++)
            if (term_is(ctx, nodes.at[i], OP_DERIV) &&
                term_arg(ctx, nodes.at[i], 1) == term_arg(ctx, child->before, 1) &&
                term_canon(ctx, term_arg(ctx, nodes.at[i], 0)) == body)
                found = nodes.at[i];
    vec_clear(ctx, &nodes);
    return found;
}

/* Line `shown` of node n with its children's lines put in. */
static term put_parts(board *b, const board_node *n, term shown)
{
    term from[MANY_PARTS], to[MANY_PARTS];
    uint32_t m = 0;
    for (uint32_t k = n->first; k && m < MANY_PARTS; k = node_at(b, k)->next) {
        from[m] = key_of(b, shown, node_at(b, k)->s);
        to[m] = node_at(b, k)->line;
        if (to[m] && from[m] != to[m]) m++;
    }
    return m ? term_raw_subst(b->ctx, shown, from, to, m) : shown;
}

static term index_line(board *b, const board_node *n)
{
    gradus_ctx *ctx = b->ctx;
    term t = body_of(b, n->s), j = explain_binding(n->s, "j"), f = explain_binding(n->s, "f");
    term lo = term_arg(ctx, t, 1), hi = term_arg(ctx, t, 2), part = node_at(b, n->first)->line;
    if (!j || !part) return TERM_NONE;
    if (is_rule(n, "sum-index")) return term_raw_reduce(ctx, (term_red)term_aux(ctx, t), j, lo, hi, part);
    term weight = term_raw_apply(ctx, FN_exp, &f, 1), one = term_int(ctx, 1);
    if (!is_rule(node_at(b, n->first), "chain") || body_of(b, node_at(b, n->first)->s) != weight)
        part = term_raw_ordered_mul(ctx, (term[]){weight, part}, NULL, 2);
    term above = term_raw_reduce(ctx, RED_SUM, j, lo, hi, part),
         below = term_raw_reduce(ctx, RED_SUM, j, lo, hi, weight);
    return term_raw_mul(ctx, (term[]){above, below}, (term[]){one, term_int(ctx, -1)}, 2);
}

static term cases_line(board *b, const board_node *n)
{
    gradus_ctx *ctx = b->ctx;
    term t = body_of(b, n->s), args[MANY_PARTS];
    uint32_t count = term_argc(ctx, t), k = n->first;
    if (count > MANY_PARTS) return TERM_NONE;
    for (uint32_t i = 0; i < count; i++) {
        bool value = i % 2 == 1 || i + 1 == count;
        args[i] = value && k ? node_at(b, k)->line : term_arg(ctx, t, i);
        k = value && k ? node_at(b, k)->next : k;
    }
    return term_raw_node(ctx, OP_CASES, 0, args, count);
}

/* df/du*u' + df/dv*v': the partials come first, then the arguments, in the same order. */
static term total_line(board *b, const board_node *n)
{
    gradus_ctx *ctx = b->ctx;
    term sum[MANY_PARTS];
    uint32_t m = 0, p = n->first, a = n->first;
    for (;; m++) {
        while (p && !has_role(node_at(b, p), "partial")) p = node_at(b, p)->next;
        while (a && !has_role(node_at(b, a), "argument")) a = node_at(b, a)->next;
        if (!p || !a || m >= MANY_PARTS) break;
        sum[m] = term_raw_mul(ctx, (term[]){node_at(b, p)->line, node_at(b, a)->line}, NULL, 2);
        p = node_at(b, p)->next;
        a = node_at(b, a)->next;
    }
    return m ? term_raw_add(ctx, NULL, sum, m) : TERM_NONE;
}

static term tuple_line(board *b, const board_node *n)
{
    term entry[MANY_PARTS];
    uint32_t m = 0;
    for (uint32_t k = n->first; k && m < MANY_PARTS; k = node_at(b, k)->next)
        entry[m++] = node_at(b, k)->line;
    return term_raw_node(b->ctx, OP_TUPLE, 0, entry, m);
}

static term open_line(board *b, const board_node *n)
{
    if (is_transparent(b, n)) return node_at(b, n->first)->line;
    if (is_rule(n, "sum-index") || is_rule(n, "logsumexp")) return index_line(b, n);
    if (is_rule(n, "cases")) return cases_line(b, n);
    if (is_rule(n, "total")) return total_line(b, n);
    if (is_rule(n, "elementwise"))
        return term_is(b->ctx, body_of(b, n->s), OP_TUPLE) ? tuple_line(b, n) : TERM_NONE;
    return n->s->shown ? put_parts(b, n, n->s->shown) : TERM_NONE;
}

/* The inner function comes back in the place of its name when nothing is left to derive by that name. */
static term put_inner_back(board *b, const board_node *n, term line)
{
    const step *of = has_role(n, "outer") && n->parent ? node_at(b, n->parent)->s
                     : has_role(n, "partial")          ? n->s
                                                       : NULL;
    if (!line || !of || !of->inner_name || (term_get_flags(b->ctx, line) & TF_DERIV)) return line;
    if (!(term_get_flags(b->ctx, line) & TF_RAW))
        return term_subst(b->ctx, line, &of->inner_name, &of->inner_is, 1);
    return term_raw_subst(b->ctx, line, &of->inner_name, &of->inner_is, 1);
}

/* Puts the line of node root together from the states of all nodes below it. */
static term compose(board *b, uint32_t root)
{
    for (uint32_t i = end_of(b, root) - 1; i >= root; i--) {
        board_node *n = node_at(b, i);
        term line = n->state == NODE_DONE   ? done_line(b, n)
                    : n->state == NODE_OPEN ? open_line(b, n)
                                            : closed_line(b, n);
        node_at(b, i)->line = put_inner_back(b, n, line ? line : n->s->after);
    }
    return node_at(b, root)->line;
}

/* ---- reasons ------------------------------------------------------------------------------------- */

/* Constants that are numbers are said together. */
static void add_constant_reason(board *b, strbuf *reasons, const step *s)
{
    term c = explain_binding(s, "c");
    strbuf one;
    strbuf_init(&one, b->ctx);
    if (c && (term_get_flags(b->ctx, c) & TF_NUMERIC)) {
        strbuf_add(&one, reasons->n ? "constants give 0" : "The derivative of a constant is 0");
    } else {
        explain_fill(&one, b->ctx, s, "{c} counts as a constant", b->sheet->form);
    }
    if (!strstr(strbuf_str(reasons), "of a constant is 0")) explain_join(reasons, strbuf_str(&one));
    strbuf_clear(&one);
}

static void add_reason(board *b, strbuf *reasons, uint32_t i)
{
    strbuf one;
    const board_node *n = node_at(b, i);
    strbuf_init(&one, b->ctx);
    if (n->letter) strbuf_addc(&one, n->letter);
    else if (is_rule(n, "constant") && n->s->tag != STEP_REPEAT) add_constant_reason(b, reasons, n->s);
    else explain_reason(&one, b->ctx, n->s, b->sheet->form);
    explain_join(reasons, strbuf_str(&one));
    strbuf_clear(&one);
}

/* The parts of a collapsed node speak for it. */
static void add_reasons(board *b, strbuf *reasons, uint32_t i)
{
    const board_node *n = node_at(b, i);
    if (!is_collapsed(b, i) || n->s->tag == STEP_REPEAT) {
        add_reason(b, reasons, i);
        return;
    }
    for (uint32_t k = n->first; k; k = node_at(b, k)->next) {
        bool scaled = is_rule(node_at(b, k), "constant-multiple") && node_at(b, k)->first;
        add_reason(b, reasons, scaled ? node_at(b, k)->first : k);
    }
}

/* ---- statements ---------------------------------------------------------------------------------- */

static const step *rewrite_of(const step *s, const char *rule)
{
    for (const step *p = s->sub; p; p = p->next)
        if (p->kind == STEP_REWRITE && strcmp(p->rule, rule) == 0) return p;
    return NULL;
}

/* A fraction or root that the power rule takes as a power: said before it is done. */
static void say_power(board *b, uint32_t i, char letter)
{
    gradus_ctx *ctx = b->ctx;
    const board_node *n = node_at(b, i), *p = n;
    term t = body_of(b, n->s);
    if (has_role(n, "outer")) return;
    if (is_rule(n, "constant-multiple") && n->first) p = node_at(b, n->first);
    if (is_rule(p, "chain") && p->first) p = node_at(b, p->first);
    if (!is_rule(p, "power") || !rewrite_of(p->s, "rewrite")) return;
    term as_power = show_as_power(ctx, t);
    if (show_same(ctx, as_power, t)) return;
    term e = explain_binding(p->s, "n");
    bool root = e && term_is_num(ctx, e) && !fmpz_is_one(fmpq_denref(term_num(ctx, e)));
    board_say(b, t, as_power, root ? "a root is a power" : "a fraction is a power", letter);
}

static void say_general_power(board *b, const step *s, char letter)
{
    const step *form = rewrite_of(s, "rewrite");
    strbuf reason;
    if (!form) return;
    strbuf_init(&reason, b->ctx);
    bool logarithmic = form->before != body_of(b, s);
    explain_fill(&reason, b->ctx, s,
                 logarithmic ? "take logarithms on both sides"
                             : "{x} in base and exponent: neither power nor exponential rule",
                 b->sheet->form);
    if (s->cond) {
        strbuf_add(&reason, "; needs ");
        explain_condition(&reason, b->ctx, s->cond, b->sheet->form);
    }
    if (logarithmic) {
        term y = term_sym(b->ctx, "y", 1), ln_y = term_raw_apply(b->ctx, FN_log, &y, 1);
        board_say(b, y, body_of(b, s), "call it y", letter);
        board_say(b, ln_y, form->after, strbuf_str(&reason), letter);
    } else {
        board_say(b, form->before, form->after, strbuf_str(&reason), letter);
    }
    strbuf_clear(&reason);
}

/* The rules of the recurrence for the sensitivity, as found. */
static void say_recurrence(board *b, const step *s, char letter)
{
    gradus_ctx *ctx = b->ctx;
    if (!s->sub || !term_is(ctx, s->after, OP_ACC)) return;
    term sens = term_arg(ctx, s->after, 0);
    uint32_t count = term_sym_info(ctx, sens)->rule_count;
    for (uint32_t r = 0; r < count; r++) {
        sym_rule rule = term_sym_info(ctx, sens)->rules[r];
        strbuf where;
        strbuf_init(&where, ctx);
        for (uint32_t k = 0; k < rule.n; k++) {
            term lo = rule.lo[k], hi = rule.hi[k];
            if (!lo || !hi || !term_is(ctx, rule.index[k], OP_SYM)) continue;
            strbuf_add(&where, where.n ? ", " : "for ");
            explain_term(&where, ctx, rule.index[k], b->sheet->form);
            strbuf_add(&where, " = ");
            explain_term(&where, ctx, lo, b->sheet->form);
            strbuf_add(&where, "..");
            explain_term(&where, ctx, hi, b->sheet->form);
        }
        board_say(b, term_acc(ctx, sens, rule.index, rule.n), rule.body, strbuf_str(&where), letter);
        strbuf_clear(&where);
    }
}

/* What is said when node i is opened or done, before the line. */
static void say_first(board *b, uint32_t i, char letter)
{
    const board_node *n = node_at(b, i);
    term body = explain_binding(n->s, "body"), name = explain_binding(n->s, "N");
    if (n->s->tag == STEP_REPEAT) return;
    if (is_rule(n, "unfold") && body && name) board_say(b, name, body, "by definition", letter);
    else if (is_rule(n, "recurrence")) say_recurrence(b, n->s, letter);
    else if (is_rule(n, "general-power")) say_general_power(b, n->s, letter);
    else if (!n->parent || !is_rule(node_at(b, n->parent), "constant-multiple")) say_power(b, i, letter);
    const step *renamed = rewrite_of(n->s, "rename-index");
    if (renamed) {
        strbuf reason;
        strbuf_init(&reason, b->ctx);
        explain_fill(&reason, b->ctx, renamed, "the bound {j} is not the {j} outside: call it {m}",
                     b->sheet->form);
        sheet_add(b->sheet, LINE_WORDS, letter, strbuf_str(&reason), "");
        strbuf_clear(&reason);
    }
}

/* ---- rounds -------------------------------------------------------------------------------------- */

/* Note [Rounds]
 * In front stand the closed nodes whose parents are open. Names are unfolded at once. If constants are among
 * them and something long too, the constants go first (the lecture's third line). Else all that can be done
 * at once is done together with the leftmost long one and those of its rule (the lecture's second line: left
 * half by the power rule, right half as a sum). At atomic level a line is one rule. */

typedef VEC(uint32_t) index_vec;

static bool is_in_front(board *b, uint32_t i, uint32_t root)
{
    const board_node *n = node_at(b, i);
    if (n->state != NODE_CLOSED) return false;
    return i == root || node_at(b, n->parent)->state == NODE_OPEN;
}

/* The nodes in front below root; those without a line of their own are opened on the way. */
static bool collect_front(board *b, uint32_t root, index_vec *front, char letter)
{
    front->n = 0;
    for (uint32_t i = root, end = end_of(b, root); i < end; i++) {
        if (!is_in_front(b, i, root)) continue;
        if (is_transparent(b, node_at(b, i))) {
            say_first(b, i, letter);
            node_at(b, i)->state = NODE_OPEN;
        } else if (!vec_push(b->ctx, front, i)) {
            return false;
        }
    }
    return true;
}

/* Which of the front change in this round: keeps those. */
static void choose(board *b, index_vec *front)
{
    bool constants = false, longer = false, named = false;
    const char *rule = NULL;
    for (size_t k = 0; k < front->n; k++) {
        const board_node *n = node_at(b, front->at[k]);
        constants |= is_rule(n, "constant");
        if (!is_leaf(b, front->at[k])) {
            longer = true;
            rule = rule ? rule : n->s->rule;
        }
    }
    size_t m = 0;
    for (size_t k = 0; k < front->n; k++) {
        uint32_t i = front->at[k];
        const board_node *n = node_at(b, i);
        bool take;
        if (b->level == EXPLAIN_ATOMIC)
            take = strcmp(n->s->rule, node_at(b, front->at[0])->s->rule) == 0 && !(named && n->s->inner_name);
        else if (is_leaf(b, i)) take = true;
        else take = !(constants && longer) && strcmp(n->s->rule, rule) == 0 && !(named && n->s->inner_name);
        if (take) {
            named |= !is_leaf(b, i) &&
                     n->s->inner_name; /* one inner function a line: its letter stands for it */
            front->at[m++] = i;
        }
    }
    front->n = m;
}

static void derive_node(board *b, uint32_t root, char letter, const step *then);

/* Node i under a letter of its own, before the line that uses it. */
static void derive_aside(board *b, uint32_t i)
{
    char letter = (char)('A' + b->letters++);
    term keep = b->last;
    strbuf text;
    strbuf_init(&text, b->ctx);
    text_print(&text, b->ctx, closed_line(b, node_at(b, i)), b->sheet->form);
    b->sheet->depth++;
    sheet_add(b->sheet, LINE_HEAD, letter, strbuf_str(&text), "");
    strbuf_clear(&text);
    b->last = TERM_NONE;
    derive_node(b, i, letter, NULL);
    b->sheet->depth--;
    node_at(b, i)->state = NODE_DONE;
    node_at(b, i)->letter = letter;
    b->last = keep;
}

/* Is this the second time? Then the letter of the first, if it has one. */
static void find_letter(board *b, uint32_t i)
{
    const step *first = node_at(b, i)->s->repeat_of;
    for (uint32_t k = 1; first && k < b->node.n; k++)
        if (node_at(b, k)->s == first) node_at(b, i)->letter = node_at(b, k)->letter;
}

/* One round. false: nothing stands in front. */
static bool play_round(board *b, uint32_t root, index_vec *front, char letter, unsigned whole)
{
    strbuf reasons;
    if (!collect_front(b, root, front, letter) || front->n == 0) return false;
    choose(b, front);
    strbuf_init(&reasons, b->ctx);
    index_vec todo = *front;
    for (size_t k = 0; k < todo.n; k++) {
        uint32_t i = todo.at[k];
        if (is_aside(b, i, root, whole)) {
            *front = (index_vec){0}; /* the rounds of the side calculation have their own */
            derive_aside(b, i);
            *front = todo;
        } else {
            say_first(b, i, letter);
            node_at(b, i)->state = is_leaf(b, i) ? NODE_DONE : NODE_OPEN;
            find_letter(b, i);
        }
        add_reasons(b, &reasons, i);
    }
    board_line(b, compose(b, root), strbuf_str(&reasons), letter);
    strbuf_clear(&reasons);
    return true;
}

/* x^2: 2*x^(2 - 1) first, where the power rule is all there is to see. */
static void show_difference(board *b, uint32_t root, char letter)
{
    const board_node *n = node_at(b, root);
    term e = is_rule(n, "power") && n->s->tag != STEP_REPEAT ? explain_binding(n->s, "n") : TERM_NONE;
    long order;
    if (!e || !term_get_long(b->ctx, e, &order) || order < 2) return;
    term u = explain_binding(n->s, "u");
    strbuf reason;
    board_line(b, show_power_slope(b->ctx, u, e, true),
               "power rule: the exponent comes down, one less is left", letter);
    strbuf_init(&reason, b->ctx);
    strbuf_printf(&reason, "%ld - 1 = %ld", order, order - 1);
    node_at(b, root)->state = NODE_DONE;
    board_line(b, compose(b, root), strbuf_str(&reason), letter);
    strbuf_clear(&reason);
}

/* The slopes on both sides of a kink, as cases. */
static void show_pieces(board *b, uint32_t root, char letter)
{
    for (const step *p = node_at(b, root)->s->sub; p; p = p->next)
        if (p->kind == STEP_RULE && strcmp(p->rule, "cases") == 0 && p->role &&
            strcmp(p->role, "branch") == 0 && !p->sub)
            board_line(b, p->after, "each side by itself", letter);
}

/* Sums that lose all terms but one below node root. */
static bool say_deltas(board *b, uint32_t root, strbuf *reason)
{
    for (uint32_t i = root, end = end_of(b, root); i < end; i++) {
        const step *d = rewrite_of(node_at(b, i)->s, "delta");
        if (!d) continue;
        strbuf one;
        strbuf_init(&one, b->ctx);
        explain_fill(&one, b->ctx, d, "in the sum only {j} = {k} is left", b->sheet->form);
        explain_join(reason, strbuf_str(&one));
        strbuf_clear(&one);
    }
    return reason->n > 0;
}

/* What the last round left, put in order. */
static void collect(board *b, uint32_t root, char letter)
{
    const board_node *n = node_at(b, root);
    strbuf reason;
    strbuf_init(&reason, b->ctx);
    if (is_rule(n, "general-power") &&
        term_occurs(b->ctx, n->s->after, term_canon(b->ctx, body_of(b, n->s)))) {
        const step *form = rewrite_of(n->s, "rewrite");
        if (form && form->before == body_of(b, n->s)) {
            explain_term(&reason, b->ctx, form->after, b->sheet->form);
            strbuf_add(&reason, " is ");
            explain_term(&reason, b->ctx, form->before, b->sheet->form);
        } else {
            strbuf_add(&reason, "in order");
        }
    } else if (say_deltas(b, root, &reason)) {
        ; /* sums with one term left */
    } else if (n->line && n->s->after) {
        step change = {.kind = STEP_REWRITE, .rule = "simplify", .before = n->line, .after = n->s->after};
        explain_change(&reason, b->ctx, &change, b->sheet->form);
    }
    board_line(b, n->s->after, strbuf_str(&reason), letter);
    strbuf_clear(&reason);
}

/* The rule that comes first, the results of its parts. */
static void derive_briefly(board *b, uint32_t root)
{
    index_vec front = {0};
    strbuf reasons;
    if (collect_front(b, root, &front, 0)) {
        for (int round = 0; round < 2 && front.n; round++) {
            strbuf_init(&reasons, b->ctx);
            for (size_t k = 0; k < front.n; k++) {
                node_at(b, front.at[k])->state = round || is_leaf(b, front.at[k]) ? NODE_DONE : NODE_OPEN;
                add_reasons(b, &reasons, front.at[k]);
            }
            board_line(b, compose(b, root), strbuf_str(&reasons), 0);
            strbuf_clear(&reasons);
            if (!collect_front(b, root, &front, 0)) break;
        }
    }
    vec_clear(b->ctx, &front);
}

/* Recursion: at most one level per letter. The result as the rule leaves it is passed over where a shorter
 * form follows. */
static void derive_node(board *b, uint32_t root, char letter, const step *then)
{
    index_vec front = {0};
    unsigned whole = count_open(b, root);
    if (b->level == EXPLAIN_BRIEF) {
        derive_briefly(b, root);
        collect(b, root, letter);
        return;
    }
    show_difference(b, root, letter);
    show_pieces(b, root, letter);
    while (!is_full(b) && ctx_status(b->ctx) == GRADUS_OK &&
           play_round(b, root, &front, letter, whole))
        ;
    vec_clear(b->ctx, &front);
    term after = node_at(b, root)->s->after;
    if (is_full(b)) { /* the result all the same */
        if (!letter) {
            sheet_add(b->sheet, LINE_WORDS, 0, "(more lines follow, which are left out here)", "");
            put_line(b, after, "", 0);
        }
        return;
    }
    if (!then || !then->after || b->level == EXPLAIN_ATOMIC ||
        term_size(b->ctx, then->after) >= term_size(b->ctx, after))
        collect(b, root, letter);
}

/* The derivative from the beginning: the secant's slope, then the step goes to 0. */
static void derive_limit(board *b, const step *s)
{
    gradus_ctx *ctx = b->ctx;
    term h = explain_binding(s, "h"), zero = term_int(ctx, 0);
    strbuf first;
    strbuf_init(&first, ctx);
    explain_fill(&first, ctx, s, "slope of the secant; {h} = 0 itself gives 0/0", b->sheet->form);
    board_line(b, term_limit(ctx, s->shown, h, zero, SIDE_BOTH), strbuf_str(&first), 0);
    strbuf_clear(&first);
    for (const step *p = s->sub; p; p = p->next) {
        bool last = strcmp(p->rule, "limit") == 0;
        strbuf reason;
        strbuf_init(&reason, ctx);
        if (last) explain_fill(&reason, ctx, s, "now {h} can be 0", b->sheet->form);
        else if (strcmp(p->rule, "cancel") == 0)
            explain_fill(&reason, ctx, s, "{h} cancels: it is not 0 on the way", b->sheet->form);
        else explain_change(&reason, ctx, p, b->sheet->form);
        board_line(b, last ? p->after : term_limit(ctx, p->after, h, zero, SIDE_BOTH), strbuf_str(&reason),
                   0);
        strbuf_clear(&reason);
    }
}

void board_derive(board *b, const step *s, const step *then)
{
    if (strcmp(s->rule, "limit-definition") == 0 && s->shown && explain_binding(s, "h")) {
        derive_limit(b, s);
        board_line(b, s->after, "", 0);
        return;
    }
    if (!add_nodes(b, s)) {
        board_line(b, s->after, "too many rules to be written down", 0);
        return;
    }
    derive_node(b, 1, 0, then);
}

void board_clear(board *b)
{
    vec_clear(b->ctx, &b->node);
}
