/* latex_lex: LaTeX to pieces. Spacing, sizing and alignment commands vanish here; brackets find their mates.
 */
#include "text/latex_impl.h"

static bool is_letter(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}
static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Commands that only set type. */
static const char *const silent[] = {
    "left",  "right",        "big",       "Big",         "bigg",   "Bigg",     "bigl",     "bigr",
    "Bigl",  "Bigr",         "biggl",     "biggr",       "Biggl",  "Biggr",    "middle",   "quad",
    "qquad", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag",
    "hfill", "thinspace",    "mathstrut", "strut",       "relax"};
/* Commands whose argument is skipped. */
static const char *const skipped[] = {"tag", "label", "hspace", "vspace", "phantom", "color"};
/* Environments that only arrange lines. */
static const char *const arranging[] = {"aligned", "align",   "align*",   "split", "equation",    "equation*",
                                        "gather",  "gather*", "gathered", "array", "displaymath", "math"};
static const char *const wording[] = {"text",   "mathrm", "operatorname", "mathit", "textrm",
                                      "mathop", "mathsf", "mathtt",       "textbf", "textit"};
static const char *const styling[] = {"mathbf", "boldsymbol", "vec", "mathcal", "mathbb", "bm", "mathfrak"};

static bool listed(const char *const *list, size_t n, const char *s, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == len && memcmp(list[i], s, len) == 0) return true;
    return false;
}
#define LISTED(list, s, n) listed(list, sizeof list / sizeof *list, s, n)

typedef struct cutter {
    latex *x;
    reader *r;
    const char *s;
    uint32_t at, n;
    bool spaced;
    VEC(uint32_t) open; /* pieces of { and \begin that wait for their end */
} cutter;

static bool put(cutter *c, piece p)
{
    p.spaced = c->spaced;
    c->spaced = false;
    return vec_push(c->r->ctx, &c->x->at, p);
}

/* The end of the {group} at byte i (blanks before it skipped): *from, *to its inside; false if there is none.
 */
static bool raw_group(const cutter *c, uint32_t i, uint32_t *from, uint32_t *to)
{
    while (i < c->n && (c->s[i] == ' ' || c->s[i] == '*')) i++;
    if (i >= c->n || c->s[i] != '{') return false;
    uint32_t depth = 1;
    *from = ++i;
    for (; i < c->n && depth; i++) depth += c->s[i] == '{' ? 1u : c->s[i] == '}' ? -1u : 0u;
    *to = i - 1;
    return depth == 0;
}

/* \mathrm{x\_1}, \text{if }: the word without backslashes and outer blanks. */
static bool cut_word(cutter *c, uint32_t first, uint32_t from, uint32_t to, bool styled)
{
    char buf[256];
    size_t n = 0;
    while (from < to && c->s[from] == ' ') from++;
    uint32_t end = to;
    while (end > from && c->s[end - 1] == ' ') end--;
    for (uint32_t i = from; i < end; i++) {
        if (c->s[i] == '\\') continue;
        bool part = is_letter(c->s[i]) || is_digit(c->s[i]) || c->s[i] == '_' ||
                    (unsigned char)c->s[i] >= 0x80;
        if (!part || n + 1 >= sizeof buf)
            return reader_error(c->r, first, to + 1, NULL, "`%s` cannot be read as a name",
                                reader_quote(c->r, first, to + 1));
        buf[n++] = c->s[i];
    }
    c->at = to + 1;
    if (n == 0) return true;
    bool single = styled || n == 1;
    uint32_t name = reader_name(c->r, buf, n);
    return put(
        c,
        (piece){.kind = single && n == 1 ? P_LETTER : P_WORD, .name = name, .first = first, .past = to + 1});
}

/* \hat{y} is y_hat. */
static bool cut_accent(cutter *c, uint32_t first, const char *accent, uint32_t from, uint32_t to)
{
    char buf[80];
    uint32_t n = to - from;
    if (n == 0 || n > 40 || !is_letter(c->s[from]))
        return reader_error(c->r, first, to, NULL, "an accent over `%s` cannot be read",
                            reader_quote(c->r, from, to));
    for (uint32_t i = from; i < to; i++)
        if (!is_letter(c->s[i]))
            return reader_error(c->r, first, to, NULL, "an accent over `%s` cannot be read",
                                reader_quote(c->r, from, to));
    memcpy(buf, c->s + from, n);
    buf[n++] = '_';
    memcpy(buf + n, accent, strlen(accent));
    uint32_t name = reader_name(c->r, buf, n + strlen(accent));
    c->at = c->s[to] == '}' ? to + 1 : to;
    return put(c, (piece){.kind = P_WORD, .name = name, .first = first, .past = c->at});
}

