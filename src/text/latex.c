/* latex: the walk over the pieces. One step puts out tokens for the piece at the front of the current range
 * and pushes work for what it holds; no recursion, so any depth of groups is fine. */
#include "text/latex_impl.h"

#include <stdio.h>

bool latex_error(latex *x, uint32_t i, const char *hint, const char *fmt, ...)
{
    char buf[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    const piece *p = piece_at(x, i < x->at.n ? i : (uint32_t)x->at.n - 1);
    return reader_error(x->r, p->first, p->past, hint, "%s", buf);
}

bool piece_command(const latex *x, uint32_t i, uint32_t to, const char *name)
{
    return i < to && piece_at(x, i)->kind == P_COMMAND &&
           strcmp(name_text(x->r, piece_at(x, i)->name), name) == 0;
}

bool latex_argument(latex *x, uint32_t i, uint32_t to, uint32_t *from, uint32_t *end, uint32_t *next)
{
    if (i >= to) return latex_error(x, i ? i - 1 : 0, NULL, "an argument in braces is missing");
    const piece *p = piece_at(x, i);
    bool group = p->kind == P_OPEN;
    if (!group && (p->kind == P_SUP || p->kind == P_SUB || p->kind == P_AMP || p->kind == P_BREAK ||
                   p->kind == P_CLOSE))
        return latex_error(x, i, NULL, "an argument in braces is missing");
    *from = group ? i + 1 : i;
    *end = group ? p->mate : i + 1;
    *next = group ? p->mate + 1 : i + 1;
    return true;
}

/* ---- putting out ----------------------------------------------------------------------------- */

static bool is_opening(token_kind k)
{
    return k == TK_LPAREN || k == TK_LBRACKET || k == TK_LBRACE;
}
static bool is_closing(token_kind k)
{
    return k == TK_RPAREN || k == TK_RBRACKET || k == TK_RBRACE || k == TK_NUMBER || k == TK_NAME;
}

bool latex_put(latex *x, token_kind kind, uint32_t name)
{
    token t = {.kind = (uint8_t)kind, .name = name, .first = x->first, .past = x->past, .count = 1};
    bool bracket = is_opening(kind) || kind == TK_RPAREN || kind == TK_RBRACKET || kind == TK_RBRACE;
    char c = x->first < x->r->n ? x->r->s[x->first] : 0;
    if (bracket && !strchr("()[]|", c ? c : 'x')) t.flags = TOKEN_HIDDEN;
    /* an Iverson bracket is never taken for an index */
    if (kind == TK_LBRACKET && c == '[') t.flags |= TOKEN_SPACED;
    x->have = is_closing(kind);
    return reader_token(x->r, t);
}

bool latex_push(latex *x, token_kind kind, uint32_t name)
{
    return vec_push(x->r->ctx, &x->later,
                    ((latex_work){.kind = (uint8_t)kind, .from = x->first, .to = x->past, .name = name}));
}

bool latex_push_range(latex *x, uint32_t from, uint32_t to)
{
    return vec_push(x->r->ctx, &x->later,
                    ((latex_work){.kind = WORK_RANGE, .from = from, .to = to, .scopes = UINT32_MAX}));
}

static latex_scope *open_scope_here(const latex *x)
{
    return x->scopes.n ? &x->scopes.at[x->scopes.n - 1] : NULL;
}

bool latex_begin(latex *x)
{
    if (!x->have) return true;
    latex_scope *s = open_scope_here(x);
    if (s && s->body < x->r->tokens.n) s->noted = true;
    return latex_put(x, TK_IMPLIED, 0);
}

bool latex_open_scope(latex *x, scope_kind kind, uint32_t first)
{
    if (!latex_put(x, TK_LPAREN, 0)) return false;
    x->r->tokens.at[x->r->tokens.n - 1].flags |= TOKEN_HIDDEN;
    latex_scope s = {.kind = (uint8_t)kind, .first = first, .body = (uint32_t)x->r->tokens.n};
    return vec_push(x->r->ctx, &x->scopes, s);
}

/* `at`: the piece that ends the scope, or the last one. by_sign: it is a + or -. */
static bool close_scope(latex *x, uint32_t at, bool by_sign)
{
    latex_scope s = x->scopes.at[--x->scopes.n];
    const reader *r = x->r;
    uint32_t past = at < x->at.n ? piece_at(x, at)->first : (uint32_t)r->n;
    uint32_t first = s.body < r->tokens.n ? r->tokens.at[s.body].first : past;
    if ((s.kind == SCOPE_SUM && by_sign) || (s.kind != SCOPE_SUM && s.noted))
        reader_note(x->r, s.first, past, "`%s` reaches over `%s` only", reader_quote(x->r, s.first, first),
                    reader_quote(x->r, first, past));
    if (s.base_to > s.base_from &&
        !(latex_push(x, TK_COMMA, 0) && latex_push_range(x, s.base_from, s.base_to)))
        return false;
    return s.base_to > s.base_from ? latex_push(x, TK_RPAREN, 0) : latex_put(x, TK_RPAREN, 0);
}

/* ---- what ends a scope ----------------------------------------------------------------------- */

static bool in_list(const char *const *list, size_t n, const char *s)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], s) == 0) return true;
    return false;
}
#define IN_LIST(list, s) in_list(list, sizeof list / sizeof *list, s)

