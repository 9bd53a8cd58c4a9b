/* parser: tokens to a tree, by precedence, with explicit stacks (see parser_impl.h). This file: operators,
 * closing brackets and separators; parser_open.c: everything that begins a value. */
#include "text/parser_impl.h"

#include <stdio.h>

enum {
    PREC_EQUALS = 1,
    PREC_OR,
    PREC_AND,
    PREC_NOT,
    PREC_COMPARE,
    PREC_SUM,
    PREC_PRODUCT,
    PREC_NEGATIVE,
    PREC_POWER
};

/* ---- nodes ----------------------------------------------------------------------------------- */

uint32_t node_new(reader *r, node_kind kind, uint32_t first, uint32_t past)
{
    tree_node n = {.kind = (uint8_t)kind, .first = first, .past = past};
    if (!vec_push(r->ctx, &r->nodes, n)) {
        r->failed = true;
        return 0;
    }
    return (uint32_t)r->nodes.n - 1;
}

void node_append(reader *r, uint32_t parent, uint32_t child)
{
    tree_node *p = node_of(r, parent);
    if (p->last) node_of(r, p->last)->next = child;
    else p->child = child;
    p->last = child;
    p->n++;
    if (node_of(r, child)->past > p->past) p->past = node_of(r, child)->past;
}

/* ---- messages -------------------------------------------------------------------------------- */

const char *parse_token_words(const reader *r, const token *t)
{
    switch (t->kind) {
    case TK_END: return "the end";
    case TK_SEPARATOR: return t->past > t->first && r->s[t->first] == ';' ? "`;;`" : "the end of the line";
    default:
        return reader_text((reader *)(uintptr_t)r, "`%s`",
                           reader_quote((reader *)(uintptr_t)r, t->first, t->past));
    }
}

