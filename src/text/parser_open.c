/* parser_open: what begins a value: numbers, names, calls, brackets of all kinds, reducers, limits,
 * derivatives. */
#include "text/parser_impl.h"

bool parse_begins_value(const parser *p, const token *t)
{
    (void)p;
    switch (t->kind) {
    case TK_NUMBER:
    case TK_LPAREN:
    case TK_LBRACKET:
    case TK_LBRACE:
    case TK_BAR:
    case TK_ROOT:
    case TK_DERIVATIVE: return true;
    case TK_NAME: return t->name >= KW_SUM || t->name == KW_NOT;
    default: return false;
    }
}

const char *parse_quote_factor(parser *p, uint32_t i)
{
    uint32_t first = i, depth = 0;
    for (;; i++) {
        const token *t = token_at(p, i);
        bool opens = t->kind == TK_LPAREN || t->kind == TK_LBRACKET || t->kind == TK_LBRACE;
        bool closes = t->kind == TK_RPAREN || t->kind == TK_RBRACKET || t->kind == TK_RBRACE;
        if (t->kind == TK_END || t->kind == TK_SEPARATOR || (closes && depth == 0)) break;
        if (depth == 0 && i > first &&
            (t->kind == TK_PLUS || t->kind == TK_MINUS || t->kind == TK_COMMA || t->kind == TK_TIMES ||
             t->kind == TK_DIVIDE || t->kind == TK_SEMICOLON || (t->kind >= TK_EQUALS && t->kind <= TK_GE)))
            break;
        depth = opens ? depth + 1 : closes ? depth - 1 : depth;
    }
    return i > first ? reader_quote(p->r, token_at(p, first)->first, token_at(p, i - 1)->past) : "...";
}

bool parse_is_function(parser *p, uint32_t name)
{
    const name_entry *e = &p->r->names.at[name];
    term s = term_find_sym(p->r->ctx, e->text, e->length);
    if (s && term_sym_info(p->r->ctx, s)->role == ROLE_FUNCTION) return true;
    return fn_find(e->text, e->length) != FN_NONE && !text_is_known(p->r->ctx, e->text, e->length);
}

static bool leaf(parser *p, node_kind kind, uint32_t name)
{
    const token *t = look(p, 0);
    uint32_t node = node_new(p->r, kind, t->first, t->past);
    if (!node) return false;
    node_of(p->r, node)->name = name;
    p->at++;
    return parse_operand(p, node);
}

static bool open_frame(parser *p, item_kind kind, node_kind node_kind_, uint32_t name)
{
    const token *t = look(p, 0);
    uint32_t node = node_kind_ ? node_new(p->r, node_kind_, t->first, t->past) : 0;
    if (node_kind_ && !node) return false;
    if (node) {
        node_of(p->r, node)->name = name;
        node_of(p->r, node)->extra = node_kind_ == NODE_CALL ? NO_SEMICOLON : 0;
    }
    p->want = true;
    return parse_push(p, (parse_item){.kind = (uint8_t)kind, .node = node, .token = p->at++});
}

/* ---- binders --------------------------------------------------------------------------------- */

/* A binder's name; *more: a comma was passed, and another name must follow. */
static bool binder_name(parser *p, bool *more)
{
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    *more = false;
    if (t->kind != TK_NAME || t->name < KW_SUM)
        return parse_error_at(p, t, f->kind == FR_FOR ? "for t = 1..T" : "sum[i=1..n](...)",
                              "the name of an index should stand here, not %s", parse_token_words(p->r, t));
    uint32_t binder = node_new(p->r, NODE_BINDER, t->first, t->past);
    if (!binder) return false;
    node_of(p->r, binder)->name = t->name;
    node_append(p->r, f->node, binder);
    p->at++;
    *more = f->kind == FR_BINDERS && look(p, 0)->kind == TK_COMMA;
    p->at += *more;
    return true;
}