static bool ends_every_scope(const latex *x, uint32_t i, uint32_t to)
{
    static const char *const commands[] = {
        "leq",      "geq",    "neq",     "ne",    "le",         "ge",     "lt",  "gt",    "leqslant",
        "geqslant", "approx", "equiv",   "to",    "rightarrow", "land",   "lor", "wedge", "vee",
        "rangle",   "rvert",  "rVert",   "rceil", "rfloor",     "rbrace", "sim", "simeq", "ldots",
        "dots",     "colon",  "implies", "iff",   "Rightarrow", "pm",     "mp"};
    static const char *const words[] = {"if", "otherwise", "and", "or", "else", "when", "for"};
    const piece *p = piece_at(x, i);
    (void)to;
    switch (p->kind) {
    case P_CHAR:
        if (p->c == '-') return x->have;
        if (p->c == '|' || p->c == 'N')
            return x->have && x->brackets.n &&
                   x->brackets.at[x->brackets.n - 1].kind == (p->c == 'N' ? TK_RPAREN : TK_BAR);
        return strchr("+=<>,;:)]R.", p->c) != NULL;
    case P_UNICODE:
        return p->c == TK_PLUS || (p->c == TK_MINUS && x->have) || (p->c >= TK_EQUALS && p->c <= TK_GE) ||
               p->c == TK_ARROW;
    case P_COMMAND: return IN_LIST(commands, name_text(x->r, p->name));
    case P_WORD: return IN_LIST(words, name_text(x->r, p->name));
    case P_BREAK:
    case P_AMP:
    case P_END: return true;
    default: return false;
    }
}

static bool is_derivative_fraction(latex *x, uint32_t i, uint32_t to)
{
    if (!(piece_command(x, i, to, "frac") || piece_command(x, i, to, "dfrac") ||
          piece_command(x, i, to, "tfrac")) ||
        i + 2 >= to || piece_at(x, i + 1)->kind != P_OPEN)
        return false;
    const piece *d = piece_at(x, i + 2);
    bool round = piece_command(x, i + 2, to, "partial");
    uint32_t den = piece_at(x, i + 1)->mate + 1;
    bool letter = d->kind == P_LETTER && strcmp(name_text(x->r, d->name), "d") == 0;
    if (!round && !letter) return false;
    if (den + 1 >= to || piece_at(x, den)->kind != P_OPEN) return false;
    return round ? piece_command(x, den + 1, to, "partial")
                 : piece_at(x, den + 1)->kind == P_LETTER &&
                       strcmp(name_text(x->r, piece_at(x, den + 1)->name), "d") == 0;
}