bool parse_error_at(parser *p, const token *t, const char *hint, const char *fmt, ...)
{
    char buf[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return reader_error(p->r, t->first, t->past, hint, "%s", buf);
}

bool parse_push(parser *p, parse_item i)
{
    return vec_push(p->r->ctx, &p->items, i);
}

bool parse_operand(parser *p, uint32_t node)
{
    p->want = false;
    return node && vec_push(p->r->ctx, &p->operands, node);
}

static uint32_t pop_operand(parser *p)
{
    return p->operands.at[--p->operands.n];
}

/* ---- operators ------------------------------------------------------------------------------- */

static int precedence(const token *t)
{
    switch (t->kind) {
    case TK_EQUALS: return PREC_EQUALS;
    case TK_EQ:
    case TK_NE:
    case TK_LT:
    case TK_LE:
    case TK_GT:
    case TK_GE: return PREC_COMPARE;
    case TK_PLUS:
    case TK_MINUS: return PREC_SUM;
    case TK_TIMES:
    case TK_DIVIDE:
    case TK_DOT_TIMES:
    case TK_DOT_DIVIDE:
    case TK_IMPLIED: return PREC_PRODUCT;
    case TK_POWER:
    case TK_DOT_POWER: return PREC_POWER;
    case TK_NAME: return t->name == KW_AND ? PREC_AND : t->name == KW_OR ? PREC_OR : 0;
    default: return 0;
    }
}

static node_kind kind_of_operator(const token *t)
{
    switch (precedence(t)) {
    case PREC_EQUALS:
    case PREC_COMPARE: return NODE_COMPARE;
    case PREC_OR: return NODE_OR;
    case PREC_AND: return NODE_AND;
    case PREC_SUM: return NODE_SUM;
    case PREC_PRODUCT: return NODE_PRODUCT;
    default: return NODE_POWER;
    }
}

/* `1/2x`: the settled reading is (1/2)*x; it is echoed. */
static void note_after_division(parser *p, uint32_t left, uint32_t right)
{
    const tree_node *l = node_of(p->r, left), *x = node_of(p->r, right);
    if (l->kind != NODE_PRODUCT || (l->flags & NF_PAREN) || !(node_of(p->r, l->last)->flags & NF_DIVIDE))
        return;
    const char *a = reader_quote(p->r, l->first, l->past), *b = reader_quote(p->r, x->first, x->past);
    reader_note(p->r, l->first, x->past, "`%s` is read as (%s)*%s", reader_quote(p->r, l->first, x->past), a,
                b);
}

/* `d / dx`: with blanks it is a division. */
static void note_division(parser *p, uint32_t left, uint32_t right)
{
    const reader *r = p->r;
    const tree_node *a = node_of(r, left), *b = node_of(r, right);
    if (a->kind != NODE_NAME || b->kind != NODE_NAME || r->door == TEXT_LATEX) return;
    const char *x = name_text(r, a->name), *y = name_text(r, b->name);
    if (x[0] == 'd' && y[0] == 'd' && y[1] && node_of(r, right)->first > a->past + 1)
        reader_note(p->r, a->first, b->past,
                    "`%s` is read as a division; a derivative is written %s/%s without blanks",
                    reader_quote(p->r, a->first, b->past), x, y);
}

static bool apply_binary(parser *p, const parse_item *i)
{
    reader *r = p->r;
    token t = *token_at(p, i->token);
    uint32_t right = pop_operand(p), left = pop_operand(p);
    node_kind kind = kind_of_operator(&t);
    if (i->op == TK_IMPLIED) note_after_division(p, left, right);
    if (i->op == TK_DIVIDE) note_division(p, left, right);
    uint8_t role = 0;
    if (t.kind == TK_MINUS && i->op != TK_IMPLIED) role |= NF_MINUS;
    if (i->op == TK_DIVIDE || i->op == TK_DOT_DIVIDE) role |= NF_DIVIDE;
    if (i->op == TK_DOT_TIMES || i->op == TK_DOT_DIVIDE) role |= NF_DOT;
    if (i->op == TK_IMPLIED) {
        role |= NF_IMPLIED;
        kind = NODE_PRODUCT;
    }
    uint32_t node = left;
    bool chain = node_of(r, left)->kind == kind && !(node_of(r, left)->flags & NF_PAREN) &&
                 kind != NODE_POWER;
    /* a = b == c: the looser sign does not join the tighter chain */
    if (chain && kind == NODE_COMPARE)
        chain = (node_of(r, node_of(r, left)->last)->spare == TK_EQUALS) == (t.kind == TK_EQUALS);
    if (!chain) {
        node = node_new(r, kind, node_of(r, left)->first, node_of(r, left)->past);
        if (!node) return false;
        node_append(r, node, left);
    }
    node_append(r, node, right);
    tree_node *x = node_of(r, right);
    x->flags |= role;
    x->spare = t.kind;
    if (kind == NODE_POWER) node_of(r, node)->extra = t.kind == TK_DOT_POWER;
    return vec_push(r->ctx, &p->operands, node);
}

static bool apply_prefix(parser *p, const parse_item *i)
{
    reader *r = p->r;
    uint32_t x = pop_operand(p), node = i->node;
    const token *t = token_at(p, i->token);
    if (!node)
        node = node_new(r,
                        i->op == TK_MINUS  ? NODE_NEGATIVE
                        : i->op == TK_ROOT ? NODE_ROOT
                                           : NODE_NOT,
                        t->first, t->past);
    if (!node) return false;
    node_append(r, node, x);
    return vec_push(r->ctx, &p->operands, node);
}

static bool apply_top(parser *p)
{
    parse_item i = p->items.at[--p->items.n];
    return i.kind == IT_BINARY ? apply_binary(p, &i) : apply_prefix(p, &i);
}

/* Applies waiting operators at least as tight as prec, down to the innermost frame. */
static bool reduce(parser *p, int prec)
{
    while (top_item(p)->kind <= IT_TIGHT && top_item(p)->prec >= prec)
        if (!apply_top(p)) return false;
    return true;
}

static bool push_binary(parser *p, uint8_t op, int prec)
{
    /* right associative: an equal one to the left waits */
    if (!reduce(p, prec == PREC_POWER ? prec + 1 : prec)) return false;
    p->want = true;
    return parse_push(p, (parse_item){.kind = IT_BINARY, .prec = (uint8_t)prec, .op = op, .token = p->at});
}

/* d/dx (x^2)^3, d/dx (u)(v): two readings. */
static bool check_after_tight(parser *p)
{
    const parse_item *i = top_item(p);
    const token *t = look(p, 0);
    bool root = i->op == TK_ROOT, derivative = !root;
    bool goes_on = t->kind == TK_POWER || t->kind == TK_DOT_POWER ||
                   (derivative &&
                    (t->kind == TK_LPAREN || (t->kind == TK_NAME && !precedence(t) && t->name > KW_UNTIL)));
    if (!goes_on || p->r->door == TEXT_LATEX) return true;
    uint32_t body = p->operands.at[p->operands.n - 1];
    const token *op = token_at(p, i->token);
    uint32_t body_first = node_of(p->r, body)->first, body_past = node_of(p->r, body)->past;
    const char *head = reader_quote(p->r, op->first, body_first),
               *b = reader_quote(p->r, body_first, body_past);
    const char *rest = parse_quote_factor(p, p->at);
    const char *mend = t->kind == TK_POWER
                           ? reader_text(p->r, "(%s %s)%s or %s (%s%s)", head, b, rest, head, b, rest)
                           : reader_text(p->r, "(%s %s)*%s or %s (%s*%s)", head, b, rest, head, b, rest);
    return reader_error(p->r, op->first, t->past, mend, "`%s %s%s` can be read in two ways", head, b, rest);
}

/* ---- what may follow a value ----------------------------------------------------------------- */

static token_kind closer_of(const parser *p, const parse_item *f)
{
    switch (f->kind) {
    case FR_PAREN:
    case FR_ARGUMENTS:
    case FR_BODY: return TK_RPAREN;
    case FR_CASES: return TK_RBRACE;
    case FR_BAR: return TK_BAR;
    case FR_TOP:
    case FR_FOR: return TK_END;
    default: (void)p; return TK_RBRACKET;
    }
}

static const char *closer_text(token_kind k)
{
    return k == TK_RPAREN ? ")" : k == TK_RBRACE ? "}" : k == TK_BAR ? "|" : "]";
}

static bool unclosed(parser *p, const parse_item *f)
{
    const token *open = token_at(p, f->token), *t = look(p, 0);
    const char *want = closer_text(closer_of(p, f));
    if (open->flags & TOKEN_HIDDEN)
        return parse_error_at(p, open, NULL, "this is not closed: `}` is missing");
    if (t->kind == TK_END || t->kind == TK_SEPARATOR)
        return parse_error_at(p, open, reader_text(p->r, "add `%s`", want),
                              "`%s` is not closed: `%s` is missing",
                              reader_quote(p->r, open->first, open->past), want);
    return reader_error(p->r, t->first, t->past, NULL, "%s where `%s` should close `%s`",
                        parse_token_words(p->r, t), want, reader_quote(p->r, open->first, open->past));
}

/* The operand just read becomes the next child of the frame's node. */
static uint32_t take_child(parser *p, const parse_item *f, uint8_t flags)
{
    uint32_t x = pop_operand(p);
    node_append(p->r, f->node, x);
    node_of(p->r, x)->flags |= flags;
    return x;
}

static bool next_argument(parser *p)
{
    take_child(p, top_item(p), 0);
    p->at++;
    p->want = true;
    return true;
}

/* (a,) is a vector of one entry. */
static bool closes_tuple(parser *p)
{
    parse_item f = *top_item(p);
    const token *t = look(p, 0);
    if (f.kind != FR_PAREN || !f.node || t->kind != TK_RPAREN || node_of(p->r, f.node)->n != 1) return false;
    p->items.n--;
    node_of(p->r, f.node)->past = t->past;
    p->at++;
    return parse_operand(p, f.node);
}

static bool on_comma(parser *p)
{
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    switch (f->kind) {
    case FR_PAREN:
        if (!f->node) {
            f->node = node_new(p->r, NODE_TUPLE, token_at(p, f->token)->first, t->past);
            if (!f->node) return false;
        }
        return next_argument(p);
    case FR_ARGUMENTS:
    case FR_INDEX:
    case FR_VARIABLE: return next_argument(p);
    case FR_BINDERS:
    case FR_FOR:
        if (f->stage != 2) break;
        take_child(p, &(parse_item){.node = node_of(p->r, f->node)->last}, 0);
        p->at++;
        return parse_binder(p);
    case FR_IVERSON:
        return parse_error_at(p, t, "a vector is written (a, b)",
                              "square brackets hold one condition, not a list");
    case FR_TOP: return parse_error_at(p, t, "a vector is written (a, b)", "`,` outside brackets");
    default: break;
    }
    return parse_error_at(p, t, NULL, "`,` does not belong here");
}

static bool on_semicolon(parser *p)
{
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    if (f->kind == FR_CASES && f->stage == 1) {
        take_child(p, f, NF_CONDITION);
        f->stage = 0;
        p->at++;
        p->want = true;
        /* `{a if c; otherwise b}` and a closing `;}` are not the language's */
        return true;
    }
    if (f->kind == FR_CASES)
        return parse_error_at(p, t, "{x if x > 0; 0 otherwise}",
                              "a value in cases is followed by `if` or `otherwise`");
    tree_node *n = f->node ? node_of(p->r, f->node) : NULL;
    bool takes = f->kind == FR_ARGUMENTS &&
                 (n->kind == NODE_APPLY || (n->name >= KW_GRAD && n->name <= KW_D));
    if (!takes || n->extra != NO_SEMICOLON) return parse_error_at(p, t, NULL, "`;` does not belong here");
    take_child(p, f, 0);
    node_of(p->r, f->node)->extra = node_of(p->r, f->node)->n -
                                    (node_of(p->r, f->node)->kind == NODE_APPLY ? 1 : 0);
    p->at++;
    p->want = true;
    return true;
}

static bool on_colon(parser *p)
{
    parse_item *f = top_item(p);
    if (f->kind != FR_BINDERS || f->stage != 2)
        return parse_error_at(p, look(p, 0), NULL, "`:` does not belong here");
    take_child(p, &(parse_item){.node = node_of(p->r, f->node)->last}, 0);
    f->stage = 3;
    p->at++;
    p->want = true;
    return true;
}

static bool on_range(parser *p)
{
    parse_item *f = top_item(p);
    if ((f->kind != FR_BINDERS && f->kind != FR_FOR) || f->stage != 1)
        return parse_error_at(p, look(p, 0), "sum[i=1..n](...)",
                              "a range a..b stands after the name of an index and `=`");
    take_child(p, &(parse_item){.node = node_of(p->r, f->node)->last}, 0);
    f->stage = 2;
    p->at++;
    p->want = true;
    const token *t = look(p, 0);
    if (f->kind == FR_FOR &&
        (t->kind == TK_END || t->kind == TK_SEPARATOR || (t->kind == TK_NAME && t->name == KW_UNTIL)))
        return reader_error_as(p->r, GRADUS_UNABLE, t->first, t->past, "state both ends: for t = 1..T",
                               "recurrences without an upper end are not read yet");
    return true;
}

static bool on_if(parser *p)
{
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    bool otherwise = t->name == KW_OTHERWISE;
    if (f->kind != FR_CASES || f->stage != 0)
        return parse_error_at(p, t, "{x if x > 0; 0 otherwise}", "%s stands only in cases, after a value",
                              parse_token_words(p->r, t));
    take_child(p, f, otherwise ? NF_ELSE : 0);
    p->at++;
    f->stage = otherwise ? 2 : 1;
    p->want = !otherwise;
    if (otherwise && look(p, 0)->kind == TK_SEMICOLON) p->at++;
    if (otherwise && look(p, 0)->kind != TK_RBRACE)
        return parse_error_at(p, look(p, 0), "put the case with `otherwise` last",
                              "`otherwise` closes the cases: `}` must follow");
    return true;
}

/* ---- closing --------------------------------------------------------------------------------- */

static void set_past(parser *p, uint32_t node, const token *t)
{
    if (t->past > node_of(p->r, node)->past) node_of(p->r, node)->past = t->past;
}

static bool close_paren(parser *p, parse_item f)
{
    const token *open = token_at(p, f.token), *t = look(p, 0);
    uint32_t x;
    if (f.node) {
        take_child(p, &f, 0);
        x = f.node;
    } else {
        x = pop_operand(p);
        if (!(open->flags & TOKEN_HIDDEN)) {
            tree_node *n = node_of(p->r, x);
            n->first = open->first;
            n->past = t->past > n->past ? t->past : n->past;
        }
        node_of(p->r, x)->flags |= NF_PAREN;
    }
    set_past(p, x, t);
    p->at++;
    return parse_operand(p, x);
}

static bool close_arguments(parser *p, parse_item f)
{
    reader *r = p->r;
    take_child(p, &f, 0);
    set_past(p, f.node, look(p, 0));
    p->at++;
    uint32_t x = f.node;
    if (f.power) {
        x = node_new(r, NODE_POWER, node_of(r, f.node)->first, node_of(r, f.node)->past);
        if (!x) return false;
        node_append(r, x, f.node);
        node_append(r, x, f.power);
    }
    uint32_t name = node_of(r, f.node)->name;
    if (node_of(r, f.node)->kind == NODE_CALL && name >= KW_GRAD && name <= KW_D &&
        look(p, 0)->kind == TK_LPAREN) {
        uint32_t apply = node_new(r, NODE_APPLY, node_of(r, x)->first, node_of(r, x)->past);
        if (!apply) return false;
        node_append(r, apply, x);
        node_of(r, apply)->extra = NO_SEMICOLON;
        p->want = true;
        return parse_push(p, (parse_item){.kind = FR_ARGUMENTS, .node = apply, .token = p->at++});
    }
    return parse_operand(p, x);
}

static bool close_binders(parser *p, parse_item f)
{
    if (f.stage == 2) take_child(p, &(parse_item){.node = node_of(p->r, f.node)->last}, 0);
    else if (f.stage == 3) take_child(p, &f, NF_CONDITION);
    else
        return parse_error_at(p, look(p, 0), "sum[i=1..n](...)",
                              "the range of the index needs two ends: a..b");
    p->at++;
    return parse_body_bracket(p, f.node, f.token);
}

static bool close_cases(parser *p, parse_item f)
{
    if (f.stage == 1) take_child(p, &f, NF_CONDITION);
    else if (f.stage == 0)
        return parse_error_at(p, look(p, 0), "{x if x > 0; 0 otherwise}",
                              "the last value lacks `if` or `otherwise`");
    set_past(p, f.node, look(p, 0));
    p->at++;
    return parse_operand(p, f.node);
}

static bool on_close(parser *p)
{
    parse_item f = *top_item(p);
    const token *t = look(p, 0);
    if (f.kind == FR_TOP || f.kind == FR_FOR)
        return parse_error_at(p, t, NULL, "%s closes nothing", parse_token_words(p->r, t));
    if (closer_of(p, &f) != (token_kind)t->kind) return unclosed(p, &f);
    p->items.n--;
    switch (f.kind) {
    case FR_PAREN: return close_paren(p, f);
    case FR_ARGUMENTS: return close_arguments(p, f);
    case FR_BINDERS: return close_binders(p, f);
    case FR_CASES: return close_cases(p, f);
    case FR_TARGET:
        take_child(p, &f, 0);
        p->at++;
        return parse_body_bracket(p, f.node, f.token);
    case FR_VARIABLE: {
        uint32_t variable = node_of(p->r, f.node)->last;
        take_child(p, &(parse_item){.node = variable}, 0);
        p->at++;
        return parse_derivative_rest(p, f.node, f.token);
    }
    default: /* INDEX, IVERSON, BODY, BAR */
        take_child(p, &f, 0);
        set_past(p, f.node, t);
        p->at++;
        return parse_operand(p, f.node);
    }
}

/* The end of a statement, or its `for`. */
static bool end_statement(parser *p)
{
    parse_item f = *top_item(p);
    if (f.kind != FR_TOP && f.kind != FR_FOR) return unclosed(p, &f);
    if (f.kind == FR_FOR) {
        if (f.stage != 2)
            return parse_error_at(p, look(p, 0), "for t = 1..T",
                                  "the range of the index needs two ends: a..b");
        take_child(p, &(parse_item){.node = node_of(p->r, f.node)->last}, 0);
    } else {
        take_child(p, &f, 0);
    }
    p->items.n--;
    return true;
}

static bool on_for(parser *p)
{
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    if (f->kind != FR_TOP) return parse_error_at(p, t, NULL, "`for` stands after a whole definition");
    take_child(p, f, 0);
    f->kind = FR_FOR;
    p->at++;
    return parse_binder(p);
}

/* ---- products without a sign ----------------------------------------------------------------- */

static bool implied_product(parser *p)
{
    const token *t = look(p, 0), *before = token_at(p, p->at - 1);
    uint32_t x = p->operands.at[p->operands.n - 1];
    const char *left = reader_quote(p->r, node_of(p->r, x)->first, node_of(p->r, x)->past);
    if (t->kind == TK_NUMBER) {
        const char *right = parse_token_words(p->r, t);
        return parse_error_at(
            p, t, before->kind == TK_NUMBER ? "write * between them" : "write * (or ^) between them",
            "the number %s follows a value without an operator", right);
    }
    bool spaced = (t->flags & TOKEN_SPACED) != 0;
    bool in_bars = false;
    for (size_t k = p->items.n; t->kind == TK_BAR && k > 0 && !in_bars; k--)
        in_bars = p->items.at[k - 1].kind == FR_BAR;
    if (in_bars || (before->kind == TK_BAR && t->kind != TK_LPAREN))
        return parse_error_at(p, t, "use abs( )", "which bars belong together is not clear");
    if (t->kind == TK_NAME && before->kind == TK_NAME && !spaced)
        return parse_error_at(p, t, "write * between them", "two names side by side");
    if (t->kind == TK_LBRACKET && before->kind == TK_RBRACKET && !spaced)
        return parse_error_at(p, t, "several indices are written a[i,j]", "`%s[`: an index after an index",
                              left);
    return push_binary(p, TK_IMPLIED, PREC_PRODUCT);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool is_index_bracket(const parser *p)
{
    const token *t = look(p, 0), *before = token_at(p, p->at - 1);
    if (t->kind != TK_LBRACKET || (t->flags & TOKEN_SPACED)) return false;
    return before->kind == TK_NAME || before->kind == TK_RPAREN;
}

static bool open_index(parser *p)
{
    uint32_t base = pop_operand(p);
    uint32_t node = node_new(p->r, NODE_INDEX, node_of(p->r, base)->first, node_of(p->r, base)->past);
    if (!node) return false;
    node_append(p->r, node, base);
    p->want = true;
    return parse_push(p, (parse_item){.kind = FR_INDEX, .node = node, .token = p->at++});
}

/* `x -> 0+`: a sign before the closing bracket says the side. */
static bool limit_side(parser *p)
{
    const token *t = look(p, 0);
    if (top_item(p)->kind != FR_TARGET || look(p, 1)->kind != TK_RBRACKET ||
        (t->kind != TK_PLUS && t->kind != TK_MINUS))
        return false;
    node_of(p->r, top_item(p)->node)->extra = t->kind == TK_PLUS ? SIDE_RIGHT : SIDE_LEFT;
    p->at++;
    return true;
}

/* One token after a value. */
static bool after_value(parser *p)
{
    while (top_item(p)->kind == IT_TIGHT && !is_index_bracket(p))
        if (!check_after_tight(p) || !apply_top(p)) return false;
    const token *t = look(p, 0);
    if (is_index_bracket(p)) return open_index(p);
    if (t->kind == TK_PRIME)
        return parse_error_at(p, t, "a transpose is written A^T",
                              "a prime stands only after the name of a function");
    int prec = precedence(t);
    if (prec && prec == PREC_SUM) {
        if (!reduce(p, PREC_SUM)) return false;
        if (limit_side(p)) return true;
    }
    if (prec) {
        if (t->kind == TK_EQUALS) {
            if (!reduce(p, PREC_EQUALS)) return false;
            if (top_item(p)->kind != FR_TOP)
                return parse_error_at(p, t, "a comparison is written ==", "`=` inside brackets");
        }
        if (!push_binary(p, t->kind, prec)) return false;
        p->at++;
        return true;
    }
    bool word = t->kind == TK_NAME &&
                (t->name == KW_IF || t->name == KW_OTHERWISE || t->name == KW_FOR || t->name == KW_UNTIL);
    bool bar_closes = false;
    if (t->kind == TK_BAR) {
        size_t k = p->items.n;
        while (k > 0 && p->items.at[k - 1].kind <= IT_TIGHT) k--;
        bar_closes = k > 0 && p->items.at[k - 1].kind == FR_BAR;
    }
    if (!word && !bar_closes && parse_begins_value(p, t)) return implied_product(p);
    if (!reduce(p, 0)) return false;
    switch (t->kind) {
    case TK_COMMA: return on_comma(p);
    case TK_SEMICOLON: return on_semicolon(p);
    case TK_COLON: return on_colon(p);
    case TK_RANGE: return on_range(p);
    case TK_NAME:
        return t->name == KW_FOR ? on_for(p)
               : t->name == KW_UNTIL
                   ? reader_error_as(p->r, GRADUS_UNABLE, t->first, t->past, NULL, "`until` is not read yet")
                   : on_if(p);
    case TK_RPAREN:
    case TK_RBRACKET:
    case TK_RBRACE:
    case TK_BAR: return on_close(p);
    default: return parse_error_at(p, t, NULL, "%s does not belong here", parse_token_words(p->r, t));
    }
}

/* One statement; its tokens up to a separator or the end. */
static bool parse_statement(parser *p, uint32_t *out)
{
    uint32_t node = node_new(p->r, NODE_STATEMENT, look(p, 0)->first, look(p, 0)->first);
    if (!node || !parse_push(p, (parse_item){.kind = FR_TOP, .node = node, .token = p->at})) return false;
    p->want = true;
    for (;;) {
        const token *t = look(p, 0);
        if (!ctx_tick(p->r->ctx)) return false;
        if (p->want) {
            if (closes_tuple(p)) continue;
            if (t->kind == TK_SEPARATOR && t->past == t->first + 1) /* a line may end after an operator */
                p->at++;
            else if (!parse_open(p)) return false;
        } else if (t->kind == TK_END || t->kind == TK_SEPARATOR ||
                   (t->kind == TK_COMMA && p->r->declaring && top_item(p)->kind == FR_TOP)) {
            while (top_item(p)->kind <= IT_TIGHT)
                if (!apply_top(p)) return false;
            *out = node;
            return end_statement(p);
        } else if (t->kind == TK_COLON && p->r->declaring && top_item(p)->kind == FR_TOP &&
                   look(p, 1)->kind == TK_NAME) {
            node_of(p->r, node)->name = look(p, 1)->name;
            p->at += 2;
        } else if (!after_value(p)) {
            return false;
        }
    }
}

bool parse_tokens(reader *r)
{
    parser p = {.r = r};
    bool ok = (r->root = node_new(r, NODE_BLOCK, 0, (uint32_t)r->n)) != 0;
    while (ok) {
        while (look(&p, 0)->kind == TK_SEPARATOR || (r->declaring && look(&p, 0)->kind == TK_COMMA)) p.at++;
        if (look(&p, 0)->kind == TK_END) break;
        uint32_t statement = 0;
        ok = parse_statement(&p, &statement);
        if (ok) node_append(r, r->root, statement);
    }
    if (ok && node_of(r, r->root)->n == 0)
        ok = reader_error(r, 0, 0, NULL, "there is nothing to read: the input is empty");
    vec_clear(r->ctx, &p.items);
    vec_clear(r->ctx, &p.operands);
    return ok && !r->failed;
}