bool parse_binder(parser *p)
{
    bool more = true;
    while (more)
        if (!binder_name(p, &more)) return false;
    parse_item *f = top_item(p);
    const token *t = look(p, 0);
    p->want = true;
    if (t->kind == TK_EQUALS) {
        p->at++;
        f->stage = 1;
        return true;
    }
    if (f->kind == FR_FOR)
        return parse_error_at(p, t, "for t = 1..T", "`=` and a range must follow the name of the index");
    f->stage = 3;
    if (t->kind == TK_COLON) {
        p->at++;
        return true;
    }
    if (t->kind == TK_RBRACKET) {
        parse_item done = *f;
        p->items.n--;
        p->at++;
        return parse_body_bracket(p, done.node, done.token);
    }
    if (t->kind == TK_END || t->kind == TK_SEPARATOR)
        return parse_error_at(p, token_at(p, f->token), "add `]`", "`[` is not closed: `]` is missing");
    return parse_error_at(p, t, "sum[i=1..n](...), sum[i,j : i < j](...)",
                          "%s cannot follow the name of an index", parse_token_words(p->r, t));
}

bool parse_body_bracket(parser *p, uint32_t node, uint32_t op_token)
{
    const token *t = look(p, 0), *open = token_at(p, op_token - 1);
    if (node_of(p->r, node)->kind == NODE_DECLARE) return parse_operand(p, node);
    if (t->kind == TK_LPAREN) {
        p->want = true;
        return parse_push(p, (parse_item){.kind = FR_BODY, .node = node, .token = p->at++});
    }
    const char *head = reader_quote(p->r, open->first, token_at(p, p->at - 1)->past);
    const char *body = parse_begins_value(p, t) ? parse_quote_factor(p, p->at) : "...";
    return reader_error(p->r, open->first, t->past, reader_text(p->r, "%s(%s)", head, body),
                        "the body of %s must stand in brackets", reader_quote(p->r, open->first, open->past));
}

static bool open_reducer(parser *p, node_kind kind, uint32_t name)
{
    uint32_t node = node_new(p->r, kind, look(p, 0)->first, look(p, 1)->past);
    if (!node) return false;
    node_of(p->r, node)->extra = name;
    node_of(p->r, node)->name = name;
    p->at += 2;
    return parse_push(p, (parse_item){.kind = FR_BINDERS, .node = node, .token = p->at - 1}) &&
           parse_binder(p);
}

static bool open_limit(parser *p)
{
    uint32_t node = node_new(p->r, NODE_LIMIT, look(p, 0)->first, look(p, 1)->past);
    const token *x = look(p, 2), *arrow = look(p, 3);
    if (!node) return false;
    if (x->kind != TK_NAME || x->name < KW_SUM || arrow->kind != TK_ARROW)
        return parse_error_at(p, x->kind == TK_NAME ? arrow : x, "lim[x -> 0](...)",
                              "a limit is written lim[x -> a](...)");
    node_of(p->r, node)->name = x->name;
    node_of(p->r, node)->extra = SIDE_BOTH;
    p->at += 4;
    p->want = true;
    return parse_push(p, (parse_item){.kind = FR_TARGET, .node = node, .token = p->at - 3});
}

/* ---- derivatives ----------------------------------------------------------------------------- */

/* d/dw[k]dw[l]: a further variable directly after the bracket of the one before. */
static bool further_variable(parser *p, uint32_t node, bool *is)
{
    const token *t = look(p, 0);
    *is = t->kind == TK_NAME && !(t->flags & TOKEN_SPACED) && name_text(p->r, t->name)[0] == 'd' &&
          p->r->names.at[t->name].length > 1;
    if (!*is) return true;
    uint32_t v = node_new(p->r, NODE_VARIABLE, t->first, t->past);
    if (!v) return false;
    uint32_t length = p->r->names.at[t->name].length;
    uint32_t name = reader_name(p->r, name_text(p->r, t->name) + 1, length - 1);
    node_of(p->r, v)->name = name;
    node_of(p->r, v)->extra = 1;
    node_append(p->r, node, v);
    p->at++;
    return name != 0;
}