static bool cut_environment(cutter *c, uint32_t first, bool begins)
{
    uint32_t from, to;
    if (!raw_group(c, c->at, &from, &to))
        return reader_error(c->r, first, c->at, NULL, "the name of the environment is missing");
    const char *name = c->s + from;
    uint32_t n = to - from;
    c->at = to + 1;
    if (n == 5 && memcmp(name, "array", 5) == 0 && begins && raw_group(c, c->at, &from, &to))
        c->at = to + 1; /* {cc} */
    if (LISTED(arranging, name, n)) return true;
    bool cases = n == 5 && memcmp(name, "cases", 5) == 0;
    bool matrix = n >= 6 && memcmp(name + n - 6, "matrix", 6) == 0;
    if (!cases && !matrix)
        return reader_error(c->r, first, c->at, NULL, "the environment `%.*s` is not read",
                            (int)(n > 40 ? 40 : n), name);
    uint32_t here = (uint32_t)c->x->at.n;
    if (begins)
        return vec_push(c->r->ctx, &c->open, here) &&
               put(c,
                   (piece){
                       .kind = P_BEGIN, .c = cases ? ENV_CASES : ENV_MATRIX, .first = first, .past = c->at});
    if (c->open.n == 0 || c->x->at.at[c->open.at[c->open.n - 1]].kind != P_BEGIN)
        return reader_error(c->r, first, c->at, NULL, "\\end without its \\begin");
    uint32_t begin = c->open.at[--c->open.n];
    c->x->at.at[begin].mate = here;
    return put(
        c, (piece){.kind = P_END, .c = c->x->at.at[begin].c, .mate = begin, .first = first, .past = c->at});
}

static bool cut_command(cutter *c)
{
    uint32_t first = c->at++, from, to;
    char ch = c->at < c->n ? c->s[c->at] : 0;
    if (!is_letter(ch)) {
        c->at++;
        switch (ch) {
        case ',':
        case ';':
        case ':':
        case '!':
        case ' ':
        case '\n':
        case '/': c->spaced = true; return true;
        case '[':
        case ']':
        case '(':
        case ')': return true; /* \( and \[ mark mathematics */
        case '\\': return put(c, (piece){.kind = P_BREAK, .first = first, .past = c->at});
        case '{':
        case '}':
            return put(c, (piece){.kind = P_CHAR, .c = ch == '{' ? 'L' : 'R', .first = first, .past = c->at});
        case '|': return put(c, (piece){.kind = P_CHAR, .c = 'N', .first = first, .past = c->at});
        case '_': return reader_error(c->r, first, c->at, NULL, "`\\_` outside a name");
        default:
            return reader_error(c->r, first, c->at < c->n ? c->at : c->n, NULL, "`\\%c` is no command",
                                ch ? ch : ' ');
        }
    }
    uint32_t name_first = c->at;
    while (c->at < c->n && is_letter(c->s[c->at])) c->at++;
    const char *name = c->s + name_first;
    uint32_t n = c->at - name_first;
    if (LISTED(silent, name, n)) {
        bool left = n == 4 && memcmp(name, "left", 4) == 0, right = n == 5 && memcmp(name, "right", 5) == 0;
        char next = (left || right) && c->at < c->n ? c->s[c->at] : '\0';
        if (next == '.') c->at++; /* \right. shows nothing */
        if (next == '|') {        /* \left| says that it opens: such bars may be nested */
            c->at++;
            uint32_t bar = reader_name(c->r, left ? "lvert" : "rvert", 5);
            return bar && put(c, (piece){.kind = P_COMMAND, .name = bar, .first = first, .past = c->at});
        }
        c->spaced = true;
        return true;
    }
    if (LISTED(skipped, name, n)) {
        if (raw_group(c, c->at, &from, &to)) c->at = to + 1;
        return true;
    }
    if (n == 5 && memcmp(name, "begin", 5) == 0) return cut_environment(c, first, true);
    if (n == 3 && memcmp(name, "end", 3) == 0) return cut_environment(c, first, false);
    bool styled = LISTED(styling, name, n);
    if ((styled || LISTED(wording, name, n)) && raw_group(c, c->at, &from, &to))
        return cut_word(c, first, from, to, styled);
    if ((n == 3 && (memcmp(name, "hat", 3) == 0 || memcmp(name, "bar", 3) == 0)) ||
        (n == 5 && memcmp(name, "tilde", 5) == 0) || (n == 7 && memcmp(name, "widehat", 7) == 0)) {
        const char *accent = name[0] == 'b' ? "bar" : name[0] == 't' ? "tilde" : "hat";
        while (c->at < c->n && c->s[c->at] == ' ') c->at++;
        if (raw_group(c, c->at, &from, &to)) return cut_accent(c, first, accent, from, to);
        return cut_accent(c, first, accent, c->at, c->at < c->n ? c->at + 1 : c->n);
    }
    return put(c,
               (piece){.kind = P_COMMAND, .name = reader_name(c->r, name, n), .first = first, .past = c->at});
}