static bool ends_function_argument(latex *x, uint32_t i, uint32_t to)
{
    static const char *const commands[] = {"cdot",  "times", "ast",   "div",    "frac",  "dfrac", "tfrac",
                                           "sum",   "prod",  "lim",   "langle", "lvert", "lVert", "lfloor",
                                           "lceil", "odot",  "nabla", "int",    "begin"};
    const piece *p = piece_at(x, i);
    uint32_t name, after;
    if (p->kind == P_CHAR) return strchr("(/*[|LN", p->c) != NULL;
    if (p->kind == P_BEGIN || p->kind == P_OPEN) return true;
    if (p->kind == P_UNICODE) return p->c != TK_NAME;
    if (p->kind == P_WORD)
        return fn_find(name_text(x->r, p->name), strlen(name_text(x->r, p->name))) != FN_NONE;
    if (p->kind != P_COMMAND) return false;
    return IN_LIST(commands, name_text(x->r, p->name)) || !latex_find_name(x, i, to, &name, &after);
}

static bool ends_scope(latex *x, const latex_scope *s, uint32_t i, uint32_t to)
{
    if (ends_every_scope(x, i, to)) return true;
    if (!x->have) return false;
    if (s->kind == SCOPE_DERIVATIVE) return is_derivative_fraction(x, i, to);
    return s->kind == SCOPE_FUNCTION && ends_function_argument(x, i, to);
}

/* ---- signs and brackets ---------------------------------------------------------------------- */

static bool open_bracket(latex *x, token_kind opening, token_kind closing)
{
    return vec_push(x->r->ctx, &x->brackets, ((latex_bracket){(uint8_t)closing, (uint32_t)x->scopes.n})) &&
           latex_put(x, opening, 0);
}

static bool close_bracket(latex *x, token_kind closing)
{
    if (x->brackets.n) x->brackets.n--;
    bool ok = latex_put(x, closing, 0);
    if (closing == TK_BAR)
        x->r->tokens.at[x->r->tokens.n - 1].count = 2; /* bars say which they are: 1 opens, 2 closes */
    x->have = true;
    return ok;
}

static bool bar(latex *x, bool norm)
{
    token_kind closing = norm ? TK_RPAREN : TK_BAR;
    const latex_bracket *b = x->brackets.n ? &x->brackets.at[x->brackets.n - 1] : NULL;
    if (b && b->kind == closing && x->have) return close_bracket(x, closing);
    if (!latex_begin(x)) return false;
    if (norm && !latex_put(x, TK_NAME, reader_name(x->r, "norm", 4))) return false;
    return open_bracket(x, norm ? TK_LPAREN : TK_BAR, closing);
}

/* `=` compares inside brackets and cases, equates outside. */
static token_kind equals(const latex *x)
{
    return x->work.n <= 1 && x->brackets.n == 0 && x->environments.n == 0 ? TK_EQUALS : TK_EQ;
}

static bool relation(latex *x, const char *s, bool *is)
{
    static const struct {
        const char *s;
        uint8_t kind;
    } rows[] = {{"leq", TK_LE},
                {"le", TK_LE},
                {"leqslant", TK_LE},
                {"geq", TK_GE},
                {"ge", TK_GE},
                {"geqslant", TK_GE},
                {"neq", TK_NE},
                {"ne", TK_NE},
                {"lt", TK_LT},
                {"gt", TK_GT},
                {"cdot", TK_TIMES},
                {"times", TK_TIMES},
                {"ast", TK_TIMES},
                {"div", TK_DIVIDE},
                {"odot", TK_DOT_TIMES},
                {"to", TK_ARROW},
                {"rightarrow", TK_ARROW},
                {"ldots", TK_RANGE},
                {"dots", TK_RANGE},
                {"colon", TK_COLON},
                {"equiv", TK_EQUALS},
                {"approx", TK_EQUALS},
                {"simeq", TK_EQUALS}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (strcmp(rows[k].s, s) == 0) {
            *is = true;
            if (rows[k].kind == TK_EQUALS) reader_note(x->r, x->first, x->past, "\\%s is read as =", s);
            return latex_put(x, rows[k].kind == TK_EQUALS ? equals(x) : (token_kind)rows[k].kind, 0);
        }
    static const struct {
        const char *s;
        uint32_t name;
    } words[] = {{"land", KW_AND}, {"wedge", KW_AND}, {"lor", KW_OR},
                 {"vee", KW_OR},   {"lnot", KW_NOT},  {"neg", KW_NOT}};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strcmp(words[k].s, s) == 0) {
            *is = true;
            bool ok = latex_put(x, TK_NAME, words[k].name);
            x->have = false;
            return ok;
        }
    *is = false;
    return true;
}

