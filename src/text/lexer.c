/* lexer: plain text to tokens, the whole source at once.
 *
 * What needs more than one character to tell: `1..n` (a range) from `1.` (refused) and `2.*x` (2 .* x);
 * `d/dx` written without blanks (a derivative) from `d / dx`; Greek letters, which are spelled out (the
 * letter alpha and `alpha` are one name); superscripts and the other Unicode spellings. Names keep their
 * letters otherwise.                             */
#include "text/text_impl.h"

enum {
    DEEPEST = 1000000
}; /* open brackets: far beyond any formula, small enough to stop 10 MB of '(' at once */

typedef struct lexer {
    reader *r;
    const char *s;
    uint32_t at, n;
    bool spaced;
    uint32_t depth;
    uint32_t first_open; /* the outermost bracket still open */
} lexer;

/* ---- characters ------------------------------------------------------------------------------ */

static const struct {
    uint32_t c;
    const char *name;
} greek[] = {
    {0x391, "Alpha"},  {0x392, "Beta"},    {0x393, "Gamma"}, {0x394, "Delta"},   {0x395, "Epsilon"},
    {0x396, "Zeta"},   {0x397, "Eta"},     {0x398, "Theta"}, {0x399, "Iota"},    {0x39A, "Kappa"},
    {0x39B, "Lambda"}, {0x39C, "Mu"},      {0x39D, "Nu"},    {0x39E, "Xi"},      {0x39F, "Omicron"},
    {0x3A0, "Pi"},     {0x3A1, "Rho"},     {0x3A3, "Sigma"}, {0x3A4, "Tau"},     {0x3A5, "Upsilon"},
    {0x3A6, "Phi"},    {0x3A7, "Chi"},     {0x3A8, "Psi"},   {0x3A9, "Omega"},   {0x3B1, "alpha"},
    {0x3B2, "beta"},   {0x3B3, "gamma"},   {0x3B4, "delta"}, {0x3B5, "epsilon"}, {0x3B6, "zeta"},
    {0x3B7, "eta"},    {0x3B8, "theta"},   {0x3B9, "iota"},  {0x3BA, "kappa"},   {0x3BB, "lambda"},
    {0x3BC, "mu"},     {0x3BD, "nu"},      {0x3BE, "xi"},    {0x3BF, "omicron"}, {0x3C0, "pi"},
    {0x3C1, "rho"},    {0x3C2, "sigma"},   {0x3C3, "sigma"}, {0x3C4, "tau"},     {0x3C5, "upsilon"},
    {0x3C6, "phi"},    {0x3C7, "chi"},     {0x3C8, "psi"},   {0x3C9, "omega"},   {0x3D1, "theta"},
    {0x3D5, "phi"},    {0x3F5, "epsilon"}, {0xB5, "mu"},     {0x3F1, "rho"},
};

const char *lex_greek(uint32_t c)
{
    for (size_t i = 0; i < sizeof greek / sizeof greek[0]; i++)
        if (greek[i].c == c) return greek[i].name;
    return NULL;
}

static bool is_ascii_letter(uint32_t c)
{
    return (c | 32u) - 'a' < 26;
}
static bool is_digit(uint32_t c)
{
    return c - '0' < 10;
}

bool lex_is_letter(uint32_t c)
{
    if (c < 0x80) return is_ascii_letter(c);
    if (c == 0xB5 || c == 0xAA || c == 0xBA) return true;
    if (c == 0x1D40) return false; /* the raised T of a transpose */
    return c >= 0xC0 && c != 0xD7 && c != 0xF7 &&
           !(c >= 0x2000 && c < 0x2C00 && !(c >= 0x2100 && c < 0x2150)) && !(c >= 0x3000 && c < 0x3040) &&
           !(c >= 0xD800 && c < 0xF900) && !(c >= 0xFE00 && c < 0xFE70) && !(c >= 0xFFF0 && c < 0x10000) &&
           !(c >= 0x1F000 && c < 0x20000) && c < 0xE0000 && !(c >= 0x0300 && c < 0x0370);
}

/* The digit that a superscript or subscript character shows, -1 for others. */
static int raised_digit(uint32_t c)
{
    return c == 0xB2                    ? 2
           : c == 0xB3                  ? 3
           : c == 0xB9                  ? 1
           : c == 0x2070                ? 0
           : c >= 0x2074 && c <= 0x2079 ? (int)(c - 0x2070)
                                        : -1;
}
static int lowered_digit(uint32_t c)
{
    return c >= 0x2080 && c <= 0x2089 ? (int)(c - 0x2080) : -1;
}