static bool cut_number(cutter *c)
{
    uint32_t first = c->at, i = c->at;
    const piece *before = c->x->at.n ? &c->x->at.at[c->x->at.n - 1] : NULL;
    bool script = before && (before->kind == P_SUP || before->kind == P_SUB);
    bool argument = before && before->kind == P_COMMAND && strstr(name_text(c->r, before->name), "frac");
    while (i < c->n && is_digit(c->s[i])) i++;
    if (script && i > first + 1)
        return reader_error(c->r, first - 1, i,
                            reader_text(c->r, "%c{%.*s}", before->kind == P_SUP ? '^' : '_',
                                        (int)(i - first > 40 ? 40 : i - first), c->s + first),
                            "LaTeX takes only the first digit here");
    if (argument || script) {
        c->at = first + 1;
        return put(c, (piece){.kind = P_NUMBER, .first = first, .past = first + 1});
    }
    if (i < c->n && c->s[i] == '.' && i + 1 < c->n && is_digit(c->s[i + 1])) {
        i++;
        while (i < c->n && is_digit(c->s[i])) i++;
    } else if (i < c->n && c->s[i] == '.' && (i + 1 >= c->n || c->s[i + 1] != '.') && i > first) {
        const char *digits = reader_quote(c->r, first, i);
        return reader_error(c->r, first, i + 1, reader_text(c->r, "write %s.0", digits),
                            "`%s.` is no number: digits must follow the point", digits);
    }
    c->at = i;
    return put(c, (piece){.kind = P_NUMBER, .first = first, .past = i});
}

static bool cut_other(cutter *c)
{
    uint32_t code;
    int len = utf8_decode(c->s + c->at, c->n - c->at, &code);
    uint32_t first = c->at;
    if (len < 1)
        return reader_error(c->r, first, first + 1, NULL, "byte %u is not UTF-8: this is not a text",
                            (unsigned)first + 1);
    c->at += (uint32_t)len;
    if (code == 0xA0 || code == 0x2009 || code == 0x202F || code == 0xFEFF) {
        c->spaced = true;
        return true;
    }
    if (lex_is_letter(code)) {
        const char *greek = lex_greek(code);
        uint32_t name = greek ? reader_name(c->r, greek, strlen(greek))
                              : reader_name(c->r, c->s + first, (size_t)len);
        return put(c, (piece){.kind = P_LETTER, .name = name, .first = first, .past = c->at});
    }
    token_kind kind;
    const char *name;
    if (!lex_spelling(code, &kind, &name))
        return reader_error(c->r, first, c->at, NULL, "the character `%.*s` (U+%04X) has no meaning here",
                            len, c->s + first, (unsigned)code);
    return put(c, (piece){.kind = P_UNICODE,
                          .c = (uint8_t)kind,
                          .name = name ? reader_name(c->r, name, strlen(name)) : 0,
                          .first = first,
                          .past = c->at});
}