/* \langle \lvert \lfloor and their ends. */
static bool delimiter(latex *x, const char *s, bool *is)
{
    static const struct {
        const char *open, *close, *function;
    } rows[] = {{"langle", "rangle", NULL},
                {"lbrace", "rbrace", NULL},
                {"lVert", "rVert", "norm"},
                {"lfloor", "rfloor", "floor"},
                {"lceil", "rceil", "ceil"}};
    *is = true;
    if (strcmp(s, "lvert") == 0) return latex_begin(x) && open_bracket(x, TK_BAR, TK_BAR);
    if (strcmp(s, "rvert") == 0) return close_bracket(x, TK_BAR);
    if (strcmp(s, "vert") == 0 || strcmp(s, "Vert") == 0) return bar(x, s[0] == 'V');
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const char *f = rows[k].function;
        if (strcmp(s, rows[k].open) == 0)
            return latex_begin(x) && (!f || latex_put(x, TK_NAME, reader_name(x->r, f, strlen(f)))) &&
                   open_bracket(x, TK_LPAREN, TK_RPAREN);
        if (strcmp(s, rows[k].close) == 0) return close_bracket(x, TK_RPAREN);
    }
    *is = false;
    return true;
}

bool latex_sign(latex *x, const char *s, bool *is)
{
    return relation(x, s, is) && (*is || delimiter(x, s, is));
}

/* ---- exponents and indices after a value ----------------------------------------------------- */

static bool exponent(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t from, end;
    if (!latex_argument(x, i + 1, to, &from, &end, next)) return false;
    if (!x->have) return latex_error(x, i, NULL, "an exponent without a base");
    uint32_t primes = 0;
    while (from + primes < end &&
           (piece_command(x, from + primes, end, "prime") || piece_is(x, from + primes, end, '\'')))
        primes++;
    if (primes && from + primes == end) {
        bool ok = latex_put(x, TK_PRIME, 0);
        x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)(primes > 1000 ? 1000 : primes);
        return ok;
    }
    const piece *p = piece_at(x, from);
    bool top = end == from + 1 &&
               (piece_command(x, from, end, "top") || piece_command(x, from, end, "intercal"));
    if (!latex_put(x, TK_POWER, 0)) return false;
    x->first = p->first;
    x->past = p->past;
    if (top) return latex_put(x, TK_NAME, KW_T);
    if (end == from + 1 && p->kind == P_LETTER) return latex_put(x, TK_NAME, p->name);
    return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, from, end) && latex_push(x, TK_RPAREN, 0);
}

/* {...}_{i,j}: an element of what was just closed. */
static bool index_of_value(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t from, end;
    if (!latex_argument(x, i + 1, to, &from, &end, next)) return false;
    if (!x->have) return latex_error(x, i, NULL, "an index without an array");
    return latex_push(x, TK_LBRACKET, 0) && latex_push_range(x, from, end) && latex_push(x, TK_RBRACKET, 0);
}

/* ---- environments ---------------------------------------------------------------------------- */

static bool begin_environment(latex *x, uint32_t i)
{
    const piece *p = piece_at(x, i);
    uint8_t env = p->c;
    if (env == ENV_MATRIX) {
        bool columns = false;
        uint32_t depth = 0;
        for (uint32_t k = i + 1; k < p->mate && !columns; k++) {
            depth += piece_at(x, k)->kind == P_BEGIN ? 1u : piece_at(x, k)->kind == P_END ? -1u : 0u;
            columns = depth == 0 && piece_at(x, k)->kind == P_AMP;
        }
        env = columns ? ENV_MATRIX : ENV_COLUMN;
    }
    /* It is a bracket too: what ends a scope inside of it does not end one that began before. */
    latex_bracket bracket = {TK_END, (uint32_t)x->scopes.n};
    if (!latex_begin(x) || !vec_push(x->r->ctx, &x->environments, env)) return false;
    if (!vec_push(x->r->ctx, &x->brackets, bracket)) return false;
    bool ok = latex_put(x, env == ENV_CASES ? TK_LBRACE : TK_LPAREN, 0);
    return ok && (env != ENV_MATRIX || latex_put(x, TK_LPAREN, 0));
}