static bool power_after_index(parser *p, uint32_t variable, uint32_t left)
{
    const token *n = look(p, 1);
    if (look(p, 0)->kind != TK_POWER || n->kind != TK_NUMBER || left == 0) return true;
    unsigned long order = strtoul(p->r->s + n->first, NULL, 10);
    if (order != left + 1)
        return parse_error_at(p, n, NULL, "the order of the derivative should be %u", (unsigned)left + 1);
    node_of(p->r, variable)->extra = (uint32_t)order;
    p->at += 2;
    return true;
}

static uint32_t order_left(const parser *p, uint32_t node, uint32_t op_token)
{
    uint32_t total = token_at(p, op_token)->count, sum = 0;
    for (uint32_t v = node_of(p->r, node)->child; v; v = node_of(p->r, v)->next)
        sum += node_of(p->r, v)->extra;
    return total > sum ? total - sum : 0;
}

bool parse_derivative_rest(parser *p, uint32_t node, uint32_t op_token)
{
    reader *r = p->r;
    /* the frame of an index list remembers the bracket; the operator's token is the nearest derivative before
     * it */
    while (token_at(p, op_token)->kind != TK_DERIVATIVE) op_token--;
    uint32_t left = order_left(p, node, op_token);
    const token *op = token_at(p, op_token), *before = token_at(p, p->at - 1);
    if (before->kind == TK_RBRACKET && !power_after_index(p, node_of(r, node)->last, left)) return false;
    bool more = false;
    if ((left = order_left(p, node, op_token)) > 0 && !further_variable(p, node, &more)) return false;
    if (look(p, 0)->kind == TK_LBRACKET && !(look(p, 0)->flags & TOKEN_SPACED)) {
        p->want = true;
        return parse_push(p, (parse_item){.kind = FR_VARIABLE, .node = node, .token = p->at++});
    }
    if (more) return parse_derivative_rest(p, node, op_token); /* at most `order` deep: below 1000 */
    uint32_t past = token_at(p, p->at - 1)->past, order = op->count;
    const char *head = reader_quote(r, op->first, past);
    uint32_t sum = 0;
    for (uint32_t v = node_of(r, node)->child; v; v = node_of(r, v)->next) sum += node_of(r, v)->extra;
    if (sum != order)
        return reader_error(r, op->first, past, NULL, "`%s`: %u above the line, %u below: the orders differ",
                            head, (unsigned)order, (unsigned)sum);
    if (op->name) {
        node_of(r, node)->past = past;
        return parse_operand(p, node);
    }
    const token *t = look(p, 0), *t1 = look(p, 1);
    bool call = t->kind == TK_NAME &&
                (t1->kind == TK_LPAREN || t1->kind == TK_PRIME ||
                 (t1->kind == TK_LBRACKET &&
                  ((t->name >= KW_SUM && t->name <= KW_LIM) || !(t1->flags & TOKEN_SPACED))));
    p->want = true;
    if (t->kind == TK_LPAREN || call || t->kind == TK_DERIVATIVE)
        return parse_push(
            p,
            (parse_item){.kind = IT_TIGHT, .prec = 20, .op = TK_DERIVATIVE, .node = node, .token = op_token});
    if (!parse_begins_value(p, t))
        return reader_error(r, op->first, past,
                            reader_text(r, "%s (...) for a derivative; blanks around / for a division", head),
                            "nothing stands after `%s` to be differentiated", head);
    return reader_error(r, op->first, t->past, reader_text(r, "%s (%s)", head, parse_quote_factor(p, p->at)),
                        "what `%s` differentiates must stand in brackets", head);
}