static bool cut_one(cutter *c)
{
    char ch = c->s[c->at];
    uint32_t first = c->at, here = (uint32_t)c->x->at.n;
    switch (ch) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case '~':
    case '$':
        c->spaced = true;
        c->at++;
        return true;
    case '%':
        while (c->at < c->n && c->s[c->at] != '\n') c->at++;
        return true;
    case '\\': return cut_command(c);
    case '{':
        c->at++;
        return vec_push(c->r->ctx, &c->open, here) &&
               put(c, (piece){.kind = P_OPEN, .first = first, .past = c->at});
    case '}': {
        c->at++;
        if (c->open.n == 0 || c->x->at.at[c->open.at[c->open.n - 1]].kind != P_OPEN)
            return reader_error(c->r, first, c->at, NULL, "`}` closes nothing");
        uint32_t open = c->open.at[--c->open.n];
        c->x->at.at[open].mate = here;
        return put(c, (piece){.kind = P_CLOSE, .mate = open, .first = first, .past = c->at});
    }
    case '^': c->at++; return put(c, (piece){.kind = P_SUP, .first = first, .past = c->at});
    case '_': c->at++; return put(c, (piece){.kind = P_SUB, .first = first, .past = c->at});
    case '&': c->at++; return put(c, (piece){.kind = P_AMP, .first = first, .past = c->at});
    default: break;
    }
    if (is_letter(ch)) {
        c->at++;
        return put(
            c, (piece){.kind = P_LETTER, .name = reader_name(c->r, &ch, 1), .first = first, .past = c->at});
    }
    if (is_digit(ch) || (ch == '.' && c->at + 1 < c->n && is_digit(c->s[c->at + 1]) &&
                         (c->at == 0 || c->s[c->at - 1] != '.')))
        return cut_number(c);
    if ((unsigned char)ch >= 0x80) return cut_other(c);
    if ((unsigned char)ch < 32 || ch == 127)
        return reader_error(c->r, first, first + 1, NULL, "a control character (%u): this is not a text",
                            (unsigned)(unsigned char)ch);
    c->at++;
    return put(c, (piece){.kind = P_CHAR, .c = (uint8_t)ch, .first = first, .past = c->at});
}

/* Mates of ( [ and their closers, \left\langle and \rangle; braces are done already. Bars are told apart
 * while walking. */
static bool match_brackets(latex *x)
{
    VEC(uint32_t) open = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < x->at.n; i++) {
        piece *p = &x->at.at[i];
        if (p->kind == P_OPEN || p->kind == P_BEGIN ||
            (p->kind == P_CHAR && (p->c == '(' || p->c == '[' || p->c == 'L'))) {
            ok = vec_push(x->r->ctx, &open, i);
        } else if (p->kind == P_CLOSE || p->kind == P_END) {
            while (open.n && x->at.at[open.at[open.n - 1]].kind == P_CHAR)
                open.n--; /* left open inside the group: the parser will say so */
            if (open.n) open.n--;
        } else if (p->kind == P_CHAR && (p->c == ')' || p->c == ']' || p->c == 'R') && open.n) {
            piece *q = &x->at.at[open.at[open.n - 1]];
            bool fits = q->kind == P_CHAR && ((p->c == ')' && q->c == '(') || (p->c == ']' && q->c == '[') ||
                                              (p->c == 'R' && q->c == 'L'));
            if (fits) {
                q->mate = i;
                p->mate = open.at[--open.n];
            }
        }
    }
    vec_clear(x->r->ctx, &open);
    return ok;
}

bool latex_cut(latex *x)
{
    cutter c = {.x = x, .r = x->r, .s = x->r->s, .n = (uint32_t)x->r->n};
    bool ok = true;
    while (ok && c.at < c.n && !x->r->failed) ok = ctx_tick(x->r->ctx) && cut_one(&c);
    if (ok && c.open.n) {
        const piece *p = &x->at.at[c.open.at[c.open.n - 1]];
        ok = p->kind == P_OPEN
                 ? reader_error(x->r, p->first, p->past, "add `}`", "`{` is not closed: `}` is missing")
                 : reader_error(x->r, p->first, p->past, NULL, "\\begin without its \\end");
    }
    vec_clear(x->r->ctx, &c.open);
    return ok && !x->r->failed && match_brackets(x);
}