static bool end_environment(latex *x)
{
    if (!x->environments.n) return true;
    uint8_t env = x->environments.at[--x->environments.n];
    if (x->brackets.n) x->brackets.n--;
    bool ok = latex_put(x, env == ENV_CASES ? TK_RBRACE : TK_RPAREN, 0);
    return ok && (env != ENV_MATRIX || latex_put(x, TK_RPAREN, 0));
}

static bool is_if(const latex *x, uint32_t i, uint32_t to)
{
    static const char *const words[] = {"if", "otherwise", "else", "when", "for"};
    return i < to && piece_at(x, i)->kind == P_WORD && IN_LIST(words, name_text(x->r, piece_at(x, i)->name));
}

static bool ampersand(latex *x, uint32_t i, uint32_t to)
{
    uint8_t env = x->environments.n ? x->environments.at[x->environments.n - 1] : UINT8_MAX;
    if (env == ENV_MATRIX) return latex_put(x, TK_COMMA, 0);
    if (env != ENV_CASES || is_if(x, i + 1, to)) return true;
    bool ok = latex_put(x, TK_NAME, KW_IF);
    x->have = false;
    return ok;
}

static bool line_break(latex *x, uint32_t i, uint32_t to)
{
    uint8_t env = x->environments.n ? x->environments.at[x->environments.n - 1] : UINT8_MAX;
    if (i + 1 < to && piece_at(x, i + 1)->kind == P_END) return true;
    switch (env) {
    case ENV_CASES: return latex_put(x, TK_SEMICOLON, 0);
    case ENV_COLUMN: return latex_put(x, TK_COMMA, 0);
    case ENV_MATRIX:
        return latex_put(x, TK_RPAREN, 0) && latex_put(x, TK_COMMA, 0) && latex_put(x, TK_LPAREN, 0);
    default: return latex_put(x, TK_SEPARATOR, 0);
    }
}

static bool word(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t name = piece_at(x, i)->name;
    const char *s = name_text(x->r, name);
    if (is_if(x, i, to) || name == KW_AND || name == KW_OR || name == KW_NOT) {
        uint32_t keyword = strcmp(s, "else") == 0                                            ? KW_OTHERWISE
                           : strcmp(s, "when") == 0 || (name == KW_FOR && x->environments.n) ? KW_IF
                                                                                             : name;
        bool ok = latex_put(x, TK_NAME, keyword);
        x->have = false;
        return ok;
    }
    if (name == KW_TRUE || name == KW_FALSE || name == KW_UNDEFINED)
        return latex_begin(x) && latex_put(x, TK_NAME, name);
    size_t n = strlen(s);
    int which;
    term sym = term_find_sym(x->r->ctx, s, n);
    bool user = sym &&
                (term_sym_info(x->r->ctx, sym)->role == ROLE_FUNCTION || text_is_known(x->r->ctx, s, n));
    bool function = fn_find(s, n) != FN_NONE || (name >= KW_SUM && name <= KW_HESS) ||
                    notation_find(s, n, &which);
    if (function && !user) return latex_function(x, i, to, name, i + 1, next);
    return latex_name(x, i, to, name, i + 1, next);
}