static bool open_derivative(parser *p)
{
    reader *r = p->r;
    uint32_t op_token = p->at;
    token t = *look(p, 0);
    uint32_t node = node_new(r, NODE_DERIVATIVE, t.first, t.past);
    if (!node) return false;
    node_of(r, node)->name = t.name;
    if (t.flags & TOKEN_ROUND) node_of(r, node)->flags |= NF_ROUND;
    p->at++;
    while (look(p, 0)->kind == TK_VARIABLE) {
        token v = *look(p, 0);
        uint32_t x = node_new(r, NODE_VARIABLE, v.first, v.past);
        if (!x) return false;
        node_of(r, x)->name = v.name;
        node_of(r, x)->extra = v.count;
        node_append(r, node, x);
        p->at++;
    }
    return parse_derivative_rest(p, node, op_token);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* sin^2(x): the exponent's tokens after the ^ are [from, to). */
static bool exponent_tokens(const parser *p, uint32_t *from, uint32_t *to, bool *minus)
{
    uint32_t i = p->at + 2;
    bool paren = token_at(p, i)->kind == TK_LPAREN;
    *from = i += paren;
    *minus = token_at(p, i)->kind == TK_MINUS;
    i += *minus;
    if (token_at(p, i)->kind != TK_NUMBER &&
        !(token_at(p, i)->kind == TK_NAME && !paren && token_at(p, i)->name > KW_UNTIL))
        return false;
    i++;
    if (paren && token_at(p, i++)->kind != TK_RPAREN) return false;
    *to = i;
    return true;
}

static const char *inverse_name(const char *f, size_t n)
{
    char buf[64];
    if (n > 40) return NULL;
    memcpy(buf, "arc", 3);
    memcpy(buf + 3, f, n);
    if (fn_find(buf, n + 3) != FN_NONE) return fn_get(fn_find(buf, n + 3))->name;
    buf[2] = 'a';
    return fn_find(buf + 2, n + 1) != FN_NONE ? fn_get(fn_find(buf + 2, n + 1))->name : NULL;
}

/* A name of a function followed by ^. *done: a call was opened (or an error reported: false). */
static bool power_of_function(parser *p, uint32_t name, bool *done)
{
    reader *r = p->r;
    uint32_t from, to;
    bool minus;
    *done = false;
    if (!exponent_tokens(p, &from, &to, &minus)) return true;
    const token *f = look(p, 0), *next = token_at(p, to);
    const char *text = name_text(r, name);
    if (next->kind != TK_LPAREN) {
        if (next->kind != TK_NAME && next->kind != TK_NUMBER) return true;
        const char *x = parse_quote_factor(p, to);
        return reader_error(r, f->first, next->past,
                            reader_text(r, "%s(%s)^%s", text, x,
                                        reader_quote(r, token_at(p, from)->first, token_at(p, to - 1)->past)),
                            "the argument of %s must stand in brackets", text);
    }
    if (minus) {
        const char *x = parse_quote_factor(p, to), *inverse = inverse_name(text, r->names.at[name].length);
        const char *mend = inverse
                               ? reader_text(r, "%s%s for the inverse function, 1/%s%s for the reciprocal",
                                             inverse, x, text, x)
                               : reader_text(r, "1/%s%s for the reciprocal", text, x);
        return reader_error(r, f->first, token_at(p, to - 1)->past, mend, "`%s^-1` can be read in two ways",
                            text);
    }
    const token *e = token_at(p, from);
    uint32_t exponent = node_new(r, e->kind == TK_NUMBER ? NODE_NUMBER : NODE_NAME, e->first, e->past);
    uint32_t call = node_new(r, NODE_CALL, f->first, f->past);
    if (!exponent || !call) return false;
    node_of(r, exponent)->name = e->name;
    node_of(r, call)->name = name;
    node_of(r, call)->extra = NO_SEMICOLON;
    p->at = to + 1;
    p->want = true;
    *done = true;
    return parse_push(p, (parse_item){.kind = FR_ARGUMENTS, .node = call, .token = to, .power = exponent});
}

static bool open_call(parser *p, uint32_t name, node_kind kind, uint32_t primes)
{
    reader *r = p->r;
    const token *f = look(p, 0);
    uint32_t node = node_new(r, kind, f->first, f->past), paren = p->at + (kind == NODE_PRIMED ? 2 : 1);
    if (!node) return false;
    node_of(r, node)->name = name;
    node_of(r, node)->extra = kind == NODE_PRIMED ? primes : NO_SEMICOLON;
    if (token_at(p, paren + 1)->kind == TK_RPAREN)
        return reader_error(r, f->first, token_at(p, paren + 1)->past, NULL, "%s() has no argument",
                            name_text(r, name));
    p->at = paren + 1;
    p->want = true;
    return parse_push(p, (parse_item){.kind = FR_ARGUMENTS, .node = node, .token = paren});
}

static bool open_primed(parser *p, uint32_t name)
{
    uint32_t primes = look(p, 1)->count;
    if (look(p, 2)->kind == TK_LPAREN) return open_call(p, name, NODE_PRIMED, primes);
    uint32_t node = node_new(p->r, NODE_PRIMED, look(p, 0)->first, look(p, 1)->past);
    if (!node) return false;
    node_of(p->r, node)->name = name;
    node_of(p->r, node)->extra = primes;
    p->at += 2;
    return parse_operand(p, node);
}

static bool open_subscript(parser *p, uint32_t base)
{
    uint32_t node = node_new(p->r, NODE_SUBSCRIPT, look(p, 0)->first, look(p, 1)->past);
    if (!node) return false;
    node_of(p->r, node)->name = look(p, 1)->name;
    node_of(p->r, node)->extra = base;
    p->at += 3;
    p->want = true;
    return parse_push(p, (parse_item){.kind = FR_INDEX, .node = node, .token = p->at - 1});
}

/* D[1,2](f)(x, y): f differentiated by its first and its second argument. */
static bool open_partial(parser *p, bool *done)
{
    reader *r = p->r;
    uint32_t i = p->at + 2, orders = 0;
    *done = false;
    do {
        const token *t = token_at(p, i++);
        unsigned long k =
            t->kind == TK_NUMBER && t->past == t->first + 1 ? (unsigned long)(r->s[t->first] - '0') : 0;
        if (k < 1 || k > SYM_MAX_RANK || (orders >> (5 * (k - 1)) & 31) == 31) return true;
        orders += 1u << (5 * (k - 1));
    } while (token_at(p, i++)->kind == TK_COMMA);
    if (token_at(p, i - 1)->kind != TK_RBRACKET || token_at(p, i)->kind != TK_LPAREN ||
        token_at(p, i + 1)->kind != TK_NAME || token_at(p, i + 2)->kind != TK_RPAREN ||
        token_at(p, i + 3)->kind != TK_LPAREN)
        return true;
    uint32_t node = node_new(r, NODE_PARTIAL, look(p, 0)->first, token_at(p, i + 3)->past);
    if (!node) return false;
    node_of(r, node)->name = token_at(p, i + 1)->name;
    node_of(r, node)->extra = orders;
    p->at = i + 4;
    p->want = true;
    *done = true;
    return parse_push(p, (parse_item){.kind = FR_ARGUMENTS, .node = node, .token = i + 3});
}

static bool open_name(parser *p)
{
    reader *r = p->r;
    const token *t = look(p, 0), *next = look(p, 1);
    uint32_t name = t->name;
    const char *text = name_text(r, name);
    if (name == KW_NOT) {
        p->at++;
        return parse_push(p, (parse_item){.kind = IT_PREFIX, .prec = 4, .op = TK_NAME, .token = p->at - 1});
    }
    if (name < KW_SUM) return parse_error_at(p, t, NULL, "a value should stand here, not `%s`", text);
    if (r->declaring && next->kind == TK_LBRACKET && top_item(p)->kind == FR_TOP)
        return open_reducer(p, NODE_DECLARE, name);
    if (next->kind == TK_LBRACKET && name >= KW_SUM && name <= KW_ARRAY)
        return open_reducer(p, NODE_REDUCE, name);
    if (next->kind == TK_LBRACKET && name == KW_D) {
        bool done;
        if (!open_partial(p, &done) || done) return !r->failed;
    }
    if (next->kind == TK_LBRACKET && name == KW_LIM) return open_limit(p);
    if (next->kind == TK_SUBSCRIPT) return open_subscript(p, name);
    if (next->kind == TK_PRIME) return open_primed(p, name);
    if (next->kind == TK_LPAREN) return open_call(p, name, NODE_CALL, 0);
    if (next->kind == TK_POWER && parse_is_function(p, name)) {
        bool done;
        if (!power_of_function(p, name, &done) || done) return !r->failed;
    }
    bool value = (next->kind == TK_NAME && next->name > KW_UNTIL) || next->kind == TK_NUMBER ||
                 next->kind == TK_ROOT;
    if (value && parse_is_function(p, name))
        return reader_error(r, t->first, next->past,
                            reader_text(r, "%s(%s)", text, parse_quote_factor(p, p->at + 1)),
                            "the argument of %s must stand in brackets", text);
    return leaf(p, NODE_NAME, name);
}

/* ---- the entry ------------------------------------------------------------------------------- */

static bool nothing_here(parser *p)
{
    const token *t = look(p, 0);
    const parse_item *f = top_item(p);
    const token *before = p->at > 0 ? token_at(p, p->at - 1) : t;
    if (f->kind <= IT_TIGHT)
        return parse_error_at(p, t->kind == TK_END || t->kind == TK_SEPARATOR ? token_at(p, f->token) : t,
                              NULL, "a value should follow %s, not %s",
                              parse_token_words(p->r, token_at(p, f->token)), parse_token_words(p->r, t));
    if (t->kind == TK_END || t->kind == TK_SEPARATOR) {
        if (f->kind == FR_TOP || f->kind == FR_FOR)
            return parse_error_at(p, before, NULL, "a value should follow %s",
                                  parse_token_words(p->r, before));
        const char *close = f->kind == FR_PAREN || f->kind == FR_ARGUMENTS || f->kind == FR_BODY ? ")"
                            : f->kind == FR_CASES                                                ? "}"
                            : f->kind == FR_BAR                                                  ? "|"
                                                                                                 : "]";
        const token *open = token_at(p, f->token);
        return parse_error_at(p, open, reader_text(p->r, "add a value and `%s`", close),
                              "`%s` is not closed: `%s` is missing",
                              reader_quote(p->r, open->first, open->past), close);
    }
    return parse_error_at(p, t, NULL, "a value should stand here, not %s", parse_token_words(p->r, t));
}

bool parse_open(parser *p)
{
    const token *t = look(p, 0);
    switch (t->kind) {
    case TK_NUMBER: return leaf(p, NODE_NUMBER, t->name);
    case TK_NAME: return open_name(p);
    case TK_LPAREN: return open_frame(p, FR_PAREN, NODE_NONE, 0);
    case TK_LBRACKET: return open_frame(p, FR_IVERSON, NODE_BRACKET, 0);
    case TK_LBRACE: return open_frame(p, FR_CASES, NODE_CASES, 0);
    case TK_BAR: {
        size_t k = p->items.n;
        while (k > 0 && p->items.at[k - 1].kind <= IT_TIGHT) k--;
        if (k > 0 && p->items.at[k - 1].kind == FR_BAR && t->count == 0)
            return parse_error_at(p, t, "use abs( )", "bars inside bars cannot be told apart");
        return open_frame(p, FR_BAR, NODE_ABS, 0);
    }
    case TK_MINUS:
    case TK_PLUS:
        p->at++;
        return t->kind == TK_PLUS ||
               parse_push(p, (parse_item){.kind = IT_PREFIX, .prec = 8, .op = TK_MINUS, .token = p->at - 1});
    case TK_ROOT:
        p->at++;
        return parse_push(p, (parse_item){.kind = IT_TIGHT, .prec = 20, .op = TK_ROOT, .token = p->at - 1});
    case TK_DERIVATIVE: return open_derivative(p);
    case TK_PRIME:
        return parse_error_at(p, t, "a transpose is written A^T",
                              "a prime stands only after the name of a function");
    default: return nothing_here(p);
    }
}
