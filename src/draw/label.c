/* Labels. Outside dollar signs text stands as it is; between them it is a formula: single letters in
 * italics, exponents raised, a*b as a·b, and minus signs that are minus signs. Malformed UTF-8 and control
 * characters never reach Pango, which would print a warning. */
#include "draw/draw_impl.h"

#include <string.h>

enum { LABEL_MOST = 300, NEST_MOST = 6 };

/* A part that is open: raised, lowered, between bars or under a root. It ends in front of byte `past`, where
 * `skip` drops a bracket. */
typedef struct part {
    size_t past;
    bool skip, raised;
    const char *after; /* written when it closes; NULL: nothing */
} part;

typedef struct setter {
    const char *s;
    size_t n, i;
    bool math, markup, ascii;
    strbuf *out;
    part open[NEST_MOST];
    size_t depth;
    size_t flat_past; /* plain text: in front of this byte nothing is raised, for its surroundings could not
                         be */
} setter;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- plain exponents ------------------------------------------------------------------------------------
 */

static const char *raised_sign(char c)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    if (is_digit(c)) return digits[c - '0'];
    switch (c) {
    case '-': return "⁻";
    case '+': return "⁺";
    case 'n': return "ⁿ";
    case 'x': return "ˣ";
    case 'i': return "ⁱ";
    case 'k': return "ᵏ";
    case 't': return "ᵗ";
    default: return NULL;
    }
}