static bool character(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    const piece *p = piece_at(x, i);
    switch (p->c) {
    case '(': return latex_begin(x) && open_bracket(x, TK_LPAREN, TK_RPAREN);
    case ')': return close_bracket(x, TK_RPAREN);
    case '[': return latex_begin(x) && open_bracket(x, TK_LBRACKET, TK_RBRACKET);
    case ']': return close_bracket(x, TK_RBRACKET);
    case 'L': return latex_begin(x) && open_bracket(x, TK_LPAREN, TK_RPAREN);
    case 'R': return close_bracket(x, TK_RPAREN);
    case '|': return bar(x, false);
    case 'N': return bar(x, true);
    case '+': return latex_put(x, TK_PLUS, 0);
    case '-': return latex_put(x, TK_MINUS, 0);
    case '*': return latex_put(x, TK_TIMES, 0);
    case '/': return latex_put(x, TK_DIVIDE, 0);
    case ':': return latex_put(x, TK_COLON, 0);
    case '=':
        if (x->r->tokens.n == 0) /* `= ...`: the left side stood on the line before */
            return true;
        *next = piece_is(x, i + 1, to, '=') ? i + 2 : i + 1;
        return latex_put(x, *next == i + 2 ? TK_EQ : equals(x), 0);
    case '<':
    case '>': {
        bool or_equal = piece_is(x, i + 1, to, '=');
        *next = i + 1 + or_equal;
        return latex_put(x, p->c == '<' ? (or_equal ? TK_LE : TK_LT) : or_equal ? TK_GE : TK_GT, 0);
    }
    case ',':
        if (i + 1 < to && (piece_at(x, i + 1)->kind == P_AMP || is_if(x, i + 1, to)))
            return true; /* the comma before `if` in cases */
        x->list |= x->work.n <= 1 && x->brackets.n == 0 && x->environments.n == 0;
        return latex_put(x, TK_COMMA, 0);
    case ';':
        *next = piece_is(x, i + 1, to, ';') ? i + 2 : i + 1;
        return latex_put(x, *next == i + 2 ? TK_SEPARATOR : TK_SEMICOLON, 0);
    case '\'': {
        uint32_t n = 0;
        while (piece_is(x, i + n, to, '\'')) n++;
        *next = i + n;
        bool ok = latex_put(x, TK_PRIME, 0);
        x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)(n > 1000 ? 1000 : n);
        return ok;
    }
    case '.':
        if (i + 1 == to || (i + 2 == to && piece_at(x, i + 1)->kind == P_BREAK))
            return true; /* the full stop of a sentence */
        *next = piece_is(x, i + 1, to, '.') ? i + 2 : i + 1;
        if (*next == i + 2) return latex_put(x, TK_RANGE, 0);
        return latex_error(x, i, NULL, "a point must be followed by digits");
    case '!': return latex_error(x, i, "\\operatorname{factorial}(n)", "`!` has no meaning here");
    default: return latex_error(x, i, NULL, "the character `%c` has no meaning here", p->c);
    }
}

static bool group(latex *x, uint32_t i, uint32_t *next)
{
    uint32_t mate = piece_at(x, i)->mate;
    *next = mate + 1;
    if (mate == i + 1) return true;
    const piece *only = piece_at(x, i + 1);
    if (mate == i + 2 && (only->kind == P_CHAR || (only->kind == P_UNICODE && only->c != TK_NAME)))
        return latex_push_range(x, i + 1, mate); /* {=} is = */
    return latex_begin(x) && latex_push(x, TK_LPAREN, 0) && latex_push_range(x, i + 1, mate) &&
           latex_push(x, TK_RPAREN, 0);
}