/* The code point at byte i (0 at the end) and its length. The source is valid UTF-8 by then. */
static uint32_t peek(const lexer *x, uint32_t i, uint32_t *len)
{
    uint32_t c = 0;
    int n = i < x->n ? utf8_decode(x->s + i, x->n - i, &c) : 0;
    *len = n > 0 ? (uint32_t)n : 0;
    return n > 0 ? c : 0;
}
static uint32_t char_at(const lexer *x, uint32_t i)
{
    return i < x->n ? (unsigned char)x->s[i] : 0;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool put(lexer *x, token_kind kind, uint32_t past, uint32_t name)
{
    token t = {.kind = (uint8_t)kind,
               .flags = x->spaced ? TOKEN_SPACED : 0,
               .name = name,
               .first = x->at,
               .past = past};
    x->spaced = false;
    x->at = past;
    return reader_token(x->r, t);
}

static bool put_bracket(lexer *x, token_kind kind)
{
    bool opens = kind == TK_LPAREN || kind == TK_LBRACKET || kind == TK_LBRACE;
    if (opens && x->depth++ == 0) x->first_open = x->at;
    if (opens && x->depth > DEEPEST) {
        bool closes = memchr(x->s + x->at,
                             kind == TK_LPAREN     ? ')'
                             : kind == TK_LBRACKET ? ']'
                                                   : '}',
                             x->n - x->at) != NULL;
        if (closes)
            return reader_error_as(x->r, GRADUS_LIMIT, x->at, x->at + 1, NULL,
                                   "brackets are nested deeper than %d", DEEPEST);
        return reader_error(x->r, x->first_open, x->first_open + 1, NULL,
                            "`%c` is opened more than %d times and never closed", x->s[x->first_open],
                            DEEPEST);
    }
    if (!opens && x->depth > 0) x->depth--;
    return put(x, kind, x->at + 1, 0);
}

/* digits [. digits] [e digits], or . digits */
static bool lex_number(lexer *x)
{
    uint32_t i = x->at;
    while (is_digit(char_at(x, i))) i++;
    if (char_at(x, i) == '.') {
        uint32_t after = char_at(x, i + 1);
        if (is_digit(after)) {
            i++;
            while (is_digit(char_at(x, i))) i++;
        } else if (after != '.' && after != '*' && after != '/' && after != '^') {
            const char *digits = reader_quote(x->r, x->at, i);
            return reader_error(x->r, x->at, i + 1, reader_text(x->r, "write %s.0", digits),
                                "`%s.` is no number: digits must follow the point", digits);
        }
    }
    uint32_t e = char_at(x, i) == 'e' || char_at(x, i) == 'E' ? i + 1 : 0;
    if (e && (char_at(x, e) == '+' || char_at(x, e) == '-')) e++;
    if (e && is_digit(char_at(x, e))) {
        i = e;
        while (is_digit(char_at(x, i))) i++;
    }
    return put(x, TK_NUMBER, i, 0);
}

/* The bytes of the name that starts at i. */
static uint32_t name_end(const lexer *x, uint32_t i)
{
    for (;;) {
        uint32_t len, c = peek(x, i, &len);
        if (!c || !(lex_is_letter(c) || is_digit(c) || c == '_' || lowered_digit(c) >= 0)) return i;
        i += len;
    }
}

/* The number of the name [first, past): a Greek letter that stands alone (but for digits) is spelled out,
 * lowered digits become _1. */
static uint32_t spell_name(lexer *x, uint32_t first, uint32_t past)
{
    char buf[512];
    uint32_t len, c = peek(x, first, &len);
    const char *letter = c >= 0x80 ? lex_greek(c) : NULL;
    uint32_t second_len, second = first + len < past ? peek(x, first + len, &second_len) : 0;
    if (letter && second && lex_is_letter(second)) letter = NULL;
    bool plain = !letter;
    for (uint32_t i = first; plain && i < past; i++)
        plain = (unsigned char)x->s[i] != 0xE2; /* lowered digits start so */
    if (plain || past - first > sizeof buf / 2) return reader_name(x->r, x->s + first, past - first);
    size_t n = 0;
    bool lowered = false;
    if (letter) {
        n = strlen(letter);
        memcpy(buf, letter, n);
        first += len;
    }
    while (first < past) {
        c = peek(x, first, &len);
        int d = lowered_digit(c);
        if (d >= 0) {
            if (!lowered) buf[n++] = '_';
            buf[n++] = (char)('0' + d);
        } else {
            memcpy(buf + n, x->s + first, len);
            n += len;
        }
        lowered = d >= 0;
        first += len;
    }
    return reader_name(x->r, buf, n);
}

/* ---- derivatives: d/dx, d^2/dx^2, dL/dw, d^2L/dxdy, and with the round d --------------------- */

/* Ways to cut [first, past) = "dxdy" into `parts` variables, each a d and a name; the last way's cuts in
 * cut[]. */
static uint32_t count_cuts(const reader *r, uint32_t first, uint32_t past, uint32_t parts, uint32_t *cut)
{
    /* ways[p]: ways to cut the tail from a position; the tail is short, so this is a small table walked from
     * the end. */
    enum { LONGEST = 64 };
    uint32_t n = past - first, ways[LONGEST + 1][8] = {{0}};
    if (n > LONGEST || parts > 7 || parts == 0) return 0;
    ways[n][0] = 1;
    for (uint32_t i = n; i-- > 0;)
        for (uint32_t p = 1; p <= parts; p++)
            for (uint32_t j = i + 2; r->s[first + i] == 'd' && j <= n; j++)
                if (ways[j][p - 1] && (j == n || r->s[first + j] == 'd') &&
                    !is_digit((unsigned char)r->s[first + i + 1]))
                    ways[i][p] = ways[i][p] + ways[j][p - 1] > 2 ? 2 : ways[i][p] + ways[j][p - 1];
    uint32_t at = 0;
    for (uint32_t p = parts; ways[0][parts] == 1 && p > 0; p--) {
        cut[parts - p] = first + at;
        for (uint32_t j = at + 2; j <= n; j++)
            if (ways[j][p - 1] && (j == n || r->s[first + j] == 'd')) {
                at = j;
                break;
            }
    }
    return ways[0][parts];
}

bool lex_split_variables(reader *r, uint32_t first, uint32_t past, uint32_t *left, uint32_t power)
{
    uint32_t cut[8], parts = 1, ways;
    /* `dxdy` in a second derivative: as many variables as make up the order; with dx^2 the power belongs to
     * the last. */
    if (*left > power) parts = *left - power + 1;
    while (parts > 1 && (ways = count_cuts(r, first, past, parts, cut)) != 1) {
        if (ways > 1)
            return reader_error(r, first, past, "separate the variables: d/dx (d/dy (...))",
                                "`%s` can be cut into variables in two ways", reader_quote(r, first, past));
        parts--;
    }
    if (parts == 1) cut[0] = first;
    for (uint32_t k = 0; k < parts; k++) {
        uint32_t end = k + 1 < parts ? cut[k + 1] : past, order = k + 1 < parts ? 1 : power;
        token t = {.kind = TK_VARIABLE, .count = (uint16_t)order, .first = cut[k], .past = end};
        t.name = reader_name(r, r->s + cut[k] + 1, end - cut[k] - 1);
        if (!reader_token(r, t)) return false;
        *left = *left > order ? *left - order : 0;
    }
    return true;
}

/* ^2 or a raised 2 at i: the number and the position after it; 1 and i if there is none. */
static uint32_t small_power(const lexer *x, uint32_t i, uint32_t *past)
{
    uint32_t len, c = peek(x, i, &len), value = 0;
    *past = i;
    if (raised_digit(c) >= 0) {
        *past = i + len;
        return (uint32_t)raised_digit(c);
    }
    if (c != '^') return 1;
    uint32_t k = i + 1;
    while (is_digit(char_at(x, k)) && value < 1000) value = value * 10 + (char_at(x, k++) - '0');
    if (k == i + 1 || char_at(x, k) == '.') return 1;
    *past = k;
    return value;
}

/* Variables with the round d: each its own `∂x^2`. */
static bool lex_round_variables(lexer *x, uint32_t order)
{
    for (uint32_t len, c = peek(x, x->at, &len); c == 0x2202; c = peek(x, x->at, &len)) {
        uint32_t first = x->at + len, past = name_end(x, first), after;
        if (past == first)
            return reader_error(x->r, x->at, first, NULL, "a variable must follow the round d");
        uint32_t power = small_power(x, past, &after);
        token t = {.kind = TK_VARIABLE,
                   .count = (uint16_t)power,
                   .first = x->at,
                   .past = after,
                   .name = spell_name(x, first, past)};
        x->at = after;
        if (!reader_token(x->r, t)) return false;
        order = order > power ? order - power : 0;
        if (order == 0) break;
    }
    return true;
}

static bool known(const lexer *x, uint32_t first, uint32_t past)
{
    return text_is_known(x->r->ctx, x->s + first, past - first);
}

/* Tries to read a derivative at x->at. *is says whether there was one (tokens put) or not (nothing done). */
static bool lex_derivative(lexer *x, bool *is)
{
    uint32_t len, c = peek(x, x->at, &len), start = x->at, i = start + len, after;
    bool round = c == 0x2202;
    *is = false;
    uint32_t order = small_power(x, i, &after);
    i = after;
    uint32_t name_first = i, name_past = name_end(x, i);
    if (name_past > name_first && is_digit(char_at(x, name_first))) return true;
    i = name_past;
    if (char_at(x, i) != '/' || order == 0 || order > 1000) return true;
    uint32_t slash = i, den = i + 1, den_len;
    uint32_t d = peek(x, den, &den_len), v_len, v = peek(x, den + den_len, &v_len);
    if (d != (round ? 0x2202 : 'd') || !lex_is_letter(v)) return true;
    uint32_t den_past = name_end(x, round ? den + den_len : den);
    if (!round) {
        bool named = name_past > name_first, plain = order == 1 && after == start + len;
        /* `dL` or `delta` is a name of its own: a fraction of names. */
        if (named && plain && known(x, start, name_past)) return true;
        if (!named && known(x, den, den_past) && !known(x, den + 1, den_past)) return true;
    }
    *is = true;
    token t = {.kind = TK_DERIVATIVE,
               .flags = (uint8_t)((x->spaced ? TOKEN_SPACED : 0) | (round ? TOKEN_ROUND : 0)),
               .count = (uint16_t)order,
               .first = start,
               .past = slash + 1};
    if (name_past > name_first) t.name = spell_name(x, name_first, name_past);
    x->spaced = false;
    if (!reader_token(x->r, t)) return false;
    x->at = den;
    if (round) return lex_round_variables(x, order);
    uint32_t left = order;
    while (left > 0 && char_at(x, x->at) == 'd' && lex_is_letter(peek(x, x->at + 1, &v_len))) {
        uint32_t past = name_end(x, x->at), power = small_power(x, past, &after);
        if (!lex_split_variables(x->r, x->at, past, &left, power)) return false;
        x->at = after;
    }
    return true;
}

/* ---- Unicode spellings ----------------------------------------------------------------------- */

static const struct {
    uint32_t c;
    uint8_t kind;
    const char *name;
} spelling[] = {
    {0xB7, TK_TIMES, NULL},       {0x22C5, TK_TIMES, NULL},  {0xD7, TK_TIMES, NULL},
    {0x2217, TK_TIMES, NULL},     {0x2219, TK_TIMES, NULL},  {0xF7, TK_DIVIDE, NULL},
    {0x2215, TK_DIVIDE, NULL},    {0x2044, TK_DIVIDE, NULL}, {0x2212, TK_MINUS, NULL},
    {0x2013, TK_MINUS, NULL},     {0x2264, TK_LE, NULL},     {0x2265, TK_GE, NULL},
    {0x2A7D, TK_LE, NULL},        {0x2A7E, TK_GE, NULL},     {0x2260, TK_NE, NULL},
    {0x221A, TK_ROOT, NULL},      {0x2192, TK_ARROW, NULL},  {0x2032, TK_PRIME, NULL},
    {0x2019, TK_PRIME, NULL},     {0x2026, TK_RANGE, NULL},  {0x2299, TK_DOT_TIMES, NULL},
    {0x2218, TK_DOT_TIMES, NULL}, {0x221E, TK_NAME, "inf"},  {0x2211, TK_NAME, "sum"},
    {0x220F, TK_NAME, "prod"},    {0x2207, TK_NAME, "grad"}, {0x2227, TK_NAME, "and"},
    {0x2228, TK_NAME, "or"},      {0xAC, TK_NAME, "not"},
};

bool lex_spelling(uint32_t c, token_kind *kind, const char **name)
{
    for (size_t i = 0; i < sizeof spelling / sizeof spelling[0]; i++)
        if (spelling[i].c == c) {
            *kind = (token_kind)spelling[i].kind;
            *name = spelling[i].name;
            return true;
        }
    return false;
}

/* x², x⁻¹, xᵀ */
static bool lex_raised(lexer *x, uint32_t c)
{
    uint32_t first = x->at, len;
    if (c == 0x1D40 || c == 0x22A4) {
        peek(x, first, &len);
        token up = {.kind = TK_POWER, .first = first, .past = first + len};
        return reader_token(x->r, up) && put(x, TK_NAME, first + len, KW_T);
    }
    char digits[32];
    size_t n = 0;
    bool minus = c == 0x207B;
    peek(x, x->at, &len);
    for (uint32_t i = minus ? first + len : first; n < sizeof digits - 1; i += len) {
        int d = raised_digit(peek(x, i, &len));
        if (d < 0) {
            x->at = i;
            break;
        }
        digits[n++] = (char)('0' + d);
        x->at = i + len;
    }
    if (n == 0 || n == sizeof digits - 1)
        return reader_error(x->r, first, first + len, "write it with ^", "this raised sign cannot be read");
    /* The exponent is a number whose text is not in the source: it travels as a name of digits. */
    uint32_t name = reader_name(x->r, digits, n), past = x->at;
    token up = {.kind = TK_POWER, .first = first, .past = past},
          sign = {.kind = TK_MINUS, .first = first, .past = past};
    token exponent = {.kind = TK_NUMBER, .name = name, .first = first, .past = past};
    x->spaced = false;
    return reader_token(x->r, up) && (!minus || reader_token(x->r, sign)) && reader_token(x->r, exponent);
}

static bool lex_unicode(lexer *x, uint32_t c, uint32_t len)
{
    if (c == 0x2202) {
        bool is;
        if (!lex_derivative(x, &is)) return false;
        return is || reader_error(x->r, x->at, x->at + len, "∂/∂x (...)",
                                  "the round d stands only in a derivative");
    }
    if (raised_digit(c) >= 0 || c == 0x207B || c == 0x1D40) return lex_raised(x, c);
    token_kind kind;
    const char *spelled;
    if (lex_spelling(c, &kind, &spelled)) {
        uint32_t name = spelled ? reader_name(x->r, spelled, strlen(spelled)) : 0;
        bool ok = put(x, kind, x->at + len, name);
        if (ok && kind == TK_PRIME) x->r->tokens.at[x->r->tokens.n - 1].count = 1;
        return ok;
    }
    return reader_error(x->r, x->at, x->at + len, NULL, "the character `%.*s` (U+%04X) has no meaning here",
                        (int)len, x->s + x->at, (unsigned)c);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static bool lex_name(lexer *x)
{
    uint32_t len, c = peek(x, x->at, &len);
    if (c == 'd') {
        bool is;
        if (!lex_derivative(x, &is) || is) return !x->r->failed;
    }
    uint32_t past = name_end(x, x->at);
    return put(x, TK_NAME, past, spell_name(x, x->at, past));
}

static bool lex_primes(lexer *x)
{
    uint32_t past = x->at;
    while (char_at(x, past) == '\'') past++;
    uint32_t count = past - x->at;
    if (count > 1000) return reader_error_as(x->r, GRADUS_LIMIT, x->at, past, NULL, "more than 1000 primes");
    if (!put(x, TK_PRIME, past, 0)) return false;
    x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)count;
    return true;
}

/* One or two ASCII characters of an operator. */
static bool lex_operator(lexer *x, uint32_t c)
{
    uint32_t next = char_at(x, x->at + 1), one = x->at + 1, two = x->at + 2;
    switch (c) {
    case '+': return put(x, TK_PLUS, one, 0);
    case '-': return next == '>' ? put(x, TK_ARROW, two, 0) : put(x, TK_MINUS, one, 0);
    case '*':
        if (next == '*')
            return reader_error(x->r, x->at, two, "a power is written ^", "`**` is not used here");
        return put(x, TK_TIMES, one, 0);
    case '/': return put(x, TK_DIVIDE, one, 0);
    case '^': return put(x, TK_POWER, one, 0);
    case '=': return next == '=' ? put(x, TK_EQ, two, 0) : put(x, TK_EQUALS, one, 0);
    case '!':
        if (next == '=') return put(x, TK_NE, two, 0);
        return reader_error(x->r, x->at, one, "factorial(n)", "`!` has no meaning here");
    case '<': return next == '=' ? put(x, TK_LE, two, 0) : put(x, TK_LT, one, 0);
    case '>': return next == '=' ? put(x, TK_GE, two, 0) : put(x, TK_GT, one, 0);
    case '(': return put_bracket(x, TK_LPAREN);
    case ')': return put_bracket(x, TK_RPAREN);
    case '[': return put_bracket(x, TK_LBRACKET);
    case ']': return put_bracket(x, TK_RBRACKET);
    case '{': return put_bracket(x, TK_LBRACE);
    case '}': return put_bracket(x, TK_RBRACE);
    case '|': return put(x, TK_BAR, one, 0);
    case ',': return put(x, TK_COMMA, one, 0);
    case ':': return put(x, TK_COLON, one, 0);
    case ';':
        if (next == ';' && x->depth == 0) return put(x, TK_SEPARATOR, two, 0);
        return put(x, TK_SEMICOLON, one, 0);
    case '\'': return lex_primes(x);
    case '.':
        if (next == '.') return put(x, TK_RANGE, two, 0);
        if (next == '*' || next == '/' || next == '^')
            return put(x, next == '*' ? TK_DOT_TIMES : next == '/' ? TK_DOT_DIVIDE : TK_DOT_POWER, two, 0);
        return reader_error(x->r, x->at, one, NULL,
                            "a point must be followed by digits (.5), by another (1..n), or by * / ^");
    case '\\':
        return reader_error(x->r, x->at, one, "give LaTeX as LaTeX (format latex)",
                            "`\\` begins a LaTeX command");
    default:
        if (c < 32 || c == 127)
            return reader_error(x->r, x->at, one, NULL, "a control character (%u): this is not a text",
                                (unsigned)c);
        return reader_error(x->r, x->at, one, NULL, "the character `%c` has no meaning here", (int)c);
    }
}

static bool lex_one(lexer *x)
{
    uint32_t len, c = peek(x, x->at, &len);
    if (c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x2009 || c == 0x202F || c == 0xFEFF) {
        x->spaced = true;
        x->at += len;
        return true;
    }
    if (c == '#') { /* a comment */
        while (x->at < x->n && x->s[x->at] != '\n') x->at++;
        return true;
    }
    if (c == '\n') {
        if (x->depth == 0) return put(x, TK_SEPARATOR, x->at + 1, 0);
        x->spaced = true;
        x->at++;
        return true;
    }
    if (is_digit(c) || (c == '.' && is_digit(char_at(x, x->at + 1)))) return lex_number(x);
    if (lex_is_letter(c)) return lex_name(x);
    if (c == '_') return reader_error(x->r, x->at, x->at + 1, NULL, "a name must begin with a letter");
    return c < 0x80 ? lex_operator(x, c) : lex_unicode(x, c, len);
}

/* The first byte that is not UTF-8, or n. */
static uint32_t bad_byte(const char *s, uint32_t n)
{
    uint32_t i = 0;
    while (i < n) {
        uint32_t c;
        int len = (unsigned char)s[i] < 0x80 ? 1 : utf8_decode(s + i, n - i, &c);
        if (len < 1) return i;
        i += (uint32_t)len;
    }
    return n;
}

bool lex_plain(reader *r)
{
    lexer x = {.r = r, .s = r->s, .n = (uint32_t)r->n};
    uint32_t bad = bad_byte(x.s, x.n);
    if (bad < x.n)
        return reader_error(r, bad, bad + 1, NULL, "byte %u (0x%02X) is not UTF-8: this is not a text",
                            (unsigned)bad + 1, (unsigned)(unsigned char)x.s[bad]);
    while (x.at < x.n && !r->failed)
        if (!lex_one(&x) || !ctx_tick(r->ctx)) return false;
    return !r->failed && put(&x, TK_END, x.at, 0);
}