static const char *lowered_sign(char c)
{
    static const char *const digits[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    return is_digit(c) ? digits[c - '0'] : NULL;
}

static bool can_raise(const setter *m, size_t from, size_t past)
{
    for (size_t i = from; i < past; i++)
        if (!raised_sign(m->s[i])) return false;
    return !m->ascii && past > from && from >= m->flat_past;
}

/* Signs that have a spelling in ASCII. */
static const char *ascii_spelling(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *spelling;
    } known[] = {{0x2212, "-"},      {0xd7, "x"},       {0xb7, "*"},     {0x2264, "<="},   {0x2265, ">="},
                 {0x2260, "!="},     {0x2192, "->"},    {0x2032, "'"},   {0xb2, "^2"},     {0xb3, "^3"},
                 {0xb9, "^1"},       {0x2070, "^0"},    {0x207b, "^-"},  {0x221a, "sqrt"}, {0x221e, "inf"},
                 {0x2202, "d"},      {0x2207, "grad "}, {0x2211, "sum"}, {0x220f, "prod"}, {0x394, "Delta"},
                 {0x3a3, "Sigma"},   {0x3b1, "alpha"},  {0x3b2, "beta"}, {0x3b3, "gamma"}, {0x3b4, "delta"},
                 {0x3b5, "epsilon"}, {0x3b6, "zeta"},   {0x3b7, "eta"},  {0x3b8, "theta"}, {0x3ba, "kappa"},
                 {0x3bb, "lambda"},  {0x3bc, "mu"},     {0x3bd, "nu"},   {0x3be, "xi"},    {0x3c0, "pi"},
                 {0x3c1, "rho"},     {0x3c3, "sigma"},  {0x3c4, "tau"},  {0x3c6, "phi"},   {0x3c7, "chi"},
                 {0x3c8, "psi"},     {0x3c9, "omega"},  {0x2009, ""},    {0xa0, " "},      {0x2026, "..."},
                 {0x2013, "-"},      {0x2014, "-"},     {0x2018, "'"},   {0x2019, "'"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code) return known[i].spelling;
    return "?";
}

/* ---- pieces ---------------------------------------------------------------------------------------------
 */

static size_t find_close(const setter *m, size_t i)
{
    int depth = 0;
    for (; i < m->n; i++) {
        if (m->s[i] == '(') depth++;
        else if (m->s[i] == ')' && --depth == 0) return i;
        else if (m->s[i] == '$') return m->n;
    }
    return m->n;
}

static bool is_high(const setter *m, size_t i)
{
    return (unsigned char)m->s[i] >= 0x80;
}

/* A sign and a word or number, with what it is applied to. */
static size_t find_factor_end(const setter *m, size_t i)
{
    if (i < m->n && (m->s[i] == '-' || m->s[i] == '+')) i++;
    if (i < m->n && is_digit(m->s[i])) {
        while (i < m->n && (is_digit(m->s[i]) || m->s[i] == '.')) i++;
        return i;
    }
    size_t from = i;
    while (i < m->n && (is_letter(m->s[i]) || is_digit(m->s[i]) || is_high(m, i))) i++;
    if (i == from && i < m->n && m->s[i] != '$' && m->s[i] != '(') i++;
    if (i < m->n && m->s[i] == '(') {
        size_t close = find_close(m, i);
        i = close < m->n ? close + 1 : i;
    }
    return i;
}

/* The operand of '^' or '_' that begins at i: towers are one operand, 2^3^4 is 2^(3^4). */
static size_t find_operand_end(const setter *m, size_t i)
{
    i = find_factor_end(m, i);
    while (i + 1 < m->n && m->s[i] == '^' && m->s[i + 1] != '$') i = find_factor_end(m, i + 1);
    return i;
}

static void open_part(setter *m, bool raised)
{
    size_t i = m->i + 1, close = m->n;
    bool bracket = i < m->n && m->s[i] == '(' && (close = find_close(m, i)) < m->n &&
                   !(close + 1 < m->n && m->s[close + 1] == '^');
    size_t from = bracket ? i + 1 : i, past = bracket ? close : find_operand_end(m, i);
    if (past <= from || m->depth == NEST_MOST || (!m->markup && (!raised || !can_raise(m, from, past)))) {
        if (past > m->flat_past) m->flat_past = past;
        strbuf_addc(m->out, m->s[m->i++]);
        return;
    }
    if (m->markup) strbuf_add(m->out, raised ? "<sup>" : "<sub>");
    const char *after = !m->markup ? NULL : raised ? "</sup>" : "</sub>";
    m->open[m->depth++] = (part){past, bracket, raised, after};
    m->i = from;
}

static void close_parts(setter *m)
{
    while (m->depth && m->i >= m->open[m->depth - 1].past) {
        part p = m->open[--m->depth];
        if (p.after) strbuf_add(m->out, p.after);
        if (p.skip && m->i == p.past && m->i < m->n) m->i++;
    }
}

static void add_escaped(setter *m, char c)
{
    const char *named = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
    if (named && m->markup) strbuf_add(m->out, named);
    else strbuf_addc(m->out, c);
}

/* Names that have a letter or a sign of their own. */
static const char *word_sign(const char *s, size_t n)
{
    static const struct {
        const char *word, *sign;
    } known[] = {{"pi", "π"},    {"inf", "∞"},     {"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"},
                 {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"},  {"eta", "η"},  {"theta", "θ"},
                 {"kappa", "κ"}, {"lambda", "λ"},  {"mu", "μ"},    {"nu", "ν"},   {"xi", "ξ"},
                 {"rho", "ρ"},   {"sigma", "σ"},   {"tau", "τ"},   {"phi", "φ"},  {"chi", "χ"},
                 {"psi", "ψ"},   {"omega", "ω"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].word) == n && memcmp(known[i].word, s, n) == 0) return known[i].sign;
    return NULL;
}

/* abs(x) as |x|, sqrt(x) as a root sign with brackets only where they are needed. false: the word is neither.
 */
static bool set_bracketed(setter *m, size_t from)
{
    size_t n = m->i - from, close = m->i < m->n && m->s[m->i] == '(' ? find_close(m, m->i) : m->n;
    bool bars = n == 3 && memcmp(m->s + from, "abs", 3) == 0;
    bool root = n == 4 && memcmp(m->s + from, "sqrt", 4) == 0;
    if (m->ascii || !(bars || root) || close == m->n || m->depth == NEST_MOST) return false;
    size_t inner = m->i + 1;
    while (inner < close && (is_letter(m->s[inner]) || is_digit(m->s[inner]))) inner++;
    strbuf_add(m->out, bars ? "|" : "√");
    if (root && inner < close) return true; /* the brackets stand */
    m->open[m->depth++] = (part){close, true, false, bars ? "|" : NULL};
    m->i++;
    return true;
}

static void set_index(setter *m, size_t from, size_t past)
{
    if (past == from) return;
    if (m->markup) strbuf_printf(m->out, "<sub>%.*s</sub>", (int)(past - from), m->s + from);
    for (size_t i = from; i < past && !m->markup; i++) strbuf_add(m->out, lowered_sign(m->s[i]));
}

/* A word of letters and digits. One letter, with digits after it as an index, is a variable. */
static void set_word(setter *m)
{
    size_t from = m->i, letters, past;
    while (m->i < m->n && is_letter(m->s[m->i])) m->i++;
    letters = m->i - from;
    while (m->i < m->n && is_digit(m->s[m->i])) m->i++;
    past = m->i;
    if (past == from + letters && set_bracketed(m, from)) return;
    const char *sign = m->ascii ? NULL : word_sign(m->s + from, letters);
    if (sign && !(past < m->n && m->s[past] == '(')) {
        strbuf_add(m->out, sign);
        set_index(m, from + letters, past);
        return;
    }
    if (letters > 1 || !m->markup) {
        for (size_t i = from; i < past; i++) {
            const char *low = letters == 1 && i > from && !m->ascii && !m->markup ? lowered_sign(m->s[i])
                                                                                  : NULL;
            if (low) strbuf_add(m->out, low);
            else strbuf_addc(m->out, m->s[i]);
        }
        return;
    }
    strbuf_printf(m->out, "<i>%c</i>", m->s[from]);
    if (past > from + 1) strbuf_printf(m->out, "<sub>%.*s</sub>", (int)(past - from - 1), m->s + from + 1);
}

/* Signs that look better than their ASCII spelling; how many bytes were taken, 0 for none. */
static size_t set_sign(setter *m)
{
    static const struct {
        const char *from, *to;
    } signs[] = {{"<=", "≤"}, {">=", "≥"}, {"!=", "≠"}, {"->", "→"}, {"-", "−"}, {"*", "\u2009·\u2009"},
                 {"'", "′"}};
    if (m->ascii) return 0;
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
        size_t len = strlen(signs[k].from);
        if (m->i + len <= m->n && memcmp(m->s + m->i, signs[k].from, len) == 0) {
            strbuf_add(m->out, signs[k].to);
            return len;
        }
    }
    return 0;
}