static bool unicode(latex *x, uint32_t i)
{
    const piece *p = piece_at(x, i);
    if (p->c == TK_NAME || p->c == TK_ROOT) return latex_begin(x) && latex_put(x, (token_kind)p->c, p->name);
    return latex_put(x, (token_kind)p->c, p->name);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static bool step(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    const piece *p = piece_at(x, i);
    x->first = p->first;
    x->past = p->past;
    *next = i + 1;
    switch ((piece_kind)p->kind) {
    case P_LETTER: return latex_letter(x, i, to, next);
    case P_NUMBER: return latex_begin(x) && latex_put(x, TK_NUMBER, 0);
    case P_COMMAND: return latex_command(x, i, to, next);
    case P_OPEN: return group(x, i, next);
    case P_SUP: return exponent(x, i, to, next);
    case P_SUB: return index_of_value(x, i, to, next);
    case P_CHAR: return character(x, i, to, next);
    case P_BREAK: return line_break(x, i, to);
    case P_AMP: return ampersand(x, i, to);
    case P_WORD: return word(x, i, to, next);
    case P_BEGIN: return begin_environment(x, i);
    case P_END: return end_environment(x);
    case P_UNICODE: return unicode(x, i);
    case P_CLOSE: break;
    }
    return latex_error(x, i, NULL, "`}` closes nothing");
}

/* What the step wants done next goes on the stack, first thing on top. */
static bool schedule(latex *x)
{
    bool ok = true;
    while (ok && x->later.n) ok = vec_push(x->r->ctx, &x->work, x->later.at[--x->later.n]);
    return ok;
}

static bool range_step(latex *x, latex_work w)
{
    uint32_t depth = (uint32_t)x->work.n - 1, floor_ = w.scopes;
    if (x->brackets.n > w.brackets && x->brackets.at[x->brackets.n - 1].scopes > floor_)
        floor_ = x->brackets.at[x->brackets.n - 1].scopes;
    bool done = w.from >= w.to;
    if (x->scopes.n > (done ? w.scopes : floor_) &&
        (done || ends_scope(x, open_scope_here(x), w.from, w.to))) {
        bool sign = !done && (piece_is(x, w.from, w.to, '+') || piece_is(x, w.from, w.to, '-'));
        x->first = x->past = done && w.from ? piece_at(x, w.from - 1)->past : piece_at(x, w.from)->first;
        return close_scope(x, w.from, sign);
    }
    if (done) {
        x->work.n--;
        x->brackets.n = x->brackets.n > w.brackets ? w.brackets : x->brackets.n;
        return true;
    }
    uint32_t next;
    bool ok = step(x, w.from, w.to, &next);
    x->work.at[depth].from = next;
    return ok;
}

static bool walk(latex *x)
{
    while (x->work.n) {
        latex_work *top = &x->work.at[x->work.n - 1];
        bool ok;
        if (!ctx_tick(x->r->ctx)) return false;
        if (top->kind == WORK_RANGE) {
            if (top->scopes == UINT32_MAX) { /* entered now */
                top->scopes = (uint32_t)x->scopes.n;
                top->brackets = (uint32_t)x->brackets.n;
                if (top->from < top->to) x->have = false;
            }
            ok = range_step(x, *top);
        } else {
            latex_work w = *top;
            x->work.n--;
            x->first = w.from;
            x->past = w.to;
            ok = w.kind == WORK_OPEN_SCOPE ? latex_open_scope(x, SCOPE_SUM, w.from)
                                           : latex_put(x, (token_kind)w.kind, w.name);
        }
        if (!ok || x->r->failed || !schedule(x)) return false;
    }
    return true;
}

bool lex_latex(reader *r)
{
    latex x = {.r = r};
    bool ok = latex_cut(&x) && latex_push_range(&x, 0, (uint32_t)x.at.n) && schedule(&x) && walk(&x);
    x.first = x.past = (uint32_t)r->n;
    if (ok && x.list) { /* a, b without brackets is set as (a, b) */
        ok = latex_put(&x, TK_RPAREN, 0) && latex_put(&x, TK_LPAREN, 0);
        token open = ok ? r->tokens.at[r->tokens.n - 1] : (token){0};
        open.first = open.past = 0;
        for (size_t k = r->tokens.n; ok && k-- > 1;) r->tokens.at[k] = r->tokens.at[k - 1];
        if (ok) r->tokens.at[0] = open;
    }
    ok = ok && latex_put(&x, TK_END, 0);
    vec_clear(r->ctx, &x.at);
    vec_clear(r->ctx, &x.work);
    vec_clear(r->ctx, &x.later);
    vec_clear(r->ctx, &x.scopes);
    vec_clear(r->ctx, &x.brackets);
    vec_clear(r->ctx, &x.environments);
    return ok && !r->failed;
}