/* In a plain exponent every character has its raised sign. */
static bool set_plain_raised(setter *m)
{
    if (m->markup || m->depth == 0 || !m->open[m->depth - 1].raised) return false;
    strbuf_add(m->out, raised_sign(m->s[m->i++]));
    return true;
}

static void set_math(setter *m)
{
    char c = m->s[m->i];
    size_t taken;
    if (set_plain_raised(m)) return;
    if (c == '^' || (c == '_' && m->markup)) open_part(m, c == '^');
    else if (is_letter(c)) set_word(m);
    else if ((taken = set_sign(m)) > 0) m->i += taken;
    else add_escaped(m, m->s[m->i++]);
}

static void set_one(setter *m)
{
    char c = m->s[m->i];
    if (c == '\\' && m->i + 1 < m->n && m->s[m->i + 1] == '$') {
        strbuf_addc(m->out, '$');
        m->i += 2;
    } else if (c == '$') {
        m->math = !m->math;
        m->i++;
    } else if ((unsigned char)c >= 0x80) {
        uint32_t code;
        int len = utf8_decode(m->s + m->i, m->n - m->i, &code);
        if (len > 0 && m->ascii) strbuf_add(m->out, ascii_spelling(code));
        else if (len > 0 && !(code >= 0x80 && code < 0xa0) && (code & 0xfffe) != 0xfffe)
            strbuf_addn(m->out, m->s + m->i, (size_t)len);
        else strbuf_add(m->out, m->ascii ? "?" : "\xef\xbf\xbd");
        m->i += len > 0 ? (size_t)len : 1;
    } else if ((unsigned char)c < 0x20 || c == 0x7f) {
        strbuf_addc(m->out, ' ');
        m->i++;
    } else if (m->math) {
        set_math(m);
    } else {
        add_escaped(m, c);
        m->i++;
    }
}

/* Cuts overlong labels at a character, and closes a formula that the cut has opened. */
static void set_label(setter *m, const char *label)
{
    m->s = label;
    m->n = strlen(label);
    bool cut = m->n > LABEL_MOST;
    if (cut) {
        m->n = LABEL_MOST;
        while (m->n && ((unsigned char)label[m->n] & 0xc0) == 0x80) m->n--;
    }
    while (m->i < m->n) {
        close_parts(m);
        if (m->i < m->n) set_one(m);
    }
    m->i = m->n;
    close_parts(m);
    if (cut) strbuf_add(m->out, m->ascii ? "..." : "…");
}

void label_to_markup(strbuf *out, const char *label)
{
    setter m = {.markup = true, .out = out};
    if (label) set_label(&m, label);
}

void label_to_plain(strbuf *out, const char *label, bool ascii)
{
    setter m = {.ascii = ascii, .out = out};
    if (label) set_label(&m, label);
}
